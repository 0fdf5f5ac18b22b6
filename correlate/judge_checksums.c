/* SPDX-License-Identifier: MIT */
/*
 * judge_checksums.c - the checksum of a TCP segment (RFC 9293, 3.1; RFC 1071).
 */
#include <string.h>

#include "correlate/judge_observations.h"
#include "etw/base/bytes.h"

enum { IP_TCP = 6, TCP_HEADER = 20 };

static uint64_t sum_of(const uint8_t *bytes, size_t size, uint64_t sum)
{
    size_t at = 0;
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

bool judge_checksum(const struct corr_packet *packet, bool *is_right)
{
    const struct corr_layers *layers = &packet->layers;
    bool is_whole = layers->has_tcp && layers->stated_size > 0 && !packet->is_incomplete &&
                    !layers->is_first_fragment && packet->captured >= layers->stated_size;
    uint32_t start = is_whole ? tcp_start(packet) : 0;
    if (start == 0) {
        return false;
    }
    uint32_t size = layers->stated_size - start;
    uint64_t sum = sum_of(layers->source.bytes, layers->source.size, 0);
    sum = sum_of(layers->destination.bytes, layers->destination.size, sum);
    sum = sum_of(packet->data + start, size, sum + IP_TCP + size);
    *is_right = fold(sum) == 0xFFFF;
    return true;
}
