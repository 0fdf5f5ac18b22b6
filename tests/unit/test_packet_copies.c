/* SPDX-License-Identifier: MIT */
#include "tests/unit/packet_looks.h"

struct expected {
    uint32_t appearances; /* 0: the end of the list */
    int64_t time;
    uint16_t component; /* of the copy that is written */
    bool is_dropped;
};

struct copies_case {
    const char *name;
    struct look looks[9]; /* up to the first without a component */
    struct expected expected[7];
};

/* clang-format off */
static const struct copies_case cases[] = {
    {"equal group and number at different points are one packet",
     {{1, 1, IN, ETH, 'a', 0, 5, false}, {2, 2, IN, ETH, 'a', 0, 5, false},
      {3, 3, IN, ETH, 'a', 0, 5, false}},
     {{3, 1, 1, false}}},
    {"equal bytes with different groups are two packets",
     {{1, 1, IN, ETH, 'a', 0, 5, false}, {2, 2, IN, ETH, 'a', 0, 6, false}},
     {{1, 1, 1, false}, {1, 2, 2, false}}},
    {"one group twice at one point is two packets",
     {{1, 1, IN, ETH, 'a', 0, 5, false}, {2, 1, IN, ETH, 'b', 0, 5, false},
      {3, 2, IN, ETH, 'a', 0, 5, false}, {4, 2, IN, ETH, 'b', 0, 5, false}},
     {{2, 1, 1, false}, {2, 2, 1, false}}},
    {"a group stays open for its window",
     {{0, 1, IN, ETH, 'a', 0, 5, false}, {99 * MS, 2, IN, ETH, 'a', 0, 5, false},
      {198 * MS, 3, IN, ETH, 'a', 0, 5, false}},
     {{3, 0, 1, false}}},
    {"and not longer",
     {{0, 1, IN, ETH, 'a', 0, 5, false}, {100 * MS, 2, IN, ETH, 'a', 0, 5, false}},
     {{1, 0, 1, false}, {1, 100 * MS, 2, false}}},
    {"equal bytes at different points are one packet",
     {{1, 1, IN, ETH, 'a', 0, 0, false}, {2, 2, IN, ETH, 'a', 0, 0, false}},
     {{2, 1, 1, false}}},
    {"different bytes are two packets",
     {{1, 1, IN, ETH, 'a', 0, 0, false}, {2, 2, IN, ETH, 'b', 0, 0, false}},
     {{1, 1, 1, false}, {1, 2, 2, false}}},
    {"equal bytes at one point are two packets",
     {{1, 1, IN, ETH, 'a', 0, 0, false}, {2, 1, IN, ETH, 'a', 0, 0, false}},
     {{1, 1, 1, false}, {1, 2, 1, false}}},
    {"the k-th at one point is the k-th at the next",
     {{1, 1, IN, ETH, 'a', 0, 0, false}, {2, 1, IN, ETH, 'a', 0, 0, false},
      {3, 1, IN, ETH, 'a', 0, 0, false}, {4, 2, IN, ETH, 'a', 0, 0, false},
      {5, 2, IN, ETH, 'a', 0, 0, false}, {6, 3, IN, ETH, 'a', 0, 0, false}},
     {{3, 1, 1, false}, {2, 2, 1, false}, {1, 3, 1, false}}},
    {"equal bytes in and out are two packets",
     {{1, 1, IN, ETH, 'a', 0, 0, false}, {2, 2, OUT, ETH, 'a', 0, 0, false}},
     {{1, 1, 1, false}, {1, 2, 2, false}}},
    {"a millisecond apart they are two packets",
     {{0, 1, IN, ETH, 'a', 0, 0, false}, {1 * MS, 2, IN, ETH, 'a', 0, 0, false}},
     {{1, 0, 1, false}, {1, 1 * MS, 2, false}}},
    {"less than a millisecond from the last sighting they are one",
     {{0, 1, IN, ETH, 'a', 0, 0, false}, {1 * MS - 1, 2, IN, ETH, 'a', 0, 0, false},
      {2 * MS - 2, 3, IN, ETH, 'a', 0, 0, false}},
     {{3, 0, 1, false}}},
    {"the link header does not count",
     {{1, 1, IN, WIFI, 'a', 0, 0, false}, {2, 2, IN, RAW, 'a', 0, 0, false},
      {3, 3, IN, ETH, 'a', 0, 0, false}, {4, 4, IN, ETH, 'a', 0, 0, false}},
     {{4, 3, 3, false}}},
    {"of cut copies the shorter length counts, and the fewest missing bytes are written",
     {{1, 1, IN, ETH, 'a', 100, 0, false}, {2, 2, IN, ETH, 'a', 150, 0, false},
      {3, 3, IN, WIFI, 'a', 128, 0, false}, {4, 4, IN, RAW, 'a', 0, 0, false}},
     {{4, 2, 2, false}}},
    {"raw IP is written rather than 802.11",
     {{1, 1, IN, WIFI, 'a', 0, 5, false}, {2, 2, IN, RAW, 'a', 60, 5, false}},
     {{2, 2, 2, false}}},
    {"of a sent packet the last copy is written",
     {{1, 1, OUT, ETH, 'a', 0, 0, false}, {2, 2, OUT, ETH, 'a', 0, 0, false},
      {3, 3, OUT, WIFI, 'a', 0, 0, false}},
     {{3, 2, 2, false}}},
    {"a drop at any point marks the packet",
     {{1, 1, OUT, ETH, 'a', 0, 0, false}, {2, 2, OUT, WIFI, 'a', 0, 0, true}},
     {{2, 1, 1, true}}},
    {"a drop at a point that saw the packet is that packet's",
     {{1, 1, IN, ETH, 'a', 0, 0, false}, {2, 1, IN, ETH, 'a', 0, 0, true}},
     {{2, 1, 1, true}}},
    {"two drops at one point are two packets",
     {{1, 1, IN, ETH, 'a', 0, 0, true}, {2, 1, IN, ETH, 'a', 0, 0, true}},
     {{1, 1, 1, true}, {1, 2, 1, true}}},
    {"order is that of the copies which are written",
     {{1, 1, OUT, ETH, 'a', 0, 5, false}, {2, 1, OUT, ETH, 'b', 0, 6, false},
      {3, 2, OUT, ETH, 'b', 0, 6, false}, {4, 2, OUT, ETH, 'a', 0, 5, false}},
     {{2, 3, 2, false}, {2, 4, 2, false}}},
    {"the newest of equal packets may be the first to close",
     {{0, 1, IN, ETH, 'a', 0, 0, false}, {100 * US, 1, IN, ETH, 'a', 0, 0, false},
      {900 * US, 2, IN, ETH, 'a', 0, 0, false}, {1200 * US, 1, IN, ETH, 'a', 0, 0, false},
      {1300 * US, 2, IN, ETH, 'a', 0, 0, false}},
     {{2, 0, 1, false}, {1, 100 * US, 1, false}, {2, 1200 * US, 1, false}}},
    {"a few bytes are never recognised",
     {{1, 1, IN, ETH, 'a', 10, 0, false}, {2, 2, IN, ETH, 'a', 10, 0, false}},
     {{1, 1, 1, false}, {1, 2, 2, false}}},
};
/* clang-format on */

