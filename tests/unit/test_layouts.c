/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "etw/schema/builtin_layouts.h"
#include "etw/schema/layout.h"
#include "etw/schema/layout_store.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

/* One field of each type, behind the two numbers that make it interesting. */
static const struct type_case {
    const char *what;
    struct layout_field field;
    const char *payload; /* what stands behind the counter 03 */
    size_t payload_size;
    size_t expected_size; /* of the field's bytes */
    size_t whole;         /* fields, of 3 */
} type_cases[] = {
    {"u8", {"F", FIELD_U8, 0}, "ab", 2, 1, 3},
    {"u16", {"F", FIELD_U16, 0}, "ab", 2, 2, 3},
    {"u32", {"F", FIELD_U32, 0}, "abcd", 4, 4, 3},
    {"u64", {"F", FIELD_U64, 0}, "abcdefgh", 8, 8, 3},
    {"a pointer", {"F", FIELD_POINTER, 0}, "abcdefgh", 8, 4, 3},
    {"guid", {"F", FIELD_GUID, 0}, "abcdefghijklmnop", 16, 16, 3},
    {"ipv4", {"F", FIELD_IPV4, 0}, "abcdef", 6, 4, 3},
    {"ipv6", {"F", FIELD_IPV6, 0}, "abcdefghijklmnop", 16, 16, 3},
    {"fixed bytes", {"F", FIELD_BYTES, 6}, "abcdefgh", 8, 6, 3},
    {"counted bytes", {"F", FIELD_BYTES_COUNTED, 0}, "abcdef", 6, 3, 3},
    {"cut counted bytes", {"F", FIELD_BYTES_COUNTED, 0}, "ab", 2, 2, 1},
    {"the rest", {"F", FIELD_BYTES_REST, 0}, "abcdef", 6, 6, 3},
    {"an empty rest", {"F", FIELD_BYTES_REST, 0}, "", 0, 0, 3},
    {"a fixed text", {"F", FIELD_UTF16, 8}, "a\0\0\0b\0c\0", 8, 2, 3},
    {"a full fixed text", {"F", FIELD_UTF16, 4}, "a\0b\0c\0", 6, 4, 3},
    {"a text with NUL", {"F", FIELD_UTF16_NUL, 0}, "a\0b\0\0\0", 6, 4, 3},
    {"a NUL across characters", {"F", FIELD_UTF16_NUL, 0}, "a\0\0b\0\0", 6, 4, 3},
    {"an empty text", {"F", FIELD_UTF16_NUL, 0}, "\0\0", 2, 0, 3},
    {"the rest as text", {"F", FIELD_UTF16_REST, 0}, "a\0b\0c", 5, 4, 3},
    {"a counted text", {"F", FIELD_UTF16_COUNTED, 0}, "a\0b\0c\0d\0", 8, 6, 3},
    {"a cut counted text", {"F", FIELD_UTF16_COUNTED, 0}, "a\0b\0c", 5, 4, 1},
    {"8-bit text", {"F", FIELD_ANSI_NUL, 0}, "abc\0d", 5, 3, 3},
    {"8-bit text without NUL", {"F", FIELD_ANSI_NUL, 0}, "abc", 3, 3, 1},
    {"a port", {"F", FIELD_PORT, 0}, "abc", 3, 2, 3},
    {"a SID", {"F", FIELD_SID, 0}, "\1\1abcdefghij", 12, 12, 3},
    {"a cut SID", {"F", FIELD_SID, 0}, "\1\2abcdefghij", 12, 0, 1},
    {"no SID", {"F", FIELD_WBEM_SID, 0}, "\0\0\0\0abc", 7, 0, 3},
    {"half of no SID", {"F", FIELD_WBEM_SID, 0}, "\0\0\0", 3, 0, 1},
};

