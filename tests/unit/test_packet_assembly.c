/* SPDX-License-Identifier: MIT */
#include "tests/unit/packet_events.h"

#include "correlate/packet_assembly.h"
#include "correlate/packet_routes.h"
#include "tests/unit/route_data.h"

#define START 1
#define END   2
#define WHOLE (START | END)

/* One fragment: 16 bytes of `fill`, on the thread and direction that are its run's. */
struct fragment {
    int64_t time;
    uint32_t thread;
    enum etw_direction direction;
    int marks;
    uint8_t fill;
};

static void feed_fragment(struct stage *stage, const struct fragment *fragment)
{
    uint8_t data[16];
    memset(data, fragment->fill, sizeof(data));
    struct etw_packet packet = {
        .capture = ETW_CAPTURE_NDIS,
        .link = ETW_LINK_ETHERNET,
        .direction = fragment->direction,
        .data = bytes_of(data, sizeof(data)),
        .is_start = fragment->marks & START,
        .is_end = fragment->marks & END,
        .interface_index = 12,
        .lower_index = 13,
    };
    feed_packet(stage, fragment->time, fragment->thread, 0, &packet);
}

/* What comes out: the first byte of each 16, in order. */
struct expected {
    const char *fills;
    int64_t time;
    bool is_incomplete;
};

struct assembly_case {
    const char *name;
    struct fragment fragments[10]; /* up to the first without marks and fill */
    struct expected expected[6];   /* up to the first without fills */
    uint64_t incomplete, without_start;
};

#define IN  ETW_DIRECTION_IN
#define OUT ETW_DIRECTION_OUT

static const struct assembly_case cases[] = {
    {"whole packets pass",
     {{1, 1, IN, WHOLE, 'a'}, {2, 1, IN, WHOLE, 'b'}},
     {{"a", 1, false}, {"b", 2, false}},
     0,
     0},
    {"three fragments are one packet, at the time of the first",
     {{1, 1, IN, START, 'a'}, {2, 1, IN, 0, 'b'}, {3, 1, IN, END, 'c'}},
     {{"abc", 1, false}},
     0,
     0},
    {"two threads interleave",
     {{1, 1, IN, START, 'a'},
      {2, 2, IN, START, 'x'},
      {3, 1, IN, 0, 'b'},
      {4, 2, IN, END, 'y'},
      {5, 1, IN, END, 'c'}},
     {{"abc", 1, false}, {"xy", 2, false}},
     0,
     0},
    {"two directions of one thread interleave",
     {{1, 1, IN, START, 'a'}, {2, 1, OUT, START, 'x'}, {3, 1, IN, END, 'b'}, {4, 1, OUT, END, 'y'}},
     {{"ab", 1, false}, {"xy", 2, false}},
     0,
     0},
    {"a whole packet of another thread waits for the earlier one",
     {{1, 1, IN, START, 'a'}, {2, 2, IN, WHOLE, 'x'}, {3, 1, IN, END, 'b'}},
     {{"ab", 1, false}, {"x", 2, false}},
     0,
     0},
    {"a new start ends the packet before it",
     {{1, 1, IN, START, 'a'}, {2, 1, IN, START, 'b'}, {3, 1, IN, END, 'c'}},
     {{"a", 1, true}, {"bc", 2, false}},
     1,
     0},
    {"a whole packet ends the packet before it",
     {{1, 1, IN, START, 'a'}, {2, 1, IN, WHOLE, 'b'}},
     {{"a", 1, true}, {"b", 2, false}},
     1,
     0},
    {"a fragment without a start is left out",
     {{1, 1, IN, END, 'a'}, {2, 1, IN, 0, 'b'}, {3, 1, IN, WHOLE, 'c'}},
     {{"c", 3, false}},
     0,
     2},
    {"an end that comes a second late is left out",
     {{0, 1, IN, START, 'a'}, {SECOND, 1, IN, END, 'b'}},
     {{"a", 0, true}},
     1,
     1},
    {"a run that goes on does not keep another one open",
     {{0, 1, IN, START, 'a'},
      {SECOND / 2, 2, IN, START, 'x'},
      {9 * SECOND / 10, 1, IN, 0, 'b'},
      {16 * SECOND / 10, 2, IN, END, 'y'},
      {17 * SECOND / 10, 1, IN, END, 'c'}},
     {{"abc", 0, false}, {"x", SECOND / 2, true}},
     1,
     1},
    {"an end that comes just in time belongs to it",
     {{0, 1, IN, START, 'a'}, {SECOND - 1, 1, IN, 0, 'b'}, {2 * SECOND - 2, 1, IN, END, 'c'}},
     {{"abc", 0, false}},
     0,
     0},
    {"the end of the trace ends what is open, in the order of the first fragments",
     {{1, 2, IN, START, 'a'}, {2, 1, IN, START, 'x'}, {3, 2, IN, 0, 'b'}},
     {{"ab", 1, true}, {"x", 2, true}},
     2,
     0},
};

