/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "correlate/filter.h"
#include "correlate/filter_values.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

typedef enum etw_status add_function(struct corr_filter *filter, const char *value,
                                     struct etw_error *error);

static struct corr_address address_of(const char *text)
{
    struct corr_address address = {0};
    if (*text) {
        assert_true(corr_parse_address(text, strlen(text), &address));
    }
    return address;
}

/* A TCP segment between two endpoints. */
static struct corr_packet packet_of(const char *source, uint16_t source_port,
                                    const char *destination, uint16_t destination_port)
{
    struct corr_packet packet = {
        .frame = 12,
        .time = 1000,
        .layers = {.network = CORR_NETWORK_IPV4,
                   .ip_protocol = 6,
                   .has_ports = true,
                   .source_port = source_port,
                   .destination_port = destination_port,
                   .source = address_of(source),
                   .destination = address_of(destination)},
    };
    if (packet.layers.source.size == 16) {
        packet.layers.network = CORR_NETWORK_IPV6;
    }
    return packet;
}

struct match {
    add_function *add;
    const char *value;
    bool matches_ipv4; /* 192.0.2.1:50000 to 198.51.100.7:443 */
    bool matches_ipv6; /* [2001:db8::1]:50000 to [2001:db8::2]:443 */
};

static const struct match matches[] = {
    {corr_filter_add_host, "192.0.2.1", true, false},
    {corr_filter_add_host, "198.51.100.7", true, false},
    {corr_filter_add_host, "192.0.2.2", false, false},
    {corr_filter_add_host, "192.0.2.0/24", true, false},
    {corr_filter_add_host, "192.0.2.1/32", true, false},
    {corr_filter_add_host, "192.0.2.128/25", false, false},
    {corr_filter_add_host, "192.0.2.2/30", true, false},
    {corr_filter_add_host, "0.0.0.0/0", true, false},
    {corr_filter_add_host, "::/0", false, true},
    {corr_filter_add_host, "2001:db8::2", false, true},
    {corr_filter_add_host, "2001:DB8:0:0:0:0:0:1", false, true},
    {corr_filter_add_host, "2001:db8::/32", false, true},
    {corr_filter_add_host, "2001:db8::4/125", false, true},
    {corr_filter_add_host, "2001:db8::4/126", false, false},
    {corr_filter_add_port, "443", true, true},
    {corr_filter_add_port, "50000", true, true},
    {corr_filter_add_port, "444", false, false},
    {corr_filter_add_port, "400-443", true, true},
    {corr_filter_add_port, "0-65535", true, true},
    {corr_filter_add_port, "444-49999", false, false},
    {corr_filter_add_tuple, "192.0.2.1:50000-198.51.100.7:443", true, false},
    {corr_filter_add_tuple, "198.51.100.7:443-192.0.2.1:50000", true, false},
    {corr_filter_add_tuple, "192.0.2.1:443-198.51.100.7:50000", false, false},
    {corr_filter_add_tuple, "192.0.2.1:50000-192.0.2.1:50000", false, false},
    {corr_filter_add_tuple, "[2001:db8::2]:443-[2001:db8::1]:50000", false, true},
    {corr_filter_add_protocol, "tcp", true, true},
    {corr_filter_add_protocol, "TCP", true, true},
    {corr_filter_add_protocol, "udp", false, false},
    {corr_filter_add_protocol, "ip", true, true},
    {corr_filter_add_protocol, "ipv4", true, false},
    {corr_filter_add_protocol, "ipv6", false, true},
    {corr_filter_add_protocol, "ip:6", true, true},
    {corr_filter_add_protocol, "ip:17", false, false},
    {corr_filter_add_protocol, "arp", false, false},
    {corr_filter_add_protocol, "eth:0x0800", false, false},
    {corr_filter_add_frames, "12", true, true},
    {corr_filter_add_frames, "13", false, false},
    {corr_filter_add_frames, "1-12", true, true},
    {corr_filter_add_frames, "13-18446744073709551615", false, false},
};

static void each_option_matches_what_it_names_on_either_side(void **state)
{
    (void)state;
    struct corr_packet ipv4 = packet_of("192.0.2.1", 50000, "198.51.100.7", 443);
    struct corr_packet ipv6 = packet_of("2001:db8::1", 50000, "2001:db8::2", 443);
    for (size_t i = 0; i < COUNT_OF(matches); i++) {
        struct etw_error error;
        struct corr_filter *filter = corr_filter_new();
        assert_non_null(filter);
        assert_int_equal(matches[i].add(filter, matches[i].value, &error), ETW_OK);
        if (corr_filter_matches(filter, &ipv4) != matches[i].matches_ipv4 ||
            corr_filter_matches(filter, &ipv6) != matches[i].matches_ipv6) {
            fail_msg("%s", matches[i].value);
        }
        corr_filter_free(filter);
    }
}

