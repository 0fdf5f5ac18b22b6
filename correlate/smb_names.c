/* SPDX-License-Identifier: MIT */
#include "correlate/smb_names.h"

#include <stdlib.h>
#include <string.h>

#include "etw/base/array.h"

_Static_assert(sizeof(struct smb_name_key) == 32, "no padding: keys are hashed as bytes");

void smb_names_done(struct smb_names *names)
{
    free(names->rows);
    hash_index_done(&names->index);
    *names = (struct smb_names){.count = 0};
}

static uint32_t find_row(const struct smb_names *names, uint64_t hash,
                         const struct smb_name_key *key)
{
    uint32_t at = 0;
    for (uint32_t row = hash_index_first(&names->index, hash, &at); row != HASH_INDEX_NONE;
         row = hash_index_next(&names->index, hash, &at)) {
        if (memcmp(&names->rows[row].key, key, sizeof(*key)) == 0) {
            return row;
        }
    }
    return HASH_INDEX_NONE;
}

const struct smb_name *smb_names_find(const struct smb_names *names, const struct smb_name_key *key)
{
    uint32_t row = find_row(names, hash_bytes(key, sizeof(*key)), key);
    return row == HASH_INDEX_NONE ? NULL : &names->rows[row];
}

/* A row that is free, or HASH_INDEX_NONE: no memory. */
static uint32_t take_row(struct smb_names *names)
{
    if (names->first_free > 0) {
        uint32_t row = names->first_free - 1;
        names->first_free = names->rows[row].next_free;
        return row;
    }
    void *grown = names->rows;
    if (!array_grow(&grown, &names->capacity, names->count + 1, sizeof(*names->rows))) {
        return HASH_INDEX_NONE;
    }
    names->rows = grown;
    return (uint32_t)names->count++;
}

bool smb_names_set(struct smb_names *names, const struct smb_name_key *key, uint32_t share,
                   uint32_t file)
{
    uint64_t hash = hash_bytes(key, sizeof(*key));
    uint32_t row = find_row(names, hash, key);
    if (row == HASH_INDEX_NONE) {
        if (names->used >= SMB_NAMES_MAXIMUM) {
            names->left_out++;
            return true;
        }
        row = take_row(names);
        if (row == HASH_INDEX_NONE || !hash_index_add(&names->index, hash, row)) {
            return false;
        }
        names->used++;
    }
    names->rows[row] = (struct smb_name){.key = *key, .share = share, .file = file};
    return true;
}

void smb_names_remove(struct smb_names *names, const struct smb_name_key *key)
{
    uint64_t hash = hash_bytes(key, sizeof(*key));
    uint32_t row = find_row(names, hash, key);
    if (row != HASH_INDEX_NONE) {
        hash_index_remove(&names->index, hash, row);
        names->rows[row] = (struct smb_name){.next_free = names->first_free};
        names->first_free = row + 1;
        names->used--;
    }
}
