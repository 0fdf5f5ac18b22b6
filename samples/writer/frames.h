/* SPDX-License-Identifier: MIT */
/*
 * frames.h - network frames with correct lengths and checksums.
 *
 *     struct byte_block frame = {0};
 *     frame_ethernet(&frame, &path, ETHER_IPV4);
 *     frame_tcp4(&frame, &path, &segment);
 *
 * Numbers on the wire are big-endian.
 */
#ifndef SAMPLES_WRITER_FRAMES_H
#define SAMPLES_WRITER_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "byte_block.h"

enum ether_type {
    ETHER_IPV4 = 0x0800,
    ETHER_ARP = 0x0806,
    ETHER_VLAN = 0x8100,
    ETHER_IPV6 = 0x86DD
};
enum ip_protocol { IP_ICMP = 1, IP_TCP = 6, IP_UDP = 17, IP_ICMPV6 = 58 };
enum tcp_flag { TCP_FIN = 0x01, TCP_SYN = 0x02, TCP_RST = 0x04, TCP_PSH = 0x08, TCP_ACK = 0x10 };

/* One end. */
struct endpoint {
    uint8_t mac[6];
    uint8_t ipv4[4];
    uint8_t ipv6[16];
    uint16_t port;
};

struct path {
    const struct endpoint *from, *to;
};

struct tcp_segment {
    uint32_t sequence, acknowledgement;
    uint8_t flags;
    uint16_t window;
    uint16_t maximum_segment; /* option, when not 0 */
    uint16_t ip_id;
    const void *data;
    size_t size;
};

void frame_ethernet(struct byte_block *out, const struct path *path, uint16_t ether_type);
void frame_vlan_tag(struct byte_block *out, uint16_t vlan, uint16_t ether_type);
/* Ethernet header included. A request goes to everybody. */
void frame_arp(struct byte_block *out, const struct path *path, bool is_reply);

/* From the IP header on. */
void frame_tcp4(struct byte_block *out, const struct path *path, const struct tcp_segment *segment);
void frame_tcp6(struct byte_block *out, const struct path *path, const struct tcp_segment *segment);
void frame_udp4(struct byte_block *out, const struct path *path, uint16_t ip_id, const void *data,
                size_t size);
void frame_udp6(struct byte_block *out, const struct path *path, const void *data, size_t size);
void frame_echo4(struct byte_block *out, const struct path *path, bool is_reply, uint16_t sequence,
                 size_t size);

/* 802.11 data frame header with LLC/SNAP; data follow in the clear although the
 * protected bit may be set: Windows hands over decrypted frames like that. */
void frame_wifi(struct byte_block *out, const struct path *path, bool to_access_point,
                bool has_protected_bit, uint16_t ether_type);

#endif
