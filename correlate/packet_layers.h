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

/* Whom the destination addresses. A broadcast to a subnet is told by its MAC only,
 * so over raw IP and PPP it looks like unicast. */
enum corr_cast { CORR_UNICAST, CORR_BROADCAST, CORR_MULTICAST };

/* The packet that an ICMP error is about, as its sender sent it. */
struct corr_flow {
    struct corr_address source, destination;
    uint16_t source_port, destination_port; /* valid with has_ports */
    uint8_t ip_protocol;                    /* behind extension headers */
    bool has_ports;
    bool has_tcp_seq;
    uint32_t tcp_seq; /* valid with has_tcp_seq */
};

struct corr_layers {
    enum corr_network network;
    enum corr_cast cast;
    uint16_t ether_type;    /* after VLAN tags; 0: none was seen */
    uint8_t ip_protocol;    /* the transport's, behind extension headers */
    bool is_first_fragment; /* of several: with ports, but not with all the payload */
    bool is_fragment;       /* an IP fragment other than the first: no ports */
    bool has_ports;
    bool has_tcp;             /* the TCP header's first 14 bytes are there */
    bool has_icmp;            /* ICMP or ICMPv6: type and code are there */
    bool has_quoted;          /* an ICMP error, and its quote has both addresses */
    bool is_payload_by_frame; /* IP states no length: the payload ends with the frame */
    bool is_protected_plain;  /* 802.11 data frame marked Protected whose body is plain LLC */
    uint8_t tcp_flags;
    uint8_t icmp_type, icmp_code;
    uint8_t hop_limit;   /* IPv4's time to live, IPv6's hop limit; 0 without an IP header */
    bool has_tcp_window; /* the TCP header's first 16 bytes are there */
    uint16_t source_port, destination_port;
    uint16_t ip_id;      /* IPv4's identification; 0 in IPv6 */
    uint16_t tcp_window; /* as it stands in the header, unscaled; valid with has_tcp_window */
    /* Of first and other fragments: IPv4 identification, unique with both addresses and
     * the protocol; IPv6's, unique with both addresses alone, as the protocol of other
     * fragments may be that of an extension header. */
    uint32_t fragment_id;
    uint32_t tcp_seq, tcp_ack;
    uint32_t tcp_length; /* payload, by the IP length, or by the frame when that is 0 */
    /* Bytes behind the transport header, captured or not: of TCP as tcp_length; of UDP
     * by its own length, in a first fragment that of the whole datagram; of other
     * protocols bytes behind the IP headers. By the frame when IP states no length. 0 in
     * other fragments. */
    uint32_t payload_size;
    uint32_t payload_offset; /* where they begin in the frame, may be behind its end; 0: unknown */
    uint32_t link_size;      /* bytes before what the link carries: MAC header, VLAN tags, SNAP */
    uint32_t network_offset; /* of the IP or ARP header in the frame; the frame's size: none */
    uint32_t stated_size;    /* frame length as the IP header implies; 0: it does not say */
    struct corr_address source,
        destination; /* network addresses; MACs when there is no network layer */
    struct corr_address source_mac, destination_mac;
    struct corr_flow quoted; /* not even cleared without has_quoted */
};

/* Never fails: what is not there stays zero, but for `quoted`. */
void corr_layers_read(enum etw_link link, const uint8_t *frame, size_t size,
                      struct corr_layers *layers);

/* The frame was `original` bytes long before the recorder cut it: a payload that ends
 * with the frame is longer by what is missing. */
void corr_layers_set_original(struct corr_layers *layers, uint32_t original);

/* What the bytes are when the recorder's link type may be wrong: an Ethernet
 * frame that claims to be 802.11 is recognised. Where ETW_LINK_PPP is claimed, the bytes may
 * be Ethernet, PPP or IP. */
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
