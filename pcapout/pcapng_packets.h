/* SPDX-License-Identifier: MIT */
/*
 * pcapng_packets.h - the Enhanced Packet Block, of packets and of events that stand in the
 * file as packets. Those of packets are written straight to where the file is collected:
 * they are nearly all there is.
 */
#ifndef PCAPOUT_PCAPNG_PACKETS_H
#define PCAPOUT_PCAPNG_PACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "correlate/packets.h"
#include "correlate/processes.h"
#include "etw/base/bytes.h"
#include "etw/base/text.h"
#include "pcapout/interfaces.h"
#include "pcapout/radiotap.h"

/* The variable parts of one block. Everything is borrowed. */
struct pcapng_packet {
    const struct corr_packet *packet; /* NULL: an event */
    const struct out_interface *interface;
    uint8_t radiotap[RADIOTAP_MAXIMUM_SIZE];
    uint32_t radiotap_size;
    uint32_t before;     /* bytes of the headers that stand before the frame: PKTAP, radiotap */
    uint32_t captured;   /* of the frame */
    bool is_unprotected; /* the Protected bit of the 802.11 frame is cleared; it has two bytes */
    bool has_comment;
    struct bytes comment;               /* behind frame=N */
    struct bytes verdict;               /* whole options */
    const struct corr_process *process; /* NULL: no owner */
    bool has_process_block;
    uint32_t process_block;            /* its number */
    const struct corr_process *behalf; /* the process that the packet alone is for; NULL: none */
    uint32_t behalf_block;             /* its number */
};

/* Bytes that the block of a packet takes at most. */
size_t pcapng_packet_most(const struct pcapng_packet *parts);
/* Writes the block of a packet to `start` and returns its size. */
size_t pcapng_packet_put(uint8_t *start, const struct pcapng_packet *parts);

/* Collects the block of an event, whose bytes are as pcapng_events.h has them, in `block`. Of
 * `parts` only the interface and the process are looked at. */
void pcapng_event_block(struct text *block, const struct pcapng_packet *parts, int64_t time,
                        const struct bytes *event);
/* The same of an SMB message, the packet of `parts`, behind its tags (pcapng_messages.h). It has no
 * packet id; the comment is whole. */
void pcapng_message_block(struct text *block, const struct pcapng_packet *parts,
                          const struct bytes *tags);

#endif
