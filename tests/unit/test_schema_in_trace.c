/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "etw/schema/schema_in_trace.h"
#include "tests/unit/metadata_writer.h"

struct reading {
    struct schema_arena arena;
    struct schema_maps maps;
    struct event_schema schema;
    enum schema_reading result;
};

static void read_cut(struct reading *r, const struct payload *info, size_t size)
{
    struct bytes bytes = exact_bytes(info->data, size);
    r->result = schema_in_trace_key(&bytes, &r->schema);
    if (r->result == SCHEMA_READ) {
        r->result = schema_in_trace_event(&r->arena, &r->maps, &bytes, &r->schema);
    }
    free_bytes(&bytes);
}

static void read_info(struct reading *r, const struct payload *info)
{
    read_cut(r, info, info->size);
}

static enum schema_reading read_map(struct reading *r, const struct payload *map, size_t size)
{
    struct bytes bytes = exact_bytes(map->data, size);
    enum schema_reading result = schema_in_trace_map(&r->arena, &r->maps, &bytes);
    free_bytes(&bytes);
    return result;
}

static void done(struct reading *r)
{
    schema_maps_done(&r->maps);
    schema_arena_done(&r->arena);
    *r = (struct reading){.result = SCHEMA_READ};
}

static struct payload make_example(void)
{
    struct payload info = make_info(4, 3);
    add_info_text(&info, INFO_PROVIDER_NAME, 0, "Example-Provider");
    add_info_text(&info, INFO_TASK_NAME, 0, "Transfer ");
    add_info_text(&info, INFO_OPCODE_NAME, 0, "Done ");
    add_info_text(&info, INFO_MESSAGE, 0, "%1 parts\r\n");
    set_info_property(&info, 0, (struct info_property){.name = "Size", .type = IN_UINT16});
    set_info_property(&info, 1,
                      (struct info_property){.name = "Data",
                                             .flags = PROPERTY_LENGTH_FROM,
                                             .type = IN_BINARY,
                                             .out_type = OUT_SOCKETADDRESS,
                                             .length = 0});
    set_info_property(&info, 2,
                      (struct info_property){.name = "Parts",
                                             .flags = PROPERTY_IS_STRUCT | PROPERTY_COUNT_FROM,
                                             .type = 3,
                                             .out_type = 1,
                                             .count = 0});
    set_info_property(&info, 3,
                      (struct info_property){.name = "State", .type = IN_UINT32, .map = "States"});
    return info;
}

static void everything_of_an_event_is_read(void **state)
{
    (void)state;
    struct reading r = {.result = SCHEMA_READ};
    struct payload info = make_example();
    read_info(&r, &info);
    const struct event_schema *schema = &r.schema;
    assert_int_equal(r.result, SCHEMA_READ);
    assert_memory_equal(schema->provider.bytes, info_provider.bytes, 16);
    assert_int_equal(schema->id, 7);
    assert_int_equal(schema->version, 2);
    assert_false(schema->is_classic);
    assert_int_equal(schema->source, ETW_SCHEMA_EMBEDDED);
    assert_string_equal(schema->provider_name, "Example-Provider");
    assert_string_equal(schema->event_name, "Transfer/Done");
    assert_string_equal(schema->message, "%1 parts");
    assert_int_equal(schema->property_count, 4);
    assert_int_equal(schema->top_level_count, 3);
    assert_string_equal(schema->properties[1].name, "Data");
    assert_int_equal(schema->properties[1].in_type, IN_BINARY);
    assert_int_equal(schema->properties[1].out_type, OUT_SOCKETADDRESS);
    assert_int_equal(schema->properties[1].flags, PROPERTY_LENGTH_FROM);
    assert_int_equal(schema->properties[2].first_member, 3);
    assert_int_equal(schema->properties[2].member_count, 1);
    assert_null(schema->properties[3].map);
    done(&r);
}

static void a_classic_event_goes_by_class_and_opcode(void **state)
{
    (void)state;
    struct reading r = {.result = SCHEMA_READ};
    struct payload info = make_example();
    set_number(&info, 0x30, 4, 1);
    read_info(&r, &info);
    assert_int_equal(r.result, SCHEMA_READ);
    assert_memory_equal(r.schema.provider.bytes, info_class.bytes, 16);
    assert_int_equal(r.schema.id, 11);
    assert_true(r.schema.is_classic);
    done(&r);
}

static void events_that_describe_themselves_are_not_needed(void **state)
{
    (void)state;
    for (uint32_t source = 2; source < 6; source++) {
        struct reading r = {.result = SCHEMA_READ};
        struct payload info = make_example();
        set_number(&info, 0x30, 4, source);
        read_info(&r, &info);
        assert_int_equal(r.result, SCHEMA_NOT_NEEDED);
        done(&r);
    }
}

