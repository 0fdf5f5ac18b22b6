/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "cli/option_parser.h"
#include "cli/split_files.h"
#include "cli/verbs.h"
#include "pcapout/output_file.h"

#define OUT      "test_split_files.pcapng"
#define ETHERNET "test_split_files-ethernet.pcapng"
#define WIFI     "test_split_files-wifi.pcapng"

static void kinds_stand_before_the_extension(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"out.pcapng", "out-wifi.pcapng"},
        {"out.pcapng.gz", "out-wifi.pcapng.gz"},
        {"out.PCAPNG.GZ", "out-wifi.PCAPNG.GZ"},
        {"out.gz", "out-wifi.gz"},
        {"out", "out-wifi"},
        {"a.b/out", "a.b/out-wifi"},
        {"a.b/out.2026.pcapng", "a.b/out.2026-wifi.pcapng"},
        {".hidden", ".hidden-wifi"},
        {"folder/.hidden.pcapng", "folder/.hidden-wifi.pcapng"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct text name = {.maximum = 0};
        cli_split_name(rows[i][0], "wifi", &name);
        assert_string_equal(text_get(&name), rows[i][1]);
        text_done(&name);
    }
}

static bool exists(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file) {
        (void)fclose(file);
    }
    return file != NULL;
}

struct fixture {
    struct cli_arguments *arguments;
    struct cli_split_files split;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    static char trace[] = "no-such-trace.etl";
    static char *words[] = {trace};
    (void)remove(ETHERNET);
    (void)remove(WIFI);
    fixture = (struct fixture){.arguments = NULL};
    *state = &fixture;
    if (cli_arguments_parse(cli_verb_find("convert"), 1, words, &fixture.arguments, NULL)) {
        return -1;
    }
    fixture.split = (struct cli_split_files){.arguments = fixture.arguments, .path = OUT};
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    cli_split_files_done(&fixture->split);
    cli_arguments_free(fixture->arguments);
    (void)remove(ETHERNET);
    (void)remove(WIFI);
    return 0;
}

static void open_kind(struct fixture *fixture, const char *kind)
{
    struct out_file *file = NULL;
    assert_int_equal(cli_split_files_open(&fixture->split, kind, &file, NULL), ETW_OK);
    assert_int_equal(out_file_write(file, kind, strlen(kind), NULL), ETW_OK);
}

static void files_appear_when_committed(void **state)
{
    struct fixture *fixture = *state;
    open_kind(fixture, "ethernet");
    open_kind(fixture, "wifi");
    assert_false(exists(ETHERNET) || exists(WIFI));
    assert_int_equal(cli_split_files_commit(&fixture->split, NULL), ETW_OK);
    assert_true(exists(ETHERNET) && exists(WIFI) && !exists(OUT));
    assert_string_equal(text_get(&fixture->split.names[1]), WIFI);
}

static void files_that_are_not_committed_never_appear(void **state)
{
    struct fixture *fixture = *state;
    open_kind(fixture, "ethernet");
    open_kind(fixture, "wifi");
    cli_split_files_done(&fixture->split);
    assert_false(exists(ETHERNET) || exists(WIFI));
}

static void a_name_that_is_taken_meanwhile_is_left_alone(void **state)
{
    struct fixture *fixture = *state;
    struct etw_error error;
    open_kind(fixture, "ethernet");
    open_kind(fixture, "wifi");
    FILE *file = fopen(ETHERNET, "wb");
    assert_non_null(file);
    (void)fclose(file);
    assert_int_equal(cli_split_files_commit(&fixture->split, &error), ETW_ERR_EXISTS);
    assert_non_null(strstr(error.text, ETHERNET));
    cli_split_files_done(&fixture->split);
    assert_false(exists(WIFI));
}

static void an_existing_file_is_refused_when_it_is_needed(void **state)
{
    struct fixture *fixture = *state;
    struct out_file *out = NULL;
    struct etw_error error;
    FILE *file = fopen(WIFI, "wb");
    assert_non_null(file);
    (void)fclose(file);
    open_kind(fixture, "ethernet");
    assert_int_equal(cli_split_files_open(&fixture->split, "wifi", &out, &error), ETW_ERR_EXISTS);
    assert_non_null(strstr(error.text, "--force"));
    assert_int_equal(fixture->split.count, 1);
}

static void only_names_of_files_can_be_split(void **state)
{
    (void)state;
    struct etw_error error;
    assert_int_equal(cli_split_files_check(OUT, &error), ETW_OK);
    assert_int_equal(cli_split_files_check(".", &error), ETW_ERR_OUTPUT);
    assert_non_null(strstr(error.text, "--split"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_stand_before_the_extension),
        cmocka_unit_test_setup_teardown(files_appear_when_committed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(files_that_are_not_committed_never_appear, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_name_that_is_taken_meanwhile_is_left_alone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_existing_file_is_refused_when_it_is_needed, set_up,
                                        tear_down),
        cmocka_unit_test(only_names_of_files_can_be_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
