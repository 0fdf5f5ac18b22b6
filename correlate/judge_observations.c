/* SPDX-License-Identifier: MIT */
#include "correlate/judge_observations.h"

#include <string.h>

#include "etw/base/array.h"

/* A SYN that an event and a packet tell of, or two events. Windows repeats after 250 ms at the
 * earliest, and after a refusal by half a second. */
#define SAME_SYN (200 * JUDGE_MILLISECOND)

const struct judge_observation judge_nothing = {
    .syn_time = JUDGE_NEVER,
    .syn_last_time = JUDGE_NEVER,
    .answer_time = JUDGE_NEVER,
    .established_time = JUDGE_NEVER,
    .connect_begin = JUDGE_NEVER,
    .connect_end = JUDGE_NEVER,
    .failed_time = JUDGE_NEVER,
    .fin_time = {JUDGE_NEVER, JUDGE_NEVER},
    .reset_time = JUDGE_NEVER,
    .data_time = {JUDGE_NEVER, JUDGE_NEVER},
    .any_time = {JUDGE_NEVER, JUDGE_NEVER},
    .captured_time = JUDGE_NEVER,
    .taken_time = JUDGE_NEVER,
    .indicated_time = JUDGE_NEVER,
    .returned_time = JUDGE_NEVER,
    .waiting_since = JUDGE_NEVER,
    .state = CORR_STATE_COUNT,
    .last_state = CORR_STATE_COUNT,
};

struct judge_trouble *judge_trouble_get(struct judge_scene *scene)
{
    struct judge_troubles *list = scene->troubles;
    uint32_t place = scene->observation->trouble;
    if (place > 0) {
        return &list->rows[place - 1];
    }
    void *rows = list->rows;
    if (list->count >= UINT32_MAX - 1 ||
        !array_grow(&rows, &list->capacity, list->count + 1, sizeof(list->rows[0]))) {
        list->has_failed = true;
        return NULL;
    }
    list->rows = rows;
    list->rows[list->count] = (struct judge_trouble){.zero_since = {JUDGE_NEVER, JUDGE_NEVER},
                                                     .silence_start = JUDGE_NEVER};
    scene->observation->trouble = (uint32_t)++list->count;
    return &list->rows[list->count - 1];
}

static uint32_t limited(int64_t ticks)
{
    return ticks < 0 ? 0 : ticks > UINT32_MAX ? UINT32_MAX : (uint32_t)ticks;
}

/* The time of the SYN itself is better than that of a state change. */
static void move_syn(struct judge_observation *o, int64_t time)
{
    if (o->syn_count == 1) {
        o->syn_time = time;
    } else if (o->syn_count <= JUDGE_GAPS + 1) {
        uint32_t *gap = &o->syn_gaps[o->syn_count - 2];
        *gap = limited((int64_t)*gap + judge_between(o->syn_last_time, time));
    }
    o->syn_last_time = time;
}

/* What was seen before was the end of another connection, of the same pointer or ports; the call
 * that leads to this one has begun before its SYN. */
static void begin_life(struct judge_observation *o, int64_t time)
{
    const uint32_t stays = JUDGE_IS_CLIENT | JUDGE_IS_SERVER | JUDGE_HAS_PACKETS;
    const struct judge_observation before = *o;
    bool is_calling = before.connect_begin != JUDGE_NEVER && before.connect_end == JUDGE_NEVER;
    *o = judge_nothing;
    o->signs = before.signs & stays;
    o->trouble = before.trouble;
    o->connect_begin = is_calling ? before.connect_begin : JUDGE_NEVER;
    memcpy(o->checked, before.checked, sizeof(o->checked));
    memcpy(o->wrong, before.wrong, sizeof(o->wrong));
    o->syn_time = time;
}

void judge_note_syn(struct judge_observation *o, int64_t time, bool is_exact)
{
    if (o->syn_count > 0 && corr_time_is_near(o->syn_last_time, time, SAME_SYN)) {
        if (is_exact) {
            move_syn(o, time);
        }
        return;
    }
    if (o->syn_count == 0) {
        begin_life(o, time);
    } else if (o->syn_count <= JUDGE_GAPS) {
        o->syn_gaps[o->syn_count - 1] = limited(judge_between(o->syn_last_time, time));
    }
    o->syn_last_time = time;
    o->syn_count = (uint8_t)(o->syn_count + (o->syn_count < UINT8_MAX));
}
