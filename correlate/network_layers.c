/* SPDX-License-Identifier: MIT */
/*
 * network_layers.c - IPv4 (RFC 791), IPv6 and its extension headers (RFC 8200,
 * RFC 4302), ARP (RFC 826), ports and TCP (RFC 9293).
 *
 * To add a network protocol: its reader and a line in corr_network_read(). To
 * add a transport: its reader and a line in read_transport().
 */
#include "correlate/network_layers.h"

#include <string.h>

enum {
    IPV4_HEADER = 20, /* without options */
    IPV6_HEADER = 40,
    ARP_HEADER = 8, /* before the addresses */
    TCP_HEADER = 20,
    TCP_SEEN = 14 /* up to and with the flags */
};

static void set_address(struct corr_address *address, const uint8_t *bytes, uint8_t size)
{
    address->size = size;
    memcpy(address->bytes, bytes, size);
}

/* ---- transport ---- */

static void read_ports(struct bytes *b, struct corr_layers *layers)
{
    const uint8_t *ports = bytes_take(b, 4);
    if (ports) {
        layers->has_ports = true;
        layers->source_port = load_be16(ports);
        layers->destination_port = load_be16(ports + 2);
    }
}

/*
 * TCP header                                       [documented: RFC 9293, 3.1]
 *   0  u16  source port        8   u32  acknowledgement
 *   2  u16  destination port   12  u4   header length in 4-byte words
 *   4  u32  sequence           13  u8   flags
 */
static void read_tcp(struct bytes *b, struct corr_layers *layers)
{
    size_t start = b->position;
    const uint8_t *tcp = b->data + start;
    read_ports(b, layers);
    if (b->size - start < TCP_SEEN) {
        return;
    }
    layers->has_tcp = true;
    layers->tcp_seq = load_be32(tcp + 4);
    layers->tcp_ack = load_be32(tcp + 8);
    layers->tcp_flags = tcp[13];
    size_t header = (size_t)(tcp[12] >> 4) * 4;
    size_t end = layers->stated_size ? layers->stated_size : b->size;
    size_t data = start + (header < TCP_HEADER ? TCP_HEADER : header);
    layers->tcp_length = end > data ? (uint32_t)(end - data) : 0;
}

/* Called for nearly every packet: direct calls, which the compiler can join. */
static void read_transport(struct bytes *b, struct corr_layers *layers)
{
    if (layers->ip_protocol == 6) {
        read_tcp(b, layers);
    } else if (layers->ip_protocol == 17) {
        read_ports(b, layers);
    }
}

/* ---- network ---- */

/*
 * IPv4 header                                      [documented: RFC 791, 3.1]
 *   0  u4 version, u4 header length in 4-byte words
 *   2  u16  total length      9   u8   protocol
 *   6  u16  fragment: 3 flag bits, 13 bits offset    12  4 bytes source, 16  destination
 */
static void read_ipv4(struct bytes *b, struct corr_layers *layers)
{
    size_t start = b->position;
    const uint8_t *ip = bytes_take(b, IPV4_HEADER);
    size_t header = ip ? (size_t)(ip[0] & 0xF) * 4 : 0;
    if (!ip || ip[0] >> 4 != 4 || header < IPV4_HEADER) {
        return;
    }
    layers->network = CORR_NETWORK_IPV4;
    layers->network_offset = (uint32_t)start;
    layers->ip_protocol = ip[9];
    set_address(&layers->source, ip + 12, 4);
    set_address(&layers->destination, ip + 16, 4);
    uint16_t total = load_be16(ip + 2); /* 0: the adapter cuts it into segments */
    layers->stated_size = total >= header ? (uint32_t)start + total : 0;
    layers->is_fragment = (load_be16(ip + 6) & 0x1FFF) != 0;
    bytes_skip(b, header - IPV4_HEADER);
    if (!b->failed && !layers->is_fragment) {
        read_transport(b, layers);
    }
}

/* How long an IPv6 extension header is: (its length byte + add) * unit. */
struct extension {
    uint8_t protocol;
    uint8_t add, unit;
};

static const struct extension extensions[] = {
    {0, 1, 8},  /* hop-by-hop options */
    {43, 1, 8}, /* routing */
    {44, 0, 0}, /* fragment: always 8, its second byte is reserved */
    {51, 2, 4}, /* authentication */
    {60, 1, 8}, /* destination options */
};

static const struct extension *find_extension(uint8_t protocol)
{
    for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
        if (extensions[i].protocol == protocol) {
            return &extensions[i];
        }
    }
    return NULL;
}

/* Leaves `b` at the transport header; false when that is not in the frame. Each
 * header is at least 8 bytes long, so the frame's size bounds the walk. */
static bool skip_extensions(struct bytes *b, struct corr_layers *layers)
{
    const struct extension *extension = find_extension(layers->ip_protocol);
    for (; extension; extension = find_extension(layers->ip_protocol)) {
        const uint8_t *header = bytes_take(b, 8);
        if (!header) {
            return false;
        }
        size_t size = (size_t)(header[1] + extension->add) * extension->unit;
        bytes_skip(b, size > 8 ? size - 8 : 0);
        layers->ip_protocol = header[0];
        if (extension->unit == 0 && (load_be16(header + 2) & 0xFFF8) != 0) {
            layers->is_fragment = true;
            return false;
        }
    }
    return !b->failed;
}

/*
 * IPv6 header                                      [documented: RFC 8200, 3]
 *   0  u4 version    4  u16  payload length    6  u8  next header
 *   8  16 bytes source    24  16 bytes destination
 */
static void read_ipv6(struct bytes *b, struct corr_layers *layers)
{
    size_t start = b->position;
    const uint8_t *ip = bytes_take(b, IPV6_HEADER);
    if (!ip || ip[0] >> 4 != 6) {
        return;
    }
    layers->network = CORR_NETWORK_IPV6;
    layers->network_offset = (uint32_t)start;
    layers->ip_protocol = ip[6];
    set_address(&layers->source, ip + 8, 16);
    set_address(&layers->destination, ip + 24, 16);
    uint16_t payload = load_be16(ip + 4); /* 0: a jumbogram, or the adapter cuts it */
    layers->stated_size = payload ? (uint32_t)start + IPV6_HEADER + payload : 0;
    if (skip_extensions(b, layers)) {
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

void corr_network_read(uint16_t ether_type, const struct bytes *frame, struct corr_layers *layers)
{
    struct bytes b = *frame; /* of our own, so that it can stay in registers */
    if (ether_type == CORR_ETHER_IPV4) {
        read_ipv4(&b, layers);
    } else if (ether_type == CORR_ETHER_IPV6) {
        read_ipv6(&b, layers);
    } else if (ether_type == CORR_ETHER_ARP) {
        read_arp(&b, layers);
    }
}
