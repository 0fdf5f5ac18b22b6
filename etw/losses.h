/* SPDX-License-Identifier: MIT */
/*
 * losses.h - what the buffers of a file say about what is not in it: numbers that no
 * buffer has, marks of the recorder that a CPU lost events, and when it did last.
 *
 * Windows numbers the buffers of a session, from 0 for the header. A missing number is a
 * hint, not a loss by itself: relogging numbers anew, and sessions that lost nothing have
 * been seen with two numbers missing. [measured]
 */
#ifndef ETW_LOSSES_H
#define ETW_LOSSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "etw/base/error.h"

struct etw_trace;

/* Numbers that no buffer of a file has, in a row. */
struct etw_buffer_gap {
    uint64_t first, count;
    int64_t from, to; /* first events of the buffers before and behind; 0: not known */
};

/* What one CPU lost. */
struct etw_cpu_losses {
    uint16_t cpu;
    uint64_t buffers; /* of this CPU that the recorder marked: it lost some while they filled */
    int64_t from, to; /* first and last event of the marked buffers; 0: none is marked */
    bool has_dropped; /* the header says that this CPU dropped events */
    int64_t dropped;  /* when it did so last; 0: in a unit that is not known */
};

#define ETW_GAPS_MAXIMUM 64

struct etw_losses {
    /* Numbers of the data buffers, of the first and the last file; no gap is counted when they make
     * no sense, and none between files. */
    uint64_t numbered, first_number, last_number;
    uint64_t range;     /* numbers from the first to the last of each file, together */
    uint64_t missing;   /* of them */
    uint64_t gap_count; /* gaps, also those not kept */
    struct etw_buffer_gap gaps[ETW_GAPS_MAXIMUM]; /* the first of them */
    struct etw_cpu_losses *cpus;                  /* owned; by number, those with losses only */
    size_t cpu_count;
};

/* Reads the buffer headers of an indexed trace once more. The caller frees `*out`. */
enum etw_status etw_trace_read_losses(const struct etw_trace *trace, struct etw_losses **out,
                                      struct etw_error *error);
void etw_losses_free(struct etw_losses *losses); /* NULL is allowed */

#endif
