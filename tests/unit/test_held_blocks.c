/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "pcapout/held_blocks.h"

struct fixture {
    struct held_blocks held;
    struct out_file *file;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.file = NULL};
    *state = &fixture;
    return out_file_open_memory(&fixture.file, NULL);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    held_blocks_done(&fixture->held);
    out_file_abort(fixture->file);
    return 0;
}

static void add(struct fixture *fixture, const char *text)
{
    size_t size = strlen(text);
    uint8_t *to = held_blocks_reserve(&fixture->held, size + 5);
    assert_non_null(to);
    memcpy(to, text, size);
    held_blocks_advance(&fixture->held, size);
    assert_int_equal(held_blocks_write(&fixture->held, fixture->file, NULL), ETW_OK);
}

static bool fill(struct fixture *fixture, uint64_t number, const char *text)
{
    bool has_failed = true;
    bool is_placed = held_blocks_fill(&fixture->held, number, text, strlen(text), &has_failed);
    assert_false(has_failed);
    assert_int_equal(held_blocks_write(&fixture->held, fixture->file, NULL), ETW_OK);
    return is_placed;
}

static void check(const struct fixture *fixture, const char *expected)
{
    size_t size = 0;
    const uint8_t *data = out_file_get_memory(fixture->file, &size);
    assert_int_equal(size, strlen(expected));
    assert_memory_equal(data, expected, size);
}

static void blocks_wait_for_the_place_before_them(void **state)
{
    struct fixture *fixture = *state;
    assert_true(held_blocks_keep_place(&fixture->held, 1));
    add(fixture, "b");
    assert_true(held_blocks_keep_place(&fixture->held, 2));
    add(fixture, "d");
    check(fixture, "");
    assert_true(fill(fixture, 2, "c")); /* the later one first */
    check(fixture, "");
    assert_true(fill(fixture, 1, "a"));
    check(fixture, "abcd");
    assert_true(held_blocks_is_empty(&fixture->held));
    assert_int_equal(fixture->held.size, 0);
}

static void a_place_that_is_left_holds_nothing_back(void **state)
{
    struct fixture *fixture = *state;
    assert_true(held_blocks_keep_place(&fixture->held, 1));
    assert_true(held_blocks_keep_place(&fixture->held, 2));
    add(fixture, "x");
    held_blocks_leave(&fixture->held, 1);
    add(fixture, "y");
    check(fixture, "");
    held_blocks_leave(&fixture->held, 2);
    held_blocks_leave(&fixture->held, 9); /* never kept */
    add(fixture, "z");
    check(fixture, "xyz");
    assert_false(fill(fixture, 2, "late"));
}

/* What waits longest is written when memory would grow without end. */
static void too_much_gives_the_first_place_up(void **state)
{
    struct fixture *fixture = *state;
    const size_t size = (size_t)1 << 20;
    assert_true(held_blocks_keep_place(&fixture->held, 1));
    for (size_t held = 0; held <= HELD_BLOCKS_MAXIMUM; held += size) {
        uint8_t *to = held_blocks_reserve(&fixture->held, size);
        assert_non_null(to);
        memset(to, 'x', size);
        held_blocks_advance(&fixture->held, size);
    }
    assert_false(fill(fixture, 1, "late"));
    assert_true(held_blocks_is_empty(&fixture->held));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(blocks_wait_for_the_place_before_them, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_place_that_is_left_holds_nothing_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(too_much_gives_the_first_place_up, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
