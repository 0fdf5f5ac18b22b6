/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "etw/providers/binding.h"
#include "etw/schema/schema_store.h"
#include "tests/unit/payload_writer.h"

#define PKTMON "4d4f80d9-c8bd-4d73-bb5b-19c90402c5ac"

static const uint8_t property[] = {39, 0, 1, 0, 12, 0, 0, 0}; /* IfIndex 12 of component 39 */

static void rows_are_in_order_and_complete(void **state)
{
    (void)state;
    for (size_t p = 0; p < provider_list_count; p++) {
        const struct provider_binding *provider = provider_list[p];
        assert_true(provider->event_count > 0);
        for (size_t i = 0; i < provider->event_count; i++) {
            const struct event_binding *event = &provider->events[i];
            assert_true(i == 0 || event[-1].id < event->id);
            assert_true(event->kind > ETW_EVENT_OTHER && event->kind < ETW_EVENT_KIND_COUNT);
            assert_true(!provider->is_classic || event->id <= UINT8_MAX);
            size_t roles = 0;
            while (event->roles[roles].role) {
                roles++;
            }
            bool has_no_values = event->kind == ETW_EVENT_NOTED || event->kind == ETW_EVENT_LOST;
            assert_int_equal(roles == 0, has_no_values);
            assert_true(roles <= BINDING_ROLES_MAXIMUM);
        }
    }
}

static void providers_are_named_once(void **state)
{
    (void)state;
    for (size_t p = 0; p < provider_list_count; p++) {
        for (size_t k = 0; k < p; k++) {
            assert_false(guid_equal(&provider_list[p]->guid, &provider_list[k]->guid));
        }
    }
}

/* "EdgeName" and "EdgeId" of the flow counters are not in the drop counters: two
 * rows share their roles. The cycles of the SMB server's responses are times since Windows 11
 * 24H2, under the same version. Everything else has to be there. */
static bool may_be_missing(uint16_t id, const char *name)
{
    return (id == 80 && strncmp(name, "Edge", 4) == 0) ||
           (id > 100 && id <= 122 && strcmp(name, "ProcessingCycles") == 0);
}

static bool has_name(const char *names, const char *name)
{
    size_t size = strlen(name);
    while (*names) {
        size_t part = strcspn(names, "|");
        if (part == size && memcmp(names, name, size) == 0) {
            return true;
        }
        names += names[part] ? part + 1 : part;
    }
    return false;
}

/* True when the schema of some version of the event has a property of this name. */
static bool is_in_a_schema(struct schema_store *schemas, struct etw_record *record,
                           const char *names)
{
    const char *why = NULL;
    for (unsigned version = 0; version < 16; version++) {
        record->version = (uint8_t)version;
        const struct event_schema *schema = schema_store_find(schemas, record, &why);
        for (size_t i = 0; schema && i < schema->top_level_count; i++) {
            if (has_name(names, schema->properties[i].name)) {
                return true;
            }
        }
    }
    return false;
}

static void every_property_of_a_row_is_in_a_schema(void **state)
{
    (void)state;
    struct schema_store *schemas = NULL;
    size_t missing = 0;
    assert_int_equal(schema_store_new(&schemas, NULL), ETW_OK);
    for (size_t p = 0; p < provider_list_count; p++) {
        const struct provider_binding *provider = provider_list[p];
        struct etw_record record = {.provider = provider->guid.bytes,
                                    .class_of = provider->is_classic ? RECORD_IS_CLASSIC
                                                                     : RECORD_IS_MANIFEST,
                                    .pointer_size = 8};
        for (size_t i = 0; i < provider->event_count; i++) {
            const struct event_binding *event = &provider->events[i];
            record.id = event->id;
            record.opcode = (uint8_t)event->id;
            for (size_t k = 0; event->roles[k].role; k++) {
                const char *names = event->roles[k].property;
                if (!is_in_a_schema(schemas, &record, names) && !may_be_missing(event->id, names)) {
                    print_message("provider %zu, event %u has no property %s\n", p, event->id,
                                  names);
                    missing++;
                }
            }
        }
    }
    schema_store_free(schemas);
    assert_int_equal(missing, 0);
}

