/* SPDX-License-Identifier: MIT */
/*
 * judge_packets.c - what TCP segments show of a socket.
 *
 * One way is what we send (JUDGE_OUT), the other what the peer sends. A segment that the
 * capture saw twice counts once.
 */
#include <string.h>

#include "correlate/checksums.h"
#include "correlate/judge_observations.h"

/* The same segment again so soon, where no IP identification tells: seen twice. */
#define SAME_SEGMENT (JUDGE_MILLISECOND / 10)
/* An older segment so soon after a newer one was overtaken; nobody repeats so fast. */
#define OVERTAKEN (3 * JUDGE_MILLISECOND)
/* Shorter pauses are the usual thinking of people and servers. */
#define SILENCE (5 * JUDGE_SECOND)
/* Hosts answer acknowledgements late by 40 ms (Linux), 100 to 200 ms (Windows), at most by 500 ms
 * (RFC 1122). From half of Windows' on it is worth a look. */
#define DELAY_MINIMUM (95 * JUDGE_MILLISECOND)
#define DELAY_MAXIMUM (550 * JUDGE_MILLISECOND)
/* What the network itself may add to the round trip of the handshake. */
#define DELAY_OVER_ROUND_TRIP (60 * JUDGE_MILLISECOND)
/* What waited for the acknowledgement leaves at once after it. */
#define FOLLOWS (5 * JUDGE_MILLISECOND)
/* Every host takes segments of this size. [documented: RFC 9293, 3.7.1] */
#define SEGMENT_MINIMUM 536
/* Payload of an Ethernet frame without jumbo frames. */
#define SEGMENT_MAXIMUM 1460
#define FRAME_MAXIMUM   1514
/* So many segments of each way are enough to see who computes checksums. */
#define CHECKSUMS 8
/* Routes change by a hop or two; other senders begin with another value. */
#define HOPS_NEAR 2
/* Identifications of one sender that counts for all its packets grow by less between two. */
#define IDS_NEAR 8192
/* So many steps like that are no chance. */
#define IDS_ARE_COUNTED 2
/* Clocks of different CPUs disagree by less. */
#define ROUND_TRIP_MINIMUM (2 * JUDGE_MILLISECOND)

enum { SMALL_NONE, SMALL_SENT, SMALL_ACKNOWLEDGED };

struct segment {
    const struct corr_packet *packet;
    const struct corr_layers *layers;
    uint32_t sequence, length, end;
    uint8_t flags, way;
};

static bool has_next(const struct judge_observation *o, unsigned way)
{
    return (o->signs & (uint32_t)JUDGE_HAS_NEXT_OUT << way) != 0;
}

static bool is_pure_ack(const struct segment *segment)
{
    return segment->length == 0 && (segment->flags & (CORR_TCP_SYN | CORR_TCP_FIN | CORR_TCP_RST |
                                                      CORR_TCP_ACK)) == CORR_TCP_ACK;
}

/* ---- the same again ---- */

static bool is_seen_twice(const struct judge_observation *o, const struct segment *segment,
                          int64_t time)
{
    unsigned way = segment->way;
    bool is_same = (o->signs & (uint32_t)JUDGE_HAS_LAST_OUT << way) != 0 &&
                   o->last_seq[way] == segment->sequence && o->last_flags[way] == segment->flags;
    uint16_t id = segment->layers->ip_id;
    if (!is_same || o->any_time[way] == JUDGE_NEVER || segment->length == 0) {
        return false;
    }
    return id != 0 ? o->last_id[way] == id
                   : corr_time_is_near(o->any_time[way], time, SAME_SEGMENT);
}

static void remember(struct judge_observation *o, const struct segment *segment)
{
    o->signs |= (uint32_t)JUDGE_HAS_LAST_OUT << segment->way;
    o->last_seq[segment->way] = segment->sequence;
    o->last_flags[segment->way] = segment->flags;
    o->last_id[segment->way] = segment->layers->ip_id;
}

/* ---- who sends ---- */

