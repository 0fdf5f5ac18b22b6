/* SPDX-License-Identifier: MIT */
/*
 * sample_pktmon.c - what `pktmon start --capture` records: every packet many times on
 * its way through the network stack, one of them dropped because nobody listened, and the
 * description of the stack only at the end.
 *
 *     component 13  tcpip.sys, transport        (drops)
 *     component 12  tcpip.sys, link layer       edge 1
 *     component 11  a filter driver             edges 2 (upper), 1 (lower)
 *     component 10  the adapter                 edge 1
 */
#include "samples.h"

#include <string.h>

enum { ADAPTER = 10, FILTER = 11, LINK_LAYER = 12, TRANSPORT = 13 };
enum { POINT_COUNT = 4, SNAP_LENGTH = 128 };
enum { REASON_NO_ENDPOINT = 1204, ETHERNET_HEADER_SIZE = 14 };
/* Receive path of TCP, segments for existing endpoints. */
#define LOCATION_TCP_RECEIVE UINT32_C(0xE0004506)

/* Where a packet is seen, from the wire up. */
static const struct {
    uint16_t component, edge;
    const char *edge_name;
} points[POINT_COUNT] = {
    {ADAPTER, 1, "Upper"}, {FILTER, 1, "Lower"}, {FILTER, 2, "Upper"}, {LINK_LAYER, 1, "Lower"}};

static const struct {
    uint16_t id, type;
    const char *name, *description;
} components[] = {{TRANSPORT, 11, "tcpip.sys", "TCP/IPv4 - L3/L4"},
                  {LINK_LAYER, 4, "tcpip.sys", "TCP/IPv4 - L2"},
                  {FILTER, 3, "exfilter.sys", "Example Lightweight Filter"},
                  {ADAPTER, 2, "exgbe.sys", "Example Gigabit Adapter"}};

struct tally {
    uint64_t packets[2], bytes[2]; /* received, sent */
};

struct monitor {
    struct scene *scene;
    struct tally tallies[POINT_COUNT];
    uint64_t dropped_bytes;
    uint64_t counter;        /* of packet groups */
    bool counts_appearances; /* up to Windows Server 2022; later ones log 0 */
};

struct etl_options sample_pktmon_options(void)
{
    struct etl_options options = scene_options();
    options.session_name = "Relogger";
    options.file_name = "C:\\traces\\PktMon.etl";
    options.mode = ETL_MODE_SEQUENTIAL | ETL_MODE_RELOGGED | ETL_MODE_COMPRESSED;
    options.buffer_size = 0x100000;
    options.cpu_count = 4;
    options.maximum_file_size = 512;
    return options;
}

static size_t add_event(struct scene *scene, uint16_t cpu, int64_t at, uint16_t id)
{
    bool is_packet = id == 160 || id == 170;
    struct etl_event event = {.provider = &guid_pktmon,
                              .id = id,
                              .process_id = is_packet ? 0 : 9128,
                              .thread_id = is_packet ? 0 : 3540,
                              .keyword = is_packet ? PKTMON_KEYWORD_PACKET : PKTMON_KEYWORD_CONFIG,
                              .payload = scene->payload.data,
                              .payload_size = scene->payload.size};
    size_t record = scene_event(scene, cpu, at, &event);
    block_clear(&scene->payload);
    return record;
}

static size_t add_sighting(struct monitor *monitor, uint16_t cpu, int64_t at,
                           struct pktmon_sighting sighting)
{
    payload_pktmon_sighting(&monitor->scene->payload, &sighting);
    return add_event(monitor->scene, cpu, at, sighting.drop_reason ? 170 : 160);
}

static uint64_t next_group(struct monitor *monitor, uint16_t cpu)
{
    return (uint64_t)cpu << 48 | ++monitor->counter;
}

/* The frame in `scene->frame`, seen at every point on its way, 2 us apart. Received
 * packets come from the wire up, sent ones down to it. */
