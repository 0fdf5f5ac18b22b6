/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <string.h>

#include "cli/completion.h"
#include "cli/options.h"
#include "cli/verbs.h"
#include "etw/base/text.h"

static void words_for_zsh_cannot_end_their_argument(void **state)
{
    (void)state;
    static const struct {
        const char *words, *specials, *escaped;
    } cases[] = {
        {"plain", "\\[]", "plain"},
        {"it's", "", "it'\\''s"},
        {"a [b] c:d \\", "\\[]", "a \\[b\\] c:d \\\\"},
        {"A:P-B:Q", ":", "A\\:P-B\\:Q"},
        {"$(x) `x` \"x\" !x", "\\[]", "$(x) `x` \"x\" !x"},
        {"", "\\[]", ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text out = {.maximum = 0};
        cli_completion_zsh_escape(&out, cases[i].words, cases[i].specials);
        assert_string_equal(text_get(&out), cases[i].escaped);
        text_done(&out);
    }
}

/* The scripts need not quote them. */
static void values_to_choose_are_plain_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < CLI_OPTION_COUNT; i++) {
        const struct cli_option *option = &cli_options[i];
        if (option->kind != CLI_CHOICE && option->kind != CLI_OPTIONAL_CHOICE) {
            continue;
        }
        for (const char *c = option->value_name; *c; c++) {
            assert_true(islower((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '-' ||
                        *c == '|');
        }
    }
}

static void every_shell_of_the_option_has_a_script_with_every_verb(void **state)
{
    (void)state;
    static const char *const shells[CLI_SHELL_COUNT] = {"bash", "zsh"};
    const struct cli_option *option = &cli_options[CLI_OPTION_COMPLETION];
    for (int shell = 0; shell < CLI_SHELL_COUNT; shell++) {
        assert_int_equal(cli_option_choice(option, shells[shell]), shell);
        struct text script = {.maximum = 0};
        cli_completion_format((enum cli_shell)shell, &script);
        assert_non_null(strstr(text_get(&script), shells[shell]));
        for (size_t i = 0; i < cli_verb_count; i++) {
            assert_non_null(strstr(text_get(&script), cli_verbs[i].name));
        }
        text_done(&script);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_for_zsh_cannot_end_their_argument),
        cmocka_unit_test(values_to_choose_are_plain_words),
        cmocka_unit_test(every_shell_of_the_option_has_a_script_with_every_verb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