static void note_peer(struct judge_observation *o, const struct corr_layers *layers)
{
    uint16_t step = (uint16_t)(layers->ip_id - o->last_id[JUDGE_IN]);
    if (judge_has(o, JUDGE_HAS_LAST_IN)) {
        bool is_near = step > 0 && step < IDS_NEAR;
        o->id_steps = (uint8_t)(is_near ? o->id_steps + (o->id_steps < UINT8_MAX) : 0);
    }
    if (o->hop_maximum == 0 || layers->hop_limit < o->hop_minimum) {
        o->hop_minimum = layers->hop_limit;
    }
    if (layers->hop_limit > o->hop_maximum) {
        o->hop_maximum = layers->hop_limit;
    }
    if (layers->source_mac.size == sizeof(o->mac)) {
        memcpy(o->mac, layers->source_mac.bytes, sizeof(o->mac));
    }
}

static bool is_other_mac(const struct judge_observation *o)
{
    static const uint8_t none[sizeof(o->mac)] = {0};
    return memcmp(o->mac, none, sizeof(none)) != 0 &&
           memcmp(o->reset_mac, none, sizeof(none)) != 0 &&
           memcmp(o->mac, o->reset_mac, sizeof(none)) != 0;
}

/* What we sent last cannot have reached the peer and been answered in less than a quarter of the
 * round trip. */
static bool is_too_fast(const struct judge_observation *o, const struct segment *segment,
                        int64_t time)
{
    int64_t sent = o->any_time[JUDGE_OUT];
    return (segment->flags & CORR_TCP_ACK) && has_next(o, JUDGE_OUT) &&
           segment->layers->tcp_ack == o->next[JUDGE_OUT] && sent != JUDGE_NEVER &&
           o->established_time != JUDGE_NEVER && sent == o->data_time[JUDGE_OUT] &&
           o->round_trip >= ROUND_TRIP_MINIMUM && judge_between(sent, time) < o->round_trip / 4;
}

/* Compared with the peer's other packets of this connection. */
static uint8_t doubts_of(const struct judge_observation *o, const struct segment *segment,
                         int64_t time)
{
    uint8_t hops = segment->layers->hop_limit;
    uint16_t step = (uint16_t)(segment->layers->ip_id - o->last_id[JUDGE_IN]);
    bool has_peer = o->hop_maximum != 0;
    bool is_far = has_peer && hops != 0 &&
                  (hops + HOPS_NEAR < o->hop_minimum || hops > o->hop_maximum + HOPS_NEAR);
    uint8_t doubts = is_far ? CORR_DOUBT_HOP_LIMIT : 0;
    doubts |= has_peer && is_other_mac(o) ? CORR_DOUBT_MAC : 0;
    doubts |= is_too_fast(o, segment, time) ? CORR_DOUBT_TOO_FAST : 0;
    bool is_id_odd = has_peer && o->id_steps >= IDS_ARE_COUNTED && step >= IDS_NEAR;
    return (uint8_t)(doubts | (is_id_odd ? CORR_DOUBT_IP_ID : 0));
}

static void take_reset(struct judge_scene *scene, const struct segment *segment)
{
    struct judge_observation *o = scene->observation;
    if (segment->way == JUDGE_OUT) {
        if (!judge_is_any(o, JUDGE_RESET_OUT | JUDGE_RESET_IN)) {
            o->reset_time = scene->time;
            o->reset_frame = segment->packet->frame;
        }
        o->signs |= JUDGE_RESET_OUT;
        return;
    }
    if (judge_has(o, JUDGE_RESET_OUT) && !judge_has(o, JUDGE_RESET_IN)) {
        return; /* the answer to ours */
    }
    o->reset_hop = segment->layers->hop_limit;
    if (segment->layers->source_mac.size == sizeof(o->reset_mac)) {
        memcpy(o->reset_mac, segment->layers->source_mac.bytes, sizeof(o->reset_mac));
    }
    o->doubts |= doubts_of(o, segment, scene->time);
    o->signs |= JUDGE_RESET_IN;
    o->reset_time = scene->time;
    o->reset_frame = segment->packet->frame;
}

/* ---- the beginning ---- */

