/* SPDX-License-Identifier: MIT */
/*
 * Names of values that the sample writer embeds as merging does: the reader gives them to
 * the fields, whatever comes first, and prefers them to its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "etw/base/bytes.h"
#include "etw/base/text.h"
#include "etw/fields.h"
#include "etw/schema/payload.h"
#include "etw/schema/schema_in_trace.h"
#include "etw/schema/schema_store.h"
#include "samples/writer/event_metadata.h"

#define TCPIP "Microsoft-Windows-TCPIP"

/* The field `name` of a payload whose fields all have `value`. */
struct wanted {
    const char *name;
    struct text text;
};

static void take_field(void *context, const struct etw_field *field)
{
    struct wanted *wanted = context;
    if (field->name && strcmp(field->name, wanted->name) == 0) {
        etw_field_format(field, &wanted->text);
    }
}

static void learn(struct schema_store *store, uint8_t opcode, const struct byte_block *block)
{
    static const struct guid metadata = EVENT_METADATA_GUID;
    struct findings findings = {0};
    const struct etw_record record = {.class_of = RECORD_IS_CLASSIC,
                                      .provider = metadata.bytes,
                                      .opcode = opcode,
                                      .payload = bytes_of(block->data, block->size)};
    schema_store_learn(store, &record, &findings);
    assert_int_equal(findings.kinds[FINDING_SCHEMA_UNSOUND].count, 0);
}

static void learn_schema(struct schema_store *store, const struct event_layout *layout)
{
    struct byte_block block = {0};
    metadata_of_event(&block, layout);
    learn(store, EVENT_METADATA_SCHEMA, &block);
    block_done(&block);
}

static void learn_maps(struct schema_store *store, const struct event_layout *layout,
                       unsigned build)
{
    const struct event_field *fields = event_layout_get_fields(layout);
    for (unsigned i = 0; i < layout->field_count; i++) {
        const struct event_map *map = event_map_find(layout, &fields[i], build);
        struct byte_block block = {0};
        if (map) {
            metadata_of_map(&block, map);
            learn(store, EVENT_METADATA_VALUE_MAP, &block);
        }
        block_done(&block);
    }
}

/* How the field reads; the store then belongs to nobody. */
static void check_text(struct schema_store *store, const struct event_layout *layout,
                       const char *field, const char *value, const char *text)
{
    const struct event_value values[] = {{field, value}};
    const char *wrong = NULL, *why = NULL;
    struct byte_block payload = {0}, guid = {0};
    assert_true(payload_event(&payload, layout, 8, values, 1, &wrong));
    block_guid(&guid, &event_layout_get_provider(layout)->guid);
    const struct etw_record record = {.class_of = RECORD_IS_MANIFEST,
                                      .provider = guid.data,
                                      .id = layout->id,
                                      .version = layout->version,
                                      .pointer_size = 8,
                                      .payload = bytes_of(payload.data, payload.size)};
    const struct event_schema *schema = schema_store_find(store, &record, &why);
    struct wanted wanted = {.name = field};
    const struct etw_fields_visitor visitor = {.context = &wanted, .value = take_field};
    assert_non_null(schema);
    (void)payload_read(schema, &record.payload, 8, &visitor);
    assert_string_equal(text_get(&wanted.text), text);
    text_done(&wanted.text);
    block_done(&payload);
    block_done(&guid);
    schema_store_free(store);
}

static struct schema_store *begin(uint32_t build)
{
    struct schema_store *store = NULL;
    assert_int_equal(schema_store_new(&store, NULL), ETW_OK);
    schema_store_set_build(store, build);
    return store;
}

static void a_value_has_the_name_that_the_trace_gives_it(void **state)
{
    (void)state;
    static const struct {
        unsigned id, build;
        const char *field, *value, *text;
    } cases[] = {
        {1051, 7601, "NewState", "4", "EstablishedState"},
        {1051, 26100, "OldState", "2", "SynSentState"},
        {1064, 7601, "TimerType", "5", "DisconnectTimer"},
        {1064, 26100, "TimerType", "5", "PacingTimer"},
        {1214, 7601, "Reason", "4", "Transport endpoint was not found"},
        {1214, 26100, "Reason", "77", "77"},
        {1001, 7601, "AddressFamily", "23", "IPV6"},
    };
    for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
        unsigned build = cases[i / 2].build;
        const struct event_layout *layout = event_layout_find(TCPIP, cases[i / 2].id, 0, build);
        struct schema_store *store = begin(build);
        assert_non_null(layout);
        if (i % 2 == 0) {
            learn_schema(store, layout);
        }
        learn_maps(store, layout, build);
        if (i % 2 == 1) {
            learn_schema(store, layout);
        }
        check_text(store, layout, cases[i / 2].field, cases[i / 2].value, cases[i / 2].text);
    }
}

/* The header of a merged trace may be that of another machine. */
static void a_map_of_the_trace_goes_before_the_built_in_one(void **state)
{
    (void)state;
    const struct event_layout *layout = event_layout_find(TCPIP, 1064, 0, 7601);
    struct schema_store *store = begin(26100);
    learn_schema(store, layout);
    learn_maps(store, layout, 7601);
    check_text(store, layout, "TimerType", "5", "DisconnectTimer");
    check_text(begin(26100), layout, "TimerType", "5", "PacingTimer");
}

static void without_its_map_a_value_is_a_number(void **state)
{
    (void)state;
    const struct event_layout *layout = event_layout_find(TCPIP, 1051, 0, 7601);
    struct schema_store *store = begin(7601);
    learn_schema(store, layout);
    check_text(store, layout, "NewState", "4", "4");
}

static void bits_have_their_names_too(void **state)
{
    (void)state;
    const struct event_layout *layout =
        event_layout_find("Microsoft-Windows-Kernel-Process", 15, 0, 10240);
    struct schema_store *store = begin(10240);
    assert_non_null(layout);
    learn_maps(store, layout, 10240);
    learn_schema(store, layout);
    const struct event_map *map = NULL;
    for (size_t i = 0; i < event_map_count; i++) {
        bool is_its = event_maps[i].is_bitmap && strcmp(event_maps[i].name, "ProcessFlags") == 0;
        map = is_its ? &event_maps[i] : map;
    }
    assert_non_null(map);
    const struct event_map_entry *entry = &event_map_entries[map->first_entry];
    char value[16];
    (void)snprintf(value, sizeof(value), "%u", (unsigned)entry->value);
    check_text(store, layout, "Flags", value, entry->text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_has_the_name_that_the_trace_gives_it),
        cmocka_unit_test(a_map_of_the_trace_goes_before_the_built_in_one),
        cmocka_unit_test(without_its_map_a_value_is_a_number),
        cmocka_unit_test(bits_have_their_names_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
