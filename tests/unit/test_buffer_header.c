/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "etw/container/buffer_header.h"
#include "tests/support/etl_builder.h"

/* A plain buffer with one event, or a packed one. */
static struct etl_builder make_buffer(bool is_packed)
{
    struct etl_builder b = {.buffer_size = 1024};
    etl_open_buffer(&b, 5);
    etl_add_event(&b, 1, 100, 1);
    etl_add_event(&b, 2, 100, 2);
    if (is_packed) {
        etl_close_packed(&b);
    } else {
        etl_close_buffer(&b);
    }
    return b;
}

static void the_fields_are_read_from_their_places(void **state)
{
    (void)state;
    uint8_t data[BUFFER_HEADER_SIZE] = {0};
    put_le32(data, 0x10000);
    put_le32(data + 0x04, 0x1230);
    put_le32(data + 0x0C, 7);
    put_le16(data + 0x28, 0xFFFF);
    put_le32(data + 0x2C, 3);
    put_le32(data + 0x30, 0x1238);
    put_le16(data + 0x34, 0x21);
    put_le16(data + 0x36, 4);
    struct buffer_header header = buffer_header_read(data, sizeof(data));
    assert_int_equal(header.size, 0x10000);
    assert_int_equal(header.saved_offset, 0x1230);
    assert_int_equal(header.offset, 0x1238);
    assert_int_equal(header.reference_count, 7);
    assert_int_equal(header.state, 3);
    assert_int_equal(header.flags, 0x21);
    assert_int_equal(header.type, BUFFER_TYPE_HEADER);
    assert_int_equal(header.cpu, 0x07FF); /* 11 bits, whatever stands above */
}

static void without_the_flag_the_cpu_is_one_byte(void **state)
{
    (void)state;
    uint8_t data[BUFFER_HEADER_SIZE] = {0};
    put_le16(data + 0x28, 0x0803); /* CPU 3, alignment 8 */
    assert_int_equal(buffer_header_read(data, sizeof(data)).cpu, 3);
    put_le16(data + 0x34, BUFFER_HAS_CPU_INDEX);
    assert_int_equal(buffer_header_read(data, sizeof(data)).cpu, 3);
    put_le16(data + 0x28, 0x0303);
    assert_int_equal(buffer_header_read(data, sizeof(data)).cpu, 0x303);
}

static void a_sound_buffer_contradicts_nothing(void **state)
{
    (void)state;
    for (int is_packed = 0; is_packed < 2; is_packed++) {
        struct etl_builder b = make_buffer(is_packed);
        assert_int_equal(buffer_header_contradictions(b.data, b.size), 0);
        assert_int_equal(buffer_header_contradictions(b.data, BUFFER_PEEK_SIZE), 0);
        assert_int_equal(buffer_header_contradictions(b.data, BUFFER_HEADER_SIZE), 0);
        struct buffer_header header = buffer_header_read(b.data, b.size);
        assert_int_equal(header.is_compressed, is_packed);
        assert_int_equal(buffer_header_fill(&header), 0x48 + 2 * 0xB8);
        etl_done(&b);
    }
    struct etl_builder first = {.buffer_size = 1024};
    etl_add_header(&first);
    assert_int_equal(buffer_header_contradictions(first.data, first.size), 0);
    put_le32(first.data + 0x04, 0); /* Windows 7 saves no offset here */
    assert_int_equal(buffer_header_contradictions(first.data, first.size), 0);
    etl_done(&first);
}

static void every_truncation_of_a_header_is_no_buffer(void **state)
{
    (void)state;
    struct etl_builder b = make_buffer(false);
    for (size_t size = 0; size < BUFFER_HEADER_SIZE; size++) {
        assert_true(buffer_header_contradictions(b.data, size) > 1);
    }
    etl_done(&b);
}

