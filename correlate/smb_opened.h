/* SPDX-License-Identifier: MIT */
/*
 * smb_opened.h - which share a tree id is, and which file a file id, as long as they are
 * open. Inside correlate only.
 */
#ifndef CORRELATE_SMB_OPENED_H
#define CORRELATE_SMB_OPENED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "etw/base/hash_index.h"

/* Trees and files that are open at once at most; of more the names are not known. */
#define SMB_OPENED_MAXIMUM 262144u

/* No padding: hashed and compared as bytes. A tree: session and tree id; a file: its id. */
struct smb_opened_key {
    uint64_t connection;
    uint64_t first, second;
    uint64_t is_file;
};

struct smb_opened_row {
    struct smb_opened_key key;
    uint32_t share, file; /* numbers of smb_texts.h */
    uint32_t next_free;
};

/* Zeroed: empty. */
struct smb_opened {
    struct smb_opened_row *rows; /* owned */
    size_t count, capacity, used;
    uint32_t first_free; /* row + 1; 0: none */
    struct hash_index index;
    uint64_t left_out;
};

void smb_opened_done(struct smb_opened *opened);
/* Sets or replaces. False: no memory. */
bool smb_opened_set(struct smb_opened *opened, const struct smb_opened_key *key, uint32_t share,
                    uint32_t file);
/* NULL: not known. */
const struct smb_opened_row *smb_opened_find(const struct smb_opened *opened,
                                             const struct smb_opened_key *key);
/* It need not be there. */
void smb_opened_remove(struct smb_opened *opened, const struct smb_opened_key *key);

#endif
