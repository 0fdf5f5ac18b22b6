/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "etw/provider_names.h"
#include "etw/schema/schema_in_trace.h"
#include "etw/schema/schema_store.h"
#include "tests/unit/metadata_writer.h"

struct store_test {
    struct schema_store *store;
    struct findings findings;
    const char *why;
};

static struct store_test begin(void)
{
    struct store_test t = {.store = NULL};
    assert_int_equal(schema_store_new(&t.store, NULL), ETW_OK);
    return t;
}

static void add(struct store_test *t, enum etw_schema_source source, uint8_t version)
{
    const struct event_schema schema = {
        .provider = info_provider, .id = 7, .version = version, .source = source};
    assert_true(schema_store_add(t->store, &schema));
}

static const struct event_schema *find(struct store_test *t, uint16_t id, uint8_t version)
{
    const struct etw_record record = {.class_of = RECORD_IS_MANIFEST,
                                      .provider = info_provider.bytes,
                                      .id = id,
                                      .version = version};
    t->why = NULL;
    return schema_store_find(t->store, &record, &t->why);
}

static void learn(struct store_test *t, uint8_t opcode, const struct payload *payload)
{
    static const struct guid metadata = EVENT_METADATA_GUID;
    struct bytes bytes = exact_bytes(payload->data, payload->size);
    const struct etw_record record = {.class_of = RECORD_IS_CLASSIC,
                                      .provider = metadata.bytes,
                                      .opcode = opcode,
                                      .offset = 4711,
                                      .payload = bytes};
    schema_store_learn(t->store, &record, &t->findings);
    free_bytes(&bytes);
}

static void the_most_trusted_source_wins_whatever_came_first(void **state)
{
    (void)state;
    for (int is_reverse = 0; is_reverse < 2; is_reverse++) {
        struct store_test t = begin();
        add(&t, is_reverse ? ETW_SCHEMA_BUILT_IN : ETW_SCHEMA_EMBEDDED, 2);
        add(&t, ETW_SCHEMA_MANIFEST, 2);
        add(&t, is_reverse ? ETW_SCHEMA_EMBEDDED : ETW_SCHEMA_BUILT_IN, 2);
        assert_int_equal(find(&t, 7, 2)->source, ETW_SCHEMA_EMBEDDED);
        schema_store_free(t.store);
    }
}

static void the_right_version_goes_before_trust(void **state)
{
    (void)state;
    struct store_test t = begin();
    add(&t, ETW_SCHEMA_EMBEDDED, 1);
    add(&t, ETW_SCHEMA_BUILT_IN, 2);
    assert_int_equal(find(&t, 7, 2)->source, ETW_SCHEMA_BUILT_IN);
    assert_int_equal(find(&t, 7, 1)->source, ETW_SCHEMA_EMBEDDED);
    schema_store_free(t.store);
}

static void an_unknown_version_takes_the_next_lower_else_the_lowest(void **state)
{
    (void)state;
    struct store_test t = begin();
    add(&t, ETW_SCHEMA_MANIFEST, 5);
    add(&t, ETW_SCHEMA_MANIFEST, 2);
    add(&t, ETW_SCHEMA_MANIFEST, 3);
    assert_int_equal(find(&t, 7, 4)->version, 3);
    assert_int_equal(find(&t, 7, 255)->version, 5);
    assert_int_equal(find(&t, 7, 1)->version, 2);
    assert_int_equal(find(&t, 7, 0)->version, 2);
    schema_store_free(t.store);
}

static void a_second_schema_of_the_same_key_replaces_nothing(void **state)
{
    (void)state;
    struct store_test t = begin();
    struct event_schema schema = {
        .provider = info_provider, .id = 7, .source = ETW_SCHEMA_MANIFEST, .event_name = "first"};
    assert_true(schema_store_add(t.store, &schema));
    schema.event_name = "second";
    assert_true(schema_store_add(t.store, &schema));
    assert_string_equal(find(&t, 7, 0)->event_name, "first");
    schema_store_free(t.store);
}

/* Numbers of these sizes under one key. */
static void add_numbers(struct store_test *t, enum etw_schema_source source, const char *origin,
                        const struct schema_property *properties, uint16_t count)
{
    const struct event_schema schema = {.provider = info_provider,
                                        .id = 7,
                                        .source = source,
                                        .origin = origin,
                                        .properties = properties,
                                        .property_count = count,
                                        .top_level_count = count};
    assert_true(schema_store_add(t->store, &schema));
}

