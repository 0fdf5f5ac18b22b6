/* SPDX-License-Identifier: MIT */
/*
 * network_layers.c - IPv4 (RFC 791), IPv6 and its extension headers (RFC 8200,
 * RFC 4302), ARP (RFC 826); TCP (RFC 9293), UDP (RFC 768), ICMP errors (RFC 792,
 * RFC 4443) with the flow they quote.
 *
 * To add a network protocol: its reader and a line in corr_network_read(). To
 * add a transport: its reader and a line in read_transport(). To add an IPv6
 * extension header: a row in extensions.
 */
#include "correlate/network_layers.h"

#include <string.h>

enum {
    IPV4_HEADER = 20, /* without options */
    IPV6_HEADER = 40,
    ARP_HEADER = 8, /* before the addresses */
    UDP_HEADER = 8,
    TCP_HEADER = 20,
    TCP_SEEN = 14, /* up to and with the flags */
    TCP_WINDOW = 14,
    ICMP_HEADER = 8
};

enum {
    PROTOCOL_ICMP = 1,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
    PROTOCOL_FRAGMENT = 44,
    PROTOCOL_AH = 51,
    PROTOCOL_ICMPV6 = 58
};

/* Two copies of constant size: one of any size would cost more than all the rest. */
static void set_address(struct corr_address *address, const uint8_t *bytes, uint8_t size)
{
    address->size = size;
    if (size == 4) {
        memcpy(address->bytes, bytes, 4);
    } else {
        memcpy(address->bytes, bytes, 16);
    }
}

/* ---- IP headers: of the packet, and of the one that an ICMP error quotes ---- */

struct ip_header {
    const uint8_t *source, *destination;
    uint32_t size; /* of headers and payload together; 0: not stated */
    uint32_t fragment_id;
    uint8_t address_size;
    uint8_t protocol;
    uint8_t hop_limit;
    uint16_t fragment; /* as IPv6 has it: 13 bits offset, 2 unused, more */
};

static bool is_first_fragment(const struct ip_header *ip)
{
    return ip->fragment == 1;
}

static bool is_later_fragment(const struct ip_header *ip)
{
    return ip->fragment > 1;
}

/* How long an extension header is: `base` + length byte * `unit`; a base of 0: no
 * such header. Each is at least 8 bytes long, so the frame's size bounds the walk. */
static const struct extension {
    uint8_t base, unit;
} extensions[256] = {
    [0] = {8, 8},                 /* hop-by-hop options */
    [43] = {8, 8},                /* routing */
    [PROTOCOL_FRAGMENT] = {8, 0}, /* its second byte is reserved */
    [PROTOCOL_AH] = {8, 4},       /* authentication */
    [60] = {8, 8},                /* destination options */
    [135] = {8, 8},               /* mobility */
    [139] = {8, 8},               /* host identity */
    [140] = {8, 8},               /* shim6 */
};

/* Moves behind the extension header that `ip->protocol` names, to the next one. */
static void take_extension(struct bytes *b, struct ip_header *ip)
{
    const struct extension *extension = &extensions[ip->protocol];
    const uint8_t *header = bytes_take(b, 8);
    if (!header) {
        return;
    }
    bytes_skip(b, extension->base + (size_t)header[1] * extension->unit - 8);
    if (ip->protocol == PROTOCOL_FRAGMENT) {
        ip->fragment = load_be16(header + 2) & 0xFFF9;
        ip->fragment_id = load_be32(header + 4);
    }
    ip->protocol = header[0];
}

/*
 * IPv4 header                                      [documented: RFC 791, 3.1]
 *   0  u4 version, u4 header length in 4-byte words
 *   2  u16  total length      4   u16  identification    8  u8  time to live, u8  protocol
 *   6  u16  fragment: reserved, don't, more; 13 bits offset
 *   12 4 bytes source         16  4 bytes destination
 *
 * This and take_ipv6: false when there is no such header; else `b` stands at the
 * transport header, or has failed before it.
 */
