/* SPDX-License-Identifier: MIT */
/*
 * http_ring.h - places for the latest so many keys; a new key takes the place of the
 * oldest. Inside correlate only.
 */
#ifndef CORRELATE_HTTP_RING_H
#define CORRELATE_HTTP_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "etw/base/hash_index.h"

#define HTTP_NO_PLACE UINT32_MAX

/* A handle of a process, or of the machine. No padding: hashed as bytes. */
struct http_key {
    uint64_t value;
    uint32_t pid; /* 0: the machine's */
    uint32_t space;
};

struct http_ring {
    struct http_key *keys; /* owned */
    struct hash_index index;
    uint32_t size;  /* places */
    uint32_t count; /* of them in use */
    uint32_t next;  /* the oldest, once all are in use */
};

bool http_ring_init(struct http_ring *ring, uint32_t size);
void http_ring_done(struct http_ring *ring);
/* HTTP_NO_PLACE: the key is not there. */
uint32_t http_ring_find(const struct http_ring *ring, const struct http_key *key);
/* The key's place, or a new one for it; `*is_new` says which. HTTP_NO_PLACE: no memory. */
uint32_t http_ring_take(struct http_ring *ring, const struct http_key *key, bool *is_new);

#endif
