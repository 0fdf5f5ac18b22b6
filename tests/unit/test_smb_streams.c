/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "smb_segments.h"
#include "support/random.h"

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

/* The clock of the packets goes by 10 each. */
static void the_longest_pause_within_a_message_is_known(void **state)
{
    (void)state;
    append_framed_answer(1, 4096);
    append_framed_answer(2, 4096);
    size_t half = stream.size / 2;
    answer_syn();
    answer(0, 1000);
    send_flags(false, NO_FLAGS, 1, ISN + 1 + 1000);
    frame += 99;
    answer(1000, 1000); /* 1010 later */
    frame += 49;
    answer(2000, half - 2000 + 1000); /* 500 later, with the beginning of the next */
    frame += 9;
    answer(half + 1000, half - 1000); /* which the client has not acknowledged */
    assert_int_equal(seen.count, 2);
    const struct corr_smb_pause *pause = &seen.rows[0].message.pause;
    assert_int_equal(pause->duration, 1010);
    assert_int_equal(pause->before, 1000 - 4); /* its size is no part of it */
    assert_true(pause->is_acknowledged);
    pause = &seen.rows[1].message.pause;
    assert_int_equal(pause->duration, 100);
    assert_int_equal(pause->before, 1000 - 4);
    assert_false(pause->is_acknowledged);
}

static void a_message_in_one_packet_has_no_pause(void **state)
{
    (void)state;
    append_framed_answer(1, 100);
    append_framed_answer(2, 100);
    answer_syn();
    answer(0, stream.size / 2);
    frame += 1000;
    answer(stream.size / 2, stream.size / 2);
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.rows[0].message.pause.duration, 0);
    assert_int_equal(seen.rows[1].message.pause.duration, 0);
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

static void a_syn_behind_data_of_the_peer_is_another_connection(void **state)
{
    (void)state;
    append_framed_answer(1, 100);
    answer_syn();
    send_flags(false, CORR_TCP_SYN, ISN, 0); /* its answer was logged before it */
    answer(0, stream.size);
    send_flags(false, CORR_TCP_SYN, ISN, 0);
    assert_int_equal(counts()->connections, 1);
    stop(NULL);
    start(NULL);
    append_framed_answer(1, 100);
    answer(0, stream.size);
    send_flags(false, CORR_TCP_SYN, ISN, 0);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(several_messages_share_a_segment),
        TEST(a_message_may_come_byte_by_byte),
        TEST(the_longest_pause_within_a_message_is_known),
        TEST(a_message_in_one_packet_has_no_pause),
        TEST(the_session_service_has_packets_of_its_own),
        TEST(both_directions_have_one_connection_number),
        TEST(another_syn_is_another_connection),
        TEST(a_syn_behind_data_of_the_peer_is_another_connection),
        TEST(another_socket_is_another_connection),
        TEST(a_reset_ends_what_has_begun),
        TEST(the_end_of_the_trace_gives_what_has_begun),
        TEST(a_long_name_is_kept_whole),
        TEST(compounds_are_read_over_segments),
        TEST(when_there_are_too_many_the_quietest_is_ended),
        TEST(other_ports_are_left_alone),
        TEST(the_sink_can_end_it),
        TEST(any_order_of_any_segments_can_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
