/* SPDX-License-Identifier: MIT */
/*
 * smb_names.h - which share a tree id is, and which file a file id, as long as they are
 * open. Inside correlate only.
 */
#ifndef CORRELATE_SMB_NAMES_H
#define CORRELATE_SMB_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "etw/base/hash_index.h"

/* Trees and files that are open at once at most; of more the names are not known. */
#define SMB_NAMES_MAXIMUM 262144u

/* No padding: hashed and compared as bytes. A tree: session and tree id; a file: its id. */
struct smb_name_key {
    uint64_t connection;
    uint64_t first, second;
    uint64_t is_file;
};

struct smb_name {
    struct smb_name_key key;
    uint32_t share, file; /* numbers of smb_texts.h */
    uint32_t next_free;
};

/* Zeroed: empty. */
struct smb_names {
    struct smb_name *rows; /* owned */
    size_t count, capacity, used;
    uint32_t first_free; /* row + 1; 0: none */
    struct hash_index index;
    uint64_t left_out;
};

void smb_names_done(struct smb_names *names);
/* Sets or replaces. False: no memory. */
bool smb_names_set(struct smb_names *names, const struct smb_name_key *key, uint32_t share,
                   uint32_t file);
/* NULL: not known. */
const struct smb_name *smb_names_find(const struct smb_names *names,
                                      const struct smb_name_key *key);
/* It need not be there. */
void smb_names_remove(struct smb_names *names, const struct smb_name_key *key);

#endif
