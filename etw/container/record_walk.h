/* SPDX-License-Identifier: MIT */
/*
 * record_walk.h - the records of one buffer, one after the other. A damaged
 * record is counted and passed over; the walk resumes at the next position from
 * which a chain of records follows.
 */
#ifndef ETW_CONTAINER_RECORD_WALK_H
#define ETW_CONTAINER_RECORD_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "etw/findings.h"
#include "etw/record.h"

struct record_walk {
    const uint8_t *data; /* borrowed; its first byte is position `base` */
    uint32_t base, end;  /* positions that are in memory: [base, end) */
    uint32_t fill;       /* used bytes of the whole buffer */
    uint32_t position;   /* where the next record begins */
    uint16_t cpu;
    int64_t ticks;             /* time of the record before, for those without one */
    uint64_t buffer_offset;    /* in the file */
    struct findings *findings; /* borrowed; NULL: do not count again */
};

enum walk_step {
    WALK_RECORD, /* `record` is filled */
    WALK_END,    /* no more records in this buffer */
    WALK_MORE    /* more of the buffer is needed from `position` on */
};

/* `record` borrows from walk->data; record->time is left for the caller. */
enum walk_step record_walk_next(struct record_walk *walk, struct etw_record *record);

#endif