/* counter u8 | the field | an empty end, so that the field is not the last */
static size_t locate_case(const struct type_case *test, struct bytes *value)
{
    struct layout_field fields[3] = {
        {"Counter", FIELD_U8, 0}, test->field, {"End", FIELD_BYTES_REST, 0}};
    const struct layout layout = {.fields = fields, .field_count = 3};
    struct layout_plan plan;
    struct field_place places[3];
    uint8_t *data = malloc(test->payload_size + 1); /* exact, so that reads beyond are seen */
    assert_non_null(data);
    data[0] = 3;
    memcpy(data + 1, test->payload, test->payload_size);
    struct bytes payload = bytes_of(data, test->payload_size + 1);

    layout_plan_init(&plan, &layout, 4);
    size_t whole = layout_locate(&plan, &payload, places);
    layout_value(test->field.type, &payload, places[1], value);
    assert_memory_equal(value->data, data + 1, value->size);
    free(data);
    return whole;
}

static void each_type_takes_its_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(type_cases); i++) {
        struct bytes value;
        size_t whole = locate_case(&type_cases[i], &value);
        if (whole != type_cases[i].whole || value.size != type_cases[i].expected_size) {
            fail_msg("%s: %zu fields, %zu bytes", type_cases[i].what, whole, value.size);
        }
    }
}

static void a_text_without_nul_is_whole_only_as_the_last_field(void **state)
{
    (void)state;
    static const struct layout_field fields[] = {{"Text", FIELD_UTF16_NUL, 0},
                                                 {"Number", FIELD_U16, 0}};
    const struct layout both = {.fields = fields, .field_count = 2};
    const struct layout text_only = {.fields = fields, .field_count = 1};
    struct bytes payload = bytes_of("a\0b\0c", 5);
    struct layout_plan plan;
    struct field_place places[2];

    layout_plan_init(&plan, &text_only, 8);
    assert_int_equal(layout_locate(&plan, &payload, places), 1);
    assert_int_equal(places[0].size, 4);
    layout_plan_init(&plan, &both, 8);
    assert_int_equal(layout_locate(&plan, &payload, places), 0);
    assert_int_equal(places[0].size, 4);
}

static void pointers_follow_the_record(void **state)
{
    (void)state;
    static const struct layout_field fields[] = {{"P", FIELD_POINTER, 0}, {"N", FIELD_U8, 0}};
    const struct layout layout = {.fields = fields, .field_count = 2};
    struct layout_plan plan;

    layout_plan_init(&plan, &layout, 4);
    assert_int_equal(plan.fixed[1].offset, 4);
    layout_plan_init(&plan, &layout, 8);
    assert_int_equal(plan.fixed[1].offset, 8);
}

static void a_counter_may_stand_behind_a_text(void **state)
{
    (void)state;
    static const struct layout_field fields[] = {
        {"Text", FIELD_UTF16_NUL, 0}, {"Count", FIELD_U16, 0}, {"Bytes", FIELD_BYTES_COUNTED, 1}};
    const struct layout layout = {.fields = fields, .field_count = 3};
    struct bytes payload = bytes_of("a\0\0\0\2\0xyz", 9);
    struct layout_plan plan;
    struct field_place places[3];

    layout_plan_init(&plan, &layout, 8);
    assert_int_equal(plan.fixed_count, 0);
    assert_int_equal(layout_locate(&plan, &payload, places), 3);
    assert_int_equal(places[2].offset, 6);
    assert_int_equal(places[2].size, 2);
}

static void optional_fields_may_be_missing(void **state)
{
    (void)state;
    static const struct layout_field fields[] = {{"A", FIELD_U32, 0}, {"B", FIELD_U64, 0}};
    const struct layout layout = {.fields = fields, .field_count = 2, .optional_count = 1};
    struct layout_plan plan;
    struct field_place places[2];

    layout_plan_init(&plan, &layout, 8);
    assert_int_equal(plan.required_count, 1);
    for (size_t size = 0; size <= 12; size++) {
        struct bytes payload = bytes_of("abcdefghijkl", size);
        size_t whole = layout_locate(&plan, &payload, places);
        assert_int_equal(whole, (size >= 4) + (size == 12));
    }
}

