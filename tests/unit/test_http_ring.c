/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "correlate/http_ring.h"

#define SIZE 16u

static void the_latest_keys_have_places(void **state)
{
    (void)state;
    struct http_ring ring;
    assert_true(http_ring_init(&ring, SIZE));
    for (uint64_t value = 1; value <= 1000; value++) {
        bool is_new = false;
        struct http_key key = {.value = value, .space = 2};
        uint32_t place = http_ring_take(&ring, &key, &is_new);
        assert_true(is_new && place < SIZE);
        assert_int_equal(http_ring_take(&ring, &key, &is_new), place);
        assert_false(is_new);
        for (uint64_t old = 1; old <= value; old++) {
            key.value = old;
            assert_int_equal(http_ring_find(&ring, &key) != HTTP_NO_PLACE, old + SIZE > value);
        }
    }
    http_ring_done(&ring);
}

static void keys_differ_by_process_and_space_too(void **state)
{
    (void)state;
    struct http_ring ring;
    bool is_new = false;
    const struct http_key first = {.value = 1, .pid = 2, .space = 3};
    const struct http_key others[] = {{.value = 1, .pid = 2, .space = 4},
                                      {.value = 1, .pid = 3, .space = 3},
                                      {.value = 2, .pid = 2, .space = 3}};
    assert_true(http_ring_init(&ring, SIZE));
    uint32_t place = http_ring_take(&ring, &first, &is_new);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_int_equal(http_ring_find(&ring, &others[i]), HTTP_NO_PLACE);
        assert_int_not_equal(http_ring_take(&ring, &others[i], &is_new), place);
    }
    assert_int_equal(http_ring_find(&ring, &first), place);
    http_ring_done(&ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_latest_keys_have_places),
        cmocka_unit_test(keys_differ_by_process_and_space_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
