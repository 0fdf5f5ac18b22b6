/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cli/convert_options.h"
#include "cli/option_parser.h"
#include "cli/verbs.h"

enum { WORDS = 5 };

static enum etw_status read_words(const char *const words[WORDS],
                                  struct cli_convert_options *options, struct etw_error *error)
{
    static char copies[WORDS][40];
    char *pointers[WORDS];
    int count = 0;
    for (; count < WORDS && words[count]; count++) {
        assert_true(strlen(words[count]) < sizeof(copies[0]));
        memcpy(copies[count], words[count], strlen(words[count]) + 1);
        pointers[count] = copies[count];
    }
    struct cli_arguments *arguments = NULL;
    assert_int_equal(
        cli_arguments_parse(cli_verb_find("convert"), count, pointers, &arguments, error), ETW_OK);
    enum etw_status status = cli_convert_options_read(arguments, options, error);
    cli_arguments_free(arguments);
    return status;
}

static void values_are_taken_over(void **state)
{
    (void)state;
    struct cli_convert_options options;
    struct etw_error error;
    assert_int_equal(read_words((const char *const[WORDS]){"a.etl"}, &options, &error), ETW_OK);
    assert_int_equal(options.snap_length, 0);
    assert_int_equal(options.process_blocks, OUT_PROCESS_BLOCKS_DARWIN);
    assert_int_equal(options.events, CLI_EVENTS_NONE);
    assert_int_equal(read_words((const char *const[WORDS]){"a.etl", "--snaplen", "262144",
                                                           "--process-blocks", "pktap"},
                                &options, &error),
                     ETW_OK);
    assert_int_equal(options.snap_length, 262144);
    assert_int_equal(options.process_blocks, OUT_PROCESS_BLOCKS_PKTAP);
    assert_int_equal(read_words((const char *const[WORDS]){"a.etl", "--process-blocks", "none"},
                                &options, &error),
                     ETW_OK);
    assert_int_equal(options.process_blocks, OUT_PROCESS_BLOCKS_NONE);
}

static void what_makes_no_sense_is_refused_with_a_sentence(void **state)
{
    (void)state;
    static const struct {
        const char *words[WORDS];
        const char *says;
    } rows[] = {
        {{"a.etl", "--snaplen", "0"}, "from 1 to 262144"},
        {{"a.etl", "--snaplen", "262145"}, "from 1 to 262144"},
        {{"a.etl", "--snaplen", "64k"}, "\"64k\""},
        {{"a.etl", "--owners", "none", "--process-blocks", "pktap"}, "give one of them"},
        {{"a.etl", "--split", "-o", "-"}, "standard output"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cli_convert_options options;
        struct etw_error error = {.status = ETW_OK};
        assert_int_equal(read_words(rows[i].words, &options, &error), ETW_ERR_INPUT);
        if (!strstr(error.text, rows[i].says)) {
            fail_msg("row %zu: %s", i, error.text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_taken_over),
        cmocka_unit_test(what_makes_no_sense_is_refused_with_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
