/* SPDX-License-Identifier: MIT */
#include "scenario_frames.h"

enum { IP_SIZE = 20, TCP_SIZE = 20, UDP_SIZE = 8, SMALLEST_FRAME = 60 };

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

static size_t transport_size(const struct scenario_packet *packet)
{
    return packet->protocol == IP_UDP ? UDP_SIZE + packet->size
                                      : TCP_SIZE + option_size(packet) + packet->size;
}

static void put_ip(struct byte_block *out, const struct scenario_packet *packet)
{
    size_t start = out->size;
    block_u8(out, 0x45);
    block_u8(out, 0);
    big_u16(out, (unsigned)(IP_SIZE + transport_size(packet)));
    big_u16(out, packet->ip_id);
    big_u16(out, 0x4000); /* do not fragment */
    block_u8(out, packet->time_to_live);
    block_u8(out, packet->protocol);
    big_u16(out, 0);
    block_bytes(out, packet->from.ipv4, 4);
    block_bytes(out, packet->to.ipv4, 4);
    if (!out->failed && packet->checksum == CHECKSUM_RIGHT) {
        put_big(out, start + 10, ~add_bytes(0, out->data + start, IP_SIZE));
    }
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
    big_u16(out, (unsigned)(UDP_SIZE + packet->size));
    big_u16(out, 0);
}

static uint32_t sum_pseudo_header(const struct scenario_packet *packet)
{
    uint32_t sum = packet->protocol + (uint32_t)transport_size(packet);
    sum = add_bytes(sum, packet->from.ipv4, 4);
    return add_bytes(sum, packet->to.ipv4, 4);
}

void scenario_frame(struct byte_block *out, const struct scenario_packet *packet)
{
    bool is_udp = packet->protocol == IP_UDP;
    size_t frame = out->size;
    struct path path = {&packet->from, &packet->to};
    frame_ethernet(out, &path, ETHER_IPV4);
    put_ip(out, packet);
    size_t start = out->size;
    is_udp ? put_udp_header(out, packet) : put_tcp_header(out, packet);
    block_bytes(out, packet->data, packet->size);
    size_t place = start + (is_udp ? 6 : 16);
    uint32_t sum = sum_pseudo_header(packet);
    if (packet->checksum == CHECKSUM_RIGHT && !out->failed) {
        put_big(out, place, ~add_bytes(sum, out->data + start, out->size - start));
    } else if (packet->checksum == CHECKSUM_PARTIAL) {
        put_big(out, place, sum);
    }
    if (packet->is_padded && out->size - frame < SMALLEST_FRAME) {
        block_fill(out, 0, SMALLEST_FRAME - (out->size - frame));
    }
}
