/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "etw/schema/property_types.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

static void in_types_have_their_sizes_and_kinds(void **state)
{
    (void)state;
    static const struct {
        uint16_t in_type;
        enum property_size rule;
        uint8_t size;
        enum etw_field_kind kind;
    } rows[] = {
        {IN_NULL, SIZE_FIXED, 0, ETW_FIELD_BINARY},
        {IN_UNICODE_STRING, SIZE_TEXT16, 0, ETW_FIELD_TEXT16},
        {IN_ANSI_STRING, SIZE_TEXT8, 0, ETW_FIELD_TEXT8},
        {IN_INT8, SIZE_FIXED, 1, ETW_FIELD_SIGNED},
        {IN_UINT8, SIZE_FIXED, 1, ETW_FIELD_UNSIGNED},
        {IN_INT16, SIZE_FIXED, 2, ETW_FIELD_SIGNED},
        {IN_UINT16, SIZE_FIXED, 2, ETW_FIELD_UNSIGNED},
        {IN_INT32, SIZE_FIXED, 4, ETW_FIELD_SIGNED},
        {IN_UINT32, SIZE_FIXED, 4, ETW_FIELD_UNSIGNED},
        {IN_INT64, SIZE_FIXED, 8, ETW_FIELD_SIGNED},
        {IN_UINT64, SIZE_FIXED, 8, ETW_FIELD_UNSIGNED},
        {IN_FLOAT, SIZE_FIXED, 4, ETW_FIELD_FLOAT},
        {IN_DOUBLE, SIZE_FIXED, 8, ETW_FIELD_FLOAT},
        {IN_BOOLEAN, SIZE_FIXED, 4, ETW_FIELD_BOOLEAN},
        {IN_BINARY, SIZE_BINARY, 0, ETW_FIELD_BINARY},
        {IN_GUID, SIZE_FIXED, 16, ETW_FIELD_GUID},
        {IN_POINTER, SIZE_POINTER, 0, ETW_FIELD_POINTER},
        {IN_FILETIME, SIZE_FIXED, 8, ETW_FIELD_FILETIME},
        {IN_SYSTEMTIME, SIZE_FIXED, 16, ETW_FIELD_SYSTEMTIME},
        {IN_SID, SIZE_SID, 0, ETW_FIELD_SID},
        {IN_HEXINT32, SIZE_FIXED, 4, ETW_FIELD_HEX},
        {IN_HEXINT64, SIZE_FIXED, 8, ETW_FIELD_HEX},
        {IN_MANIFEST_COUNTED_STRING, SIZE_COUNTED, 0, ETW_FIELD_TEXT16},
        {IN_MANIFEST_COUNTED_ANSI_STRING, SIZE_COUNTED, 0, ETW_FIELD_TEXT8},
        {IN_MANIFEST_COUNTED_BINARY, SIZE_COUNTED, 0, ETW_FIELD_BINARY},
        {IN_COUNTED_STRING, SIZE_COUNTED, 0, ETW_FIELD_TEXT16},
        {IN_COUNTED_ANSI_STRING, SIZE_COUNTED, 0, ETW_FIELD_TEXT8},
        {IN_REVERSED_COUNTED_STRING, SIZE_COUNTED_REVERSED, 0, ETW_FIELD_TEXT16},
        {IN_REVERSED_COUNTED_ANSI_STRING, SIZE_COUNTED_REVERSED, 0, ETW_FIELD_TEXT8},
        {IN_NON_NULL_TERMINATED_STRING, SIZE_REST, 0, ETW_FIELD_TEXT16},
        {IN_NON_NULL_TERMINATED_ANSI_STRING, SIZE_REST, 0, ETW_FIELD_TEXT8},
        {IN_UNICODE_CHAR, SIZE_FIXED, 2, ETW_FIELD_TEXT16},
        {IN_ANSI_CHAR, SIZE_FIXED, 1, ETW_FIELD_TEXT8},
        {IN_SIZET, SIZE_POINTER, 0, ETW_FIELD_POINTER},
        {IN_HEXDUMP, SIZE_COUNTED_LONG, 0, ETW_FIELD_BINARY},
        {IN_WBEM_SID, SIZE_WBEM_SID, 0, ETW_FIELD_SID},
    };
    size_t known = 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct property_type *type = property_type_get(rows[i].in_type);
        assert_int_equal(type->size_rule, rows[i].rule);
        assert_int_equal(type->size, rows[i].size);
        assert_int_equal(type->kind, rows[i].kind);
    }
    for (unsigned in_type = 0; in_type <= UINT16_MAX; in_type++) {
        known += property_type_get((uint16_t)in_type)->size_rule != SIZE_UNKNOWN;
    }
    assert_int_equal(known, COUNT_OF(rows));
}

