/* SPDX-License-Identifier: MIT */
/*
 * socket_traffic.h - what the packets of each socket add up to.
 */
#ifndef PCAPOUT_SOCKET_TRAFFIC_H
#define PCAPOUT_SOCKET_TRAFFIC_H

#include <stddef.h>
#include <stdint.h>

#include "correlate/ledger.h"
#include "correlate/packets.h"
#include "etw/base/error.h"

struct out_traffic {
    uint64_t packets_sent, packets_received;
    uint64_t bytes_sent, bytes_received; /* payload; of TCP each byte once */
    uint32_t next_sent, next_received;   /* TCP: sequence number behind what was counted */
    bool has_sent, has_received;         /* of TCP: the two before are set */
};

struct out_socket_traffic;

/* `ledger` is finished, borrowed. Memory: one struct per socket. */
enum etw_status out_socket_traffic_new(const struct corr_ledger *ledger,
                                       struct out_socket_traffic **out, struct etw_error *error);
void out_socket_traffic_free(struct out_socket_traffic *traffic); /* NULL is allowed */
/* Packets in time order; those without socket change nothing. */
void out_socket_traffic_add(struct out_socket_traffic *traffic, const struct corr_packet *packet);
const struct out_traffic *out_socket_traffic_get(const struct out_socket_traffic *traffic,
                                                 size_t socket);

#endif
