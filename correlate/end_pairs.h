/* SPDX-License-Identifier: MIT */
/*
 * end_pairs.h - numbers for pairs of ends that no socket of the ledger has, in order of
 * appearance. Inside correlate only.
 */
#ifndef CORRELATE_END_PAIRS_H
#define CORRELATE_END_PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "correlate/packets.h"
#include "correlate/sockets.h"
#include "etw/base/hash_index.h"

struct end_pair {
    struct corr_endpoint local, remote;
};

/* Zeroed: empty. */
struct end_pairs {
    struct end_pair *pairs; /* owned */
    size_t count, capacity;
    struct hash_index index;
};

#define END_PAIRS_NONE UINT32_MAX

void end_pairs_done(struct end_pairs *pairs);

/* The number of a TCP packet's ends, which is new when there were fewer than `maximum`.
 * END_PAIRS_NONE: it is no TCP packet, its direction is not known, it is not from or for this
 * machine, or there are too many. False: no memory. */
bool end_pairs_take(struct end_pairs *pairs, const struct corr_packet *packet, size_t maximum,
                    uint32_t *number);

#endif
