/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "etw/schema/tracelogging.h"
#include "tests/unit/metadata_writer.h"

#define CONSTANT 0x20
#define VARIABLE 0x40
#define CUSTOM   0x60
#define HAS_OUT  0x80

static struct payload begin_description(const char *event_name)
{
    struct payload d = {.size = 2};
    put_number(&d, 1, 0); /* tags */
    put_bytes(&d, event_name, strlen(event_name) + 1);
    return d;
}

static void add_field(struct payload *d, const char *name, uint8_t in, int out)
{
    put_bytes(d, name, strlen(name) + 1);
    put_number(d, 1, (uint8_t)(in | (out < 0 ? 0 : HAS_OUT)));
    if (out >= 0) {
        put_number(d, 1, (uint8_t)out);
    }
}

static void end_description(struct payload *d)
{
    set_number(d, 0, 2, d->size);
}

static bool read_cut(struct schema_arena *arena, const struct payload *d, size_t size,
                     struct event_schema *schema)
{
    struct bytes bytes = exact_bytes(d->data, size);
    bool is_sound = tracelogging_read(arena, &bytes, schema);
    free_bytes(&bytes);
    return is_sound;
}

static bool read_all(struct schema_arena *arena, struct payload *d, struct event_schema *schema)
{
    end_description(d);
    return read_cut(arena, d, d->size, schema);
}

static void names_and_types_are_read(void **state)
{
    (void)state;
    struct schema_arena arena = {0};
    struct event_schema schema = {.id = 0};
    struct payload d = begin_description("Named");
    add_field(&d, "text", IN_UNICODE_STRING, -1);
    add_field(&d, "port", IN_UINT16, 7);
    add_field(&d, "data", IN_BINARY, -1);
    assert_true(read_all(&arena, &d, &schema));
    assert_int_equal(schema.source, ETW_SCHEMA_TRACELOGGING);
    assert_string_equal(schema.event_name, "Named");
    assert_int_equal(schema.property_count, 3);
    assert_int_equal(schema.top_level_count, 3);
    assert_string_equal(schema.properties[0].name, "text");
    assert_int_equal(schema.properties[0].in_type, IN_UNICODE_STRING);
    assert_int_equal(schema.properties[1].out_type, OUT_PORT);
    assert_int_equal(schema.properties[2].in_type, IN_MANIFEST_COUNTED_BINARY);
    schema_arena_done(&arena);
}

static void an_event_may_have_no_fields(void **state)
{
    (void)state;
    struct schema_arena arena = {0};
    struct event_schema schema = {.id = 0};
    struct payload d = begin_description("");
    assert_true(read_all(&arena, &d, &schema));
    assert_int_equal(schema.property_count, 0);
    assert_string_equal(schema.event_name, "");
    schema_arena_done(&arena);
}

static void out_types_are_translated(void **state)
{
    (void)state;
    static const uint16_t expected[][2] = {
        {2, OUT_STRING},      {3, OUT_BOOLEAN},   {4, OUT_HEX},           {8, OUT_IPV4},
        {13, OUT_WIN32ERROR}, {14, OUT_NTSTATUS}, {16, OUT_DATETIME},     {17, OUT_SIGNED},
        {18, OUT_UNSIGNED},   {35, OUT_UTF8},     {38, OUT_DATETIME_UTC}, {25, OUT_DEFAULT},
        {39, OUT_DEFAULT},    {127, OUT_DEFAULT},
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        struct schema_arena arena = {0};
        struct event_schema schema = {.id = 0};
        struct payload d = begin_description("E");
        add_field(&d, "f", IN_UINT32, expected[i][0]);
        assert_true(read_all(&arena, &d, &schema));
        assert_int_equal(schema.properties[0].out_type, expected[i][1]);
        schema_arena_done(&arena);
    }
}

static void counts_and_custom_types_are_read(void **state)
{
    (void)state;
    struct schema_arena arena = {0};
    struct event_schema schema = {.id = 0};
    struct payload d = begin_description("E");
    add_field(&d, "many", IN_UINT8 | VARIABLE, -1);
    add_field(&d, "five", IN_UINT8 | CONSTANT, 4);
    put_number(&d, 2, 5);
    add_field(&d, "own", IN_UINT8 | CUSTOM, -1);
    put_number(&d, 2, 3);
    put_bytes(&d, "xyz", 3);
    add_field(&d, "last", IN_UINT8, -1);
    assert_true(read_all(&arena, &d, &schema));
    assert_int_equal(schema.properties[0].flags, PROPERTY_COUNTED);
    assert_int_equal(schema.properties[1].flags, PROPERTY_FIXED_COUNT);
    assert_int_equal(schema.properties[1].count, 5);
    assert_int_equal(schema.properties[1].out_type, OUT_HEX);
    assert_string_equal(schema.properties[2].name, "own");
    assert_int_equal(schema.properties[2].in_type, IN_MANIFEST_COUNTED_BINARY);
    assert_string_equal(schema.properties[3].name, "last");
    schema_arena_done(&arena);
}

