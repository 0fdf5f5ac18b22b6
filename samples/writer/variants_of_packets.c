/* SPDX-License-Identifier: MIT */
/*
 * variants_of_packets.c - packets that are hard to put together or to understand.
 */
#include "samples.h"

enum { FRAGMENT = 300 };

/* The frame in `scene->frame`, whole. */
static void add_frame(struct scene *scene, int64_t at, bool is_out, enum scene_link link)
{
    struct ndis_event event = {.at = at,
                               .process_id = 4,
                               .thread_id = 8,
                               .direction = is_out ? DIRECTION_OUT : DIRECTION_IN,
                               .link = link,
                               .has_offload_words = true,
                               .interface_index = link == LINK_WIFI ? WIFI_INTERFACE
                                                  : link == LINK_IP ? WWAN_INTERFACE
                                                                    : ETHERNET_INTERFACE,
                               .data = scene->frame.data,
                               .size = scene->frame.size};
    (void)scene_ndis(scene, &event);
    block_clear(&scene->frame);
}

/* Fragment `number` of `count` of a frame. */
static struct ndis_event fragment_event(const struct byte_block *frame, unsigned number,
                                        unsigned count, uint16_t cpu, int64_t at)
{
    size_t size = frame->size / count;
    size_t start = size * number;
    return (struct ndis_event){.cpu = cpu,
                               .at = at,
                               .thread_id = cpu + 100u,
                               .direction = DIRECTION_OUT,
                               .is_not_start = number != 0,
                               .is_not_end = number + 1 != count,
                               .data = frame->data + start,
                               .size = number + 1 == count ? frame->size - start : size,
                               .original = (uint32_t)frame->size};
}

/* Two packets at a time, one on each CPU, three fragments each, in turn. */
static void fragments(struct scene *scene)
{
    struct byte_block frames[2] = {{0}, {0}};
    for (unsigned round = 0; round < 5; round++) {
        size_t packets[2] = {0, 0};
        for (uint16_t cpu = 0; cpu < 2; cpu++) {
            make_udp_frame(scene, true, (uint16_t)(round * 2 + cpu), FRAGMENT * 3 + cpu);
            block_clear(&frames[cpu]);
            block_bytes(&frames[cpu], scene->frame.data, scene->frame.size);
            block_clear(&scene->frame);
        }
        for (unsigned step = 0; step < 6; step++) {
            uint16_t cpu = step & 1;
            int64_t at = MILLISECONDS(round + 1) + MICROSECONDS(step);
            struct ndis_event event = fragment_event(&frames[cpu], step / 2, 3, cpu, at);
            if (step < 2) {
                packets[cpu] = scene_ndis(scene, &event);
            } else {
                scene_ndis_more(scene, packets[cpu], &event);
            }
        }
    }
    block_done(&frames[0]);
    block_done(&frames[1]);
}

/* A packet whose end was lost, a whole one, and one whose end never comes. */
static void unterminated(struct scene *scene)
{
    int64_t at = MILLISECONDS(1);
    for (unsigned i = 0; i < 3; i++) {
        make_udp_frame(scene, true, (uint16_t)i, FRAGMENT * 3);
        struct ndis_event event = fragment_event(&scene->frame, 0, 3, 0, at++);
        size_t packet = scene_ndis(scene, &event);
        for (unsigned number = 1; number < (i == 1 ? 3u : 2u); number++) {
            event = fragment_event(&scene->frame, number, 3, 0, at++);
            scene_ndis_more(scene, packet, &event);
        }
        block_clear(&scene->frame);
    }
}

/* Segmentation offload: one packet of 70,000 bytes, IP length 0, in three fragments. */
static void large_packet(struct scene *scene)
{
    static const struct path out = {&host, &server};
    struct byte_block data = {0};
    block_fill(&data, 'x', 70000);
    struct tcp_segment segment = {
        .sequence = 1, .flags = TCP_ACK, .window = 1000, .data = data.data, .size = data.size};
    frame_ethernet(&scene->frame, &out, ETHER_IPV4);
    frame_tcp4(&scene->frame, &out, &segment);
    struct ndis_event event = fragment_event(&scene->frame, 0, 3, 0, MILLISECONDS(1));
    size_t packet = scene_ndis(scene, &event);
    for (unsigned number = 1; number < 3; number++) {
        event = fragment_event(&scene->frame, number, 3, 0, MILLISECONDS(1) + number);
        scene_ndis_more(scene, packet, &event);
    }
    block_clear(&scene->frame);
    block_done(&data);
}

