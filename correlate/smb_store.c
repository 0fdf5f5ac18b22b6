/* SPDX-License-Identifier: MIT */
/*
 * smb_store.c - rows in a list from the oldest to the newest, free rows in another, and a hash
 * index over the keys.
 */
#include "correlate/smb_store.h"

#include <stdlib.h>
#include <string.h>

#include "etw/base/array.h"
#include "etw/base/hash_index.h"

#define NO_ROW UINT32_MAX

struct row {
    struct smb_key key;
    void *value; /* owned; NULL: the row is free */
    size_t size;
    uint32_t older, newer; /* NO_ROW: none; of a free row `older` is the next free one */
};

struct smb_store {
    struct row *rows; /* owned */
    size_t capacity;
    uint32_t count, most;
    uint32_t oldest, newest, free;
    size_t bytes, most_bytes;
    uint64_t forgotten;
    struct hash_index index;
};

struct smb_store *smb_store_new(uint32_t most, size_t most_bytes)
{
    struct smb_store *store = calloc(1, sizeof(*store));
    if (store) {
        store->most = most;
        store->most_bytes = most_bytes;
        store->oldest = store->newest = store->free = NO_ROW;
    }
    return store;
}

void smb_store_free(struct smb_store *store)
{
    if (store) {
        for (uint32_t i = 0; i < store->count; i++) {
            free(store->rows[i].value);
        }
        free(store->rows);
        hash_index_done(&store->index);
        free(store);
    }
}

static uint64_t hash_key(const struct smb_key *key)
{
    const uint64_t words[3] = {key->kind, key->first, key->second};
    return hash_bytes(words, sizeof(words));
}

static bool is_key(const struct smb_key *a, const struct smb_key *b)
{
    return a->kind == b->kind && a->first == b->first && a->second == b->second;
}

static uint32_t find(const struct smb_store *store, const struct smb_key *key)
{
    uint32_t at;
    uint64_t hash = hash_key(key);
    uint32_t row = hash_index_first(&store->index, hash, &at);
    while (row != HASH_INDEX_NONE && !is_key(&store->rows[row].key, key)) {
        row = hash_index_next(&store->index, hash, &at);
    }
    return row == HASH_INDEX_NONE ? NO_ROW : row;
}

static void unlink_row(struct smb_store *store, uint32_t row)
{
    const struct row *r = &store->rows[row];
    uint32_t *from_older = r->older == NO_ROW ? &store->oldest : &store->rows[r->older].newer;
    uint32_t *from_newer = r->newer == NO_ROW ? &store->newest : &store->rows[r->newer].older;
    *from_older = r->newer;
    *from_newer = r->older;
}

static void remove_row(struct smb_store *store, uint32_t row)
{
    struct row *r = &store->rows[row];
    hash_index_remove(&store->index, hash_key(&r->key), row);
    unlink_row(store, row);
    store->bytes -= r->size;
    free(r->value);
    r->value = NULL;
    r->older = store->free;
    store->free = row;
}

static void forget_oldest(struct smb_store *store)
{
    remove_row(store, store->oldest);
    store->forgotten++;
}

/* NO_ROW: no memory. */
static uint32_t take_free(struct smb_store *store)
{
    uint32_t row = store->free;
    if (row != NO_ROW) {
        store->free = store->rows[row].older;
        return row;
    }
    void *rows = store->rows;
    if (!array_grow(&rows, &store->capacity, (size_t)store->count + 1, sizeof(*store->rows))) {
        return NO_ROW;
    }
    store->rows = rows;
    return store->count++;
}

static void give_back(struct smb_store *store, uint32_t row)
{
    store->rows[row] = (struct row){.older = store->free};
    store->free = row;
}

static bool add(struct smb_store *store, const struct smb_key *key, void *value, size_t size)
{
    uint32_t row = take_free(store);
    if (row == NO_ROW) {
        return false;
    }
    if (!hash_index_add(&store->index, hash_key(key), row)) {
        give_back(store, row);
        return false;
    }
    store->rows[row] = (struct row){
        .key = *key, .value = value, .size = size, .older = store->newest, .newer = NO_ROW};
    *(store->newest == NO_ROW ? &store->oldest : &store->rows[store->newest].newer) = row;
    store->newest = row;
    store->bytes += size;
    return true;
}

bool smb_store_set(struct smb_store *store, const struct smb_key *key, const void *value,
                   size_t size)
{
    if (size > store->most_bytes) {
        smb_store_remove(store, key);
        store->forgotten++;
        return true;
    }
    void *copy = malloc(size ? size : 1);
    if (!copy) {
        return false;
    }
    if (size) {
        memcpy(copy, value, size); /* before anything is removed: it may be a value of the store */
    }
    smb_store_remove(store, key);
    while (store->oldest != NO_ROW &&
           (store->bytes + size > store->most_bytes || store->index.count >= store->most)) {
        forget_oldest(store);
    }
    if (!add(store, key, copy, size)) {
        free(copy);
        return false;
    }
    return true;
}

void *smb_store_get(const struct smb_store *store, const struct smb_key *key, size_t *size)
{
    uint32_t row = find(store, key);
    if (row == NO_ROW) {
        return NULL;
    }
    if (size) {
        *size = store->rows[row].size;
    }
    return store->rows[row].value;
}

void smb_store_remove(struct smb_store *store, const struct smb_key *key)
{
    uint32_t row = find(store, key);
    if (row != NO_ROW) {
        remove_row(store, row);
    }
}

struct bytes smb_store_text(const struct smb_store *store, const struct smb_key *key)
{
    size_t size = 0;
    const void *value = smb_store_get(store, key, &size);
    return bytes_of(value, value ? size : 0);
}

uint64_t smb_store_forgotten(const struct smb_store *store)
{
    return store->forgotten;
}
