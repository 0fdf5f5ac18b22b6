/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "correlate/packet_routes.h"
#include "pcapout/pcapng.h"
#include "tests/unit/sample_packets.h"

enum { SECTION = 0x0A0D0D0A, INTERFACE = 1, STATISTICS = 5, PACKET = 6 };

struct fixture {
    struct corr_adapters *adapters;
    struct out_file *file;
    struct out_pcapng *writer;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    if (!fixture || corr_adapters_new(&fixture->adapters, NULL) ||
        out_file_open_memory(&fixture->file, NULL)) {
        return -1;
    }
    sample_adapter(fixture->adapters, 12, 6, u"Ethernet", u"Example Gigabit Adapter");
    sample_component(fixture->adapters, 7, 4, u"TCPIP", 12);
    sample_component(fixture->adapters, 8, 2, u"two words", 12);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    out_pcapng_free(fixture->writer);
    out_file_abort(fixture->file);
    corr_adapters_free(fixture->adapters);
    free(fixture);
    return 0;
}

static void begin(struct fixture *fixture, struct out_pcapng_options options)
{
    static const char *const comments[] = {"first\nline", "\x1b[2J"};
    static const struct out_section section = {.os = "Windows 10.0.19044",
                                               .application = "etwtrail",
                                               .comments = comments,
                                               .comment_count = 2};
    assert_int_equal(out_pcapng_new(fixture->file, fixture->adapters, &section, &options,
                                    &fixture->writer, NULL),
                     ETW_OK);
}

static void add(struct fixture *fixture, const struct corr_packet *packet)
{
    assert_int_equal(out_pcapng_packet(fixture->writer, packet, NULL), ETW_OK);
}

/* The block with this number among those of its type; its lengths are checked. */
static struct bytes find_block(const struct fixture *fixture, uint32_t type, unsigned number)
{
    size_t size = 0;
    const uint8_t *data = out_file_get_memory(fixture->file, &size);
    struct bytes all = bytes_of(data, size);
    while (bytes_left(&all) > 0) {
        uint32_t found = bytes_u32(&all);
        uint32_t length = bytes_u32(&all);
        assert_int_equal(length % 4, 0);
        struct bytes body = bytes_sub(&all, length - 12);
        assert_int_equal(bytes_u32(&all), length);
        assert_false(all.failed);
        if (found == type && number-- == 0) {
            return body;
        }
    }
    return (struct bytes){.failed = true};
}

/* The value of an option of a block whose options begin at `start`. */
static struct bytes find_option(struct bytes block, size_t start, unsigned code, unsigned number)
{
    bytes_seek(&block, start);
    while (bytes_left(&block) > 0) {
        unsigned found = bytes_u16(&block);
        size_t length = bytes_u16(&block);
        struct bytes value = bytes_sub(&block, length);
        bytes_skip(&block, (4 - length % 4) % 4);
        assert_false(block.failed);
        if (found == 0) {
            assert_int_equal(bytes_left(&block), 0);
            break;
        }
        if (found == code && number-- == 0) {
            return value;
        }
    }
    return (struct bytes){.failed = true};
}

static struct bytes packet_option(const struct fixture *fixture, unsigned packet, unsigned code,
                                  unsigned number)
{
    struct bytes block = find_block(fixture, PACKET, packet);
    assert_false(block.failed);
    size_t captured = load_u32(block.data + 12);
    return find_option(block, 20 + (captured + 3) / 4 * 4, code, number);
}

static void check_text(struct bytes value, const char *expected)
{
    assert_false(value.failed);
    assert_int_equal(value.size, strlen(expected));
    assert_memory_equal(value.data, expected, value.size);
}

static void the_section_says_who_wrote_it_and_where_it_is_from(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, (struct out_pcapng_options){0});
    struct bytes block = find_block(fixture, SECTION, 0);
    assert_int_equal(load_u32(block.data), 0x1A2B3C4D);
    assert_int_equal(load_u64(block.data + 8), UINT64_MAX);
    assert_true(find_option(block, 16, 2, 0).failed);
    check_text(find_option(block, 16, 3, 0), "Windows 10.0.19044");
    check_text(find_option(block, 16, 4, 0), "etwtrail");
    check_text(find_option(block, 16, 1, 0), "first\nline");
    check_text(find_option(block, 16, 1, 1), "\xEF\xBF\xBD[2J");
}

