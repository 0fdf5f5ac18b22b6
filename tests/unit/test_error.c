/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "etw/base/error.h"

static void a_failure_says_where_and_what(void **state)
{
    (void)state;
    struct etw_error error = {.status = ETW_OK};
    enum etw_status status =
        etw_fail(&error, ETW_ERR_INPUT, 1234, "the file '%s' has %d bytes", "x", 5);
    assert_int_equal(status, ETW_ERR_INPUT);
    assert_int_equal(error.status, ETW_ERR_INPUT);
    assert_int_equal(error.offset, 1234);
    assert_string_equal(error.text, "the file 'x' has 5 bytes");
}

static void without_a_place_for_it_only_the_status_comes_back(void **state)
{
    (void)state;
    assert_int_equal(etw_fail(NULL, ETW_ERR_LIMIT, 0, "%s", "unheard"), ETW_ERR_LIMIT);
    assert_int_equal(etw_fail_memory(NULL, "anything"), ETW_ERR_MEMORY);
}

/* Characters of one to four bytes, so that the end falls at every place in one. */
static void a_sentence_too_long_is_cut_between_characters(void **state)
{
    (void)state;
    static const char *const characters[] = {"p", "\xC3\xA4", "\xE6\xBC\xA2", "\xF0\x9F\x90\x9F"};
    static char path[2 * ETW_ERROR_TEXT_SIZE];
    for (size_t i = 0; i < 4; i++) {
        size_t size = strlen(characters[i]);
        for (size_t shift = 0; shift < size; shift++) {
            struct etw_error error;
            memset(path, 'x', shift);
            for (size_t at = shift; at < sizeof(path) - size; at += size) {
                memcpy(path + at, characters[i], size + 1);
            }
            (void)etw_fail(&error, ETW_ERR_INPUT, 0, "%s", path);
            size_t length = strlen(error.text);
            assert_true(length < sizeof(error.text) && length >= sizeof(error.text) - size);
            assert_int_equal((length - shift) % size, 0);
            assert_memory_equal(error.text, path, length);
        }
    }
}

static void a_long_path_does_not_hide_what_is_wrong(void **state)
{
    (void)state;
    struct etw_error error;
    char path[4096];
    memset(path, 'p', sizeof(path));
    path[sizeof(path) - 1] = '\0';
    (void)etw_fail(&error, ETW_ERR_INPUT, 7, "%s cannot be opened: %s", path, "Permission denied");
    assert_non_null(strstr(error.text, "Permission denied"));
    (void)etw_fail(&error, ETW_ERR_INPUT, 7, "the file ends too early");
    assert_int_equal(etw_fail_about(&error, path, ETW_ERR_INPUT), ETW_ERR_INPUT);
    assert_int_equal(strncmp(error.text, path, sizeof(path) - 1), 0);
    assert_string_equal(error.text + sizeof(path) - 1, ": the file ends too early");
    assert_int_equal(error.offset, 7);
}

static void missing_memory_names_what_it_was_for(void **state)
{
    (void)state;
    struct etw_error error;
    assert_int_equal(etw_fail_memory(&error, "the index"), ETW_ERR_MEMORY);
    assert_non_null(strstr(error.text, "the index"));
    assert_true(error.offset == ETW_NO_OFFSET);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_says_where_and_what),
        cmocka_unit_test(without_a_place_for_it_only_the_status_comes_back),
        cmocka_unit_test(a_sentence_too_long_is_cut_between_characters),
        cmocka_unit_test(a_long_path_does_not_hide_what_is_wrong),
        cmocka_unit_test(missing_memory_names_what_it_was_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
