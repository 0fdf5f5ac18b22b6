/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "etw/schema/schema_arena.h"

static void memory_is_zeroed_and_aligned(void **state)
{
    (void)state;
    struct schema_arena arena = {0};
    for (size_t size = 1; size < 100000; size = size * 3 + 1) {
        uint8_t *taken = schema_arena_take(&arena, size);
        assert_non_null(taken);
        assert_int_equal((uintptr_t)taken % alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(taken[i], 0);
        }
        memset(taken, 0xFF, size);
    }
    schema_arena_done(&arena);
    assert_null(arena.chunks);
}

static void nothing_is_also_something(void **state)
{
    (void)state;
    struct schema_arena arena = {0};
    assert_non_null(schema_arena_take(&arena, 0));
    assert_string_equal(schema_arena_text(&arena, NULL, 0), "");
    schema_arena_done(&arena);
}

static void the_limit_holds(void **state)
{
    (void)state;
    struct schema_arena arena = {0};
    const size_t piece = SCHEMA_ARENA_MAXIMUM / 16;
    assert_null(schema_arena_take(&arena, SIZE_MAX));
    assert_null(schema_arena_take(&arena, SIZE_MAX - 7));
    assert_null(schema_arena_take(&arena, SCHEMA_ARENA_MAXIMUM + 1));
    for (int i = 0; i < 16; i++) {
        assert_non_null(schema_arena_take(&arena, piece));
    }
    assert_null(schema_arena_take(&arena, 1));
    schema_arena_done(&arena);
}

static void texts_lose_their_trailing_blanks(void **state)
{
    (void)state;
    struct schema_arena arena = {0};
    assert_string_equal(schema_arena_text(&arena, "Start ", 6), "Start");
    assert_string_equal(schema_arena_text(&arena, " a b\r\n \t", 8), " a b");
    assert_string_equal(schema_arena_text(&arena, "   ", 3), "");
    assert_string_equal(schema_arena_text(&arena, "abc", 2), "ab");
    assert_string_equal(schema_arena_text(&arena, "a\0b", 3), "a");
    schema_arena_done(&arena);
}

static void utf16_becomes_utf8(void **state)
{
    (void)state;
    struct schema_arena arena = {0};
    static const uint8_t text[] = {'A', 0, 0xE9, 0, 0xAC, 0x20, 0x3D, 0xD8, 0x00, 0xDE, ' ', 0};
    struct bytes utf16 = bytes_of(text, sizeof(text));
    assert_string_equal(schema_arena_utf16(&arena, &utf16),
                        "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
    utf16 = bytes_of(text, 0);
    assert_string_equal(schema_arena_utf16(&arena, &utf16), "");
    schema_arena_done(&arena);
}

static void a_lone_surrogate_survives(void **state)
{
    (void)state;
    struct schema_arena arena = {0};
    static const uint8_t high[] = {0x3D, 0xD8, 'x', 0};
    static const uint8_t low[] = {0x00, 0xDE, 0x3D, 0xD8};
    struct bytes utf16 = bytes_of(high, sizeof(high));
    assert_string_equal(schema_arena_utf16(&arena, &utf16), "\xED\xA0\xBDx");
    utf16 = bytes_of(low, sizeof(low));
    assert_string_equal(schema_arena_utf16(&arena, &utf16), "\xED\xB8\x80\xED\xA0\xBD");
    schema_arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_aligned),
        cmocka_unit_test(nothing_is_also_something),
        cmocka_unit_test(the_limit_holds),
        cmocka_unit_test(texts_lose_their_trailing_blanks),
        cmocka_unit_test(utf16_becomes_utf8),
        cmocka_unit_test(a_lone_surrogate_survives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
