/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "correlate/packet_layers.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

/* Pieces of frames, hexadecimal. */
#define MACS       "020000000002 020000000001 "
#define IPV4_TCP   "4500 0030 1234 4000 40 06 0000 c0000201 c6336407 "
#define IPV4_UDP   "4500 0020 1234 0000 40 11 0000 c0000201 c6336407 "
#define IPV6_HEAD  "20010db8000000000000000000000001 20010db8000000000000000000000002 "
#define TCP_HEADER "c350 01bb 00000064 000000c8 5018 2000 0000 0000 "
#define UDP_HEADER "c350 0035 000c 0000 "
#define EIGHT      "0001020304050607 "
#define SNAP_IPV4  "aaaa03 000000 0800 "
#define ARP_BODY   "0001 0800 06 04 0001 020000000001 c0000201 000000000000 c0000202 "

struct frame {
    uint8_t bytes[256];
    size_t size;
};

static struct frame frame_of(const char *hexadecimal)
{
    struct frame frame = {.size = 0};
    for (const char *c = hexadecimal; *c; c += c[0] == ' ' ? 1 : 2) {
        if (*c != ' ') {
            char digits[3] = {c[0], c[1], 0};
            assert_true(frame.size < sizeof(frame.bytes));
            frame.bytes[frame.size++] = (uint8_t)strtoul(digits, NULL, 16);
        }
    }
    return frame;
}

struct sample {
    const char *name;
    enum etw_link link;
    const char *frame;
    enum corr_network network;
    const char *protocol, *source, *destination;
    uint32_t link_size;
    uint32_t stated_size;
    uint32_t tcp_length;
};