static const struct field_case {
    const char *name;
    size_t at;
    uint32_t value;
    bool is_half; /* a u16 */
} field_cases[] = {
    {"size 0", 0x00, 0, false},
    {"size too small", 0x00, 0x47, false},
    {"size too large", 0x00, BUFFER_SIZE_MAXIMUM + 1, false},
    {"saved offset", 0x04, 0x100, false},
    {"saved offset huge", 0x04, UINT32_MAX, false},
    {"reference count", 0x0C, 1, false},
    {"state", 0x2C, 5, false},
    {"offset 0", 0x30, 0, false},
    {"offset", 0x30, 0x100, false},
    {"offset huge", 0x30, UINT32_MAX, false},
    {"flags", 0x34, 0x8020, true},
    {"type", 0x36, 8, true},
};

static void one_damaged_field_is_one_contradiction(void **state)
{
    (void)state;
    for (int is_packed = 0; is_packed < 2; is_packed++) {
        for (size_t i = 0; i < sizeof(field_cases) / sizeof(field_cases[0]); i++) {
            const struct field_case *row = &field_cases[i];
            struct etl_builder b = make_buffer(is_packed);
            if (row->is_half) {
                put_le16(b.data + row->at, (uint16_t)(row->value | (is_packed ? 0x40 : 0)));
                put_le16(b.data + 0x36, (uint16_t)(row->at == 0x36 ? row->value : 0));
            } else {
                put_le32(b.data + row->at, row->value);
            }
            unsigned count = buffer_header_contradictions(b.data, b.size);
            if (count != 1) {
                fail_msg("%s, packed %d: %u", row->name, is_packed, count);
            }
            etl_done(&b);
        }
    }
}

static void zeros_and_fill_bytes_are_no_header(void **state)
{
    (void)state;
    for (int value = 0; value < 256; value++) {
        uint8_t data[BUFFER_PEEK_SIZE];
        memset(data, value, sizeof(data));
        assert_true(buffer_header_contradictions(data, sizeof(data)) > 1);
    }
}

static void the_fill_survives_one_damaged_field(void **state)
{
    (void)state;
    static const uint32_t values[] = {0, 0x47, 0x49, 0xFFFF, 0x1000000, UINT32_MAX};
    for (size_t i = 0; i < 6; i++) {
        struct etl_builder b = make_buffer(false);
        put_le32(b.data + (i % 2 ? 0x30 : 0x04), values[i]);
        struct buffer_header header = buffer_header_read(b.data, b.size);
        assert_int_equal(buffer_header_fill(&header), 0x48 + 2 * 0xB8);
        etl_done(&b);
    }
}

static void the_fill_is_always_within_its_limits(void **state)
{
    (void)state;
    static const uint32_t values[] = {0, 1, 0x48, 0x100, 0x10000, BUFFER_SIZE_MAXIMUM, UINT32_MAX};
    for (size_t i = 0; i < 7 * 7 * 7 * 4; i++) {
        uint8_t data[BUFFER_PEEK_SIZE] = {0};
        put_le32(data, values[i % 7]);
        put_le32(data + 0x04, values[i / 7 % 7]);
        put_le32(data + 0x30, values[i / 49 % 7]);
        put_le16(data + 0x34, i / 343 % 2 ? BUFFER_COMPRESSED : 0);
        put_le16(data + 0x36, i / 686 ? BUFFER_TYPE_HEADER : 0);
        struct buffer_header header = buffer_header_read(data, sizeof(data));
        uint32_t fill = buffer_header_fill(&header);
        bool is_bounded =
            fill <= BUFFER_SIZE_MAXIMUM || (!header.is_compressed && fill <= header.size);
        assert_true(is_bounded);
        assert_true(fill >= BUFFER_HEADER_SIZE || fill == header.size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fields_are_read_from_their_places),
        cmocka_unit_test(without_the_flag_the_cpu_is_one_byte),
        cmocka_unit_test(a_sound_buffer_contradicts_nothing),
        cmocka_unit_test(every_truncation_of_a_header_is_no_buffer),
        cmocka_unit_test(one_damaged_field_is_one_contradiction),
        cmocka_unit_test(zeros_and_fill_bytes_are_no_header),
        cmocka_unit_test(the_fill_survives_one_damaged_field),
        cmocka_unit_test(the_fill_is_always_within_its_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
