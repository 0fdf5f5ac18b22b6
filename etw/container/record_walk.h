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
    int64_t ticks;         /* time of the record before, for those without one */
    uint32_t damaged_from; /* while searching for the end of damage */
    bool is_searching, is_end_marked;
    uint64_t buffer_offset;    /* in the file */
    bool is_unpacked;          /* positions are not the file's: damage is at buffer_offset */
    struct findings *findings; /* borrowed; NULL: do not count again */
};

/* With so many bytes from its position on in memory, or all there are, a walk gets on. */
#define WALK_LOOKAHEAD (512u << 10)

enum walk_step {
    WALK_RECORD, /* `record` is filled */
    WALK_END,    /* no more records in this buffer */
    WALK_MORE    /* more of the buffer is needed: WALK_LOOKAHEAD from `position` on */
};

/* `record` borrows from walk->data; record->time is left for the caller. */
enum walk_step record_walk_next(struct record_walk *walk, struct etw_record *record);

#endif