static const struct sample samples[] = {
    {"tcp over ipv4", ETW_LINK_ETHERNET, MACS "0800" IPV4_TCP TCP_HEADER EIGHT, CORR_NETWORK_IPV4,
     "tcp", "192.0.2.1:50000", "198.51.100.7:443", 14, 14 + 48, 8},
    {"one VLAN tag", ETW_LINK_ETHERNET, MACS "8100 0005 0800" IPV4_TCP TCP_HEADER EIGHT,
     CORR_NETWORK_IPV4, "tcp", "192.0.2.1:50000", "198.51.100.7:443", 18, 18 + 48, 8},
    {"two VLAN tags", ETW_LINK_ETHERNET, MACS "88a8 0005 8100 0006 0800" IPV4_TCP TCP_HEADER EIGHT,
     CORR_NETWORK_IPV4, "tcp", "192.0.2.1:50000", "198.51.100.7:443", 22, 22 + 48, 8},
    {"802.3 length with SNAP", ETW_LINK_ETHERNET, MACS "0028" SNAP_IPV4 IPV4_UDP UDP_HEADER,
     CORR_NETWORK_IPV4, "udp", "192.0.2.1:50000", "198.51.100.7:53", 22, 22 + 32, 0},
    {"802.3 length without SNAP", ETW_LINK_ETHERNET, MACS "0026 424203" EIGHT, CORR_NETWORK_NONE,
     "eth:0x0000", "02:00:00:00:00:01", "02:00:00:00:00:02", 14, 0, 0},
    {"IPv4 options", ETW_LINK_ETHERNET,
     MACS "0800 4600 0034 0000 4000 40 06 0000 c0000201 c6336407 01010100" TCP_HEADER EIGHT,
     CORR_NETWORK_IPV4, "tcp", "192.0.2.1:50000", "198.51.100.7:443", 14, 14 + 52, 8},
    {"first fragment", ETW_LINK_ETHERNET,
     MACS "0800 4500 0020 1234 2000 40 11 0000 c0000201 c6336407" UDP_HEADER, CORR_NETWORK_IPV4,
     "udp", "192.0.2.1:50000", "198.51.100.7:53", 14, 14 + 32, 0},
    {"later fragment", ETW_LINK_ETHERNET,
     MACS "0800 4500 0020 1234 0010 40 11 0000 c0000201 c6336407" UDP_HEADER, CORR_NETWORK_IPV4,
     "udp", "192.0.2.1", "198.51.100.7", 14, 14 + 32, 0},
    {"a length of 0 before the adapter cuts it", ETW_LINK_ETHERNET,
     MACS "0800 4500 0000 1234 4000 40 06 0000 c0000201 c6336407" TCP_HEADER EIGHT EIGHT,
     CORR_NETWORK_IPV4, "tcp", "192.0.2.1:50000", "198.51.100.7:443", 14, 0, 16},
    {"a length shorter than its header", ETW_LINK_ETHERNET,
     MACS "0800 4500 000a 1234 4000 40 06 0000 c0000201 c6336407" TCP_HEADER EIGHT,
     CORR_NETWORK_IPV4, "tcp", "192.0.2.1:50000", "198.51.100.7:443", 14, 0, 8},
    {"raw IPv4", ETW_LINK_RAW_IP, IPV4_TCP TCP_HEADER EIGHT, CORR_NETWORK_IPV4, "tcp",
     "192.0.2.1:50000", "198.51.100.7:443", 0, 48, 8},
    {"raw IPv6", ETW_LINK_RAW_IP, "6000 0000 0010 11 40" IPV6_HEAD UDP_HEADER EIGHT,
     CORR_NETWORK_IPV6, "udp", "[2001:db8::1]:50000", "[2001:db8::2]:53", 0, 56, 0},
    {"IPv6", ETW_LINK_ETHERNET, MACS "86dd 6000 0000 001c 06 40" IPV6_HEAD TCP_HEADER EIGHT,
     CORR_NETWORK_IPV6, "tcp", "[2001:db8::1]:50000", "[2001:db8::2]:443", 14, 14 + 68, 8},
    {"IPv6 with every extension header", ETW_LINK_ETHERNET,
     MACS "86dd 6000 0000 0054 00 40" IPV6_HEAD "2b00 000000000000 2c00 000000000000 "
          "3300 0001 00000000 3c04 0000 00000000 0000000000000000 0000000000000000 "
          "0600 000000000000" TCP_HEADER EIGHT,
     CORR_NETWORK_IPV6, "tcp", "[2001:db8::1]:50000", "[2001:db8::2]:443", 14, 14 + 40 + 84, 8},
    {"later IPv6 fragment", ETW_LINK_ETHERNET,
     MACS "86dd 6000 0000 0010 2c 40" IPV6_HEAD "1100 0008 00000000" EIGHT, CORR_NETWORK_IPV6,
     "udp", "2001:db8::1", "2001:db8::2", 14, 14 + 56, 0},
    {"icmpv6", ETW_LINK_ETHERNET, MACS "86dd 6000 0000 0008 3a ff" IPV6_HEAD EIGHT,
     CORR_NETWORK_IPV6, "icmpv6", "2001:db8::1", "2001:db8::2", 14, 14 + 48, 0},
    {"an IPv6 length of 0", ETW_LINK_ETHERNET,
     MACS "86dd 6000 0000 0000 06 40" IPV6_HEAD TCP_HEADER EIGHT, CORR_NETWORK_IPV6, "tcp",
     "[2001:db8::1]:50000", "[2001:db8::2]:443", 14, 0, 8},
    {"arp", ETW_LINK_ETHERNET, MACS "0806" ARP_BODY, CORR_NETWORK_ARP, "arp", "192.0.2.1",
     "192.0.2.2", 14, 0, 0},
    {"lldp", ETW_LINK_ETHERNET, MACS "88cc" EIGHT, CORR_NETWORK_NONE, "eth:0x88cc",
     "02:00:00:00:00:01", "02:00:00:00:00:02", 14, 0, 0},
    {"another IP protocol", ETW_LINK_ETHERNET,
     MACS "0800 45c0 001c 0000 0000 01 59 0000 c0000201 e0000005" EIGHT, CORR_NETWORK_IPV4, "ip:89",
     "192.0.2.1", "224.0.0.5", 14, 14 + 28, 0},
    {"an EtherType that its payload denies", ETW_LINK_ETHERNET,
     MACS "0800 6500 0020 1234 0000 40 11 0000 c0000201 c6336407" UDP_HEADER, CORR_NETWORK_NONE,
     "eth:0x0800", "02:00:00:00:00:01", "02:00:00:00:00:02", 14, 0, 0},
    {"802.11 to the access point", ETW_LINK_IEEE80211,
     "0801 0000 0200000000aa 020000000001 020000000002 0000" SNAP_IPV4 IPV4_UDP UDP_HEADER,
     CORR_NETWORK_IPV4, "udp", "192.0.2.1:50000", "198.51.100.7:53", 32, 32 + 32, 0},
    {"802.11 QoS from the access point", ETW_LINK_IEEE80211,
     "8802 0000 020000000002 0200000000aa 020000000001 0000 0000" SNAP_IPV4 IPV4_UDP UDP_HEADER,
     CORR_NETWORK_IPV4, "udp", "192.0.2.1:50000", "198.51.100.7:53", 34, 34 + 32, 0},
    {"802.11 with four addresses, QoS and HT control", ETW_LINK_IEEE80211,
     "8883 0000 0200000000aa 0200000000bb 020000000002 0000 020000000001 0000 00000000" SNAP_IPV4
         IPV4_UDP UDP_HEADER,
     CORR_NETWORK_IPV4, "udp", "192.0.2.1:50000", "198.51.100.7:53", 44, 44 + 32, 0},
    {"802.11 beacon", ETW_LINK_IEEE80211,
     "8000 0000 ffffffffffff 0200000000aa 0200000000aa 0000" EIGHT, CORR_NETWORK_NONE, "eth:0x0000",
     "02:00:00:00:00:aa", "ff:ff:ff:ff:ff:ff", 32, 0, 0},
    {"802.11 without data", ETW_LINK_IEEE80211,
     "4801 0000 0200000000aa 020000000001 020000000002 0000", CORR_NETWORK_NONE, "eth:0x0000",
     "02:00:00:00:00:01", "02:00:00:00:00:02", 24, 0, 0},
    {"a link nobody knows", ETW_LINK_UNKNOWN, IPV4_TCP, CORR_NETWORK_NONE, "eth:0x0000", "", "", 20,
     0, 0},
};

