/* SPDX-License-Identifier: MIT */
/* The stage as a whole: whatever comes, what leaves is in order and accounted for. */
#include "tests/unit/packet_events.h"

#include "tests/support/random.h"

struct fed {
    uint64_t sightings; /* of the packet monitor */
    uint64_t fragments; /* of the NDIS capture, whole packets included */
    uint64_t first_fragments;
};

/* Any bytes, any marks, few keys, so that everything meets everything. */
static struct etw_packet random_packet(uint64_t *seed, const uint8_t *data, size_t size)
{
    return (struct etw_packet){
        .capture = random_below(seed, 3) ? ETW_CAPTURE_PKTMON : ETW_CAPTURE_NDIS,
        .link = (enum etw_link)random_below(seed, 4),
        .direction = (enum etw_direction)random_below(seed, 3),
        .data = bytes_of(data + random_below(seed, 4), random_below(seed, size - 4)),
        .original_size = (uint32_t)random_below(seed, 2 * size),
        .is_start = random_below(seed, 2) == 0,
        .is_end = random_below(seed, 2) == 0,
        .is_dropped = random_below(seed, 8) == 0,
        .interface_index = (uint32_t)random_below(seed, 2),
        .group = random_below(seed, 4),
        .number = (uint16_t)random_below(seed, 2),
        .appearance = (uint16_t)random_below(seed, 2),
        .direction_tag = (uint16_t)random_below(seed, 2),
        .component = (uint16_t)random_below(seed, 6),
        .edge = (uint16_t)random_below(seed, 2),
    };
}

/* Mostly microseconds, now and then longer than any window. */
static int64_t random_pause(uint64_t *seed)
{
    static const size_t limits[] = {1, 20, 3000, 20000, 3000000, 30000000};
    size_t choice = random_below(seed, 60);
    return (int64_t)random_below(seed, limits[choice < 6 ? choice : 1]);
}

static struct fed feed_anything(struct stage *stage, uint64_t *seed, size_t events)
{
    static uint8_t data[600];
    struct fed fed = {0};
    int64_t time = 0;
    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] = i < 64 ? (uint8_t)random_next(seed) : 0;
    }
    for (size_t i = 0; i < events; i++) {
        time += random_pause(seed);
        if (random_below(seed, 10) == 0) {
            feed_time(stage, time);
            continue;
        }
        struct etw_packet packet = random_packet(seed, data, sizeof(data));
        bool is_pktmon = packet.capture == ETW_CAPTURE_PKTMON;
        fed.sightings += is_pktmon;
        fed.fragments += !is_pktmon;
        fed.first_fragments += !is_pktmon && packet.is_start;
        feed_packet(stage, time, (uint32_t)random_below(seed, 2), 0, &packet);
    }
    finish_stage(stage);
    return fed;
}

static void whatever_comes_packets_leave_in_order_and_none_is_lost(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int round = 0; round < 100; round++) {
        struct stage stage;
        open_stage(&stage, false);
        struct fed fed = feed_anything(&stage, &seed, 500);
        uint64_t sightings = 0;
        uint64_t ndis = 0;
        for (size_t i = 0; i < stage.seen_count; i++) {
            const struct corr_packet *packet = &stage.seen[i].packet;
            assert_int_equal(packet->frame, i + 1);
            assert_true(i == 0 || packet->time >= stage.seen[i - 1].packet.time);
            assert_true(packet->original >= packet->captured);
            bool is_pktmon = packet->capture == ETW_CAPTURE_PKTMON;
            sightings += is_pktmon ? packet->appearances : 0;
            ndis += !is_pktmon;
        }
        assert_int_equal(sightings, fed.sightings);
        assert_int_equal(ndis, fed.first_fragments);
        assert_true(found(&stage, FINDING_FRAGMENT_WITHOUT_START) <=
                    fed.fragments - fed.first_fragments);
        close_stage(&stage);
    }
}

static void with_all_appearances_every_sighting_leaves_in_order(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int round = 0; round < 100; round++) {
        struct stage stage;
        open_stage(&stage, true);
        struct fed fed = feed_anything(&stage, &seed, 500);
        assert_int_equal(stage.seen_count, fed.sightings + fed.first_fragments);
        uint64_t last = 0;
        for (size_t i = 0; i < stage.seen_count; i++) {
            const struct corr_packet *packet = &stage.seen[i].packet;
            assert_true(packet->frame > 0);
            assert_true(i == 0 || packet->time >= stage.seen[i - 1].packet.time);
            last = packet->frame > last ? packet->frame : last;
        }
        assert_true(last <= stage.seen_count);
        close_stage(&stage);
    }
}

static void times_at_the_ends_of_their_range_do_no_harm(void **state)
{
    (void)state;
    static const int64_t times[] = {INT64_MIN, INT64_MAX, 0, INT64_MIN, -1};
    for (int all = 0; all < 2; all++) {
        struct stage stage;
        open_stage(&stage, all);
        for (size_t i = 0; i < 5 * 4; i++) {
            static const uint8_t data[64] = {0};
            struct etw_packet packet = {
                .capture = i % 4 ? ETW_CAPTURE_PKTMON : ETW_CAPTURE_NDIS,
                .link = ETW_LINK_ETHERNET,
                .data = bytes_of(data, sizeof(data)),
                .is_start = true,
                .component = (uint16_t)i,
                .appearance = i % 2,
            };
            feed_packet(&stage, times[i / 4], 1, 0, &packet);
        }
        finish_stage(&stage);
        assert_true(stage.seen_count > 0);
        close_stage(&stage);
    }
}

static void a_tcp_length_that_the_header_leaves_open_is_that_of_the_whole_frame(void **state)
{
    (void)state;
    static const uint8_t frame[128] = {[12] = 0x08, 0x00, 0x45, [23] = 6, [46] = 0x50};
    struct etw_packet packet = {
        .capture = ETW_CAPTURE_PKTMON,
        .link = ETW_LINK_ETHERNET,
        .data = bytes_of(frame, sizeof(frame)),
        .original_size = 20000,
    };
    struct stage stage;
    open_stage(&stage, false);
    feed_packet(&stage, 1, 1, 0, &packet);
    finish_stage(&stage);
    assert_int_equal(stage.seen[0].packet.layers.tcp_length, 20000 - 54);
    close_stage(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_comes_packets_leave_in_order_and_none_is_lost),
        cmocka_unit_test(with_all_appearances_every_sighting_leaves_in_order),
        cmocka_unit_test(times_at_the_ends_of_their_range_do_no_harm),
        cmocka_unit_test(a_tcp_length_that_the_header_leaves_open_is_that_of_the_whole_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
