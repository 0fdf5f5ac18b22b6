/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "correlate/packet_routes.h"
#include "pcapout/interfaces.h"
#include "tests/unit/sample_packets.h"

static int new_adapters(void **state)
{
    struct corr_adapters *adapters = NULL;
    if (corr_adapters_new(&adapters, NULL)) {
        return -1;
    }
    sample_adapter(adapters, 12, 6, u"Ethernet", u"Example Gigabit Adapter");
    sample_adapter(adapters, 13, 6, u"", u"Example Second Adapter");
    sample_adapter(adapters, 14, 71, u"", u"");
    sample_adapter(adapters, 15, 23, u"", u"");
    sample_adapter(adapters, 16, 53, u"", u"");
    sample_adapter(adapters, 17, 6, u"", u"");
    sample_component(adapters, 7, 4, u"TCPIP", CORR_NO_INTERFACE);
    sample_component(adapters, 8, 5, u"Example switch port", 30);
    sample_component(adapters, 9, 2, u"Ethernet", 12);
    *state = adapters;
    return 0;
}

static int free_adapters(void **state)
{
    corr_adapters_free(*state);
    return 0;
}

static struct out_interfaces *new_interfaces(void **state, bool all_appearances)
{
    struct out_interfaces *interfaces = NULL;
    assert_int_equal(out_interfaces_new(*state, all_appearances, &interfaces, NULL), ETW_OK);
    return interfaces;
}

static void names_are_alias_then_description_then_kind_and_index(void **state)
{
    static const struct {
        uint32_t index;
        enum etw_link link;
        uint16_t component; /* 0: not the packet monitor's */
        const char *name;
    } cases[] = {
        {12, ETW_LINK_ETHERNET, 0, "Ethernet"},
        {13, ETW_LINK_ETHERNET, 0, "Example Second Adapter"},
        {14, ETW_LINK_ETHERNET, 0, "wifi:14"},
        {15, ETW_LINK_RAW_IP, 0, "ras:15"},
        {16, ETW_LINK_ETHERNET, 0, "vnic:16"},
        {17, ETW_LINK_ETHERNET, 0, "eth:17"},
        {20, ETW_LINK_ETHERNET, 0, "eth:20"},
        {21, ETW_LINK_IEEE80211, 0, "wifi:21"},
        {22, ETW_LINK_RAW_IP, 0, "wwan:22"},
        {23, ETW_LINK_PPP, 0, "ras:23"},
        {30, ETW_LINK_ETHERNET, 8, "vnic:30"},
        {CORR_NO_INTERFACE, ETW_LINK_ETHERNET, 0, "unknown"},
        {CORR_NO_INTERFACE, ETW_LINK_ETHERNET, 7, "TCPIP"},
        {CORR_NO_INTERFACE, ETW_LINK_ETHERNET, 99, "component:99"},
    };
    struct out_interfaces *interfaces = new_interfaces(state, false);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct corr_packet packet = sample_sighting(sample_syn, sizeof(sample_syn), 0, 1);
        packet.capture = cases[i].component ? ETW_CAPTURE_PKTMON : ETW_CAPTURE_NDIS;
        packet.component = cases[i].component;
        packet.interface_index = cases[i].index;
        packet.link = cases[i].link;
        bool is_new = false;
        const struct out_interface *row = out_interfaces_of(interfaces, &packet, &is_new);
        assert_non_null(row);
        assert_true(is_new);
        assert_int_equal(row->number, i);
        assert_string_equal(row->name, cases[i].name);
    }
    out_interfaces_free(interfaces);
}

static void one_adapter_with_two_link_types_is_two_interfaces(void **state)
{
    struct out_interfaces *interfaces = new_interfaces(state, false);
    struct corr_packet packet = sample_packet(sample_syn, sizeof(sample_syn));
    struct corr_packet wifi = packet;
    wifi.link = ETW_LINK_IEEE80211;
    static const uint32_t expected[] = {0, 1, 0, 1, 1};
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        const struct corr_packet *one = expected[i] ? &wifi : &packet;
        bool is_new = false;
        assert_int_equal(out_interfaces_of(interfaces, one, &is_new)->number, expected[i]);
        assert_int_equal(is_new, i < 2);
    }
    const struct out_interface *rows = NULL;
    assert_int_equal(out_interfaces_list(interfaces, &rows), 2);
    assert_int_equal(rows[1].link, ETW_LINK_IEEE80211);
    out_interfaces_free(interfaces);
}

static void components_of_one_adapter_share_its_interface(void **state)
{
    struct out_interfaces *interfaces = new_interfaces(state, false);
    for (uint16_t component = 7; component < 10; component++) {
        struct corr_packet packet =
            sample_sighting(sample_syn, sizeof(sample_syn), component, component);
        assert_int_equal(out_interfaces_of(interfaces, &packet, NULL)->number, 0);
    }
    out_interfaces_free(interfaces);
}

static void all_appearances_name_component_and_edge(void **state)
{
    static const struct {
        uint32_t index;
        uint16_t component, edge;
        const char *name;
    } cases[] = {
        {12, 7, 1, "Ethernet / TCPIP (edge 1)"},
        {12, 7, 2, "Ethernet / TCPIP (edge 2)"},
        {12, 9, 1, "Ethernet (edge 1)"},
        {CORR_NO_INTERFACE, 7, 1, "TCPIP (edge 1)"},
        {CORR_NO_INTERFACE, 99, 65535, "component:99 (edge 65535)"},
    };
    struct out_interfaces *interfaces = new_interfaces(state, true);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct corr_packet packet =
            sample_sighting(sample_syn, sizeof(sample_syn), cases[i].component, cases[i].edge);
        packet.interface_index = cases[i].index;
        const struct out_interface *row = out_interfaces_of(interfaces, &packet, NULL);
        assert_int_equal(row->number, i);
        assert_int_equal(row->edge, cases[i].edge);
        assert_string_equal(row->name, cases[i].name);
    }
    out_interfaces_free(interfaces);
}