static void an_interface_stands_before_its_first_packet(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, (struct out_pcapng_options){0});
    assert_true(find_block(fixture, INTERFACE, 0).failed);
    struct corr_packet packet = sample_packet(sample_syn, sizeof(sample_syn));
    add(fixture, &packet);
    struct bytes block = find_block(fixture, INTERFACE, 0);
    assert_int_equal(load_u16(block.data), 1);
    assert_int_equal(load_u32(block.data + 4), 0);
    check_text(find_option(block, 8, 2, 0), "Ethernet");
    check_text(find_option(block, 8, 3, 0), "Example Gigabit Adapter");
    assert_memory_equal(find_option(block, 8, 6, 0).data, "\2\0\0\0\0\1", 6);
    assert_int_equal(load_u64(find_option(block, 8, 8, 0).data), 1000000000);
    assert_int_equal(find_option(block, 8, 9, 0).data[0], 7);
}

static void a_packet_keeps_its_bytes_time_and_lengths(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, (struct out_pcapng_options){0});
    for (uint32_t size = 0; size <= sizeof(sample_syn); size++) {
        struct corr_packet packet = sample_packet(sample_syn, sizeof(sample_syn));
        packet.captured = size;
        packet.frame = size;
        add(fixture, &packet);
        struct bytes block = find_block(fixture, PACKET, size);
        uint64_t ticks = (uint64_t)load_u32(block.data + 4) << 32 | load_u32(block.data + 8);
        assert_int_equal(ticks, SAMPLE_TIME - UTC_UNIX_EPOCH);
        assert_int_equal(load_u32(block.data + 12), size);
        assert_int_equal(load_u32(block.data + 16), sizeof(sample_syn));
        assert_memory_equal(block.data + 20, sample_syn, size);
        assert_int_equal(load_u64(packet_option(fixture, size, 5, 0).data), size);
    }
}

static void flags_say_direction_and_reception(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const uint8_t *data;
        size_t size;
        enum etw_direction direction;
        uint32_t flags;
    } cases[] = {
        {sample_syn, sizeof(sample_syn), ETW_DIRECTION_OUT, 2 | 1 << 2},
        {sample_syn, sizeof(sample_syn), ETW_DIRECTION_IN, 1 | 1 << 2},
        {sample_udp6, sizeof(sample_udp6), ETW_DIRECTION_IN, 1 | 2 << 2},
        {sample_arp, sizeof(sample_arp), ETW_DIRECTION_UNKNOWN, 3 << 2},
        {sample_arp, 3, ETW_DIRECTION_OUT, 2},
    };
    begin(fixture, (struct out_pcapng_options){0});
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct corr_packet packet = sample_packet(cases[i].data, cases[i].size);
        packet.direction = cases[i].direction;
        add(fixture, &packet);
        assert_int_equal(load_u32(packet_option(fixture, i, 2, 0).data), cases[i].flags);
    }
}

static void comments_have_their_keys_in_fixed_order(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, (struct out_pcapng_options){0});
    struct corr_packet packet = sample_packet(sample_syn, sizeof(sample_syn));
    static const struct {
        uint64_t frame;
        enum corr_no_owner reason;
        const char *comment;
    } cases[] = {
        {1, CORR_NO_EVENTS, "frame=1 reason=no-events"},
        {12, CORR_UNKNOWN, "frame=12 reason=unknown"},
        {4294967296, CORR_UNKNOWN, "frame=4294967296 reason=unknown"},
        {UINT64_MAX, CORR_NO_EVENTS, "frame=18446744073709551615 reason=no-events"},
    };
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        packet.frame = cases[i].frame;
        packet.verdict.reason = cases[i].reason & 15u;
        add(fixture, &packet);
        check_text(packet_option(fixture, i, 1, 0), cases[i].comment);
    }
}

