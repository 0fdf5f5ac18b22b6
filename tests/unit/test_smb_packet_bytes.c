/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "correlate/smb_packet_bytes.h"
#include "tests/support/random.h"

#define MOST 256

/* What came out: sizes and first bytes. */
struct seen {
    size_t begun, count;
    struct corr_smb_bytes messages[MOST];
    uint8_t data[MOST][64];
};

struct fixture {
    struct smb_packet_bytes *bytes;
    struct seen seen;
    struct etw_record record;
};

static bool take(void *context, const struct corr_smb_bytes *bytes, bool is_whole)
{
    struct seen *seen = context;
    if (!is_whole) {
        seen->begun++;
        return true;
    }
    if (seen->count < MOST) {
        size_t size = bytes->data.size < 64 ? bytes->data.size : 64;
        if (size > 0) {
            memcpy(seen->data[seen->count], bytes->data.data, size);
        }
        seen->messages[seen->count++] = *bytes;
    }
    return true;
}

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.record = {.time = 1000, .thread_id = 7}};
    *state = &fixture;
    return smb_packet_bytes_new(take, &fixture.seen, &fixture.bytes, NULL);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    smb_packet_bytes_free(fixture->bytes);
    return 0;
}

enum { START = 1, END = 2, SENT = 4, WHOLE_EVENT = 8 };

static void feed(struct fixture *fixture, uint32_t thread, unsigned form, const void *data,
                 size_t size)
{
    fixture->record.time++;
    fixture->record.offset += 100;
    fixture->record.thread_id = thread;
    const struct etw_event event = {
        .kind = ETW_EVENT_SOCKET,
        .record = &fixture->record,
        .u.smb = {.socket = {.layer = ETW_LAYER_SMB_CLIENT},
                  .what = form & WHOLE_EVENT ? ETW_SMB_PACKET : ETW_SMB_FRAGMENT,
                  .is_start = form & START,
                  .is_end = form & END,
                  .has_way = true,
                  .is_sent = form & SENT,
                  .data = bytes_of(data, size)}};
    assert_int_equal(smb_packet_bytes_feed(fixture->bytes, &event, NULL), ETW_OK);
}

static void feed_text(struct fixture *fixture, uint32_t thread, unsigned form, const char *text)
{
    feed(fixture, thread, form, text, strlen(text));
}

static void check(const struct fixture *fixture, size_t at, const char *text, bool is_cut)
{
    const struct corr_smb_bytes *bytes = &fixture->seen.messages[at];
    assert_true(at < fixture->seen.count);
    assert_int_equal(bytes->data.size, strlen(text));
    assert_memory_equal(fixture->seen.data[at], text, strlen(text));
    assert_int_equal(bytes->is_cut, is_cut);
}

static void one_event_may_be_a_message(void **state)
{
    struct fixture *fixture = *state;
    feed_text(fixture, 7, START | END | WHOLE_EVENT | SENT, "\xfeSMB-one");
    check(fixture, 0, "\xfeSMB-one", false);
    assert_true(fixture->seen.messages[0].is_sent);
    assert_int_equal(fixture->seen.messages[0].fragments, 1);
}

static void fragments_of_two_threads_may_alternate(void **state)
{
    struct fixture *fixture = *state;
    feed_text(fixture, 7, START, "\xfeSMB-se");
    feed_text(fixture, 8, START, "\xfeSMB-ac");
    feed_text(fixture, 7, 0, "ve");
    feed_text(fixture, 8, START | SENT, "\xfeSMB-th"); /* the other direction */
    feed_text(fixture, 8, END, "ht");
    feed_text(fixture, 7, END, "n");
    feed_text(fixture, 8, END | SENT, "ere");
    check(fixture, 0, "\xfeSMB-acht", false);
    check(fixture, 1, "\xfeSMB-seven", false);
    check(fixture, 2, "\xfeSMB-there", false);
    assert_int_equal(fixture->seen.messages[1].fragments, 3);
    assert_int_equal(fixture->seen.messages[1].time, 1001);
    assert_int_equal(fixture->seen.messages[1].last_time, 1006);
}

