/* SPDX-License-Identifier: MIT */
#include "frames.h"

enum { MAC_SIZE = 6, IPV4_SIZE = 4, IPV6_SIZE = 16, IPV4_HEADER_SIZE = 20, TIME_TO_LIVE = 128 };

static const uint8_t broadcast[MAC_SIZE] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

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

/* Ones' complement sum (RFC 1071), not folded. */
static uint32_t sum_bytes(const uint8_t *data, size_t size)
{
    uint32_t sum = 0;
    for (size_t i = 0; i + 1 < size; i += 2) {
        sum += (uint32_t)data[i] << 8 | data[i + 1];
    }
    if (size & 1) {
        sum += (uint32_t)data[size - 1] << 8;
    }
    return sum;
}

static void put_checksum(struct byte_block *out, size_t place, uint32_t sum)
{
    while (sum >> 16) {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    sum = ~sum & 0xFFFF;
    if (!out->failed) {
        out->data[place] = (uint8_t)(sum >> 8);
        out->data[place + 1] = (uint8_t)(sum & 0xFF);
    }
}

static uint32_t sum_from(const struct byte_block *out, size_t start)
{
    return out->failed ? 0 : sum_bytes(out->data + start, out->size - start);
}

void frame_ethernet(struct byte_block *out, const struct path *path, uint16_t ether_type)
{
    block_bytes(out, path->to->mac, MAC_SIZE);
    block_bytes(out, path->from->mac, MAC_SIZE);
    big_u16(out, ether_type);
}

void frame_vlan_tag(struct byte_block *out, uint16_t vlan, uint16_t ether_type)
{
    big_u16(out, vlan);
    big_u16(out, ether_type);
}

void frame_arp(struct byte_block *out, const struct path *path, bool is_reply)
{
    static const uint8_t unknown[MAC_SIZE] = {0};
    block_bytes(out, is_reply ? path->to->mac : broadcast, MAC_SIZE);
    block_bytes(out, path->from->mac, MAC_SIZE);
    big_u16(out, ETHER_ARP);
    big_u16(out, 1); /* Ethernet */
    big_u16(out, ETHER_IPV4);
    block_u8(out, MAC_SIZE);
    block_u8(out, IPV4_SIZE);
    big_u16(out, is_reply ? 2 : 1);
    block_bytes(out, path->from->mac, MAC_SIZE);
    block_bytes(out, path->from->ipv4, IPV4_SIZE);
    block_bytes(out, is_reply ? path->to->mac : unknown, MAC_SIZE);
    block_bytes(out, path->to->ipv4, IPV4_SIZE);
}

static void ipv4_header(struct byte_block *out, const struct path *path, unsigned protocol,
                        uint16_t id, size_t payload_size)
{
    size_t start = out->size;
    size_t total = IPV4_HEADER_SIZE + payload_size;
    block_u8(out, 0x45);
    block_u8(out, 0);
    big_u16(out, total <= 0xFFFF ? (unsigned)total : 0); /* 0: too large, segmentation offload */
    big_u16(out, id);
    big_u16(out, 0x4000); /* do not fragment */
    block_u8(out, TIME_TO_LIVE);
    block_u8(out, protocol);
    big_u16(out, 0);
    block_bytes(out, path->from->ipv4, IPV4_SIZE);
    block_bytes(out, path->to->ipv4, IPV4_SIZE);
    put_checksum(out, start + 10, sum_from(out, start));
}

static void ipv6_header(struct byte_block *out, const struct path *path, unsigned protocol,
                        size_t payload_size)
{
    big_u32(out, 0x60000000);
    big_u16(out, payload_size <= 0xFFFF ? (unsigned)payload_size : 0);
    block_u8(out, protocol);
    block_u8(out, TIME_TO_LIVE);
    block_bytes(out, path->from->ipv6, IPV6_SIZE);
    block_bytes(out, path->to->ipv6, IPV6_SIZE);
}

/* Sum over addresses, protocol and length, which transport checksums include. */
static uint32_t sum_pseudo_header(const struct path *path, bool is_ipv6, unsigned protocol,
                                  size_t size)
{
    uint32_t sum = protocol + (uint32_t)(size >> 16) + (uint32_t)(size & 0xFFFF);
    if (is_ipv6) {
        return sum + sum_bytes(path->from->ipv6, IPV6_SIZE) + sum_bytes(path->to->ipv6, IPV6_SIZE);
    }
    return sum + sum_bytes(path->from->ipv4, IPV4_SIZE) + sum_bytes(path->to->ipv4, IPV4_SIZE);
}

static size_t tcp_size(const struct tcp_segment *segment)
{
    return 20u + (segment->maximum_segment ? 4u : 0u) + segment->size;
}

static void tcp_segment(struct byte_block *out, const struct path *path,
                        const struct tcp_segment *segment, bool is_ipv6)
{
    size_t start = out->size;
    big_u16(out, path->from->port);
    big_u16(out, path->to->port);
    big_u32(out, segment->sequence);
    big_u32(out, segment->acknowledgement);
    block_u8(out, segment->maximum_segment ? 6u << 4 : 5u << 4);
    block_u8(out, segment->flags);
    big_u16(out, segment->window);
    big_u16(out, 0);
    big_u16(out, 0);
    if (segment->maximum_segment) {
        big_u16(out, 0x0204); /* kind 2, length 4 */
        big_u16(out, segment->maximum_segment);
    }
    block_bytes(out, segment->data, segment->size);
    put_checksum(out, start + 16,
                 sum_from(out, start) +
                     sum_pseudo_header(path, is_ipv6, IP_TCP, tcp_size(segment)));
}

void frame_tcp4(struct byte_block *out, const struct path *path, const struct tcp_segment *segment)
{
    ipv4_header(out, path, IP_TCP, segment->ip_id, tcp_size(segment));
    tcp_segment(out, path, segment, false);
}

void frame_tcp6(struct byte_block *out, const struct path *path, const struct tcp_segment *segment)
{
    ipv6_header(out, path, IP_TCP, tcp_size(segment));
    tcp_segment(out, path, segment, true);
}

static void udp_datagram(struct byte_block *out, const struct path *path, const void *data,
                         size_t size, bool is_ipv6)
{
    size_t start = out->size;
    big_u16(out, path->from->port);
    big_u16(out, path->to->port);
    big_u16(out, (unsigned)(8 + size));
    big_u16(out, 0);
    block_bytes(out, data, size);
    put_checksum(out, start + 6,
                 sum_from(out, start) + sum_pseudo_header(path, is_ipv6, IP_UDP, 8 + size));
    if (!out->failed && out->data[start + 6] == 0 && out->data[start + 7] == 0) {
        put_u16(out->data + start + 6, 0xFFFF); /* 0 would mean: not computed */
    }
}

void frame_udp4(struct byte_block *out, const struct path *path, uint16_t ip_id, const void *data,
                size_t size)
{
    ipv4_header(out, path, IP_UDP, ip_id, 8 + size);
    udp_datagram(out, path, data, size, false);
}

void frame_udp6(struct byte_block *out, const struct path *path, const void *data, size_t size)
{
    ipv6_header(out, path, IP_UDP, 8 + size);
    udp_datagram(out, path, data, size, true);
}

void frame_echo4(struct byte_block *out, const struct path *path, bool is_reply, uint16_t sequence,
                 size_t size)
{
    ipv4_header(out, path, IP_ICMP, (uint16_t)(0x7000 + sequence), 8 + size);
    size_t start = out->size;
    block_u8(out, is_reply ? 0 : 8);
    block_u8(out, 0);
    big_u16(out, 0);
    big_u16(out, 1); /* identifier */
    big_u16(out, sequence);
    for (size_t i = 0; i < size; i++) {
        block_u8(out, 'a' + (unsigned)(i % 23));
    }
    put_checksum(out, start + 2, sum_from(out, start));
}

void frame_wifi(struct byte_block *out, const struct path *path, bool to_access_point,
                bool has_protected_bit, uint16_t ether_type)
{
    static const uint8_t access_point[MAC_SIZE] = {0x02, 0, 0, 0, 0x0A, 0x01};
    static const uint8_t snap[6] = {0xAA, 0xAA, 0x03, 0, 0, 0};
    block_u8(out, 0x08); /* data frame */
    block_u8(out, (to_access_point ? 0x01u : 0x02u) | (has_protected_bit ? 0x40u : 0));
    block_u16(out, 0); /* duration */
    block_bytes(out, to_access_point ? access_point : path->to->mac, MAC_SIZE);
    block_bytes(out, to_access_point ? path->from->mac : access_point, MAC_SIZE);
    block_bytes(out, to_access_point ? path->to->mac : path->from->mac, MAC_SIZE);
    block_u16(out, 0x0010); /* fragment 0, sequence 1 */
    block_bytes(out, snap, sizeof(snap));
    big_u16(out, ether_type);
}