static void addresses_ports_and_sizes_are_read_of_every_kind_of_frame(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        const struct sample *sample = &samples[i];
        struct frame frame = frame_of(sample->frame);
        struct corr_layers layers;
        char protocol[CORR_PROTOCOL_TEXT_SIZE];
        char source[CORR_ENDPOINT_TEXT_SIZE];
        char destination[CORR_ENDPOINT_TEXT_SIZE];
        corr_layers_read(sample->link, frame.bytes, frame.size, &layers);
        corr_protocol_format(&layers, protocol);
        corr_endpoint_format(&layers, true, source);
        corr_endpoint_format(&layers, false, destination);
        assert_int_equal(layers.network, sample->network);
        assert_string_equal(protocol, sample->protocol);
        assert_string_equal(source, sample->source);
        assert_string_equal(destination, sample->destination);
        assert_int_equal(layers.link_size, sample->link_size);
        assert_int_equal(layers.stated_size, sample->stated_size);
        assert_int_equal(layers.tcp_length, sample->tcp_length);
        assert_int_equal(layers.network_offset,
                         sample->network == CORR_NETWORK_NONE ? frame.size : sample->link_size);
    }
}

/* A block of exactly `size` bytes, so that a sanitizer sees one byte too many. */
static void read_exactly(enum etw_link link, const uint8_t *bytes, size_t size,
                         struct corr_layers *layers)
{
    uint8_t *block = malloc(size ? size : 1);
    assert_non_null(block);
    memcpy(block, bytes, size);
    corr_layers_read(link, block, size, layers);
    (void)corr_link_by_bytes(ETW_LINK_IEEE80211, block, size);
    (void)corr_link_by_bytes(ETW_LINK_RAW_IP, block, size);
    (void)corr_link_by_bytes(ETW_LINK_UNKNOWN, block, size);
    free(block);
}

static void a_frame_cut_anywhere_says_nothing_but_what_is_there(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        struct frame frame = frame_of(samples[i].frame);
        struct corr_layers whole;
        read_exactly(samples[i].link, frame.bytes, frame.size, &whole);
        for (size_t size = 0; size < frame.size; size++) {
            struct corr_layers cut;
            read_exactly(samples[i].link, frame.bytes, size, &cut);
            assert_true(cut.link_size <= size);
            assert_true(cut.network_offset <= size);
            assert_true(cut.network == CORR_NETWORK_NONE || cut.network == whole.network);
            assert_true(!cut.has_ports || cut.source_port == whole.source_port);
            assert_true(!cut.has_tcp || cut.tcp_seq == whole.tcp_seq);
            assert_true(cut.stated_size == 0 || cut.stated_size == whole.stated_size);
            for (int link = 0; link < 4; link++) {
                read_exactly((enum etw_link)link, frame.bytes, size, &cut);
            }
        }
    }
}

