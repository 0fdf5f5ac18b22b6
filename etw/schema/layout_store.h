/* SPDX-License-Identifier: MIT */
/*
 * layout_store.h - the layout of an event's payload, from wherever it is known.
 */
#ifndef ETW_SCHEMA_LAYOUT_STORE_H
#define ETW_SCHEMA_LAYOUT_STORE_H

#include <stdint.h>

#include "etw/base/guid.h"
#include "etw/schema/layout.h"

struct layout_key {
    const uint8_t *provider; /* 16 bytes: provider, or class of classic events */
    uint16_t id;             /* event id, or opcode of classic events */
    uint8_t version;
};

/* NULL: nobody knows. Without a layout of this very version, the highest version
 * below it is taken, because versions grow at their end; without one, the lowest. */
const struct layout *layout_find(const struct layout_key *key);

#endif
