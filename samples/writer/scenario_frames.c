/* SPDX-License-Identifier: MIT */
#include "scenario_frames.h"

enum {
    IPV4_SIZE = 20,
    TCP_SIZE = 20,
    SMALLEST_FRAME = 60,
    FRAGMENT_SIZE = 1480, /* what fits behind an IPv4 header in 1500 bytes */
    DO_NOT_FRAGMENT = 0x4000,
    MORE_FRAGMENTS = 0x2000
};

static void big_u16(struct byte_block *out, unsigned value)
{
    block_u8(out, value >> 8);
    block_u8(out, value);
}

static void big_u32(struct byte_block *out, uint32_t value)
{
    big_u16(out, value >> 16);
    big_u16(out, value & 0xFFFF);
}

/* Ones' complement sum (RFC 1071), folded. */
static uint32_t add_bytes(uint32_t sum, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        sum += i & 1 ? data[i] : (uint32_t)data[i] << 8;
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    return sum;
}

static void put_big(struct byte_block *out, size_t place, uint32_t value)
{
    if (!out->failed) {
        out->data[place] = (uint8_t)(value >> 8 & 0xFF);
        out->data[place + 1] = (uint8_t)(value & 0xFF);
    }
}

/* ---- transport ---- */

/* Maximum segment, window scale, selective acknowledgement, as Windows orders them. */
static void put_options(struct byte_block *out, const struct scenario_packet *packet)
{
    if (packet->maximum_segment) {
        big_u16(out, 0x0204);
        big_u16(out, packet->maximum_segment);
    }
    if (packet->window_scale >= 0) {
        block_u8(out, 1); /* nothing, to keep the alignment */
        big_u16(out, 0x0303);
        block_u8(out, (unsigned)packet->window_scale);
    }
    if (packet->can_sack) {
        big_u16(out, 0x0101);
        big_u16(out, 0x0402);
    }
}

static size_t option_size(const struct scenario_packet *packet)
{
    return (packet->maximum_segment ? 4u : 0u) + (packet->window_scale >= 0 ? 4u : 0u) +
           (packet->can_sack ? 4u : 0u);
}

static void put_tcp_header(struct byte_block *out, const struct scenario_packet *packet)
{
    big_u16(out, packet->from.port);
    big_u16(out, packet->to.port);
    big_u32(out, packet->sequence);
    big_u32(out, packet->acknowledgement);
    block_u8(out, (unsigned)((TCP_SIZE + option_size(packet)) / 4) << 4);
    block_u8(out, packet->flags);
    big_u16(out, packet->window);
    big_u16(out, 0);
    big_u16(out, 0);
    put_options(out, packet);
}

static void put_udp_header(struct byte_block *out, const struct scenario_packet *packet)
{
    big_u16(out, packet->from.port);
    big_u16(out, packet->to.port);
    big_u16(out, (unsigned)(8 + packet->size));
    big_u16(out, 0);
}

/* Errors have nothing where an echo has identifier and sequence number. */
static void put_icmp_header(struct byte_block *out, const struct scenario_packet *packet)
{
    block_u8(out, packet->icmp_type);
    block_u8(out, packet->icmp_code);
    big_u16(out, 0);
    big_u16(out, packet->echo_sequence ? 1 : 0);
    big_u16(out, packet->echo_sequence);
}

/* Rows for all protocols but TCP, which is the last. */
static const struct transport {
    enum ip_protocol protocol;
    void (*put_header)(struct byte_block *out, const struct scenario_packet *packet);
    size_t checksum; /* where it is */
    bool has_pseudo_header;
} transports[] = {{IP_UDP, put_udp_header, 6, true},
                  {IP_ICMP, put_icmp_header, 2, false},
                  {IP_ICMPV6, put_icmp_header, 2, true},
                  {IP_TCP, put_tcp_header, 16, true}};

static const struct transport *get_transport(enum ip_protocol protocol)
{
    size_t i = 0;
    while (transports[i].protocol != protocol && transports[i].protocol != IP_TCP) {
        i++;
    }
    return &transports[i];
}