static void what_has_no_beginning_is_lost_and_what_has_no_end_is_cut(void **state)
{
    struct fixture *fixture = *state;
    feed_text(fixture, 7, END, "tail");
    feed_text(fixture, 7, START, "\xfeSMB-a");
    feed_text(fixture, 7, START, "\xfeSMB-b");
    check(fixture, 0, "\xfeSMB-a", true);
    assert_int_equal(fixture->seen.count, 1);
    assert_int_equal(smb_packet_bytes_finish(fixture->bytes, NULL), ETW_OK);
    check(fixture, 1, "\xfeSMB-b", true);
    assert_int_equal(smb_packet_bytes_lost(fixture->bytes), 1);
}

/* The idle process has a thread of number 0 on each CPU. */
static void the_idle_thread_is_another_on_each_cpu(void **state)
{
    struct fixture *fixture = *state;
    fixture->record.cpu = 1;
    feed_text(fixture, 0, START, "\xfeSMB-1");
    fixture->record.cpu = 2;
    feed_text(fixture, 0, START, "\xfeSMB-2");
    feed_text(fixture, 0, END, "2");
    fixture->record.cpu = 1;
    feed_text(fixture, 0, END, "1");
    check(fixture, 0, "\xfeSMB-22", false);
    check(fixture, 1, "\xfeSMB-11", false);
}

/* Fragments of the whole event: connection type, address, size, and then the message, which may
 * have its length on TCP before it. */
static void what_stands_before_the_message_is_left_out(void **state)
{
    struct fixture *fixture = *state;
    static const uint8_t event[] = {1,   0, 0, 0, 16,   0,   0,   0,   2,   0,   1,  0xBD,
                                    192, 0, 2, 9, 0,    0,   0,   0,   0,   0,   0,  0,
                                    7,   0, 0, 0, 0xFE, 'S', 'M', 'B', '-', 'x', 'y'};
    feed(fixture, 7, START, event, 10);
    feed(fixture, 7, END, event + 10, sizeof(event) - 10);
    check(fixture, 0, "\xfeSMB-xy", false);
    assert_int_equal(fixture->seen.messages[0].peer.size, 4);
    assert_int_equal(fixture->seen.messages[0].peer.port, 445);
    feed(fixture, 7, START, event, 10);
    feed(fixture, 7, END, event + 10, sizeof(event) - 11);
    check(fixture, 1, "\xfeSMB-x", true);
    feed(fixture, 7, START | END | WHOLE_EVENT, "\0\0\0\7\xffSMB-no", 11);
    check(fixture, 2, "\xffSMB-no", false);
    feed(fixture, 7, START | END | WHOLE_EVENT, "what is this", 12);
    check(fixture, 3, "what is this", false);
}

/* A place in the order of times is taken when the first fragment comes. */
static void beginnings_are_told_before_the_message(void **state)
{
    struct fixture *fixture = *state;
    feed_text(fixture, 7, START, "\xfeSMB-a");
    assert_int_equal(fixture->seen.begun, 1);
    feed_text(fixture, 8, START | END | WHOLE_EVENT, "\xfeSMB-b");
    feed_text(fixture, 7, END, "a");
    assert_int_equal(fixture->seen.begun, 1);
    assert_int_equal(fixture->seen.messages[0].number, 2);
    assert_int_equal(fixture->seen.messages[1].number, 1);
}

static void a_fragment_that_does_not_come_ends_the_message(void **state)
{
    struct fixture *fixture = *state;
    feed_text(fixture, 7, START, "\xfeSMB-a");
    int64_t time = fixture->record.time;
    assert_int_equal(smb_packet_bytes_pass(fixture->bytes, time + 10000000, NULL), ETW_OK);
    assert_int_equal(fixture->seen.count, 0);
    assert_int_equal(smb_packet_bytes_pass(fixture->bytes, time + 10000001, NULL), ETW_OK);
    check(fixture, 0, "\xfeSMB-a", true);
    assert_false(fixture->seen.messages[0].has_size);
    feed_text(fixture, 7, END, "late");
    assert_int_equal(smb_packet_bytes_lost(fixture->bytes), 1);
}