static void names_do_not_depend_on_the_language_of_the_machine(void **state)
{
    (void)state;
    static const char *const expected[] = {"Transfer", "Transfer/Start", "Transfer/Stop"};
    for (uint8_t opcode = 0; opcode < 3; opcode++) {
        struct reading r = {.result = SCHEMA_READ};
        struct payload info = make_example();
        info.data[0x25] = opcode;
        read_info(&r, &info);
        assert_string_equal(r.schema.event_name, expected[opcode]);
        done(&r);
    }
}

static void an_event_name_goes_before_the_task(void **state)
{
    (void)state;
    struct reading r = {.result = SCHEMA_READ};
    struct payload info = make_example();
    add_info_text(&info, INFO_EVENT_NAME, 0, "Named");
    read_info(&r, &info);
    assert_string_equal(r.schema.event_name, "Named");
    done(&r);
}

static void every_truncation_is_noticed_or_harmless(void **state)
{
    (void)state;
    struct payload info = make_example();
    for (size_t size = 0; size < info.size; size++) {
        struct reading r = {.result = SCHEMA_READ};
        read_cut(&r, &info, size);
        if (size < INFO_HEAD_SIZE + 4 * INFO_PROPERTY_SIZE) {
            assert_int_equal(r.result, SCHEMA_UNSOUND);
        }
        done(&r);
    }
}

static void a_text_without_its_nul_ends_with_the_payload(void **state)
{
    (void)state;
    struct reading r = {.result = SCHEMA_READ};
    struct payload info = make_info(0, 0);
    add_info_text(&info, INFO_PROVIDER_NAME, 0, "Name");
    read_cut(&r, &info, info.size - 2);
    assert_int_equal(r.result, SCHEMA_READ);
    assert_string_equal(r.schema.provider_name, "Name");
    done(&r);
}

static void offsets_outside_are_refused(void **state)
{
    (void)state;
    static const size_t places[] = {INFO_PROVIDER_NAME, INFO_TASK_NAME, INFO_OPCODE_NAME,
                                    INFO_MESSAGE, INFO_HEAD_SIZE + 4};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        struct payload info = make_example();
        const uint32_t offsets[] = {(uint32_t)info.size, UINT32_MAX, 0x80000000};
        for (size_t j = 0; j < 3; j++) {
            struct reading r = {.result = SCHEMA_READ};
            set_number(&info, places[i], 4, offsets[j]);
            read_info(&r, &info);
            assert_int_equal(r.result, SCHEMA_UNSOUND);
            done(&r);
        }
    }
}

static void counts_beyond_the_payload_are_refused(void **state)
{
    (void)state;
    static const uint32_t counts[] = {400, 1024, 1025, 0x0AAAAAAB, UINT32_MAX};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        struct reading r = {.result = SCHEMA_READ};
        struct payload info = make_example();
        set_number(&info, 0x64, 4, counts[i]);
        read_info(&r, &info);
        assert_int_equal(r.result, SCHEMA_UNSOUND);
        done(&r);
    }
}

static void references_forward_are_refused(void **state)
{
    (void)state;
    struct reading r = {.result = SCHEMA_READ};
    struct payload info = make_example();
    set_number(&info, INFO_HEAD_SIZE + INFO_PROPERTY_SIZE + 18, 2, 1); /* its own length */
    read_info(&r, &info);
    assert_int_equal(r.result, SCHEMA_UNSOUND);
    done(&r);
}

static void a_property_with_a_custom_schema_has_no_map(void **state)
{
    (void)state;
    struct reading r = {.result = SCHEMA_READ};
    struct payload info = make_info(1, 1);
    set_info_property(
        &info, 0,
        (struct info_property){.name = "P", .flags = 0x80, .type = IN_UINT32, .map = "States"});
    read_info(&r, &info);
    assert_int_equal(r.result, SCHEMA_READ);
    assert_int_equal(r.maps.count, 0);
    done(&r);
}

/* ---- maps ---- */

static const uint32_t values[] = {4, 1, 2};
static const char *const texts[] = {"Four ", "One", "Two"};

/* The map as the property sees it that asked for it before. */
static const struct etw_map *map_of(struct reading *r, uint32_t flags)
{
    struct payload info = make_example();
    struct payload map = make_map("States", flags, 3, values, texts);
    read_info(r, &info);
    assert_int_equal(read_map(r, &map, map.size), SCHEMA_READ);
    assert_non_null(r->schema.properties[3].map);
    return r->schema.properties[3].map;
}

