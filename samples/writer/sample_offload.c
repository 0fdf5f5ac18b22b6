/* SPDX-License-Identifier: MIT */
/*
 * sample_offload.c - what `pktmon start --capture --flags 0x1E` records of a connection whose
 * checksums, segmentation and VLAN tags are the adapter's work: beside every frame a record
 * of what NDIS keeps with it; and packets of which only headers or payloads were logged.
 *
 *     component 12  tcpip.sys, link layer       edge 1
 *     component 10  the adapter                 edge 1
 */
#include "samples.h"

#include <string.h>

#include "monitor_payloads.h"

enum { ADAPTER = 10, LINK_LAYER = 12, POINT_COUNT = 2, SNAP_LENGTH = 128 };
enum { REASON_CHECKSUM = 1203 };
#define LOCATION_UDP_RECEIVE UINT32_C(0xE000460A)
enum { ETHERNET_HEADER = 14, IP_HEADER = 20, TCP_CHECKSUM = 16, UDP_CHECKSUM = 6 };
enum { SEGMENT_SIZE = 1460, VLAN = 100, PRIORITY = 3 };

struct monitor {
    struct scene *scene;
    uint64_t counter; /* of groups: each sighting has its own, as on Windows 11 */
};

static size_t add_event(struct scene *scene, int64_t at, uint16_t id)
{
    bool is_config = id < 120 || id == 270;
    struct etl_event event = {.provider = &guid_pktmon,
                              .id = id,
                              .keyword = is_config ? PKTMON_KEYWORD_CONFIG : PKTMON_KEYWORD_PACKET,
                              .payload = scene->payload.data,
                              .payload_size = scene->payload.size};
    size_t record = scene_event(scene, 0, at, &event);
    block_clear(&scene->payload);
    return record;
}

/* The frame in `scene->frame` at both points, 2 us apart, and behind each sighting what is kept
 * beside it. Only the adapter knows of the VLAN. */
static struct truth_packet *add_packet(struct monitor *monitor, int64_t at, bool is_out,
                                       const struct pktmon_words *words)
{
    static const uint16_t components[POINT_COUNT] = {ADAPTER, LINK_LAYER};
    struct scene *scene = monitor->scene;
    size_t size = scene->frame.size < SNAP_LENGTH ? scene->frame.size : SNAP_LENGTH;
    size_t nearest = 0;
    for (unsigned i = 0; i < POINT_COUNT; i++) {
        unsigned point = is_out ? POINT_COUNT - 1u - i : i;
        struct pktmon_sighting sighting = {.group = ++monitor->counter,
                                           .number = 1,
                                           .direction = is_out ? PKTMON_TX : PKTMON_RX,
                                           .packet_type = PKTMON_ETHERNET,
                                           .component = components[point],
                                           .edge = 1,
                                           .original_size = (uint16_t)scene->frame.size,
                                           .data = scene->frame.data,
                                           .size = (uint16_t)size};
        struct pktmon_words beside = *words;
        beside.ieee8021q = point == 0 ? words->ieee8021q : 0;
        payload_pktmon_sighting(&scene->payload, &sighting);
        size_t record = add_event(scene, at + MICROSECONDS(2) * i, 160);
        nearest = point == 0 ? record : nearest;
        payload_pktmon_words(&scene->payload, &sighting, 1, &beside);
        (void)add_event(scene, at + MICROSECONDS(2) * i, 180);
    }
    struct truth_packet *packet = scene_note_packet(scene, nearest);
    if (packet) {
        packet->direction = is_out ? DIRECTION_OUT : DIRECTION_IN;
        packet->captured = (uint32_t)size;
        packet->original = (uint32_t)scene->frame.size;
        packet->sightings = POINT_COUNT;
    }
    block_clear(&scene->frame);
    return packet;
}

/* What the stack leaves in the field when the adapter computes the checksum: the sum of the
 * addresses, the protocol and, unless it is cut later, the length. */
