/* SPDX-License-Identifier: MIT */
/*
 * packet_events.h - made-up packet events for the tests of the packet stage, and
 * what the stage made of them.
 */
#ifndef TESTS_UNIT_PACKET_EVENTS_H
#define TESTS_UNIT_PACKET_EVENTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "correlate/packets.h"

#define MICROSECOND INT64_C(10)
#define MILLISECOND INT64_C(10000)
#define SECOND      INT64_C(10000000)

#define SEEN_DATA 256

struct seen {
    struct corr_packet packet; /* its data point nowhere */
    uint8_t data[SEEN_DATA];   /* the first bytes */
};

struct stage {
    struct corr_adapters *adapters;
    struct corr_packets *packets;
    struct findings findings;
    struct seen *seen;
    size_t seen_count, seen_capacity;
    uint64_t offset; /* of the next event */
    enum etw_status answer;
};

static inline enum etw_status keep_seen(void *context, const struct corr_packet *packet,
                                        struct etw_error *error)
{
    struct stage *stage = context;
    (void)error;
    if (stage->seen_count == stage->seen_capacity) {
        stage->seen_capacity = stage->seen_capacity ? stage->seen_capacity * 2 : 64;
        stage->seen = realloc(stage->seen, stage->seen_capacity * sizeof(*stage->seen));
        assert_non_null(stage->seen);
    }
    struct seen *seen = &stage->seen[stage->seen_count++];
    seen->packet = *packet;
    seen->packet.data = NULL;
    memset(seen->data, 0, sizeof(seen->data));
    size_t size = packet->captured < SEEN_DATA ? packet->captured : SEEN_DATA;
    if (size > 0) {
        memcpy(seen->data, packet->data, size);
    }
    return stage->answer;
}

/* Begins again with the adapters as they are now. */
static inline void reopen_packets(struct stage *stage, bool all_appearances)
{
    struct etw_error error;
    struct corr_packets_options options = {.all_appearances = all_appearances};
    corr_packets_free(stage->packets);
    stage->packets = NULL;
    assert_int_equal(corr_packets_new(stage->adapters, &stage->findings, &options, keep_seen, stage,
                                      &stage->packets, &error),
                     ETW_OK);
}

static inline void open_stage(struct stage *stage, bool all_appearances)
{
    struct etw_error error;
    *stage = (struct stage){.answer = ETW_OK};
    assert_int_equal(corr_adapters_new(&stage->adapters, &error), ETW_OK);
    reopen_packets(stage, all_appearances);
}

static inline void close_stage(struct stage *stage)
{
    corr_packets_free(stage->packets);
    corr_adapters_free(stage->adapters);
    free(stage->seen);
}

static inline enum etw_status feed_event(struct stage *stage, int64_t time, uint32_t thread,
                                         uint16_t cpu, struct etw_event *event)
{
    struct etw_error error;
    struct etw_record record = {
        .time = time,
        .cpu = cpu,
        .process_id = 4,
        .thread_id = thread,
        .offset = stage->offset++,
    };
    event->record = &record;
    return corr_packets_feed(stage->packets, event, &error);
}

static inline void feed_packet(struct stage *stage, int64_t time, uint32_t thread, uint16_t cpu,
                               const struct etw_packet *packet)
{
    struct etw_event event = {.kind = ETW_EVENT_PACKET, .u.packet = *packet};
    assert_int_equal(feed_event(stage, time, thread, cpu, &event), ETW_OK);
}

/* An event of another kind: time goes on. */
static inline void feed_time(struct stage *stage, int64_t time)
{
    struct etw_event event = {.kind = ETW_EVENT_OTHER};
    assert_int_equal(feed_event(stage, time, 1, 0, &event), ETW_OK);
}

static inline void finish_stage(struct stage *stage)
{
    struct etw_error error;
    assert_int_equal(corr_packets_finish(stage->packets, &error), ETW_OK);
}

static inline uint64_t found(const struct stage *stage, enum finding_kind kind)
{
    return stage->findings.kinds[kind].count;
}

#endif
