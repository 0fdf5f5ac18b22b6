/* SPDX-License-Identifier: MIT */
/*
 * variants_of_monitor.c - what the packet monitor logs, in forms that make it hard to say
 * which sightings are one packet.
 *
 * Three points on the way: the adapter (component 10, edge 1), a filter below (11, 1) and above
 * (11, 2). All packets are received, so the first sighting is the nearest to the wire.
 */
#include "samples.h"

enum { ADAPTER = 10, FILTER = 11, POINT_COUNT = 3 };
enum { REASON_NO_ENDPOINT = 1204 };

static const struct {
    uint16_t component, edge;
} points[POINT_COUNT] = {{ADAPTER, 1}, {FILTER, 1}, {FILTER, 2}};

static size_t add_event(struct scene *scene, int64_t at, uint16_t id, uint64_t keyword)
{
    struct etl_event event = {.provider = &guid_pktmon,
                              .id = id,
                              .keyword = keyword,
                              .payload = scene->payload.data,
                              .payload_size = scene->payload.size};
    size_t record = scene_event(scene, 0, at, &event);
    block_clear(&scene->payload);
    return record;
}

/* The frame in `scene->frame` at one point. What is 0 in `how` gets a usual value. */
static size_t add_sighting(struct scene *scene, int64_t at, size_t point,
                           const struct pktmon_sighting *how)
{
    struct pktmon_sighting sighting = *how;
    sighting.number = how->number ? how->number : 1;
    sighting.direction = how->direction ? how->direction : PKTMON_RX;
    sighting.packet_type = how->packet_type ? how->packet_type : PKTMON_ETHERNET;
    sighting.component = points[point].component;
    sighting.edge = points[point].edge;
    sighting.original_size = (uint16_t)scene->frame.size;
    sighting.size = (uint16_t)scene->frame.size;
    sighting.data = scene->frame.data;
    payload_pktmon_sighting(&scene->payload, &sighting);
    return add_event(scene, at, how->drop_reason ? 170 : 160, PKTMON_KEYWORD_PACKET);
}

static void note(struct scene *scene, size_t record, enum scene_link link, uint32_t sightings)
{
    struct truth_packet *packet = scene_note_packet(scene, record);
    if (packet) {
        packet->direction = DIRECTION_IN;
        packet->link = link;
        packet->captured = (uint32_t)scene->frame.size;
        packet->original = (uint32_t)scene->frame.size;
        packet->sightings = sightings;
    }
}

/* Seen at all points, 3 us apart; every sighting a group of its own when `group` is 0. */
static void add_received(struct scene *scene, int64_t at, uint64_t group)
{
    size_t first = 0;
    for (size_t i = 0; i < POINT_COUNT; i++) {
        struct pktmon_sighting how = {.group = group ? group : 1000000 + scene->record_count,
                                      .appearance = group ? (uint16_t)(i + 1) : 0};
        size_t record = add_sighting(scene, at + MICROSECONDS(3) * (int64_t)i, i, &how);
        first = i == 0 ? record : first;
    }
    note(scene, first, LINK_ETHERNET, POINT_COUNT);
}

static void add_stack(struct scene *scene, int64_t at, uint64_t counted)
{
    static const struct {
        uint16_t id, type;
        const char *name, *description;
    } components[] = {{FILTER, 3, "exfilter.sys", "Example Lightweight Filter"},
                      {ADAPTER, 2, "exgbe.sys", "Example Gigabit Adapter"}};
    for (size_t i = 0; i < sizeof(components) / sizeof(components[0]); i++) {
        payload_pktmon_component(&scene->payload, components[i].id, components[i].type,
                                 components[i].name, components[i].description);
        (void)add_event(scene, at, 20, PKTMON_KEYWORD_CONFIG);
        payload_pktmon_number(&scene->payload, components[i].id, PKTMON_MINIPORT_INDEX,
                              ETHERNET_INTERFACE);
        (void)add_event(scene, at, 30, PKTMON_KEYWORD_CONFIG);
    }
    for (size_t i = 0; i < POINT_COUNT; i++) {
        struct pktmon_counters counters = {.component = points[i].component,
                                           .edge_name = points[i].edge == 1 ? "Lower" : "Upper",
                                           .edge = points[i].edge,
                                           .direction_in = PKTMON_RX,
                                           .direction_out = PKTMON_TX,
                                           .packets_in = counted,
                                           .bytes_in = counted * 62};
        payload_pktmon_counters(&scene->payload, &counters);
        (void)add_event(scene, at, 90, PKTMON_KEYWORD_CONFIG);
    }
}

static void some_packets(struct scene *scene, bool has_groups)
{
    for (uint16_t i = 0; i < 6; i++) {
        make_udp_frame(scene, false, i, 20);
        add_received(scene, MILLISECONDS(1 + i), has_groups ? i + 1u : 0);
        block_clear(&scene->frame);
    }
}

static void without_stack(struct scene *scene)
{
    some_packets(scene, true);
}

static void numbered(struct scene *scene)
{
    some_packets(scene, true);
    add_stack(scene, MILLISECONDS(100), 6);
}

static void not_numbered(struct scene *scene)
{
    some_packets(scene, false);
    add_stack(scene, MILLISECONDS(100), 6);
}

/* The monitor counted two packets more than it logged. */
static void counter_mismatch(struct scene *scene)
{
    some_packets(scene, false);
    add_stack(scene, MILLISECONDS(100), 8);
}