static bool take_ipv4(struct bytes *b, struct ip_header *ip)
{
    const uint8_t *header = bytes_take(b, IPV4_HEADER);
    size_t size = header ? (size_t)(header[0] & 0xF) * 4 : 0;
    if (!header || header[0] >> 4 != 4 || size < IPV4_HEADER) {
        return false;
    }
    uint16_t total = load_be16(header + 2); /* 0: the adapter cuts it into segments */
    uint16_t fragment = load_be16(header + 6);
    *ip = (struct ip_header){.source = header + 12,
                             .destination = header + 16,
                             .size = total >= size ? total : 0,
                             .fragment_id = load_be16(header + 4),
                             .address_size = 4,
                             .protocol = header[9],
                             .hop_limit = header[8],
                             .fragment = (uint16_t)(fragment << 3 | (fragment >> 13 & 1))};
    bytes_skip(b, size - IPV4_HEADER);
    while (ip->protocol == PROTOCOL_AH && !is_later_fragment(ip) && !b->failed) {
        take_extension(b, ip);
    }
    return true;
}

/*
 * IPv6 header                                      [documented: RFC 8200, 3]
 *   0  u4 version    4  u16  payload length    6  u8  next header, u8  hop limit
 *   8  16 bytes source    24  16 bytes destination
 */
static bool take_ipv6(struct bytes *b, struct ip_header *ip)
{
    const uint8_t *header = bytes_take(b, IPV6_HEADER);
    if (!header || header[0] >> 4 != 6) {
        return false;
    }
    uint16_t payload = load_be16(header + 4); /* 0: a jumbogram, or the adapter cuts it */
    *ip = (struct ip_header){.source = header + 8,
                             .destination = header + 24,
                             .size = payload ? IPV6_HEADER + (uint32_t)payload : 0,
                             .address_size = 16,
                             .protocol = header[6],
                             .hop_limit = header[7]};
    while (extensions[ip->protocol].base != 0 && !is_later_fragment(ip) && !b->failed) {
        take_extension(b, ip);
    }
    return true;
}

/* ---- transport ---- */

/* The payload begins at `offset` and ends where the IP header says, or with the frame. */
static void set_payload(const struct bytes *b, size_t offset, struct corr_layers *layers)
{
    layers->is_payload_by_frame = layers->stated_size == 0;
    size_t end = layers->stated_size ? layers->stated_size : b->size;
    layers->payload_offset = (uint32_t)offset;
    layers->payload_size = end > offset ? (uint32_t)(end - offset) : 0;
}

static bool read_ports(struct bytes *b, struct corr_layers *layers)
{
    const uint8_t *ports = bytes_take(b, 4);
    if (ports) {
        layers->has_ports = true;
        layers->source_port = load_be16(ports);
        layers->destination_port = load_be16(ports + 2);
    }
    return ports != NULL;
}

/*
 * TCP header                                       [documented: RFC 9293, 3.1]
 *   0  u16  source port        8   u32  acknowledgement
 *   2  u16  destination port   12  u4   header length in 4-byte words
 *   4  u32  sequence           13  u8   flags
 *                              14  u16  window
 */
static void read_tcp(struct bytes *b, struct corr_layers *layers)
{
    size_t start = b->position;
    const uint8_t *tcp = b->data + start;
    if (!read_ports(b, layers) || b->size - start < TCP_SEEN) {
        return;
    }
    layers->has_tcp = true;
    layers->tcp_seq = load_be32(tcp + 4);
    layers->tcp_ack = load_be32(tcp + 8);
    layers->tcp_flags = tcp[13];
    if (b->size - start >= TCP_WINDOW + 2) {
        layers->has_tcp_window = true;
        layers->tcp_window = load_be16(tcp + TCP_WINDOW);
    }
    size_t header = (size_t)(tcp[12] >> 4) * 4;
    set_payload(b, start + (header < TCP_HEADER ? TCP_HEADER : header), layers);
    layers->tcp_length = layers->payload_size;
}

/*
 * UDP header                                       [documented: RFC 768]
 *   0  u16  source port    2  u16  destination port
 *   4  u16  length with this header; 0: a jumbogram
 * Where IP states no length the adapter cuts the packet: then the frame's counts here, too.
 */