static void a_dropped_packet_says_why_and_where(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, (struct out_pcapng_options){0});
    struct corr_packet packet = sample_sighting(sample_syn, sizeof(sample_syn), 7, 1);
    packet.drop = (struct corr_drop){
        .is_dropped = true, .reason = 1204, .location = 0xE0004601, .component = 7};
    add(fixture, &packet);
    check_text(packet_option(fixture, 0, 1, 0),
               "frame=1 reason=no-events drop=INET_EndpointNotFound "
               "location=TCPIP_TL_RCV_UDP_DELIVER1 by=TCPIP");
    struct bytes xdp = packet_option(fixture, 0, 7, 0);
    assert_int_equal(xdp.size, 9);
    assert_memory_equal(xdp.data, "\2\1\0\0\0\0\0\0\0", 9);
    struct bytes text = packet_option(fixture, 0, 7, 1);
    assert_int_equal(bytes_u8(&text), 0);
    text = bytes_of(text.data + 1, text.size - 1);
    check_text(text, "INET_EndpointNotFound/TCPIP_TL_RCV_UDP_DELIVER1");

    packet.drop =
        (struct corr_drop){.is_dropped = true, .reason = 99999, .location = 0x1234, .component = 8};
    add(fixture, &packet);
    check_text(packet_option(fixture, 1, 1, 0),
               "frame=1 reason=no-events drop=99999 location=0x00001234 by=\"two words\"");
}

static void all_appearances_say_where_each_was_seen(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, (struct out_pcapng_options){.all_appearances = true});
    struct corr_packet packet = sample_sighting(sample_syn, sizeof(sample_syn), 7, 1);
    add(fixture, &packet);
    packet.edge = 2;
    add(fixture, &packet);
    check_text(packet_option(fixture, 0, 1, 0),
               "frame=1 reason=no-events component=TCPIP edge=1 appearance=2 "
               "group=281474976710657 number=1 filter=3");
    assert_int_equal(load_u32(find_block(fixture, PACKET, 0).data), 0);
    assert_int_equal(load_u32(find_block(fixture, PACKET, 1).data), 1);
    check_text(find_option(find_block(fixture, INTERFACE, 1), 8, 2, 0),
               "Ethernet / TCPIP (edge 2)");
}

static void comments_can_be_few_or_none_or_without_owners(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        struct out_pcapng_options options;
        const char *first, *second; /* NULL: no comment */
    } cases[] = {
        {{.comments = OUT_COMMENTS_ALL}, "frame=1 reason=no-events", "frame=1 reason=no-events"},
        {{.comments = OUT_COMMENTS_FIRST}, "frame=1 reason=no-events", NULL},
        {{.comments = OUT_COMMENTS_NONE}, NULL, NULL},
        {{.without_owners = true}, "frame=1", "frame=1"},
    };
    struct corr_packet packet = sample_packet(sample_syn, sizeof(sample_syn));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        out_file_abort(fixture->file);
        assert_int_equal(out_file_open_memory(&fixture->file, NULL), ETW_OK);
        out_pcapng_free(fixture->writer);
        begin(fixture, cases[i].options);
        for (unsigned k = 0; k < 2; k++) {
            const char *expected = k == 0 ? cases[i].first : cases[i].second;
            add(fixture, &packet);
            if (expected) {
                check_text(packet_option(fixture, k, 1, 0), expected);
            } else {
                assert_true(packet_option(fixture, k, 1, 0).failed);
            }
        }
    }
}

static void the_protected_bit_of_plain_frames_is_cleared_in_the_copy(void **state)
{
    struct fixture *fixture = *state;
    for (int keep = 0; keep < 2; keep++) {
        out_file_abort(fixture->file);
        assert_int_equal(out_file_open_memory(&fixture->file, NULL), ETW_OK);
        out_pcapng_free(fixture->writer);
        begin(fixture, (struct out_pcapng_options){.keep_protected = keep == 1});
        struct corr_packet packet = sample_packet(sample_wifi, sizeof(sample_wifi));
        packet.link = ETW_LINK_IEEE80211;
        packet.layers.is_protected_plain = true;
        add(fixture, &packet);
        assert_int_equal(out_pcapng_finish(fixture->writer, NULL), ETW_OK);
        struct bytes block = find_block(fixture, PACKET, 0);
        assert_int_equal(block.data[21], keep ? 0x41 : 0x01);
        assert_memory_equal(block.data + 22, sample_wifi + 2, sizeof(sample_wifi) - 2);
        struct bytes statistics = find_block(fixture, STATISTICS, 0);
        assert_int_equal(find_option(statistics, 12, 1, 0).failed, keep);
        assert_int_equal(load_u16(find_block(fixture, INTERFACE, 0).data), 105);
    }
}

