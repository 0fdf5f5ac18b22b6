/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/frame_text.h"

#define IPV4  MACS "0800 "
#define IPV6  MACS "86dd "
#define ENDS  "c0000201 c6336407 "
#define BACK  "c6336407 c0000201 " /* as the other side quotes it */
#define BACK6 "20010db8000000000000000000000002 20010db8000000000000000000000001 "

/* ---- fragments ---- */

static void fragments_say_which_they_are_and_of_what(void **state)
{
    (void)state;
    static const struct {
        const char *name, *frame;
        bool is_first, is_later, has_ports;
        uint32_t id;
        uint8_t protocol;
        uint32_t payload_size;
    } rows[] = {
        {"whole", IPV4 "4500 0020 1234 4000 40 11 0000" ENDS UDP_HEADER, false, false, true, 0, 17,
         4},
        {"first", IPV4 "4500 0020 1234 2000 40 11 0000" ENDS "c350 0035 0fa8 0000", true, false,
         true, 0x1234, 17, 4000},
        {"one between", IPV4 "4500 0020 1234 20b9 40 11 0000" ENDS UDP_HEADER, false, true, false,
         0x1234, 17, 0},
        {"last", IPV4 "4500 0020 1234 0172 40 11 0000" ENDS UDP_HEADER, false, true, false, 0x1234,
         17, 0},
        {"the reserved bit alone", IPV4 "4500 0020 1234 8000 40 11 0000" ENDS UDP_HEADER, false,
         false, true, 0, 17, 4},
        {"greatest offset", IPV4 "4500 0020 1234 1fff 40 11 0000" ENDS UDP_HEADER, false, true,
         false, 0x1234, 17, 0},
        {"first of TCP", IPV4 "4500 0030 1234 2000 40 06 0000" ENDS TCP_HEADER EIGHT, true, false,
         true, 0x1234, 6, 8},
        {"IPv6 first",
         IPV6 "6000 0000 0018 2c 40" IPV6_HEAD "1100 0001 deadbeef c350 0035 0fa8 0000" EIGHT, true,
         false, true, 0xdeadbeef, 17, 4000},
        {"IPv6 between", IPV6 "6000 0000 0010 2c 40" IPV6_HEAD "1100 05a9 deadbeef" EIGHT, false,
         true, false, 0xdeadbeef, 17, 0},
        {"IPv6 last", IPV6 "6000 0000 0010 2c 40" IPV6_HEAD "1100 0008 deadbeef" EIGHT, false, true,
         false, 0xdeadbeef, 17, 0},
        {"IPv6 in one piece", IPV6 "6000 0000 0014 2c 40" IPV6_HEAD "1100 0000 deadbeef" UDP_HEADER,
         false, false, true, 0, 17, 4},
        {"IPv6 with reserved bits",
         IPV6 "6000 0000 0014 2c 40" IPV6_HEAD "11ff 0006 0000000a" UDP_HEADER, false, false, true,
         0, 17, 4},
        {"IPv6 first behind and before other headers",
         IPV6 "6000 0000 0028 00 40" IPV6_HEAD "2c00 0104 00000000 3c00 0001 00000007 "
              "1100 0104 00000000 c350 0035 0fa8 0000" EIGHT,
         true, false, true, 7, 17, 4000},
        {"IPv6 later, of which only the next header is known",
         IPV6 "6000 0000 0010 2c 40" IPV6_HEAD "3c00 0008 00000007" EIGHT, false, true, false, 7,
         60, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct corr_layers layers;
        read_text(ETW_LINK_ETHERNET, rows[i].frame, &layers);
        assert_int_equal(layers.is_first_fragment, rows[i].is_first);
        assert_int_equal(layers.is_fragment, rows[i].is_later);
        assert_int_equal(layers.has_ports, rows[i].has_ports);
        assert_int_equal(layers.fragment_id, rows[i].id);
        assert_int_equal(layers.ip_protocol, rows[i].protocol);
        assert_int_equal(layers.payload_size, rows[i].payload_size);
    }
}

static void hop_limits_identifications_and_windows_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *frame;
        uint8_t hop_limit;
        uint16_t id, window;
        bool has_window;
    } rows[] = {
        {IPV4 "4500 0028 1234 4000 79 06 0000" ENDS TCP_HEADER, 0x79, 0x1234, 0x2000, true},
        {IPV4 "4500 0028 1234 4000 79 06 0000" ENDS "c350 01bb 00000064 000000c8 5018 20", 0x79,
         0x1234, 0, false},
        {IPV4 "4500 0020 1234 0000 01 11 0000" ENDS UDP_HEADER, 1, 0x1234, 0, false},
        {IPV6 "6000 0000 0014 06 40" IPV6_HEAD TCP_HEADER, 0x40, 0, 0x2000, true},
        {IPV6 "6000 0000 0010 2c 40" IPV6_HEAD "1100 05a9 deadbeef" EIGHT, 0x40, 0, 0, false},
        {MACS "0806 " ARP_BODY, 0, 0, 0, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct corr_layers layers;
        read_text(ETW_LINK_ETHERNET, rows[i].frame, &layers);
        assert_int_equal(layers.hop_limit, rows[i].hop_limit);
        assert_int_equal(layers.ip_id, rows[i].id);
        assert_int_equal(layers.tcp_window, rows[i].window);
        assert_int_equal(layers.has_tcp_window, rows[i].has_window);
    }
}