static void read_udp(struct bytes *b, struct corr_layers *layers)
{
    size_t start = b->position;
    if (!read_ports(b, layers)) {
        return;
    }
    set_payload(b, start + UDP_HEADER, layers);
    const uint8_t *length = bytes_take(b, 2);
    uint16_t size = length ? load_be16(length) : 0;
    if (size != 0 && layers->stated_size != 0) {
        layers->payload_size = size > UDP_HEADER ? size - (uint32_t)UDP_HEADER : 0;
    }
}

/* ---- ICMP ---- */

/* Types that quote the packet they are about, behind a header of 8 bytes. */
static const uint32_t icmp_errors =
    1u << 3 | 1u << 4 | 1u << 5 | 1u << 11 | 1u << 12; /* unreachable, quench, redirect, time,
                                                          parameter */
static const uint32_t icmpv6_errors =
    1u << 1 | 1u << 2 | 1u << 3 | 1u << 4; /* unreachable, too big, time, parameter */

enum {
    ICMPV6_REDIRECT = 137, /* [documented: RFC 4861, 4.5 and 4.6.3] */
    REDIRECT_ADDRESSES = 32,
    OPTION_REDIRECTED = 4
};

static void read_quoted_ports(struct bytes *b, struct corr_flow *flow)
{
    const uint8_t *ports = bytes_take(b, 4);
    const uint8_t *sequence = bytes_take(b, 4); /* TCP's */
    if (ports) {
        flow->has_ports = true;
        flow->source_port = load_be16(ports);
        flow->destination_port = load_be16(ports + 2);
    }
    if (sequence && flow->ip_protocol == PROTOCOL_TCP) {
        flow->has_tcp_seq = true;
        flow->tcp_seq = load_be32(sequence);
    }
}

static void read_quoted(struct bytes *b, struct corr_layers *layers)
{
    struct ip_header ip;
    bool is_ipv6 = layers->network == CORR_NETWORK_IPV6;
    if (!(is_ipv6 ? take_ipv6(b, &ip) : take_ipv4(b, &ip))) {
        return;
    }
    struct corr_flow *flow = &layers->quoted;
    *flow = (struct corr_flow){.ip_protocol = ip.protocol};
    set_address(&flow->source, ip.source, ip.address_size);
    set_address(&flow->destination, ip.destination, ip.address_size);
    layers->has_quoted = true;
    bool has_ports = ip.protocol == PROTOCOL_TCP || ip.protocol == PROTOCOL_UDP;
    if (has_ports && !is_later_fragment(&ip)) {
        read_quoted_ports(b, flow);
    }
}

/* Leaves `b` at the packet in the Redirected Header option; false when there is
 * none. Options are at least 8 bytes long, so the frame's size bounds the walk. */
static bool find_redirected(struct bytes *b)
{
    bytes_skip(b, REDIRECT_ADDRESSES);
    for (;;) {
        const uint8_t *option = bytes_take(b, 8); /* u8 type, u8 length in 8 bytes, 6 bytes */
        if (!option || option[1] == 0) {
            return false;
        }
        if (option[0] == OPTION_REDIRECTED) {
            return true;
        }
        bytes_skip(b, (size_t)(option[1] - 1) * 8);
    }
}

static void read_icmp(struct bytes *b, struct corr_layers *layers)
{
    if (bytes_left(b) < 2) {
        return;
    }
    layers->has_icmp = true;
    layers->icmp_type = b->data[b->position];
    layers->icmp_code = b->data[b->position + 1];
    bytes_skip(b, ICMP_HEADER);
    uint8_t type = layers->icmp_type;
    bool is_ipv6 = layers->network == CORR_NETWORK_IPV6;
    bool is_error = type < 32 && ((is_ipv6 ? icmpv6_errors : icmp_errors) >> type & 1);
    if (is_error || (is_ipv6 && type == ICMPV6_REDIRECT && find_redirected(b))) {
        read_quoted(b, layers);
    }
}