static void tags_are_stepped_over(void **state)
{
    (void)state;
    struct schema_arena arena = {0};
    struct event_schema schema = {.id = 0};
    struct payload d = {.size = 2};
    put_bytes(&d,
              "\x81\x82\x03"
              "E",
              5);
    add_field(&d, "tagged", IN_UINT32, 0x80 | 5);
    put_bytes(&d, "\xFF\x7F", 2);
    add_field(&d, "last", IN_UINT8, -1);
    assert_true(read_all(&arena, &d, &schema));
    assert_string_equal(schema.event_name, "E");
    assert_int_equal(schema.properties[0].out_type, OUT_PID);
    assert_string_equal(schema.properties[1].name, "last");
    schema_arena_done(&arena);
}

/* a, S {b, T {c}, d}, e: a struct among the members counts as one. */
static struct payload make_nested(void)
{
    struct payload d = begin_description("E");
    add_field(&d, "a", IN_UINT8, -1);
    add_field(&d, "S", IN_STRUCT | VARIABLE, 3);
    add_field(&d, "b", IN_UINT8, -1);
    add_field(&d, "T", IN_STRUCT, 1);
    add_field(&d, "c", IN_UINT8, -1);
    add_field(&d, "d", IN_UINT8, -1);
    add_field(&d, "e", IN_UINT8, -1);
    end_description(&d);
    return d;
}

static void members_stand_behind_the_top_level(void **state)
{
    (void)state;
    static const char *const order[] = {"a", "S", "e", "b", "T", "d", "c"};
    struct schema_arena arena = {0};
    struct event_schema schema = {.id = 0};
    struct payload d = make_nested();
    assert_true(read_all(&arena, &d, &schema));
    assert_int_equal(schema.property_count, 7);
    assert_int_equal(schema.top_level_count, 3);
    for (size_t i = 0; i < 7; i++) {
        assert_string_equal(schema.properties[i].name, order[i]);
    }
    assert_int_equal(schema.properties[1].flags, PROPERTY_IS_STRUCT | PROPERTY_COUNTED);
    assert_int_equal(schema.properties[1].first_member, 3);
    assert_int_equal(schema.properties[1].member_count, 3);
    assert_int_equal(schema.properties[4].first_member, 6);
    assert_int_equal(schema.properties[4].member_count, 1);
    schema_arena_done(&arena);
}

static void a_struct_may_not_miss_members(void **state)
{
    (void)state;
    struct schema_arena arena = {0};
    struct event_schema schema = {.id = 0};
    struct payload d = begin_description("E");
    add_field(&d, "S", IN_STRUCT, 2);
    add_field(&d, "only", IN_UINT8, -1);
    assert_false(read_all(&arena, &d, &schema));
    schema_arena_done(&arena);
}

static void structs_nest_only_so_deep(void **state)
{
    (void)state;
    for (unsigned depth = 1; depth < 12; depth++) {
        struct schema_arena arena = {0};
        struct event_schema schema = {.id = 0};
        struct payload d = begin_description("E");
        for (unsigned i = 0; i < depth; i++) {
            add_field(&d, "S", IN_STRUCT, 1);
        }
        add_field(&d, "f", IN_UINT8, -1);
        assert_int_equal(read_all(&arena, &d, &schema), depth <= SCHEMA_DEPTH_MAXIMUM);
        schema_arena_done(&arena);
    }
}

static void too_many_fields_are_refused(void **state)
{
    (void)state;
    struct schema_arena arena = {0};
    struct event_schema schema = {.id = 0};
    static uint8_t blob[4 + 2 * (SCHEMA_PROPERTIES_MAXIMUM + 1)]; /* fields "" of type 0 */
    struct bytes bytes = bytes_of(blob, sizeof(blob) - 2);
    blob[0] = (uint8_t)bytes.size;
    blob[1] = (uint8_t)(bytes.size >> 8);
    assert_true(tracelogging_read(&arena, &bytes, &schema));
    assert_int_equal(schema.property_count, SCHEMA_PROPERTIES_MAXIMUM);
    bytes = bytes_of(blob, sizeof(blob));
    blob[0] = (uint8_t)bytes.size;
    blob[1] = (uint8_t)(bytes.size >> 8);
    assert_false(tracelogging_read(&arena, &bytes, &schema));
    schema_arena_done(&arena);
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    struct payload d = make_nested();
    for (size_t size = 0; size < d.size; size++) {
        struct schema_arena arena = {0};
        struct event_schema schema = {.id = 0};
        assert_false(read_cut(&arena, &d, size, &schema));
        schema_arena_done(&arena);
    }
}

