/* SPDX-License-Identifier: MIT */
#include "correlate/end_pairs.h"

#include <stdlib.h>
#include <string.h>

#include "etw/base/array.h"

void end_pairs_done(struct end_pairs *pairs)
{
    free(pairs->pairs);
    hash_index_done(&pairs->index);
    *pairs = (struct end_pairs){.count = 0};
}

static uint32_t find(const struct end_pairs *pairs, uint64_t hash, const struct end_pair *pair)
{
    uint32_t at = 0;
    for (uint32_t i = hash_index_first(&pairs->index, hash, &at); i != HASH_INDEX_NONE;
         i = hash_index_next(&pairs->index, hash, &at)) {
        if (memcmp(&pairs->pairs[i], pair, sizeof(*pair)) == 0) {
            return i;
        }
    }
    return END_PAIRS_NONE;
}

static bool add(struct end_pairs *pairs, uint64_t hash, const struct end_pair *pair)
{
    void *grown = pairs->pairs;
    if (!array_grow(&grown, &pairs->capacity, pairs->count + 1, sizeof(*pairs->pairs))) {
        return false;
    }
    pairs->pairs = grown;
    if (!hash_index_add(&pairs->index, hash, (uint32_t)pairs->count)) {
        return false;
    }
    memcpy(&pairs->pairs[pairs->count++], pair, sizeof(*pair));
    return true;
}

bool end_pairs_take(struct end_pairs *pairs, const struct corr_packet *packet, size_t maximum,
                    uint32_t *number)
{
    const struct corr_layers *layers = &packet->layers;
    *number = END_PAIRS_NONE;
    if (!layers->has_tcp || packet->direction == ETW_DIRECTION_UNKNOWN ||
        packet->verdict.reason == CORR_NOT_LOCAL) {
        return true;
    }
    bool is_inbound = packet->direction == ETW_DIRECTION_IN;
    struct end_pair pair; /* hashed and compared as bytes */
    struct corr_endpoint source = corr_endpoint_of_packet(&layers->source, layers->source_port);
    struct corr_endpoint destination =
        corr_endpoint_of_packet(&layers->destination, layers->destination_port);
    pair.local = is_inbound ? destination : source;
    pair.remote = is_inbound ? source : destination;
    uint64_t hash = hash_bytes(&pair, sizeof(pair));
    *number = find(pairs, hash, &pair);
    if (*number != END_PAIRS_NONE || pairs->count >= maximum) {
        return true;
    }
    *number = (uint32_t)pairs->count;
    return add(pairs, hash, &pair);
}