static void take_answer(struct judge_scene *scene, const struct segment *segment)
{
    struct judge_observation *o = scene->observation;
    bool is_inbound = segment->way == JUDGE_IN;
    o->signs |= is_inbound ? JUDGE_IS_CLIENT : JUDGE_IS_SERVER;
    o->answer_count = (uint8_t)(o->answer_count + (o->answer_count < UINT8_MAX));
    o->answer_time = o->answer_time == JUDGE_NEVER ? scene->time : o->answer_time;
    if (is_inbound) {
        o->acknowledged = segment->layers->tcp_ack;
    }
    if (is_inbound && o->syn_count == 1) {
        int64_t trip = judge_between(o->syn_last_time, scene->time);
        o->round_trip = trip > 0 && trip < UINT32_MAX ? (uint32_t)trip : 0;
    }
}

static void take_syn(struct judge_scene *scene, const struct segment *segment)
{
    struct judge_observation *o = scene->observation;
    unsigned way = segment->way;
    bool is_answer = (segment->flags & CORR_TCP_ACK) != 0;
    if (!is_answer) {
        judge_note_syn(o, scene->time, true); /* may begin a new life */
        o->signs |= way == JUDGE_OUT ? JUDGE_IS_CLIENT : JUDGE_IS_SERVER;
        o->syn_frame = o->syn_frame == 0 ? segment->packet->frame : o->syn_frame;
    }
    o->first[way] = segment->sequence;
    o->next[way] = segment->end + 1;
    o->signs |= (uint32_t)(JUDGE_HAS_NEXT_OUT | JUDGE_HAS_FIRST_OUT) << way;
    if (way == JUDGE_OUT) {
        o->acknowledged = segment->sequence;
    }
    if (is_answer) {
        take_answer(scene, segment);
    }
}

static void note_established(struct judge_scene *scene, const struct segment *segment)
{
    struct judge_observation *o = scene->observation;
    bool has_begin = o->syn_count > 0 || o->answer_count > 0;
    unsigned completer = judge_has(o, JUDGE_IS_SERVER) ? JUDGE_IN : JUDGE_OUT;
    if (o->established_time != JUDGE_NEVER) {
        return;
    }
    if (!has_begin) {
        o->signs |= JUDGE_IS_OLDER;
    } else if (o->answer_time != JUDGE_NEVER && segment->way == completer) {
        o->established_time = scene->time;
    }
}

/* ---- sent again ---- */

static void note_retransmission(struct judge_scene *scene, const struct segment *segment)
{
    struct judge_observation *o = scene->observation;
    unsigned way = segment->way;
    bool is_overtaken = way == JUDGE_IN && o->data_time[way] != JUDGE_NEVER &&
                        corr_time_is_near(o->data_time[way], scene->time, OVERTAKEN);
    struct judge_trouble *trouble = is_overtaken ? NULL : judge_trouble_get(scene);
    if (!trouble) {
        return;
    }
    bool is_first = trouble->retransmits[way] == 0;
    if (is_first || (int32_t)(segment->sequence - trouble->low[way]) < 0) {
        trouble->low[way] = segment->sequence;
    }
    if (is_first || (int32_t)(segment->end - trouble->high[way]) > 0) {
        trouble->high[way] = segment->end;
    }
    trouble->frame = trouble->frame == 0 ? segment->packet->frame : trouble->frame;
    trouble->retransmit_time = scene->time;
    trouble->retransmits[way] += trouble->retransmits[way] < UINT32_MAX;
}

/* A byte that the other side has, or none, before what comes next: are you there? */
static bool is_keep_alive(const struct judge_observation *o, const struct segment *segment)
{
    return segment->length <= 1 && has_next(o, segment->way) &&
           segment->sequence == o->next[segment->way] - 1 &&
           (segment->flags & (CORR_TCP_SYN | CORR_TCP_FIN)) == 0;
}

static bool is_sent_again(const struct judge_observation *o, const struct segment *segment)
{
    return segment->length > 0 && has_next(o, segment->way) &&
           (int32_t)(segment->sequence - o->next[segment->way]) < 0;
}