static void the_fields_of_a_tcp_header_are_read(void **state)
{
    (void)state;
    struct frame frame = frame_of(MACS "0800" IPV4_TCP TCP_HEADER EIGHT);
    struct corr_layers layers;
    corr_layers_read(ETW_LINK_ETHERNET, frame.bytes, frame.size, &layers);
    assert_true(layers.has_tcp);
    assert_int_equal(layers.tcp_flags, CORR_TCP_ACK | CORR_TCP_PSH);
    assert_int_equal(layers.tcp_seq, 100);
    assert_int_equal(layers.tcp_ack, 200);
    corr_layers_read(ETW_LINK_ETHERNET, frame.bytes, 14 + 20 + 13, &layers);
    assert_true(layers.has_ports);
    assert_false(layers.has_tcp);
}

static void a_later_fragment_is_marked(void **state)
{
    (void)state;
    struct frame frame =
        frame_of(MACS "0800 4500 0020 1234 0010 40 11 0000 c0000201 c6336407" UDP_HEADER);
    struct corr_layers layers;
    corr_layers_read(ETW_LINK_ETHERNET, frame.bytes, frame.size, &layers);
    assert_true(layers.is_fragment);
    assert_false(layers.has_ports);
    frame = frame_of(MACS "86dd 6000 0000 0010 2c 40" IPV6_HEAD "1100 0001 00000000" EIGHT);
    corr_layers_read(ETW_LINK_ETHERNET, frame.bytes, frame.size, &layers);
    assert_false(layers.is_fragment);
    assert_true(layers.has_ports);
}

static void a_protected_frame_with_a_plain_body_is_recognised(void **state)
{
    (void)state;
    static const struct {
        const char *frame;
        bool is_protected_plain;
        enum corr_network network;
    } rows[] = {
        {"0841 0000 0200000000aa 020000000001 020000000002 0000" SNAP_IPV4 IPV4_UDP UDP_HEADER,
         true, CORR_NETWORK_IPV4},
        {"0801 0000 0200000000aa 020000000001 020000000002 0000" SNAP_IPV4 IPV4_UDP UDP_HEADER,
         false, CORR_NETWORK_IPV4},
        {"0841 0000 0200000000aa 020000000001 020000000002 0000 0102002000000000" SNAP_IPV4, false,
         CORR_NETWORK_NONE},
        {"0041 0000 0200000000aa 020000000001 020000000002 0000" SNAP_IPV4 IPV4_UDP, false,
         CORR_NETWORK_NONE}, /* management */
        {"0841 0000 0200000000aa 020000000001 020000000002 0100" SNAP_IPV4 IPV4_UDP, false,
         CORR_NETWORK_NONE}, /* a later fragment */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct frame frame = frame_of(rows[i].frame);
        struct corr_layers layers;
        corr_layers_read(ETW_LINK_IEEE80211, frame.bytes, frame.size, &layers);
        assert_int_equal(layers.is_protected_plain, rows[i].is_protected_plain);
        assert_int_equal(layers.network, rows[i].network);
    }
}

