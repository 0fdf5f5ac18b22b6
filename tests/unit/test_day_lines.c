/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "etw/base/utc_time.h"
#include "pcapout/day_lines.h"

#define HOUR (INT64_C(3600) * UTC_TICKS_PER_SECOND)
#define NOON INT64_C(129343824000000000) /* 2010-11-16T12:00:00Z */

static void assert_day(int64_t time, int bias_minutes, const char *wanted)
{
    struct text text = {.maximum = 0};
    out_add_day(&text, time, bias_minutes);
    assert_string_equal(text_get(&text), wanted);
    text_done(&text);
}

static void a_day_is_that_of_its_zone(void **state)
{
    (void)state;
    assert_day(NOON, 0, "2010-11-16 UTC");
    assert_day(NOON, -60, "2010-11-16 UTC+01:00");
    assert_day(NOON, 330, "2010-11-16 UTC-05:30");
    assert_day(NOON + 11 * HOUR, -120, "2010-11-17 UTC+02:00");
}

static void each_day_is_new_once(void **state)
{
    int64_t last_day = INT64_MIN;
    (void)state;
    assert_true(out_is_new_day(NOON, 0, &last_day));
    assert_false(out_is_new_day(NOON + 11 * HOUR, 0, &last_day));
    assert_true(out_is_new_day(NOON + 12 * HOUR, 0, &last_day));
    last_day = INT64_MIN;
    assert_true(out_is_new_day(NOON, -60, &last_day));
    assert_true(out_is_new_day(NOON + 11 * HOUR, -60, &last_day));
}

static void times_of_damaged_traces_do_not_overflow(void **state)
{
    int64_t last_day = 0;
    (void)state;
    assert_true(out_is_new_day(INT64_MIN, 840, &last_day));
    assert_true(out_is_new_day(INT64_MAX, -840, &last_day));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_is_that_of_its_zone),
        cmocka_unit_test(each_day_is_new_once),
        cmocka_unit_test(times_of_damaged_traces_do_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