static const char *find_for_size(struct store_test *t, size_t size)
{
    static const uint8_t data[64];
    const struct etw_record record = {.class_of = RECORD_IS_MANIFEST,
                                      .provider = info_provider.bytes,
                                      .id = 7,
                                      .pointer_size = 8,
                                      .payload = bytes_of(data, size)};
    return schema_store_find(t->store, &record, &t->why)->origin;
}

static void a_payload_that_does_not_fit_has_another_built_in_layout(void **state)
{
    (void)state;
    static const struct schema_property numbers[] = {{.name = "A", .in_type = IN_UINT32},
                                                     {.name = "B", .in_type = IN_UINT64},
                                                     {.name = "C", .in_type = IN_UINT64}};
    struct store_test t = begin();
    add_numbers(&t, ETW_SCHEMA_BUILT_IN, "likely", numbers, 2);
    add_numbers(&t, ETW_SCHEMA_BUILT_IN, "short", numbers, 1);
    add_numbers(&t, ETW_SCHEMA_BUILT_IN, "the same", numbers, 2);
    add_numbers(&t, ETW_SCHEMA_BUILT_IN, "long", numbers, 3);
    static const struct {
        size_t size;
        const char *origin;
    } cases[] = {
        {12, "likely"}, {4, "short"},  {20, "long"},   {13, "likely"},
        {8, "short"},   {0, "likely"}, {64, "likely"}, {12, "likely"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(find_for_size(&t, cases[i].size), cases[i].origin);
    }
    /* what the trace says holds, fit or not */
    add_numbers(&t, ETW_SCHEMA_EMBEDDED, "embedded", numbers, 2);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(find_for_size(&t, cases[i].size), "embedded");
    }
    schema_store_free(t.store);
}

static void what_is_not_known_is_said(void **state)
{
    (void)state;
    struct store_test t = begin();
    struct etw_record record = {.class_of = RECORD_IS_MESSAGE, .provider = info_provider.bytes};
    assert_null(schema_store_find(t.store, &record, &t.why));
    assert_non_null(strstr(t.why, "WPP"));
    record = (struct etw_record){.class_of = RECORD_IS_KERNEL};
    t.why = NULL;
    assert_null(schema_store_find(t.store, &record, &t.why));
    assert_non_null(t.why);
    assert_null(find(&t, 7, 0));
    const char *nobody = t.why;
    assert_non_null(nobody);
    add(&t, ETW_SCHEMA_MANIFEST, 0);
    assert_null(find(&t, 8, 0));
    assert_string_not_equal(t.why, nobody);
    schema_store_free(t.store);
}

static void a_string_only_event_is_one_text(void **state)
{
    (void)state;
    struct store_test t = begin();
    const struct etw_record record = {
        .class_of = RECORD_IS_MANIFEST, .provider = info_provider.bytes, .flags = 4};
    const struct event_schema *schema = schema_store_find(t.store, &record, &t.why);
    assert_int_equal(schema->source, ETW_SCHEMA_STRING_ONLY);
    assert_int_equal(schema->property_count, 1);
    assert_int_equal(schema->properties[0].in_type, IN_UNICODE_STRING);
    assert_true(event_schema_is_sound(schema));
    schema_store_free(t.store);
}

/* ---- learning ---- */

static struct payload make_example(void)
{
    struct payload info = make_info(1, 1);
    add_info_text(&info, INFO_PROVIDER_NAME, 0, "Example-Provider");
    set_info_property(&info, 0,
                      (struct info_property){.name = "State", .type = IN_UINT32, .map = "States"});
    return info;
}

static void events_and_maps_are_learned_in_any_order(void **state)
{
    (void)state;
    static const uint32_t values[] = {1};
    static const char *const texts[] = {"One"};
    struct payload info = make_example();
    struct payload map = make_map("States", 1, 1, values, texts);
    for (int order = 0; order < 2; order++) {
        struct store_test t = begin();
        learn(&t, order ? 32 : 33, order ? &info : &map);
        learn(&t, order ? 33 : 32, order ? &map : &info);
        const struct event_schema *schema = find(&t, 7, 2);
        assert_int_equal(schema->source, ETW_SCHEMA_EMBEDDED);
        assert_string_equal(schema->properties[0].map->entries[0].text, "One");
        assert_string_equal(schema_store_provider_name(t.store, &info_provider),
                            "Example-Provider");
        assert_int_equal(t.findings.kinds[FINDING_SCHEMA_UNSOUND].count, 0);
        schema_store_free(t.store);
    }
}