static void sightings_become_the_packets_they_were_of(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct copies_case *row = &cases[i];
        struct stage stage;
        open_stage(&stage, false);
        for (size_t j = 0; row->looks[j].component; j++) {
            feed_look(&stage, &row->looks[j]);
        }
        finish_stage(&stage);
        size_t count = 0;
        for (; row->expected[count].appearances; count++) {
            if (count >= stage.seen_count) {
                fail_msg("%s", row->name);
            }
            const struct corr_packet *packet = &stage.seen[count].packet;
            const struct expected *expected = &row->expected[count];
            if (packet->appearances != expected->appearances) {
                fail_msg("%s", row->name);
            }
            assert_int_equal(packet->frame, count + 1);
            assert_int_equal(packet->time, expected->time);
            assert_int_equal(packet->component, expected->component);
            assert_int_equal(packet->drop.is_dropped, expected->is_dropped);
        }
        assert_int_equal(stage.seen_count, count);
        close_stage(&stage);
    }
}

static void a_drop_keeps_reason_location_and_component(void **state)
{
    (void)state;
    static const struct look looks[] = {{1, 1, OUT, ETH, 'a', 0, 0, false},
                                        {2, 2, OUT, WIFI, 'a', 0, 0, true}};
    struct stage stage;
    open_stage(&stage, false);
    feed_look(&stage, &looks[0]);
    feed_look(&stage, &looks[1]);
    finish_stage(&stage);
    const struct corr_drop *drop = &stage.seen[0].packet.drop;
    assert_int_equal(drop->reason, 7);
    assert_int_equal(drop->location, 8);
    assert_int_equal(drop->component, 2);
    close_stage(&stage);
}

