/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "correlate/smb_flow.h"
#include "correlate/smb_streams.h"
#include "correlate/sockets.h"
#include "smb_bytes.h"
#include "support/random.h"

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

static int start(void **state)
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

static int stop(void **state)
{
    (void)state;
    corr_smb_streams_free(streams);
    streams = NULL;
    return 0;
}

static const struct corr_smb_stream_counts *counts(void)
{
    return corr_smb_streams_counts(streams);
}

/* ---- packets ---- */

static struct corr_packet make_packet(bool is_answer, uint8_t flags, uint32_t seq)
{
    struct corr_packet packet = {.frame = ++frame,
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

static bool feed(struct corr_packet *packet)
{
    return corr_smb_streams_packet(streams, packet, NULL) == ETW_OK;
}

static void send_flags(bool is_answer, uint8_t flags, uint32_t seq, uint32_t ack)
{
    struct corr_packet packet = make_packet(is_answer, flags, seq);
    packet.layers.tcp_ack = ack;
    assert_true(feed(&packet));
}

/* Bytes of the stream, `from` counted from its beginning, in a packet of exactly their size. */
static bool send_part(bool is_answer, uint32_t isn, size_t from, size_t size)
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

static void answer(size_t from, size_t size)
{
    assert_true(send_part(true, ISN, from, size));
}

static void answer_syn(void)
{
    send_flags(true, CORR_TCP_SYN | CORR_TCP_ACK, ISN, 1);
}

static void finish(void)
{
    assert_int_equal(corr_smb_streams_finish(streams, NULL), ETW_OK);
}

/* ---- the stream ---- */

/* Puts its size before the message that begins at `at`. */
static void frame_message(size_t at)
{
    size_t size = stream.size - at - 4;
    for (unsigned i = 0; i < 4; i++) {
        stream.data[at + i] = (uint8_t)(size >> 8 * (3 - i));
    }
}

static void append_framed_answer(uint64_t id, uint32_t length)
{
    size_t at = stream.size;
    put_zeros(&stream, 4);
    append_read_answer(&stream, id, length);
    frame_message(at);
}

static void append_framed_read(uint64_t id)
{
    size_t at = stream.size;
    put_zeros(&stream, 4);
    append_read(&stream, id, 4096, id * 4096);
    frame_message(at);
}

/* Answers of 0, 100, 1000, ... bytes of data. */
static void append_answers(void)
{
    static const uint32_t lengths[ANSWERS] = {0, 100, 1000, 7, 20000, 3000};
    for (unsigned i = 0; i < ANSWERS; i++) {
        append_framed_answer(i, lengths[i]);
    }
}

static void expect_all_answers(void)
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

/* ---- tests ---- */

static void several_messages_share_a_segment(void **state)
{
    (void)state;
    append_answers();
    answer_syn();
    answer(0, stream.size);
    expect_all_answers();
}

static void a_message_may_come_byte_by_byte(void **state)
{
    (void)state;
    append_answers();
    answer_syn();
    for (size_t i = 0; i < stream.size; i++) {
        answer(i, 1);
    }
    expect_all_answers();
}

static void time_and_frame_are_those_of_first_and_last_byte(void **state)
{
    (void)state;
    append_framed_answer(1, 3000);
    append_framed_answer(2, 0);
    answer_syn();       /* frame 1 */
    answer(0, 1000);    /* 2 */
    answer(1000, 1000); /* 3 */
    send_flags(false, CORR_TCP_ACK, 1, ISN + 2001);
    answer(2000, stream.size - 2000); /* 5 */
    assert_int_equal(seen.count, 2);
    const struct corr_smb_message *message = &seen.rows[0].message;
    assert_int_equal(message->frame, 2);
    assert_int_equal(message->time, 20);
    assert_int_equal(message->offset, 200);
    assert_int_equal(message->last_frame, 5);
    assert_int_equal(message->last_time, 50);
    assert_int_equal(seen.rows[1].message.frame, 5);
}

static void repeated_and_overlapping_segments_count_once(void **state)
{
    (void)state;
    append_answers();
    answer_syn();
    for (size_t at = 0; at < stream.size; at += 500) {
        size_t left = stream.size - at;
        answer(at, left < 700 ? left : 700);
        answer(at, left < 500 ? left : 500);
        answer(at / 2, 300 < left ? 300 : left);
    }
    expect_all_answers();
}

static void segments_out_of_order_wait_for_each_other(void **state)
{
    (void)state;
    append_answers();
    for (uint64_t seed = 1; seed < 40; seed++) {
        size_t places[64], count = 0;
        for (size_t at = 0; at < stream.size; at += 600) {
            places[count++] = at;
        }
        uint64_t random = seed;
        for (size_t i = count - 1; i > 0; i--) {
            size_t other = random_below(&random, i + 1), kept = places[i];
            places[i] = places[other];
            places[other] = kept;
        }
        answer_syn();
        for (size_t i = 0; i < count; i++) {
            size_t left = stream.size - places[i];
            answer(places[i], left < 600 ? left : 600);
        }
        expect_all_answers();
        stop(NULL);
        (void)corr_smb_streams_new(see, &seen, &streams, NULL);
        seen.count = 0;
    }
}

static void the_time_of_a_message_is_that_of_what_it_waited_for(void **state)
{
    (void)state;
    append_framed_answer(1, 1000);
    answer_syn();
    answer(500, stream.size - 500); /* frame 2 */
    assert_int_equal(seen.count, 0);
    answer(0, 500); /* frame 3 */
    assert_int_equal(seen.rows[0].message.frame, 3);
    assert_int_equal(seen.rows[0].message.last_frame, 3);
}

static void numbers_wrap_around(void **state)
{
    (void)state;
    append_answers();
    const uint32_t isn = UINT32_MAX - 5000;
    send_flags(true, CORR_TCP_SYN | CORR_TCP_ACK, isn, 1);
    for (size_t at = 0; at < stream.size; at += 900) {
        size_t left = stream.size - at;
        assert_true(send_part(true, isn, at, left < 900 ? left : 900));
    }
    expect_all_answers();
}

static void bytes_that_the_peer_got_and_the_trace_has_not_are_missing(void **state)
{
    (void)state;
    append_framed_answer(1, 3000);
    append_framed_answer(2, 0);
    answer_syn();
    answer(0, 1000);
    answer(2000, stream.size - 2000);
    assert_int_equal(seen.count, 0);
    send_flags(false, CORR_TCP_ACK, 1, ISN + 1 + (uint32_t)stream.size);
    assert_int_equal(seen.count, 2);
    assert_true(seen.rows[0].message.has & CORR_SMB_IS_CUT);
    assert_int_equal(seen.rows[0].message.length, 3000);
    assert_false(seen.rows[1].message.has & CORR_SMB_IS_CUT);
    assert_int_equal(counts()->missing_bytes, 1000);
    assert_int_equal(counts()->skipped_bytes, 0);
    assert_int_equal(counts()->cut, 1);
}

static void behind_a_hole_the_next_message_is_found(void **state)
{
    (void)state;
    append_framed_answer(1, 1000);
    append_framed_answer(2, 1000);
    append_framed_answer(3, 1000);
    answer_syn();
    send_flags(false, CORR_TCP_ACK, 1, ISN + 1 + (uint32_t)stream.size);
    answer(0, 900);
    answer(1200, stream.size - 1200); /* the beginning of the second is missing */
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.rows[0].message.message_id, 1);
    assert_int_equal(seen.rows[1].message.message_id, 3);
    assert_int_equal(counts()->missing_bytes, 300);
    assert_int_equal(counts()->skipped_bytes, 2 * (4 + 80 + 1000) - 1200);
}

static void a_snap_length_cuts_messages_and_loses_none_that_begins_a_segment(void **state)
{
    (void)state;
    snap_length = 200;
    answer_syn();
    for (unsigned i = 0; i < 20; i++) {
        size_t at = stream.size;
        append_framed_answer(i, 5000);
        for (size_t part = at; part < stream.size; part += 1460) {
            size_t left = stream.size - part;
            answer(part, left < 1460 ? left : 1460);
        }
    }
    assert_int_equal(seen.count, 20);
    assert_int_equal(counts()->cut, 20);
    assert_int_equal(counts()->skipped_bytes, 0);
    assert_int_equal(seen.rows[19].message.message_id, 19);
    assert_int_equal(seen.rows[19].message.length, 5000);
}

static void a_stream_may_begin_in_its_middle(void **state)
{
    (void)state;
    append_answers();
    for (size_t from = 1; from < 1300; from += 7) {
        answer(from, stream.size - from);
        assert_int_equal(seen.count, from <= 84 ? 5 : from <= 84 + 184 ? 4 : 3);
        assert_int_equal(seen.rows[seen.count - 1].message.message_id, ANSWERS - 1);
        assert_int_equal(counts()->missing_bytes, 0);
        assert_false(seen.rows[0].message.has & CORR_SMB_IS_CUT);
        stop(NULL);
        start(NULL);
        append_answers();
    }
}

static void what_is_no_smb_is_skipped_and_counted(void **state)
{
    (void)state;
    memset(stream.data, 0x5A, 500);
    stream.size = 500;
    append_answers();
    answer_syn();
    answer(0, stream.size);
    assert_int_equal(seen.count, ANSWERS);
    assert_int_equal(counts()->skipped_bytes, 500);
}

static void the_session_service_has_packets_of_its_own(void **state)
{
    (void)state;
    static const uint8_t request[] = {0x81, 0, 0, 68}, positive[] = {0x82, 0, 0, 0},
                         alive[] = {0x85, 0, 0, 0};
    server_port = 139;
    memcpy(stream.data, request, sizeof(request));
    stream.size = 4;
    put_zeros(&stream, 68);
    append_framed_read(1);
    send_flags(false, CORR_TCP_SYN, ISN, 0);
    assert_true(send_part(false, ISN, 0, stream.size));
    assert_int_equal(seen.count, 1);
    assert_int_equal(counts()->session, 1);
    stream.size = 0;
    memcpy(stream.data, positive, sizeof(positive));
    memcpy(stream.data + 4, alive, sizeof(alive));
    stream.size = 8;
    append_answers();
    answer_syn();
    answer(0, stream.size);
    assert_int_equal(seen.count, 1 + ANSWERS);
    assert_int_equal(counts()->session, 3);
    assert_int_equal(counts()->skipped_bytes, 0);
}

static void both_directions_have_one_connection_number(void **state)
{
    (void)state;
    append_framed_read(1);
    send_flags(false, CORR_TCP_SYN, ISN, 0);
    assert_true(send_part(false, ISN, 0, stream.size));
    stream.size = 0;
    append_framed_answer(1, 4096);
    answer_syn();
    answer(0, stream.size);
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.rows[0].message.connection, 1);
    assert_int_equal(seen.rows[1].message.connection, 1);
    assert_false(seen.rows[0].message.has & CORR_SMB_IS_RESPONSE);
    assert_true(seen.rows[1].message.has & CORR_SMB_IS_RESPONSE);
}

