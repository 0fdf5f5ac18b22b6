/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "etw/fields.h"
#include "support/random.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

static void check_text(const struct etw_field *field, const char *expected)
{
    struct text text = {0};
    text_add(&text, "=");
    etw_field_format(field, &text);
    assert_false(text.failed);
    assert_string_equal(text_get(&text), expected);
    assert_int_equal(text.size, strlen(expected));
    text_done(&text);
}

static const struct etw_map_entry state_entries[] = {{1, "Listen"}, {2, "SynSent"}};
static const struct etw_map states = {"States", false, state_entries, COUNT_OF(state_entries)};
static const struct etw_map_entry flag_entries[] = {{1, "A"}, {2, "B"}, {4, "C"}, {6, "BC"}};
static const struct etw_map flags = {"Flags", true, flag_entries, COUNT_OF(flag_entries)};
static const struct etw_map_entry zero_entries[] = {{0, "None"}, {1, "A"}};
static const struct etw_map zero_flags = {"Flags", true, zero_entries, COUNT_OF(zero_entries)};
static const struct etw_map no_entries = {"Empty", false, NULL, 0};

static void numbers_are_written_as_their_kind_wants(void **state)
{
    (void)state;
    static const struct {
        enum etw_field_kind kind;
        uint64_t number;
        const struct etw_map *map;
        const char *text;
        bool is_json_number;
    } rows[] = {
        {ETW_FIELD_UNSIGNED, 0, NULL, "=0", true},
        {ETW_FIELD_UNSIGNED, UINT64_MAX, NULL, "=18446744073709551615", true},
        {ETW_FIELD_SIGNED, UINT64_MAX, NULL, "=-1", true},
        {ETW_FIELD_SIGNED, UINT64_C(1) << 63, NULL, "=-9223372036854775808", true},
        {ETW_FIELD_SIGNED, 7, NULL, "=7", true},
        {ETW_FIELD_HEX, 0, NULL, "=0x0", false},
        {ETW_FIELD_HEX, 0xABCDEF, NULL, "=0xabcdef", false},
        {ETW_FIELD_HEX, UINT64_MAX, NULL, "=0xffffffffffffffff", false},
        {ETW_FIELD_POINTER, 0x8921DD28, NULL, "=0x8921dd28", false},
        {ETW_FIELD_BOOLEAN, 0, NULL, "=false", false},
        {ETW_FIELD_BOOLEAN, 256, NULL, "=true", false},
        {ETW_FIELD_PORT, 443, NULL, "=443", true},
        {ETW_FIELD_MAP, 2, &states, "=SynSent", false},
        {ETW_FIELD_MAP, 3, &states, "=3", true},
        {ETW_FIELD_MAP, UINT64_C(0x100000002), &states, "=4294967298", true},
        {ETW_FIELD_MAP, 3, &no_entries, "=3", true},
        {ETW_FIELD_MAP, 3, NULL, "=3", true},
        {ETW_FIELD_BITMAP, 3, &flags, "=A|B", false},
        {ETW_FIELD_BITMAP, 7, &flags, "=A|B|C", false},
        {ETW_FIELD_BITMAP, 0x13, &flags, "=A|B|0x10", false},
        {ETW_FIELD_BITMAP, 0x30, &flags, "=0x30", false},
        {ETW_FIELD_BITMAP, UINT64_C(0x100000001), &flags, "=A|0x100000000", false},
        {ETW_FIELD_BITMAP, 0, &flags, "=0x0", false},
        {ETW_FIELD_BITMAP, 0, &zero_flags, "=None", false},
        {ETW_FIELD_BITMAP, 5, NULL, "=0x5", false},
        {ETW_FIELD_NTSTATUS, 0xC00000B5, NULL, "=0xC00000B5 STATUS_IO_TIMEOUT", false},
        {ETW_FIELD_NTSTATUS, 0, NULL, "=0x00000000 STATUS_SUCCESS", false},
        {ETW_FIELD_NTSTATUS, 0xDEADBEEF, NULL, "=0xDEADBEEF", false},
        {ETW_FIELD_WIN32_ERROR, 10060, NULL, "=10060 WSAETIMEDOUT", false},
        {ETW_FIELD_WIN32_ERROR, 65535, NULL, "=65535", false},
        {ETW_FIELD_WIN32_ERROR, 0x80070005, NULL, "=0x80070005 E_ACCESSDENIED", false},
        {ETW_FIELD_WIN32_ERROR, 0xC0000236, NULL, "=0xC0000236 STATUS_CONNECTION_REFUSED", false},
        {ETW_FIELD_HRESULT, 0x8007274C, NULL, "=0x8007274C WSAETIMEDOUT", false},
        {ETW_FIELD_FILETIME, UINT64_C(130021175375078058), NULL, "=2013-01-08T11:18:57.5078058Z",
         false},
        {ETW_FIELD_FILETIME, 0, NULL, "=1601-01-01T00:00:00.0000000Z", false},
        {ETW_FIELD_FILETIME, UINT64_C(2650467743999999999), NULL, "=9999-12-31T23:59:59.9999999Z",
         false},
        {ETW_FIELD_FILETIME, UINT64_C(0x7FFFFFFFFFFFFFFF), NULL, "=0x7fffffffffffffff", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct etw_field field = {
            .kind = rows[i].kind, .width = 8, .number = rows[i].number, .map = rows[i].map};
        check_text(&field, rows[i].text);
        assert_int_equal(etw_field_is_json_number(&field), rows[i].is_json_number);
    }
}

static const struct byte_row {
    enum etw_field_kind kind;
    size_t size;
    uint8_t bytes[28];
    const char *text;
} byte_rows[] = {
    {ETW_FIELD_TEXT16, 4, {'a', 0, 0xE9, 0}, "=a\xC3\xA9"},
    {ETW_FIELD_TEXT16, 2, {0x3D, 0xD8}, "=\xED\xA0\xBD"}, /* a lone surrogate survives */
    {ETW_FIELD_TEXT16, 3, {'a', 0, 'b'}, "=a"},
    {ETW_FIELD_TEXT16, 0, {0}, "="},
    {ETW_FIELD_TEXT8, 3, {'a', '\n', 'b'}, "=a\nb"},
    {ETW_FIELD_TEXT8, 0, {0}, "="},
    {ETW_FIELD_BINARY, 3, {0x00, 0xAB, 0x0F}, "=00ab0f"},
    {ETW_FIELD_BINARY, 0, {0}, "="},
    {ETW_FIELD_PACKED_TEXT, 9, {0x06, 0xB0, 0x00, '<', 0, 0xE9, 0, '>', 0}, "=<\xC3\xA9>"},
    {ETW_FIELD_PACKED_TEXT, 8, {0x04, 0xB0, 0x04, 'a', 0, 0x01, 0x10, 0}, "=04b0046100011000"},
    {ETW_FIELD_PACKED_TEXT, 7, {0x04, 0xB0, 0x04, 'a', 0, 0x01, 0x10}, "=aaa"},
    {ETW_FIELD_PACKED_TEXT, 6, {0x04, 0xB0, 0x00, 'a', 0, 'b'}, "=04b000610062"}, /* cut */
    {ETW_FIELD_PACKED_TEXT, 7, {0x04, 0xB0, 0x00, 'a', 0, 0, 0}, "=a"},
    {ETW_FIELD_PACKED_TEXT, 3, {0x00, 0x70, 'a'}, "=007061"},
    {ETW_FIELD_PACKED_TEXT, 1, {0x3C}, "=3c"},
    {ETW_FIELD_PACKED_TEXT, 0, {0}, "="},
    {ETW_FIELD_GUID,
     16,
     {0x6E, 0x00, 0xD6, 0x2E, 0x29, 0x47, 0x09, 0x46, 0xB4, 0x23, 0x3E, 0xE7, 0xBC, 0xD6, 0x78,
      0xEF},
     "=2ed6006e-4729-4609-b423-3ee7bcd678ef"},
    {ETW_FIELD_GUID, 3, {1, 2, 3}, "=010203"},
    {ETW_FIELD_SID, 12, {1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0}, "=S-1-5-18"},
    {ETW_FIELD_SID, 8, {1, 0, 0, 0, 0, 0, 0, 1}, "=S-1-1"},
    {ETW_FIELD_SID,
     12,
     {1, 1, 1, 2, 3, 4, 5, 6, 0xFF, 0xFF, 0xFF, 0xFF},
     "=S-1-0x010203040506-4294967295"},
    {ETW_FIELD_SID, 0, {0}, "=none"},
    {ETW_FIELD_SID, 9, {1, 1, 0, 0, 0, 0, 0, 5, 18}, "=010100000000000512"},
    {ETW_FIELD_SID, 3, {1, 1, 0}, "=010100"},
    {ETW_FIELD_SYSTEMTIME,
     16,
     {0xDD, 7, 1, 0, 2, 0, 8, 0, 9, 0, 18, 0, 57, 0, 0xFB, 1},
     "=2013-01-08T09:18:57.5070000Z"},
    {ETW_FIELD_SYSTEMTIME, 16, {0}, "=00000000000000000000000000000000"},
    {ETW_FIELD_SYSTEMTIME,
     16,
     {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
      0xFF},
     "=ffffffffffffffffffffffffffffffff"},
    {ETW_FIELD_SYSTEMTIME, 2, {0xDD, 7}, "=dd07"},
    {ETW_FIELD_IPV4, 4, {192, 0, 2, 1}, "=192.0.2.1"},
    {ETW_FIELD_IPV4, 3, {192, 0, 2}, "=c00002"},
    {ETW_FIELD_IPV6, 16, {0x20, 0x01, 0x0D, 0xB8, [15] = 1}, "=2001:db8::1"},
    {ETW_FIELD_IPV6, 16, {[10] = 0xFF, 0xFF, 192, 0, 2, 1}, "=::ffff:192.0.2.1"},
    {ETW_FIELD_IPV6, 16, {0}, "=::"},
    {ETW_FIELD_IPV6, 2, {0x20, 1}, "=2001"},
    {ETW_FIELD_SOCKADDR, 16, {2, 0, 0x01, 0xBB, 192, 0, 2, 1}, "=192.0.2.1:443"},
    {ETW_FIELD_SOCKADDR, 16, {2, 0}, "=0.0.0.0:0"},
    {ETW_FIELD_SOCKADDR, 8, {2, 0, 0, 80, 192, 0, 2, 1}, "=192.0.2.1:80"},
    {ETW_FIELD_SOCKADDR, 7, {2, 0, 0, 80, 192, 0, 2}, "=02000050c00002"},
    {ETW_FIELD_SOCKADDR,
     28,
     {23, 0, 0x01, 0xBB, [8] = 0x20, 0x01, 0x0D, 0xB8, [23] = 1},
     "=[2001:db8::1]:443"},
    {ETW_FIELD_SOCKADDR, 28, {23, 0, 0, 0, [8] = 0xFE, 0x80, [23] = 1, 12}, "=[fe80::1%12]:0"},
    {ETW_FIELD_SOCKADDR, 24, {23, 0, 0, 1, [8] = 0xFE, 0x80, [23] = 1}, "=[fe80::1]:1"},
    {ETW_FIELD_SOCKADDR, 28, {23}, "=[::]:0"},
    {ETW_FIELD_SOCKADDR, 5, {23, 0, 1, 2, 3}, "=1700010203"},
    {ETW_FIELD_SOCKADDR, 4, {34, 0, 1, 2}, "=22000102"},
    {ETW_FIELD_SOCKADDR, 1, {2}, "=02"},
    {ETW_FIELD_SOCKADDR, 0, {0}, "=none"},
    {ETW_FIELD_SOCKADDR, 16, {0}, "=none"},
};

/* From a block of exactly its size, so that a sanitizer sees one byte too many. */
static void bytes_are_written_as_their_kind_wants(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(byte_rows); i++) {
        const struct byte_row *row = &byte_rows[i];
        uint8_t *exact = malloc(row->size > 0 ? row->size : 1);
        assert_non_null(exact);
        memcpy(exact, row->bytes, row->size);
        struct etw_field field = {.kind = row->kind, .bytes = bytes_of(exact, row->size)};
        check_text(&field, row->text);
        assert_false(etw_field_is_json_number(&field));
        free(exact);
    }
}

