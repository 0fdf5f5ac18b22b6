/* SPDX-License-Identifier: MIT */
/*
 * judge_story.h - events and packets of one connection, told in order, then judged: the
 * ledger learns the events first, as in the program.
 *
 *     struct story story;
 *     open_story(&story);
 *     at(&story, 0);      tell_state(&story, CORR_CLOSED, CORR_SYN_SENT);
 *     at(&story, 0.1);    show(&story, OUT, SYN, 1000, 0, 0);
 *     judge_story(&story);
 *     const struct corr_judgement *found = find_judgement(&story, CORR_JUDGE_CONNECT_TIMEOUT);
 *     close_story(&story);
 *
 * Times are milliseconds. Local is 10.0.0.1:50000, remote 10.0.0.2:443.
 */
#ifndef TESTS_UNIT_JUDGE_STORY_H
#define TESTS_UNIT_JUDGE_STORY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "correlate/event_sockets.h"
#include "correlate/judge.h"

#define OUT ETW_DIRECTION_OUT
#define IN  ETW_DIRECTION_IN

enum { FIN = CORR_TCP_FIN, SYN = CORR_TCP_SYN, RST = CORR_TCP_RST, ACK = CORR_TCP_ACK };

#define MS(milliseconds) ((int64_t)((milliseconds)*10000))

#define STORY_ITEMS 128
#define STORY_TCB   0x7000
#define STORY_AFD   0x9000
#define STORY_BEGIN INT64_C(130021000000000000) /* of a day in 2013 */

struct story_item {
    bool is_packet;
    struct etw_record record;
    struct etw_event event;
    struct corr_packet packet;
};

struct story {
    struct story_item items[STORY_ITEMS];
    size_t count;
    int64_t time;
    struct corr_ledger *ledger;
    struct corr_judge *judge;
    uint32_t socket; /* the connection; CORR_NO_ROW: none */
    struct corr_judgement judgements[CORR_JUDGE_COUNT];
    size_t judgement_count;
};

static inline void open_story(struct story *story)
{
    *story = (struct story){.time = STORY_BEGIN, .socket = CORR_NO_ROW};
}

static inline void at(struct story *story, double milliseconds)
{
    story->time = STORY_BEGIN + (int64_t)(milliseconds * 1e4 + 0.5);
}

static inline struct story_item *next_item(struct story *story)
{
    assert_true(story->count < STORY_ITEMS);
    struct story_item *item = &story->items[story->count++];
    item->record = (struct etw_record){
        .time = story->time, .offset = 1000 + story->count, .process_id = 40, .thread_id = 8};
    item->event = (struct etw_event){.kind = ETW_EVENT_SOCKET, .record = &item->record};
    return item;
}

static inline struct etw_socket_address story_address(uint8_t host, uint16_t port)
{
    return (struct etw_socket_address){
        .size = 4, .has_port = true, .port = port, .bytes = {10, 0, 0, host}};
}

/* ---- the stack tells ---- */

static inline struct etw_socket *tell(struct story *story, enum etw_action action,
                                      enum etw_phase phase, uint32_t status)
{
    struct etw_socket *socket = &next_item(story)->event.u.socket;
    *socket = (struct etw_socket){.layer = ETW_LAYER_STACK,
                                  .action = action,
                                  .phase = phase,
                                  .handles = {{ETW_HANDLE_TCB, STORY_TCB}},
                                  .local = story_address(1, 50000),
                                  .remote = story_address(2, 443),
                                  .protocol = 6,
                                  .pid = 40,
                                  .status = status,
                                  .has = ETW_HAS_LOCAL | ETW_HAS_REMOTE | ETW_HAS_PROTOCOL |
                                         ETW_HAS_PID | ETW_HAS_STATUS};
    return socket;
}

static inline void tell_state(struct story *story, enum corr_tcp_state from, enum corr_tcp_state to)
{
    struct etw_socket *socket = tell(story, ETW_ACTION_STATE, ETW_PHASE_SINGLE, 0);
    socket->from = from;
    socket->to = to;
    socket->has = ETW_HAS_FROM | ETW_HAS_TO | ETW_HAS_PROTOCOL;
}

static inline void tell_connect(struct story *story)
{
    tell(story, ETW_ACTION_CONNECT, ETW_PHASE_ENTER, 0)->is_header_pid_true = true;
}

static inline void tell_timeout(struct story *story, enum etw_timer timer)
{
    struct etw_socket *socket = tell(story, ETW_ACTION_TIMEOUT, ETW_PHASE_SINGLE, 0);
    socket->timer = timer;
    socket->has |= ETW_HAS_TIMER;
}

/* ---- the application calls ---- */

static inline struct etw_socket *call(struct story *story, enum etw_action action,
                                      enum etw_phase phase, uint64_t bytes)
{
    struct etw_socket *socket = &next_item(story)->event.u.socket;
    *socket = (struct etw_socket){
        .layer = ETW_LAYER_APPLICATION,
        .action = action,
        .phase = phase,
        .handles = {{ETW_HANDLE_AFD_ENDPOINT, STORY_AFD}, {ETW_HANDLE_EPROCESS, 0x5000}},
        .pid = 40,
        .remote = story_address(2, 443),
        .bytes = bytes,
        .has = ETW_HAS_BYTES | ETW_HAS_PID};
    if (action == ETW_ACTION_CONNECT) {
        socket->has |= ETW_HAS_REMOTE;
    }
    return socket;
}

static inline void open_socket(struct story *story)
{
    struct etw_socket *socket = call(story, ETW_ACTION_CREATE, ETW_PHASE_ENTER, 0);
    socket->protocol = 6;
    socket->family = 4;
    socket->has |= ETW_HAS_PROTOCOL;
}