static void take_sequence(struct judge_scene *scene, const struct segment *segment)
{
    struct judge_observation *o = scene->observation;
    unsigned way = segment->way;
    uint32_t end = segment->end + ((segment->flags & CORR_TCP_FIN) != 0);
    bool is_known = has_next(o, way);
    if (is_sent_again(o, segment)) {
        note_retransmission(scene, segment);
    }
    if (!is_known || (int32_t)(end - o->next[way]) > 0) {
        o->next[way] = end;
        o->signs |= (uint32_t)JUDGE_HAS_NEXT_OUT << way;
    }
    if (way == JUDGE_IN && (segment->flags & CORR_TCP_ACK) &&
        (o->acknowledged == 0 || (int32_t)(segment->layers->tcp_ack - o->acknowledged) > 0)) {
        o->acknowledged = segment->layers->tcp_ack;
    }
}

/* ---- windows ---- */

static void end_zero(struct judge_trouble *trouble, unsigned way, int64_t time)
{
    if (trouble->zero_since[way] != JUDGE_NEVER) {
        int64_t lasted = judge_between(trouble->zero_since[way], time);
        trouble->zero_since[way] = JUDGE_NEVER;
        if (lasted > trouble->zero_longest[way]) {
            trouble->zero_longest[way] = lasted;
        }
    }
}

/* Who has sent its FIN and is done may offer nothing. */
static void take_window(struct judge_scene *scene, const struct segment *segment)
{
    struct judge_observation *o = scene->observation;
    unsigned way = segment->way;
    bool is_zero = segment->layers->has_tcp_window && segment->layers->tcp_window == 0 &&
                   o->fin_time[way] == JUDGE_NEVER && (segment->flags & CORR_TCP_FIN) == 0;
    struct judge_trouble *trouble = is_zero || o->trouble ? judge_trouble_get(scene) : NULL;
    if (trouble && !is_zero) {
        end_zero(trouble, way, scene->time);
    } else if (trouble && trouble->zero_since[way] == JUDGE_NEVER) {
        trouble->zero_since[way] = scene->time;
        trouble->zeros[way]++;
        trouble->zero_frame =
            trouble->zero_frame == 0 ? segment->packet->frame : trouble->zero_frame;
    }
}

/* ---- silence ---- */

/* Acknowledgements and repetitions break no silence. */
static int64_t last_word(const struct judge_observation *o)
{
    const int64_t times[] = {o->data_time[JUDGE_OUT], o->data_time[JUDGE_IN],
                             o->fin_time[JUDGE_OUT], o->fin_time[JUDGE_IN]};
    int64_t last = o->established_time;
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        last = times[i] > last ? times[i] : last;
    }
    return last;
}

/* Which side had to say something. A client asks, a server answers; that a client asks nothing
 * is nobody's fault. False: none had. */
static bool who_is_awaited(const struct judge_observation *o, unsigned *way,
                           bool *is_unacknowledged)
{
    int64_t sent = o->data_time[JUDGE_OUT];
    int64_t received = o->data_time[JUDGE_IN];
    int32_t fin = o->fin_time[JUDGE_OUT] != JUDGE_NEVER; /* is not data */
    *is_unacknowledged = has_next(o, JUDGE_OUT) && o->acknowledged != 0 &&
                         (int32_t)(o->next[JUDGE_OUT] - o->acknowledged) > fin;
    *way = *is_unacknowledged || judge_has(o, JUDGE_IS_CLIENT) ? JUDGE_IN : JUDGE_OUT;
    if (*is_unacknowledged) {
        return true;
    }
    return judge_has(o, JUDGE_IS_CLIENT)   ? sent > received
           : judge_has(o, JUDGE_IS_SERVER) ? received > sent
                                           : false;
}

/* `breaker` is who speaks again; JUDGE_WAYS: nobody did, or only to end the connection. */
static void note_silence(struct judge_scene *scene, unsigned breaker, uint64_t frame)
{
    struct judge_observation *o = scene->observation;
    int64_t last = last_word(o);
    int64_t silence = last == JUDGE_NEVER ? 0 : judge_between(last, scene->time);
    unsigned awaited = 0;
    bool is_unacknowledged = false;
    if (silence < SILENCE || o->established_time == JUDGE_NEVER ||
        !who_is_awaited(o, &awaited, &is_unacknowledged) ||
        (breaker != awaited && breaker != JUDGE_WAYS)) {
        return;
    }
    struct judge_trouble *trouble = judge_trouble_get(scene);
    if (trouble && silence > trouble->silence) {
        trouble->silence = silence;
        trouble->silence_start = last;
        trouble->silence_frame = frame;
        trouble->is_silence_of_peer = awaited == JUDGE_IN;
        trouble->is_silence_unacknowledged = is_unacknowledged;
    }
}