static void leave_checksum(struct byte_block *frame, const struct path *path, size_t length)
{
    const struct endpoint *ends[] = {path->from, path->to};
    uint32_t sum = IP_TCP + (uint32_t)length;
    for (size_t i = 0; i < 4; i++) {
        const uint8_t *address = ends[i / 2]->ipv4 + 2 * (i % 2);
        sum += (uint32_t)address[0] << 8 | address[1];
    }
    sum = (sum & 0xFFFF) + (sum >> 16);
    uint8_t *field = frame->data + ETHERNET_HEADER + IP_HEADER + TCP_CHECKSUM;
    field[0] = (uint8_t)(sum >> 8);
    field[1] = (uint8_t)sum;
}

static void add_sent(struct monitor *monitor, int64_t at, const struct tcp_segment *segment,
                     const struct pktmon_words *words)
{
    static const struct path out = {&host, &server};
    struct byte_block *frame = &monitor->scene->frame;
    frame_ethernet(frame, &out, ETHER_IPV4);
    frame_tcp4(frame, &out, segment);
    if (!frame->failed) {
        bool is_cut_later = words->large_send != 0;
        leave_checksum(frame, &out, is_cut_later ? 0 : frame->size - ETHERNET_HEADER - IP_HEADER);
    }
    (void)add_packet(monitor, at, true, words);
}

static void add_received(struct monitor *monitor, int64_t at, const struct tcp_segment *segment,
                         const struct pktmon_words *words)
{
    static const struct path in = {&server, &host};
    struct byte_block *frame = &monitor->scene->frame;
    frame_ethernet(frame, &in, ETHER_IPV4);
    frame_tcp4(frame, &in, segment);
    (void)add_packet(monitor, at, false, words);
}

static void add_connection(struct monitor *monitor)
{
    static uint8_t data[3 * SEGMENT_SIZE]; /* zeros */
    static const struct pktmon_words sent = {.checksum = CHECKSUM_SENT_IPV4 | CHECKSUM_SENT_TCP |
                                                         CHECKSUM_SENT_IP,
                                             .ieee8021q = PRIORITY | VLAN << 4};
    struct pktmon_words received = {.checksum = CHECKSUM_TCP_SUCCEEDED | CHECKSUM_IP_SUCCEEDED,
                                    .ieee8021q = PRIORITY | VLAN << 4,
                                    .hash_info = HASH_TOEPLITZ_TCP_IPV4,
                                    .hash_value = 0x1A2B3C4D};
    struct pktmon_words large = sent;
    large.large_send = SEGMENT_SIZE | LARGE_SEND_V2;
    struct pktmon_words joined = received;
    joined.checksum |= CHECKSUM_TCP_INVALID;
    joined.coalesced = 3;
    const struct tcp_segment segments[] = {
        {.sequence = 1000, .flags = TCP_SYN, .window = 8192, .ip_id = 1},
        {.sequence = 5000, .acknowledgement = 1001, .flags = TCP_SYN | TCP_ACK, .window = 8192},
        {.sequence = 1001,
         .acknowledgement = 5001,
         .flags = TCP_PSH | TCP_ACK,
         .window = 8192,
         .ip_id = 2,
         .data = data,
         .size = (size_t)2 * SEGMENT_SIZE},
        {.sequence = 5001,
         .acknowledgement = 3921,
         .flags = TCP_PSH | TCP_ACK,
         .window = 8192,
         .data = data,
         .size = sizeof(data)},
    };
    add_sent(monitor, MILLISECONDS(10), &segments[0], &sent);
    add_received(monitor, MILLISECONDS(30), &segments[1], &received);
    add_sent(monitor, MILLISECONDS(31), &segments[2], &large);
    add_received(monitor, MILLISECONDS(60), &segments[3], &joined);
}