static void events_without_a_row_are_other(void **state)
{
    (void)state;
    struct decoding d;
    decoding_init(&d, PKTMON, RECORD_IS_MANIFEST);
    for (uint32_t id = 0; id <= UINT16_MAX; id++) {
        bool is_known = id == 20 || id == 30 || id == 50 || id == 60 || id == 65 || id == 66 ||
                        id == 70 || id == 80 || id == 90 || id == 100 || id == 110 || id == 270 ||
                        id == 280 || (id >= 120 && id <= 260 && id % 10 == 0);
        decoding_read(&d, (uint16_t)id, property, sizeof(property));
        assert_int_equal(d.event.kind != ETW_EVENT_OTHER, is_known);
    }
    decoding_done(&d);
}

static void an_unknown_provider_is_other(void **state)
{
    (void)state;
    struct decoding d;
    decoding_init(&d, "11111111-2222-3333-4444-555555555555", RECORD_IS_MANIFEST);
    decoding_read(&d, 160, property, sizeof(property));
    assert_int_equal(d.event.kind, ETW_EVENT_OTHER);
    assert_false(d.event.is_incomplete);
    d.record.provider = NULL;
    decoding_read(&d, 160, property, sizeof(property));
    assert_int_equal(d.event.kind, ETW_EVENT_OTHER);
    decoding_done(&d);
}

static void ids_and_opcodes_are_not_mixed_up(void **state)
{
    (void)state;
    static const struct {
        const char *guid;
        enum record_class class_of;
        enum etw_event_kind kind;
    } cases[] = {
        {PKTMON, RECORD_IS_MANIFEST, ETW_EVENT_COMPONENT_FACT},
        {PKTMON, RECORD_IS_CLASSIC, ETW_EVENT_OTHER},
        {PKTMON, RECORD_IS_KERNEL, ETW_EVENT_OTHER},
        {PKTMON, RECORD_IS_MESSAGE, ETW_EVENT_OTHER},
        {PKTMON, RECORD_IS_UNKNOWN, ETW_EVENT_OTHER},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct decoding d;
        decoding_init(&d, cases[i].guid, cases[i].class_of);
        decoding_read(&d, 30, property, sizeof(property));
        assert_int_equal(d.event.kind, cases[i].kind);
        decoding_done(&d);
    }
}

static void a_manifest_event_does_not_pass_for_a_classic_one(void **state)
{
    (void)state;
    struct decoding d;
    decoding_init(&d, "9b79ee91-b5fd-41c0-a243-4248e266e9d0", RECORD_IS_MANIFEST);
    decoding_read(&d, 32, property, sizeof(property));
    assert_int_equal(d.event.kind, ETW_EVENT_OTHER);
    d.record.class_of = RECORD_IS_CLASSIC;
    decoding_read(&d, 32, property, sizeof(property));
    assert_int_equal(d.event.kind, ETW_EVENT_SYSTEM_BUILD);
    decoding_done(&d);
}

static void versions_and_pointer_sizes_may_alternate(void **state)
{
    (void)state;
    struct decoding d;
    decoding_init(&d, PKTMON, RECORD_IS_MANIFEST);
    for (int i = 0; i < 12; i++) {
        d.record.version = (uint8_t)(i % 3);
        d.record.pointer_size = i % 2 ? 8 : 4;
        decoding_read(&d, 30, property, sizeof(property));
        assert_int_equal(d.event.u.fact.kind, ETW_FACT_INTERFACE_INDEX);
        assert_int_equal(d.event.u.fact.number, 12);
    }
    decoding_done(&d);
}