static void a_repeated_schema_costs_nothing(void **state)
{
    (void)state;
    struct store_test t = begin();
    struct payload info = make_example();
    learn(&t, 32, &info);
    size_t used = schema_store_arena(t.store)->used;
    learn(&t, 32, &info);
    assert_int_equal(schema_store_arena(t.store)->used, used);
    schema_store_free(t.store);
}

static void what_is_not_sound_is_counted(void **state)
{
    (void)state;
    struct store_test t = begin();
    struct payload info = make_example();
    set_number(&info, 0x64, 4, UINT32_MAX);
    learn(&t, 32, &info);
    learn(&t, 33, &(struct payload){.size = 5});
    learn(&t, 34, &info);
    assert_int_equal(t.findings.kinds[FINDING_SCHEMA_UNSOUND].count, 2);
    assert_int_equal(t.findings.kinds[FINDING_SCHEMA_UNSOUND].first_offset, 4711);
    assert_null(find(&t, 7, 2));
    assert_null(schema_store_provider_name(t.store, &info_provider));
    schema_store_free(t.store);
}

/* One extended item; the data is padded to 8 bytes. */
static struct payload make_item(uint16_t type, const void *data, size_t size)
{
    struct payload item = {.size = 0};
    put_number(&item, 2, (8 + size + 7) / 8 * 8);
    put_number(&item, 2, type);
    put_number(&item, 2, 0);
    put_number(&item, 2, size);
    put_bytes(&item, data, size);
    item.size = (item.size + 7) / 8 * 8;
    return item;
}

static void traits_name_the_provider(void **state)
{
    (void)state;
    struct store_test t = begin();
    struct payload item = make_item(12, "\x0A\0Example", 10);
    const struct etw_record record = {.class_of = RECORD_IS_MANIFEST,
                                      .provider = info_provider.bytes,
                                      .extended = bytes_of(item.data, item.size)};
    schema_store_learn(t.store, &record, &t.findings);
    assert_string_equal(schema_store_provider_name(t.store, &info_provider), "Example");
    assert_null(schema_store_provider_name(t.store, &info_class));
    schema_store_free(t.store);
}

static void an_event_that_describes_itself_needs_nobody(void **state)
{
    (void)state;
    struct store_test t = begin();
    struct payload item = make_item(11, "\x08\0\0E\0f\0\x04", 8);
    struct etw_record record = {.class_of = RECORD_IS_MANIFEST,
                                .provider = info_provider.bytes,
                                .id = 7,
                                .extended = bytes_of(item.data, item.size)};
    add(&t, ETW_SCHEMA_EMBEDDED, 0);
    const struct event_schema *schema = schema_store_find(t.store, &record, &t.why);
    assert_int_equal(schema->source, ETW_SCHEMA_TRACELOGGING);
    assert_string_equal(schema->event_name, "E");
    assert_string_equal(schema->properties[0].name, "f");
    item.data[8] = 9; /* one more than there is */
    t.why = NULL;
    assert_null(schema_store_find(t.store, &record, &t.why));
    assert_non_null(t.why);
    schema_store_free(t.store);
}

/* ---- EventSource ---- */

static const char manifest[] =
    "<instrumentationManifest xmlns=\"http://schemas.microsoft.com/win/2004/08/events\">"
    "<instrumentation><events><provider name=\"Example-Source\""
    " guid=\"{70726f76-6964-6572-2d6f-662d74657374}\" symbol=\"Example\">"
    "<tasks><task name=\"Work\" value=\"65533\"/></tasks>"
    "<events><event value=\"7\" version=\"2\" level=\"win:Informational\" task=\"Work\""
    " template=\"WorkArgs\"/></events>"
    "<templates><template tid=\"WorkArgs\"><data name=\"amount\" inType=\"win:UInt32\"/>"
    "</template></templates>"
    "</provider></events></instrumentation></instrumentationManifest>";

static void learn_piece(struct store_test *t, const struct guid *provider, uint16_t number)
{
    size_t half = sizeof(manifest) / 2;
    struct payload piece = {.size = 0};
    put_bytes(&piece, "\x01\x01\x00\x5B\x02\x00", 6);
    put_number(&piece, 2, number);
    put_bytes(&piece, manifest + number * half, number ? sizeof(manifest) - 1 - half : half);
    const struct etw_record record = {.class_of = RECORD_IS_MANIFEST,
                                      .provider = provider->bytes,
                                      .id = 0xFFFE,
                                      .opcode = 0xFE,
                                      .payload = bytes_of(piece.data, piece.size)};
    schema_store_learn(t->store, &record, &t->findings);
}