static void another_syn_is_another_connection(void **state)
{
    (void)state;
    append_framed_read(1);
    send_flags(false, CORR_TCP_SYN, ISN, 0);
    send_flags(false, CORR_TCP_SYN, ISN, 0); /* the same again */
    assert_true(send_part(false, ISN, 0, stream.size / 2));
    send_flags(false, CORR_TCP_SYN, ISN + 70000, 0);
    assert_true(send_part(false, ISN + 70000, 0, stream.size));
    assert_int_equal(seen.count, 1 + (stream.size / 2 >= 64 + 4));
    assert_int_equal(seen.rows[seen.count - 1].message.connection, 2);
    assert_int_equal(counts()->connections, 2);
}

static void another_socket_is_another_connection(void **state)
{
    (void)state;
    for (uint32_t socket = 3; socket < 6; socket++) {
        struct corr_packet packet = make_packet(false, NO_FLAGS, ISN);
        packet.verdict.socket = socket;
        assert_true(feed(&packet));
        assert_true(feed(&packet));
    }
    assert_int_equal(counts()->connections, 3);
}

static void a_reset_ends_what_has_begun(void **state)
{
    (void)state;
    append_framed_answer(1, 3000);
    answer_syn();
    answer(0, 500);
    send_flags(true, CORR_TCP_RST, ISN + 501, 0);
    assert_int_equal(seen.count, 1);
    assert_true(seen.rows[0].message.has & CORR_SMB_IS_CUT);
    assert_int_equal(seen.rows[0].message.length, 3000);
}

