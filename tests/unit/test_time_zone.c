/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "etw/base/utc_time.h"
#include "etw/container/time_zone.h"
#include "tests/support/etl_builder.h"
#include "tests/support/random.h"

#define ZONE_SIZE 172

struct change {
    uint16_t year, month, weekday, day, hour;
};

struct zone {
    int32_t bias, standard_bias, daylight_bias;
    struct change to_standard, to_daylight;
};

static const struct zone pacific = {480, 0, -60, {0, 11, 0, 1, 2}, {0, 3, 0, 2, 2}};
static const struct zone berlin = {-60, 0, -60, {0, 10, 0, 5, 3}, {0, 3, 0, 5, 2}};
static const struct zone sydney = {-600, 0, -60, {0, 4, 0, 1, 3}, {0, 10, 0, 1, 2}};
static const struct zone india = {-330, 0, -60, {0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}};
static const struct zone utc = {0, 0, 0, {0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}};

static void put_change(uint8_t *at, const struct change *change)
{
    put_le16(at, change->year);
    put_le16(at + 2, change->month);
    put_le16(at + 4, change->weekday);
    put_le16(at + 6, change->day);
    put_le16(at + 8, change->hour);
}

static void put_zone(uint8_t *at, const struct zone *zone)
{
    memset(at, 0, ZONE_SIZE);
    put_le32(at, (uint32_t)zone->bias);
    put_change(at + 68, &zone->to_standard);
    put_le32(at + 84, (uint32_t)zone->standard_bias);
    put_change(at + 152, &zone->to_daylight);
    put_le32(at + 168, (uint32_t)zone->daylight_bias);
}

static int32_t bias_at(const struct zone *zone, const char *time_text)
{
    uint8_t data[ZONE_SIZE] = {0};
    int64_t time = 0;
    struct bytes b = bytes_of(data, sizeof(data));
    put_zone(data, zone);
    assert_true(utc_parse(time_text, &time));
    return time_zone_bias(&b, time);
}

/* Offsets of the tz database for the same places. */
static const struct zone_case {
    const struct zone *zone;
    const char *time;
    int32_t bias;
} zone_cases[] = {
    {&pacific, "2021-01-15T12:00:00Z", 480},
    {&pacific, "2021-07-15T12:00:00Z", 420},
    {&pacific, "2021-03-14T09:59:59.9999999Z", 480},
    {&pacific, "2021-03-14T10:00:00Z", 420},
    {&pacific, "2021-11-07T08:59:59.9999999Z", 420},
    {&pacific, "2021-11-07T09:00:00Z", 480},
    {&pacific, "2020-03-08T10:00:00Z", 420},
    {&pacific, "2020-11-01T08:59:59Z", 420},
    {&pacific, "2020-11-01T09:00:00Z", 480},
    {&berlin, "2021-03-28T00:59:59Z", -60},
    {&berlin, "2021-03-28T01:00:00Z", -120},
    {&berlin, "2021-10-31T00:59:59Z", -120},
    {&berlin, "2021-10-31T01:00:00Z", -60},
    {&berlin, "2020-02-29T12:00:00Z", -60},
    {&berlin, "2022-10-30T00:59:59Z", -120},
    {&sydney, "2021-01-15T12:00:00Z", -660},
    {&sydney, "2021-07-15T12:00:00Z", -600},
    {&sydney, "2021-04-03T15:59:59Z", -660},
    {&sydney, "2021-04-03T16:00:00Z", -600},
    {&sydney, "2021-10-02T15:59:59Z", -600},
    {&sydney, "2021-10-02T16:00:00Z", -660},
    {&sydney, "2021-12-31T23:00:00Z", -660},
    {&india, "2021-01-15T12:00:00Z", -330},
    {&india, "2021-07-15T12:00:00Z", -330},
    {&utc, "2021-07-15T12:00:00Z", 0},
};

static void known_zones_have_their_known_offsets(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(zone_cases) / sizeof(zone_cases[0]); i++) {
        int32_t bias = bias_at(zone_cases[i].zone, zone_cases[i].time);
        if (bias != zone_cases[i].bias) {
            fail_msg("case %zu, %s: %d", i, zone_cases[i].time, (int)bias);
        }
    }
}

static void a_change_on_a_fixed_day_is_understood(void **state)
{
    (void)state;
    const struct zone fixed = {-120, 0, -60, {2021, 9, 0, 24, 0}, {2021, 4, 0, 2, 0}};
    assert_int_equal(bias_at(&fixed, "2021-04-01T21:59:59Z"), -120);
    assert_int_equal(bias_at(&fixed, "2021-04-01T22:00:00Z"), -180);
    assert_int_equal(bias_at(&fixed, "2021-09-23T20:59:59Z"), -180);
    assert_int_equal(bias_at(&fixed, "2021-09-23T21:00:00Z"), -120);
}

static void every_truncation_gives_no_offset(void **state)
{
    (void)state;
    uint8_t data[ZONE_SIZE];
    put_zone(data, &pacific);
    for (size_t size = 0; size < ZONE_SIZE; size++) {
        struct bytes b = bytes_of(data, size);
        assert_int_equal(time_zone_bias(&b, UTC_UNIX_EPOCH), 0);
    }
    struct bytes failed = {.failed = true};
    assert_int_equal(time_zone_bias(&failed, UTC_UNIX_EPOCH), 0);
}

static void impossible_rules_give_the_plain_offset_or_none(void **state)
{
    (void)state;
    struct zone zone = pacific;
    zone.to_daylight.month = 14;
    assert_int_equal(bias_at(&zone, "2021-07-15T12:00:00Z"), 480);
    zone = pacific;
    zone.to_standard.day = 0;
    assert_int_equal(bias_at(&zone, "2021-07-15T12:00:00Z"), 480);
    zone = pacific;
    zone.daylight_bias = INT32_MIN;
    assert_int_equal(bias_at(&zone, "2021-07-15T12:00:00Z"), 480);
    zone = pacific;
    zone.bias = INT32_MAX;
    assert_int_equal(bias_at(&zone, "2021-07-15T12:00:00Z"), 0);
}

static void random_rules_and_times_stay_within_two_days(void **state)
{
    (void)state;
    uint64_t seed = 4;
    for (int round = 0; round < 50000; round++) {
        uint8_t data[ZONE_SIZE];
        struct bytes b = bytes_of(data, sizeof(data));
        put_zone(data, round % 2 ? &pacific : &sydney);
        for (size_t i = 1 + random_below(&seed, 8); i > 0; i--) {
            data[random_below(&seed, sizeof(data))] = (uint8_t)random_next(&seed);
        }
        int32_t bias = time_zone_bias(&b, (int64_t)random_next(&seed));
        assert_true(bias >= -2880 && bias <= 2880);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_zones_have_their_known_offsets),
        cmocka_unit_test(a_change_on_a_fixed_day_is_understood),
        cmocka_unit_test(every_truncation_gives_no_offset),
        cmocka_unit_test(impossible_rules_give_the_plain_offset_or_none),
        cmocka_unit_test(random_rules_and_times_stay_within_two_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
