/* SPDX-License-Identifier: MIT */
/*
 * endpoints.h - an address with its port, made of what events and packets say.
 */
#ifndef CORRELATE_ENDPOINTS_H
#define CORRELATE_ENDPOINTS_H

#include <stdbool.h>
#include <stdint.h>

#include "correlate/packet_layers.h"
#include "etw/event.h"

/* Size 0: not known. All zero bytes: any address. No padding: ends are hashed as bytes. */
struct corr_endpoint {
    uint8_t bytes[16];
    uint16_t port; /* host order; 0: not known */
    uint8_t size;  /* 4, 16, or 0 */
    bool is_dual;  /* IPv6 wildcard that takes IPv4 too */
};

/* The model's address as an end: ::ffff:a.b.c.d is a.b.c.d, because the layers do not agree on
 * how they write it, and packets have it so. */
struct corr_endpoint corr_endpoint_of_event(const struct etw_socket_address *address);
/* The same of a packet's; size 0 when it is no address of IP. */
struct corr_endpoint corr_endpoint_of_packet(const struct corr_address *address, uint16_t port);
/* An address of which all bytes are zero. False when it is not known. */
bool corr_endpoint_is_any(const struct corr_endpoint *endpoint);
/* Same address, whatever the ports. */
bool corr_endpoint_same_address(const struct corr_endpoint *a, const struct corr_endpoint *b);
/* Same address and port. */
bool corr_endpoint_equal(const struct corr_endpoint *a, const struct corr_endpoint *b);

#endif
