/* SPDX-License-Identifier: MIT */
/*
 * capture_filters.h - what the recorder was told to let through, learned in any order. The
 * packet monitor writes its filters at the end of a trace.
 */
#ifndef CORRELATE_CAPTURE_FILTERS_H
#define CORRELATE_CAPTURE_FILTERS_H

#include <stddef.h>
#include <stdint.h>

#include "etw/base/error.h"
#include "etw/event.h"

/* The packet monitor takes 32 filters. */
#define CORR_FILTERS_MAXIMUM 64
/* Longest name and value that are kept, bytes; longer ones are cut. */
#define CORR_FILTER_BYTES 512

struct corr_capture_filters {
    struct etw_capture_filter rows[CORR_FILTERS_MAXIMUM]; /* bytes are owned */
    uint8_t *memory[CORR_FILTERS_MAXIMUM];                /* owned */
    size_t count;
    uint64_t total; /* also those that found no room */
};

/* Takes ETW_EVENT_CAPTURE_FILTER and ignores the rest. Copies what it keeps; equal ones once. */
enum etw_status corr_capture_filters_learn(struct corr_capture_filters *filters,
                                           const struct etw_event *event, struct etw_error *error);
void corr_capture_filters_done(struct corr_capture_filters *filters);
/* How many rows are of this capture and keep packets out. */
size_t corr_capture_filters_count(const struct corr_capture_filters *filters,
                                  enum etw_capture capture);

#endif