static void a_schema_with_other_types_fills_what_fits(void **state)
{
    (void)state;
    static const struct layout_field fields[] = {
        {"Value", FIELD_U64, 0},      /* wider than the model's number */
        {"ComponentId", FIELD_U8, 0}, /* narrower */
        {"Type", FIELD_UTF16_NUL, 0}, /* not a number at all */
    };
    const struct event_binding row = {
        .kind = ETW_EVENT_COMPONENT_FACT,
        .roles = ROLES({ROLE_FACT_NUMBER, "Value"}, {ROLE_FACT_COMPONENT, "ComponentId"},
                       {ROLE_RAW_PROPERTY_TYPE, "Type"}, {ROLE_FACT_BYTES, "Missing"})};
    const struct layout layout = {.fields = fields, .field_count = 3};
    static struct binding_plan plan;
    struct etw_record record = {.payload = bytes_of("\x0c\0\0\0\0\0\0\0\x27"
                                                    "a\0\0",
                                                    13)};
    struct etw_event event;

    binding_plan_init(&plan, &row, &layout, 8);
    binding_read(&plan, &record, &event);
    assert_false(event.is_incomplete);
    assert_int_equal(event.u.fact.number, 12);
    assert_int_equal(event.u.fact.component, 39);
    assert_null(event.u.fact.bytes.data);
}

#define TCPIP "2f07e2ee-15db-40f1-90ef-9d7ba282188a"

static const struct schema_property other_order[] = {
    {.name = "Tcb", .in_type = IN_POINTER},
    {.name = "SndNxt", .in_type = IN_UINT32},
    {.name = "NewState", .in_type = IN_UINT32},
    {.name = "OldState", .in_type = IN_UINT32},
};

static const uint8_t state_change[20] = {1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4};

static void add_schema(struct decoding *d, uint8_t version)
{
    struct event_schema schema = {.provider = d->provider,
                                  .id = 1051,
                                  .version = version,
                                  .source = ETW_SCHEMA_EMBEDDED,
                                  .properties = other_order,
                                  .property_count = 4,
                                  .top_level_count = 4};
    assert_true(schema_store_add(d->schemas, &schema));
}

static void a_schema_of_the_trace_counts_after_a_reset(void **state)
{
    (void)state;
    struct decoding d;
    decoding_init(&d, TCPIP, RECORD_IS_MANIFEST);
    decoding_read(&d, 1051, state_change, sizeof(state_change));
    assert_int_equal(d.event.u.socket.from, 1);
    add_schema(&d, 0);
    decoding_read(&d, 1051, state_change, sizeof(state_change));
    assert_int_equal(d.event.u.socket.from, 1);
    etw_decoder_reset(d.decoder);
    decoding_read(&d, 1051, state_change, sizeof(state_change));
    assert_int_equal(d.event.kind, ETW_EVENT_SOCKET);
    assert_false(d.event.is_incomplete);
    assert_int_equal(d.event.u.socket.handles[0].value, UINT64_C(0x0000000200000001));
    assert_int_equal(d.event.u.socket.sequence, 3);
    assert_int_equal(d.event.u.socket.to, 4);
    assert_int_equal(d.event.u.socket.from, 0);
    decoding_done(&d);
}

static void a_schema_of_another_version_does_not_overrule(void **state)
{
    (void)state;
    struct decoding d;
    decoding_init(&d, TCPIP, RECORD_IS_MANIFEST);
    add_schema(&d, 9);
    decoding_read(&d, 1051, state_change, sizeof(state_change));
    assert_int_equal(d.event.u.socket.from, 1);
    decoding_done(&d);
}

static void a_packet_of_another_layout_is_read_by_its_own_schema(void **state)
{
    (void)state;
    static const struct schema_property properties[] = {
        {.name = "Type", .in_type = IN_UINT16},
        {.name = "Value", .in_type = IN_UINT32},
        {.name = "ComponentId", .in_type = IN_UINT16},
    };
    struct decoding d;
    decoding_init(&d, PKTMON, RECORD_IS_MANIFEST);
    struct event_schema schema = {.provider = d.provider,
                                  .id = 30,
                                  .source = ETW_SCHEMA_EMBEDDED,
                                  .properties = properties,
                                  .property_count = 3,
                                  .top_level_count = 3};
    assert_true(schema_store_add(d.schemas, &schema));
    decoding_read(&d, 30, "\1\0\x0c\0\0\0\x27\0", 8);
    assert_int_equal(d.event.u.fact.kind, ETW_FACT_INTERFACE_INDEX);
    assert_int_equal(d.event.u.fact.number, 12);
    assert_int_equal(d.event.u.fact.component, 39);
    decoding_done(&d);
}