/* ---- payload ---- */

static void the_payload_is_as_long_as_its_headers_say(void **state)
{
    (void)state;
    static const struct {
        const char *name, *frame;
        uint32_t offset, size;
        uint32_t size_of_1514; /* when the frame was 1514 bytes long before it was cut */
    } rows[] = {
        {"UDP", IPV4 "4500 0024 1234 0000 40 11 0000" ENDS "c350 0035 0010 0000" EIGHT, 42, 8, 8},
        {"UDP and padding", IPV4 IPV4_UDP UDP_HEADER EIGHT EIGHT, 42, 4, 4},
        {"UDP that was cut", IPV4 "4500 0400 1234 0000 40 11 0000" ENDS "c350 0035 03ec 0000", 42,
         996, 996},
        {"UDP whose length was cut", IPV4 "4500 0400 1234 0000 40 11 0000" ENDS "c350 0035 03", 42,
         996, 996},
        {"UDP whose length is that of nothing",
         IPV4 "4500 0020 1234 0000 40 11 0000" ENDS "c350 0035 0008 0000", 42, 0, 0},
        {"UDP whose length is too short",
         IPV4 "4500 0020 1234 0000 40 11 0000" ENDS "c350 0035 0007 0000", 42, 0, 0},
        {"UDP without length", IPV4 "4500 0024 1234 0000 40 11 0000" ENDS "c350 0035 0000 0000", 42,
         8, 8},
        {"UDP that the adapter cuts",
         IPV4 "4500 0000 1234 0000 40 11 0000" ENDS "c350 0035 0000 0000" EIGHT, 42, 8, 1472},
        {"UDP without IP length", IPV4 "4500 0000 1234 0000 40 11 0000" ENDS UDP_HEADER EIGHT, 42,
         8, 1472},
        {"TCP", IPV4 IPV4_TCP TCP_HEADER EIGHT, 54, 8, 8},
        {"TCP with options",
         IPV4 IPV4_TCP "c350 01bb 00000064 000000c8 6018 2000 0000 0000 01010101 00010203", 58, 4,
         4},
        {"TCP behind IPv4 options",
         IPV4 "4600 0034 0000 4000 40 06 0000" ENDS "01010100 " TCP_HEADER EIGHT, 58, 8, 8},
        {"TCP that the adapter cuts", IPV4 "4500 0000 1234 4000 40 06 0000" ENDS TCP_HEADER EIGHT,
         54, 8, 1460},
        {"TCP whose options were cut and the length with them",
         IPV4 "4500 0000 1234 4000 40 06 0000" ENDS "c350 01bb 00000064 000000c8 f018 2000", 94, 0,
         1420},
        {"TCP over IPv6 that the adapter cuts",
         IPV6 "6000 0000 0000 06 40" IPV6_HEAD TCP_HEADER EIGHT, 74, 8, 1440},
        {"TCP without its flags", IPV4 IPV4_TCP "c350 01bb 00000064 000000c8 50", 0, 0, 0},
        {"ICMP echo", IPV4 "4500 0024 0000 0000 40 01 0000" ENDS "0800 0000 0001 0001" EIGHT, 34,
         16, 16},
        {"ESP", IPV4 "4500 0024 0000 0000 40 32 0000" ENDS EIGHT EIGHT, 34, 16, 16},
        {"ESP behind IPv6 options",
         IPV6 "6000 0000 0018 00 40" IPV6_HEAD "3200 0104 00000000" EIGHT EIGHT, 62, 16, 16},
        {"ARP", MACS "0806" ARP_BODY, 0, 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct corr_layers layers;
        read_text(ETW_LINK_ETHERNET, rows[i].frame, &layers);
        assert_int_equal(layers.payload_offset, rows[i].offset);
        assert_int_equal(layers.payload_size, rows[i].size);
        assert_int_equal(layers.tcp_length, layers.has_tcp ? rows[i].size : 0);
        corr_layers_set_original(&layers, 1514);
        assert_int_equal(layers.payload_size, rows[i].size_of_1514);
        assert_int_equal(layers.tcp_length, layers.has_tcp ? rows[i].size_of_1514 : 0);
    }
}

/* ---- headers between IP and transport ---- */

static void protocols_are_named_behind_every_extension_header(void **state)
{
    (void)state;
    static const struct {
        const char *frame, *protocol, *source;
    } rows[] = {
        /* hop-by-hop, routing, destination options, mobility, host identity, shim6 */
        {IPV6 "6000 0000 0048 00 40" IPV6_HEAD "2b01 0104 00000000 0000000000000000 "
              "3c00 000000000000 8700 000000000000 8b00 000000000000 8c00 000000000000 "
              "1100 000000000000 " UDP_HEADER,
         "udp", "[2001:db8::1]:50000"},
        {IPV6 "6000 0000 0020 33 40" IPV6_HEAD
              "1104 0000 00000001 00000001 000000000000000000000000" UDP_HEADER,
         "udp", "[2001:db8::1]:50000"},
        {IPV6 "6000 0000 0008 3b 40" IPV6_HEAD EIGHT, "ip:59", "2001:db8::1"},
        {IPV6 "6000 0000 0010 00 40" IPV6_HEAD "3b00 0104 00000000" EIGHT, "ip:59", "2001:db8::1"},
        /* the header says that it is longer than the frame */
        {IPV6 "6000 0000 0010 00 40" IPV6_HEAD "11ff 0104 00000000" UDP_HEADER, "udp",
         "2001:db8::1"},
        {IPV6 "6000 0000 0010 00 40" IPV6_HEAD "1100 0104 000000", "ip:0", "2001:db8::1"},
        {IPV4 "4500 0038 0000 0000 40 33 0000" ENDS
              "0604 0000 00000001 00000001 000000000000000000000000" TCP_HEADER,
         "tcp", "192.0.2.1:50000"},
        /* twice */
        {IPV4 "4500 0038 0000 0000 40 33 0000" ENDS
              "3301 0000 00000001 00000001 1101 0000 00000001 00000001" UDP_HEADER,
         "udp", "192.0.2.1:50000"},
        {IPV4 "4500 0038 0000 0000 40 33 0000" ENDS "0604 0000 000000", "ah", "192.0.2.1"},
        {IPV4 "4500 0038 0000 00b9 40 33 0000" ENDS EIGHT EIGHT, "ah", "192.0.2.1"},
        /* extension headers belong to IPv6 */
        {IPV4 "4500 0038 0000 0000 40 00 0000" ENDS "1100 0104 00000000" UDP_HEADER, "ip:0",
         "192.0.2.1"},
        {IPV4 "4500 0038 0000 0000 40 32 0000" ENDS UDP_HEADER EIGHT, "esp", "192.0.2.1"},
        {IPV6 "6000 0000 0010 32 40" IPV6_HEAD UDP_HEADER EIGHT, "esp", "2001:db8::1"},
        /* the packet ends before its transport header, or before its extension header does */
        {IPV4 "4500 0014 0000 0000 40 11 0000" ENDS UDP_HEADER, "udp", "192.0.2.1"},
        {IPV6 "6000 0000 0004 00 40" IPV6_HEAD "1100 0104 00000000" UDP_HEADER, "udp",
         "2001:db8::1"},
        /* tunnels are not entered */
        {IPV4 "4500 0038 0000 0000 40 2f 0000" ENDS "0000 0800" IPV4_UDP UDP_HEADER, "gre",
         "192.0.2.1"},
        {IPV4 "4500 0038 0000 0000 40 29 0000" ENDS "6000 0000 0008 11 40" IPV6_HEAD UDP_HEADER,
         "ip:41", "192.0.2.1"},
        {IPV4 "4500 0020 0000 0000 01 02 0000 c0000201 e0000016" EIGHT, "igmp", "192.0.2.1"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct corr_layers layers;
        char protocol[CORR_PROTOCOL_TEXT_SIZE];
        char source[CORR_ENDPOINT_TEXT_SIZE];
        read_text(ETW_LINK_ETHERNET, rows[i].frame, &layers);
        corr_protocol_format(&layers, protocol);
        corr_endpoint_format(&layers, true, source);
        assert_string_equal(protocol, rows[i].protocol);
        assert_string_equal(source, rows[i].source);
        assert_false(layers.has_icmp);
    }
}

static void a_chain_of_extension_headers_ends_with_the_frame(void **state)
{
    (void)state;
    enum { SIZE = 54 + 8 * 8000 };
    uint8_t *frame = calloc(1, SIZE); /* hop-by-hop options, each followed by more */
    assert_non_null(frame);
    struct frame head = frame_of(IPV6 "6000 0000 fa00 00 40" IPV6_HEAD);
    memcpy(frame, head.bytes, head.size);
    struct corr_layers layers;
    corr_layers_read(ETW_LINK_ETHERNET, frame, SIZE, &layers);
    assert_int_equal(layers.network, CORR_NETWORK_IPV6);
    assert_int_equal(layers.ip_protocol, 0);
    frame[SIZE - 8] = 58;
    corr_layers_read(ETW_LINK_ETHERNET, frame, SIZE, &layers);
    assert_int_equal(layers.ip_protocol, 58);
    free(frame);
}

/* ---- ICMP ---- */

#define ICMP(type)   IPV4 "4500 0400 0000 0000 40 01 0000" ENDS type "00 0000 00000000 "
#define ICMPV6(type) IPV6 "6000 0000 0400 3a 40" IPV6_HEAD type "00 0000 00000000 "
#define QUOTED_UDP   "4500 0020 1234 0000 40 11 0000" BACK "0035 c350 000c 0000 "
#define QUOTED_TCP6  "6000 0000 0014 06 40" BACK6 "01bb c350 00000064 000000c8 5018 2000 "
/* of a redirect: target and destination, an option of 16 bytes, the packet's option */
#define REDIRECT_TO BACK6 "0202 020000000002 0000000000000000 0408 0000 00000000 "

struct quote {
    const char *name, *frame, *source, *destination;
    uint8_t type, protocol;
    uint16_t source_port, destination_port; /* 0: none */
    uint32_t tcp_seq;                       /* 0: none */
};

/* clang-format off */
static const struct quote quotes[] = {
    {"unreachable", ICMP("03") QUOTED_UDP, "198.51.100.7", "192.0.2.1", 3, 17, 53, 50000, 0},
    {"source quench", ICMP("04") QUOTED_UDP, "198.51.100.7", "192.0.2.1", 4, 17, 53, 50000, 0},
    {"redirect", ICMP("05") QUOTED_UDP, "198.51.100.7", "192.0.2.1", 5, 17, 53, 50000, 0},
    {"time exceeded", ICMP("0b") QUOTED_UDP, "198.51.100.7", "192.0.2.1", 11, 17, 53, 50000, 0},
    {"parameter problem", ICMP("0c") QUOTED_UDP, "198.51.100.7", "192.0.2.1", 12, 17, 53, 50000, 0},
    {"TCP", ICMP("03") "4500 0400 1234 4000 40 06 0000" BACK "01bb c350 00000064",
     "198.51.100.7", "192.0.2.1", 3, 6, 443, 50000, 100},
    {"TCP behind options", ICMP("03") "4600 0400 1234 4000 40 06 0000" BACK "01010100"
     "01bb c350 00000064", "198.51.100.7", "192.0.2.1", 3, 6, 443, 50000, 100},
    {"first fragment", ICMP("0b") "4500 0400 1234 2000 40 11 0000" BACK "0035 c350 000c 0000",
     "198.51.100.7", "192.0.2.1", 11, 17, 53, 50000, 0},
    {"later fragment", ICMP("0b") "4500 0400 1234 20b9 40 11 0000" BACK "0035 c350 000c 0000",
     "198.51.100.7", "192.0.2.1", 11, 17, 0, 0, 0},
    {"echo", ICMP("0b") "4500 0400 1234 0000 40 01 0000" BACK "0800 0000 0001 0001",
     "198.51.100.7", "192.0.2.1", 11, 1, 0, 0, 0},
    {"unreachable, IPv6", ICMPV6("01") QUOTED_TCP6, "2001:db8::2", "2001:db8::1",
     1, 6, 443, 50000, 100},
    {"too big", ICMPV6("02") QUOTED_TCP6, "2001:db8::2", "2001:db8::1", 2, 6, 443, 50000, 100},
    {"time exceeded, IPv6", ICMPV6("03") QUOTED_TCP6, "2001:db8::2", "2001:db8::1",
     3, 6, 443, 50000, 100},
    {"parameter problem, IPv6", ICMPV6("04") QUOTED_TCP6, "2001:db8::2", "2001:db8::1",
     4, 6, 443, 50000, 100},
    {"redirect, IPv6", ICMPV6("89") REDIRECT_TO QUOTED_TCP6, "2001:db8::2", "2001:db8::1",
     137, 6, 443, 50000, 100},
    {"behind extension headers", ICMPV6("01") "6000 0000 0024 00 40" BACK6 "2c00 0104 00000000 "
     "1100 0001 00000007 0035 c350 000c 0000", "2001:db8::2", "2001:db8::1", 1, 17, 53, 50000, 0},
};
/* clang-format on */

static void the_flow_that_an_error_quotes_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(quotes); i++) {
        const struct quote *quote = &quotes[i];
        struct corr_layers layers;
        char text[CORR_ENDPOINT_TEXT_SIZE];
        read_text(ETW_LINK_ETHERNET, quote->frame, &layers);
        assert_true(layers.has_icmp);
        assert_int_equal(layers.icmp_type, quote->type);
        assert_int_equal(layers.icmp_code, 0);
        assert_true(layers.has_quoted);
        assert_false(layers.has_ports);
        const struct corr_flow *flow = &layers.quoted;
        corr_address_format(&flow->source, text);
        assert_string_equal(text, quote->source);
        corr_address_format(&flow->destination, text);
        assert_string_equal(text, quote->destination);
        assert_int_equal(flow->ip_protocol, quote->protocol);
        assert_int_equal(flow->has_ports, quote->source_port != 0);
        assert_int_equal(flow->source_port, quote->source_port);
        assert_int_equal(flow->destination_port, quote->destination_port);
        assert_int_equal(flow->has_tcp_seq, quote->tcp_seq != 0);
        assert_int_equal(flow->tcp_seq, quote->tcp_seq);
    }
}