static void the_end_of_the_trace_gives_what_has_begun(void **state)
{
    (void)state;
    append_framed_answer(1, 3000);
    append_framed_answer(2, 100);
    answer_syn();
    answer(0, 500);
    answer(700, 300); /* waits */
    finish();
    assert_int_equal(seen.count, 1);
    assert_true(seen.rows[0].message.has & CORR_SMB_IS_CUT);
    assert_int_equal(counts()->missing_bytes, 200);
}

static void a_hole_is_not_waited_for_without_end(void **state)
{
    (void)state;
    append_framed_answer(1, 1000000);
    answer_syn();
    answer(0, 1000);
    for (size_t at = 2000; at < 1000000; at += 500) { /* one direction alone, no acknowledgement */
        answer(at, 500);
    }
    assert_true(counts()->missing_bytes == 1000);
    for (size_t at = 1000000; at < stream.size; at += 500) {
        answer(at, stream.size - at < 500 ? stream.size - at : 500);
    }
    assert_int_equal(seen.count, 1);
}

static void data_of_reads_are_not_kept(void **state)
{
    (void)state;
    struct smb_reading reading = {.sink = see, .context = &seen};
    struct smb_reader reader;
    struct smb_place place = {.time = 1};
    append_framed_answer(1, 1000000);
    smb_reader_init(&reader, 1, true, true);
    for (size_t at = 0; at < stream.size; at += 1000) {
        size_t left = stream.size - at;
        assert_true(smb_reader_take(&reading, &reader, stream.data + at, left < 1000 ? left : 1000,
                                    &place));
        assert_true(reading.held <= 1024);
    }
    assert_int_equal(seen.count, 1);
    smb_reader_free(&reading, &reader);
    assert_int_equal(reading.held, 0);
}