static void the_link_is_recognised_by_the_bytes(void **state)
{
    (void)state;
#define WIFI  "0801 0000 0200000000aa 020000000001 020000000002 0000 "
#define WIFI6 WIFI "aaaa03 000000 86dd 6000 0000 0008 3a ff" IPV6_HEAD EIGHT
    static const struct {
        enum etw_link claimed;
        const char *frame;
        enum etw_link link;
    } rows[] = {
        {ETW_LINK_IEEE80211, MACS "0800" IPV4_TCP TCP_HEADER, ETW_LINK_ETHERNET},
        {ETW_LINK_IEEE80211, MACS "8100 0005 0800" IPV4_TCP TCP_HEADER, ETW_LINK_ETHERNET},
        {ETW_LINK_IEEE80211, "ffffffffffff 020000000001 0806" ARP_BODY, ETW_LINK_ETHERNET},
        {ETW_LINK_IEEE80211, "3333 00000001 020000000001 86dd 6000 0000 0008 3a ff" IPV6_HEAD,
         ETW_LINK_ETHERNET},
        {ETW_LINK_IEEE80211, "0180c2000003 020000000001 888e" EIGHT, ETW_LINK_ETHERNET},
        {ETW_LINK_IEEE80211, WIFI SNAP_IPV4 IPV4_UDP UDP_HEADER, ETW_LINK_IEEE80211},
        {ETW_LINK_IEEE80211, WIFI6, ETW_LINK_IEEE80211},
        {ETW_LINK_IEEE80211, "8000 0000 ffffffffffff 0200000000aa 0200000000aa 0000" EIGHT,
         ETW_LINK_IEEE80211},
        /* an address in the middle of the header that looks like an EtherType */
        {ETW_LINK_IEEE80211,
         "0801 0000 0200000000aa 0200 0800 4500 020000000002 0000" SNAP_IPV4 IPV4_UDP UDP_HEADER,
         ETW_LINK_IEEE80211},
        {ETW_LINK_UNKNOWN, MACS "0800" IPV4_TCP TCP_HEADER, ETW_LINK_ETHERNET},
        {ETW_LINK_UNKNOWN, WIFI SNAP_IPV4 IPV4_UDP UDP_HEADER, ETW_LINK_IEEE80211},
        {ETW_LINK_UNKNOWN, IPV4_TCP TCP_HEADER EIGHT, ETW_LINK_RAW_IP},
        {ETW_LINK_UNKNOWN, EIGHT EIGHT EIGHT, ETW_LINK_UNKNOWN},
        {ETW_LINK_UNKNOWN, "", ETW_LINK_UNKNOWN},
        {ETW_LINK_RAW_IP, IPV4_TCP TCP_HEADER EIGHT, ETW_LINK_RAW_IP},
        {ETW_LINK_RAW_IP, MACS "0800" IPV4_TCP TCP_HEADER, ETW_LINK_ETHERNET},
        {ETW_LINK_RAW_IP, EIGHT EIGHT EIGHT, ETW_LINK_RAW_IP},
        {ETW_LINK_ETHERNET, WIFI SNAP_IPV4 IPV4_UDP UDP_HEADER, ETW_LINK_ETHERNET},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct frame frame = frame_of(rows[i].frame);
        assert_int_equal(corr_link_by_bytes(rows[i].claimed, frame.bytes, frame.size),
                         rows[i].link);
    }
}

static void addresses_are_written_as_rfc_5952_says(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *text;
    } rows[] = {
        {"00000000000000000000000000000000", "::"},
        {"00000000000000000000000000000001", "::1"},
        {"20010db8000000000000000000000000", "2001:db8::"},
        {"20010db8000000010000000000000001", "2001:db8:0:1::1"},
        {"20010db8000000000001000000000001", "2001:db8::1:0:0:1"},
        {"20010db8000000010001000100010001", "2001:db8:0:1:1:1:1:1"},
        {"20010db800a0b000c000ABCDEF010203", "2001:db8:a0:b000:c000:abcd:ef01:203"},
        {"00000000000000000000ffffc0000201", "::ffff:192.0.2.1"},
        {"000000000000000000000000c0000201", "::c000:201"},
        {"00010000000000000000000000000001", "1::1"},
        {"c0000201", "192.0.2.1"},
        {"ffffffff", "255.255.255.255"},
        {"0200000000ff", "02:00:00:00:00:ff"},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct frame frame = frame_of(rows[i].bytes);
        struct corr_address address = {.size = (uint8_t)frame.size};
        char text[CORR_ENDPOINT_TEXT_SIZE];
        memcpy(address.bytes, frame.bytes, frame.size);
        corr_address_format(&address, text);
        assert_string_equal(text, rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_ports_and_sizes_are_read_of_every_kind_of_frame),
        cmocka_unit_test(a_frame_cut_anywhere_says_nothing_but_what_is_there),
        cmocka_unit_test(the_fields_of_a_tcp_header_are_read),
        cmocka_unit_test(a_later_fragment_is_marked),
        cmocka_unit_test(a_protected_frame_with_a_plain_body_is_recognised),
        cmocka_unit_test(the_link_is_recognised_by_the_bytes),
        cmocka_unit_test(addresses_are_written_as_rfc_5952_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