/* Two packets with equal bytes on the way at the same time: the first at one point is the
 * first at the next. */
static void equal_packets(struct scene *scene)
{
    size_t records[2] = {0, 0};
    make_udp_frame(scene, false, 1, 20);
    for (size_t point = 0; point < POINT_COUNT; point++) {
        for (size_t packet = 0; packet < 2; packet++) {
            struct pktmon_sighting how = {.group = 1 + point * 2 + packet};
            size_t record = add_sighting(scene, MILLISECONDS(1) + MICROSECONDS((int64_t)how.group),
                                         point, &how);
            records[packet] = point == 0 ? record : records[packet];
        }
    }
    note(scene, records[0], LINK_ETHERNET, POINT_COUNT);
    note(scene, records[1], LINK_ETHERNET, POINT_COUNT);
    block_clear(&scene->frame);
    add_stack(scene, MILLISECONDS(100), 2);
}

/* Equal bytes at another point, but 5 ms later: doubt means two packets. */
static void late_copy(struct scene *scene)
{
    make_udp_frame(scene, false, 1, 20);
    for (size_t point = 0; point < 2; point++) {
        struct pktmon_sighting how = {.group = 1 + point};
        size_t record = add_sighting(scene, MILLISECONDS(1 + 5 * (int64_t)point), point, &how);
        note(scene, record, LINK_ETHERNET, 1);
    }
    block_clear(&scene->frame);
}

/* The type says WiFi; the bytes are Ethernet. */
static void mislabelled(struct scene *scene)
{
    for (uint16_t i = 0; i < 3; i++) {
        make_udp_frame(scene, false, i, 20);
        struct pktmon_sighting how = {.group = i + 1u, .appearance = 1, .packet_type = PKTMON_WIFI};
        note(scene, add_sighting(scene, MILLISECONDS(1 + i), 0, &how), LINK_ETHERNET, 1);
        block_clear(&scene->frame);
    }
}

/* One packet as an 802.11 frame at the adapter and as Ethernet above: the second is
 * written. */
static void wifi_and_ethernet(struct scene *scene)
{
    static const struct path in = {&server, &host};
    struct pktmon_sighting wifi = {.group = 1, .appearance = 1, .packet_type = PKTMON_WIFI};
    struct pktmon_sighting ethernet = {.group = 1, .appearance = 2};
    frame_wifi(&scene->frame, &in, false, true, ETHER_IPV4);
    frame_udp4(&scene->frame, &in, 1, "over the air", 12);
    (void)add_sighting(scene, MILLISECONDS(1), 0, &wifi);
    block_clear(&scene->frame);
    frame_ethernet(&scene->frame, &in, ETHER_IPV4);
    frame_udp4(&scene->frame, &in, 1, "over the air", 12);
    note(scene, add_sighting(scene, MILLISECONDS(1) + 40, 1, &ethernet), LINK_ETHERNET, 2);
    block_clear(&scene->frame);
}

static void ip_only(struct scene *scene)
{
    static const struct path in = {&server, &host};
    frame_udp4(&scene->frame, &in, 1, "no link layer", 13);
    struct pktmon_sighting how = {.group = 1, .appearance = 1, .packet_type = PKTMON_IP};
    note(scene, add_sighting(scene, MILLISECONDS(1), 0, &how), LINK_IP, 1);
    block_clear(&scene->frame);
}

/* Dropped and nowhere seen before. */
static void drop_only(struct scene *scene)
{
    make_udp_frame(scene, false, 1, 20);
    struct pktmon_sighting how = {.group = 1,
                                  .appearance = 1,
                                  .drop_reason = REASON_NO_ENDPOINT,
                                  .drop_location = UINT32_C(0xE0004601)};
    note(scene, add_sighting(scene, MILLISECONDS(1), 0, &how), LINK_ETHERNET, 1);
    if (!scene->failed) {
        scene->packets[0].drop_reason = REASON_NO_ENDPOINT;
    }
    block_clear(&scene->frame);
}

/* clang-format off */
static void monitor_options(struct etl_options *options)
{
    *options = sample_pktmon_options();
    options->buffer_size = 0x10000;
}

static const struct variant rows[] = {
    {"pktmon-numbered", "appearances counted, as up to Server 2022", monitor_options, numbered, NULL},
    {"pktmon-not-numbered", "every sighting its own group, as on Windows 11", monitor_options, not_numbered, NULL},
    {"pktmon-without-stack", "the component rundown is missing", monitor_options, without_stack, NULL},
    {"pktmon-counter-mismatch", "flow counters above the sightings: loss", monitor_options, counter_mismatch, NULL},
    {"pktmon-equal-packets", "two equal packets at the same time", monitor_options, equal_packets, NULL},
    {"pktmon-late-copy", "equal bytes 5 ms later: another packet", monitor_options, late_copy, NULL},
    {"pktmon-mislabelled", "type WiFi, bytes Ethernet", monitor_options, mislabelled, NULL},
    {"pktmon-wifi-and-ethernet", "one packet in two link types", monitor_options, wifi_and_ethernet, NULL},
    {"pktmon-ip-only", "no link layer", monitor_options, ip_only, NULL},
    {"pktmon-drop-only", "a drop without a sighting before", monitor_options, drop_only, NULL},
};
/* clang-format on */

const struct variant_list variants_of_monitor = {rows, sizeof(rows) / sizeof(rows[0])};
