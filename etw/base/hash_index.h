/* SPDX-License-Identifier: MIT */
/*
 * hash_index.h - from a hash to row numbers of a table that the caller keeps.
 *
 *     uint64_t hash = hash_bytes(key, key_size);
 *     for (uint32_t row = hash_index_first(&index, hash, &at); row != HASH_INDEX_NONE;
 *          row = hash_index_next(&index, hash, &at)) {
 *         if (table[row] has this key) ...
 *     }
 *
 * Only looked up, never walked, so that output does not depend on it.
 */
#ifndef ETW_BASE_HASH_INDEX_H
#define ETW_BASE_HASH_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HASH_INDEX_NONE UINT32_MAX

struct hash_slot {
    uint32_t hash; /* upper half of the hash */
    uint32_t row;  /* HASH_INDEX_NONE: free */
};

/* Zero-initialised is empty and valid. */
struct hash_index {
    struct hash_slot *slots; /* owned */
    uint32_t count;
    uint32_t mask; /* number of slots - 1; 0 with slots NULL */
};

/* Seeded per process start-up by a constant: the index only ever holds keys of
 * bounded number, and equal runs must behave equally. */
uint64_t hash_bytes(const void *key, size_t size);

/* Adds a row; the same hash may be added several times. False: no memory. */
bool hash_index_add(struct hash_index *index, uint64_t hash, uint32_t row);
/* Removes one entry; it must be there. */
void hash_index_remove(struct hash_index *index, uint64_t hash, uint32_t row);

/* Rows added with this hash, in no stated order; HASH_INDEX_NONE at the end. */
uint32_t hash_index_first(const struct hash_index *index, uint64_t hash, uint32_t *at);
uint32_t hash_index_next(const struct hash_index *index, uint64_t hash, uint32_t *at);

void hash_index_clear(struct hash_index *index);
void hash_index_done(struct hash_index *index);

#endif