/* The header stands before the frame and counts in both lengths; the bit is cleared behind it. */
static void frames_of_a_trace_with_radio_data_stand_behind_radiotap(void **state)
{
    struct fixture *fixture = *state;
    static const uint8_t header[] = {0, 0, 10, 0, 0x24, 0, 0, 0, 108, 0xCD};
    static const uint8_t empty[] = {0, 0, 8, 0, 0, 0, 0, 0};
    struct etw_event event = {.kind = ETW_EVENT_RECEPTION, .u.reception.is_readable = true};
    assert_int_equal(corr_adapters_learn(fixture->adapters, &event, NULL), ETW_OK);
    begin(fixture, (struct out_pcapng_options){0});
    struct corr_packet packet = sample_packet(sample_wifi, sizeof(sample_wifi));
    packet.link = ETW_LINK_IEEE80211;
    packet.layers.is_protected_plain = true;
    packet.original = sizeof(sample_wifi) + 100;
    packet.has_reception = true;
    packet.reception = (struct etw_reception){
        .has = ETW_HAS_RATE | ETW_HAS_SIGNAL, .rate = 108, .signal = -51, .is_readable = true};
    add(fixture, &packet);
    packet.has_reception = false;
    add(fixture, &packet);
    struct bytes block = find_block(fixture, PACKET, 0);
    assert_int_equal(load_u16(find_block(fixture, INTERFACE, 0).data), 127);
    assert_int_equal(load_u32(block.data + 12), sizeof(header) + sizeof(sample_wifi));
    assert_int_equal(load_u32(block.data + 16), sizeof(header) + sizeof(sample_wifi) + 100);
    assert_memory_equal(block.data + 20, header, sizeof(header));
    assert_int_equal(block.data[20 + sizeof(header)], sample_wifi[0]);
    assert_int_equal(block.data[20 + sizeof(header) + 1], 0x01);
    assert_memory_equal(block.data + 20 + sizeof(header) + 2, sample_wifi + 2,
                        sizeof(sample_wifi) - 2);
    block = find_block(fixture, PACKET, 1);
    assert_memory_equal(block.data + 20, empty, sizeof(empty));
    assert_int_equal(load_u32(block.data + 12), sizeof(empty) + sizeof(sample_wifi));
    assert_true(find_block(fixture, INTERFACE, 1).failed); /* one link type for both */
    check_text(packet_option(fixture, 1, 1, 0), "frame=1 reason=no-events");
}

static void comments_say_where_switched_packets_pass(void **state)
{
    struct fixture *fixture = *state;
    static const struct corr_port to[] = {{4, "", "db 01", ""}, {7, "", "", ""}};
    static const struct {
        struct corr_route route;
        uint16_t vlan;
        const char *comment;
    } cases[] = {
        {{.kind = ETW_ROUTE_SWITCH, .from = {3, "", "web", ""}, .to = to, .to_count = 2},
         20,
         "frame=1 reason=no-events port=3 nic=web to=4;7 to_nics=\"db 01;\" vlan=20"},
        {{.kind = ETW_ROUTE_SWITCH, .source = 1, .from = {5, "", "", ""}},
         0,
         "frame=1 reason=no-events port=5"},
        {{.kind = ETW_ROUTE_RAS, .source = 2, .user = "a b", .routing_domain = ""},
         0,
         "frame=1 reason=no-events user=\"a b\""},
    };
    begin(fixture, (struct out_pcapng_options){0});
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct corr_packet packet = sample_packet(sample_syn, sizeof(sample_syn));
        packet.route = &cases[i].route;
        packet.vlan = cases[i].vlan;
        add(fixture, &packet);
        check_text(packet_option(fixture, i, 1, 0), cases[i].comment);
    }
}

