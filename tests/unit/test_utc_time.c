/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "etw/base/utc_time.h"
#include "tests/support/random.h"

#define LAST_TIME INT64_C(2650467743999999999)

/* Computed with Python's datetime. */
static const struct date_case {
    int64_t time;
    int bias;
    const char *text;
} date_cases[] = {
    {0, 0, "1601-01-01T00:00:00.0000000Z"},
    {1, 0, "1601-01-01T00:00:00.0000001Z"},
    {INT64_C(31292352000000000), 0, "1700-03-01T00:00:00.0000000Z"},
    {UTC_UNIX_EPOCH, 0, "1970-01-01T00:00:00.0000000Z"},
    {UTC_UNIX_EPOCH - 1, 0, "1969-12-31T23:59:59.9999999Z"},
    {INT64_C(125962560000000000), 0, "2000-02-29T00:00:00.0000000Z"},
    {INT64_C(126227808000000000) - 1, 0, "2000-12-31T23:59:59.9999999Z"},
    {INT64_C(130021103375078058), 0, "2013-01-08T09:18:57.5078058Z"},
    {INT64_C(130021103375078058), -60, "2013-01-08T10:18:57.5078058+01:00"},
    {INT64_C(130021103375078058), 480, "2013-01-08T01:18:57.5078058-08:00"},
    {INT64_C(130021103375078058), -330, "2013-01-08T14:48:57.5078058+05:30"},
    {INT64_C(130021103375078058), 210, "2013-01-08T05:48:57.5078058-03:30"},
    {LAST_TIME, 0, "9999-12-31T23:59:59.9999999Z"},
};

static void known_dates_are_written_and_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(date_cases) / sizeof(date_cases[0]); i++) {
        const struct date_case *row = &date_cases[i];
        char text[UTC_TEXT_SIZE];
        int64_t time = -1;
        assert_int_equal(utc_format(row->time, row->bias, text), strlen(row->text));
        assert_string_equal(text, row->text);
        assert_true(utc_parse(row->text, &time));
        assert_true(time == row->time);
    }
}

/* Counts days one by one, the way a calendar on the wall does. */
static void every_day_of_eight_centuries_follows_the_day_before(void **state)
{
    (void)state;
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t time = 0;
    for (int year = 1601; year < 2401; year++) {
        int is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        for (int month = 1; month <= 12; month++) {
            int count = days[month - 1] + (month == 2 && is_leap);
            for (int day = 1; day <= count; day++) {
                char text[UTC_TEXT_SIZE];
                (void)utc_format(time, 0, text);
                assert_int_equal((text[0] - '0') * 1000 + (text[1] - '0') * 100 +
                                     (text[2] - '0') * 10 + text[3] - '0',
                                 year);
                assert_int_equal((text[5] - '0') * 10 + text[6] - '0', month);
                assert_int_equal((text[8] - '0') * 10 + text[9] - '0', day);
                time += INT64_C(864000000000);
            }
        }
    }
}

static void what_was_written_is_read_back(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < 100000; i++) {
        int64_t time = (int64_t)(random_next(&seed) % (uint64_t)LAST_TIME);
        int bias = (int)random_below(&seed, 24 * 60 - 1) - 12 * 60;
        char text[UTC_TEXT_SIZE];
        int64_t back = -1;
        /* The last and first hours have no local time everywhere. */
        if (time < INT64_C(864000000000) || time > LAST_TIME - INT64_C(864000000000)) {
            continue;
        }
        (void)utc_format(time, bias, text);
        assert_true(utc_parse(text, &back));
        assert_true(back == time);
    }
}

static const struct clamp_case {
    int64_t time;
    int bias;
    const char *text;
} clamp_cases[] = {
    {-1, 0, "1601-01-01T00:00:00.0000000Z"},
    {INT64_MIN, 0, "1601-01-01T00:00:00.0000000Z"},
    {INT64_MIN, 60, "1601-01-01T00:00:00.0000000-01:00"},
    {INT64_MIN, -60, "1601-01-01T01:00:00.0000000+01:00"},
    {INT64_MAX, 0, "9999-12-31T23:59:59.9999999Z"},
    {INT64_MAX, -60, "9999-12-31T23:59:59.9999999+01:00"},
    {INT64_MAX, 60, "9999-12-31T22:59:59.9999999-01:00"},
    {UTC_UNIX_EPOCH, INT32_MAX, "1970-01-01T00:00:00.0000000Z"},
    {UTC_UNIX_EPOCH, INT32_MIN, "1970-01-01T00:00:00.0000000Z"},
};

static void impossible_times_and_zones_are_clamped(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(clamp_cases) / sizeof(clamp_cases[0]); i++) {
        char text[UTC_TEXT_SIZE];
        (void)utc_format(clamp_cases[i].time, clamp_cases[i].bias, text);
        assert_string_equal(text, clamp_cases[i].text);
    }
}

static const struct parse_case {
    const char *text;
    int64_t after_epoch; /* ticks after 1970 */
} parse_cases[] = {
    {"1970-01-01T00:00:00Z", 0},
    {"1970-01-01t00:00:01z", 10000000},
    {"1970-01-01 00:00:00Z", 0},
    {"1970-01-01T00:00:00.1Z", 1000000},
    {"1970-01-01T00:00:00.12Z", 1200000},
    {"1970-01-01T00:00:00.0000001Z", 1},
    {"1970-01-01T00:00:00+01:00", INT64_C(-36000000000)},
    {"1970-01-01T00:00:00-00:30", INT64_C(18000000000)},
    {"1970-01-01T00:00:00+00:00", 0},
};

static void shorter_and_shifted_forms_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(parse_cases) / sizeof(parse_cases[0]); i++) {
        int64_t time = 0;
        assert_true(utc_parse(parse_cases[i].text, &time));
        assert_true(time - UTC_UNIX_EPOCH == parse_cases[i].after_epoch);
    }
}

static void what_is_no_time_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "1970",
        "1970-01-01",
        "1970-01-01T00:00:00",
        "1970-01-01T00:00:00.Z",
        "1970-01-01T00:00:00.12345678Z",
        "1970-01-01T00:00Z",
        "1970-01-01T00:00:00Zx",
        "1970-01-01T00:00:00+1:00",
        "1970-01-01T00:00:00+0100",
        "1970-01-01T00:00:00+24:00",
        "1970-01-01T00:00:00+01:60",
        "1970-01-01T00:00:00+01:00x",
        "1970-00-01T00:00:00Z",
        "1970-13-01T00:00:00Z",
        "1970-01-00T00:00:00Z",
        "1970-01-32T00:00:00Z",
        "1970-04-31T00:00:00Z",
        "1970-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "1970-01-01T24:00:00Z",
        "1970-01-01T00:60:00Z",
        "1970-01-01T00:00:60Z",
        "1600-12-31T23:59:59Z",
        "-970-01-01T00:00:00Z",
        "01970-01-01T00:00:00Z",
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        int64_t time = 4711;
        if (utc_parse(wrong[i], &time) || time != 4711) {
            fail_msg("accepted: %s", wrong[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_dates_are_written_and_read),
        cmocka_unit_test(every_day_of_eight_centuries_follows_the_day_before),
        cmocka_unit_test(what_was_written_is_read_back),
        cmocka_unit_test(impossible_times_and_zones_are_clamped),
        cmocka_unit_test(shorter_and_shifted_forms_are_read),
        cmocka_unit_test(what_is_no_time_is_refused_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