static struct truth_packet *add_packet(struct monitor *monitor, uint16_t cpu, int64_t at,
                                       bool is_out)
{
    struct scene *scene = monitor->scene;
    size_t size = scene->frame.size < SNAP_LENGTH ? scene->frame.size : SNAP_LENGTH;
    struct pktmon_sighting sighting = {.group = next_group(monitor, cpu),
                                       .number = 1,
                                       .direction = is_out ? PKTMON_TX : PKTMON_RX,
                                       .packet_type = PKTMON_ETHERNET,
                                       .filter = 1,
                                       .original_size = (uint16_t)scene->frame.size,
                                       .data = scene->frame.data,
                                       .size = (uint16_t)size};
    size_t nearest = 0;
    for (unsigned i = 0; i < POINT_COUNT; i++) {
        size_t point = is_out ? POINT_COUNT - 1u - i : i;
        sighting.component = points[point].component;
        sighting.edge = points[point].edge;
        sighting.appearance = monitor->counts_appearances ? (uint16_t)(i + 1) : 0;
        size_t record = add_sighting(monitor, cpu, at + MICROSECONDS(2) * i, sighting);
        nearest = point == 0 ? record : nearest;
        monitor->tallies[point].packets[is_out]++;
        monitor->tallies[point].bytes[is_out] += scene->frame.size;
        if (!monitor->counts_appearances) {
            sighting.group = next_group(monitor, cpu);
        }
    }
    struct truth_packet *packet = scene_note_packet(scene, nearest);
    if (packet) {
        packet->direction = is_out ? DIRECTION_OUT : DIRECTION_IN;
        packet->captured = (uint32_t)size;
        packet->original = (uint32_t)scene->frame.size;
        packet->sightings = POINT_COUNT;
    }
    return packet;
}

/* A SYN for a port without a listener: dropped by the transport, answered with RST. */
static void add_drop(struct monitor *monitor, int64_t at)
{
    struct scene *scene = monitor->scene;
    struct endpoint peer = server, closed = host;
    struct path in = {&peer, &closed}, out = {&closed, &peer};
    peer.port = 51515;
    closed.port = 8081;
    struct tcp_segment syn = {.sequence = 5000, .flags = TCP_SYN, .window = 8192, .ip_id = 0x0101};
    frame_ethernet(&scene->frame, &in, ETHER_IPV4);
    frame_tcp4(&scene->frame, &in, &syn);
    struct truth_packet *packet = add_packet(monitor, 1, at, false);
    if (packet) {
        packet->sightings++;
        packet->drop_reason = REASON_NO_ENDPOINT;
    }
    struct pktmon_sighting drop = {.group = UINT64_C(1) << 48 | monitor->counter,
                                   .number = 1,
                                   .appearance = POINT_COUNT + 1,
                                   .direction = PKTMON_RX,
                                   .packet_type = PKTMON_IP,
                                   .component = TRANSPORT,
                                   .filter = 1,
                                   .drop_reason = REASON_NO_ENDPOINT,
                                   .drop_location = LOCATION_TCP_RECEIVE,
                                   .original_size =
                                       (uint16_t)(scene->frame.size - ETHERNET_HEADER_SIZE),
                                   .data = scene->frame.data + ETHERNET_HEADER_SIZE,
                                   .size = (uint16_t)(scene->frame.size - ETHERNET_HEADER_SIZE)};
    (void)add_sighting(monitor, 1, at + MICROSECONDS(9), drop);
    monitor->dropped_bytes += drop.original_size;
    block_clear(&scene->frame);

    struct tcp_segment reset = {
        .acknowledgement = 5001, .flags = TCP_RST | TCP_ACK, .ip_id = 0x0102};
    frame_ethernet(&scene->frame, &out, ETHER_IPV4);
    frame_tcp4(&scene->frame, &out, &reset);
    (void)add_packet(monitor, 1, at + MICROSECONDS(30), true);
    block_clear(&scene->frame);
}

static void add_echo(struct monitor *monitor, int64_t at, uint16_t sequence)
{
    static const struct path out = {&host, &gateway}, in = {&gateway, &host};
    struct scene *scene = monitor->scene;
    frame_ethernet(&scene->frame, &out, ETHER_IPV4);
    frame_echo4(&scene->frame, &out, false, sequence, 32);
    (void)add_packet(monitor, 0, at, true);
    block_clear(&scene->frame);
    frame_ethernet(&scene->frame, &in, ETHER_IPV4);
    frame_echo4(&scene->frame, &in, true, sequence, 32);
    (void)add_packet(monitor, 2, at + MICROSECONDS(730), false);
    block_clear(&scene->frame);
}