static void a_layout_longer_than_the_maximum_is_read_in_part(void **state)
{
    (void)state;
    static struct layout_field fields[LAYOUT_FIELDS_MAXIMUM + 10];
    static struct layout_plan plan;
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        fields[i] = (struct layout_field){"F", FIELD_U8, 0};
    }
    const struct layout layout = {.fields = fields, .field_count = COUNT_OF(fields)};
    layout_plan_init(&plan, &layout, 8);
    assert_int_equal(plan.field_count, LAYOUT_FIELDS_MAXIMUM);
    assert_int_equal(plan.required_count, LAYOUT_FIELDS_MAXIMUM);
}

static void a_counter_that_cannot_count_ends_the_layout(void **state)
{
    (void)state;
    static const struct layout_field later[] = {
        {"A", FIELD_U8, 0}, {"Bytes", FIELD_BYTES_COUNTED, 2}, {"Count", FIELD_U8, 0}};
    static const struct layout_field text[] = {{"Count", FIELD_UTF16_NUL, 0},
                                               {"Bytes", FIELD_BYTES_COUNTED, 0}};
    const struct layout layouts[] = {{.fields = later, .field_count = 3},
                                     {.fields = text, .field_count = 2}};
    for (size_t i = 0; i < COUNT_OF(layouts); i++) {
        struct layout_plan plan;
        layout_plan_init(&plan, &layouts[i], 8);
        assert_int_equal(plan.field_count, 1);
    }
}

/* A payload in which every text is "ab", every count 3. Returns its size. */
static size_t write_payload(const struct layout *layout, unsigned pointer_size, uint8_t *to)
{
    static const uint8_t text[] = {'a', 0, 'b', 0, 0, 0};
    static const uint8_t sizes[FIELD_TYPE_COUNT] = {
        [FIELD_U8] = 1,         [FIELD_U16] = 2,       [FIELD_U32] = 4,   [FIELD_U64] = 8,
        [FIELD_GUID] = 16,      [FIELD_IPV4] = 4,      [FIELD_IPV6] = 16, [FIELD_BYTES_COUNTED] = 3,
        [FIELD_BYTES_REST] = 5, [FIELD_UTF16_REST] = 4};
    size_t size = 0;
    for (size_t i = 0; i < layout->field_count; i++) {
        const struct layout_field *field = &layout->fields[i];
        if (field->type == FIELD_UTF16_NUL) {
            memcpy(to + size, text, sizeof(text));
            size += sizeof(text);
            continue;
        }
        size_t field_size = sizes[field->type] ? sizes[field->type] : field->size;
        if (field->type == FIELD_POINTER) {
            field_size = pointer_size;
        }
        memset(to + size, 0, field_size);
        to[size] = 3;
        size += field_size;
    }
    return size;
}

static void check_truncations(const struct layout *layout, unsigned pointer_size)
{
    uint8_t whole_payload[2048];
    struct layout_plan plan;
    struct field_place places[LAYOUT_FIELDS_MAXIMUM];
    size_t size = write_payload(layout, pointer_size, whole_payload);
    size_t last = 0;
    layout_plan_init(&plan, layout, pointer_size);
    for (size_t cut = 0; cut <= size; cut++) {
        uint8_t *data = malloc(cut + 1);
        assert_non_null(data);
        memcpy(data, whole_payload, cut);
        struct bytes payload = bytes_of(data, cut);
        size_t whole = layout_locate(&plan, &payload, places);
        assert_true(whole >= last); /* more bytes never mean fewer fields */
        for (size_t i = 0; i < whole; i++) {
            assert_true((size_t)places[i].offset + places[i].size <= cut);
        }
        if (whole < plan.field_count) {
            assert_true((size_t)places[whole].offset + places[whole].size <= cut);
        }
        last = whole;
        free(data);
    }
    assert_int_equal(last, plan.field_count);
}

static void every_truncation_of_every_builtin_layout_stays_inside(void **state)
{
    (void)state;
    for (size_t p = 0; p < builtin_provider_count; p++) {
        for (size_t i = 0; i < builtin_providers[p].event_count; i++) {
            check_truncations(&builtin_providers[p].events[i].layout, 4);
            check_truncations(&builtin_providers[p].events[i].layout, 8);
        }
    }
}

