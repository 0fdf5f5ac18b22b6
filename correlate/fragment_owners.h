/* SPDX-License-Identifier: MIT */
/*
 * fragment_owners.h - whose the first fragment of a datagram was; later ones have no
 * ports. Inside correlate only. Bounded: a datagram whose first fragment is forgotten
 * is not known.
 */
#ifndef CORRELATE_FRAGMENT_OWNERS_H
#define CORRELATE_FRAGMENT_OWNERS_H

#include <stdbool.h>

#include "correlate/attribution.h"

struct fragment_owners;

/* What is kept of a first fragment. */
struct first_fragment {
    uint64_t hash; /* of addresses, protocol and identification; 0: none */
    int64_t time;
    struct corr_verdict verdict;
    uint16_t source_port, destination_port;
    uint32_t payload_size;
    uint8_t direction; /* enum etw_direction */
    uint8_t protocol;
    bool has_ports;
};

enum etw_status fragment_owners_new(struct fragment_owners **out, struct etw_error *error);
void fragment_owners_free(struct fragment_owners *owners); /* NULL is allowed */

/* `layers` are those of a first fragment. */
void fragment_owners_remember(struct fragment_owners *owners, const struct corr_layers *layers,
                              enum etw_direction direction, int64_t time,
                              const struct corr_verdict *verdict);
/* The first fragment to a later one, seen in the 30 s before `time`. NULL: none. Borrowed
 * until the next remember. */
const struct first_fragment *fragment_owners_find(const struct fragment_owners *owners,
                                                  const struct corr_layers *layers, int64_t time);

#endif
