/* SPDX-License-Identifier: MIT */
/* Entry: pieces of 32 bytes, each an event or a TCP segment. Holds: at most one judgement says how
 * a socket ended and it stands first, no rule applies twice, each has words, and what is asked
 * twice is answered alike; ends without socket stay within their bound. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "correlate/judge.h"
#include "etw/base/bytes.h"
#include "pcapout/judgement_text.h"

enum { PIECE = 32, PIECES = 512 };

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Mostly small steps forward, so that stories make sense. */
static int64_t read_time(struct bytes *b, int64_t time)
{
    uint8_t shift = bytes_u8(b) % 40;
    uint64_t step = (uint64_t)bytes_u16(b) << shift;
    return shift == 39 ? (int64_t)(step << 16) : corr_time_shift(time, (int64_t)step);
}

static struct etw_event read_event(struct bytes *b, struct etw_record *record)
{
    struct etw_event event = {.kind = ETW_EVENT_SOCKET, .record = record};
    struct etw_socket *socket = &event.u.socket;
    *socket = (struct etw_socket){
        .layer = bytes_u8(b) % (ETW_LAYER_SMB_SERVER + 1),
        .action = bytes_u8(b) % ETW_ACTION_COUNT,
        .phase = bytes_u8(b) % (ETW_PHASE_RUNDOWN + 1),
        .handles = {{ETW_HANDLE_TCB, 1}},
        .local = {.size = 4, .has_port = true, .port = 80, .bytes = {10, 0, 0, 1}},
        .remote = {.size = 4, .has_port = true, .port = 5000, .bytes = {10, 0, 0, 2}},
        .protocol = 6,
        .from = bytes_u8(b) % 16,
        .to = bytes_u8(b) % 16,
        .timer = bytes_u8(b) % (ETW_TIMER_SYN_VALIDATION + 1),
        .reason = bytes_u8(b),
        .is_rejected = bytes_u8(b) % 4 == 0,
    };
    if (socket->layer == ETW_LAYER_APPLICATION) {
        socket->handles[0] = (struct etw_handle){ETW_HANDLE_AFD_ENDPOINT, 2};
        socket->handles[1] = (struct etw_handle){ETW_HANDLE_EPROCESS, 3};
    }
    socket->has = bytes_u32(b) | ETW_HAS_LOCAL | ETW_HAS_REMOTE | ETW_HAS_PROTOCOL;
    socket->status = bytes_u32(b);
    socket->sequence = bytes_u32(b);
    socket->bytes = bytes_u32(b);
    return event;
}

static struct corr_packet read_packet(struct bytes *b, int64_t time, uint64_t frame)
{
    struct corr_packet packet = {
        .frame = frame, .time = time, .direction = bytes_u8(b) % 3, .data = b->data};
    struct corr_layers *layers = &packet.layers;
    bool is_out = packet.direction == ETW_DIRECTION_OUT;
    packet.captured = b->size < UINT32_MAX ? (uint32_t)b->size : 0;
    *layers = (struct corr_layers){.network = CORR_NETWORK_IPV4,
                                   .has_tcp = true,
                                   .has_ports = true,
                                   .source_port = is_out ? 80 : 5000,
                                   .destination_port = is_out ? 5000 : 80,
                                   .source = {.size = 4, .bytes = {10, 0, 0, is_out ? 1 : 2}},
                                   .destination = {.size = 4, .bytes = {10, 0, 0, is_out ? 2 : 1}},
                                   .source_mac = {.size = 6}};
    layers->tcp_flags = bytes_u8(b);
    layers->hop_limit = bytes_u8(b);
    layers->ip_id = bytes_u16(b);
    layers->tcp_window = bytes_u16(b);
    layers->has_tcp_window = layers->tcp_window != 1;
    layers->tcp_seq = bytes_u32(b);
    layers->tcp_ack = bytes_u32(b);
    layers->tcp_length = bytes_u16(b);
    layers->source_mac.bytes[5] = bytes_u8(b);
    layers->is_payload_by_frame = bytes_u8(b) % 8 == 0;
    layers->network_offset = bytes_u8(b);
    layers->payload_offset = bytes_u16(b);
    layers->stated_size = bytes_u16(b);
    return packet;
}