static void any_bytes_of_any_size_can_be_written(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int round = 0; round < 20000; round++) {
        size_t size = random_below(&seed, 40);
        uint8_t *exact = malloc(size > 0 ? size : 1);
        assert_non_null(exact);
        for (size_t i = 0; i < size; i++) {
            exact[i] = (uint8_t)(random_next(&seed) >> (random_next(&seed) & 8 ? 0 : 60));
        }
        struct etw_field field = {
            .kind = (enum etw_field_kind)random_below(&seed, ETW_FIELD_KIND_COUNT),
            .width = 8,
            .number = random_next(&seed),
            .bytes = bytes_of(exact, size)};
        struct text text = {0};
        etw_field_format(&field, &text);
        assert_false(text.failed);
        text_done(&text);
        free(exact);
    }
}

static void a_text_that_would_be_too_long_fails(void **state)
{
    (void)state;
    const uint8_t three[3] = {1, 2, 3};
    struct etw_field field = {.kind = ETW_FIELD_BINARY, .bytes = bytes_of(three, sizeof(three))};
    struct text text = {.maximum = 5};
    etw_field_format(&field, &text);
    assert_true(text.failed);
    assert_int_equal(text.size, 0);
    text_done(&text);
}

static void real_numbers_have_the_fewest_digits_that_read_back(void **state)
{
    (void)state;
    static const struct {
        uint8_t width;
        double real;
        const char *text;
    } rows[] = {
        {4, (double)0.1f, "=0.1"},
        {8, 0.1, "=0.1"},
        {8, 0.30000000000000004, "=0.30000000000000004"},
        {4, (double)FLT_MAX, "=3.4028235e+38"},
        {8, 1e300, "=1e+300"},
        {8, 0.0, "=0"},
        {8, -2.5, "=-2.5"},
        {4, 16777216.0, "=16777216"},
        {8, 123456789012.0, "=123456789012"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct etw_field field = {
            .kind = ETW_FIELD_FLOAT, .width = rows[i].width, .real = rows[i].real};
        check_text(&field, rows[i].text);
        assert_true(etw_field_is_json_number(&field));
    }
}

static void what_is_not_finite_is_no_json_number(void **state)
{
    (void)state;
    struct etw_field field = {.kind = ETW_FIELD_FLOAT, .width = 8, .real = (double)NAN};
    check_text(&field, "=nan");
    assert_false(etw_field_is_json_number(&field));
    field.real = (double)INFINITY;
    check_text(&field, "=inf");
    field.real = (double)-INFINITY;
    check_text(&field, "=-inf");
    assert_false(etw_field_is_json_number(&field));
}

static void every_source_of_a_schema_has_a_name(void **state)
{
    (void)state;
    for (int i = 0; i < ETW_SCHEMA_SOURCE_COUNT; i++) {
        assert_true(strlen(etw_schema_source_name((enum etw_schema_source)i)) > 3);
    }
    assert_string_equal(etw_schema_source_name(ETW_SCHEMA_BUILT_IN), "built-in");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_written_as_their_kind_wants),
        cmocka_unit_test(bytes_are_written_as_their_kind_wants),
        cmocka_unit_test(any_bytes_of_any_size_can_be_written),
        cmocka_unit_test(a_text_that_would_be_too_long_fails),
        cmocka_unit_test(real_numbers_have_the_fewest_digits_that_read_back),
        cmocka_unit_test(what_is_not_finite_is_no_json_number),
        cmocka_unit_test(every_source_of_a_schema_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
