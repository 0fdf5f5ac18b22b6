/* SPDX-License-Identifier: MIT */
/*
 * packet_routes.h - the different ways that packets of a trace took: from which port of a
 * virtual switch to which others, or over whose remote access connection. Packets of one
 * way share a row.
 */
#ifndef CORRELATE_PACKET_ROUTES_H
#define CORRELATE_PACKET_ROUTES_H

#include <stddef.h>
#include <stdint.h>

#include "etw/base/error.h"
#include "etw/base/hash_index.h"
#include "etw/event.h"

/* Destinations that are kept of a packet that goes to many. */
#define CORR_ROUTE_PORTS 64
/* Bytes of the trace that all routes together may be made of. */
#define CORR_ROUTES_BYTES (16u << 20)

struct corr_port {
    uint32_t id;
    const char *name;     /* UTF-8, "" when not stated; owned by the table, as all texts here */
    const char *nic;      /* the adapter that is plugged into it */
    const char *nic_type; /* Internal, External, Synthetic, ... */
};

struct corr_route {
    enum etw_route kind;
    /* Equal for all routes from one port, or of one remote access connection. */
    uint32_t source;
    struct corr_port from;      /* ETW_ROUTE_SWITCH */
    const struct corr_port *to; /* owned */
    size_t to_count;            /* kept; `to_logged` says how many there were */
    uint32_t to_logged;
    const char *user;           /* ETW_ROUTE_RAS */
    const char *routing_domain; /* the same */
};

struct corr_route_row;

/* Zero-initialised is empty and valid. */
struct corr_routes {
    struct corr_route_row **rows; /* owned; they never move */
    size_t count, capacity;
    size_t bytes;
    struct hash_index index, sources;
    uint64_t ignored; /* packets whose route found no place */
};

/* Makes a row of the packet's route when it has one that is new. */
enum etw_status corr_routes_learn(struct corr_routes *routes, const struct etw_packet *packet,
                                  struct etw_error *error);
/* NULL: the packet has none, or none was learned. */
const struct corr_route *corr_routes_find(const struct corr_routes *routes,
                                          const struct etw_packet *packet);
void corr_routes_done(struct corr_routes *routes);

#endif