/* Two equal datagrams soon after each other, then one that is longer than what the
 * monitor keeps. */
static void add_datagrams(struct monitor *monitor, int64_t at)
{
    static const size_t sizes[] = {24, 24, 900};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        make_udp_frame(monitor->scene, true, 7, sizes[i]);
        (void)add_packet(monitor, 3, at + MICROSECONDS(300) * (int64_t)i, true);
        block_clear(&monitor->scene->frame);
    }
}

static void add_flow_counters(struct monitor *monitor, uint16_t component, int64_t at)
{
    for (size_t i = 0; i < POINT_COUNT; i++) {
        const struct tally *tally = &monitor->tallies[i];
        struct pktmon_counters counters = {.component = component,
                                           .edge_name = points[i].edge_name,
                                           .edge = points[i].edge,
                                           .direction_in = PKTMON_RX,
                                           .direction_out = PKTMON_TX,
                                           .packets_in = tally->packets[0],
                                           .bytes_in = tally->bytes[0],
                                           .packets_out = tally->packets[1],
                                           .bytes_out = tally->bytes[1]};
        if (points[i].component == component) {
            payload_pktmon_counters(&monitor->scene->payload, &counters);
            (void)add_event(monitor->scene, 3, at, 90);
        }
    }
}

/* Everything about one component: events 20, 30, 60, 65, 66, 70, 75, 80, 90. */
static void add_component(struct monitor *monitor, size_t row, int64_t at)
{
    struct scene *scene = monitor->scene;
    struct byte_block *payload = &scene->payload;
    uint16_t id = components[row].id;
    struct pktmon_counters drops = {
        .component = id, .direction_in = PKTMON_RX, .direction_out = PKTMON_TX};
    payload_pktmon_component(payload, id, components[row].type, components[row].name,
                             components[row].description);
    (void)add_event(scene, 3, at, 20);
    payload_pktmon_number(payload, id, PKTMON_MINIPORT_INDEX, ETHERNET_INTERFACE);
    (void)add_event(scene, 3, at, 30);
    if (id == TRANSPORT) {
        drops.packets_in = 1;
        drops.bytes_in = monitor->dropped_bytes;
        payload_pktmon_address(payload, id, host.ipv4, sizeof(host.ipv4));
        (void)add_event(scene, 3, at, 65);
        payload_pktmon_address(payload, id, host.ipv6, sizeof(host.ipv6));
        (void)add_event(scene, 3, at, 66);
    }
    if (id == LINK_LAYER) {
        payload_pktmon_ether_type(payload, id, ETHER_IPV4);
        (void)add_event(scene, 3, at, 75);
    }
    if (id == ADAPTER) {
        payload_pktmon_number(payload, id, PKTMON_INTERFACE_INDEX, ETHERNET_INTERFACE);
        (void)add_event(scene, 3, at, 30);
        payload_pktmon_medium(payload, id, 0);
        (void)add_event(scene, 3, at, 60);
        payload_pktmon_mac(payload, id, host.mac);
        (void)add_event(scene, 3, at, 70);
    }
    payload_pktmon_counters(payload, &drops);
    (void)add_event(scene, 3, at, 80);
    add_flow_counters(monitor, id, at);
}

void sample_pktmon(struct scene *scene)
{
    struct monitor monitor = {.scene = scene, .counts_appearances = true};
    add_echo(&monitor, MILLISECONDS(12), 1);
    add_drop(&monitor, MILLISECONDS(250));
    monitor.counts_appearances = false;
    add_echo(&monitor, MILLISECONDS(1012), 2);
    add_datagrams(&monitor, MILLISECONDS(1500));
    for (size_t i = 0; i < sizeof(components) / sizeof(components[0]); i++) {
        add_component(&monitor, i, MILLISECONDS(3000) + MICROSECONDS(40) * (int64_t)i);
    }
    sample_interfaces(scene, 3, MILLISECONDS(3001));
}
