/* SPDX-License-Identifier: MIT */
/* Many sightings at once: interleaved at random, and more than may be held. */
#include "tests/unit/packet_looks.h"

#include "correlate/packet_copies.h"
#include "tests/support/random.h"

/* ---- any interleaving ---- */

#define FLOWS     40
#define PATH      6
#define LOOKS_MAX (FLOWS * PATH)

static int compare_looks(const void *a, const void *b)
{
    const struct look *left = a;
    const struct look *right = b;
    return (left->time > right->time) - (left->time < right->time);
}

/* Packets on their way through up to PATH points, each later by up to 900 us than
 * the one before; packets may overtake each other. Every third has the bytes of the
 * packet before it and then follows 1 us behind it all the way. */
static size_t make_traffic(uint64_t *seed, bool is_numbered, struct look looks[LOOKS_MAX],
                           uint32_t lengths[FLOWS])
{
    size_t count = 0;
    int64_t start = 0;
    for (size_t i = 0; i < FLOWS; i++) {
        bool is_twin = i % 3 == 2;
        size_t length = is_twin ? lengths[i - 1] : 1 + random_below(seed, PATH);
        int64_t time = start += 1 + (int64_t)random_below(seed, 300) * US;
        for (size_t j = 0; j < length; j++) {
            struct look *look = &looks[count];
            if (is_twin) {
                *look = looks[count - length];
                look->time += US;
            } else {
                *look = (struct look){.time = time,
                                      .component = (uint16_t)(j + 1),
                                      .direction = i % 2 ? IN : OUT,
                                      .link = (enum etw_link)(1 + j % 3),
                                      .content = (uint8_t)(i + 1),
                                      .captured = (uint16_t)(j % 2 ? 128 : 0)};
            }
            look->group = is_numbered ? i + 1 : 0;
            time += 1 + (int64_t)random_below(seed, 900) * US;
            count++;
        }
        lengths[i] = (uint32_t)length;
    }
    qsort(looks, count, sizeof(*looks), compare_looks);
    return count;
}

/* How many packets of each length and bytes were made or seen. */
static void count_packet(int counts[256][PATH + 1], uint8_t content, uint32_t length, int by)
{
    assert_true(length <= PATH);
    counts[content][length] += by;
}

static void check_traffic(const struct stage *stage, const uint32_t lengths[FLOWS])
{
    static int counts[256][PATH + 1];
    memset(counts, 0, sizeof(counts));
    for (size_t i = 0; i < FLOWS; i++) {
        count_packet(counts, (uint8_t)(i % 3 == 2 ? i : i + 1), lengths[i], 1);
    }
    assert_int_equal(stage->seen_count, FLOWS);
    for (size_t i = 0; i < stage->seen_count; i++) {
        const struct corr_packet *packet = &stage->seen[i].packet;
        assert_int_equal(packet->frame, i + 1);
        assert_true(i == 0 || packet->time >= stage->seen[i - 1].packet.time);
        count_packet(counts, stage->seen[i].data[60], packet->appearances, -1);
    }
    for (size_t i = 0; i < 256; i++) {
        for (size_t j = 0; j <= PATH; j++) {
            assert_int_equal(counts[i][j], 0);
        }
    }
}

static void any_interleaving_gives_the_same_packets(void **state)
{
    (void)state;
    static struct look looks[LOOKS_MAX];
    uint32_t lengths[FLOWS];
    uint64_t seed = 1;
    for (int round = 0; round < 400; round++) {
        size_t count = make_traffic(&seed, round % 2, looks, lengths);
        struct stage stage;
        open_stage(&stage, false);
        for (size_t i = 0; i < count; i++) {
            feed_look(&stage, &looks[i]);
        }
        finish_stage(&stage);
        check_traffic(&stage, lengths);
        close_stage(&stage);
    }
}

static void all_appearances_carry_the_numbers_of_a_run_without_them(void **state)
{
    (void)state;
    static struct look looks[LOOKS_MAX];
    uint32_t lengths[FLOWS];
    uint64_t seed = 2;
    for (int round = 0; round < 100; round++) {
        size_t count = make_traffic(&seed, round % 2, looks, lengths);
        struct stage once, all;
        open_stage(&once, false);
        open_stage(&all, true);
        for (size_t i = 0; i < count; i++) {
            feed_look(&once, &looks[i]);
            feed_look(&all, &looks[i]);
        }
        finish_stage(&once);
        finish_stage(&all);
        assert_int_equal(all.seen_count, count);
        for (size_t i = 0; i < once.seen_count; i++) {
            const struct corr_packet *packet = &once.seen[i].packet;
            const struct corr_packet *copy = &all.seen[packet->offset].packet;
            assert_int_equal(copy->offset, packet->offset); /* offsets count the events */
            assert_int_equal(copy->frame, packet->frame);
            assert_int_equal(copy->appearances, packet->appearances);
        }
        close_stage(&once);
        close_stage(&all);
    }
}

/* ---- bounds ---- */

static void what_is_held_is_bounded_and_said(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage, false);
    uint64_t sightings = 3 * (uint64_t)CORR_HELD_BYTES / 400;
    for (uint64_t i = 0; i < sightings; i++) {
        struct look look = {1, 1, IN, ETH, (uint8_t)i, 0, i + 1, false};
        feed_look(&stage, &look);
    }
    assert_true(stage.seen_count > sightings / 3);
    assert_int_equal(found(&stage, FINDING_GROUP_CLOSED_EARLY), stage.seen_count);
    finish_stage(&stage);
    assert_int_equal(stage.seen_count, sightings);
    assert_int_equal(found(&stage, FINDING_GROUP_CLOSED_EARLY) < sightings, true);
    close_stage(&stage);
}

static void equal_sightings_without_end_cost_a_bounded_time_each(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage, false);
    for (uint32_t i = 0; i < 100000; i++) {
        struct look look = {1, (uint16_t)(1 + i % 3), IN, ETH, 'a', 0, i % 2 ? 5 : 0, false};
        feed_look(&stage, &look);
    }
    finish_stage(&stage);
    uint64_t sightings = 0;
    for (size_t i = 0; i < stage.seen_count; i++) {
        sightings += stage.seen[i].packet.appearances;
    }
    assert_int_equal(sightings, 100000);
    close_stage(&stage);
}

static void a_group_takes_only_so_many_points(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage, false);
    for (uint16_t i = 0; i < CORR_COPIES_MAXIMUM + 5; i++) {
        struct look look = {i, (uint16_t)(i + 1), IN, ETH, 'a', 0, 5, false};
        feed_look(&stage, &look);
    }
    finish_stage(&stage);
    assert_int_equal(stage.seen_count, 2);
    assert_int_equal(stage.seen[0].packet.appearances, CORR_COPIES_MAXIMUM);
    assert_int_equal(stage.seen[1].packet.appearances, 5);
    close_stage(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_interleaving_gives_the_same_packets),
        cmocka_unit_test(all_appearances_carry_the_numbers_of_a_run_without_them),
        cmocka_unit_test(what_is_held_is_bounded_and_said),
        cmocka_unit_test(equal_sightings_without_end_cost_a_bounded_time_each),
        cmocka_unit_test(a_group_takes_only_so_many_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
