/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "correlate/smb_flow.h"
#include "smb_segments.h"
#include "support/random.h"

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
        for (size_t i = 1; i < count; i++) {
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

int main(void)
{
    const struct CMUnitTest tests[] = {
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
        TEST(a_hole_is_not_waited_for_without_end),
        TEST(data_of_reads_are_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