/* Called for nearly every packet: direct calls, which the compiler can join. */
static void read_transport(struct bytes *b, struct corr_layers *layers)
{
    if (layers->ip_protocol == PROTOCOL_TCP) {
        read_tcp(b, layers);
        return;
    }
    if (layers->ip_protocol == PROTOCOL_UDP) {
        read_udp(b, layers);
        return;
    }
    set_payload(b, b->position, layers);
    bool is_ipv6 = layers->network == CORR_NETWORK_IPV6;
    if (layers->ip_protocol == (is_ipv6 ? PROTOCOL_ICMPV6 : PROTOCOL_ICMP)) {
        read_icmp(b, layers);
    }
}

/* ---- network ---- */

static enum corr_cast cast_of_ip(const struct ip_header *ip)
{
    uint8_t first = ip->destination[0];
    if (ip->address_size == 16) {
        return first == 0xFF ? CORR_MULTICAST : CORR_UNICAST;
    }
    if (first >> 4 == 0xE) {
        return CORR_MULTICAST;
    }
    return load_be32(ip->destination) == UINT32_MAX ? CORR_BROADCAST : CORR_UNICAST;
}

/* What follows the packet in the frame is padding. */
static void end_at(struct bytes *b, uint32_t stated_size)
{
    if (stated_size != 0 && stated_size < b->size) {
        b->failed = b->failed || stated_size < b->position;
        b->size = stated_size < b->position ? b->position : stated_size;
    }
}

static void read_ip(enum corr_network network, struct bytes *b, struct corr_layers *layers)
{
    size_t start = b->position;
    struct ip_header ip;
    if (!(network == CORR_NETWORK_IPV6 ? take_ipv6(b, &ip) : take_ipv4(b, &ip))) {
        return;
    }
    layers->network = network;
    layers->network_offset = (uint32_t)start;
    layers->stated_size = ip.size ? (uint32_t)start + ip.size : 0;
    layers->ip_protocol = ip.protocol;
    layers->hop_limit = ip.hop_limit;
    layers->ip_id = network == CORR_NETWORK_IPV4 ? (uint16_t)ip.fragment_id : 0;
    layers->cast = cast_of_ip(&ip);
    set_address(&layers->source, ip.source, ip.address_size);
    set_address(&layers->destination, ip.destination, ip.address_size);
    layers->is_first_fragment = is_first_fragment(&ip);
    layers->is_fragment = is_later_fragment(&ip);
    if (ip.fragment != 0) {
        layers->fragment_id = ip.fragment_id;
    }
    end_at(b, layers->stated_size);
    if (!b->failed && !layers->is_fragment) {
        read_transport(b, layers);
    }
}

/*
 * ARP                                              [documented: RFC 826]
 *   0  u16  hardware type    4  u8  hardware address size    8   sender: hardware, protocol
 *   2  u16  protocol type    5  u8  protocol address size    ..  target: hardware, protocol
 */
static void read_arp(struct bytes *b, struct corr_layers *layers)
{
    size_t start = b->position;
    const uint8_t *arp = bytes_take(b, ARP_HEADER);
    if (!arp || load_be16(arp + 2) != CORR_ETHER_IPV4 || arp[5] != 4) {
        return;
    }
    size_t hardware = arp[4];
    const uint8_t *addresses = bytes_take(b, 2 * (hardware + 4));
    if (!addresses) {
        return;
    }
    layers->network = CORR_NETWORK_ARP;
    layers->network_offset = (uint32_t)start;
    set_address(&layers->source, addresses + hardware, 4);
    set_address(&layers->destination, addresses + 2 * hardware + 4, 4);
}

void corr_network_read(uint16_t ether_type, struct bytes *b, struct corr_layers *layers)
{
    if (ether_type == CORR_ETHER_IPV4) {
        read_ip(CORR_NETWORK_IPV4, b, layers);
    } else if (ether_type == CORR_ETHER_IPV6) {
        read_ip(CORR_NETWORK_IPV6, b, layers);
    } else if (ether_type == CORR_ETHER_ARP) {
        read_arp(b, layers);
    }
}
