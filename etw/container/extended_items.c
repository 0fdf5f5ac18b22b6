/* SPDX-License-Identifier: MIT */
/*
 * An item as stored, not the in-memory structure   [measured: real files]
 *
 *   0 u16 total size  this header, data and padding
 *   2 u16 type
 *   4 u16 linkage     bit 0: another item follows
 *   6 u16 data size   without padding
 *   8 data
 */
#include "etw/container/extended_items.h"

#define ITEM_HEADER_SIZE 8u
#define ITEM_HAS_NEXT    1u

struct bytes extended_items_take(struct bytes *b)
{
    struct bytes failed = {.failed = true};
    size_t begin = b->position;
    uint16_t linkage = ITEM_HAS_NEXT;
    while (linkage & ITEM_HAS_NEXT) {
        uint16_t total = bytes_u16(b);
        bytes_skip(b, 2);
        linkage = bytes_u16(b);
        uint16_t data_size = bytes_u16(b);
        if (b->failed || total < ITEM_HEADER_SIZE || data_size > total - ITEM_HEADER_SIZE) {
            return failed;
        }
        bytes_skip(b, total - ITEM_HEADER_SIZE);
    }
    return b->failed ? failed : bytes_of(b->data + begin, b->position - begin);
}

bool extended_items_next(struct bytes *items, struct extended_item *item)
{
    if (bytes_left(items) < ITEM_HEADER_SIZE) {
        return false;
    }
    uint16_t total = bytes_u16(items);
    item->type = bytes_u16(items);
    bytes_skip(items, 2);
    uint16_t data_size = bytes_u16(items);
    struct bytes rest = bytes_sub(items, total - ITEM_HEADER_SIZE);
    item->data = bytes_sub(&rest, data_size);
    return !item->data.failed;
}