static void wifi_frame(struct scene *scene, bool is_out, bool has_protected_bit)
{
    static const struct path out = {&host, &server}, in = {&server, &host};
    const struct path *path = is_out ? &out : &in;
    frame_wifi(&scene->frame, path, is_out, has_protected_bit, ETHER_IPV4);
    frame_udp4(&scene->frame, path, 1, "over the air", 12);
}

/* Decrypted frames with the protected bit still set, a really encrypted one, and one
 * without the bit. */
static void wifi(struct scene *scene)
{
    wifi_frame(scene, true, true);
    add_frame(scene, MILLISECONDS(1), true, LINK_WIFI);
    wifi_frame(scene, false, true);
    add_frame(scene, MILLISECONDS(2), false, LINK_WIFI);
    wifi_frame(scene, true, true);
    for (size_t i = 24; !scene->frame.failed && i < scene->frame.size; i++) {
        scene->frame.data[i] = (uint8_t)(i * 89 + 5);
    }
    add_frame(scene, MILLISECONDS(3), true, LINK_WIFI);
    wifi_frame(scene, false, false);
    add_frame(scene, MILLISECONDS(4), false, LINK_WIFI);
}

static void raw_ip(struct scene *scene)
{
    static const struct path out = {&host, &server}, in = {&server, &host};
    frame_udp4(&scene->frame, &out, 1, "mobile", 6);
    add_frame(scene, MILLISECONDS(5), true, LINK_IP);
    frame_udp6(&scene->frame, &in, "mobile, IPv6", 12);
    add_frame(scene, MILLISECONDS(6), false, LINK_IP);
}

static void mixed_links(struct scene *scene)
{
    wifi(scene);
    raw_ip(scene);
    make_udp_frame(scene, true, 1, 40);
    add_frame(scene, MILLISECONDS(7), true, LINK_ETHERNET);
    sample_interfaces(scene, 0, MILLISECONDS(8));
}

static void vlan(struct scene *scene)
{
    static const struct path out = {&host, &server};
    frame_ethernet(&scene->frame, &out, ETHER_VLAN);
    frame_vlan_tag(&scene->frame, 42, ETHER_IPV4);
    frame_udp4(&scene->frame, &out, 1, "tagged", 6);
    add_frame(scene, MILLISECONDS(1), true, LINK_ETHERNET);
    frame_ethernet(&scene->frame, &out, 0x88A8);
    frame_vlan_tag(&scene->frame, 7, ETHER_VLAN);
    frame_vlan_tag(&scene->frame, 42, ETHER_IPV6);
    frame_udp6(&scene->frame, &out, "tagged twice", 12);
    add_frame(scene, MILLISECONDS(2), true, LINK_ETHERNET);
}

static void ipv6(struct scene *scene)
{
    static const struct path out = {&host, &server}, in = {&server, &host};
    struct tcp_segment syn = {
        .sequence = 9, .flags = TCP_SYN, .window = 64800, .maximum_segment = 1440};
    frame_ethernet(&scene->frame, &out, ETHER_IPV6);
    frame_tcp6(&scene->frame, &out, &syn);
    add_frame(scene, MILLISECONDS(1), true, LINK_ETHERNET);
    frame_ethernet(&scene->frame, &in, ETHER_IPV6);
    frame_udp6(&scene->frame, &in, "six", 3);
    add_frame(scene, MILLISECONDS(2), false, LINK_ETHERNET);
}

/* The capture kept 64 bytes; the IP header tells the length. */
static void truncated(struct scene *scene)
{
    static const struct path out = {&host, &server};
    uint8_t data[600] = {0};
    for (unsigned i = 0; i < 2; i++) {
        frame_ethernet(&scene->frame, &out, i ? ETHER_IPV6 : ETHER_IPV4);
        if (i) {
            frame_udp6(&scene->frame, &out, data, sizeof(data));
        } else {
            frame_udp4(&scene->frame, &out, 1, data, sizeof(data));
        }
        struct ndis_event event = {.at = MILLISECONDS(i + 1),
                                   .direction = DIRECTION_OUT,
                                   .is_truncated = true,
                                   .data = scene->frame.data,
                                   .size = 64,
                                   .original = (uint32_t)scene->frame.size};
        (void)scene_ndis(scene, &event);
        block_clear(&scene->frame);
    }
}