static void a_long_name_is_kept_whole(void **state)
{
    (void)state;
    static char name[30001];
    memset(name, 'n', sizeof(name) - 1);
    size_t at = stream.size;
    put_zeros(&stream, 4);
    append_create(&stream, 1, name);
    frame_message(at);
    send_flags(false, CORR_TCP_SYN, ISN, 0);
    for (size_t part = 0; part < stream.size; part += 999) {
        size_t left = stream.size - part;
        assert_true(send_part(false, ISN, part, left < 999 ? left : 999));
    }
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.rows[0].message.file.size, 60000);
    assert_false(seen.rows[0].message.has & CORR_SMB_IS_CUT);
}

static void compounds_are_read_over_segments(void **state)
{
    (void)state;
    put_zeros(&stream, 4);
    size_t first = append_read_answer(&stream, 1, 4096);
    put_number(&stream, first + 20, 4, 80 + 4096);
    append_read_answer(&stream, 2, 500);
    frame_message(0);
    answer_syn();
    for (size_t at = 0; at < stream.size; at += 33) {
        answer(at, stream.size - at < 33 ? stream.size - at : 33);
    }
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.rows[0].message.size, 80 + 4096);
    assert_int_equal(seen.rows[1].message.length, 500);
    assert_true(seen.rows[1].message.frame >= seen.rows[0].message.last_frame);
}

