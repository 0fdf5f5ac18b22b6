/* SPDX-License-Identifier: MIT */
#include "etw/base/hash_index.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* Any constant; it only keeps the hash from being the one in every textbook. */
#define HASH_SEED UINT64_C(0x65747774)

uint64_t hash_bytes(const void *key, size_t size)
{
    return XXH3_64bits_withSeed(key, size, HASH_SEED);
}

static void place(struct hash_index *index, uint32_t hash, uint32_t row)
{
    uint32_t at = hash & index->mask;
    while (index->slots[at].row != HASH_INDEX_NONE) {
        at = (at + 1) & index->mask;
    }
    index->slots[at] = (struct hash_slot){.hash = hash, .row = row};
}

static bool resize(struct hash_index *index, uint32_t slot_count)
{
    struct hash_slot *slots = malloc(slot_count * sizeof(*slots));
    if (!slots) {
        return false;
    }
    memset(slots, 0xFF, slot_count * sizeof(*slots)); /* every row HASH_INDEX_NONE */
    struct hash_index old = *index;
    index->slots = slots;
    index->mask = slot_count - 1;
    for (uint32_t i = 0; old.slots && i <= old.mask; i++) {
        if (old.slots[i].row != HASH_INDEX_NONE) {
            place(index, old.slots[i].hash, old.slots[i].row);
        }
    }
    free(old.slots);
    return true;
}

/* The upper half is kept, the lower bits of it choose the slot. */
static uint32_t kept_hash(uint64_t hash)
{
    return (uint32_t)(hash >> 32);
}

bool hash_index_add(struct hash_index *index, uint64_t hash, uint32_t row)
{
    uint32_t slot_count = index->slots ? index->mask + 1 : 0;
    if (index->count >= slot_count / 2) {
        if (slot_count > UINT32_MAX / 4 || !resize(index, slot_count ? slot_count * 2 : 64)) {
            return false;
        }
    }
    place(index, kept_hash(hash), row);
    index->count++;
    return true;
}

static uint32_t search(const struct hash_index *index, uint32_t hash, uint32_t *at)
{
    for (;; *at = (*at + 1) & index->mask) {
        const struct hash_slot *slot = &index->slots[*at];
        if (slot->row == HASH_INDEX_NONE || slot->hash == hash) {
            return slot->row;
        }
    }
}

uint32_t hash_index_first(const struct hash_index *index, uint64_t hash, uint32_t *at)
{
    if (!index->slots) {
        return HASH_INDEX_NONE;
    }
    *at = kept_hash(hash) & index->mask;
    return search(index, kept_hash(hash), at);
}

uint32_t hash_index_next(const struct hash_index *index, uint64_t hash, uint32_t *at)
{
    *at = (*at + 1) & index->mask;
    return search(index, kept_hash(hash), at);
}

/* Linear probing without tombstones: everything behind the hole that may not
 * stay where it is moves up. */
static void close_hole(struct hash_index *index, uint32_t hole)
{
    for (uint32_t at = (hole + 1) & index->mask; index->slots[at].row != HASH_INDEX_NONE;
         at = (at + 1) & index->mask) {
        uint32_t home = index->slots[at].hash & index->mask;
        if (((at - home) & index->mask) >= ((at - hole) & index->mask)) {
            index->slots[hole] = index->slots[at];
            hole = at;
        }
    }
    index->slots[hole].row = HASH_INDEX_NONE;
}

void hash_index_remove(struct hash_index *index, uint64_t hash, uint32_t row)
{
    uint32_t at = 0;
    uint32_t found = hash_index_first(index, hash, &at);
    while (found != HASH_INDEX_NONE && found != row) {
        found = hash_index_next(index, hash, &at);
    }
    if (found != HASH_INDEX_NONE) {
        close_hole(index, at);
        index->count--;
    }
}

void hash_index_clear(struct hash_index *index)
{
    if (index->slots) {
        memset(index->slots, 0xFF, ((size_t)index->mask + 1) * sizeof(*index->slots));
    }
    index->count = 0;
}

void hash_index_done(struct hash_index *index)
{
    free(index->slots);
    *index = (struct hash_index){0};
}
