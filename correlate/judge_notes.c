/* SPDX-License-Identifier: MIT */
/*
 * judge_notes.c - rules about what went on between beginning and end.
 */
#include "correlate/judge_rules.h"

/* Applications that read at all read within tens of milliseconds; a busy machine may need a few
 * hundred. */
#define SLOW_RECEIVE (1 * JUDGE_SECOND)
/* One segment that is lost is the network's everyday; from here on, and from one in a hundred on,
 * people notice. */
#define RETRANSMISSIONS_ARE_TROUBLE 3
#define RETRANSMISSION_PERCENT      1
/* A full window for a moment is flow control at work. */
#define ZERO_IS_TROUBLE (JUDGE_SECOND / 2)
/* Once may be chance. */
#define DELAYS_MINIMUM 2

bool judge_dropped_here(const struct judge_case *of, struct corr_judgement *out)
{
    const struct judge_trouble *trouble = of->trouble;
    if (!trouble || (trouble->drops[JUDGE_OUT] == 0 && trouble->drops[JUDGE_IN] == 0)) {
        return false;
    }
    out->time = trouble->drop_time;
    out->frame = trouble->drop_frame;
    out->numbers[0] = trouble->drops[JUDGE_IN];
    out->numbers[1] = trouble->drops[JUDGE_OUT];
    out->numbers[2] = trouble->drop_reason;
    return true;
}

bool judge_slow_receiver(const struct judge_case *of, struct corr_judgement *out)
{
    const struct judge_observation *o = of->seen;
    int64_t longest = of->trouble ? of->trouble->slow_longest : 0;
    int64_t until = of->socket->closed < of->end ? of->socket->closed : of->end;
    int64_t waiting = judge_ticks(o->waiting_since, until);
    bool is_waiting = waiting >= longest;
    out->time = is_waiting ? o->waiting_since : o->indicated_time;
    out->numbers[0] = is_waiting ? waiting : longest;
    out->numbers[1] = is_waiting || !of->trouble ? o->unread : (int64_t)of->trouble->slow_unread;
    out->numbers[2] = is_waiting;
    return out->numbers[0] >= SLOW_RECEIVE;
}

bool judge_zero_window(const struct judge_case *of, struct corr_judgement *out)
{
    const struct judge_trouble *trouble = of->trouble;
    if (!trouble || trouble->zeros[JUDGE_OUT] + trouble->zeros[JUDGE_IN] == 0) {
        return false;
    }
    bool is_ours = trouble->zeros[JUDGE_IN] == 0 ||
                   (trouble->zeros[JUDGE_OUT] > 0 &&
                    trouble->zero_longest[JUDGE_OUT] >= trouble->zero_longest[JUDGE_IN]);
    unsigned way = is_ours ? JUDGE_OUT : JUDGE_IN;
    out->time = of->end;
    out->frame = trouble->zero_frame;
    out->is_trouble = trouble->zero_longest[way] >= ZERO_IS_TROUBLE;
    out->numbers[0] = is_ours;
    out->numbers[1] = trouble->zeros[way];
    out->numbers[2] = trouble->zero_longest[way];
    return true;
}

/* Number of the first byte of data, when the SYN is known. */
static bool find_first(const struct judge_case *of, unsigned way, uint32_t *first)
{
    const struct judge_observation *o = of->seen;
    const struct corr_socket *socket = of->socket;
    int known = way == JUDGE_OUT ? CORR_SOCKET_LOCAL_SEQUENCE : CORR_SOCKET_REMOTE_SEQUENCE;
    if ((o->signs & (uint32_t)JUDGE_HAS_FIRST_OUT << way) != 0) {
        *first = o->first[way] + 1;
        return true;
    }
    *first = (way == JUDGE_OUT ? socket->local_first : socket->remote_first) + 1;
    return o->syn_count > 0 && !judge_has(o, JUDGE_HAS_PACKETS) && (socket->flags & known) != 0;
}

