/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "etw/base/utc_time.h"
#include "etw/container/clock.h"
#include "tests/support/random.h"

__extension__ typedef __int128 wide;

#define YEAR_2020 INT64_C(132223104000000000)

/* 29,000 years, less what is added to it: beyond, only the sign is promised. */
#define LARGEST (INT64_MAX - YEAR_2020)

/* The formula of the header, in integers that cannot overflow. */
static void check_time(const struct etw_trace_header *header, int64_t frequency, int64_t ticks)
{
    struct etw_trace_header copy = *header;
    struct trace_clock clock;
    assert_true(clock_choose(&copy, &clock));
    int64_t actual = clock_to_time(&clock, ticks);
    wide passed = (wide)ticks - header->start_ticks;
    if (passed > INT64_MAX || passed < -INT64_MAX) {
        return; /* no clock runs that long: any time will do */
    }
    wide scaled = passed * 10000000 / frequency;
    bool is_beyond = scaled > LARGEST || scaled < -LARGEST;
    if (is_beyond ? (actual > 0) != (scaled > 0) : actual != header->start_time + scaled) {
        fail_msg("frequency %lld, %lld ticks from %lld", (long long)frequency, (long long)ticks,
                 (long long)header->start_ticks);
    }
}

static struct etw_trace_header qpc_header(int64_t frequency, int64_t start_ticks)
{
    return (struct etw_trace_header){.clock_logged = ETW_CLOCK_QPC,
                                     .frequency = frequency,
                                     .start_ticks = start_ticks,
                                     .start_time = YEAR_2020};
}

static const int64_t frequencies[] = {1,
                                      3,
                                      1818300,
                                      2109960,
                                      2338525,
                                      2630627,
                                      2994853,
                                      3117777,
                                      9999999,
                                      10000000,
                                      10000001,
                                      14318180,
                                      INT64_C(3600000000),
                                      INT64_C(922337203685)};

static void ticks_of_any_frequency_become_exact_times(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (size_t f = 0; f < sizeof(frequencies) / sizeof(frequencies[0]); f++) {
        for (int i = 0; i < 20000; i++) {
            /* All magnitudes, both signs. */
            int64_t start = (int64_t)(random_next(&seed) >> (1 + random_below(&seed, 63)));
            int64_t ticks = (int64_t)(random_next(&seed) >> (1 + random_below(&seed, 63)));
            struct etw_trace_header header = qpc_header(frequencies[f], i % 2 ? start : -start);
            check_time(&header, frequencies[f], i % 3 ? ticks : -ticks);
        }
    }
}

static void later_ticks_are_never_earlier_times(void **state)
{
    (void)state;
    for (size_t f = 0; f < sizeof(frequencies) / sizeof(frequencies[0]); f++) {
        struct etw_trace_header header = qpc_header(frequencies[f], 5000);
        struct trace_clock clock;
        assert_true(clock_choose(&header, &clock));
        int64_t before = INT64_MIN;
        for (int64_t ticks = 0; ticks < 10000; ticks++) {
            int64_t time = clock_to_time(&clock, ticks);
            assert_true(time >= before);
            before = time;
        }
        assert_true(clock_to_time(&clock, 5000) == YEAR_2020);
    }
}

static void events_before_the_header_are_before_the_start(void **state)
{
    (void)state;
    struct etw_trace_header header = qpc_header(2338525, 1000000000);
    struct trace_clock clock;
    assert_true(clock_choose(&header, &clock));
    assert_true(clock_to_time(&clock, 1000000000 - 2338525) == YEAR_2020 - 10000000);
    assert_true(clock_to_time(&clock, 1000000000 + 2338525) == YEAR_2020 + 10000000);
}

