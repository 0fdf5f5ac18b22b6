/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pcapout/output_file.h"

/* In the working directory, which is the build's. */
#define NAME  "test_output_file.out"
#define LINK  "test_output_file.link"
#define LARGE ((size_t)11 * 1024 * 1024 + 123)

static bool exists(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file) {
        (void)fclose(file);
    }
    return file != NULL;
}

static void check_content(const char *path, const void *expected, size_t size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    uint8_t *content = malloc(size + 1);
    assert_non_null(content);
    assert_int_equal(fread(content, 1, size + 1, file), size);
    assert_memory_equal(content, expected, size);
    free(content);
    (void)fclose(file);
}

static void put_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    (void)fputs(text, file);
    (void)fclose(file);
}

static int remove_files(void **state)
{
    (void)state;
    (void)remove(NAME);
    (void)remove(LINK);
    return 0;
}

static uint8_t *make_pattern(size_t size)
{
    uint8_t *data = malloc(size);
    assert_non_null(data);
    uint32_t value = 1;
    for (size_t i = 0; i < size; i++) {
        value = value * 1664525 + 1013904223;
        data[i] = (uint8_t)(value >> 24);
    }
    return data;
}

static void a_file_appears_only_when_committed(void **state)
{
    (void)state;
    struct out_file *file = NULL;
    assert_int_equal(out_file_open(NAME, false, true, &file, NULL), ETW_OK);
    assert_int_equal(out_file_write(file, "rows", 4, NULL), ETW_OK);
    assert_int_equal(out_file_flush(file, NULL), ETW_OK);
    assert_false(exists(NAME));
    assert_int_equal(out_file_size(file), 4);
    assert_int_equal(out_file_commit(file, NULL), ETW_OK);
    check_content(NAME, "rows", 4);
}

static void an_aborted_file_never_appears(void **state)
{
    (void)state;
    struct out_file *file = NULL;
    uint8_t *data = make_pattern(LARGE);
    assert_int_equal(out_file_open(NAME, false, true, &file, NULL), ETW_OK);
    assert_int_equal(out_file_write(file, data, LARGE, NULL), ETW_OK);
    out_file_abort(file);
    out_file_abort(NULL);
    assert_false(exists(NAME));
    free(data);
}

static void an_existing_file_is_refused_and_left_alone(void **state)
{
    (void)state;
    struct out_file *file = NULL;
    struct etw_error error;
    put_file(NAME, "old");
    assert_int_equal(out_file_open(NAME, false, true, &file, &error), ETW_ERR_EXISTS);
    assert_null(file);
    assert_non_null(strstr(error.text, "--force"));
    check_content(NAME, "old", 3);
}

static void an_existing_file_is_replaced_when_asked(void **state)
{
    (void)state;
    struct out_file *file = NULL;
    put_file(NAME, "old");
    assert_int_equal(out_file_open(NAME, true, true, &file, NULL), ETW_OK);
    assert_int_equal(out_file_write(file, "newer", 5, NULL), ETW_OK);
    check_content(NAME, "old", 3);
    assert_int_equal(out_file_commit(file, NULL), ETW_OK);
    check_content(NAME, "newer", 5);
}

static void a_file_that_appears_meanwhile_is_not_overwritten(void **state)
{
    (void)state;
    struct out_file *file = NULL;
    assert_int_equal(out_file_open(NAME, false, true, &file, NULL), ETW_OK);
    assert_int_equal(out_file_write(file, "mine", 4, NULL), ETW_OK);
    put_file(NAME, "theirs");
    assert_int_equal(out_file_commit(file, NULL), ETW_ERR_EXISTS);
    check_content(NAME, "theirs", 6);
}

static void through_a_link_the_target_is_replaced(void **state)
{
    (void)state;
    struct out_file *file = NULL;
    put_file(NAME, "old");
    if (system("ln -s " NAME " " LINK) != 0) {
        skip();
    }
    assert_int_equal(out_file_open(LINK, true, true, &file, NULL), ETW_OK);
    assert_int_equal(out_file_write(file, "new", 3, NULL), ETW_OK);
    assert_int_equal(out_file_commit(file, NULL), ETW_OK);
    check_content(NAME, "new", 3);
    assert_int_equal(remove(LINK), 0);
    assert_true(exists(NAME));
}

