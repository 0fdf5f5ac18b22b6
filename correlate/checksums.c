/* SPDX-License-Identifier: MIT */
/* RFC 1071; RFC 9293, 3.1; RFC 768; RFC 791, 3.1. */
#include "correlate/checksums.h"

#include "etw/base/bytes.h"

enum { IP_TCP = 6, IP_UDP = 17, TCP_HEADER = 20, UDP_HEADER = 8, IPV4_HEADER = 20 };

static uint64_t sum_of(const uint8_t *bytes, size_t size, uint64_t sum)
{
    size_t at = 0;
    for (; at + 4 <= size; at += 4) {
        sum += load_be32(bytes + at);
    }
    for (; at + 2 <= size; at += 2) {
        sum += load_be16(bytes + at);
    }
    return at < size ? sum + (uint64_t)bytes[at] * 256 : sum;
}

static uint16_t fold(uint64_t sum)
{
    while (sum >> 16) {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    return (uint16_t)sum;
}

/* Where TCP begins: the payload's place tells, by the header's own length. */
static uint32_t tcp_start(const struct corr_packet *packet)
{
    const struct corr_layers *layers = &packet->layers;
    for (uint32_t header = TCP_HEADER; header <= 60; header += 4) {
        uint32_t start = layers->payload_offset - header;
        bool fits = layers->payload_offset >= header && start > layers->network_offset &&
                    start + TCP_HEADER <= layers->stated_size;
        if (fits && (uint32_t)(packet->data[start + 12] >> 4) * 4 == header &&
            load_be16(packet->data + start) == layers->source_port &&
            load_be16(packet->data + start + 2) == layers->destination_port &&
            load_be32(packet->data + start + 4) == layers->tcp_seq) {
            return start;
        }
    }
    return 0;
}

/* The datagram; empty when it is not as long as it says or has no checksum. */
static struct bytes udp_datagram(const struct corr_packet *packet)
{
    const struct corr_layers *layers = &packet->layers;
    uint32_t start = layers->payload_offset - UDP_HEADER;
    if (layers->payload_offset < UDP_HEADER || start <= layers->network_offset ||
        layers->payload_offset > layers->stated_size) {
        return bytes_of(packet->data, 0);
    }
    const uint8_t *udp = packet->data + start;
    uint32_t size = load_be16(udp + 4);
    bool is_whole = size >= UDP_HEADER && size <= layers->stated_size - start;
    return bytes_of(udp, is_whole && load_be16(udp + 6) != 0 ? size : 0);
}

/* What the checksum is about, behind the IP headers; empty: not all of it is there. */
static struct bytes checked_bytes(const struct corr_packet *packet)
{
    const struct corr_layers *layers = &packet->layers;
    bool is_whole = layers->stated_size > 0 && !packet->is_incomplete &&
                    !layers->is_first_fragment && packet->captured >= layers->stated_size;
    if (is_whole && layers->has_tcp) {
        uint32_t start = tcp_start(packet);
        return bytes_of(packet->data + start, start ? layers->stated_size - start : 0);
    }
    if (is_whole && layers->has_ports && layers->ip_protocol == IP_UDP) {
        return udp_datagram(packet);
    }
    return bytes_of(packet->data, 0);
}

bool corr_checksum(const struct corr_packet *packet, bool *is_right)
{
    const struct corr_layers *layers = &packet->layers;
    struct bytes checked = checked_bytes(packet);
    if (checked.size == 0) {
        return false;
    }
    uint64_t sum = sum_of(layers->source.bytes, layers->source.size, 0);
    sum = sum_of(layers->destination.bytes, layers->destination.size, sum);
    sum += (layers->has_tcp ? IP_TCP : IP_UDP) + checked.size;
    *is_right = fold(sum_of(checked.data, checked.size, sum)) == 0xFFFF;
    return true;
}

/* The checksum of the header of IPv4; true where there is none. */
static bool is_header_right(const struct corr_packet *packet)
{
    const struct corr_layers *layers = &packet->layers;
    uint32_t start = layers->network_offset;
    if (layers->network != CORR_NETWORK_IPV4 || start + IPV4_HEADER > packet->captured) {
        return true;
    }
    const uint8_t *ip = packet->data + start;
    uint32_t size = (uint32_t)(ip[0] & 15) * 4;
    return size < IPV4_HEADER || start + size > packet->captured ||
           fold(sum_of(ip, size, 0)) == 0xFFFF;
}

uint8_t corr_offload_proven(const struct corr_packet *packet)
{
    const struct corr_layers *layers = &packet->layers;
    bool is_right = true;
    if (packet->direction != ETW_DIRECTION_OUT) {
        return 0;
    }
    if (layers->has_tcp && layers->is_payload_by_frame && layers->tcp_length > 0) {
        return ETW_OFFLOAD_SEGMENTS | ETW_OFFLOAD_CHECKSUM;
    }
    bool is_wrong = (corr_checksum(packet, &is_right) && !is_right) || !is_header_right(packet);
    return is_wrong ? ETW_OFFLOAD_CHECKSUM : 0;
}
