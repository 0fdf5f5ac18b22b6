/* SPDX-License-Identifier: MIT */
#include "correlate/process_pointers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define POINTER 0xFFFFAC840A3340C0u

static void test_a_pointer_keeps_its_life(void **state)
{
    (void)state;
    struct process_pointers pointers = {.count = 0};
    uint32_t life = process_pointers_now(&pointers, POINTER);
    assert_int_equal(process_pointers_now(&pointers, POINTER), life);
    assert_int_equal(process_pointers_name(&pointers, POINTER, 10, true, 500), life);
    assert_int_equal(process_pointers_now(&pointers, POINTER), life);
    assert_int_not_equal(process_pointers_now(&pointers, POINTER + 1), life);
    assert_int_equal(pointers.lives[life].pid, 10);
    assert_int_equal(pointers.lives[life].offset, 500);
    process_pointers_done(&pointers);
}

static void test_a_payload_says_more_than_a_caller(void **state)
{
    (void)state;
    struct process_pointers pointers = {.count = 0};
    uint32_t life = process_pointers_name(&pointers, POINTER, 10, false, 500);
    assert_false(pointers.lives[life].is_stated);
    assert_int_equal(process_pointers_name(&pointers, POINTER, 10, true, 600), life);
    assert_int_equal(process_pointers_name(&pointers, POINTER, 10, false, 700), life);
    assert_true(pointers.lives[life].is_stated);
    assert_int_equal(pointers.lives[life].offset, 600);
    process_pointers_done(&pointers);
}

static void test_another_pid_is_another_life(void **state)
{
    (void)state;
    struct process_pointers pointers = {.count = 0};
    uint32_t first = process_pointers_name(&pointers, POINTER, 10, true, 500);
    uint32_t second = process_pointers_name(&pointers, POINTER, 20, true, 600);
    assert_int_not_equal(first, second);
    assert_true(pointers.lives[first].is_over);
    assert_int_equal(pointers.lives[first].pid, 10);
    assert_int_equal(process_pointers_now(&pointers, POINTER), second);
    process_pointers_done(&pointers);
}

static void test_the_end_of_a_process_ends_all_its_lives(void **state)
{
    (void)state;
    struct process_pointers pointers = {.count = 0};
    uint32_t first = process_pointers_name(&pointers, POINTER, 10, true, 500);
    uint32_t second = process_pointers_name(&pointers, POINTER + 8, 10, false, 600);
    uint32_t other = process_pointers_name(&pointers, POINTER + 16, 20, true, 700);
    process_pointers_end(&pointers, 10);
    process_pointers_end(&pointers, 30);
    assert_true(pointers.lives[first].is_over);
    assert_true(pointers.lives[second].is_over);
    assert_false(pointers.lives[other].is_over);
    uint32_t next = process_pointers_now(&pointers, POINTER);
    assert_int_not_equal(next, first);
    assert_int_equal(pointers.lives[next].pid, 0);
    process_pointers_done(&pointers);
}

static void test_a_doubtful_pointer_begins_again(void **state)
{
    (void)state;
    struct process_pointers pointers = {.count = 0};
    uint32_t first = process_pointers_name(&pointers, POINTER, 10, true, 500);
    process_pointers_drop(&pointers, first);
    process_pointers_drop(&pointers, first);
    process_pointers_drop(&pointers, CORR_NO_ROW);
    uint32_t second = process_pointers_name(&pointers, POINTER, 10, true, 600);
    assert_int_not_equal(first, second);
    process_pointers_end(&pointers, 10);
    assert_true(pointers.lives[second].is_over);
    process_pointers_done(&pointers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_pointer_keeps_its_life),
        cmocka_unit_test(test_a_payload_says_more_than_a_caller),
        cmocka_unit_test(test_another_pid_is_another_life),
        cmocka_unit_test(test_the_end_of_a_process_ends_all_its_lives),
        cmocka_unit_test(test_a_doubtful_pointer_begins_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
