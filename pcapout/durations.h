/* SPDX-License-Identifier: MIT */
/*
 * durations.h - how durations are spread: percentiles without keeping each one.
 *
 * Eight classes per power of two, so that a percentile is at most an eighth too high; the
 * least and greatest are exact. 1.4 KB, whatever their number.
 */
#ifndef PCAPOUT_DURATIONS_H
#define PCAPOUT_DURATIONS_H

#include <stdint.h>

#define DURATION_CLASSES 336 /* up to 2^44 ticks of 100 ns: 20 days */

/* Zeroed: none. */
struct out_durations {
    uint64_t count;
    int64_t least, greatest;
    double sum;
    uint32_t classes[DURATION_CLASSES];
};

/* 100 ns; negative ones are not known, and not counted. */
void out_durations_add(struct out_durations *durations, int64_t duration);
/* The duration that `percent` of all are not longer than, and at most the greatest; -1: none. */
int64_t out_durations_percentile(const struct out_durations *durations, unsigned percent);
/* -1: none. */
int64_t out_durations_mean(const struct out_durations *durations);

#endif