/* Forged names of any length leave the option within its 16-bit length. */
static void names_of_ports_are_cut_in_comments(void **state)
{
    struct fixture *fixture = *state;
    static char name[100000];
    struct corr_port to[CORR_ROUTE_PORTS];
    memset(name, '"', sizeof(name) - 1); /* each becomes two characters */
    for (uint32_t i = 0; i < CORR_ROUTE_PORTS; i++) {
        to[i] = (struct corr_port){i, name, name, name};
    }
    const struct corr_route routes[] = {
        {.kind = ETW_ROUTE_SWITCH, .from = {3, name, name, name}, .to = to, .to_count = 64},
        {.kind = ETW_ROUTE_RAS, .source = 1, .user = name, .routing_domain = name}};
    begin(fixture, (struct out_pcapng_options){0});
    for (unsigned i = 0; i < 2; i++) {
        struct corr_packet packet = sample_packet(sample_syn, sizeof(sample_syn));
        packet.route = &routes[i];
        add(fixture, &packet);
        struct bytes comment = packet_option(fixture, i, 1, 0);
        assert_false(comment.failed);
        assert_in_range(comment.size, 512, 16384);
    }
}

static void interfaces_have_the_link_types_of_the_registry(void **state)
{
    struct fixture *fixture = *state;
    static const uint16_t types[ETW_LINK_COUNT] = {101, 1, 101, 105, 9};
    begin(fixture, (struct out_pcapng_options){0});
    for (uint32_t link = 0; link < ETW_LINK_COUNT; link++) {
        struct corr_packet packet = sample_packet(sample_syn, sizeof(sample_syn));
        packet.link = (enum etw_link)link;
        packet.interface_index = link;
        add(fixture, &packet);
    }
    for (uint32_t link = 0; link < ETW_LINK_COUNT; link++) {
        assert_int_equal(load_u16(find_block(fixture, INTERFACE, link).data), types[link]);
    }
}

static void statistics_count_packets_and_the_monitors_drops(void **state)
{
    struct fixture *fixture = *state;
    struct etw_event event = {.kind = ETW_EVENT_DROP_COUNTERS};
    event.u.counters.component = 7;
    event.u.counters.in.packets = 5;
    event.u.counters.out.packets = 2;
    assert_int_equal(corr_adapters_learn(fixture->adapters, &event, NULL), ETW_OK);
    begin(fixture, (struct out_pcapng_options){0});
    struct corr_packet packet = sample_sighting(sample_syn, sizeof(sample_syn), 7, 1);
    add(fixture, &packet);
    packet.time += 10000000;
    add(fixture, &packet);
    packet.interface_index = 99;
    add(fixture, &packet);
    assert_int_equal(out_pcapng_finish(fixture->writer, NULL), ETW_OK);
    struct bytes block = find_block(fixture, STATISTICS, 0);
    uint64_t first = SAMPLE_TIME - UTC_UNIX_EPOCH;
    assert_int_equal(load_u32(block.data), 0);
    struct bytes start = find_option(block, 12, 2, 0);
    struct bytes end = find_option(block, 12, 3, 0);
    assert_int_equal((uint64_t)load_u32(start.data) << 32 | load_u32(start.data + 4), first);
    assert_int_equal((uint64_t)load_u32(end.data) << 32 | load_u32(end.data + 4), first + 10000000);
    assert_int_equal(load_u64(find_option(block, 12, 4, 0).data), 2);
    assert_int_equal(load_u64(find_option(block, 12, 7, 0).data), 7);
    assert_true(find_option(find_block(fixture, STATISTICS, 1), 12, 7, 0).failed);
}

static void a_file_without_packets_still_has_an_interface(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, (struct out_pcapng_options){0});
    assert_int_equal(out_pcapng_finish(fixture->writer, NULL), ETW_OK);
    struct bytes block = find_block(fixture, INTERFACE, 0);
    assert_int_equal(load_u16(block.data), 1);
    check_text(find_option(block, 8, 2, 0), "Ethernet");
    assert_true(find_block(fixture, STATISTICS, 0).failed);
    assert_false(out_pcapng_has_mixed_links(fixture->writer));
}

static void mixed_link_types_are_noticed(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, (struct out_pcapng_options){0});
    struct corr_packet packet = sample_packet(sample_syn, sizeof(sample_syn));
    add(fixture, &packet);
    packet.interface_index = 13;
    add(fixture, &packet);
    assert_false(out_pcapng_has_mixed_links(fixture->writer));
    packet.link = ETW_LINK_IEEE80211;
    add(fixture, &packet);
    assert_true(out_pcapng_has_mixed_links(fixture->writer));
}