struct refusal {
    add_function *add;
    const char *value;
};

static const struct refusal refusals[] = {
    {corr_filter_add_host, ""},
    {corr_filter_add_host, "192.0.2"},
    {corr_filter_add_host, "192.0.2.256"},
    {corr_filter_add_host, "192.0.2.1.5"},
    {corr_filter_add_host, "192.0.2.1/33"},
    {corr_filter_add_host, "192.0.2.1/"},
    {corr_filter_add_host, "192.0.2.1/-1"},
    {corr_filter_add_host, " 192.0.2.1"},
    {corr_filter_add_host, "2001:db8::/129"},
    {corr_filter_add_host, "2001:db8"},
    {corr_filter_add_host, "2001:db8::1::2"},
    {corr_filter_add_host, "1:2:3:4:5:6:7:8:9"},
    {corr_filter_add_host, "1:2:3:4:5:6:7::8:9"},
    {corr_filter_add_host, "12345::"},
    {corr_filter_add_host, ":1:2:3:4:5:6:7"},
    {corr_filter_add_host, "1:2:3:4:5:6:7:"},
    {corr_filter_add_host, "1.2.3.4::"},
    {corr_filter_add_host, "fe80::1%5"},
    {corr_filter_add_host, "example.com"},
    {corr_filter_add_port, ""},
    {corr_filter_add_port, "65536"},
    {corr_filter_add_port, "99999999999999999999999"},
    {corr_filter_add_port, "https"},
    {corr_filter_add_port, "500-400"},
    {corr_filter_add_port, "1-"},
    {corr_filter_add_port, "-1"},
    {corr_filter_add_port, "1-2-3"},
    {corr_filter_add_port, "+5"},
    {corr_filter_add_tuple, "192.0.2.1:1"},
    {corr_filter_add_tuple, "192.0.2.1-192.0.2.2"},
    {corr_filter_add_tuple, "192.0.2.1:1-192.0.2.2:"},
    {corr_filter_add_tuple, "192.0.2.1:1-192.0.2.2:65536"},
    {corr_filter_add_tuple, "2001:db8::1:1-2001:db8::2:1"},
    {corr_filter_add_tuple, "[192.0.2.1]:1-192.0.2.2:1"},
    {corr_filter_add_tuple, "[2001:db8::1]:1-192.0.2.2:1"},
    {corr_filter_add_tuple, "[]:1-[]:1"},
    {corr_filter_add_tuple, "-"},
    {corr_filter_add_protocol, ""},
    {corr_filter_add_protocol, "tcpx"},
    {corr_filter_add_protocol, "tc"},
    {corr_filter_add_protocol, "ip:"},
    {corr_filter_add_protocol, "ip:256"},
    {corr_filter_add_protocol, "eth:88cc"},
    {corr_filter_add_protocol, "eth:0x"},
    {corr_filter_add_protocol, "eth:0x12345"},
    {corr_filter_add_protocol, "eth:0xzz"},
    {corr_filter_add_frames, "0"},
    {corr_filter_add_frames, "0-5"},
    {corr_filter_add_frames, "5-4"},
    {corr_filter_add_frames, "18446744073709551616"},
    {corr_filter_add_frames, "a"},
};

static void a_wrong_value_is_refused_with_a_right_one_as_example(void **state)
{
    (void)state;
    struct corr_filter *filter = corr_filter_new();
    assert_non_null(filter);
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        struct etw_error error = {.status = ETW_OK};
        if (refusals[i].add(filter, refusals[i].value, &error) != ETW_ERR_INPUT) {
            fail_msg("%s", refusals[i].value);
        }
        assert_non_null(strstr(error.text, refusals[i].value));
        assert_true(strlen(error.text) > 40);
    }
    struct corr_packet packet = packet_of("192.0.2.1", 1, "192.0.2.2", 2);
    assert_true(corr_filter_matches(filter, &packet)); /* nothing of them was kept */
    corr_filter_free(filter);
}

