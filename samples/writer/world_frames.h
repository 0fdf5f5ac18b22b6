/* SPDX-License-Identifier: MIT */
/*
 * world_frames.h - packets of the world: frames with their truth, as the capture filter of
 * NDIS logs them.
 */
#ifndef SAMPLES_WRITER_WORLD_FRAMES_H
#define SAMPLES_WRITER_WORLD_FRAMES_H

#include "world_state.h"

/* One packet on its way. Source and destination as it travels. */
struct world_packet {
    bool is_out;
    const struct world_address *source, *destination;
    struct world_truth truth;
};

struct world_segment {
    uint8_t flags;
    uint32_t sequence, acknowledgement;
    size_t size; /* of the data */
    uint16_t window;
};

/* Owned by the process. */
struct world_truth truth_of(const struct world_process *owner, const char *kind);
/* Owned by nobody. */
struct world_truth truth_of_nobody(const char *reason, const char *kind);

/* The addresses of this host: three, the third is IPv6. */
enum { WORLD_ADDRESSES = 3 };
const struct world_address *world_local_address(unsigned number);

void packet_tcp(struct world_burst *burst, const struct world_packet *packet,
                const struct world_segment *segment);
/* More than one frame holds goes out in fragments (IPv4). */
void packet_udp(struct world_burst *burst, const struct world_packet *packet, size_t size);
void packet_echo(struct world_burst *burst, const struct world_packet *packet, bool is_reply,
                 uint16_t sequence);
/* ICMP: port unreachable, about a datagram from the packet's destination to `unreachable`. */
void packet_unreachable(struct world_burst *burst, const struct world_packet *packet,
                        const struct world_address *unreachable);
void packet_arp(struct world_burst *burst, const struct world_packet *packet, bool is_reply);

#endif