/* Nothing of these may be read past their end; the first is padded as on the wire. */
static void short_frames(struct scene *scene)
{
    static const size_t sizes[] = {60, 41, 34, 33, 14, 13, 1};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        make_udp_frame(scene, false, 1, 0);
        if (sizes[i] > scene->frame.size) {
            block_fill(&scene->frame, 0, sizes[i] - scene->frame.size);
        }
        struct ndis_event event = {.at = MILLISECONDS((int64_t)i + 1),
                                   .direction = DIRECTION_IN,
                                   .data = scene->frame.data,
                                   .size = sizes[i],
                                   .original =
                                       sizes[i] >= 34 && sizes[i] < 42 ? 42 : (uint32_t)sizes[i]};
        (void)scene_ndis(scene, &event);
        block_clear(&scene->frame);
    }
}

static void old_payload(struct scene *scene)
{
    make_udp_frame(scene, true, 1, 50);
    struct ndis_event event = {.at = MILLISECONDS(1),
                               .direction = DIRECTION_OUT,
                               .data = scene->frame.data,
                               .size = scene->frame.size};
    (void)scene_ndis(scene, &event);
    block_clear(&scene->frame);
}

static void no_direction(struct scene *scene)
{
    make_udp_frame(scene, true, 1, 50);
    struct ndis_event event = {.at = MILLISECONDS(1),
                               .direction = DIRECTION_UNKNOWN,
                               .data = scene->frame.data,
                               .size = scene->frame.size};
    (void)scene_ndis(scene, &event);
    block_clear(&scene->frame);
}

/* The claimed size of the fragment is larger than the event; its bytes are a packet's
 * first ones all the same. */
static void fragment_size_lies(struct scene *scene)
{
    old_payload(scene);
    block_u32(&scene->payload, ETHERNET_INTERFACE);
    block_u32(&scene->payload, ETHERNET_INTERFACE);
    block_u32(&scene->payload, 5000);
    block_fill(&scene->payload, 0x55, 20);
    struct etl_event event = {.provider = &guid_ndis_capture,
                              .id = 1001,
                              .keyword = NDIS_ETHERNET | NDIS_START | NDIS_END | NDIS_SEND,
                              .payload = scene->payload.data,
                              .payload_size = scene->payload.size};
    size_t record = scene_event(scene, 0, MILLISECONDS(2), &event);
    struct truth_packet *packet = scene_note_packet(scene, record);
    if (packet) {
        packet->direction = DIRECTION_OUT;
        packet->captured = 20;
        packet->original = 20; /* not stated anywhere that could be believed */
        packet->is_incomplete = true;
    }
    block_clear(&scene->payload);
}

/* TcpTcbStateChange: old state, new state, SndNxt, pointer. Its presence says that the
 * trace has socket events. */
static void socket_events(struct scene *scene)
{
    old_payload(scene);
    block_u32(&scene->payload, 0);
    block_u32(&scene->payload, 2);
    block_u32(&scene->payload, 1000000);
    block_u64(&scene->payload, UINT64_C(0xFFFF8A0011223340));
    struct etl_event event = {.provider = &guid_tcpip,
                              .id = 1051,
                              .channel = 16,
                              .process_id = 4120,
                              .thread_id = 4128,
                              .task = 1051,
                              .payload = scene->payload.data,
                              .payload_size = scene->payload.size};
    (void)scene_event(scene, 1, MILLISECONDS(2), &event);
    block_clear(&scene->payload);
}

static void large_buffers(struct etl_options *options)
{
    options->buffer_size = 0x20000;
}

/* clang-format off */
static const struct variant rows[] = {
    {"fragments", "packets in three events, two CPUs in turn", NULL, fragments, NULL},
    {"fragments-unterminated", "two of three packets without their last event", NULL, unterminated, NULL},
    {"large-packet", "70,054 bytes in three events", large_buffers, large_packet, NULL},
    {"wifi", "802.11 frames, decrypted ones with the protected bit", NULL, wifi, NULL},
    {"raw-ip", "mobile broadband: no link layer", NULL, raw_ip, NULL},
    {"mixed-links", "three link types in one trace", NULL, mixed_links, NULL},
    {"vlan", "one and two tags", NULL, vlan, NULL},
    {"ipv6", "TCP and UDP", NULL, ipv6, NULL},
    {"truncated", "64 bytes of each packet", NULL, truncated, NULL},
    {"short-frames", "padded, then cut in every header", NULL, short_frames, NULL},
    {"old-payload", "without the offload words of Windows 10 1809", NULL, old_payload, NULL},
    {"no-direction", "neither sent nor received", NULL, no_direction, NULL},
    {"fragment-size-lies", "an event shorter than its fragment", NULL, fragment_size_lies, NULL},
    {"socket-events", "a TCPIP event beside a packet", NULL, socket_events, NULL},
};
/* clang-format on */

const struct variant_list variants_of_packets = {rows, sizeof(rows) / sizeof(rows[0])};