static void check(const struct corr_socket *socket, const struct corr_judgement *judgements,
                  size_t count)
{
    require(count <= CORR_JUDGE_COUNT);
    for (size_t i = 0; i < count; i++) {
        struct text words = {.maximum = 4096};
        require(judgements[i].rule < CORR_JUDGE_COUNT);
        require(i == 0 || judgements[i].rule > judgements[i - 1].rule);
        require(i == 0 || judgements[i].rule > CORR_JUDGE_STILL_OPEN);
        out_add_judgement(&words, &judgements[i], socket);
        require(words.size > 0 && !words.failed);
        text_done(&words);
    }
}

static void check_all(const struct corr_judge *judge, const struct corr_socket *rows, size_t count)
{
    struct corr_judgement judgements[CORR_JUDGE_COUNT];
    struct corr_judgement again[CORR_JUDGE_COUNT];
    for (uint32_t row = 0; row < count; row++) {
        size_t judged = corr_judge_list(judge, row, judgements);
        check(&rows[row], judgements, judged);
        require(corr_judge_list(judge, row, again) == judged);
        for (size_t i = 0; i < judged; i++) {
            require(memcmp(judgements[i].numbers, again[i].numbers, sizeof(again[i].numbers)) == 0);
        }
    }
    require(corr_judge_orphans(judge) <= CORR_JUDGE_ORPHANS);
    for (size_t i = 0; i < corr_judge_orphans(judge); i++) {
        struct corr_socket socket;
        size_t judged = corr_judge_orphan(judge, i, &socket, judgements);
        check(&socket, judgements, judged);
    }
}

/* The first time the ledger learns, the second time it is judged. */
static void tell(struct bytes b, struct corr_ledger *ledger, struct corr_judge *judge, size_t count)
{
    int64_t time = INT64_C(130021000000000000);
    for (uint64_t piece = 1; piece <= PIECES && bytes_left(&b) > 0; piece++) {
        struct bytes part = bytes_sub(&b, bytes_left(&b) < PIECE ? bytes_left(&b) : PIECE);
        uint8_t kind = bytes_u8(&part);
        time = read_time(&part, time);
        struct etw_record record = {.time = time, .offset = piece, .process_id = 4};
        if (kind % 2 == 0) {
            const struct etw_event event = read_event(&part, &record);
            uint32_t row = count ? (uint32_t)(kind / 2 % count) : CORR_NO_ROW;
            require((judge ? corr_judge_event(judge, &event, row, NULL)
                           : corr_ledger_learn(ledger, &event, NULL)) == ETW_OK);
        } else if (judge) {
            struct corr_packet packet = read_packet(&part, time, piece);
            bool has_socket = count && kind % 8 != 1;
            packet.verdict.socket = has_socket ? (uint32_t)(kind / 2 % count) : CORR_NO_ROW;
            packet.verdict.is_inbound = packet.direction == ETW_DIRECTION_IN;
            require(corr_judge_packet(judge, &packet, NULL) == ETW_OK);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct corr_ledger_options options = {.has_socket_events = true};
    struct corr_ledger *ledger = NULL;
    struct corr_judge *judge = NULL;
    const struct corr_socket *rows = NULL;
    require(corr_ledger_new(&options, &ledger, NULL) == ETW_OK);
    tell(bytes_of(data, size), ledger, NULL, 0);
    require(corr_ledger_finish(ledger, NULL) == ETW_OK);
    size_t count = corr_ledger_sockets(ledger, &rows);
    require(corr_judge_new(ledger, &judge, NULL) == ETW_OK);
    tell(bytes_of(data, size), ledger, judge, count);
    corr_judge_finish(judge);
    check_all(judge, rows, count);
    corr_judge_free(judge);
    corr_ledger_free(ledger);
    return 0;
}