static void builtin_events_are_in_order_and_named(void **state)
{
    (void)state;
    for (size_t p = 0; p < builtin_provider_count; p++) {
        const struct builtin_provider *provider = &builtin_providers[p];
        for (size_t i = 0; i < provider->event_count; i++) {
            const struct builtin_event *event = &provider->events[i];
            assert_true(i == 0 || event[-1].id < event->id ||
                        (event[-1].id == event->id && event[-1].version < event->version));
            assert_true(event->layout.field_count <= LAYOUT_FIELDS_MAXIMUM);
            for (int f = 0; f < event->layout.field_count; f++) {
                const char *name = event->layout.fields[f].name;
                assert_true(!*name || layout_find_field(&event->layout, name) == f);
            }
        }
    }
}

static const uint8_t system_config[16] = {0x91, 0xee, 0x79, 0x9b, 0xfd, 0xb5, 0xc0, 0x41,
                                          0xa2, 0x43, 0x42, 0x48, 0xe2, 0x66, 0xe9, 0xd0};
static const uint8_t pktmon[16] = {0xd9, 0x80, 0x4f, 0x4d, 0xbd, 0xc8, 0x73, 0x4d,
                                   0xbb, 0x5b, 0x19, 0xc9, 0x04, 0x02, 0xc5, 0xac};

static void an_interface_row_is_laid_out_as_in_the_windows_headers(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t offset, size;
    } expected[] = {
        {"InterfaceIndex", 8, 4},
        {"InterfaceGuid", 12, 16},
        {"Alias", 28, 514},
        {"Description", 542, 514},
        {"PhysicalAddressLength", 1056, 4},
        {"Mtu", 1124, 4},
        {"Type", 1128, 4},
        {"OperStatus", 1156, 4},
        {"NetworkGuid", 1168, 16},
        {"ConnectionType", 1184, 4},
        {"TransmitLinkSpeed", 1192, 8},
        {"InOctets", 1208, 8},
    };
    const struct layout_key key = {.provider = system_config, .id = 36, .version = 0};
    const struct layout *layout = layout_find(&key);
    struct layout_plan plan;
    assert_non_null(layout);
    layout_plan_init(&plan, layout, 4);
    assert_int_equal(plan.fixed_size, 1352);
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        int field = layout_find_field(layout, expected[i].name);
        assert_true(field >= 0);
        assert_int_equal(plan.fixed[field].offset, expected[i].offset);
        assert_int_equal(plan.fixed[field].size, expected[i].size);
    }
}

static void a_packet_sighting_has_34_bytes_before_the_packet(void **state)
{
    (void)state;
    const struct layout_key key = {.provider = pktmon, .id = 160, .version = 0};
    struct layout_plan plan;
    layout_plan_init(&plan, layout_find(&key), 8);
    assert_int_equal(plan.fixed_size, 34);
    assert_int_equal(plan.fixed_count, 12);
}

static void an_unknown_version_takes_the_nearest_layout(void **state)
{
    (void)state;
    struct layout_key key = {.provider = pktmon, .id = 160, .version = 0};
    const struct layout *layout = layout_find(&key);
    assert_non_null(layout);
    key.version = 9;
    assert_ptr_equal(layout_find(&key), layout);
    key.id = 161;
    assert_null(layout_find(&key));
    key.provider = (const uint8_t *)"sixteen bytes...";
    assert_null(layout_find(&key));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_type_takes_its_bytes),
        cmocka_unit_test(a_text_without_nul_is_whole_only_as_the_last_field),
        cmocka_unit_test(pointers_follow_the_record),
        cmocka_unit_test(a_counter_may_stand_behind_a_text),
        cmocka_unit_test(optional_fields_may_be_missing),
        cmocka_unit_test(a_layout_longer_than_the_maximum_is_read_in_part),
        cmocka_unit_test(a_counter_that_cannot_count_ends_the_layout),
        cmocka_unit_test(every_truncation_of_every_builtin_layout_stays_inside),
        cmocka_unit_test(builtin_events_are_in_order_and_named),
        cmocka_unit_test(an_interface_row_is_laid_out_as_in_the_windows_headers),
        cmocka_unit_test(a_packet_sighting_has_34_bytes_before_the_packet),
        cmocka_unit_test(an_unknown_version_takes_the_nearest_layout),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
