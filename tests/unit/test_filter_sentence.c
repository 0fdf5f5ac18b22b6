/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pcapout/filter_sentence.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

static const uint8_t mac[] = {2, 0, 0, 0, 0, 0x0A};
static const uint8_t no_mac[6];
static const uint8_t two_addresses[] = {192, 0, 2, 1, 192, 0, 2, 9};
static const uint8_t number[] = {0x80, 0x01, 0, 0};

static void assert_text(const struct etw_capture_filter *filter, const char *expected)
{
    struct text text = {.maximum = 1024};
    text_add(&text, "filter: "); /* what stands before it is left alone */
    out_filter_add_text(filter, &text);
    assert_memory_equal(text_get(&text), "filter: ", 8);
    assert_string_equal(text_get(&text) + 8, expected);
    text_done(&text);
}

static void conditions_of_the_packet_monitor_are_listed(void **state)
{
    (void)state;
    struct etw_capture_filter filter = {
        .capture = ETW_CAPTURE_PKTMON,
        .macs = {{.data = mac, .size = 6}, {.data = no_mac, .size = 6}},
        .ether_type = 0x0800,
        .vlan = 7,
        .addresses = {{.size = 4, .bytes = {192, 0, 2, 10}}, {.size = 4}},
        .protocol = 6,
        .ports = {443, 8443},
        .tcp_flags = 2};
    assert_text(&filter, "EtherType 0x0800, VLAN 7, TCP, TCP flags 0x02, MAC 02:00:00:00:00:0a, "
                         "address 192.0.2.10, port 443, port 8443");
    filter = (struct etw_capture_filter){.capture = ETW_CAPTURE_PKTMON, .protocol = 47};
    assert_text(&filter, "IP protocol 47");
}

static void a_filter_without_condition_lets_every_packet_through(void **state)
{
    (void)state;
    const struct etw_capture_filter filter = {.capture = ETW_CAPTURE_PKTMON,
                                              .addresses = {{.size = 16}}};
    assert_text(&filter, "every packet");
}

static void rules_are_told_by_their_maps(void **state)
{
    (void)state;
    static const struct {
        uint8_t rule, directive;
        const uint8_t *value;
        size_t size;
        const char *text;
    } rows[] = {
        {12, 5, two_addresses, 8, "any IPv4 address is one of 192.0.2.1, 192.0.2.9"},
        {10, 131, two_addresses, 4, "source IPv4 address is not 192.0.2.1"},
        {8, 3, mac, 6, "destination MAC address is 02:00:00:00:00:0a"},
        {17, 3, number, 4, "packet truncation (bytes) is 384"},
        {6, 3, number, 2, "EtherType is 0x8001"},
        {16, 0, number, 1, "IP protocol off 128"},
        /* a value that does not fit its rule */
        {12, 3, number, 3, "any IPv4 address is 0x800100"},
        {17, 3, two_addresses, 0, "packet truncation (bytes) is 0x"},
        /* what the maps do not have */
        {5, 3, number, 1, "rule 5 is 0x80"},
        {200, 99, number, 1, "rule 200 directive 99 0x80"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct etw_capture_filter filter = {
            .capture = ETW_CAPTURE_NDIS,
            .rule = rows[i].rule,
            .directive = rows[i].directive,
            .value = {.data = rows[i].value, .size = rows[i].size}};
        assert_text(&filter, rows[i].text);
    }
}

static void a_rejected_rule_says_so(void **state)
{
    (void)state;
    const struct etw_capture_filter filter = {.capture = ETW_CAPTURE_NDIS,
                                              .rule = 16,
                                              .directive = 3,
                                              .value = {.data = number, .size = 1},
                                              .is_rejected = true};
    assert_text(&filter, "IP protocol is 128 (the driver rejected it)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conditions_of_the_packet_monitor_are_listed),
        cmocka_unit_test(a_filter_without_condition_lets_every_packet_through),
        cmocka_unit_test(rules_are_told_by_their_maps),
        cmocka_unit_test(a_rejected_rule_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
