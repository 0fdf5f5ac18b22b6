/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "correlate/adapters.h"

static const uint8_t mac[6] = {0x02, 0, 0, 0, 0, 0x01};

static int make_tables(void **state)
{
    struct corr_adapters *adapters = NULL;
    struct etw_error error;
    assert_int_equal(corr_adapters_new(&adapters, &error), ETW_OK);
    *state = adapters;
    return 0;
}

static int free_tables(void **state)
{
    corr_adapters_free(*state);
    return 0;
}

static void learn(struct corr_adapters *adapters, const struct etw_event *event)
{
    struct etw_error error;
    assert_int_equal(corr_adapters_learn(adapters, event, &error), ETW_OK);
}

/* ASCII as UTF-16LE; the buffer is overwritten by each call, as an event's would be. */
static struct bytes wide(const char *text)
{
    static uint8_t buffer[4096];
    size_t size = strlen(text);
    memset(buffer, 0, sizeof(buffer));
    for (size_t i = 0; i < size; i++) {
        buffer[2 * i] = (uint8_t)text[i];
    }
    return bytes_of(buffer, 2 * size);
}

static void learn_interface(struct corr_adapters *adapters, uint32_t index, const char *alias)
{
    struct etw_event event = {
        .kind = ETW_EVENT_INTERFACE,
        .u.interface = {.index = index,
                        .type = 6,
                        .speed = 1000000000,
                        .alias = wide(alias),
                        .mac = bytes_of(mac, sizeof(mac))},
    };
    learn(adapters, &event);
}

static void learn_component(struct corr_adapters *adapters, uint16_t id, const char *name)
{
    struct etw_event event = {
        .kind = ETW_EVENT_COMPONENT,
        .u.component = {.id = id, .type = 2, .name = wide(name)},
    };
    learn(adapters, &event);
}

static void learn_number(struct corr_adapters *adapters, uint16_t component,
                         enum etw_component_fact_kind kind, uint32_t number)
{
    struct etw_event event = {
        .kind = ETW_EVENT_COMPONENT_FACT,
        .u.fact = {.component = component, .kind = kind, .number = number},
    };
    learn(adapters, &event);
}

static void learn_address(struct corr_adapters *adapters, uint16_t component,
                          enum etw_component_fact_kind kind, const uint8_t *bytes, size_t size)
{
    struct etw_event event = {
        .kind = ETW_EVENT_COMPONENT_FACT,
        .u.fact = {.component = component, .kind = kind, .bytes = bytes_of(bytes, size)},
    };
    learn(adapters, &event);
}

static void learn_flow(struct corr_adapters *adapters, uint16_t component, uint64_t in,
                       uint64_t out)
{
    struct etw_event event = {
        .kind = ETW_EVENT_FLOW_COUNTERS,
        .u.counters = {.component = component,
                       .edge = 1,
                       .in = {.direction_tag = 3, .packets = in},
                       .out = {.direction_tag = 4, .packets = out}},
    };
    learn(adapters, &event);
}

static void learn_sighting(struct corr_adapters *adapters, uint16_t component, uint16_t tag,
                           bool is_dropped)
{
    struct etw_event event = {
        .kind = ETW_EVENT_PACKET,
        .u.packet = {.capture = ETW_CAPTURE_PKTMON,
                     .link = ETW_LINK_ETHERNET,
                     .component = component,
                     .edge = 1,
                     .direction_tag = tag,
                     .is_dropped = is_dropped},
    };
    learn(adapters, &event);
}

