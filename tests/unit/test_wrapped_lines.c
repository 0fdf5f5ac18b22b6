/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "pcapout/wrapped_lines.h"

static void check(const char *line, int width, size_t indent, const char *expected)
{
    struct text text = {.maximum = 0};
    text_add(&text, "before\n");
    text_add(&text, line);
    out_wrap_line(&text, strlen("before\n"), width, indent);
    assert_string_equal(text_get(&text) + strlen("before\n"), expected);
    text_done(&text);
}

static void lines_break_at_blanks(void **state)
{
    (void)state;
    const char *line = "one two three four five six seven eight nine ten";
    check(line, 0, 2, line);
    check(line, 49, 2, line);
    check(line, 48, 2, "one two three four five six seven eight nine\n  ten");
    check(line, 40, 4, "one two three four five six seven eight\n    nine ten");
    check(line, 5, 4, "one two three four five six seven eight\n    nine ten");
}

static void blanks_go_where_a_line_breaks(void **state)
{
    (void)state;
    check("  the process created the socket  (record at 4168)", 44, 4,
          "  the process created the socket\n    (record at 4168)");
}

static void what_is_in_parentheses_stays_together(void **state)
{
    (void)state;
    check("the sentence is told to all (logged by pid 4)", 40, 2,
          "the sentence is told to all\n  (logged by pid 4)");
    check("(all of this sentence stands between parentheses)", 40, 2,
          "(all of this sentence stands between\n  parentheses)");
}

static void words_without_blanks_are_cut_where_the_terminal_ends(void **state)
{
    (void)state;
    check("\\Device\\HarddiskVolume3\\Windows\\System32\\drivers\\example.sys", 40, 2,
          "\\Device\\HarddiskVolume3\\Windows\\System3\n  2\\drivers\\example.sys");
}

static void characters_count_and_colours_do_not(void **state)
{
    (void)state;
    const char *umlauts = "\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4"
                          "\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4";
    check(umlauts, 40, 2, umlauts);
    const char *coloured = "\x1b[1mone two three four five\x1b[0m six seven eight";
    check(coloured, 40, 2, coloured);
}

static void nothing_is_nothing(void **state)
{
    (void)state;
    check("", 80, 2, "");
    struct text text = {.maximum = 0};
    out_wrap_line(&text, 0, 80, 2);
    assert_int_equal(text.size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_break_at_blanks),
        cmocka_unit_test(blanks_go_where_a_line_breaks),
        cmocka_unit_test(what_is_in_parentheses_stays_together),
        cmocka_unit_test(words_without_blanks_are_cut_where_the_terminal_ends),
        cmocka_unit_test(characters_count_and_colours_do_not),
        cmocka_unit_test(nothing_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