/* A datagram with a wrong checksum: the adapter says so, and UDP throws it away. */
static void add_bad_datagram(struct monitor *monitor, int64_t at)
{
    static const struct pktmon_words failed = {.checksum =
                                                   CHECKSUM_UDP_FAILED | CHECKSUM_IP_SUCCEEDED};
    struct scene *scene = monitor->scene;
    make_udp_frame(scene, false, 7, 24);
    if (!scene->frame.failed) {
        scene->frame.data[ETHERNET_HEADER + IP_HEADER + UDP_CHECKSUM] ^= 0x55;
    }
    uint8_t copy[SNAP_LENGTH];
    size_t size = scene->frame.size < sizeof(copy) ? scene->frame.size : 0;
    if (size > 0) {
        memcpy(copy, scene->frame.data, size);
    }
    struct truth_packet *packet = add_packet(monitor, at, false, &failed);
    if (packet) {
        packet->sightings++;
        packet->drop_reason = REASON_CHECKSUM;
    }
    struct pktmon_sighting drop = {.group = ++monitor->counter,
                                   .number = 1,
                                   .direction = PKTMON_RX,
                                   .packet_type = PKTMON_ETHERNET,
                                   .component = LINK_LAYER,
                                   .edge = 1,
                                   .drop_reason = REASON_CHECKSUM,
                                   .drop_location = LOCATION_UDP_RECEIVE,
                                   .original_size = (uint16_t)size,
                                   .data = copy,
                                   .size = (uint16_t)size};
    payload_pktmon_words(&scene->payload, &drop, 1, &failed); /* before its sighting, this time */
    (void)add_event(scene, at + MICROSECONDS(5), 190);
    payload_pktmon_sighting(&scene->payload, &drop);
    (void)add_event(scene, at + MICROSECONDS(5), 170);
}

/* What must never become a packet: headers, a payload, a context, and the record of a packet
 * that is not in the trace. */
static void add_frameless(struct monitor *monitor, int64_t at)
{
    static const uint8_t question[] = {0x12, 0x34, 0x01, 0x00};
    static const struct pktmon_words words = {.checksum = CHECKSUM_TCP_SUCCEEDED};
    static const struct path in = {&server, &host}, out = {&host, &server};
    struct scene *scene = monitor->scene;
    struct pktmon_sighting place = {.group = ++monitor->counter,
                                    .number = 1,
                                    .direction = PKTMON_TX,
                                    .packet_type = PKTMON_ETHERNET,
                                    .component = LINK_LAYER,
                                    .edge = 1,
                                    .original_size = sizeof(question),
                                    .data = question,
                                    .size = sizeof(question)};
    payload_pktmon_headers4(&scene->payload, &place, &out, TCP_SYN);
    (void)add_event(scene, at, 120);
    payload_pktmon_payload6(&scene->payload, &place, &out);
    (void)add_event(scene, at + MICROSECONDS(1), 220);
    payload_pktmon_context(&scene->payload, &place, UINT64_C(0xFFFF8A0012345670));
    (void)add_event(scene, at + MICROSECONDS(2), 250);
    place.direction = PKTMON_RX;
    payload_pktmon_words(&scene->payload, &place, 1, &words);
    (void)add_event(scene, at + MICROSECONDS(3), 180);
    place.drop_reason = REASON_CHECKSUM;
    place.drop_location = LOCATION_UDP_RECEIVE;
    payload_pktmon_headers4(&scene->payload, &place, &in, TCP_SYN);
    (void)add_event(scene, at + MICROSECONDS(4), 140);
    payload_pktmon_payload6(&scene->payload, &place, &in);
    (void)add_event(scene, at + MICROSECONDS(5), 230);
}

static void add_components(struct scene *scene, int64_t at)
{
    payload_pktmon_component(&scene->payload, LINK_LAYER, 4, "tcpip.sys", "TCP/IPv4 - L2");
    (void)add_event(scene, at, 20);
    payload_pktmon_number(&scene->payload, LINK_LAYER, PKTMON_MINIPORT_INDEX, ETHERNET_INTERFACE);
    (void)add_event(scene, at, 30);
    payload_pktmon_component(&scene->payload, ADAPTER, 2, "exgbe.sys", "Example Gigabit Adapter");
    (void)add_event(scene, at, 270); /* it came while the monitor ran */
    payload_pktmon_number(&scene->payload, ADAPTER, PKTMON_INTERFACE_INDEX, ETHERNET_INTERFACE);
    (void)add_event(scene, at, 30);
}

void sample_offload(struct scene *scene)
{
    struct monitor monitor = {.scene = scene};
    add_connection(&monitor);
    add_bad_datagram(&monitor, MILLISECONDS(200));
    add_frameless(&monitor, MILLISECONDS(300));
    add_components(scene, MILLISECONDS(1000));
    sample_interfaces(scene, 0, MILLISECONDS(1001));
}
