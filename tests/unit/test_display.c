/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/display.h"
#include "cli/filter_options.h"
#include "cli/names.h"
#include "cli/output.h"
#include "etw/base/text.h"

static void counts_have_separators(void **state)
{
    (void)state;
    char text[DISPLAY_COUNT_SIZE];
    assert_string_equal(display_count(0, text), "0");
    assert_string_equal(display_count(999, text), "999");
    assert_string_equal(display_count(1000, text), "1,000");
    assert_string_equal(display_count(168298, text), "168,298");
    assert_string_equal(display_count(UINT64_MAX, text), "18,446,744,073,709,551,615");
}

static void names_from_outside_cannot_command_the_terminal(void **state)
{
    (void)state;
    char hostile[] = "a\033[2Jb\r\n\x7f\xc2\x9b\xc3\xa9";
    display_make_safe(hostile);
    assert_string_equal(hostile, "a?[2Jb?????\xc3\xa9");
    char cut[] = "\xc2";
    display_make_safe(cut);
    assert_string_equal(cut, "\xc2");
}

static void long_sentences_are_broken_between_words(void **state)
{
    (void)state;
    struct text text = {.maximum = 0};
    display_add_wrapped(&text, "one two three fourfivesix seven", 4, 4, 12);
    assert_string_equal(text_get(&text), "one two\n    three\n    fourfivesix\n    seven\n");
    text_done(&text);
}

static void durations_are_said_in_their_own_size(void **state)
{
    (void)state;
    static const struct {
        int64_t duration;
        const char *text;
    } cases[] = {
        {0, "0.000 s"},
        {15000000, "1.500 s"},
        {INT64_C(599999999), "59.999 s"},
        {INT64_C(1250000000), "2 min 5 s"},
        {INT64_C(36000000000) * 30 + 610000000, "30 h 1 min 1 s"},
        {-15000000, "-1.500 s"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text text = {.maximum = 0};
        display_add_duration(&text, cases[i].duration);
        assert_string_equal(text_get(&text), cases[i].text);
        text_done(&text);
    }
}

static void the_output_stands_beside_the_trace(void **state)
{
    (void)state;
    static const struct {
        const char *input, *output;
    } cases[] = {
        {"a.etl", "a.pcapng"},
        {"x.y/a.ETL", "x.y/a.pcapng"},
        {"x.etl/trace", "x.etl/trace.pcapng"},
        {"trace.2026", "trace.2026.pcapng"},
        {".etl", ".etl.pcapng"},
        {"C:\\t.etl\\a.Etl", "C:\\t.etl\\a.pcapng"},
        {"a.etl.etl", "a.etl.pcapng"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text text = {.maximum = 0};
        cli_output_name(cases[i].input, ".pcapng", &text);
        assert_string_equal(text_get(&text), cases[i].output);
        text_done(&text);
    }
    assert_string_equal(cli_base_name("a/b\\c.etl"), "c.etl");
    assert_string_equal(cli_base_name("c.etl"), "c.etl");
}

static void a_time_is_seconds_from_the_start_or_a_date(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t time;
    } good[] = {
        {"0", 1000},         {"1", 10001000}, {"1.5", 15001000},
        {"0.0000001", 1001}, {"-0.0001", 0},  {"1601-01-01T00:00:01Z", 10000000},
    };
    static const char *const bad[] = {
        "",          "x", "-", "1.5x", "1e3", "--1", "0.00000001", " 1", "999999999999999999999",
        "2026-03-02"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        int64_t time = -1;
        assert_true(cli_parse_time(good[i].text, 1000, &time));
        assert_int_equal(time, good[i].time);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        int64_t time = -1;
        assert_false(cli_parse_time(bad[i], 1000, &time));
        assert_int_equal(time, -1);
    }
}

static void the_bits_of_a_mode_have_names(void **state)
{
    (void)state;
    const char *names[CLI_MODE_BITS];
    assert_int_equal(cli_mode_names(0x04010001, names), 3);
    assert_string_equal(names[0], "sequential");
    assert_string_equal(names[1], "relogged");
    assert_string_equal(names[2], "compressed");
    assert_int_equal(cli_mode_names(0, names), 0);
    assert_true(cli_mode_names(UINT32_MAX, names) <= CLI_MODE_BITS);
}

static void windows_is_named_by_its_build(void **state)
{
    (void)state;
    assert_string_equal(cli_windows_name(19044), "Windows 10 21H2");
    assert_null(cli_windows_name(12345));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_have_separators),
        cmocka_unit_test(names_from_outside_cannot_command_the_terminal),
        cmocka_unit_test(long_sentences_are_broken_between_words),
        cmocka_unit_test(durations_are_said_in_their_own_size),
        cmocka_unit_test(the_output_stands_beside_the_trace),
        cmocka_unit_test(a_time_is_seconds_from_the_start_or_a_date),
        cmocka_unit_test(the_bits_of_a_mode_have_names),
        cmocka_unit_test(windows_is_named_by_its_build),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