static void a_decoder_without_store_knows_packets(void **state)
{
    (void)state;
    struct decoding d;
    decoding_init(&d, PKTMON, RECORD_IS_MANIFEST);
    etw_decoder_free(d.decoder);
    assert_int_equal(etw_decoder_new(NULL, &d.decoder, NULL), ETW_OK);
    decoding_read(&d, 30, property, sizeof(property));
    assert_int_equal(d.event.kind, ETW_EVENT_COMPONENT_FACT);
    decoding_done(&d);
}

static void payloads_of_their_own_form_are_other(void **state)
{
    (void)state;
    struct decoding d;
    decoding_init(&d, TCPIP, RECORD_IS_MANIFEST);
    d.record.channel = RECORD_CHANNEL_TRACELOGGING;
    decoding_read(&d, 1051, state_change, sizeof(state_change));
    assert_int_equal(d.event.kind, ETW_EVENT_OTHER);
    d.record.channel = 0;
    d.record.flags = 4; /* EventWriteString */
    decoding_read(&d, 1051, state_change, sizeof(state_change));
    assert_int_equal(d.event.kind, ETW_EVENT_OTHER);
    decoding_done(&d);
}

/* Random bytes for every row: nothing is read that is not there. */
static void no_payload_is_too_odd(void **state)
{
    (void)state;
    struct decoding d;
    uint32_t random = 1;
    decoding_init(&d, TCPIP, RECORD_IS_MANIFEST);
    for (size_t p = 0; p < provider_list_count; p++) {
        const struct provider_binding *provider = provider_list[p];
        d.record.provider = provider->guid.bytes;
        d.record.class_of = provider->is_classic ? RECORD_IS_CLASSIC : RECORD_IS_MANIFEST;
        for (size_t i = 0; i < provider->event_count * 40; i++) {
            uint8_t data[256];
            for (size_t k = 0; k < sizeof(data); k++) {
                random = random * 1664525u + 1013904223u;
                data[k] =
                    (random >> 28) < 9 ? (uint8_t)(random >> 27 & 1) : (uint8_t)(random >> 16);
            }
            d.record.version = (uint8_t)(random >> 8 & 7);
            d.record.pointer_size = random >> 12 & 1 ? 8 : 4;
            decoding_read(&d, provider->events[i % provider->event_count].id, data,
                          random >> 16 & 255);
            assert_true(d.event.kind == provider->events[i % provider->event_count].kind ||
                        d.event.kind == ETW_EVENT_OTHER || /* nobody knows this version */
                        d.event.kind == ETW_EVENT_NOTED);  /* it says nothing that counts */
        }
    }
    decoding_done(&d);
}

static void freeing_nothing_is_allowed(void **state)
{
    (void)state;
    etw_decoder_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_in_order_and_complete),
        cmocka_unit_test(providers_are_named_once),
        cmocka_unit_test(every_property_of_a_row_is_in_a_schema),
        cmocka_unit_test(events_without_a_row_are_other),
        cmocka_unit_test(an_unknown_provider_is_other),
        cmocka_unit_test(ids_and_opcodes_are_not_mixed_up),
        cmocka_unit_test(a_manifest_event_does_not_pass_for_a_classic_one),
        cmocka_unit_test(versions_and_pointer_sizes_may_alternate),
        cmocka_unit_test(a_schema_with_other_types_fills_what_fits),
        cmocka_unit_test(a_schema_of_the_trace_counts_after_a_reset),
        cmocka_unit_test(a_schema_of_another_version_does_not_overrule),
        cmocka_unit_test(a_packet_of_another_layout_is_read_by_its_own_schema),
        cmocka_unit_test(a_decoder_without_store_knows_packets),
        cmocka_unit_test(payloads_of_their_own_form_are_other),
        cmocka_unit_test(no_payload_is_too_odd),
        cmocka_unit_test(freeing_nothing_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