/* A stage whose index pass saw a sighting that was cut to `size` bytes. */
static void open_stage_after_cut(struct stage *stage, size_t size)
{
    static const uint8_t data[200] = {0};
    struct etw_error error;
    struct etw_event event = {.kind = ETW_EVENT_PACKET,
                              .u.packet = {.capture = ETW_CAPTURE_PKTMON,
                                           .data = bytes_of(data, size),
                                           .original_size = sizeof(data)}};
    open_stage(stage, false);
    assert_int_equal(corr_adapters_learn(stage->adapters, &event, &error), ETW_OK);
    reopen_packets(stage, false);
}

/* One copy of a datagram of 40 bytes, padded or cut to `captured` bytes of frame. */
struct short_copy {
    enum etw_link link;
    size_t captured, original;
};

static void feed_short_copy(struct stage *stage, const struct short_copy *copy, uint16_t component)
{
    static const uint8_t ip[40] = {
        0x45,        [3] = 40, [8] = 64, [9] = 6,  [12] = 192,  [16] = 192,
        [20] = 0xC3, [22] = 1, [24] = 2, [28] = 3, [32] = 0x50, [38] = 4};
    uint8_t frame[300];
    size_t size = make_frame(copy->link, 0, frame);
    memset(frame + size - PACKET_SIZE, 0xEE, PACKET_SIZE); /* padding that is not zero */
    memcpy(frame + size - PACKET_SIZE, ip, sizeof(ip));
    struct etw_packet packet = {
        .capture = ETW_CAPTURE_PKTMON,
        .link = copy->link,
        .direction = IN,
        .data = bytes_of(frame, copy->captured),
        .original_size = (uint32_t)copy->original,
        .component = component,
    };
    feed_packet(stage, 1, 1, 0, &packet);
}

static void padding_and_short_cuts_do_not_hide_a_copy(void **state)
{
    (void)state;
    static const struct {
        size_t shortest_cut; /* that the index pass saw */
        struct short_copy copies[3];
    } rows[] = {
        {64, {{ETH, 60, 60}, {WIFI, 74, 74}, {RAW, 40, 40}}},
        {40, {{ETH, 40, 60}, {WIFI, 54, 74}, {RAW, 40, 40}}},
        {100, {{ETH, 60, 60}, {WIFI, 74, 74}, {RAW, 40, 40}}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct stage stage;
        open_stage_after_cut(&stage, rows[i].shortest_cut);
        for (uint16_t j = 0; j < 3; j++) {
            feed_short_copy(&stage, &rows[i].copies[j], (uint16_t)(j + 1));
        }
        finish_stage(&stage);
        assert_int_equal(stage.seen_count, 1);
        assert_int_equal(stage.seen[0].packet.appearances, 3);
        close_stage(&stage);
    }
}

static void a_cut_copy_does_not_join_packets_that_differ_behind_the_cut(void **state)
{
    (void)state;
    static const struct {
        uint16_t captured;
        uint8_t last;
    } copies[] = {{100, 0}, {214, 1}, {214, 2}};
    struct stage stage;
    open_stage(&stage, false);
    for (size_t i = 0; i < COUNT_OF(copies); i++) {
        uint8_t frame[300];
        size_t size = make_frame(ETH, 'a', frame);
        frame[size - 1] = copies[i].last;
        struct etw_packet packet = {
            .capture = ETW_CAPTURE_PKTMON,
            .link = ETH,
            .data = bytes_of(frame, copies[i].captured),
            .original_size = (uint32_t)size,
            .component = (uint16_t)(i + 1),
        };
        feed_packet(&stage, 1, 1, 0, &packet);
    }
    finish_stage(&stage);
    assert_int_equal(stage.seen_count, 2);
    assert_int_equal(stage.seen[0].packet.appearances, 2);
    assert_int_equal(stage.seen[1].packet.appearances, 1);
    close_stage(&stage);
}

static void learn_miniport(struct corr_adapters *adapters, uint16_t component, uint32_t index)
{
    struct etw_error error;
    struct etw_event event = {
        .kind = ETW_EVENT_COMPONENT_FACT,
        .u.fact = {.component = component, .kind = ETW_FACT_MINIPORT_INDEX, .number = index},
    };
    assert_int_equal(corr_adapters_learn(adapters, &event, &error), ETW_OK);
}

static void the_interface_is_that_of_the_copy_else_of_the_first_that_has_one(void **state)
{
    (void)state;
    static const struct look looks[] = {
        {1, 1, IN, ETH, 'a', 0, 5, false},  {2, 2, IN, WIFI, 'a', 0, 5, false},
        {3, 3, IN, WIFI, 'a', 0, 5, false}, {4, 3, IN, ETH, 'b', 0, 6, false},
        {5, 9, IN, ETH, 'c', 0, 7, false},
    };
    static const uint32_t expected[] = {22, 33, CORR_NO_INTERFACE};
    struct stage stage;
    open_stage(&stage, false);
    learn_miniport(stage.adapters, 2, 22);
    learn_miniport(stage.adapters, 3, 33);
    for (size_t i = 0; i < COUNT_OF(looks); i++) {
        feed_look(&stage, &looks[i]);
    }
    finish_stage(&stage);
    assert_int_equal(stage.seen_count, COUNT_OF(expected));
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_int_equal(stage.seen[i].packet.interface_index, expected[i]);
    }
    close_stage(&stage);
}

