/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/frame_text.h"

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
    {"802.11 with an aggregate, whose first subframe is read", ETW_LINK_IEEE80211,
     "8801 0000 0200000000aa 020000000001 0200000000aa 0000 8000 "
     "020000000002 020000000001 0028" SNAP_IPV4 IPV4_UDP UDP_HEADER,
     CORR_NETWORK_IPV4, "udp", "192.0.2.1:50000", "198.51.100.7:53", 48, 48 + 32, 0},
    {"802.11 marked as an aggregate that was taken apart", ETW_LINK_IEEE80211,
     "8802 0000 020000000002 0200000000aa 020000000001 0000 8000" SNAP_IPV4 IPV4_UDP UDP_HEADER,
     CORR_NETWORK_IPV4, "udp", "192.0.2.1:50000", "198.51.100.7:53", 34, 34 + 32, 0},
    {"802.11 that looks like an aggregate without its mark", ETW_LINK_IEEE80211,
     "8801 0000 0200000000aa 020000000001 0200000000aa 0000 0000 "
     "020000000002 020000000001 0028" SNAP_IPV4 IPV4_UDP UDP_HEADER,
     CORR_NETWORK_NONE, "eth:0x0000", "02:00:00:00:00:01", "02:00:00:00:00:aa", 26, 0, 0},
    {"PPP", ETW_LINK_PPP, "ff03 0021" IPV4_TCP TCP_HEADER EIGHT, CORR_NETWORK_IPV4, "tcp",
     "192.0.2.1:50000", "198.51.100.7:443", 4, 4 + 48, 8},
    {"PPP with everything left out", ETW_LINK_PPP, "21" IPV4_TCP TCP_HEADER EIGHT,
     CORR_NETWORK_IPV4, "tcp", "192.0.2.1:50000", "198.51.100.7:443", 1, 1 + 48, 8},
    {"PPP without address and control", ETW_LINK_PPP,
     "0057 6000 0000 0010 11 40" IPV6_HEAD UDP_HEADER EIGHT, CORR_NETWORK_IPV6, "udp",
     "[2001:db8::1]:50000", "[2001:db8::2]:53", 2, 2 + 56, 0},
    {"PPP with a short protocol", ETW_LINK_PPP,
     "ff03 57 6000 0000 0010 11 40" IPV6_HEAD UDP_HEADER EIGHT, CORR_NETWORK_IPV6, "udp",
     "[2001:db8::1]:50000", "[2001:db8::2]:53", 3, 3 + 56, 0},
    {"PPP that negotiates", ETW_LINK_PPP, "ff03 8021" IPV4_TCP, CORR_NETWORK_NONE, "eth:0x0000", "",
     "", 4, 0, 0},
    {"PPP over Ethernet", ETW_LINK_ETHERNET,
     MACS "8864 11 00 0001 0032 0021" IPV4_TCP TCP_HEADER EIGHT, CORR_NETWORK_IPV4, "tcp",
     "192.0.2.1:50000", "198.51.100.7:443", 22, 22 + 48, 8},
    {"PPP over Ethernet that negotiates", ETW_LINK_ETHERNET, MACS "8864 11 00 0001 0032 c021" EIGHT,
     CORR_NETWORK_NONE, "eth:0x8864", "02:00:00:00:00:01", "02:00:00:00:00:02", 22, 0, 0},
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
            for (int link = 0; link < ETW_LINK_COUNT; link++) {
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
        {"8841 0000 0200000000aa 020000000001 0200000000aa 0000 8000 "
         "020000000002 020000000001 0028" SNAP_IPV4 IPV4_UDP UDP_HEADER,
         false, CORR_NETWORK_IPV4}, /* the body is an aggregate */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct frame frame = frame_of(rows[i].frame);
        struct corr_layers layers;
        corr_layers_read(ETW_LINK_IEEE80211, frame.bytes, frame.size, &layers);
        assert_int_equal(layers.is_protected_plain, rows[i].is_protected_plain);
        assert_int_equal(layers.network, rows[i].network);
    }
}