static void out_types_change_the_kind_where_they_fit(void **state)
{
    (void)state;
    static const struct {
        uint16_t in_type;
        uint16_t out_type;
        size_t size;
        enum etw_field_kind kind;
    } rows[] = {
        {IN_UINT64, OUT_DATETIME, 8, ETW_FIELD_FILETIME},
        {IN_INT64, OUT_DATETIME_UTC, 8, ETW_FIELD_FILETIME},
        {IN_FILETIME, OUT_CULTURE_INSENSITIVE_DATETIME, 8, ETW_FIELD_FILETIME},
        {IN_UINT32, OUT_DATETIME, 4, ETW_FIELD_UNSIGNED},
        {IN_SYSTEMTIME, OUT_DATETIME_UTC, 16, ETW_FIELD_SYSTEMTIME},
        {IN_UINT8, OUT_BOOLEAN, 1, ETW_FIELD_BOOLEAN},
        {IN_UINT32, OUT_BOOLEAN, 4, ETW_FIELD_BOOLEAN},
        {IN_BINARY, OUT_GUID, 16, ETW_FIELD_GUID},
        {IN_BINARY, OUT_GUID, 15, ETW_FIELD_BINARY},
        {IN_BINARY, OUT_HEXBINARY, 4, ETW_FIELD_BINARY},
        {IN_UINT8, OUT_HEXINT8, 1, ETW_FIELD_HEX},
        {IN_UINT16, OUT_HEXINT16, 2, ETW_FIELD_HEX},
        {IN_INT32, OUT_HEXINT32, 4, ETW_FIELD_HEX},
        {IN_UINT64, OUT_HEXINT64, 8, ETW_FIELD_HEX},
        {IN_INT32, OUT_PID, 4, ETW_FIELD_UNSIGNED},
        {IN_HEXINT32, OUT_TID, 4, ETW_FIELD_UNSIGNED},
        {IN_POINTER, OUT_PID, 8, ETW_FIELD_UNSIGNED},
        {IN_UINT16, OUT_PORT, 2, ETW_FIELD_PORT},
        {IN_UINT32, OUT_PORT, 4, ETW_FIELD_UNSIGNED},
        {IN_UINT32, OUT_IPV4, 4, ETW_FIELD_IPV4},
        {IN_UINT64, OUT_IPV4, 8, ETW_FIELD_UNSIGNED},
        {IN_BINARY, OUT_IPV4, 4, ETW_FIELD_IPV4},
        {IN_BINARY, OUT_IPV6, 16, ETW_FIELD_IPV6},
        {IN_BINARY, OUT_IPV6, 4, ETW_FIELD_IPV4},
        {IN_MANIFEST_COUNTED_BINARY, OUT_IPV6, 16, ETW_FIELD_IPV6},
        {IN_BINARY, OUT_SOCKETADDRESS, 28, ETW_FIELD_SOCKADDR},
        {IN_BINARY, OUT_SOCKETADDRESS, 0, ETW_FIELD_SOCKADDR},
        {IN_MANIFEST_COUNTED_ANSI_STRING, OUT_UTF8, 3, ETW_FIELD_TEXT8},
        {IN_MANIFEST_COUNTED_ANSI_STRING, OUT_JSON, 3, ETW_FIELD_TEXT8},
        {IN_MANIFEST_COUNTED_BINARY, OUT_XML, 3, ETW_FIELD_TEXT8},
        {IN_UNICODE_STRING, OUT_XML, 4, ETW_FIELD_TEXT16},
        {IN_BINARY, OUT_PKCS7, 3, ETW_FIELD_BINARY},
        {IN_BINARY, OUT_PACKED_TEXT16, 3, ETW_FIELD_PACKED_TEXT},
        {IN_BINARY, OUT_PACKED_TEXT16, 0, ETW_FIELD_PACKED_TEXT},
        {IN_UINT32, OUT_PACKED_TEXT16, 4, ETW_FIELD_UNSIGNED},
        {IN_UINT32, OUT_ERRORCODE, 4, ETW_FIELD_WIN32_ERROR},
        {IN_UINT32, OUT_WIN32ERROR, 4, ETW_FIELD_WIN32_ERROR},
        {IN_HEXINT32, OUT_NTSTATUS, 4, ETW_FIELD_NTSTATUS},
        {IN_UINT32, OUT_NTSTATUS, 4, ETW_FIELD_NTSTATUS},
        {IN_UINT64, OUT_NTSTATUS, 8, ETW_FIELD_UNSIGNED},
        {IN_INT32, OUT_HRESULT, 4, ETW_FIELD_HRESULT},
        {IN_UINT64, OUT_CODE_POINTER, 8, ETW_FIELD_POINTER},
        {IN_POINTER, OUT_CODE_POINTER, 4, ETW_FIELD_POINTER},
        {IN_HEXINT64, OUT_CODE_POINTER, 8, ETW_FIELD_POINTER},
        {IN_POINTER, OUT_HEXINT64, 8, ETW_FIELD_HEX},
        {IN_UINT8, OUT_STRING, 1, ETW_FIELD_TEXT8},
        {IN_INT8, OUT_UTF8, 1, ETW_FIELD_TEXT8},
        {IN_UINT16, OUT_STRING, 2, ETW_FIELD_TEXT16},
        {IN_UINT16, OUT_JSON, 2, ETW_FIELD_TEXT16},
        {IN_UINT32, OUT_STRING, 4, ETW_FIELD_UNSIGNED},
        {IN_GUID, OUT_STRING, 16, ETW_FIELD_GUID},
        {IN_GUID, OUT_IPV6, 16, ETW_FIELD_GUID},
        {IN_SID, OUT_HEXBINARY, 12, ETW_FIELD_SID},
        {IN_UINT32, OUT_SIGNED, 4, ETW_FIELD_SIGNED},
        {IN_INT32, OUT_UNSIGNED, 4, ETW_FIELD_UNSIGNED},
        {IN_UINT8, OUT_HEX, 1, ETW_FIELD_HEX},
        {IN_FLOAT, OUT_HEX, 4, ETW_FIELD_FLOAT},
        {IN_DOUBLE, 12, 8, ETW_FIELD_FLOAT},
        {IN_INT16, 5, 2, ETW_FIELD_SIGNED},
        {IN_UINT64, OUT_ETWTIME, 8, ETW_FIELD_UNSIGNED},
        {IN_UNICODE_STRING, OUT_CIMDATETIME, 8, ETW_FIELD_TEXT16},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct property_type *type = property_type_get(rows[i].in_type);
        if (property_kind(type, rows[i].out_type, rows[i].size) != rows[i].kind) {
            fail_msg("in-type %d with out-type %d", rows[i].in_type, rows[i].out_type);
        }
    }
}