static void with_all_appearances_every_sighting_carries_the_number_of_its_packet(void **state)
{
    (void)state;
    static const struct look looks[] = {
        {1, 1, OUT, ETH, 'a', 0, 5, false},
        {2, 1, OUT, ETH, 'b', 0, 6, false},
        {3, 2, OUT, ETH, 'b', 0, 6, false},
        {4, 2, OUT, ETH, 'a', 0, 5, true},
    };
    static const uint64_t frames[] = {2, 1, 1, 2};
    struct stage stage;
    open_stage(&stage, true);
    for (size_t i = 0; i < COUNT_OF(looks); i++) {
        feed_look(&stage, &looks[i]);
    }
    finish_stage(&stage);
    assert_int_equal(stage.seen_count, COUNT_OF(looks));
    for (size_t i = 0; i < COUNT_OF(looks); i++) {
        assert_int_equal(stage.seen[i].packet.time, looks[i].time);
        assert_int_equal(stage.seen[i].packet.frame, frames[i]);
        assert_int_equal(stage.seen[i].packet.appearances, 2);
        assert_int_equal(stage.seen[i].packet.drop.is_dropped, looks[i].is_dropped);
    }
    close_stage(&stage);
}

static void other_events_move_time_on(void **state)
{
    (void)state;
    static const struct look look = {1, 1, IN, ETH, 'a', 0, 0, false};
    struct stage stage;
    open_stage(&stage, false);
    feed_look(&stage, &look);
    assert_int_equal(stage.seen_count, 0);
    feed_time(&stage, 1 * MS);
    assert_int_equal(stage.seen_count, 0);
    feed_time(&stage, 1 * MS + 1);
    assert_int_equal(stage.seen_count, 1);
    close_stage(&stage);
}

static void packets_of_both_captures_share_numbers_and_order(void **state)
{
    (void)state;
    static const struct look looks[] = {{10, 1, OUT, ETH, 'a', 0, 5, false},
                                        {30, 2, OUT, ETH, 'a', 0, 5, false}};
    static const uint8_t frame[60] = {0};
    struct etw_packet ndis = {
        .link = ETH, .data = bytes_of(frame, 60), .is_start = true, .is_end = true};
    struct stage stage;
    open_stage(&stage, false);
    feed_packet(&stage, 5, 1, 0, &ndis);
    assert_int_equal(stage.seen_count, 1);
    feed_look(&stage, &looks[0]);
    feed_packet(&stage, 20, 1, 0, &ndis);
    feed_look(&stage, &looks[1]);
    feed_packet(&stage, 40, 1, 0, &ndis);
    finish_stage(&stage);
    static const int64_t times[] = {5, 20, 30, 40};
    assert_int_equal(stage.seen_count, COUNT_OF(times));
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        assert_int_equal(stage.seen[i].packet.time, times[i]);
        assert_int_equal(stage.seen[i].packet.frame, i + 1);
    }
    close_stage(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sightings_become_the_packets_they_were_of),
        cmocka_unit_test(a_drop_keeps_reason_location_and_component),
        cmocka_unit_test(padding_and_short_cuts_do_not_hide_a_copy),
        cmocka_unit_test(a_cut_copy_does_not_join_packets_that_differ_behind_the_cut),
        cmocka_unit_test(the_interface_is_that_of_the_copy_else_of_the_first_that_has_one),
        cmocka_unit_test(with_all_appearances_every_sighting_carries_the_number_of_its_packet),
        cmocka_unit_test(other_events_move_time_on),
        cmocka_unit_test(packets_of_both_captures_share_numbers_and_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
