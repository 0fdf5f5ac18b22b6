/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "etw/schema/layout_of_schema.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

/* One property behind a u16 and what becomes of it. */
static const struct property_case {
    const char *what;
    struct schema_property property;
    bool is_readable;
    enum field_type type;
    uint16_t size;
} property_cases[] = {
    {"i8", {.in_type = IN_INT8}, true, FIELD_U8, 0},
    {"u16", {.in_type = IN_UINT16}, true, FIELD_U16, 0},
    {"port", {.in_type = IN_UINT16, .out_type = OUT_PORT}, true, FIELD_PORT, 0},
    {"u32", {.in_type = IN_UINT32}, true, FIELD_U32, 0},
    {"boolean", {.in_type = IN_BOOLEAN}, true, FIELD_U32, 0},
    {"ipv4", {.in_type = IN_UINT32, .out_type = OUT_IPV4}, true, FIELD_IPV4, 0},
    {"u64", {.in_type = IN_UINT64}, true, FIELD_U64, 0},
    {"time", {.in_type = IN_FILETIME}, true, FIELD_U64, 0},
    {"system time", {.in_type = IN_SYSTEMTIME}, true, FIELD_BYTES, 16},
    {"pointer", {.in_type = IN_POINTER}, true, FIELD_POINTER, 0},
    {"size", {.in_type = IN_SIZET}, true, FIELD_POINTER, 0},
    {"guid", {.in_type = IN_GUID}, true, FIELD_GUID, 0},
    {"text", {.in_type = IN_UNICODE_STRING}, true, FIELD_UTF16_NUL, 0},
    {"counted text",
     {.in_type = IN_UNICODE_STRING, .flags = PROPERTY_LENGTH_FROM},
     true,
     FIELD_UTF16_COUNTED,
     0},
    {"fixed text", {.in_type = IN_UNICODE_STRING, .length = 9}, true, FIELD_UTF16, 18},
    {"8-bit text", {.in_type = IN_ANSI_STRING}, true, FIELD_ANSI_NUL, 0},
    {"sockaddr",
     {.in_type = IN_BINARY, .out_type = OUT_SOCKETADDRESS, .flags = PROPERTY_LENGTH_FROM},
     true,
     FIELD_BYTES_COUNTED,
     0},
    {"ipv6", {.in_type = IN_BINARY, .out_type = OUT_IPV6, .length = 16}, true, FIELD_IPV6, 0},
    {"ipv6 by itself", {.in_type = IN_BINARY, .out_type = OUT_IPV6}, true, FIELD_IPV6, 0},
    {"mac", {.in_type = IN_BINARY, .length = 6}, true, FIELD_BYTES, 6},
    {"bytes without size", {.in_type = IN_BINARY}, false, FIELD_U8, 0},
    {"sid", {.in_type = IN_SID}, true, FIELD_SID, 0},
    {"wbem sid", {.in_type = IN_WBEM_SID}, true, FIELD_WBEM_SID, 0},
    {"array", {.in_type = IN_UINT32, .count = 2}, false, FIELD_U8, 0},
    {"counted array", {.in_type = IN_UINT32, .flags = PROPERTY_COUNT_FROM}, false, FIELD_U8, 0},
    {"array of one",
     {.in_type = IN_UINT32, .count = 1, .flags = PROPERTY_FIXED_COUNT},
     false,
     FIELD_U8,
     0},
    {"struct", {.flags = PROPERTY_IS_STRUCT, .member_count = 1}, false, FIELD_U8, 0},
    {"counted string", {.in_type = IN_COUNTED_STRING}, false, FIELD_U8, 0},
    {"nothing known", {.in_type = 99}, false, FIELD_U8, 0},
    {"length behind it",
     {.in_type = IN_BINARY, .flags = PROPERTY_LENGTH_FROM, .length = 2},
     false,
     FIELD_U8,
     0},
    {"its own length",
     {.in_type = IN_BINARY, .flags = PROPERTY_LENGTH_FROM, .length = 1},
     false,
     FIELD_U8,
     0},
};

static void check_case(const struct property_case *test)
{
    struct schema_property properties[] = {
        {.name = "Size", .in_type = IN_UINT16},
        test->property,
        {.name = "End", .in_type = IN_UINT8},
    };
    const struct event_schema schema = {
        .properties = properties, .property_count = 3, .top_level_count = 3};
    struct layout_field fields[LAYOUT_FIELDS_MAXIMUM];
    struct layout layout;
    properties[1].name = "It";
    layout_of_schema(&schema, fields, &layout);
    if (layout.field_count != (test->is_readable ? 3 : 1) ||
        layout.has_more != !test->is_readable) {
        fail_msg("%s: %u fields", test->what, layout.field_count);
    }
    assert_string_equal(fields[0].name, "Size");
    if (test->is_readable && (strcmp(fields[1].name, "It") != 0 || fields[1].type != test->type ||
                              fields[1].size != test->size)) {
        fail_msg("%s: type %d, size %u", test->what, (int)fields[1].type, fields[1].size);
    }
}

static void each_property_becomes_its_field_or_ends_the_layout(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(property_cases); i++) {
        check_case(&property_cases[i]);
    }
}

static void bytes_without_size_may_be_the_last_field(void **state)
{
    (void)state;
    const struct schema_property properties[] = {
        {.name = "A", .in_type = IN_UINT8},
        {.name = "B", .in_type = IN_UINT8, .flags = PROPERTY_IS_OPTIONAL},
        {.name = "C", .in_type = IN_BINARY, .flags = PROPERTY_IS_OPTIONAL},
    };
    const struct event_schema schema = {
        .properties = properties, .property_count = 3, .top_level_count = 3};
    struct layout_field fields[LAYOUT_FIELDS_MAXIMUM];
    struct layout layout;
    layout_of_schema(&schema, fields, &layout);
    assert_int_equal(layout.field_count, 3);
    assert_int_equal(layout.optional_count, 2);
    assert_int_equal(fields[2].type, FIELD_BYTES_REST);
    assert_false(layout.has_more);
}

static void a_long_schema_gives_its_first_fields(void **state)
{
    (void)state;
    struct schema_property properties[LAYOUT_FIELDS_MAXIMUM + 5];
    for (size_t i = 0; i < COUNT_OF(properties); i++) {
        properties[i] = (struct schema_property){.name = "N", .in_type = IN_UINT8};
    }
    const struct event_schema schema = {.properties = properties,
                                        .property_count = COUNT_OF(properties),
                                        .top_level_count = COUNT_OF(properties)};
    struct layout_field fields[LAYOUT_FIELDS_MAXIMUM];
    struct layout layout;
    layout_of_schema(&schema, fields, &layout);
    assert_int_equal(layout.field_count, LAYOUT_FIELDS_MAXIMUM);
    assert_true(layout.has_more);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_property_becomes_its_field_or_ends_the_layout),
        cmocka_unit_test(bytes_without_size_may_be_the_last_field),
        cmocka_unit_test(a_long_schema_gives_its_first_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
