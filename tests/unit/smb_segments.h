/* SPDX-License-Identifier: MIT */
/*
 * smb_segments.h - a client and a server whose segments are given to the SMB streams, for tests.
 */
#ifndef TESTS_UNIT_SMB_SEGMENTS_H
#define TESTS_UNIT_SMB_SEGMENTS_H

#include <stdlib.h>

#include "correlate/smb_streams.h"
#include "correlate/sockets.h"
#include "smb_bytes.h"

enum {
    PAYLOAD_AT = 54,
    ISN = 1000,
    CLIENT_PORT = 50000,
    ANSWERS = 6,
    FROM_SERVER = 1,
    NO_FLAGS = CORR_TCP_ACK
};

static struct smb_bytes stream; /* with the size before each message */
static struct seen seen;
static struct corr_smb_streams *streams;
static uint64_t frame;
static uint16_t server_port, client_port;
static uint32_t snap_length; /* bytes of payload that the trace keeps of each segment */

static inline int start(void **state)
{
    (void)state;
    stream.size = 0;
    seen.count = 0;
    seen.most = 0;
    frame = 0;
    server_port = 445;
    client_port = CLIENT_PORT;
    snap_length = UINT32_MAX;
    return corr_smb_streams_new(see, &seen, &streams, NULL) == ETW_OK ? 0 : -1;
}

static inline int stop(void **state)
{
    (void)state;
    corr_smb_streams_free(streams);
    streams = NULL;
    return 0;
}

static inline const struct corr_smb_stream_counts *counts(void)
{
    return corr_smb_streams_counts(streams);
}

/* ---- packets ---- */

static inline struct corr_packet make_packet(bool is_answer, uint8_t flags, uint32_t seq)
{
    frame++;
    struct corr_packet packet = {.frame = frame,
                                 .time = (int64_t)frame * 10,
                                 .offset = frame * 100,
                                 .direction = is_answer ? ETW_DIRECTION_IN : ETW_DIRECTION_OUT,
                                 .captured = PAYLOAD_AT};
    packet.verdict.socket = CORR_NO_ROW;
    packet.layers = (struct corr_layers){
        .has_ports = true,
        .has_tcp = true,
        .tcp_flags = flags,
        .tcp_seq = seq,
        .payload_offset = PAYLOAD_AT,
        .source_port = is_answer ? server_port : client_port,
        .destination_port = is_answer ? client_port : server_port,
        .source = {.size = 4, .bytes = {192, 0, 2, is_answer ? 20 : 10}},
        .destination = {.size = 4, .bytes = {192, 0, 2, is_answer ? 10 : 20}},
    };
    return packet;
}

static inline bool feed(struct corr_packet *packet)
{
    return corr_smb_streams_packet(streams, packet, NULL) == ETW_OK;
}

static inline void send_flags(bool is_answer, uint8_t flags, uint32_t seq, uint32_t ack)
{
    struct corr_packet packet = make_packet(is_answer, flags, seq);
    packet.layers.tcp_ack = ack;
    assert_true(feed(&packet));
}

/* Bytes of the stream, `from` counted from its beginning, in a packet of exactly their size. */
static inline bool send_part(bool is_answer, uint32_t isn, size_t from, size_t size)
{
    size_t there = size < snap_length ? size : snap_length;
    uint8_t *data = calloc(1, PAYLOAD_AT + there);
    assert_non_null(data);
    memcpy(data + PAYLOAD_AT, stream.data + from, there);
    struct corr_packet packet = make_packet(is_answer, NO_FLAGS, isn + 1 + (uint32_t)from);
    packet.data = data;
    packet.captured = (uint32_t)(PAYLOAD_AT + there);
    packet.layers.tcp_length = (uint32_t)size;
    bool is_good = feed(&packet);
    free(data);
    return is_good;
}

static inline void answer(size_t from, size_t size)
{
    assert_true(send_part(true, ISN, from, size));
}

static inline void answer_syn(void)
{
    send_flags(true, CORR_TCP_SYN | CORR_TCP_ACK, ISN, 1);
}

static inline void finish(void)
{
    assert_int_equal(corr_smb_streams_finish(streams, NULL), ETW_OK);
}

/* ---- the stream ---- */

/* Puts its size before the message that begins at `at`. */
static inline void frame_message(size_t at)
{
    size_t size = stream.size - at - 4;
    for (unsigned i = 0; i < 4; i++) {
        stream.data[at + i] = (uint8_t)(size >> 8 * (3 - i));
    }
}

static inline void append_framed_answer(uint64_t id, uint32_t length)
{
    size_t at = stream.size;
    put_zeros(&stream, 4);
    append_read_answer(&stream, id, length);
    frame_message(at);
}

static inline void append_framed_read(uint64_t id)
{
    size_t at = stream.size;
    put_zeros(&stream, 4);
    append_read(&stream, id, 4096, id * 4096);
    frame_message(at);
}

/* Answers of 0, 100, 1000, ... bytes of data. */
static inline void append_answers(void)
{
    static const uint32_t lengths[ANSWERS] = {0, 100, 1000, 7, 20000, 3000};
    for (unsigned i = 0; i < ANSWERS; i++) {
        append_framed_answer(i, lengths[i]);
    }
}

static inline void expect_all_answers(void)
{
    assert_int_equal(seen.count, ANSWERS);
    for (unsigned i = 0; i < ANSWERS; i++) {
        assert_int_equal(seen.rows[i].message.message_id, i);
        assert_int_equal(seen.rows[i].message.command, CORR_SMB_READ);
        assert_false(seen.rows[i].message.has & CORR_SMB_IS_CUT);
    }
    assert_int_equal(counts()->messages, ANSWERS);
    assert_int_equal(counts()->skipped_bytes, 0);
    assert_int_equal(counts()->missing_bytes, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

#endif