static void check_packet(const struct seen *seen, const struct expected *expected, uint64_t frame)
{
    size_t count = strlen(expected->fills);
    assert_int_equal(seen->packet.frame, frame);
    assert_int_equal(seen->packet.time, expected->time);
    assert_int_equal(seen->packet.is_incomplete, expected->is_incomplete);
    assert_int_equal(seen->packet.captured, 16 * count);
    assert_int_equal(seen->packet.interface_index, 12);
    assert_int_equal(seen->packet.appearances, 1);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(seen->data[16 * i], expected->fills[i]);
        assert_int_equal(seen->data[16 * i + 15], expected->fills[i]);
    }
}

static void fragments_become_the_packets_they_were(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct assembly_case *row = &cases[i];
        struct stage stage;
        open_stage(&stage, false);
        for (size_t j = 0; row->fragments[j].fill; j++) {
            feed_fragment(&stage, &row->fragments[j]);
        }
        finish_stage(&stage);
        size_t count = 0;
        for (; row->expected[count].fills; count++) {
            assert_true(count < stage.seen_count);
            check_packet(&stage.seen[count], &row->expected[count], count + 1);
        }
        assert_int_equal(stage.seen_count, count);
        assert_int_equal(found(&stage, FINDING_PACKET_INCOMPLETE), row->incomplete);
        assert_int_equal(found(&stage, FINDING_FRAGMENT_WITHOUT_START), row->without_start);
        close_stage(&stage);
    }
}

static void feed_large(struct stage *stage, int64_t time, int marks, size_t size)
{
    static const uint8_t data[60000] = {0};
    struct etw_packet packet = {
        .capture = ETW_CAPTURE_NDIS,
        .link = ETW_LINK_ETHERNET,
        .data = bytes_of(data, size),
        .is_start = marks & START,
        .is_end = marks & END,
    };
    feed_packet(stage, time, 1, 0, &packet);
}

static void a_packet_longer_than_65535_bytes_is_whole(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage, false);
    feed_large(&stage, 1, START, 60000);
    feed_large(&stage, 2, 0, 60000);
    feed_large(&stage, 3, END, 1234);
    assert_int_equal(stage.seen_count, 1);
    assert_int_equal(stage.seen[0].packet.captured, 121234);
    assert_false(stage.seen[0].packet.is_incomplete);
    close_stage(&stage);
}

static void a_packet_without_end_is_cut_at_the_maximum_and_said(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage, false);
    feed_large(&stage, 1, START, 60000);
    for (int i = 0; i < 10; i++) {
        feed_large(&stage, 2, 0, 60000);
    }
    feed_large(&stage, 3, END, 60000);
    assert_int_equal(stage.seen_count, 1);
    assert_int_equal(stage.seen[0].packet.captured, CORR_PACKET_MAXIMUM);
    assert_int_equal(stage.seen[0].packet.original, 12 * 60000);
    assert_int_equal(found(&stage, FINDING_PACKET_TOO_LONG), 1);
    assert_int_equal(stage.findings.kinds[FINDING_PACKET_TOO_LONG].bytes,
                     12 * 60000 - CORR_PACKET_MAXIMUM);
    assert_int_equal(found(&stage, FINDING_PACKET_INCOMPLETE), 0);
    close_stage(&stage);
}

static void of_too_many_open_packets_the_oldest_is_given_up(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage, false);
    for (uint32_t i = 0; i < CORR_RUNS_MAXIMUM + 3; i++) {
        struct fragment fragment = {i, i, IN, START, 'a'};
        feed_fragment(&stage, &fragment);
    }
    assert_int_equal(stage.seen_count, 3);
    assert_int_equal(found(&stage, FINDING_PACKET_INCOMPLETE), 3);
    struct fragment late = {CORR_RUNS_MAXIMUM + 3, 3, IN, END, 'b'};
    feed_fragment(&stage, &late);
    assert_int_equal(stage.seen_count, 4);
    assert_int_equal(stage.seen[3].packet.captured, 32);
    finish_stage(&stage);
    assert_int_equal(stage.seen_count, CORR_RUNS_MAXIMUM + 3);
    close_stage(&stage);
}