/* One event that says how many bytes it should have. */
static void feed_stated(struct fixture *fixture, unsigned form, const char *text, uint64_t stated)
{
    fixture->record.time++;
    const struct etw_event event = {
        .kind = ETW_EVENT_SOCKET,
        .record = &fixture->record,
        .is_incomplete = stated > strlen(text),
        .u.smb = {.socket = {.layer = ETW_LAYER_SMB_CLIENT, .bytes = stated, .has = ETW_HAS_BYTES},
                  .what = form & WHOLE_EVENT ? ETW_SMB_PACKET : ETW_SMB_FRAGMENT,
                  .is_start = form & START,
                  .is_end = form & END,
                  .data = bytes_of(text, strlen(text))}};
    assert_int_equal(smb_packet_bytes_feed(fixture->bytes, &event, NULL), ETW_OK);
}

/* What follows a hole is of no use: it would stand in the wrong place. */
static void missing_bytes_are_counted_and_nothing_is_moved_over_them(void **state)
{
    struct fixture *fixture = *state;
    feed_stated(fixture, START, "\xfeSMB-ab", 7);
    feed_stated(fixture, 0, "cd", 6);
    feed_stated(fixture, END, "ijkl", 4);
    check(fixture, 0, "\xfeSMB-abcd", true);
    assert_true(fixture->seen.messages[0].has_size);
    assert_int_equal(fixture->seen.messages[0].size, 17);
    assert_int_equal(fixture->seen.messages[0].missing, 8);
    assert_int_equal(fixture->seen.messages[0].fragments, 3);
    feed_stated(fixture, START | END | WHOLE_EVENT, "\xfeSMB", 80);
    check(fixture, 1, "\xfeSMB", true);
    assert_int_equal(fixture->seen.messages[1].missing, 76);
    feed_text(fixture, 7, START | END | WHOLE_EVENT, "what is this");
    assert_true(fixture->seen.messages[1].is_readable);
    assert_false(fixture->seen.messages[2].is_readable);
}

/* The length of TCP in front says what is missing. */
static void the_transport_says_how_long_a_message_is(void **state)
{
    struct fixture *fixture = *state;
    feed(fixture, 7, START, "\0\0\1\2\xfeSMB-", 9);
    assert_int_equal(smb_packet_bytes_finish(fixture->bytes, NULL), ETW_OK);
    check(fixture, 0, "\xfeSMB-", true);
    assert_int_equal(fixture->seen.messages[0].size, 0x102);
    assert_int_equal(fixture->seen.messages[0].missing, 0x102 - 5);
}

static void feed_without_way(struct fixture *fixture, enum etw_layer layer, const uint8_t *data,
                             size_t size)
{
    const struct etw_event event = {.kind = ETW_EVENT_SOCKET,
                                    .record = &fixture->record,
                                    .u.smb = {.socket = {.layer = layer},
                                              .what = ETW_SMB_PACKET,
                                              .is_start = true,
                                              .is_end = true,
                                              .data = bytes_of(data, size)}};
    assert_int_equal(smb_packet_bytes_feed(fixture->bytes, &event, NULL), ETW_OK);
}