bool judge_retransmissions(const struct judge_case *of, struct corr_judgement *out)
{
    const struct judge_trouble *trouble = of->trouble;
    if (!trouble || trouble->retransmits[JUDGE_OUT] + trouble->retransmits[JUDGE_IN] == 0) {
        return false;
    }
    unsigned way = trouble->retransmits[JUDGE_OUT] > 0 ? JUDGE_OUT : JUDGE_IN;
    uint32_t first = 0;
    bool has_range = find_first(of, way, &first) && trouble->high[way] != trouble->low[way];
    out->time = trouble->retransmit_time;
    out->frame = trouble->frame;
    uint64_t percent = (uint64_t)trouble->retransmits[way] * 100;
    out->is_trouble = trouble->retransmits[way] >= RETRANSMISSIONS_ARE_TROUBLE &&
                      percent >= (uint64_t)of->seen->segments[way] * RETRANSMISSION_PERCENT;
    out->numbers[0] = trouble->retransmits[JUDGE_OUT];
    out->numbers[1] = trouble->retransmits[JUDGE_IN];
    out->numbers[2] = has_range ? (int64_t)(uint32_t)(trouble->low[way] - first) : -1;
    out->numbers[3] = has_range ? (int64_t)(uint32_t)(trouble->high[way] - first) - 1 : -1;
    return true;
}

bool judge_delayed_ack(const struct judge_case *of, struct corr_judgement *out)
{
    if (!of->trouble || of->trouble->delayed < DELAYS_MINIMUM) {
        return false;
    }
    out->time = of->end;
    out->numbers[0] = of->trouble->delayed;
    out->numbers[1] = of->trouble->delayed_total;
    return true;
}

/* That an application thinks for long may be its work; that the peer does not even acknowledge
 * is trouble. */
bool judge_silence(const struct judge_case *of, struct corr_judgement *out)
{
    const struct judge_trouble *trouble = of->trouble;
    const struct judge_observation *o = of->seen;
    if (!trouble || trouble->silence == 0) {
        return false;
    }
    out->time = trouble->silence_start;
    out->frame = trouble->silence_frame;
    out->is_trouble = trouble->is_silence_unacknowledged;
    out->numbers[0] = trouble->silence;
    out->numbers[1] = trouble->is_silence_of_peer;
    out->numbers[2] = trouble->is_silence_unacknowledged;
    out->numbers[3] = judge_ticks(o->syn_time, trouble->silence_start);
    return true;
}

bool judge_checksums_bad(const struct judge_case *of, struct corr_judgement *out)
{
    const struct judge_observation *o = of->seen;
    out->time = of->end;
    out->frame = of->trouble ? of->trouble->bad_checksum_frame : 0;
    out->numbers[0] = o->wrong[JUDGE_IN];
    out->numbers[1] = o->checked[JUDGE_IN];
    return o->wrong[JUDGE_IN] > 0;
}

bool judge_checksums_offloaded(const struct judge_case *of, struct corr_judgement *out)
{
    const struct judge_observation *o = of->seen;
    out->time = of->end;
    out->frame = of->trouble ? of->trouble->bad_checksum_frame : 0;
    out->is_trouble = false;
    out->numbers[0] = o->wrong[JUDGE_OUT];
    out->numbers[1] = o->checked[JUDGE_OUT];
    return o->wrong[JUDGE_OUT] > 0;
}

bool judge_segmentation(const struct judge_case *of, struct corr_judgement *out)
{
    if (!of->trouble || of->trouble->large == 0) {
        return false;
    }
    out->time = of->end;
    out->frame = of->trouble->large_frame;
    out->is_trouble = false;
    out->numbers[0] = of->trouble->large;
    out->numbers[1] = of->trouble->largest;
    return true;
}

/* Times of the last data; a station that was reached before their capture was not reached by
 * them. Who waits for data gets them without an indication. */
bool judge_ladder(const struct judge_case *of, struct corr_judgement *out)
{
    const struct judge_observation *o = of->seen;
    const int64_t times[] = {o->captured_time, o->taken_time, o->indicated_time, o->returned_time};
    bool is_told = o->taken_time != JUDGE_NEVER || o->indicated_time != JUDGE_NEVER ||
                   o->returned_time != JUDGE_NEVER;
    if (o->captured_time == JUDGE_NEVER || !is_told) {
        return false;
    }
    out->time = o->captured_time;
    out->is_trouble = false;
    out->numbers[0] = o->captured_size;
    out->numbers[5] = of->socket->application != 0;
    for (int station = CORR_STATION_STACK; station <= CORR_STATION_APPLICATION; station++) {
        bool is_reached = times[station] != JUDGE_NEVER && times[station] >= o->captured_time;
        out->numbers[station] = is_reached ? judge_ticks(o->captured_time, times[station]) : -1;
        out->numbers[4] = is_reached ? station : out->numbers[4];
    }
    return true;
}