static void system_time_is_taken_as_it_is(void **state)
{
    (void)state;
    struct etw_trace_header header = {.clock_logged = ETW_CLOCK_SYSTEM_TIME};
    struct trace_clock clock;
    assert_true(clock_choose(&header, &clock));
    assert_int_equal(header.clock, ETW_CLOCK_SYSTEM_TIME);
    assert_true(clock_to_time(&clock, YEAR_2020 + 7) == YEAR_2020 + 7);
    assert_true(clock_to_time(&clock, INT64_MIN) == INT64_MIN);
}

static void cpu_cycles_are_scaled_by_the_cpu_speed(void **state)
{
    (void)state;
    uint64_t seed = 2;
    struct etw_trace_header header = {.clock_logged = ETW_CLOCK_CPU_CYCLES,
                                      .cpu_mhz = 2904,
                                      .start_ticks = 123456789,
                                      .start_time = YEAR_2020};
    for (int i = 0; i < 10000; i++) {
        check_time(&header, 2904000000, (int64_t)(random_next(&seed) >> 2));
    }
}

static const struct choice_case {
    const char *name;
    struct etw_trace_header header;
    enum etw_clock clock;
    bool is_usable;
} choice_cases[] = {
    {"unknown with a frequency", {.frequency = 10000000, .start_ticks = 5}, ETW_CLOCK_QPC, true},
    {"unknown with a date", {.start_ticks = YEAR_2020}, ETW_CLOCK_SYSTEM_TIME, true},
    {"unknown without anything", {.start_ticks = 5}, ETW_CLOCK_UNKNOWN, false},
    {"a number nobody knows", {.clock_logged = 9, .frequency = 1000}, ETW_CLOCK_QPC, true},
    {"frequency 0", {.clock_logged = 1}, ETW_CLOCK_QPC, false},
    {"negative frequency", {.clock_logged = 1, .frequency = -5}, ETW_CLOCK_QPC, false},
    {"a frequency too high", {.clock_logged = 1, .frequency = INT64_MAX}, ETW_CLOCK_QPC, false},
    {"cycles without a speed", {.clock_logged = 3}, ETW_CLOCK_CPU_CYCLES, false},
    {"cycles too fast", {.clock_logged = 3, .cpu_mhz = UINT32_MAX}, ETW_CLOCK_CPU_CYCLES, false},
};

static void clocks_that_cannot_be_used_are_noticed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(choice_cases) / sizeof(choice_cases[0]); i++) {
        struct etw_trace_header header = choice_cases[i].header;
        struct trace_clock clock;
        bool is_usable = clock_choose(&header, &clock);
        if (is_usable != choice_cases[i].is_usable || header.clock != choice_cases[i].clock) {
            fail_msg("%s: clock %d", choice_cases[i].name, (int)header.clock);
        }
        /* Whatever it is, it converts. */
        (void)clock_to_time(&clock, INT64_MIN);
        (void)clock_to_time(&clock, INT64_MAX);
    }
}

static void the_ends_of_the_range_are_clamped(void **state)
{
    (void)state;
    static const int64_t ends[] = {INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT64_MAX - 1, INT64_MAX};
    for (size_t i = 0; i < 7 * 7 * 7; i++) {
        struct etw_trace_header header = qpc_header(i % 2 ? 1 : 10000000, ends[i % 7]);
        struct trace_clock clock;
        header.start_time = ends[i / 7 % 7];
        assert_true(clock_choose(&header, &clock));
        int64_t time = clock_to_time(&clock, ends[i / 49]);
        bool is_later = header.start_ticks != INT64_MIN && ends[i / 49] >= header.start_ticks;
        assert_true(!is_later || time >= header.start_time);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_of_any_frequency_become_exact_times),
        cmocka_unit_test(later_ticks_are_never_earlier_times),
        cmocka_unit_test(events_before_the_header_are_before_the_start),
        cmocka_unit_test(system_time_is_taken_as_it_is),
        cmocka_unit_test(cpu_cycles_are_scaled_by_the_cpu_speed),
        cmocka_unit_test(clocks_that_cannot_be_used_are_noticed),
        cmocka_unit_test(the_ends_of_the_range_are_clamped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