static void ipv6_is_read_in_all_its_forms(void **state)
{
    (void)state;
    static const struct {
        const char *text, *same;
    } rows[] = {
        {"::", "0:0:0:0:0:0:0:0"},
        {"::1", "0:0:0:0:0:0:0:1"},
        {"1::", "1:0:0:0:0:0:0:0"},
        {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
        {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
        {"::ffff:192.0.2.1", "0:0:0:0:0:ffff:c000:201"},
        {"1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:C000:0201"},
        {"64:ff9b::192.0.2.33", "64:ff9b:0:0:0:0:c000:221"},
        {"1::192.0.2.33", "1:0:0:0:0:0:c000:221"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct corr_address address = address_of(rows[i].text);
        struct corr_address same = address_of(rows[i].same);
        assert_int_equal(address.size, 16);
        assert_memory_equal(address.bytes, same.bytes, 16);
    }
}

static void the_same_option_twice_is_either_and_two_options_are_both(void **state)
{
    (void)state;
    struct etw_error error;
    struct corr_filter *filter = corr_filter_new();
    struct corr_packet packet = packet_of("192.0.2.1", 50000, "198.51.100.7", 443);
    assert_true(corr_filter_matches(filter, &packet));
    assert_int_equal(corr_filter_add_port(filter, "53", &error), ETW_OK);
    assert_false(corr_filter_matches(filter, &packet));
    assert_int_equal(corr_filter_add_port(filter, "443", &error), ETW_OK);
    assert_true(corr_filter_matches(filter, &packet));
    assert_int_equal(corr_filter_add_protocol(filter, "udp", &error), ETW_OK);
    assert_false(corr_filter_matches(filter, &packet));
    corr_filter_free(filter);
}

static void times_are_inclusive_at_both_ends(void **state)
{
    (void)state;
    static const struct {
        int64_t from, to;
        bool matches;
    } rows[] = {
        {INT64_MIN, INT64_MAX, true}, {1000, 1000, true},      {1001, INT64_MAX, false},
        {INT64_MIN, 999, false},      {1000, INT64_MAX, true},
    };
    struct corr_filter *filter = corr_filter_new();
    struct corr_packet packet = packet_of("192.0.2.1", 50000, "198.51.100.7", 443);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        corr_filter_set_times(filter, rows[i].from, rows[i].to);
        assert_int_equal(corr_filter_matches(filter, &packet), rows[i].matches);
    }
    corr_filter_free(filter);
}

static void packets_without_ports_match_no_port_and_no_tuple(void **state)
{
    (void)state;
    struct etw_error error;
    struct corr_packet packet = packet_of("192.0.2.1", 0, "198.51.100.7", 0);
    packet.layers.has_ports = false;
    struct corr_filter *ports = corr_filter_new();
    struct corr_filter *tuples = corr_filter_new();
    assert_int_equal(corr_filter_add_port(ports, "0-65535", &error), ETW_OK);
    assert_int_equal(corr_filter_add_tuple(tuples, "192.0.2.1:0-198.51.100.7:0", &error), ETW_OK);
    assert_false(corr_filter_matches(ports, &packet));
    assert_false(corr_filter_matches(tuples, &packet));
    corr_filter_free(ports);
    corr_filter_free(tuples);
}

static void link_protocols_and_captures_are_matched(void **state)
{
    (void)state;
    struct etw_error error;
    struct corr_packet lldp = {.capture = ETW_CAPTURE_PKTMON, .layers.ether_type = 0x88CC};
    struct corr_packet arp = {.layers = {.network = CORR_NETWORK_ARP, .ether_type = 0x0806}};
    struct corr_filter *filter = corr_filter_new();
    assert_int_equal(corr_filter_add_protocol(filter, "eth:0x88CC", &error), ETW_OK);
    assert_true(corr_filter_matches(filter, &lldp));
    assert_false(corr_filter_matches(filter, &arp));
    assert_int_equal(corr_filter_add_protocol(filter, "arp", &error), ETW_OK);
    assert_true(corr_filter_matches(filter, &arp));
    assert_int_equal(corr_filter_add_capture(filter, ETW_CAPTURE_PKTMON), ETW_OK);
    assert_true(corr_filter_matches(filter, &lldp));
    assert_false(corr_filter_matches(filter, &arp));
    corr_filter_free(filter);
    corr_filter_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_option_matches_what_it_names_on_either_side),
        cmocka_unit_test(a_wrong_value_is_refused_with_a_right_one_as_example),
        cmocka_unit_test(ipv6_is_read_in_all_its_forms),
        cmocka_unit_test(the_same_option_twice_is_either_and_two_options_are_both),
        cmocka_unit_test(times_are_inclusive_at_both_ends),
        cmocka_unit_test(packets_without_ports_match_no_port_and_no_tuple),
        cmocka_unit_test(link_protocols_and_captures_are_matched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