/* The length of what is to be cut into segments is not in it: every segment has its own. */
static uint32_t sum_pseudo_header(const struct scenario_packet *packet, size_t size)
{
    uint32_t sum = packet->protocol + (packet->has_no_length ? 0 : (uint32_t)size);
    if (packet->is_ipv6) {
        sum = add_bytes(sum, packet->from.ipv6, sizeof(packet->from.ipv6));
        return add_bytes(sum, packet->to.ipv6, sizeof(packet->to.ipv6));
    }
    sum = add_bytes(sum, packet->from.ipv4, sizeof(packet->from.ipv4));
    return add_bytes(sum, packet->to.ipv4, sizeof(packet->to.ipv4));
}

static void put_transport(struct byte_block *out, const struct scenario_packet *packet)
{
    const struct transport *transport = get_transport(packet->protocol);
    transport->put_header(out, packet);
    block_bytes(out, packet->data, packet->size);
    uint32_t sum = transport->has_pseudo_header ? sum_pseudo_header(packet, out->size) : 0;
    if (packet->checksum == CHECKSUM_RIGHT && !out->failed) {
        put_big(out, transport->checksum, ~add_bytes(sum, out->data, out->size));
    } else if (packet->checksum == CHECKSUM_PARTIAL) {
        put_big(out, transport->checksum, sum);
    }
}

/* ---- network ---- */

static void put_ipv4_header(struct byte_block *out, const struct scenario_packet *packet,
                            size_t size, unsigned fragment)
{
    size_t start = out->size;
    block_u8(out, 0x45);
    block_u8(out, 0);
    big_u16(out, packet->has_no_length ? 0 : (unsigned)(IPV4_SIZE + size));
    big_u16(out, packet->ip_id);
    big_u16(out, fragment);
    block_u8(out, packet->time_to_live);
    block_u8(out, packet->protocol);
    big_u16(out, 0);
    block_bytes(out, packet->from.ipv4, sizeof(packet->from.ipv4));
    block_bytes(out, packet->to.ipv4, sizeof(packet->to.ipv4));
    if (!out->failed && packet->checksum == CHECKSUM_RIGHT) {
        put_big(out, start + 10, ~add_bytes(0, out->data + start, IPV4_SIZE));
    }
}

static void put_ipv6_header(struct byte_block *out, const struct scenario_packet *packet,
                            size_t size)
{
    big_u32(out, 0x60000000);
    big_u16(out, (unsigned)size);
    block_u8(out, packet->protocol);
    block_u8(out, packet->time_to_live);
    block_bytes(out, packet->from.ipv6, sizeof(packet->from.ipv6));
    block_bytes(out, packet->to.ipv6, sizeof(packet->to.ipv6));
}

/* The whole transport, or what a fragment has of it. */
static void put_network(struct byte_block *out, const struct scenario_packet *packet,
                        const struct byte_block *transport)
{
    size_t start = 0, size = transport->size;
    unsigned fragment = DO_NOT_FRAGMENT;
    if (packet->is_fragment) {
        start = packet->fragment_offset < size ? packet->fragment_offset : size;
        bool is_last = size - start <= FRAGMENT_SIZE;
        fragment = (unsigned)(start / 8) | (is_last ? 0 : MORE_FRAGMENTS);
        size = is_last ? size - start : FRAGMENT_SIZE;
    }
    packet->is_ipv6 ? put_ipv6_header(out, packet, size)
                    : put_ipv4_header(out, packet, size, fragment);
    block_bytes(out, transport->data + start, size);
}

static void put_ip(struct byte_block *out, const struct scenario_packet *packet)
{
    struct byte_block transport = {0};
    struct path path = {&packet->from, &packet->to};
    put_transport(&transport, packet);
    if (!packet->is_raw) {
        frame_ethernet(out, &path, packet->is_ipv6 ? ETHER_IPV6 : ETHER_IPV4);
    }
    if (!transport.failed) {
        put_network(out, packet, &transport);
    }
    out->failed = out->failed || transport.failed;
    block_done(&transport);
}

void scenario_frame(struct byte_block *out, const struct scenario_packet *packet)
{
    size_t start = out->size;
    struct path path = {&packet->from, &packet->to};
    packet->is_arp ? frame_arp(out, &path, packet->is_arp_reply) : put_ip(out, packet);
    if (packet->is_padded && !packet->is_raw && out->size - start < SMALLEST_FRAME) {
        block_fill(out, 0, SMALLEST_FRAME - (out->size - start));
    }
}
