/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/event_times.h"

#define START  INT64_C(132000000000000000)
#define SECOND INT64_C(10000000)

static struct cli_event_times measure(const int64_t *times, size_t count)
{
    struct cli_event_times result = {.has_any = false};
    for (size_t i = 0; i < count; i++) {
        cli_event_times_add(&result, times[i]);
    }
    cli_event_times_finish(&result);
    return result;
}

static void the_smallest_step_between_different_times_counts(void **state)
{
    (void)state;
    static const int64_t times[] = {START, START, START + 156250, START + 312500, START + 312500};
    struct cli_event_times result = measure(times, 5);
    assert_int_equal(result.smallest_step, 156250);
    assert_int_equal(result.equal, 2);
    assert_int_equal(result.pause_count, 0);
}

static void equal_times_have_no_step(void **state)
{
    (void)state;
    static const int64_t times[] = {START, START};
    assert_int_equal(measure(times, 2).smallest_step, 0);
    assert_int_equal(measure(times, 0).pause_count, 0);
}

static void the_longest_pauses_are_kept_in_time_order(void **state)
{
    (void)state;
    static const int64_t steps[] = {3, 20, 2, 30, 10};
    int64_t times[6] = {START};
    for (size_t i = 0; i < 5; i++) {
        times[i + 1] = times[i] + steps[i] * SECOND;
    }
    struct cli_event_times result = measure(times, 6);
    assert_int_equal(result.pause_count, 3);
    assert_int_equal(result.pauses[0].from, START + 3 * SECOND);
    assert_int_equal(result.pauses[0].to, START + 23 * SECOND);
    assert_int_equal(result.pauses[1].from, START + 25 * SECOND);
    assert_int_equal(result.pauses[2].from, START + 55 * SECOND);
}

/* Less than a second, or less than a twentieth of a long trace. */
static void short_pauses_are_none(void **state)
{
    (void)state;
    static const int64_t fast[] = {START, START + SECOND - 1};
    static const int64_t slow[] = {START, START + SECOND, START + 100 * SECOND};
    assert_int_equal(measure(fast, 2).pause_count, 0);
    struct cli_event_times result = measure(slow, 3);
    assert_int_equal(result.pause_count, 1);
    assert_int_equal(result.pauses[0].from, START + SECOND);
}

static void times_of_damaged_records_do_not_overflow(void **state)
{
    (void)state;
    static const int64_t times[] = {INT64_MIN, INT64_MIN + 5, START, INT64_MAX};
    struct cli_event_times result = measure(times, 4);
    assert_int_equal(result.smallest_step, 5);
    assert_int_equal(result.pause_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_smallest_step_between_different_times_counts),
        cmocka_unit_test(equal_times_have_no_step),
        cmocka_unit_test(the_longest_pauses_are_kept_in_time_order),
        cmocka_unit_test(short_pauses_are_none),
        cmocka_unit_test(times_of_damaged_records_do_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
