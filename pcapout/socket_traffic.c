/* SPDX-License-Identifier: MIT */
#include "pcapout/socket_traffic.h"

#include <stdlib.h>

struct out_socket_traffic {
    size_t count;
    struct out_traffic rows[]; /* by row of the ledger */
};

enum etw_status out_socket_traffic_new(const struct corr_ledger *ledger,
                                       struct out_socket_traffic **out, struct etw_error *error)
{
    const struct corr_socket *rows = NULL;
    size_t count = corr_ledger_sockets(ledger, &rows);
    struct out_socket_traffic *traffic =
        calloc(1, sizeof(*traffic) + count * sizeof(traffic->rows[0]));
    if (!traffic) {
        return etw_fail_memory(error, "the traffic of the sockets");
    }
    traffic->count = count;
    *out = traffic;
    return ETW_OK;
}

void out_socket_traffic_free(struct out_socket_traffic *traffic)
{
    free(traffic);
}

/* Bytes of a segment beyond what was counted; retransmitted ones are none. The first segment
 * of a direction sets where counting begins. */
static uint64_t new_bytes(const struct corr_layers *layers, uint32_t *next, bool *has_next)
{
    uint32_t begin = layers->tcp_seq + ((layers->tcp_flags & CORR_TCP_SYN) != 0);
    uint32_t end = begin + layers->tcp_length;
    if (!*has_next) {
        *has_next = true;
        *next = begin;
    }
    int32_t beyond = (int32_t)(end - *next);
    if (beyond <= 0) {
        return 0;
    }
    *next = end;
    return (uint32_t)beyond < layers->tcp_length ? (uint32_t)beyond : layers->tcp_length;
}

static uint64_t payload_of(const struct corr_layers *layers, uint32_t *next, bool *has_next)
{
    if (layers->has_tcp) {
        return new_bytes(layers, next, has_next);
    }
    return layers->is_fragment ? 0 : layers->payload_size;
}

void out_socket_traffic_add(struct out_socket_traffic *traffic, const struct corr_packet *packet)
{
    const struct corr_verdict *verdict = &packet->verdict;
    if (verdict->socket >= traffic->count) {
        return;
    }
    struct out_traffic *row = &traffic->rows[verdict->socket];
    if (verdict->is_inbound) {
        row->packets_received++;
        row->bytes_received += payload_of(&packet->layers, &row->next_received, &row->has_received);
    } else {
        row->packets_sent++;
        row->bytes_sent += payload_of(&packet->layers, &row->next_sent, &row->has_sent);
    }
}

const struct out_traffic *out_socket_traffic_get(const struct out_socket_traffic *traffic,
                                                 size_t socket)
{
    return &traffic->rows[socket];
}