static void unknown_out_types_change_nothing(void **state)
{
    (void)state;
    static const uint16_t unknown[] = {39, 100, 300, 301, 999, 1004, UINT16_MAX};
    for (size_t i = 0; i < COUNT_OF(unknown); i++) {
        assert_int_equal(property_kind(property_type_get(IN_UINT32), unknown[i], 4),
                         ETW_FIELD_UNSIGNED);
        assert_int_equal(property_kind(property_type_get(IN_BINARY), unknown[i], 4),
                         ETW_FIELD_BINARY);
    }
}

static void characters_are_one_or_two_bytes_shown_as_text(void **state)
{
    (void)state;
    assert_true(property_is_character(property_type_get(IN_UNICODE_CHAR), OUT_DEFAULT));
    assert_true(property_is_character(property_type_get(IN_ANSI_CHAR), OUT_DEFAULT));
    assert_true(property_is_character(property_type_get(IN_UINT8), OUT_STRING));
    assert_true(property_is_character(property_type_get(IN_UINT16), OUT_STRING));
    assert_false(property_is_character(property_type_get(IN_UINT8), OUT_DEFAULT));
    assert_false(property_is_character(property_type_get(IN_UINT32), OUT_STRING));
    assert_false(property_is_character(property_type_get(IN_NULL), OUT_STRING));
    assert_false(property_is_character(property_type_get(IN_GUID), OUT_STRING));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_types_have_their_sizes_and_kinds),
        cmocka_unit_test(out_types_change_the_kind_where_they_fit),
        cmocka_unit_test(unknown_out_types_change_nothing),
        cmocka_unit_test(characters_are_one_or_two_bytes_shown_as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
