/* SPDX-License-Identifier: MIT */
/*
 * scenario_frames.h - IPv4 packets as a scenario describes them: with TCP options, and with
 * the checksums that a sender leaves to its network card.
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
    enum ip_protocol protocol; /* IP_TCP or IP_UDP */
    uint32_t sequence, acknowledgement;
    uint8_t flags;
    uint16_t window, maximum_segment; /* 0: no option */
    int window_scale;                 /* -1: no option */
    bool can_sack;
    uint16_t ip_id;
    uint8_t time_to_live;
    enum scenario_checksum checksum; /* of TCP or UDP; partial and zero leave IP's zero too */
    bool is_padded;                  /* to the 60 bytes that a received frame has at least */
    const uint8_t *data;
    size_t size;
};

/* Ethernet header included. */
void scenario_frame(struct byte_block *out, const struct scenario_packet *packet);

#endif
