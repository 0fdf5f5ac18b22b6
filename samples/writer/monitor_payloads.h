/* SPDX-License-Identifier: MIT */
/*
 * monitor_payloads.h - payloads of the packet monitor's events that are no frames: what
 * NDIS keeps beside a packet, headers alone, payloads without headers.
 */
#ifndef SAMPLES_WRITER_MONITOR_PAYLOADS_H
#define SAMPLES_WRITER_MONITOR_PAYLOADS_H

#include "etl_payloads.h"
#include "frames.h"

/* Words of NDIS, as drivers set them. */
#define CHECKSUM_SENT_IPV4     0x01u
#define CHECKSUM_SENT_TCP      0x04u
#define CHECKSUM_SENT_IP       0x10u
#define CHECKSUM_UDP_FAILED    0x02u
#define CHECKSUM_TCP_SUCCEEDED 0x08u
#define CHECKSUM_IP_SUCCEEDED  0x20u
#define CHECKSUM_TCP_INVALID   0x80u
#define LARGE_SEND_V2          0x40000000u
#define HASH_TOEPLITZ_TCP_IPV4 0x201u

struct pktmon_words {
    uint64_t checksum, large_send, ieee8021q, hash_info, hash_value;
    uint64_t virtual_subnet, coalesced;
};

/* Events 180 (seen) and 190 (dropped) of the sighting; `count` stands where its number does. */
void payload_pktmon_words(struct byte_block *out, const struct pktmon_sighting *sighting,
                          uint16_t count, const struct pktmon_words *words);
/* Events 120 (seen) and 140 (dropped): the headers of TCP over IPv4. */
void payload_pktmon_headers4(struct byte_block *out, const struct pktmon_sighting *sighting,
                             const struct path *path, uint8_t tcp_flags);
/* Events 220 (seen) and 230 (dropped): addresses and ports of UDP over IPv6, and the payload. */
void payload_pktmon_payload6(struct byte_block *out, const struct pktmon_sighting *sighting,
                             const struct path *path);
/* Events 250 and 260. */
void payload_pktmon_context(struct byte_block *out, const struct pktmon_sighting *sighting,
                            uint64_t context);

#endif