static void when_there_are_too_many_the_quietest_is_ended(void **state)
{
    (void)state;
    append_framed_answer(1, 100);
    for (uint32_t i = 0; i <= CORR_SMB_STREAMS; i++) {
        client_port = (uint16_t)(1000 + i);
        answer_syn();
        answer(0, 100);
        client_port = 1000; /* never quiet */
        if (i > 0 && i < CORR_SMB_STREAMS) {
            answer(0, 1);
        }
    }
    assert_int_equal(counts()->ended_early, 1);
    assert_int_equal(seen.count, 1);
    client_port = 1000;
    answer(100, stream.size - 100);
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.rows[1].message.connection, 1);
}

static void other_ports_are_left_alone(void **state)
{
    (void)state;
    append_answers();
    server_port = 446;
    answer_syn();
    answer(0, stream.size);
    server_port = 445;
    struct corr_packet packet = make_packet(true, 0, ISN);
    packet.layers.has_tcp = false;
    assert_true(feed(&packet));
    assert_int_equal(counts()->connections, 0);
    assert_int_equal(seen.count, 0);
}

static void the_sink_can_end_it(void **state)
{
    (void)state;
    append_answers();
    seen.most = 2;
    answer_syn();
    assert_false(send_part(true, ISN, 0, stream.size));
}

/* Whatever comes: the counts of the sink hold, and nothing is lost for ever. */
static void any_order_of_any_segments_can_be_read(void **state)
{
    (void)state;
    append_answers();
    uint64_t random = 7;
    answer_syn();
    for (unsigned i = 0; i < 20000; i++) {
        size_t from = random_below(&random, stream.size);
        size_t size = 1 + random_below(&random, stream.size - from);
        snap_length = random_below(&random, 3) ? UINT32_MAX : (uint32_t)random_below(&random, 300);
        if (random_below(&random, 50) == 0) {
            send_flags(false, CORR_TCP_ACK, 1, ISN + (uint32_t)random_below(&random, 30000));
        }
        if (random_below(&random, 500) == 0) {
            send_flags(true, CORR_TCP_SYN, (uint32_t)random_next(&random), 0);
            answer_syn();
        }
        if (seen.count > SEEN_MAXIMUM / 2) {
            seen.count = 0;
        }
        answer(from, size < 3000 ? size : 3000);
    }
    finish();
    assert_true(counts()->messages > 50);
    assert_true(counts()->cut <= counts()->messages);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(several_messages_share_a_segment),
        TEST(a_message_may_come_byte_by_byte),
        TEST(time_and_frame_are_those_of_first_and_last_byte),
        TEST(repeated_and_overlapping_segments_count_once),
        TEST(segments_out_of_order_wait_for_each_other),
        TEST(the_time_of_a_message_is_that_of_what_it_waited_for),
        TEST(numbers_wrap_around),
        TEST(bytes_that_the_peer_got_and_the_trace_has_not_are_missing),
        TEST(behind_a_hole_the_next_message_is_found),
        TEST(a_snap_length_cuts_messages_and_loses_none_that_begins_a_segment),
        TEST(a_stream_may_begin_in_its_middle),
        TEST(what_is_no_smb_is_skipped_and_counted),
        TEST(the_session_service_has_packets_of_its_own),
        TEST(both_directions_have_one_connection_number),
        TEST(another_syn_is_another_connection),
        TEST(another_socket_is_another_connection),
        TEST(a_reset_ends_what_has_begun),
        TEST(the_end_of_the_trace_gives_what_has_begun),
        TEST(a_hole_is_not_waited_for_without_end),
        TEST(data_of_reads_are_not_kept),
        TEST(a_long_name_is_kept_whole),
        TEST(compounds_are_read_over_segments),
        TEST(when_there_are_too_many_the_quietest_is_ended),
        TEST(other_ports_are_left_alone),
        TEST(the_sink_can_end_it),
        TEST(any_order_of_any_segments_can_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