static void rows_are_found_by_key_and_listed_in_order(void **state)
{
    struct corr_adapters *adapters = *state;
    static const uint32_t order[] = {12, 3, 70000, 5};
    for (size_t i = 0; i < 4; i++) {
        learn_interface(adapters, order[i], i % 2 ? "odd" : "even");
        learn_component(adapters, (uint16_t)(100 - i), "filter");
    }
    assert_string_equal(corr_adapters_find(adapters, 12)->alias, "even");
    assert_int_equal(corr_adapters_find(adapters, 70000)->index, 70000);
    assert_int_equal(corr_adapters_find(adapters, 12)->mac.size, 6);
    assert_null(corr_adapters_find(adapters, 4));
    assert_null(corr_adapters_find_component(adapters, 4));
    const struct corr_adapter *rows = NULL;
    assert_int_equal(corr_adapters_list(adapters, &rows), 4);
    assert_int_equal(rows[0].index, 3);
    assert_int_equal(rows[3].index, 70000);
    const struct corr_component *components = NULL;
    assert_int_equal(corr_adapters_components(adapters, &components), 4);
    assert_int_equal(components[0].id, 97);
    assert_string_equal(components[3].name, "filter");
}

static void a_later_row_replaces_what_it_states_and_nothing_else(void **state)
{
    struct corr_adapters *adapters = *state;
    learn_interface(adapters, 12, "first");
    learn_interface(adapters, 12, "second");
    learn_interface(adapters, 12, "");
    const struct corr_adapter *rows = NULL;
    assert_int_equal(corr_adapters_list(adapters, &rows), 1);
    assert_string_equal(rows[0].alias, "second");
    assert_string_equal(rows[0].description, "");
}

static void a_component_belongs_to_its_miniport_else_to_its_own_interface(void **state)
{
    struct corr_adapters *adapters = *state;
    learn_number(adapters, 1, ETW_FACT_INTERFACE_INDEX, 7);
    learn_number(adapters, 1, ETW_FACT_MINIPORT_INDEX, 8);
    learn_number(adapters, 2, ETW_FACT_INTERFACE_INDEX, 9);
    learn_number(adapters, 3, ETW_FACT_MEDIUM, 16);
    learn_number(adapters, 4, ETW_FACT_MINIPORT_INDEX, 0);
    static const uint32_t expected[] = {8, 9, CORR_NO_INTERFACE, CORR_NO_INTERFACE};
    for (uint16_t id = 1; id <= 4; id++) {
        const struct corr_component *component = corr_adapters_find_component(adapters, id);
        assert_int_equal(corr_component_interface(component), expected[id - 1]);
    }
    assert_int_equal(corr_adapters_find_component(adapters, 3)->medium, 16);
    assert_string_equal(corr_adapters_find_component(adapters, 3)->name, "");
}

static void addresses_of_a_component_are_kept_once_and_bounded(void **state)
{
    struct corr_adapters *adapters = *state;
    uint8_t address[16] = {192, 0, 2, 1};
    for (int round = 0; round < 2; round++) {
        for (uint8_t i = 0; i < 20; i++) {
            address[3] = i;
            learn_address(adapters, 1, ETW_FACT_IPV4, address, 4);
        }
    }
    learn_address(adapters, 2, ETW_FACT_IPV6, address, 16);
    learn_address(adapters, 2, ETW_FACT_IPV6, address, 16);
    learn_address(adapters, 2, ETW_FACT_IPV6, address, 0);
    learn_address(adapters, 2, ETW_FACT_MAC, mac, 6);
    const struct corr_component *component = corr_adapters_find_component(adapters, 1);
    assert_int_equal(component->address_count, CORR_COMPONENT_ADDRESSES);
    component = corr_adapters_find_component(adapters, 2);
    assert_int_equal(component->address_count, 1);
    assert_int_equal(component->mac.size, 6);
}

