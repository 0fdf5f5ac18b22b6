/* SPDX-License-Identifier: MIT */
/*
 * event_times.h - how fine the clock of a trace is, and where nothing was logged, from the
 * times of all its records in time order.
 */
#ifndef CLI_EVENT_TIMES_H
#define CLI_EVENT_TIMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cli_pause {
    int64_t from, to; /* FILETIME of the events before and behind */
};

#define CLI_PAUSES_MAXIMUM 3

struct cli_event_times {
    bool has_any;
    int64_t first, last;
    int64_t smallest_step; /* between different times, 100 ns; 0: there are none */
    uint64_t equal;        /* events with the time of the one before */
    /* The longest pauses of a second and a twentieth of the trace, in time order once
     * finished. A pause is no loss: nothing may have happened. */
    struct cli_pause pauses[CLI_PAUSES_MAXIMUM];
    size_t pause_count;
};

/* Times in ascending order; earlier ones count as equal. */
void cli_event_times_add(struct cli_event_times *times, int64_t time);
void cli_event_times_finish(struct cli_event_times *times);

#endif