static void a_quote_cut_anywhere_says_what_is_there(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(quotes); i++) {
        struct frame frame = frame_of(quotes[i].frame);
        struct corr_layers whole;
        read_exactly(ETW_LINK_ETHERNET, frame.bytes, frame.size, &whole);
        for (size_t size = 0; size < frame.size; size++) {
            struct corr_layers cut;
            read_exactly(ETW_LINK_ETHERNET, frame.bytes, size, &cut);
            const struct corr_flow *flow = &cut.quoted;
            assert_true(!cut.has_icmp || cut.icmp_type == whole.icmp_type);
            assert_true(!cut.has_quoted || flow->source.size == whole.quoted.source.size);
            assert_true(!cut.has_quoted || !flow->has_ports ||
                        flow->source_port == whole.quoted.source_port);
            assert_true(!cut.has_quoted || !flow->has_tcp_seq ||
                        flow->tcp_seq == whole.quoted.tcp_seq);
        }
    }
}

static void ports_are_read_without_the_sequence_number(void **state)
{
    (void)state;
    struct frame frame =
        frame_of(ICMP("03") "4500 0400 1234 4000 40 06 0000" BACK "01bb c350 00000064");
    struct corr_layers layers;
    read_exactly(ETW_LINK_ETHERNET, frame.bytes, frame.size - 1, &layers);
    assert_true(layers.quoted.has_ports);
    assert_false(layers.quoted.has_tcp_seq);
    read_exactly(ETW_LINK_ETHERNET, frame.bytes, frame.size - 5, &layers);
    assert_true(layers.has_quoted);
    assert_false(layers.quoted.has_ports);
    read_exactly(ETW_LINK_ETHERNET, frame.bytes, frame.size - 9, &layers);
    assert_false(layers.has_quoted);
    assert_true(layers.has_icmp);
}

