/* SPDX-License-Identifier: MIT */
/*
 * extended_items.h - what may stand between the header and the payload of an
 * EVENT record: stacks, SIDs, TraceLogging schemas and more.
 */
#ifndef ETW_CONTAINER_EXTENDED_ITEMS_H
#define ETW_CONTAINER_EXTENDED_ITEMS_H

#include <stdbool.h>

#include "etw/base/bytes.h"

struct extended_item {
    uint16_t type;
    struct bytes data; /* borrowed with the record */
};

/* Takes all items from the front of `b`, which then stands at the payload. The
 * result's `failed` says that the items contradict the record's size. */
struct bytes extended_items_take(struct bytes *b);

/* The next item of what extended_items_take() returned; false at the end. */
bool extended_items_next(struct bytes *items, struct extended_item *item);

#endif
