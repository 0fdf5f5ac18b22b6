/* SPDX-License-Identifier: MIT */
#include "pcapout/durations.h"

#include <stddef.h>

#define SUB_BITS 3
#define SUBS     (1u << SUB_BITS)

/* The first SUBS * 2 classes hold one value each; from there on each power of two has SUBS. */
static size_t class_of(int64_t duration)
{
    uint64_t value = (uint64_t)duration;
    unsigned shift = 0;
    while (value >> shift >= SUBS * 2) {
        shift++;
    }
    size_t class = shift * SUBS + (size_t)(value >> shift);
    return class < DURATION_CLASSES ? class : DURATION_CLASSES - 1;
}

/* The greatest duration of the class. */
static int64_t end_of(size_t class)
{
    if (class < SUBS * 2) {
        return (int64_t) class;
    }
    unsigned shift = (unsigned)(class / SUBS - 1);
    uint64_t part = class - (size_t)shift * SUBS;
    return (int64_t)(((part + 1) << shift) - 1);
}

void out_durations_add(struct out_durations *durations, int64_t duration)
{
    if (duration < 0) {
        return;
    }
    uint32_t *of_class = &durations->classes[class_of(duration)];
    *of_class += *of_class < UINT32_MAX;
    durations->least =
        durations->count == 0 || duration < durations->least ? duration : durations->least;
    durations->greatest = duration > durations->greatest ? duration : durations->greatest;
    durations->sum += (double)duration;
    durations->count++;
}

int64_t out_durations_percentile(const struct out_durations *durations, unsigned percent)
{
    uint64_t wanted = (durations->count * percent + 99) / 100;
    uint64_t seen = 0;
    if (durations->count == 0) {
        return -1;
    }
    for (size_t i = 0; i < DURATION_CLASSES - 1; i++) {
        seen += durations->classes[i];
        if (seen >= wanted && seen > 0) {
            int64_t end = end_of(i);
            return end < durations->greatest ? end : durations->greatest;
        }
    }
    return durations->greatest;
}

int64_t out_durations_mean(const struct out_durations *durations)
{
    return durations->count == 0 ? -1 : (int64_t)(durations->sum / (double)durations->count);
}
