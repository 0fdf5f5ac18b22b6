/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cli/option_parser.h"
#include "cli/verbs.h"

#define WORDS_MAXIMUM 16

/* The words of a command line as main() gets them: split at blanks. */
struct line {
    char text[256];
    char *words[WORDS_MAXIMUM];
    int count;
};

static void split(struct line *line, const char *text)
{
    assert_true(strlen(text) < sizeof(line->text));
    memcpy(line->text, text, strlen(text) + 1);
    line->count = 0;
    char *at = line->text;
    while (*at) {
        assert_true(line->count < WORDS_MAXIMUM);
        line->words[line->count++] = at;
        at += strcspn(at, " ");
        if (*at) {
            *at++ = '\0';
        }
    }
}

static struct cli_arguments *parse(struct line *line, const char *verb, const char *text)
{
    struct cli_arguments *arguments = NULL;
    struct etw_error error;
    split(line, text);
    assert_int_equal(
        cli_arguments_parse(cli_verb_find(verb), line->count, line->words, &arguments, &error),
        ETW_OK);
    return arguments;
}

static void options_and_trace_may_stand_in_any_order(void **state)
{
    (void)state;
    static const char *const lines[] = {"a.etl -o b --force", "--force -o b a.etl",
                                        "-ob a.etl --force", "--output=b a.etl --force",
                                        "--force --output b -- a.etl"};
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct line line;
        struct cli_arguments *arguments = parse(&line, "convert", lines[i]);
        assert_string_equal(cli_arguments_input(arguments, 0), "a.etl");
        assert_string_equal(cli_arguments_value(arguments, CLI_OPTION_OUTPUT, 0), "b");
        assert_true(cli_arguments_has(arguments, CLI_OPTION_FORCE));
        assert_false(cli_arguments_has(arguments, CLI_OPTION_HELP));
        cli_arguments_free(arguments);
    }
}

static void values_of_a_repeated_option_keep_their_order(void **state)
{
    (void)state;
    struct line line;
    struct cli_arguments *arguments = parse(&line, "packets", "--port 1 a.etl --port=2 --port 3");
    assert_string_equal(cli_arguments_value(arguments, CLI_OPTION_PORT, 0), "1");
    assert_string_equal(cli_arguments_value(arguments, CLI_OPTION_PORT, 1), "2");
    assert_string_equal(cli_arguments_value(arguments, CLI_OPTION_PORT, 2), "3");
    assert_null(cli_arguments_value(arguments, CLI_OPTION_PORT, 3));
    cli_arguments_free(arguments);
}

static void a_value_may_begin_with_one_hyphen_and_hold_equals_signs(void **state)
{
    (void)state;
    struct line line;
    struct cli_arguments *arguments =
        parse(&line, "packets", "a.etl --from -1.5 --output=x=y --host=--z");
    assert_string_equal(cli_arguments_value(arguments, CLI_OPTION_FROM, 0), "-1.5");
    assert_string_equal(cli_arguments_value(arguments, CLI_OPTION_OUTPUT, 0), "x=y");
    assert_string_equal(cli_arguments_value(arguments, CLI_OPTION_HOST, 0), "--z");
    cli_arguments_free(arguments);
}

static void after_two_hyphens_everything_is_a_file_name(void **state)
{
    (void)state;
    struct line line;
    struct cli_arguments *arguments = parse(&line, "info", "-- --help");
    assert_string_equal(cli_arguments_input(arguments, 0), "--help");
    assert_false(cli_arguments_has(arguments, CLI_OPTION_HELP));
    cli_arguments_free(arguments);
}

static void a_single_hyphen_is_a_word_not_an_option(void **state)
{
    (void)state;
    struct line line;
    struct cli_arguments *arguments = parse(&line, "convert", "a.etl -o -");
    assert_string_equal(cli_arguments_value(arguments, CLI_OPTION_OUTPUT, 0), "-");
    cli_arguments_free(arguments);
}

static void a_choice_has_a_number_and_a_default(void **state)
{
    (void)state;
    struct line line;
    struct cli_arguments *arguments = parse(&line, "convert", "a.etl --comments none");
    assert_int_equal(cli_arguments_choice(arguments, CLI_OPTION_COMMENTS, 0), 2);
    assert_int_equal(cli_arguments_choice(arguments, CLI_OPTION_FORMAT, 7), 7);
    cli_arguments_free(arguments);
}

