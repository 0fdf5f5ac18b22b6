/* SPDX-License-Identifier: MIT */
/*
 * scenario_frames.h - packets as a scenario describes them: with TCP options, as fragments, and
 * with the checksums and lengths that a sender leaves to its network card.
 */
#ifndef SAMPLES_WRITER_SCENARIO_FRAMES_H
#define SAMPLES_WRITER_SCENARIO_FRAMES_H

#include "frames.h"

enum scenario_checksum {
    CHECKSUM_RIGHT,
    CHECKSUM_PARTIAL, /* the sum over the pseudo header only: the card adds the rest */
    CHECKSUM_ZERO
};

struct scenario_packet {
    struct endpoint from, to;
    bool is_ipv6;
    bool is_raw; /* begins with the IP header */
    bool is_arp, is_arp_reply;
    enum ip_protocol protocol;
    uint32_t sequence, acknowledgement;
    uint8_t flags;
    uint16_t window, maximum_segment; /* 0: no option */
    int window_scale;                 /* -1: no option */
    bool can_sack;
    uint8_t icmp_type, icmp_code;
    uint16_t echo_sequence;
    uint16_t ip_id;
    uint8_t time_to_live;
    bool is_fragment;                /* of IPv4 */
    uint16_t fragment_offset;        /* bytes */
    bool has_no_length;              /* the IPv4 header says 0: the card cuts it into segments */
    enum scenario_checksum checksum; /* of TCP or UDP; partial and zero leave IP's zero too */
    bool is_padded;                  /* to the 60 bytes that a received frame has at least */
    const uint8_t *data; /* of an ICMP error: the packet it is about, from the IP header on */
    size_t size;
};

void scenario_frame(struct byte_block *out, const struct scenario_packet *packet);

#endif
