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
            assert_int_equal(event->roles[BINDING_ROLES_MAXIMUM - 1].role, ROLE_NONE);
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
 * rows share their roles. Everything else has to be there. */
static bool may_be_missing(uint16_t id, const char *name)
{
    return id == 80 && strncmp(name, "Edge", 4) == 0;
}

static void check_properties(const struct event_binding *event, const struct layout *layout)
{
    size_t count = 0;
    for (; event->roles[count].role; count++) {
        const char *name = event->roles[count].property;
        if (layout_find_field(layout, name) < 0 && !may_be_missing(event->id, name)) {
            fail_msg("event %u has no property %s", event->id, name);
        }
    }
    assert_true(count > 0);
}

static void every_property_of_a_row_is_in_the_layout(void **state)
{
    (void)state;
    for (size_t p = 0; p < provider_list_count; p++) {
        const struct provider_binding *provider = provider_list[p];
        for (size_t i = 0; i < provider->event_count; i++) {
            struct schema_key key = {.provider = provider->guid.bytes,
                                     .id = provider->events[i].id};
            const struct layout *layout = schema_find(&key);
            assert_non_null(layout);
            check_properties(&provider->events[i], layout);
        }
    }
}

static void events_without_a_row_are_other(void **state)
{
    (void)state;
    struct decoding d;
    decoding_init(&d, PKTMON, RECORD_IS_MANIFEST);
    for (uint32_t id = 0; id <= UINT16_MAX; id++) {
        bool is_known = id == 20 || id == 30 || id == 50 || id == 60 || id == 65 || id == 66 ||
                        id == 70 || id == 80 || id == 90 || id == 160 || id == 170 || id == 240;
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
    static const struct event_binding row = {.kind = ETW_EVENT_COMPONENT_FACT,
                                             .roles = {{ROLE_FACT_NUMBER, "Value"},
                                                       {ROLE_FACT_COMPONENT, "ComponentId"},
                                                       {ROLE_RAW_PROPERTY_TYPE, "Type"},
                                                       {ROLE_FACT_BYTES, "Missing"}}};
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
        cmocka_unit_test(every_property_of_a_row_is_in_the_layout),
        cmocka_unit_test(events_without_a_row_are_other),
        cmocka_unit_test(an_unknown_provider_is_other),
        cmocka_unit_test(ids_and_opcodes_are_not_mixed_up),
        cmocka_unit_test(a_manifest_event_does_not_pass_for_a_classic_one),
        cmocka_unit_test(versions_and_pointer_sizes_may_alternate),
        cmocka_unit_test(a_schema_with_other_types_fills_what_fits),
        cmocka_unit_test(freeing_nothing_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
