/* SPDX-License-Identifier: MIT */
#include "cli/event_times.h"

/* 100 ns */
#define SHORTEST_PAUSE INT64_C(10000000)
/* Of the whole trace. */
#define SMALLEST_SHARE 20

static int64_t length_of(const struct cli_pause *pause)
{
    return pause->to - pause->from;
}

/* Keeps the longest: a further one takes the place of the shortest. */
static void add_pause(struct cli_event_times *times, int64_t from, int64_t to)
{
    const struct cli_pause pause = {from, to};
    if (times->pause_count < CLI_PAUSES_MAXIMUM) {
        times->pauses[times->pause_count++] = pause;
        return;
    }
    size_t shortest = 0;
    for (size_t i = 1; i < CLI_PAUSES_MAXIMUM; i++) {
        if (length_of(&times->pauses[i]) < length_of(&times->pauses[shortest])) {
            shortest = i;
        }
    }
    if (length_of(&pause) <= length_of(&times->pauses[shortest])) {
        return;
    }
    for (size_t i = shortest; i + 1 < CLI_PAUSES_MAXIMUM; i++) {
        times->pauses[i] = times->pauses[i + 1];
    }
    times->pauses[CLI_PAUSES_MAXIMUM - 1] = pause;
}

void cli_event_times_add(struct cli_event_times *times, int64_t time)
{
    if (!times->has_any) {
        *times = (struct cli_event_times){.has_any = true, .first = time, .last = time};
        return;
    }
    /* A damaged record may claim a time so far off that the difference is none. */
    bool is_sane = (times->last >= 0) == (time >= 0);
    int64_t step = is_sane && time > times->last ? time - times->last : 0;
    if (step == 0) {
        times->equal++;
    } else if (times->smallest_step == 0 || step < times->smallest_step) {
        times->smallest_step = step;
    }
    if (step >= SHORTEST_PAUSE) {
        add_pause(times, times->last, time);
    }
    times->last = time > times->last ? time : times->last;
}

void cli_event_times_finish(struct cli_event_times *times)
{
    size_t kept = 0;
    if (!times->has_any) {
        return;
    }
    int64_t duration = times->first >= 0 ? times->last - times->first : INT64_MAX;
    for (size_t i = 0; i < times->pause_count; i++) {
        if (length_of(&times->pauses[i]) >= duration / SMALLEST_SHARE) {
            times->pauses[kept++] = times->pauses[i];
        }
    }
    times->pause_count = kept;
}