static void a_manifest_in_pieces_describes_its_events(void **state)
{
    (void)state;
    struct store_test t = begin();
    struct guid provider;
    assert_true(guid_parse("70726f76-6964-6572-2d6f-662d74657374", &provider));
    learn_piece(&t, &provider, 1);
    learn_piece(&t, &provider, 0);
    const struct etw_record record = {
        .class_of = RECORD_IS_MANIFEST, .provider = provider.bytes, .id = 7, .version = 2};
    const struct event_schema *schema = schema_store_find(t.store, &record, &t.why);
    assert_non_null(schema);
    assert_int_equal(schema->source, ETW_SCHEMA_EVENTSOURCE);
    assert_string_equal(schema->properties[0].name, "amount");
    assert_string_equal(schema_store_provider_name(t.store, &provider), "Example-Source");
    assert_int_equal(t.findings.kinds[FINDING_SCHEMA_UNSOUND].count, 0);
    schema_store_free(t.store);
}

static void a_piece_itself_can_be_read(void **state)
{
    (void)state;
    struct store_test t = begin();
    static const uint8_t piece[] = {1, 0, 0, 0x5B, 2, 0, 0, 0};
    const struct etw_record record = {.class_of = RECORD_IS_MANIFEST,
                                      .provider = info_provider.bytes,
                                      .id = 0xFFFE,
                                      .opcode = 0xFE,
                                      .payload = bytes_of(piece, sizeof(piece))};
    const struct event_schema *schema = schema_store_find(t.store, &record, &t.why);
    assert_non_null(schema);
    assert_string_equal(schema->event_name, "ManifestData");
    assert_true(event_schema_is_sound(schema));
    schema_store_free(t.store);
}

/* ---- built in ---- */

static void built_in_schemas_come_with_the_first_record(void **state)
{
    (void)state;
    struct store_test t = begin();
    struct guid provider;
    assert_true(etw_provider_find("Microsoft-Windows-Kernel-Process", &provider));
    const struct etw_record record = {
        .class_of = RECORD_IS_MANIFEST, .provider = provider.bytes, .id = 1};
    schema_store_set_build(t.store, 19045);
    const struct event_schema *schema = schema_store_find(t.store, &record, &t.why);
    assert_non_null(schema);
    assert_int_equal(schema->source, ETW_SCHEMA_BUILT_IN);
    assert_true(schema->property_count > 0);
    assert_ptr_equal(schema_store_find(t.store, &record, &t.why), schema);
    schema_store_free(t.store);
}

static void an_embedded_schema_takes_the_built_in_name(void **state)
{
    (void)state;
    struct store_test t = begin();
    struct guid provider;
    assert_true(etw_provider_find("Microsoft-Windows-Kernel-Process", &provider));
    struct event_schema embedded = {
        .provider = provider, .id = 1, .source = ETW_SCHEMA_EMBEDDED, .event_name = "Vorgang"};
    assert_true(schema_store_add(t.store, &embedded));
    embedded.id = 65000;
    assert_true(schema_store_add(t.store, &embedded));
    struct etw_record record = {
        .class_of = RECORD_IS_MANIFEST, .provider = provider.bytes, .id = 1};
    const struct event_schema *schema = schema_store_find(t.store, &record, &t.why);
    assert_int_equal(schema->source, ETW_SCHEMA_EMBEDDED);
    assert_string_not_equal(schema->event_name, "Vorgang");
    record.id = 65000;
    assert_string_equal(schema_store_find(t.store, &record, &t.why)->event_name, "Vorgang");
    schema_store_free(t.store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_most_trusted_source_wins_whatever_came_first),
        cmocka_unit_test(the_right_version_goes_before_trust),
        cmocka_unit_test(an_unknown_version_takes_the_next_lower_else_the_lowest),
        cmocka_unit_test(a_second_schema_of_the_same_key_replaces_nothing),
        cmocka_unit_test(a_payload_that_does_not_fit_has_another_built_in_layout),
        cmocka_unit_test(what_is_not_known_is_said),
        cmocka_unit_test(a_string_only_event_is_one_text),
        cmocka_unit_test(events_and_maps_are_learned_in_any_order),
        cmocka_unit_test(a_repeated_schema_costs_nothing),
        cmocka_unit_test(what_is_not_sound_is_counted),
        cmocka_unit_test(traits_name_the_provider),
        cmocka_unit_test(an_event_that_describes_itself_needs_nobody),
        cmocka_unit_test(a_manifest_in_pieces_describes_its_events),
        cmocka_unit_test(a_piece_itself_can_be_read),
        cmocka_unit_test(built_in_schemas_come_with_the_first_record),
        cmocka_unit_test(an_embedded_schema_takes_the_built_in_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
