/* SPDX-License-Identifier: MIT */
/*
 * buffer_index.h - what is known of every buffer after the first reading: where
 * it stands and which times it holds. 32 bytes each.
 */
#ifndef ETW_CONTAINER_BUFFER_INDEX_H
#define ETW_CONTAINER_BUFFER_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "etw/base/error.h"

struct buffer_row {
    uint64_t offset; /* a place (record.h) */
    int64_t first_ticks, last_ticks;
    uint32_t size;              /* in the file */
    uint32_t fill : 29;         /* used bytes when unpacked */
    uint32_t is_disordered : 1; /* its records are not in time order */
    uint32_t is_size_uncertain : 1;
};

struct buffer_index {
    struct buffer_row *rows; /* owned; sorted by first_ticks, then offset, once finished */
    size_t count, capacity;
    uint32_t largest_fill;
    uint32_t overlap;       /* most buffers whose times lie over each other */
    uint64_t overlap_bytes; /* most bytes of such buffers, when unpacked */
};

enum etw_status buffer_index_add(struct buffer_index *index, const struct buffer_row *row,
                                 struct etw_error *error);
/* Sorts and measures the overlap. */
enum etw_status buffer_index_finish(struct buffer_index *index, struct etw_error *error);
void buffer_index_done(struct buffer_index *index);

#endif