static void whom_a_frame_addresses_is_told_by_its_address_and_its_mac(void **state)
{
    (void)state;
#define IPV4_TO(address) "0800 4500 0020 1234 0000 40 11 0000 c0000201 " address UDP_HEADER
#define IPV6_FROM        "86dd 6000 0000 0008 11 40 20010db8000000000000000000000001 "
    static const struct {
        enum etw_link link;
        const char *frame;
        enum corr_cast cast;
    } rows[] = {
        {ETW_LINK_ETHERNET, MACS IPV4_TO("c6336407"), CORR_UNICAST},
        {ETW_LINK_ETHERNET, MACS IPV4_TO("ffffffff"), CORR_BROADCAST},
        {ETW_LINK_ETHERNET, MACS IPV4_TO("e0000001"), CORR_MULTICAST},
        {ETW_LINK_ETHERNET, MACS IPV4_TO("effffffa"), CORR_MULTICAST},
        {ETW_LINK_ETHERNET, MACS IPV4_TO("dfffffff"), CORR_UNICAST},
        {ETW_LINK_ETHERNET, MACS IPV4_TO("f0000001"), CORR_UNICAST},
        {ETW_LINK_ETHERNET, "ffffffffffff 020000000001 " IPV4_TO("c00002ff"), CORR_BROADCAST},
        {ETW_LINK_ETHERNET, "ffffffffffff 020000000001 " IPV4_TO("e0000001"), CORR_MULTICAST},
        /* a cluster whose members share the address of a group */
        {ETW_LINK_ETHERNET, "03bfc0000201 020000000001 " IPV4_TO("c6336407"), CORR_UNICAST},
        {ETW_LINK_ETHERNET, MACS IPV6_FROM "ff020000000000000000000000000001" UDP_HEADER,
         CORR_MULTICAST},
        {ETW_LINK_ETHERNET, MACS IPV6_FROM "fe800000000000000000000000000001" UDP_HEADER,
         CORR_UNICAST},
        {ETW_LINK_ETHERNET, "ffffffffffff 020000000001 0806" ARP_BODY, CORR_BROADCAST},
        {ETW_LINK_ETHERNET, MACS "0806" ARP_BODY, CORR_UNICAST},
        {ETW_LINK_ETHERNET, "0180c200000e 020000000001 88cc" EIGHT, CORR_MULTICAST},
        {ETW_LINK_IEEE80211,
         "0801 0000 0200000000aa 020000000001 ffffffffffff 0000" SNAP_IPV4 IPV4_UDP UDP_HEADER,
         CORR_BROADCAST},
        {ETW_LINK_RAW_IP, "4500 001c 0000 0000 40 11 0000 c0000201 e00000fb" UDP_HEADER,
         CORR_MULTICAST},
        {ETW_LINK_RAW_IP, IPV4_UDP UDP_HEADER, CORR_UNICAST},
        {ETW_LINK_ETHERNET, "", CORR_UNICAST},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct corr_layers layers;
        read_text(rows[i].link, rows[i].frame, &layers);
        assert_int_equal(layers.cast, rows[i].cast);
    }
}

static void an_aggregate_gives_the_macs_of_its_first_subframe(void **state)
{
    (void)state;
    static const uint8_t destination[] = {2, 0, 0, 0, 0, 2}, source[] = {2, 0, 0, 0, 0, 1};
    struct corr_layers layers;
    /* a total length of 0: the subframe ends the packet, another follows */
    read_text(ETW_LINK_IEEE80211,
              "8801 0000 0200000000aa 0200000000bb 0200000000aa 0000 8000 "
              "020000000002 020000000001 0038" SNAP_IPV4
              "4500 0000 1234 4000 40 06 0000 c0000201 c6336407" TCP_HEADER EIGHT EIGHT EIGHT,
              &layers);
    assert_memory_equal(layers.destination_mac.bytes, destination, 6);
    assert_memory_equal(layers.source_mac.bytes, source, 6);
    assert_int_equal(layers.tcp_length, 8);
}

