/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "etw/base/array.h"

static void an_array_grows_and_keeps_its_items(void **state)
{
    (void)state;
    uint32_t *numbers = NULL;
    size_t capacity = 0;
    for (size_t count = 0; count < 10000; count++) {
        void *items = numbers;
        assert_true(array_grow(&items, &capacity, count + 1, sizeof(*numbers)));
        numbers = items;
        assert_true(capacity > count);
        numbers[count] = (uint32_t)count;
    }
    for (size_t i = 0; i < 10000; i++) {
        assert_int_equal(numbers[i], i);
    }
    assert_true(capacity < 20000);
    free(numbers);
}

static void room_that_is_there_is_not_moved(void **state)
{
    (void)state;
    void *items = NULL;
    size_t capacity = 0;
    assert_true(array_grow(&items, &capacity, 0, 4));
    assert_null(items);
    assert_true(array_grow(&items, &capacity, 3, 4));
    void *before = items;
    assert_true(array_grow(&items, &capacity, capacity, 4));
    assert_ptr_equal(items, before);
    free(items);
}

static void a_size_beyond_all_memory_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    static const struct {
        size_t count, item_size;
    } impossible[] = {{SIZE_MAX, 1},
                      {SIZE_MAX, 16},
                      {SIZE_MAX / 2, 4},
                      {SIZE_MAX / 8, 32},
                      {(SIZE_MAX >> 1) + 2, 1}};
    void *items = NULL;
    size_t capacity = 0;
    assert_true(array_grow(&items, &capacity, 16, 4));
    for (size_t i = 0; i < sizeof(impossible) / sizeof(impossible[0]); i++) {
        void *before = items;
        assert_false(array_grow(&items, &capacity, impossible[i].count, impossible[i].item_size));
        assert_ptr_equal(items, before);
        assert_int_equal(capacity, 16);
    }
    free(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_array_grows_and_keeps_its_items),
        cmocka_unit_test(room_that_is_there_is_not_moved),
        cmocka_unit_test(a_size_beyond_all_memory_is_refused_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