static void an_optional_choice_takes_only_what_is_attached(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        int choice;
        const char *input;
    } cases[] = {
        {"a.etl", 7, "a.etl"},
        {"a.etl --events", 0, "a.etl"},
        {"--events a.etl", 0, "a.etl"},
        {"--events=bound a.etl", 0, "a.etl"},
        {"--events=all a.etl", 1, "a.etl"},
        {"--events all", 0, "all"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct line line;
        struct cli_arguments *arguments = parse(&line, "convert", cases[i].line);
        assert_int_equal(cli_arguments_choice(arguments, CLI_OPTION_EVENTS, 7), cases[i].choice);
        assert_string_equal(cli_arguments_input(arguments, 0), cases[i].input);
        cli_arguments_free(arguments);
    }
}

static void several_traces_stay_in_their_order(void **state)
{
    (void)state;
    struct line line;
    struct cli_arguments *arguments = parse(&line, "convert", "b.etl -o c.pcapng a.etl b.etl");
    assert_string_equal(cli_arguments_input(arguments, 0), "b.etl");
    assert_string_equal(cli_arguments_input(arguments, 1), "a.etl");
    assert_string_equal(cli_arguments_input(arguments, 2), "b.etl");
    assert_null(cli_arguments_input(arguments, 3));
    cli_arguments_free(arguments);
}

static void wrong_usage_is_said_in_one_sentence(void **state)
{
    (void)state;
    static const struct {
        const char *verb; /* "": none */
        const char *line;
        const char *part; /* of the sentence */
    } cases[] = {
        {"packets", "a.etl --prot tcp", "did you mean --proto?"},
        {"packets", "a.etl --zzzz", "there is no option --zzzz"},
        {"packets", "a.etl --zzzz=1", "there is no option --zzzz;"},
        {"packets", "a.etl -x", "there is no option -x"},
        {"packets", "a.etl --format", "--format needs a value"},
        {"packets", "a.etl --output= ", "--output needs a value"},
        {"packets", "--output --force a.etl", "--output needs a value"},
        {"packets", "a.etl --format yaml", "text|ndjson|json|csv"},
        {"packets", "a.etl --force=yes", "--force takes no value"},
        {"packets", "a.etl --comments all", "packets does not have the option --comments"},
        {"convert", "a.etl b.pcapng", "\"b.pcapng\" is no trace; the output is named with -o"},
        {"convert", "a.etl --local", "convert does not have the option --local"},
        {"convert", "a.etl -o b -o c", "--output was given twice"},
        {"convert", "a.etl --events=", "--events needs a value"},
        {"convert", "a.etl --events=everything", "give one of bound|all"},
        {"convert", "a.etl --events --events=all", "--events was given twice"},
        {"info", "a.etl --pid 4", "info does not have the option --pid"},
        {"", "--force", "--force belongs behind a verb"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct line line;
        struct cli_arguments *arguments = NULL;
        struct etw_error error;
        split(&line, cases[i].line);
        assert_int_not_equal(cli_arguments_parse(cli_verb_find(cases[i].verb), line.count,
                                                 line.words, &arguments, &error),
                             ETW_OK);
        assert_null(arguments);
        if (!strstr(error.text, cases[i].part)) {
            fail_msg("%s: \"%s\" without \"%s\"", cases[i].line, error.text, cases[i].part);
        }
    }
}

static void a_flag_may_be_repeated(void **state)
{
    (void)state;
    struct line line;
    struct cli_arguments *arguments = parse(&line, "convert", "a.etl --force --force");
    assert_true(cli_arguments_has(arguments, CLI_OPTION_FORCE));
    cli_arguments_free(arguments);
}

static void an_empty_command_line_has_no_trace(void **state)
{
    (void)state;
    struct line line;
    struct cli_arguments *arguments = parse(&line, "info", "");
    assert_null(cli_arguments_input(arguments, 0));
    cli_arguments_free(arguments);
    cli_arguments_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_and_trace_may_stand_in_any_order),
        cmocka_unit_test(values_of_a_repeated_option_keep_their_order),
        cmocka_unit_test(a_value_may_begin_with_one_hyphen_and_hold_equals_signs),
        cmocka_unit_test(after_two_hyphens_everything_is_a_file_name),
        cmocka_unit_test(a_single_hyphen_is_a_word_not_an_option),
        cmocka_unit_test(a_choice_has_a_number_and_a_default),
        cmocka_unit_test(an_optional_choice_takes_only_what_is_attached),
        cmocka_unit_test(several_traces_stay_in_their_order),
        cmocka_unit_test(wrong_usage_is_said_in_one_sentence),
        cmocka_unit_test(a_flag_may_be_repeated),
        cmocka_unit_test(an_empty_command_line_has_no_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
