/* SPDX-License-Identifier: MIT */
/*
 * tcp_endpoints.h - the stack's TCP endpoints: for whom they were made, and who
 * inherits their ports. Part of tcp_history.h.
 *
 * An endpoint becomes a listener or hands its port to a connection; the event of the
 * port names both pointers, so that the heir's process is that of the endpoint.
 */
#ifndef CORRELATE_TCP_ENDPOINTS_H
#define CORRELATE_TCP_ENDPOINTS_H

#include <stdbool.h>
#include <stdint.h>

#include "etw/event.h"

/* What an heir gets. */
struct tcp_legacy {
    uint64_t start_key;
    int64_t made;      /* when the endpoint was */
    uint64_t offset;   /* of the record that says so */
    int64_t inherited; /* when its port was */
    uint64_t inherited_offset;
    uint32_t pid; /* 0: no legacy */
    uint16_t port;
};

struct tcp_endpoints;

struct tcp_endpoints *tcp_endpoints_new(void); /* NULL: no memory */
void tcp_endpoints_free(struct tcp_endpoints *endpoints);

/* Takes creation and close of endpoints, and ports acquired and released. False: no memory. */
bool tcp_endpoints_learn(struct tcp_endpoints *endpoints, const struct etw_event *event);
/* Hands over what this object, bound to this port, just inherited; once. */
struct tcp_legacy tcp_endpoints_take(struct tcp_endpoints *endpoints, uint64_t heir, uint16_t port,
                                     int64_t time);

/* The value of the first handle in this space; 0: none. */
uint64_t tcp_handle_of(const struct etw_socket *socket, enum etw_handle_space space);

#endif
