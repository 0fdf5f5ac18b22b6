/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "cli/help.h"
#include "cli/options.h"
#include "cli/spelling.h"
#include "cli/verbs.h"
#include "etw/base/text.h"

static void every_row_stands_at_the_place_of_its_id(void **state)
{
    (void)state;
    for (size_t i = 0; i < CLI_OPTION_COUNT; i++) {
        assert_int_equal(cli_options[i].id, i);
    }
}

static void no_name_and_no_letter_occurs_twice(void **state)
{
    (void)state;
    for (size_t i = 0; i < CLI_OPTION_COUNT; i++) {
        const struct cli_option *option = &cli_options[i];
        assert_ptr_equal(cli_option_find(option->name, strlen(option->name)), option);
        if (option->short_name) {
            assert_ptr_equal(cli_option_find_short(option->short_name), option);
        }
    }
    assert_null(cli_option_find_short(0));
    assert_null(cli_option_find("forc", 4));
}

static void every_option_has_help_and_belongs_to_a_verb(void **state)
{
    (void)state;
    for (size_t i = 0; i < CLI_OPTION_COUNT; i++) {
        const struct cli_option *option = &cli_options[i];
        assert_true(strlen(option->help) > 5);
        assert_true(option->help[strlen(option->help) - 1] != '.');
        assert_int_not_equal(option->verbs, 0);
        assert_int_equal(option->kind == CLI_FLAG, option->value_name == NULL);
        for (const char *c = option->name; *c; c++) {
            assert_true(islower((unsigned char)*c) || *c == '-');
        }
    }
}

static void choices_are_found_by_their_whole_word_only(void **state)
{
    (void)state;
    const struct cli_option *format = &cli_options[CLI_OPTION_FORMAT];
    assert_int_equal(cli_option_choice(format, "text"), 0);
    assert_int_equal(cli_option_choice(format, "ndjson"), 1);
    assert_int_equal(cli_option_choice(format, "csv"), 3);
    assert_int_equal(cli_option_choice(format, "js"), -1);
    assert_int_equal(cli_option_choice(format, "text|ndjson"), -1);
    assert_int_equal(cli_option_choice(format, ""), -1);
}

static void a_verb_has_only_its_own_values(void **state)
{
    (void)state;
    static const struct {
        unsigned verb;
        const char *values;
    } formats[] = {
        {CLI_PACKETS, "text|ndjson|json|csv"},       {CLI_WHO, "text|ndjson|json|csv"},
        {CLI_SOCKETS, "text|ndjson|json|csv"},       {CLI_SMB, "text|ndjson|json|csv"},
        {CLI_EVENTS, "text|ndjson|json|csv"},        {CLI_INFO, "text|json"},
        {CLI_TIMELINE, "text|ndjson|json|csv|html"},
    };
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        const struct cli_option of =
            cli_option_of(&cli_options[CLI_OPTION_FORMAT], formats[i].verb);
        assert_string_equal(of.value_name, formats[i].values);
        assert_string_equal(of.name, "format");
    }
    for (size_t i = 0; i < CLI_OPTION_COUNT; i++) {
        for (size_t verb = 0; verb < cli_verb_count; verb++) {
            const struct cli_option of = cli_option_of(&cli_options[i], cli_verbs[verb].option_bit);
            assert_true(strlen(of.help) > 5);
            assert_int_equal(of.verbs, cli_options[i].verbs);
        }
    }
}

static void a_slip_of_the_finger_is_recognised(void **state)
{
    (void)state;
    static const struct {
        const char *typed;
        const char *meant;
    } slips[] = {
        {"hots", "host"},
        {"prot", "proto"},
        {"out", "output"},
        {"outptu", "output"},
        {"all-apearances", "all-appearances"},
        {"wersion", "version"},
        {"keep_protected", "keep-protected"},
        {"frames", "frame"},
    };
    for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
        const struct cli_option *found = cli_option_suggest(slips[i].typed, strlen(slips[i].typed));
        assert_non_null(found);
        assert_string_equal(found->name, slips[i].meant);
    }
    assert_null(cli_option_suggest("zzz", 3));
    assert_null(cli_option_suggest("", 0));
    assert_null(cli_option_suggest("a-name-that-is-longer-than-any-option", 37));
}

static void distances_count_insert_delete_replace_and_swap(void **state)
{
    (void)state;
    assert_int_equal(spelling_distance("convert", 7, "convert"), 0);
    assert_int_equal(spelling_distance("onvert", 6, "convert"), 1);
    assert_int_equal(spelling_distance("coonvert", 8, "convert"), 1);
    assert_int_equal(spelling_distance("konvert", 7, "convert"), 1);
    assert_int_equal(spelling_distance("ocnvert", 7, "convert"), 1);
    assert_int_equal(spelling_distance("ocnvetr", 7, "convert"), 2);
    assert_int_equal(spelling_distance("xyz", 3, "convert"), SPELLING_TOO_FAR);
}

static void every_verb_is_listed_and_has_options_and_help(void **state)
{
    (void)state;
    struct text overview = {.maximum = 0};
    cli_help_format(NULL, &overview);
    for (size_t i = 0; i < cli_verb_count; i++) {
        const struct cli_verb *verb = &cli_verbs[i];
        struct text line = {.maximum = 0};
        text_add_format(&line, "\n  %s ", verb->name);
        assert_non_null(strstr(text_get(&overview), text_get(&line)));
        text_done(&line);
        assert_int_not_equal(verb->option_bit, 0);
        assert_non_null(verb->run);
        assert_true(strlen(verb->about) > 100);
        assert_ptr_equal(cli_verb_find(verb->name), verb);
    }
    text_done(&overview);
}

static void help_names_every_option_of_its_verb_and_fits_80_columns(void **state)
{
    (void)state;
    for (size_t v = 0; v < cli_verb_count; v++) {
        struct text help = {.maximum = 0};
        cli_help_format(&cli_verbs[v], &help);
        for (size_t i = 0; i < CLI_OPTION_COUNT; i++) {
            bool has_option = (cli_options[i].verbs & cli_verbs[v].option_bit) != 0;
            struct text name = {.maximum = 0};
            text_add_format(&name, "--%s", cli_options[i].name);
            bool is_named = strstr(text_get(&help), text_get(&name)) != NULL;
            assert_true(is_named || !has_option);
            text_done(&name);
        }
        const char *line = text_get(&help);
        while (*line) {
            size_t length = strcspn(line, "\n");
            assert_true(length <= 80);
            line += length + 1;
        }
        text_done(&help);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_stands_at_the_place_of_its_id),
        cmocka_unit_test(no_name_and_no_letter_occurs_twice),
        cmocka_unit_test(every_option_has_help_and_belongs_to_a_verb),
        cmocka_unit_test(choices_are_found_by_their_whole_word_only),
        cmocka_unit_test(a_verb_has_only_its_own_values),
        cmocka_unit_test(a_slip_of_the_finger_is_recognised),
        cmocka_unit_test(distances_count_insert_delete_replace_and_swap),
        cmocka_unit_test(every_verb_is_listed_and_has_options_and_help),
        cmocka_unit_test(help_names_every_option_of_its_verb_and_fits_80_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
