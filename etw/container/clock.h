/* SPDX-License-Identifier: MIT */
/*
 * clock.h - from a record's raw clock value to 100 ns since 1601-01-01 UTC.
 */
#ifndef ETW_CONTAINER_CLOCK_H
#define ETW_CONTAINER_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "etw/trace.h"

struct trace_clock {
    bool is_system_time; /* the raw value is the time already */
    int64_t frequency;   /* ticks per second */
    int64_t start_ticks; /* belongs to start_time */
    int64_t start_time;
};

/* The clock of a trace; sets header->clock to what is used. False: the header
 * names none that works, and 10 MHz ticks are assumed. */
bool clock_choose(struct etw_trace_header *header, struct trace_clock *clock);

/* Exact in integers; values beyond what 63 bits hold are clamped.
 * time = start_time + (ticks - start_ticks) * 10^7 / frequency, rounded toward
 * start_time. [measured: end times and times inside events agree] */
int64_t clock_to_time(const struct trace_clock *clock, int64_t ticks);

#endif
