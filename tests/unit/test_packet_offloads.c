/* SPDX-License-Identifier: MIT */
#include "correlate/packet_offloads.h"
#include "tests/unit/packet_looks.h"

/* A stage whose trace has records beside packets. */
static void open_offload_stage(struct stage *stage, bool all_appearances)
{
    struct etw_event event = {.kind = ETW_EVENT_PACKET_OFFLOAD};
    open_stage(stage, all_appearances);
    assert_int_equal(corr_adapters_learn(stage->adapters, &event, NULL), ETW_OK);
    reopen_packets(stage, all_appearances);
}

struct beside {
    int64_t time;
    uint64_t group;
    uint16_t component, count, appearance, vlan;
};

static void feed_beside(struct stage *stage, const struct beside *beside)
{
    struct etw_event event = {.kind = ETW_EVENT_PACKET_OFFLOAD};
    event.u.packet = (struct etw_packet){
        .capture = ETW_CAPTURE_PKTMON,
        .group = beside->group,
        .count = beside->count,
        .appearance = beside->appearance,
        .component = beside->component,
        .edge = 1,
        .offload = {.has_vlan = true, .vlan = beside->vlan},
    };
    assert_int_equal(feed_event(stage, beside->time, 1, 0, &event), ETW_OK);
}

/* A received frame; its group tells its bytes apart. */
static void feed_number(struct stage *stage, int64_t time, uint16_t component, uint64_t group,
                        uint16_t number)
{
    uint8_t frame[300];
    size_t size = make_frame(ETH, (uint8_t)(group * 16 + number), frame);
    struct etw_packet packet = {.capture = ETW_CAPTURE_PKTMON,
                                .link = ETH,
                                .direction = IN,
                                .data = bytes_of(frame, size),
                                .original_size = (uint32_t)size,
                                .is_start = true,
                                .is_end = true,
                                .group = group,
                                .number = number,
                                .appearance = 1,
                                .direction_tag = 3,
                                .component = component,
                                .edge = 1};
    feed_packet(stage, time, 1, 0, &packet);
}

static uint16_t vlan_of(const struct stage *stage, size_t number)
{
    assert_true(number < stage->seen_count);
    const struct etw_offload *offload = &stage->seen[number].packet.offload;
    assert_int_equal(offload->has_vlan, offload->vlan != 0);
    return offload->vlan;
}

static void a_record_joins_its_sighting_before_and_after_it(void **state)
{
    (void)state;
    struct stage stage;
    open_offload_stage(&stage, false);
    feed_number(&stage, 1, 1, 5, 1);
    feed_beside(&stage, &(struct beside){2, 5, 1, 1, 1, 50});
    feed_beside(&stage, &(struct beside){3, 6, 1, 1, 1, 60});
    feed_number(&stage, 4, 1, 6, 1);
    feed_number(&stage, 5, 1, 7, 1);
    finish_stage(&stage);
    assert_int_equal(stage.seen_count, 3);
    assert_int_equal(vlan_of(&stage, 0), 50);
    assert_int_equal(vlan_of(&stage, 1), 60);
    assert_int_equal(vlan_of(&stage, 2), 0);
    assert_int_equal(found(&stage, FINDING_OFFLOAD_WITHOUT_PACKET), 0);
    close_stage(&stage);
}

static void every_part_of_the_place_counts(void **state)
{
    (void)state;
    static const struct beside others[] = {{2, 6, 1, 1, 1, 1},  /* group */
                                           {2, 5, 2, 1, 1, 2},  /* component */
                                           {2, 5, 1, 0, 1, 3},  /* number */
                                           {2, 5, 1, 1, 2, 4}}; /* appearance */
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        struct stage stage;
        open_offload_stage(&stage, false);
        feed_number(&stage, 1, 1, 5, 1);
        feed_beside(&stage, &others[i]);
        finish_stage(&stage);
        assert_int_equal(vlan_of(&stage, 0), 0);
        assert_int_equal(found(&stage, FINDING_OFFLOAD_WITHOUT_PACKET), 1);
        close_stage(&stage);
    }
}

static void a_record_counts_for_all_up_to_its_number_and_most_for_that(void **state)
{
    (void)state;
    struct stage stage;
    open_offload_stage(&stage, false);
    feed_beside(&stage, &(struct beside){1, 5, 1, 3, 1, 30});
    feed_beside(&stage, &(struct beside){1, 5, 1, 2, 1, 20});
    for (uint16_t number = 1; number <= 4; number++) {
        feed_number(&stage, 2 + number, 1, 5, number);
    }
    finish_stage(&stage);
    assert_int_equal(vlan_of(&stage, 0), 30); /* of records about both the first */
    assert_int_equal(vlan_of(&stage, 1), 20);
    assert_int_equal(vlan_of(&stage, 2), 30);
    assert_int_equal(vlan_of(&stage, 3), 0);
    close_stage(&stage);
}