static void messages_that_are_no_errors_quote_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *frame;
        bool has_icmp;
        uint8_t type, code;
    } rows[] = {
        {ICMP("08") QUOTED_UDP, true, 8, 0},
        {ICMP("00") QUOTED_UDP, true, 0, 0},
        {ICMP("2b") QUOTED_UDP, true, 43, 0}, /* 32 + 11 */
        {ICMPV6("80") QUOTED_TCP6, true, 128, 0},
        {ICMPV6("87") REDIRECT_TO QUOTED_TCP6, true, 135, 0},
        {ICMPV6("0b") QUOTED_TCP6, true, 11, 0},
        /* errors about another IP version, or about nothing */
        {ICMP("03") QUOTED_TCP6, true, 3, 0},
        {ICMPV6("01") QUOTED_UDP, true, 1, 0},
        {ICMP("03") "4400 0020 1234 0000 40 11 0000" BACK UDP_HEADER, true, 3, 0},
        /* a redirect without the packet, and one with an option of no length */
        {ICMPV6("89") BACK6 "0201 020000000002", true, 137, 0},
        {ICMPV6("89") BACK6 "0200 020000000002 0408 0000 00000000" QUOTED_TCP6, true, 137, 0},
        /* cut, and of the wrong IP version */
        {IPV4 "4500 0038 0000 0000 40 01 0000" ENDS "030d", true, 3, 13},
        {IPV4 "4500 0038 0000 0000 40 01 0000" ENDS "03", false, 0, 0},
        {IPV4 "4500 0038 0000 00b9 40 01 0000" ENDS "0300 0000 00000000" QUOTED_UDP, false, 0, 0},
        /* the quote is behind the packet's end */
        {IPV4 "4500 001c 0000 0000 40 01 0000" ENDS "0303 0000 00000000" QUOTED_UDP, true, 3, 3},
        {IPV4 "4500 0038 0000 0000 40 3a 0000" ENDS "0100 0000 00000000" QUOTED_UDP, false, 0, 0},
        {IPV6 "6000 0000 0038 01 40" IPV6_HEAD "0300 0000 00000000" QUOTED_TCP6, false, 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct corr_layers layers;
        read_text(ETW_LINK_ETHERNET, rows[i].frame, &layers);
        assert_int_equal(layers.has_icmp, rows[i].has_icmp);
        assert_int_equal(layers.icmp_type, rows[i].type);
        assert_int_equal(layers.icmp_code, rows[i].code);
        assert_false(layers.has_quoted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fragments_say_which_they_are_and_of_what),
        cmocka_unit_test(hop_limits_identifications_and_windows_are_read),
        cmocka_unit_test(the_payload_is_as_long_as_its_headers_say),
        cmocka_unit_test(protocols_are_named_behind_every_extension_header),
        cmocka_unit_test(a_chain_of_extension_headers_ends_with_the_frame),
        cmocka_unit_test(the_flow_that_an_error_quotes_is_read),
        cmocka_unit_test(a_quote_cut_anywhere_says_what_is_there),
        cmocka_unit_test(ports_are_read_without_the_sequence_number),
        cmocka_unit_test(messages_that_are_no_errors_quote_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