static void address_speed_and_description_come_from_the_adapter(void **state)
{
    struct out_interfaces *interfaces = new_interfaces(state, false);
    struct corr_packet packet = sample_packet(sample_syn, sizeof(sample_syn));
    const struct out_interface *row = out_interfaces_of(interfaces, &packet, NULL);
    assert_string_equal(row->description, "Example Gigabit Adapter");
    assert_int_equal(row->mac.size, 6);
    assert_int_equal(row->mac.bytes[5], 1);
    assert_int_equal(row->speed, 1000000000);
    packet.interface_index = 13; /* its description is its name already */
    assert_string_equal(out_interfaces_of(interfaces, &packet, NULL)->description, "");
    out_interfaces_free(interfaces);
}

static void a_flood_of_interfaces_ends_in_one_for_the_rest(void **state)
{
    struct out_interfaces *interfaces = new_interfaces(state, false);
    struct corr_packet packet = sample_packet(sample_syn, sizeof(sample_syn));
    for (uint32_t i = 0; i < 10000; i++) {
        packet.interface_index = 1000 + i;
        assert_non_null(out_interfaces_of(interfaces, &packet, NULL));
    }
    const struct out_interface *rows = NULL;
    size_t count = out_interfaces_list(interfaces, &rows);
    assert_int_equal(count, 4097);
    assert_string_equal(rows[count - 1].name, "eth:others");
    packet.interface_index = 1000;
    assert_int_equal(out_interfaces_of(interfaces, &packet, NULL)->number, 0);
    out_interfaces_free(interfaces);
}

static void packets_of_a_switch_have_one_interface_per_source_port(void **state)
{
    static const struct {
        struct corr_route route;
        const char *name, *description;
    } cases[] = {
        {{.kind = ETW_ROUTE_SWITCH, .source = 0, .from = {3, "P3", "web-01", "Synthetic"}},
         "web-01 (port 3)",
         "port 3 P3 of a virtual switch, adapter of type Synthetic, seen at Ethernet"},
        {{.kind = ETW_ROUTE_SWITCH, .source = 1, .from = {4, "P4", "", ""}},
         "P4 (port 4)",
         "port 4 P4 of a virtual switch, seen at Ethernet"},
        {{.kind = ETW_ROUTE_SWITCH, .source = 2, .from = {UINT32_MAX, "", "", ""}},
         "port 4294967295",
         "port 4294967295 of a virtual switch, seen at Ethernet"},
        {{.kind = ETW_ROUTE_RAS, .source = 3, .user = "alice", .routing_domain = "{d}"},
         "ras:alice",
         "remote access of alice, routing domain {d}"},
        {{.kind = ETW_ROUTE_RAS, .source = 4, .user = "", .routing_domain = ""},
         "ras",
         "remote access"},
    };
    struct out_interfaces *interfaces = new_interfaces(state, false);
    struct corr_packet packet = sample_packet(sample_syn, sizeof(sample_syn));
    packet.interface_index = 12;
    assert_string_equal(out_interfaces_of(interfaces, &packet, NULL)->name, "Ethernet");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct corr_route elsewhere = cases[i].route;
        bool is_new = false;
        packet.route = &cases[i].route;
        const struct out_interface *row = out_interfaces_of(interfaces, &packet, &is_new);
        assert_true(is_new);
        assert_int_equal(row->number, i + 1);
        assert_string_equal(row->name, cases[i].name);
        assert_string_equal(row->description, cases[i].description);
        elsewhere.to_count = 0;
        packet.route = &elsewhere; /* to another destination */
        assert_int_equal(out_interfaces_of(interfaces, &packet, &is_new)->number, i + 1);
        assert_false(is_new);
    }
    out_interfaces_free(interfaces);
}

static void one_reception_makes_all_wireless_frames_radiotap(void **state)
{
    struct corr_packet packet = sample_packet(sample_wifi, sizeof(sample_wifi));
    struct etw_event event = {.kind = ETW_EVENT_RECEPTION};
    for (int known = 0; known < 3; known++) {
        struct out_interfaces *interfaces = new_interfaces(state, false);
        event.u.reception.is_readable = known == 1;
        packet.interface_index = 14;
        packet.link = ETW_LINK_IEEE80211;
        assert_int_equal(corr_adapters_learn(*state, &event, NULL), ETW_OK);
        assert_int_equal(out_interfaces_of(interfaces, &packet, NULL)->is_radiotap, known >= 1);
        packet.link = ETW_LINK_ETHERNET;
        assert_false(out_interfaces_of(interfaces, &packet, NULL)->is_radiotap);
        out_interfaces_free(interfaces);
    }
}

#define WITH_ADAPTERS(test) cmocka_unit_test_setup_teardown(test, new_adapters, free_adapters)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ADAPTERS(names_are_alias_then_description_then_kind_and_index),
        WITH_ADAPTERS(one_adapter_with_two_link_types_is_two_interfaces),
        WITH_ADAPTERS(components_of_one_adapter_share_its_interface),
        WITH_ADAPTERS(all_appearances_name_component_and_edge),
        WITH_ADAPTERS(address_speed_and_description_come_from_the_adapter),
        WITH_ADAPTERS(packets_of_a_switch_have_one_interface_per_source_port),
        WITH_ADAPTERS(one_reception_makes_all_wireless_frames_radiotap),
        WITH_ADAPTERS(a_flood_of_interfaces_ends_in_one_for_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