/* ---- delayed acknowledgements ---- */

/* A small segment; its acknowledgement comes late and alone; what waited for it leaves at once. */
static void take_delay(struct judge_scene *scene, const struct segment *segment)
{
    struct judge_observation *o = scene->observation;
    unsigned sender = o->small_stage >> 4;
    unsigned stage = o->small_stage & 0xF;
    int64_t delay = stage == SMALL_NONE ? 0 : judge_between(o->data_time[sender], scene->time);
    if (is_pure_ack(segment)) {
        bool is_late = stage == SMALL_SENT && segment->way != sender &&
                       segment->layers->tcp_ack == o->small_end && delay >= DELAY_MINIMUM &&
                       delay <= DELAY_MAXIMUM && delay >= o->round_trip + DELAY_OVER_ROUND_TRIP;
        o->small_stage = (uint8_t)(is_late ? sender << 4 | SMALL_ACKNOWLEDGED : SMALL_NONE);
        return;
    }
    if (segment->length == 0) {
        return;
    }
    if (stage == SMALL_ACKNOWLEDGED && segment->way == sender &&
        corr_time_is_near(o->any_time[1 - sender], scene->time, FOLLOWS)) {
        struct judge_trouble *trouble = judge_trouble_get(scene);
        if (trouble) {
            trouble->delayed++;
            trouble->delayed_total += judge_between(o->data_time[sender], o->any_time[1 - sender]);
        }
    }
    uint32_t full = o->largest_segment > SEGMENT_MINIMUM ? o->largest_segment : SEGMENT_MINIMUM;
    bool is_small = segment->length < full;
    o->small_stage = (uint8_t)(is_small ? (unsigned)segment->way << 4 | SMALL_SENT : SMALL_NONE);
    o->small_end = segment->end;
}

/* ---- what adapters do ---- */

static void take_checksum(struct judge_scene *scene, const struct segment *segment)
{
    struct judge_observation *o = scene->observation;
    unsigned way = segment->way;
    bool is_right = false;
    /* received segments that the adapter joined have no checksum of their own */
    if (o->checked[way] >= CHECKSUMS || segment->packet->captured > FRAME_MAXIMUM ||
        !corr_checksum(segment->packet, &is_right)) {
        return;
    }
    o->checked[way]++;
    if (!is_right) {
        o->wrong[way]++;
        struct judge_trouble *trouble = judge_trouble_get(scene);
        if (trouble && trouble->bad_checksum_frame == 0) {
            trouble->bad_checksum_frame = segment->packet->frame;
        }
    }
}

static void take_size(struct judge_scene *scene, const struct segment *segment)
{
    struct judge_observation *o = scene->observation;
    bool is_uncut = segment->layers->is_payload_by_frame || segment->length > SEGMENT_MAXIMUM;
    if (segment->length > o->largest_segment && segment->length <= SEGMENT_MAXIMUM) {
        o->largest_segment = (uint16_t)segment->length;
    }
    struct judge_trouble *trouble = segment->way == JUDGE_OUT && is_uncut && segment->length > 0
                                        ? judge_trouble_get(scene)
                                        : NULL;
    if (trouble) {
        trouble->large += trouble->large < UINT32_MAX;
        trouble->large_frame =
            trouble->large_frame == 0 ? segment->packet->frame : trouble->large_frame;
        trouble->largest = segment->length > trouble->largest ? segment->length : trouble->largest;
    }
}

/* ---- what the packet monitor saw dropped ---- */

/* What is dropped on its way in changes nothing in the stack, but for a SYN that the stack itself
 * drops because nobody listens: it is answered. */