static inline void connect_by_calls(struct story *story)
{
    open_socket(story);
    call(story, ETW_ACTION_CONNECT, ETW_PHASE_ENTER, 0);
    at(story, 20);
    call(story, ETW_ACTION_CONNECT, ETW_PHASE_EXIT, 0)->has |= ETW_HAS_STATUS;
}

/* ---- packets ---- */

static inline struct corr_layers *show(struct story *story, enum etw_direction direction,
                                       unsigned flags, uint32_t sequence, uint32_t length,
                                       uint32_t acknowledged)
{
    struct story_item *item = next_item(story);
    bool is_out = direction == OUT;
    item->is_packet = true;
    item->packet = (struct corr_packet){
        .frame = story->count,
        .time = story->time,
        .direction = direction,
        .layers = {.network = CORR_NETWORK_IPV4,
                   .ip_protocol = 6,
                   .has_ports = true,
                   .has_tcp = true,
                   .has_tcp_window = true,
                   .tcp_window = 512,
                   .hop_limit = is_out ? 128 : 57,
                   .ip_id = (uint16_t)(story->count + (is_out ? 0 : 500)),
                   .tcp_flags = (uint8_t)flags,
                   .source_port = is_out ? 50000 : 443,
                   .destination_port = is_out ? 443 : 50000,
                   .tcp_seq = sequence,
                   .tcp_ack = acknowledged,
                   .tcp_length = length,
                   .payload_size = length,
                   .source = {.size = 4, .bytes = {10, 0, 0, is_out ? 1 : 2}},
                   .destination = {.size = 4, .bytes = {10, 0, 0, is_out ? 2 : 1}},
                   .source_mac = {.size = 6, .bytes = {2, 0, 0, 0, 0, is_out ? 1 : 9}}},
    };
    return &item->packet.layers;
}

/* SYN, SYN-ACK after the round trip, ACK; sequence numbers 1000 and 5000. */
static inline void shake_hands(struct story *story, double begin, double round_trip)
{
    at(story, begin);
    tell_connect(story);
    tell_state(story, CORR_CLOSED, CORR_SYN_SENT);
    show(story, OUT, SYN, 1000, 0, 0);
    at(story, begin + round_trip);
    show(story, IN, SYN | ACK, 5000, 0, 1001);
    tell_state(story, CORR_SYN_SENT, CORR_ESTABLISHED);
    show(story, OUT, ACK, 1001, 0, 5001);
}

/* ---- judging ---- */

static inline void take_item(struct story *story, struct story_item *item,
                             struct corr_attribution *attribution,
                             const struct corr_event_sockets *index)
{
    struct etw_error error;
    if (item->is_packet) {
        struct corr_packet *packet = &item->packet;
        corr_attribute(attribution, &packet->layers, packet->direction, packet->time,
                       &packet->verdict);
        assert_int_equal(corr_judge_packet(story->judge, packet, &error), ETW_OK);
    } else {
        uint32_t row = corr_event_sockets_find(index, &item->event);
        assert_int_equal(corr_judge_event(story->judge, &item->event, row, &error), ETW_OK);
    }
}

static inline void judge_story(struct story *story)
{
    const struct corr_ledger_options options = {.has_socket_events = true};
    struct corr_attribution *attribution = NULL;
    struct corr_event_sockets *index = NULL;
    struct etw_error error;
    assert_int_equal(corr_ledger_new(&options, &story->ledger, &error), ETW_OK);
    for (size_t i = 0; i < story->count; i++) {
        if (!story->items[i].is_packet) {
            assert_int_equal(corr_ledger_learn(story->ledger, &story->items[i].event, &error),
                             ETW_OK);
        }
    }
    assert_int_equal(corr_ledger_finish(story->ledger, &error), ETW_OK);
    assert_int_equal(corr_event_sockets_new(story->ledger, &index, &error), ETW_OK);
    assert_int_equal(corr_attribution_new(story->ledger, &attribution, &error), ETW_OK);
    assert_int_equal(corr_judge_new(story->ledger, &story->judge, &error), ETW_OK);
    for (size_t i = 0; i < story->count; i++) {
        take_item(story, &story->items[i], attribution, index);
    }
    corr_judge_finish(story->judge);
    const struct corr_socket *rows = NULL;
    size_t count = corr_ledger_sockets(story->ledger, &rows);
    for (uint32_t row = 0; row < count; row++) {
        if ((rows[row].flags & CORR_SOCKET_HIDDEN) == 0 && story->socket == CORR_NO_ROW) {
            story->socket = row;
        }
    }
    story->judgement_count = corr_judge_list(story->judge, story->socket, story->judgements);
    corr_event_sockets_free(index);
    corr_attribution_free(attribution);
}

static inline void close_story(struct story *story)
{
    corr_judge_free(story->judge);
    corr_ledger_free(story->ledger);
}

/* NULL: it was not judged so. */
static inline const struct corr_judgement *find_judgement(const struct story *story,
                                                          enum corr_judgement_rule rule)
{
    for (size_t i = 0; i < story->judgement_count; i++) {
        if (story->judgements[i].rule == rule) {
            return &story->judgements[i];
        }
    }
    return NULL;
}

static inline const struct corr_judgement *get_judgement(const struct story *story,
                                                         enum corr_judgement_rule rule)
{
    const struct corr_judgement *found = find_judgement(story, rule);
    if (!found) {
        fail_msg("not judged as %s", corr_judgement_name(rule));
    }
    return found;
}

/* How it ended. */
static inline const struct corr_judgement *get_end(const struct story *story,
                                                   enum corr_judgement_rule rule)
{
    assert_true(story->judgement_count > 0);
    assert_string_equal(corr_judgement_name(story->judgements[0].rule), corr_judgement_name(rule));
    return &story->judgements[0];
}

#endif