static void a_frame_without_bytes_has_no_layers(void **state)
{
    (void)state;
    for (int link = 0; link < ETW_LINK_COUNT; link++) {
        struct corr_layers layers;
        corr_layers_read((enum etw_link)link, NULL, 100, &layers);
        assert_int_equal(layers.network, CORR_NETWORK_NONE);
        assert_int_equal(layers.link_size, 0);
        assert_int_equal(corr_link_by_bytes((enum etw_link)link, NULL, 0), link);
    }
}

static void nothing_of_an_earlier_frame_stays(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        struct frame frame = frame_of(samples[i].frame);
        struct corr_layers once, again;
        memset(&once, 0, sizeof(once));
        memset(&again, 0xFF, sizeof(again));
        corr_layers_read(samples[i].link, frame.bytes, frame.size, &once);
        corr_layers_read(samples[i].link, frame.bytes, frame.size, &again);
        assert_memory_equal(&once, &again, offsetof(struct corr_layers, quoted));
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
        /* what claims to be PPP comes from NdisWan, which makes Ethernet of it */
        {ETW_LINK_PPP, MACS "0800" IPV4_TCP TCP_HEADER, ETW_LINK_ETHERNET},
        {ETW_LINK_PPP, MACS "c021 0101 0004", ETW_LINK_ETHERNET},
        {ETW_LINK_PPP, "", ETW_LINK_PPP},
        {ETW_LINK_PPP, EIGHT EIGHT EIGHT, ETW_LINK_ETHERNET},
        {ETW_LINK_PPP, "ff03 0021" IPV4_TCP TCP_HEADER EIGHT, ETW_LINK_PPP},
        {ETW_LINK_PPP, "0021" IPV4_TCP TCP_HEADER EIGHT, ETW_LINK_PPP},
        {ETW_LINK_PPP, "21" IPV4_TCP TCP_HEADER EIGHT, ETW_LINK_PPP},
        {ETW_LINK_PPP, "ff03 0057 6000 0000 0008 3a ff" IPV6_HEAD EIGHT, ETW_LINK_PPP},
        {ETW_LINK_PPP, "ff03 c021 0101 0004", ETW_LINK_PPP},
        {ETW_LINK_PPP, "ff03 00fd" EIGHT, ETW_LINK_PPP},
        {ETW_LINK_PPP, "ff03 1234" EIGHT, ETW_LINK_ETHERNET},
        {ETW_LINK_PPP, "c021 0101 0004", ETW_LINK_PPP},
        {ETW_LINK_PPP, "8021 0f01 000a 0306 c000024d", ETW_LINK_PPP},
        {ETW_LINK_PPP, "8021 1001 000a 0306 c000024d", ETW_LINK_ETHERNET}, /* no such code */
        {ETW_LINK_PPP, "8021 0101 000b 0306 c000024d", ETW_LINK_ETHERNET}, /* too long */
        {ETW_LINK_PPP, "00fd 0101 0004" EIGHT, ETW_LINK_ETHERNET}, /* a MAC address, rather */
        {ETW_LINK_PPP, IPV4_TCP TCP_HEADER EIGHT, ETW_LINK_RAW_IP},
        {ETW_LINK_PPP, "6000 0000 0008 3a ff" IPV6_HEAD EIGHT, ETW_LINK_RAW_IP},
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
        cmocka_unit_test(a_protected_frame_with_a_plain_body_is_recognised),
        cmocka_unit_test(whom_a_frame_addresses_is_told_by_its_address_and_its_mac),
        cmocka_unit_test(an_aggregate_gives_the_macs_of_its_first_subframe),
        cmocka_unit_test(a_frame_without_bytes_has_no_layers),
        cmocka_unit_test(nothing_of_an_earlier_frame_stays),
        cmocka_unit_test(the_link_is_recognised_by_the_bytes),
        cmocka_unit_test(addresses_are_written_as_rfc_5952_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
