/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "etw/base/text.h"

static void an_empty_text_is_a_valid_string(void **state)
{
    (void)state;
    struct text t = {.maximum = 10};
    assert_string_equal(text_get(&t), "");
    assert_null(t.data);
    text_add_bytes(&t, NULL, 0);
    assert_string_equal(t.data, "");
    text_done(&t);
    assert_int_equal(t.maximum, 10);
}

static void pieces_follow_each_other(void **state)
{
    (void)state;
    struct text t = {0};
    text_add(&t, "frame=");
    text_add_u64(&t, 12);
    text_add_char(&t, ',');
    text_add_u64(&t, 0);
    text_add_char(&t, ',');
    text_add_u64(&t, UINT64_MAX);
    text_add_format(&t, " %s %04d", "x", 7);
    assert_string_equal(t.data, "frame=12,0,18446744073709551615 x 0007");
    assert_int_equal(t.size, strlen(t.data));
    text_clear(&t);
    assert_string_equal(text_get(&t), "");
    text_add(&t, "again");
    assert_string_equal(text_get(&t), "again");
    text_done(&t);
}

static void growing_by_one_byte_keeps_everything(void **state)
{
    (void)state;
    struct text t = {0};
    for (int i = 0; i < 5000; i++) {
        text_add_char(&t, (char)('a' + i % 26));
        assert_int_equal(t.data[i + 1], 0);
    }
    assert_int_equal(t.size, 5000);
    for (int i = 0; i < 5000; i++) {
        assert_int_equal(t.data[i], 'a' + i % 26);
    }
    text_done(&t);
}

static void an_addition_over_the_maximum_changes_nothing_and_is_remembered(void **state)
{
    (void)state;
    struct text t = {.maximum = 5};
    text_add(&t, "abcd");
    text_add(&t, "ef");
    assert_true(t.failed);
    assert_string_equal(t.data, "abcd");
    text_add(&t, "e"); /* would fit, but the text is no longer what was wanted */
    assert_string_equal(t.data, "abcd");
    text_clear(&t);
    assert_false(t.failed);
    text_add(&t, "abcde");
    assert_false(t.failed);
    text_add_format(&t, "%d", 1);
    assert_true(t.failed);
    assert_string_equal(t.data, "abcde");
    text_done(&t);
}

static void a_huge_size_does_not_wrap_around(void **state)
{
    (void)state;
    struct text t = {0};
    text_add(&t, "abc");
    assert_null(text_reserve(&t, SIZE_MAX));
    assert_true(t.failed);
    text_clear(&t);
    assert_null(text_reserve(&t, SIZE_MAX - 2));
    text_done(&t);
}

static void reserved_room_can_be_written_to_its_end(void **state)
{
    (void)state;
    struct text t = {0};
    for (size_t size = 0; size < 300; size++) {
        char *room = text_reserve(&t, size);
        assert_non_null(room);
        memset(room, 'x', size);
        t.size += size;
    }
    text_add(&t, "");
    assert_int_equal(strlen(t.data), 299 * 300 / 2);
    text_done(&t);
}

static const struct utf16_case {
    const char *name, *utf16;
    size_t size;
    const char *utf8;
} utf16_cases[] = {
    {"ASCII", "A\0b\0", 4, "Ab"},
    {"two bytes", "\xe4\0\xff\x07", 4, "\xc3\xa4\xdf\xbf"},
    {"first of three bytes", "\0\x08", 2, "\xe0\xa0\x80"},
    {"three bytes", "\xac\x20\xff\xff", 4, "\xe2\x82\xac\xef\xbf\xbf"},
    {"a surrogate pair", "\x3d\xd8\x00\xde", 4, "\xf0\x9f\x98\x80"},
    {"first pair", "\x00\xd8\x00\xdc", 4, "\xf0\x90\x80\x80"},
    {"last pair", "\xff\xdb\xff\xdf", 4, "\xf4\x8f\xbf\xbf"},
    {"a lone high surrogate", "\x3d\xd8x\0", 4, "\xed\xa0\xbdx"},
    {"a lone low surrogate", "\x00\xdex\0", 4, "\xed\xb8\x80x"},
    {"a high surrogate at the end", "x\0\x3d\xd8", 4, "x\xed\xa0\xbd"},
    {"a high surrogate cut in the pair", "\x3d\xd8\x00", 3, "\xed\xa0\xbd"},
    {"two high surrogates, then a low one", "\x3d\xd8\x3d\xd8\x00\xde", 6,
     "\xed\xa0\xbd\xf0\x9f\x98\x80"},
    {"pair the wrong way round", "\x00\xde\x3d\xd8", 4, "\xed\xb8\x80\xed\xa0\xbd"},
    {"an odd last byte", "A\0B", 3, "A"},
    {"nothing", "", 0, ""},
};

static void utf16_becomes_utf8_without_loss(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(utf16_cases) / sizeof(utf16_cases[0]); i++) {
        const struct utf16_case *row = &utf16_cases[i];
        uint8_t exact[8]; /* at the end of the array, so that a read beyond is seen */
        uint8_t *from = exact + sizeof(exact) - row->size;
        struct text t = {0};
        memcpy(from, row->utf16, row->size);
        text_add_utf16(&t, from, row->size);
        if (strcmp(text_get(&t), row->utf8) != 0) {
            fail_msg("%s: %s", row->name, text_get(&t));
        }
        text_done(&t);
    }
}

static void a_text_with_a_maximum_ends_between_characters(void **state)
{
    (void)state;
    const uint8_t euros[] = {0xac, 0x20, 0xac, 0x20, 0xac, 0x20};
    for (size_t maximum = 1; maximum < 12; maximum++) {
        struct text t = {.maximum = maximum};
        text_add_utf16(&t, euros, sizeof(euros));
        size_t whole = maximum / 3 < 3 ? maximum / 3 : 3;
        assert_int_equal(t.size, whole * 3);
        assert_int_equal(t.failed, whole < 3);
        text_done(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_text_is_a_valid_string),
        cmocka_unit_test(pieces_follow_each_other),
        cmocka_unit_test(growing_by_one_byte_keeps_everything),
        cmocka_unit_test(an_addition_over_the_maximum_changes_nothing_and_is_remembered),
        cmocka_unit_test(a_huge_size_does_not_wrap_around),
        cmocka_unit_test(reserved_room_can_be_written_to_its_end),
        cmocka_unit_test(utf16_becomes_utf8_without_loss),
        cmocka_unit_test(a_text_with_a_maximum_ends_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
