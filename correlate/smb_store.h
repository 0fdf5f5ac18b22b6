/* SPDX-License-Identifier: MIT */
/*
 * smb_store.h - what SMB events told before, found again by its key: names, connections, what
 * runs on a thread. Bounded: when it is full, the oldest gives way. Inside correlate only.
 */
#ifndef CORRELATE_SMB_STORE_H
#define CORRELATE_SMB_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "etw/base/bytes.h"

struct smb_store;

/* Keys of different kinds are different. */
struct smb_key {
    uint32_t kind;
    uint64_t first, second;
};

/* At most `most` values, of at most `most_bytes` bytes together. NULL: no memory. */
struct smb_store *smb_store_new(uint32_t most, size_t most_bytes);
void smb_store_free(struct smb_store *store); /* NULL is allowed */

/* Copies the value; a value under the same key is replaced. Values longer than the store are not
 * kept. False: no memory. */
bool smb_store_set(struct smb_store *store, const struct smb_key *key, const void *value,
                   size_t size);
/* NULL: there is none. The caller may write the value; valid until the next set or remove. */
void *smb_store_get(const struct smb_store *store, const struct smb_key *key, size_t *size);
void smb_store_remove(struct smb_store *store, const struct smb_key *key);
/* The value as text; empty: there is none. */
struct bytes smb_store_text(const struct smb_store *store, const struct smb_key *key);
/* Values that gave way. */
uint64_t smb_store_forgotten(const struct smb_store *store);

#endif