static void a_snap_length_cuts_bytes_and_leaves_the_length(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, (struct out_pcapng_options){.snap_length = 33});
    struct corr_packet packet = sample_packet(sample_syn, sizeof(sample_syn));
    add(fixture, &packet);
    packet = sample_packet(sample_syn, 20);
    add(fixture, &packet);
    assert_int_equal(load_u32(find_block(fixture, INTERFACE, 0).data + 4), 33);
    struct bytes block = find_block(fixture, PACKET, 0);
    assert_int_equal(load_u32(block.data + 12), 33);
    assert_int_equal(load_u32(block.data + 16), 66);
    assert_memory_equal(block.data + 20, sample_syn, 33);
    assert_int_equal(load_u64(find_option(block, 56, 5, 0).data), 1); /* the frame */
    block = find_block(fixture, PACKET, 1);
    assert_int_equal(load_u32(block.data + 12), 20);
    assert_int_equal(load_u32(block.data + 16), 20);
}

static void pktap_headers_stand_before_packets_of_one_link_type(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, (struct out_pcapng_options){.snap_length = 40,
                                               .process_blocks = OUT_PROCESS_BLOCKS_PKTAP});
    struct corr_packet packet = sample_packet(sample_syn, sizeof(sample_syn));
    add(fixture, &packet);
    packet = sample_packet(sample_wifi, sizeof(sample_wifi));
    packet.link = ETW_LINK_IEEE80211;
    corr_layers_read(packet.link, sample_wifi, sizeof(sample_wifi), &packet.layers);
    add(fixture, &packet);
    for (unsigned i = 0; i < 2; i++) {
        struct bytes interface = find_block(fixture, INTERFACE, i);
        assert_int_equal(load_u16(interface.data), 258);
        assert_int_equal(load_u32(interface.data + 4), 108 + 40);
    }
    struct bytes block = find_block(fixture, PACKET, 0);
    assert_int_equal(load_u32(block.data + 12), 108 + 40);
    assert_int_equal(load_u32(block.data + 16), 108 + 66);
    assert_int_equal(load_u32(block.data + 20), 108);
    assert_memory_equal(block.data + 20 + 108, sample_syn, 40);
    block = find_block(fixture, PACKET, 1);
    assert_int_equal(block.data[20 + 108], sample_wifi[0]);
    assert_int_equal(block.data[20 + 108 + 1], sample_wifi[1] & ~0x40); /* no longer Protected */
    assert_false(out_pcapng_has_mixed_links(fixture->writer));
}

static void a_packet_longer_than_wireshark_reads_is_cut(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, (struct out_pcapng_options){0});
    uint8_t *data = calloc(1, 300000);
    assert_non_null(data);
    struct corr_packet packet = sample_packet(data, 300000);
    add(fixture, &packet);
    struct bytes block = find_block(fixture, PACKET, 0);
    assert_int_equal(load_u32(block.data + 12), 262144);
    assert_int_equal(load_u32(block.data + 16), 300000);
    free(data);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_section_says_who_wrote_it_and_where_it_is_from),
        CASE(an_interface_stands_before_its_first_packet),
        CASE(a_packet_keeps_its_bytes_time_and_lengths),
        CASE(flags_say_direction_and_reception),
        CASE(comments_have_their_keys_in_fixed_order),
        CASE(a_dropped_packet_says_why_and_where),
        CASE(all_appearances_say_where_each_was_seen),
        CASE(comments_can_be_few_or_none_or_without_owners),
        CASE(the_protected_bit_of_plain_frames_is_cleared_in_the_copy),
        CASE(frames_of_a_trace_with_radio_data_stand_behind_radiotap),
        CASE(comments_say_where_switched_packets_pass),
        CASE(names_of_ports_are_cut_in_comments),
        CASE(interfaces_have_the_link_types_of_the_registry),
        CASE(statistics_count_packets_and_the_monitors_drops),
        CASE(a_file_without_packets_still_has_an_interface),
        CASE(mixed_link_types_are_noticed),
        CASE(a_snap_length_cuts_bytes_and_leaves_the_length),
        CASE(pktap_headers_stand_before_packets_of_one_link_type),
        CASE(a_packet_longer_than_wireshark_reads_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
