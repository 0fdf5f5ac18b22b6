/* SPDX-License-Identifier: MIT */
/*
 * packet_layers.h - from the bytes of a frame to addresses, protocol and ports,
 * only as deep as joining and filtering need. Nothing is allocated; everything
 * stays inside the captured bytes.
 */
#ifndef CORRELATE_PACKET_LAYERS_H
#define CORRELATE_PACKET_LAYERS_H

#include <stdbool.h>
#include <stdint.h>

#include "etw/base/bytes.h"
#include "etw/event.h"

enum corr_network { CORR_NETWORK_NONE, CORR_NETWORK_IPV4, CORR_NETWORK_IPV6, CORR_NETWORK_ARP };

struct corr_address {
    uint8_t size; /* 4 or 16 for IP and ARP, 6 for a MAC, 0: none */
    uint8_t bytes[16];
};

enum {
    CORR_TCP_FIN = 0x01,
    CORR_TCP_SYN = 0x02,
    CORR_TCP_RST = 0x04,
    CORR_TCP_PSH = 0x08,
    CORR_TCP_ACK = 0x10,
    CORR_TCP_URG = 0x20,
    CORR_TCP_ECE = 0x40,
    CORR_TCP_CWR = 0x80
};

struct corr_layers {
    enum corr_network network;
    uint16_t ether_type; /* after VLAN tags; 0: none was seen */
    uint8_t ip_protocol; /* the transport's, behind IPv6 extension headers */
    bool is_fragment;    /* an IP fragment other than the first: no ports */
    bool has_ports;
    bool has_tcp; /* the TCP header's first 14 bytes are there */
    uint8_t tcp_flags;
    uint16_t source_port, destination_port;
    uint32_t tcp_seq, tcp_ack;
    uint32_t tcp_length; /* payload, by the IP length, or by the frame when that is 0 */
    struct corr_address source,
        destination; /* network addresses; MACs when there is no network layer */
    struct corr_address source_mac, destination_mac;
    uint32_t link_size;      /* bytes before what the link carries: MAC header, VLAN tags, SNAP */
    uint32_t network_offset; /* of the IP or ARP header in the frame; the frame's size: none */
    uint32_t stated_size;    /* frame length as the IP header implies; 0: it does not say */
    bool is_protected_plain; /* 802.11 data frame marked Protected whose body is plain LLC */
};

/* Never fails: what is not there stays zero. */
void corr_layers_read(enum etw_link link, const uint8_t *frame, size_t size,
                      struct corr_layers *layers);

/* What the bytes are when the recorder's link type may be wrong: an Ethernet
 * frame that claims to be 802.11 is recognised. */
enum etw_link corr_link_by_bytes(enum etw_link claimed, const uint8_t *frame, size_t size);

#define CORR_PROTOCOL_TEXT_SIZE 16
/* tcp udp icmp icmpv6 igmp esp ah gre arp, else ip:N or eth:0x88cc. */
void corr_protocol_format(const struct corr_layers *layers, char text[CORR_PROTOCOL_TEXT_SIZE]);

#define CORR_ENDPOINT_TEXT_SIZE 64
/* 192.0.2.1:443, [2001:db8::1]:443, bare addresses without a port, MACs as
 * 00:11:22:33:44:55; "" for none. Writes source or destination. */
void corr_endpoint_format(const struct corr_layers *layers, bool is_source,
                          char text[CORR_ENDPOINT_TEXT_SIZE]);
void corr_address_format(const struct corr_address *address, char text[CORR_ENDPOINT_TEXT_SIZE]);

#endif