static void what_is_no_place_for_a_file_is_said(void **state)
{
    (void)state;
    static const struct {
        const char *path, *part;
    } cases[] = {
        {".", "is a folder"},
        {"no-such-folder/out.pcapng", "no such folder"},
        {"no-such-name/", "does not name a file"},
        {"", "does not name a file"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct out_file *file = NULL;
        struct etw_error error = {.status = ETW_OK};
        assert_int_equal(out_file_open(cases[i].path, true, true, &file, &error), ETW_ERR_OUTPUT);
        assert_null(file);
        assert_non_null(strstr(error.text, cases[i].part));
    }
}

static void many_blocks_arrive_in_order(void **state)
{
    (void)state;
    struct out_file *file = NULL;
    uint8_t *data = make_pattern(LARGE);
    assert_int_equal(out_file_open(NAME, false, true, &file, NULL), ETW_OK);
    size_t done = 0;
    for (size_t part = 1; done < LARGE; part = part * 7 % 65521) {
        part = part < LARGE - done ? part : LARGE - done;
        uint8_t *to = out_file_reserve(file, part + 100);
        assert_non_null(to);
        memcpy(to, data + done, part);
        out_file_advance(file, part);
        done += part;
    }
    assert_int_equal(out_file_flush(file, NULL), ETW_OK);
    assert_int_equal(out_file_write(file, "end", 3, NULL), ETW_OK);
    assert_int_equal(out_file_size(file), LARGE + 3);
    assert_int_equal(out_file_commit(file, NULL), ETW_OK);
    data = realloc(data, LARGE + 3);
    assert_non_null(data);
    memcpy(data + LARGE, "end", 3);
    check_content(NAME, data, LARGE + 3);
    free(data);
}

static void a_full_disk_is_an_error_at_the_latest_on_commit(void **state)
{
    (void)state;
    if (!exists("/dev/full")) {
        skip();
    }
    struct out_file *file = NULL;
    struct etw_error error = {.status = ETW_OK};
    assert_int_equal(out_file_open("/dev/full", false, true, &file, NULL), ETW_OK);
    assert_int_equal(out_file_write(file, "x", 1, NULL), ETW_OK);
    assert_int_equal(out_file_commit(file, &error), ETW_ERR_OUTPUT);
    assert_non_null(strstr(error.text, "cannot be written"));
}

static void an_error_of_the_writing_thread_comes_back(void **state)
{
    (void)state;
    if (!exists("/dev/full")) {
        skip();
    }
    struct out_file *file = NULL;
    struct etw_error error = {.status = ETW_OK};
    uint8_t *data = make_pattern(LARGE);
    assert_int_equal(out_file_open("/dev/full", false, true, &file, NULL), ETW_OK);
    (void)out_file_write(file, data, LARGE, NULL);
    assert_int_equal(out_file_flush(file, &error), ETW_ERR_OUTPUT);
    assert_null(out_file_reserve(file, 1));
    assert_int_equal(out_file_status(file, &error), ETW_ERR_OUTPUT);
    assert_int_equal(out_file_commit(file, &error), ETW_ERR_OUTPUT);
    free(data);
}

static void memory_holds_everything_that_was_written(void **state)
{
    (void)state;
    struct out_file *file = NULL;
    uint8_t *data = make_pattern(LARGE);
    assert_int_equal(out_file_open_memory(&file, NULL), ETW_OK);
    assert_int_equal(out_file_write(file, data, LARGE, NULL), ETW_OK);
    uint8_t *to = out_file_reserve(file, OUT_RESERVE_MAXIMUM);
    assert_non_null(to);
    memset(to, 'x', OUT_RESERVE_MAXIMUM);
    out_file_advance(file, 2);
    size_t size = 0;
    const uint8_t *held = out_file_get_memory(file, &size);
    assert_int_equal(size, LARGE + 2);
    assert_memory_equal(held, data, LARGE);
    assert_memory_equal(held + LARGE, "xx", 2);
    assert_int_equal(out_file_commit(file, NULL), ETW_OK);
    free(data);
}

static void nothing_only_counts(void **state)
{
    (void)state;
    struct out_file *file = NULL;
    uint8_t *data = make_pattern(LARGE);
    assert_int_equal(out_file_open_null(&file, NULL), ETW_OK);
    assert_int_equal(out_file_write(file, data, LARGE, NULL), ETW_OK);
    assert_non_null(out_file_reserve(file, OUT_RESERVE_MAXIMUM));
    assert_int_equal(out_file_size(file), LARGE);
    assert_int_equal(out_file_commit(file, NULL), ETW_OK);
    free(data);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, remove_files, remove_files)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_file_appears_only_when_committed),
        IN_FOLDER(an_aborted_file_never_appears),
        IN_FOLDER(an_existing_file_is_refused_and_left_alone),
        IN_FOLDER(an_existing_file_is_replaced_when_asked),
        IN_FOLDER(a_file_that_appears_meanwhile_is_not_overwritten),
        IN_FOLDER(through_a_link_the_target_is_replaced),
        IN_FOLDER(what_is_no_place_for_a_file_is_said),
        IN_FOLDER(many_blocks_arrive_in_order),
        cmocka_unit_test(a_full_disk_is_an_error_at_the_latest_on_commit),
        cmocka_unit_test(an_error_of_the_writing_thread_comes_back),
        cmocka_unit_test(memory_holds_everything_that_was_written),
        cmocka_unit_test(nothing_only_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
