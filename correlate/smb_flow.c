/* SPDX-License-Identifier: MIT */
#include "correlate/smb_flow.h"

#include <stdlib.h>
#include <string.h>

/* No window is as large. */
#define FAR (INT64_C(1) << 26)

struct smb_held {
    struct smb_held *before, *next;
    struct smb_segment segment; /* its data are those below */
    uint8_t data[];
};

/* How far `number` is behind `from`, across the wrap of 32 bits. */
static int64_t distance(uint32_t from, uint32_t number)
{
    uint32_t ahead = number - from;
    return ahead < UINT32_C(0x80000000) ? (int64_t)ahead : (int64_t)ahead - (INT64_C(1) << 32);
}

void smb_flow_start(struct smb_flow *flow, uint32_t next, bool is_at_start, uint64_t connection,
                    bool is_response)
{
    *flow = (struct smb_flow){
        .is_started = true, .has_initial = is_at_start, .initial = next, .next = next};
    smb_reader_init(&flow->reader, connection, is_response, is_at_start);
}

bool smb_flow_is_foreign(const struct smb_flow *flow, uint32_t sequence)
{
    int64_t ahead = distance(flow->next, sequence);
    return flow->is_started && (ahead > FAR || ahead < -FAR);
}

/* ---- held segments ---- */

static size_t memory_of(const struct smb_segment *segment)
{
    return sizeof(struct smb_held) + segment->size;
}

static void remove_first(struct smb_reading *reading, struct smb_flow *flow)
{
    struct smb_held *held = flow->first;
    flow->first = held->next;
    if (flow->first) {
        flow->first->before = NULL;
    } else {
        flow->end = NULL;
    }
    flow->held_count--;
    flow->held_bytes -= memory_of(&held->segment);
    reading->held -= memory_of(&held->segment);
    free(held);
}

/* Behind all that begin before it or at the same byte; most come in order. */
static void insert(struct smb_flow *flow, struct smb_held *held)
{
    struct smb_held *before = flow->end;
    while (before && distance(before->segment.sequence, held->segment.sequence) < 0) {
        before = before->before;
    }
    held->before = before;
    held->next = before ? before->next : flow->first;
    *(held->next ? &held->next->before : &flow->end) = held;
    *(before ? &before->next : &flow->first) = held;
}

static bool hold(struct smb_reading *reading, struct smb_flow *flow,
                 const struct smb_segment *segment)
{
    struct smb_held *held = malloc(memory_of(segment));
    if (!held) {
        return false;
    }
    held->segment = *segment;
    held->segment.data = held->data;
    if (segment->size > 0) {
        memcpy(held->data, segment->data, segment->size);
    }
    insert(flow, held);
    flow->held_count++;
    flow->held_bytes += memory_of(segment);
    reading->held += memory_of(segment);
    return true;
}

/* ---- in order ---- */

static bool miss(struct smb_reading *reading, struct smb_flow *flow, uint32_t size)
{
    reading->counts.missing_bytes += size;
    return smb_reader_miss(reading, &flow->reader, size);
}

/* A segment that begins at or before the next byte. */
static bool deliver(struct smb_reading *reading, struct smb_flow *flow,
                    const struct smb_segment *segment)
{
    uint32_t old = flow->next - segment->sequence;
    if (old >= segment->length) {
        return true;
    }
    uint32_t there = segment->size > old ? segment->size - old : 0;
    uint32_t cut = segment->length - old - there;
    flow->next = segment->sequence + segment->length;
    return (there == 0 ||
            smb_reader_take(reading, &flow->reader, segment->data + old, there, &segment->place)) &&
           (cut == 0 || miss(reading, flow, cut));
}

static bool is_too_much(const struct smb_reading *reading, const struct smb_flow *flow)
{
    return flow->held_count > SMB_FLOW_SEGMENTS || flow->held_bytes > SMB_FLOW_HELD_BYTES ||
           reading->held > CORR_SMB_HELD_BYTES;
}

/* Delivers what is held up to the first hole that may still be filled. */
static bool settle(struct smb_reading *reading, struct smb_flow *flow, bool is_end)
{
    bool is_good = true;
    while (is_good && flow->first) {
        const struct smb_segment *segment = &flow->first->segment;
        int64_t hole = distance(flow->next, segment->sequence);
        bool is_lost =
            is_end || is_too_much(reading, flow) ||
            (flow->has_acknowledged && distance(segment->sequence, flow->acknowledged) >= 0);
        if (hole > 0 && !is_lost) {
            return true;
        }
        if (hole > 0) {
            flow->next = segment->sequence;
            is_good = miss(reading, flow, (uint32_t)hole);
        }
        is_good = is_good && deliver(reading, flow, segment);
        remove_first(reading, flow);
    }
    return is_good;
}

bool smb_flow_segment(struct smb_reading *reading, struct smb_flow *flow,
                      const struct smb_segment *segment)
{
    struct smb_segment placed = *segment;
    placed.place.is_all_acknowledged =
        flow->has_acknowledged && distance(flow->next, flow->acknowledged) >= 0;
    bool is_good = distance(flow->next, segment->sequence) <= 0 ? deliver(reading, flow, &placed)
                                                                : hold(reading, flow, &placed);
    return is_good && settle(reading, flow, false);
}

bool smb_flow_acknowledge(struct smb_reading *reading, struct smb_flow *flow, uint32_t number)
{
    if (!flow->has_acknowledged || distance(flow->acknowledged, number) > 0) {
        flow->acknowledged = number;
        flow->has_acknowledged = true;
    }
    return settle(reading, flow, false);
}

void smb_flow_free(struct smb_reading *reading, struct smb_flow *flow)
{
    while (flow->first) {
        remove_first(reading, flow);
    }
    smb_reader_free(reading, &flow->reader);
    flow->is_started = false;
}

bool smb_flow_end(struct smb_reading *reading, struct smb_flow *flow)
{
    bool is_good = !flow->is_started ||
                   (settle(reading, flow, true) && smb_reader_end(reading, &flow->reader));
    smb_flow_free(reading, flow);
    return is_good;
}