/* Where the size itself is smaller, the description may end between two fields. */
static void every_smaller_size_stays_inside(void **state)
{
    (void)state;
    struct payload d = make_nested();
    for (size_t size = 0; size < d.size; size++) {
        struct schema_arena arena = {0};
        struct event_schema schema = {.id = 0};
        set_number(&d, 0, 2, size);
        (void)read_cut(&arena, &d, size < 2 ? 2 : size, &schema);
        schema_arena_done(&arena);
    }
}

/* ---- records ---- */

static void add_item(struct payload *to, uint16_t type, bool has_next, const struct payload *data)
{
    size_t total = (8 + data->size + 7) / 8 * 8;
    size_t begin = to->size;
    put_number(to, 2, total);
    put_number(to, 2, type);
    put_number(to, 2, has_next);
    put_number(to, 2, data->size);
    put_bytes(to, data->data, data->size);
    to->size = begin + total;
}

static struct etw_record make_record(const struct payload *items)
{
    return (struct etw_record){.class_of = RECORD_IS_MANIFEST,
                               .provider = info_provider.bytes,
                               .extended = bytes_of(items->data, items->size)};
}

static void items_are_found_in_any_order(void **state)
{
    (void)state;
    struct payload d = make_nested();
    struct payload traits = {.size = 0};
    put_number(&traits, 2, 2 + 8);
    put_bytes(&traits, "Example", 8);
    for (int order = 0; order < 2; order++) {
        struct payload items = {.size = 0};
        add_item(&items, order ? 11 : 12, true, order ? &d : &traits);
        add_item(&items, order ? 12 : 11, false, order ? &traits : &d);
        struct etw_record record = make_record(&items);
        struct bytes found;
        assert_true(tracelogging_description(&record, &found));
        assert_int_equal(found.size, d.size);
        assert_true(tracelogging_traits(&record, &found));
        struct bytes name = tracelogging_provider_name(&found);
        assert_int_equal(name.size, 7);
        assert_memory_equal(name.data, "Example", 7);
    }
}

static void damaged_traits_have_no_name(void **state)
{
    (void)state;
    struct payload traits = {.size = 0};
    put_number(&traits, 2, 2 + 8);
    put_bytes(&traits, "Example", 8);
    for (size_t size = 0; size < traits.size; size++) {
        struct bytes bytes = exact_bytes(traits.data, size);
        assert_int_equal(tracelogging_provider_name(&bytes).size, 0);
        free_bytes(&bytes);
    }
}

static void equal_descriptions_are_read_once(void **state)
{
    (void)state;
    struct tracelogging cache = {.count = 0};
    struct payload d = make_nested();
    struct payload items = {.size = 0};
    struct etw_record record = make_record(&items);
    struct bytes description = bytes_of(d.data, d.size);
    const struct event_schema *schema = tracelogging_find(&cache, &record, &description);
    assert_non_null(schema);
    assert_memory_equal(schema->provider.bytes, info_provider.bytes, 16);
    const struct schema_property *properties = schema->properties;
    size_t used = cache.arena.used;
    schema = tracelogging_find(&cache, &record, &description);
    assert_ptr_equal(schema->properties, properties);
    assert_int_equal(cache.arena.used, used);
    tracelogging_done(&cache);
}

static void the_cache_is_bounded(void **state)
{
    (void)state;
    struct tracelogging cache = {.count = 0};
    struct payload items = {.size = 0};
    struct etw_record record = make_record(&items);
    for (uint32_t i = 0; i < 3 * TRACELOGGING_CACHE_MAXIMUM; i++) {
        struct payload d = begin_description("E");
        add_field(&d, "f", IN_UINT8 | CONSTANT, -1);
        put_number(&d, 2, i);
        add_field(&d, "g", i % 2 ? IN_UINT8 : IN_STRUCT, i % 2 ? -1 : 1); /* half of them wrong */
        end_description(&d);
        struct bytes description = bytes_of(d.data, d.size);
        assert_int_equal(tracelogging_find(&cache, &record, &description) != NULL, i % 2);
        assert_true(cache.count <= TRACELOGGING_CACHE_MAXIMUM);
    }
    tracelogging_done(&cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_types_are_read),
        cmocka_unit_test(an_event_may_have_no_fields),
        cmocka_unit_test(out_types_are_translated),
        cmocka_unit_test(counts_and_custom_types_are_read),
        cmocka_unit_test(tags_are_stepped_over),
        cmocka_unit_test(members_stand_behind_the_top_level),
        cmocka_unit_test(a_struct_may_not_miss_members),
        cmocka_unit_test(structs_nest_only_so_deep),
        cmocka_unit_test(too_many_fields_are_refused),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(every_smaller_size_stays_inside),
        cmocka_unit_test(items_are_found_in_any_order),
        cmocka_unit_test(damaged_traits_have_no_name),
        cmocka_unit_test(equal_descriptions_are_read_once),
        cmocka_unit_test(the_cache_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