static void the_original_length_is_what_the_ip_header_states(void **state)
{
    (void)state;
    /* Ethernet and IPv4 with a total length of 1000; then its first byte after
     * `link` bytes. Padding, ARP and a length of 0 enlarge nothing. */
    static const struct {
        enum etw_link link;
        uint16_t ether_type, total;
        uint32_t captured, original;
    } rows[] = {
        {ETW_LINK_ETHERNET, 0x0800, 1000, 60, 1014}, {ETW_LINK_ETHERNET, 0x0800, 30, 60, 60},
        {ETW_LINK_ETHERNET, 0x0800, 0, 60, 60},      {ETW_LINK_ETHERNET, 0x0806, 1000, 60, 60},
        {ETW_LINK_RAW_IP, 0x0800, 1000, 60, 1000},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t data[60] = {0};
        size_t at = 0;
        if (rows[i].link == ETW_LINK_ETHERNET) {
            data[12] = (uint8_t)(rows[i].ether_type >> 8);
            data[13] = (uint8_t)rows[i].ether_type;
            at = 14;
        }
        data[at] = 0x45;
        data[at + 2] = (uint8_t)(rows[i].total >> 8);
        data[at + 3] = (uint8_t)rows[i].total;
        struct etw_packet packet = {
            .capture = ETW_CAPTURE_NDIS,
            .link = rows[i].link,
            .data = bytes_of(data, rows[i].captured),
            .is_start = true,
            .is_end = true,
        };
        struct stage stage;
        open_stage(&stage, false);
        feed_packet(&stage, 1, 1, 0, &packet);
        assert_int_equal(stage.seen_count, 1);
        assert_int_equal(stage.seen[0].packet.original, rows[i].original);
        close_stage(&stage);
    }
}

/* Of two ports of a switch in turn, on one thread. */
static void ports_of_a_switch_keep_their_fragments(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage, false);
    struct payload routes[2] = {switch_route(1), switch_route(1)};
    routes[1].data[0] = 4; /* from another port */
    for (unsigned pass = 0; pass < 2; pass++) {
        for (unsigned i = 0; i < 4; i++) {
            uint8_t data[16];
            memset(data, 'a' + (int)(i % 2), sizeof(data));
            struct etw_packet packet = routed_packet(ETW_ROUTE_SWITCH, &routes[i % 2]);
            packet.data = bytes_of(data, sizeof(data));
            packet.is_start = i < 2;
            packet.is_end = i >= 2;
            if (pass == 0) {
                struct etw_event event = {.kind = ETW_EVENT_PACKET, .u.packet = packet};
                assert_int_equal(corr_adapters_learn(stage.adapters, &event, NULL), ETW_OK);
            } else {
                feed_packet(&stage, 1 + i, 7, 0, &packet);
            }
        }
    }
    finish_stage(&stage);
    assert_int_equal(stage.seen_count, 2);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(stage.seen[i].packet.captured, 32);
        assert_int_equal(stage.seen[i].data[0], 'a' + i);
        assert_int_equal(stage.seen[i].data[31], 'a' + i);
        assert_int_equal(stage.seen[i].packet.route->from.id, 3 + i);
    }
    close_stage(&stage);
}

static void what_the_sink_answers_is_returned(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage, false);
    stage.answer = ETW_ERR_CLOSED;
    struct etw_event event = {
        .kind = ETW_EVENT_PACKET,
        .u.packet = {.capture = ETW_CAPTURE_NDIS, .is_start = true, .is_end = true},
    };
    assert_int_equal(feed_event(&stage, 1, 1, 0, &event), ETW_ERR_CLOSED);
    close_stage(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fragments_become_the_packets_they_were),
        cmocka_unit_test(a_packet_longer_than_65535_bytes_is_whole),
        cmocka_unit_test(a_packet_without_end_is_cut_at_the_maximum_and_said),
        cmocka_unit_test(of_too_many_open_packets_the_oldest_is_given_up),
        cmocka_unit_test(the_original_length_is_what_the_ip_header_states),
        cmocka_unit_test(ports_of_a_switch_keep_their_fragments),
        cmocka_unit_test(what_the_sink_answers_is_returned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