/* Clients ask and servers answer. */
static void the_header_says_the_way_where_keywords_do_not(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        enum etw_layer layer;
        uint8_t sign, smb1_flags, smb2_flags;
        bool has_way, is_sent;
    } rows[] = {
        {ETW_LAYER_SMB_CLIENT, 0xFE, 0x80, 0x00, true, true},
        {ETW_LAYER_SMB_CLIENT, 0xFE, 0x00, 0x09, true, false},
        {ETW_LAYER_SMB_SERVER, 0xFE, 0x00, 0x01, true, true},
        {ETW_LAYER_SMB_SERVER, 0xFE, 0x00, 0x08, true, false},
        {ETW_LAYER_SMB_CLIENT, 0xFF, 0x88, 0x00, true, false},
        {ETW_LAYER_SMB_CLIENT, 0xFF, 0x18, 0x01, true, true},
        {ETW_LAYER_SMB_CLIENT, 0xFD, 0x80, 0x01, false, false},
        {ETW_LAYER_SMB_CLIENT, 0xFC, 0x80, 0x01, false, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const uint8_t message[20] = {
            rows[i].sign, 'S', 'M', 'B', [9] = rows[i].smb1_flags, [16] = rows[i].smb2_flags};
        feed_without_way(fixture, rows[i].layer, message, sizeof(message));
        assert_int_equal(fixture->seen.messages[i].has_way, rows[i].has_way);
        assert_int_equal(fixture->seen.messages[i].is_sent, rows[i].is_sent);
    }
    feed_without_way(fixture, ETW_LAYER_SMB_CLIENT, (const uint8_t *)"\xfeSMB", 4);
    assert_false(fixture->seen.messages[8].has_way);
}

/* More threads than there is room for: the oldest message comes out cut. */
static void too_many_unfinished_messages_give_way(void **state)
{
    struct fixture *fixture = *state;
    for (uint32_t thread = 1; thread <= 40; thread++) {
        feed_text(fixture, thread, START, "\xfeSMB-");
    }
    assert_int_equal(fixture->seen.count, 8);
    assert_int_equal(fixture->seen.messages[0].header_tid, 1);
    assert_int_equal(fixture->seen.messages[7].header_tid, 8);
    assert_true(fixture->seen.messages[7].is_cut);
    feed_text(fixture, 40, END, "end");
    check(fixture, 8, "\xfeSMB-end", false);
}

static void a_message_that_never_ends_stays_bounded(void **state)
{
    struct fixture *fixture = *state;
    static uint8_t part[60000];
    memcpy(part, "\xfeSMB", 4);
    feed(fixture, 7, START, part, sizeof(part));
    for (int i = 0; i < 1000; i++) {
        feed(fixture, 7, 0, part, sizeof(part));
    }
    feed(fixture, 7, END, part, sizeof(part));
    assert_int_equal(fixture->seen.count, 1);
    assert_true(fixture->seen.messages[0].is_cut);
    assert_true(fixture->seen.messages[0].data.size <= (1u << 24) + 4096);
}

static void any_order_and_any_bytes_are_survived(void **state)
{
    struct fixture *fixture = *state;
    uint64_t seed = 3;
    uint8_t data[80];
    for (int i = 0; i < 20000; i++) {
        size_t size = (size_t)random_below(&seed, sizeof(data));
        for (size_t k = 0; k < size; k++) {
            data[k] = (uint8_t)random_below(&seed, k < 8 ? 20 : 256);
        }
        fixture->record.cpu = (uint16_t)random_below(&seed, 3);
        feed(fixture, (uint32_t)random_below(&seed, 50), (unsigned)random_below(&seed, 16), data,
             size);
    }
    assert_int_equal(smb_packet_bytes_finish(fixture->bytes, NULL), ETW_OK);
    assert_int_equal(fixture->seen.count, MOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_event_may_be_a_message, set_up, tear_down),
        cmocka_unit_test_setup_teardown(fragments_of_two_threads_may_alternate, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_has_no_beginning_is_lost_and_what_has_no_end_is_cut,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_idle_thread_is_another_on_each_cpu, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_stands_before_the_message_is_left_out, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(beginnings_are_told_before_the_message, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_fragment_that_does_not_come_ends_the_message, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(missing_bytes_are_counted_and_nothing_is_moved_over_them,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_transport_says_how_long_a_message_is, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_header_says_the_way_where_keywords_do_not, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(too_many_unfinished_messages_give_way, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_message_that_never_ends_stays_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(any_order_and_any_bytes_are_survived, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
