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

static void a_sentence_too_long_is_cut_and_closed(void **state)
{
    (void)state;
    struct etw_error error;
    char path[1000];
    memset(path, 'p', sizeof(path));
    path[sizeof(path) - 1] = '\0';
    (void)etw_fail(&error, ETW_ERR_INPUT, 0, "%s", path);
    assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
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
        cmocka_unit_test(a_sentence_too_long_is_cut_and_closed),
        cmocka_unit_test(missing_memory_names_what_it_was_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
