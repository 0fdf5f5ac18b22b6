/* SPDX-License-Identifier: MIT */
#include "correlate/http_ring.h"

#include <stdlib.h>
#include <string.h>

bool http_ring_init(struct http_ring *ring, uint32_t size)
{
    *ring = (struct http_ring){.size = size};
    ring->keys = calloc(size, sizeof(*ring->keys));
    return ring->keys != NULL;
}

void http_ring_done(struct http_ring *ring)
{
    hash_index_done(&ring->index);
    free(ring->keys);
    *ring = (struct http_ring){.size = 0};
}

static uint64_t hash_of(const struct http_key *key)
{
    return hash_bytes(key, sizeof(*key));
}

uint32_t http_ring_find(const struct http_ring *ring, const struct http_key *key)
{
    uint64_t hash = hash_of(key);
    uint32_t at = 0;
    for (uint32_t place = hash_index_first(&ring->index, hash, &at); place != HASH_INDEX_NONE;
         place = hash_index_next(&ring->index, hash, &at)) {
        if (memcmp(&ring->keys[place], key, sizeof(*key)) == 0) {
            return place;
        }
    }
    return HTTP_NO_PLACE;
}

uint32_t http_ring_take(struct http_ring *ring, const struct http_key *key, bool *is_new)
{
    uint32_t place = http_ring_find(ring, key);
    *is_new = place == HTTP_NO_PLACE;
    if (!*is_new) {
        return place;
    }
    place = ring->next;
    if (ring->count == ring->size) {
        hash_index_remove(&ring->index, hash_of(&ring->keys[place]), place);
        ring->count--;
    }
    if (!hash_index_add(&ring->index, hash_of(key), place)) {
        return HTTP_NO_PLACE;
    }
    ring->keys[place] = *key;
    ring->count++;
    ring->next = (place + 1) % ring->size;
    return place;
}
