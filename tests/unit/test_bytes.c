/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "etw/base/bytes.h"

static const uint8_t nine[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09};

static void numbers_are_little_endian(void **state)
{
    (void)state;
    struct bytes b = bytes_of(nine, sizeof(nine));
    assert_int_equal(bytes_u8(&b), 0x01);
    assert_int_equal(bytes_u16(&b), 0x0302);
    assert_int_equal(bytes_u32(&b), 0x07060504);
    assert_int_equal(bytes_left(&b), 2);
    b = bytes_of(nine, sizeof(nine));
    assert_true(bytes_u64(&b) == UINT64_C(0x0807060504030201));
    assert_false(b.failed);
}

static void network_numbers_are_big_endian(void **state)
{
    (void)state;
    assert_int_equal(load_be16(nine), 0x0102);
    assert_int_equal(load_be32(nine), 0x01020304);
    const uint8_t high[] = {0xFF, 0xFE, 0xFD, 0xFC};
    assert_int_equal(load_be32(high), 0xFFFEFDFC);
}

static void a_read_past_the_end_fails_and_stays_failed(void **state)
{
    (void)state;
    struct bytes b = bytes_of(nine, 3);
    assert_int_equal(bytes_u16(&b), 0x0201);
    assert_int_equal(bytes_u32(&b), 0);
    assert_true(b.failed);
    assert_int_equal(bytes_u8(&b), 0); /* the third byte is no longer given out */
    assert_int_equal(bytes_left(&b), 0);
    bytes_seek(&b, 0);
    assert_int_equal(bytes_u8(&b), 0);
}

static void every_truncation_of_a_structure_is_noticed(void **state)
{
    (void)state;
    for (size_t size = 0; size <= sizeof(nine); size++) {
        struct bytes b = bytes_of(nine, size);
        (void)bytes_u8(&b);
        (void)bytes_pointer(&b, 4);
        (void)bytes_u16(&b);
        bytes_skip(&b, 2);
        assert_int_equal(b.failed, size < sizeof(nine));
        assert_true(b.position <= size);
    }
}

static void sizes_near_the_largest_do_not_wrap_around(void **state)
{
    (void)state;
    struct bytes b = bytes_of(nine, sizeof(nine));
    bytes_skip(&b, 4);
    assert_null(bytes_take(&b, SIZE_MAX));
    assert_true(b.failed);
    b = bytes_of(nine, sizeof(nine));
    bytes_skip(&b, 4);
    assert_null(bytes_take(&b, SIZE_MAX - 3));
    b = bytes_of(nine, sizeof(nine));
    bytes_seek(&b, SIZE_MAX);
    assert_true(b.failed);
}

static void seeking_to_the_end_is_allowed_and_behind_it_is_not(void **state)
{
    (void)state;
    struct bytes b = bytes_of(nine, sizeof(nine));
    bytes_seek(&b, sizeof(nine));
    assert_false(b.failed);
    assert_int_equal(bytes_left(&b), 0);
    bytes_seek(&b, 0);
    assert_int_equal(bytes_u8(&b), 1);
    bytes_seek(&b, sizeof(nine) + 1);
    assert_true(b.failed);
}

static void an_inner_reader_cannot_leave_its_part(void **state)
{
    (void)state;
    struct bytes b = bytes_of(nine, sizeof(nine));
    struct bytes inner = bytes_sub(&b, 3);
    assert_int_equal(bytes_u16(&inner), 0x0201);
    assert_int_equal(bytes_u16(&inner), 0);
    assert_true(inner.failed);
    assert_false(b.failed);
    assert_int_equal(bytes_u8(&b), 4);
    struct bytes too_long = bytes_sub(&b, 6);
    assert_true(too_long.failed);
    assert_true(b.failed);
    assert_int_equal(bytes_left(&too_long), 0);
}

static void the_rest_may_be_empty(void **state)
{
    (void)state;
    struct bytes b = bytes_of(nine, 2);
    bytes_skip(&b, 2);
    struct bytes rest = bytes_rest(&b);
    assert_false(rest.failed);
    assert_int_equal(rest.size, 0);
}

static void pointers_have_the_size_of_their_writer(void **state)
{
    (void)state;
    struct bytes b = bytes_of(nine, sizeof(nine));
    assert_true(bytes_pointer(&b, 4) == 0x04030201);
    assert_int_equal(b.position, 4);
    b = bytes_of(nine, sizeof(nine));
    assert_true(bytes_pointer(&b, 8) == UINT64_C(0x0807060504030201));
}

static const struct string_case {
    const char *name, *data;
    size_t size, text_size, position;
} string_cases[] = {
    {"closed", "a\0b\0\0\0cd", 8, 4, 6},
    {"empty", "\0\0ab", 4, 0, 2},
    {"without its NUL", "a\0b\0", 4, 4, 4},
    {"without its NUL and odd", "a\0b\0c", 5, 4, 5},
    {"zeros across two characters", "a\0\0b\0\0", 6, 4, 6},
    {"cut inside the NUL", "a\0\0", 3, 2, 3},
    {"nothing", "", 0, 0, 0},
    {"one byte", "a", 1, 0, 1},
};

static void a_utf16_string_ends_at_its_nul_or_with_the_data(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(string_cases) / sizeof(string_cases[0]); i++) {
        const struct string_case *row = &string_cases[i];
        struct bytes b = bytes_of(row->data, row->size);
        struct bytes text = bytes_utf16z(&b);
        if (text.size != row->text_size || b.position != row->position || b.failed) {
            fail_msg("%s: %zu bytes, then at %zu", row->name, text.size, b.position);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_little_endian),
        cmocka_unit_test(network_numbers_are_big_endian),
        cmocka_unit_test(a_read_past_the_end_fails_and_stays_failed),
        cmocka_unit_test(every_truncation_of_a_structure_is_noticed),
        cmocka_unit_test(sizes_near_the_largest_do_not_wrap_around),
        cmocka_unit_test(seeking_to_the_end_is_allowed_and_behind_it_is_not),
        cmocka_unit_test(an_inner_reader_cannot_leave_its_part),
        cmocka_unit_test(the_rest_may_be_empty),
        cmocka_unit_test(pointers_have_the_size_of_their_writer),
        cmocka_unit_test(a_utf16_string_ends_at_its_nul_or_with_the_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
