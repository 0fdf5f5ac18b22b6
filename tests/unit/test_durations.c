/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "pcapout/durations.h"

static void without_any_nothing_is_known(void **state)
{
    struct out_durations durations = {.count = 0};
    (void)state;
    out_durations_add(&durations, -1);
    assert_int_equal(durations.count, 0);
    assert_int_equal(out_durations_percentile(&durations, 50), -1);
    assert_int_equal(out_durations_mean(&durations), -1);
}

static void small_ones_are_exact(void **state)
{
    struct out_durations durations = {.count = 0};
    (void)state;
    for (int64_t duration = 1; duration <= 10; duration++) {
        out_durations_add(&durations, duration);
    }
    assert_int_equal(out_durations_percentile(&durations, 50), 5);
    assert_int_equal(out_durations_percentile(&durations, 95), 10);
    assert_int_equal(out_durations_percentile(&durations, 100), 10);
    assert_int_equal(durations.least, 1);
    assert_int_equal(out_durations_mean(&durations), 5);
}

static int compare(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left;
    int64_t b = *(const int64_t *)right;
    return a < b ? -1 : a > b;
}

/* Of numbers of every size: never less than the true percentile, at most an eighth more. */
static void percentiles_are_close(void **state)
{
    enum { COUNT = 4000 };
    static int64_t all[COUNT];
    struct out_durations durations = {.count = 0};
    uint64_t seed = 88172645463325252u;
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
        all[i] = (int64_t)(seed >> 20 >> (seed >> 58) % 44);
        out_durations_add(&durations, all[i]);
    }
    qsort(all, COUNT, sizeof(all[0]), compare);
    for (unsigned percent = 1; percent <= 100; percent++) {
        int64_t is = out_durations_percentile(&durations, percent);
        int64_t wanted = all[(COUNT * percent + 99) / 100 - 1];
        assert_true(is >= wanted);
        assert_true(is <= wanted + wanted / 8);
    }
    assert_int_equal(out_durations_percentile(&durations, 100), all[COUNT - 1]);
}

static void what_is_beyond_is_the_greatest(void **state)
{
    struct out_durations durations = {.count = 0};
    (void)state;
    out_durations_add(&durations, INT64_MAX);
    assert_int_equal(out_durations_percentile(&durations, 50), INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_any_nothing_is_known),
        cmocka_unit_test(small_ones_are_exact),
        cmocka_unit_test(percentiles_are_close),
        cmocka_unit_test(what_is_beyond_is_the_greatest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
