/* SPDX-License-Identifier: MIT */
#include "correlate/wfp_frames.h"

#include <string.h>

enum { PREFIX_MAXIMUM = 43, IPV4_HEADER = 20, IPV6_HEADER = 40, HOP_LIMIT = 64 };

static void store_be16(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
}

/* A length that does not fit the field stays 0, as of segments that are cut later. */
static void put_ipv4(uint8_t *to, const uint8_t *prefix, uint32_t payload_size)
{
    uint32_t sum = 0;
    uint32_t size = IPV4_HEADER + payload_size;
    memset(to, 0, IPV4_HEADER);
    to[0] = 0x45;
    store_be16(to + 2, size <= UINT16_MAX ? size : 0);
    to[8] = HOP_LIMIT;
    to[9] = prefix[8];
    memcpy(to + 12, prefix, 8);
    for (size_t i = 0; i < IPV4_HEADER; i += 2) {
        sum += load_be16(to + i);
    }
    sum = (sum & 0xFFFF) + (sum >> 16);
    sum = (sum & 0xFFFF) + (sum >> 16);
    store_be16(to + 10, ~sum);
}

static void put_ipv6(uint8_t *to, const uint8_t *prefix, uint32_t payload_size)
{
    memset(to, 0, 8);
    to[0] = 0x60;
    store_be16(to + 4, payload_size);
    to[6] = prefix[32];
    to[7] = HOP_LIMIT;
    memcpy(to + 8, prefix, 32);
}

size_t corr_wfp_frame(const struct etw_bare_transport *form, struct bytes data, uint8_t *out,
                      uint32_t *original)
{
    uint8_t prefix[PREFIX_MAXIMUM];
    size_t prefix_size = form->prefix_size;
    if (prefix_size > sizeof(prefix) || prefix_size < 2 || data.size < prefix_size) {
        return 0;
    }
    memcpy(prefix, data.data, prefix_size);
    bool is_ipv4 = form->address_size == 4;
    size_t header_size = is_ipv4 ? IPV4_HEADER : IPV6_HEADER;
    uint32_t stated = load_u16(prefix + prefix_size - 2);
    size_t size = data.size - prefix_size;
    size = size < stated ? size : stated;
    memmove(out + header_size, data.data + prefix_size, size);
    (is_ipv4 ? put_ipv4 : put_ipv6)(out, prefix, stated);
    *original = (uint32_t)header_size + stated;
    return header_size + size;
}