static void take_drop(struct judge_scene *scene, const struct segment *segment)
{
    struct judge_trouble *trouble = judge_trouble_get(scene);
    if (!trouble) {
        return;
    }
    if (trouble->drops[JUDGE_OUT] + trouble->drops[JUDGE_IN] == 0) {
        trouble->drop_time = scene->time;
        trouble->drop_frame = segment->packet->frame;
        trouble->drop_reason = segment->packet->drop.reason;
    }
    trouble->drops[segment->way] += trouble->drops[segment->way] < UINT32_MAX;
}

/* ---- all ---- */

static void take_data(struct judge_scene *scene, const struct segment *segment, bool is_again)
{
    struct judge_observation *o = scene->observation;
    if (segment->flags & CORR_TCP_FIN) {
        int64_t *fin = &o->fin_time[segment->way];
        *fin = *fin == JUDGE_NEVER ? scene->time : *fin;
    }
    o->segments[segment->way] += segment->length > 0 && o->segments[segment->way] < UINT32_MAX;
    if (segment->length > 0 && !is_again) {
        take_size(scene, segment);
        o->data_time[segment->way] = scene->time;
        if (segment->way == JUDGE_IN) {
            o->captured_time = scene->time;
            o->captured_size = segment->length;
        }
    }
}

static void take_segment(struct judge_scene *scene, const struct segment *segment)
{
    struct judge_observation *o = scene->observation;
    bool is_fin = (segment->flags & CORR_TCP_FIN) != 0;
    note_established(scene, segment);
    if (is_keep_alive(o, segment)) {
        return;
    }
    if (segment->way == JUDGE_IN) {
        note_peer(o, segment->layers);
    }
    take_window(scene, segment);
    take_delay(scene, segment);
    bool is_again = is_sent_again(o, segment);
    if (is_fin || (segment->length > 0 && !is_again)) {
        note_silence(scene, is_fin ? JUDGE_WAYS : segment->way, segment->packet->frame);
    }
    take_sequence(scene, segment);
    take_data(scene, segment, is_again);
}

void judge_take_packet(struct judge_scene *scene, const struct corr_packet *packet, bool is_inbound)
{
    const struct corr_layers *layers = &packet->layers;
    struct judge_observation *o = scene->observation;
    const struct segment segment = {
        .packet = packet,
        .layers = layers,
        .sequence = layers->tcp_seq,
        .length = layers->tcp_length,
        .end = layers->tcp_seq + layers->tcp_length,
        .flags = layers->tcp_flags,
        .way = is_inbound ? JUDGE_IN : JUDGE_OUT,
    };
    if (!layers->has_tcp || is_seen_twice(o, &segment, scene->time)) {
        return;
    }
    o->signs |= JUDGE_HAS_PACKETS;
    if (packet->drop.is_dropped) {
        take_drop(scene, &segment);
        if (segment.way == JUDGE_IN &&
            (segment.flags & (CORR_TCP_SYN | CORR_TCP_ACK)) != CORR_TCP_SYN) {
            return;
        }
    }
    take_checksum(scene, &segment);
    if (segment.flags & CORR_TCP_RST) {
        note_silence(scene, JUDGE_WAYS, packet->frame);
        take_reset(scene, &segment);
        return;
    }
    if (segment.flags & CORR_TCP_SYN) {
        take_syn(scene, &segment);
        if (segment.way == JUDGE_IN) {
            note_peer(o, layers);
        }
    } else {
        take_segment(scene, &segment);
    }
    remember(o, &segment);
    o->any_time[segment.way] = scene->time;
}

void judge_take_end(struct judge_scene *scene)
{
    struct judge_observation *o = scene->observation;
    bool is_over = judge_is_any(o, JUDGE_RESET_IN | JUDGE_RESET_OUT | JUDGE_ABORTED |
                                       JUDGE_TIMED_OUT | JUDGE_IS_CLOSED) ||
                   o->fin_time[JUDGE_IN] != JUDGE_NEVER || o->fin_time[JUDGE_OUT] != JUDGE_NEVER;
    if (!is_over) {
        note_silence(scene, JUDGE_WAYS, 0);
    }
    for (unsigned way = 0; way < JUDGE_WAYS && o->trouble; way++) {
        end_zero(judge_trouble_get(scene), way, scene->time);
    }
}