static void a_packet_has_what_the_written_sighting_has_else_another_ones(void **state)
{
    (void)state;
    static const struct look looks[] = {{1, 1, IN, ETH, 'a', 0, 5, false},
                                        {2, 2, IN, ETH, 'a', 0, 5, false}};
    static const struct beside of_first = {3, 5, 1, 1, 1, 10}, of_second = {3, 5, 2, 1, 1, 20};
    for (int has_first = 0; has_first < 2; has_first++) {
        struct stage stage;
        open_offload_stage(&stage, false);
        feed_look(&stage, &looks[0]);
        feed_look(&stage, &looks[1]);
        feed_beside(&stage, &of_second);
        if (has_first) {
            feed_beside(&stage, &of_first);
        }
        finish_stage(&stage);
        assert_int_equal(stage.seen_count, 1);
        assert_int_equal(stage.seen[0].packet.component, 1);
        assert_int_equal(vlan_of(&stage, 0), has_first ? 10 : 20);
        close_stage(&stage);
    }
}

static void with_all_appearances_each_has_its_own(void **state)
{
    (void)state;
    struct stage stage;
    open_offload_stage(&stage, true);
    feed_look(&stage, &(struct look){1, 1, IN, ETH, 'a', 0, 5, false});
    feed_look(&stage, &(struct look){2, 2, IN, ETH, 'a', 0, 5, false});
    feed_beside(&stage, &(struct beside){3, 5, 2, 1, 1, 20});
    finish_stage(&stage);
    assert_int_equal(stage.seen_count, 2);
    assert_int_equal(vlan_of(&stage, 0), 0);
    assert_int_equal(vlan_of(&stage, 1), 20);
    close_stage(&stage);
}

static void what_waits_too_long_is_counted_and_forgotten(void **state)
{
    (void)state;
    struct stage stage;
    open_offload_stage(&stage, false);
    feed_beside(&stage, &(struct beside){0, 5, 1, 1, 1, 50});
    feed_beside(&stage, &(struct beside){1, 6, 1, 1, 1, 60});
    feed_time(&stage, 100 * MS);
    assert_int_equal(found(&stage, FINDING_OFFLOAD_WITHOUT_PACKET), 1);
    feed_number(&stage, 100 * MS, 1, 5, 1);
    feed_number(&stage, 100 * MS, 1, 6, 1);
    finish_stage(&stage);
    assert_int_equal(vlan_of(&stage, 0), 0);
    assert_int_equal(vlan_of(&stage, 1), 60);
    assert_int_equal(found(&stage, FINDING_OFFLOAD_WITHOUT_PACKET), 1);
    close_stage(&stage);
}

static void a_cut_record_says_nothing(void **state)
{
    (void)state;
    struct stage stage;
    struct etw_event event = {.kind = ETW_EVENT_PACKET_OFFLOAD, .is_incomplete = true};
    open_offload_stage(&stage, false);
    event.u.packet = (struct etw_packet){.offload = {.has_vlan = true, .vlan = 7}, .edge = 1};
    assert_int_equal(feed_event(&stage, 1, 1, 0, &event), ETW_OK);
    feed_number(&stage, 2, 0, 0, 0);
    finish_stage(&stage);
    assert_int_equal(vlan_of(&stage, 0), 0);
    close_stage(&stage);
}

/* Each of them would be compared with all before it. */
static void a_flood_at_one_place_costs_no_more_than_elsewhere(void **state)
{
    (void)state;
    struct stage stage;
    const size_t floods = CORR_OFFLOADS_MAXIMUM + 1000;
    open_offload_stage(&stage, false);
    for (size_t i = 0; i < floods; i++) {
        feed_beside(&stage, &(struct beside){1, 5, 1, 1, 1, 50});
    }
    assert_int_equal(found(&stage, FINDING_OFFLOAD_WITHOUT_PACKET), 1000);
    feed_number(&stage, 2, 1, 5, 1);
    finish_stage(&stage);
    assert_int_equal(vlan_of(&stage, 0), 50);
    assert_true(found(&stage, FINDING_OFFLOAD_WITHOUT_PACKET) < floods);
    close_stage(&stage);
}

/* Sightings and records of few groups, in any order: nothing breaks, and every record is
 * either taken or counted. */
static void any_order_is_survived(void **state)
{
    (void)state;
    uint32_t random = 7;
    struct stage stage;
    open_offload_stage(&stage, true);
    int64_t time = 0;
    for (int i = 0; i < 20000; i++) {
        random = random * 1664525u + 1013904223u;
        uint64_t group = random >> 28 & 7;
        uint16_t component = random >> 20 & 3;
        uint16_t number = random >> 16 & 3;
        time += random >> 8 & 0xFFF;
        if (random >> 31) {
            feed_number(&stage, time, component, group, number);
        } else {
            feed_beside(&stage, &(struct beside){time, group, component, number, 1, 9});
        }
    }
    finish_stage(&stage);
    size_t joined = 0;
    for (size_t i = 0; i < stage.seen_count; i++) {
        joined += vlan_of(&stage, i) == 9;
    }
    assert_true(joined > 100);
    close_stage(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_joins_its_sighting_before_and_after_it),
        cmocka_unit_test(every_part_of_the_place_counts),
        cmocka_unit_test(a_record_counts_for_all_up_to_its_number_and_most_for_that),
        cmocka_unit_test(a_packet_has_what_the_written_sighting_has_else_another_ones),
        cmocka_unit_test(with_all_appearances_each_has_its_own),
        cmocka_unit_test(what_waits_too_long_is_counted_and_forgotten),
        cmocka_unit_test(a_cut_record_says_nothing),
        cmocka_unit_test(a_flood_at_one_place_costs_no_more_than_elsewhere),
        cmocka_unit_test(any_order_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