static void counters_and_sightings_meet_at_their_point_in_any_order(void **state)
{
    struct corr_adapters *adapters = *state;
    learn_flow(adapters, 1, 2, 1);
    learn_sighting(adapters, 1, 3, false);
    learn_sighting(adapters, 1, 3, false);
    learn_sighting(adapters, 1, 3, true); /* counted by the drop counters */
    learn_sighting(adapters, 1, 4, false);
    learn_sighting(adapters, 2, 3, false);
    learn_flow(adapters, 2, 5, 0);
    learn_sighting(adapters, 3, 3, false);
    const struct corr_point *points = NULL;
    assert_int_equal(corr_adapters_points(adapters, &points), 5);
    assert_int_equal(points[0].counted, 2);
    assert_int_equal(points[0].seen, 2);
    assert_int_equal(points[1].seen, 1);
    assert_int_equal(points[2].counted, 5);
    assert_false(points[4].has_counter);
    struct findings findings = {0};
    corr_adapters_report(adapters, &findings);
    assert_int_equal(findings.kinds[FINDING_COUNTERS_DIFFER].count, 1);
    const struct corr_packet_events *events = corr_adapters_packet_events(adapters);
    assert_int_equal(events->pktmon, 6);
    assert_int_equal(events->dropped, 1);
    assert_int_equal(events->by_link[ETW_LINK_ETHERNET], 6);
}

static void counters_without_any_sighting_are_no_loss(void **state)
{
    struct corr_adapters *adapters = *state;
    learn_flow(adapters, 1, 1000, 1000);
    struct findings findings = {0};
    corr_adapters_report(adapters, &findings);
    assert_int_equal(findings.kinds[FINDING_COUNTERS_DIFFER].count, 0);
}

static void drop_counters_belong_to_the_component(void **state)
{
    struct corr_adapters *adapters = *state;
    struct etw_event event = {
        .kind = ETW_EVENT_DROP_COUNTERS,
        .u.counters = {.component = 9, .in.packets = 3, .out.packets = 4},
    };
    learn(adapters, &event);
    assert_int_equal(corr_adapters_find_component(adapters, 9)->dropped_in, 3);
    assert_int_equal(corr_adapters_find_component(adapters, 9)->dropped_out, 4);
}

static void the_shortest_cut_is_known(void **state)
{
    struct corr_adapters *adapters = *state;
    static const uint8_t data[200] = {0};
    static const size_t sizes[] = {128, 64, 200};
    for (size_t i = 0; i < 3; i++) {
        struct etw_event event = {
            .kind = ETW_EVENT_PACKET,
            .u.packet = {.capture = ETW_CAPTURE_PKTMON,
                         .original_size = 200,
                         .data = bytes_of(data, sizes[i])},
        };
        learn(adapters, &event);
    }
    assert_int_equal(corr_adapters_packet_events(adapters)->shortest_cut, 64);
}

static void a_table_that_is_full_counts_what_it_leaves_out(void **state)
{
    struct corr_adapters *adapters = *state;
    for (uint32_t i = 0; i < CORR_TABLE_MAXIMUM + 10; i++) {
        learn_interface(adapters, CORR_TABLE_MAXIMUM + 10 - i, "a");
    }
    const struct corr_adapter *rows = NULL;
    assert_int_equal(corr_adapters_list(adapters, &rows), CORR_TABLE_MAXIMUM);
    assert_int_equal(rows[0].index, 11);
    struct findings findings = {0};
    corr_adapters_report(adapters, &findings);
    assert_int_equal(findings.kinds[FINDING_TABLE_FULL].count, 10);
}

int main(void)
{
#define WITH_TABLES(test) cmocka_unit_test_setup_teardown(test, make_tables, free_tables)
    const struct CMUnitTest tests[] = {
        WITH_TABLES(rows_are_found_by_key_and_listed_in_order),
        WITH_TABLES(a_later_row_replaces_what_it_states_and_nothing_else),
        WITH_TABLES(a_component_belongs_to_its_miniport_else_to_its_own_interface),
        WITH_TABLES(addresses_of_a_component_are_kept_once_and_bounded),
        WITH_TABLES(counters_and_sightings_meet_at_their_point_in_any_order),
        WITH_TABLES(counters_without_any_sighting_are_no_loss),
        WITH_TABLES(drop_counters_belong_to_the_component),
        WITH_TABLES(the_shortest_cut_is_known),
        WITH_TABLES(a_table_that_is_full_counts_what_it_leaves_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