static void a_map_may_stand_behind_its_event(void **state)
{
    (void)state;
    struct reading r = {.result = SCHEMA_READ};
    const struct etw_map *map = map_of(&r, 1);
    assert_string_equal(map->name, "States");
    assert_false(map->is_bitmap);
    assert_int_equal(map->entry_count, 3);
    assert_int_equal(map->entries[0].value, 1);
    assert_string_equal(map->entries[0].text, "One");
    assert_int_equal(map->entries[2].value, 4);
    assert_string_equal(map->entries[2].text, "Four");
    done(&r);
}

static void flags_say_what_is_a_bitmap(void **state)
{
    (void)state;
    static const struct {
        uint32_t flags;
        bool is_bitmap;
    } rows[] = {{1, false},   {2, true},     {8, false},  {0x10, true},
                {0x28, true}, {0x48, false}, {0x50, true}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct reading r = {.result = SCHEMA_READ};
        assert_int_equal(map_of(&r, rows[i].flags)->is_bitmap, rows[i].is_bitmap);
        done(&r);
    }
}

static void without_a_map_the_place_is_the_value(void **state)
{
    (void)state;
    struct reading r = {.result = SCHEMA_READ};
    assert_string_equal(map_of(&r, 0x48)->entries[0].text, "Four"); /* 0 */
    done(&r);
    const struct etw_map *bits = map_of(&r, 0x50);
    assert_int_equal(bits->entries[2].value, 4); /* bit 2 */
    assert_string_equal(bits->entries[2].text, "Two");
    done(&r);
}

static void patterns_and_texts_as_values_are_not_needed(void **state)
{
    (void)state;
    struct reading r = {.result = SCHEMA_READ};
    struct payload map = make_map("States", 4, 3, values, texts);
    assert_int_equal(read_map(&r, &map, map.size), SCHEMA_NOT_NEEDED);
    map = make_map("States", 8, 3, values, texts);
    set_number(&map, 16 + 12, 4, 1);
    assert_int_equal(read_map(&r, &map, map.size), SCHEMA_NOT_NEEDED);
    done(&r);
}

static void a_map_with_too_many_entries_is_refused(void **state)
{
    (void)state;
    static const uint32_t counts[] = {200, 0x20000000, 0x20000001, UINT32_MAX};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        struct reading r = {.result = SCHEMA_READ};
        struct payload map = make_map("States", 1, 3, values, texts);
        set_number(&map, 16 + 8, 4, counts[i]);
        assert_int_equal(read_map(&r, &map, map.size), SCHEMA_UNSOUND);
        done(&r);
    }
}

static void every_truncation_of_a_map_is_noticed_or_harmless(void **state)
{
    (void)state;
    struct payload map = make_map("States", 1, 3, values, texts);
    for (size_t size = 0; size < map.size; size++) {
        struct reading r = {.result = SCHEMA_READ};
        enum schema_reading result = read_map(&r, &map, size);
        if (size < 32 + 3 * 8) {
            assert_int_equal(result, SCHEMA_UNSOUND);
        }
        done(&r);
    }
}

static void a_map_without_a_name_is_refused(void **state)
{
    (void)state;
    struct reading r = {.result = SCHEMA_READ};
    struct payload map = make_map("", 1, 3, values, texts);
    assert_int_equal(read_map(&r, &map, map.size), SCHEMA_UNSOUND);
    set_number(&map, 16, 4, 0);
    assert_int_equal(read_map(&r, &map, map.size), SCHEMA_UNSOUND);
    done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_of_an_event_is_read),
        cmocka_unit_test(a_classic_event_goes_by_class_and_opcode),
        cmocka_unit_test(events_that_describe_themselves_are_not_needed),
        cmocka_unit_test(names_do_not_depend_on_the_language_of_the_machine),
        cmocka_unit_test(an_event_name_goes_before_the_task),
        cmocka_unit_test(every_truncation_is_noticed_or_harmless),
        cmocka_unit_test(a_text_without_its_nul_ends_with_the_payload),
        cmocka_unit_test(offsets_outside_are_refused),
        cmocka_unit_test(counts_beyond_the_payload_are_refused),
        cmocka_unit_test(references_forward_are_refused),
        cmocka_unit_test(a_property_with_a_custom_schema_has_no_map),
        cmocka_unit_test(a_map_may_stand_behind_its_event),
        cmocka_unit_test(flags_say_what_is_a_bitmap),
        cmocka_unit_test(without_a_map_the_place_is_the_value),
        cmocka_unit_test(patterns_and_texts_as_values_are_not_needed),
        cmocka_unit_test(a_map_with_too_many_entries_is_refused),
        cmocka_unit_test(every_truncation_of_a_map_is_noticed_or_harmless),
        cmocka_unit_test(a_map_without_a_name_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
