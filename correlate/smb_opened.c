/* SPDX-License-Identifier: MIT */
#include "correlate/smb_opened.h"

#include <stdlib.h>
#include <string.h>

#include "etw/base/array.h"

_Static_assert(sizeof(struct smb_opened_key) == 32, "no padding: keys are hashed as bytes");

void smb_opened_done(struct smb_opened *opened)
{
    free(opened->rows);
    hash_index_done(&opened->index);
    *opened = (struct smb_opened){.count = 0};
}

static uint32_t find_row(const struct smb_opened *opened, uint64_t hash,
                         const struct smb_opened_key *key)
{
    uint32_t at = 0;
    for (uint32_t row = hash_index_first(&opened->index, hash, &at); row != HASH_INDEX_NONE;
         row = hash_index_next(&opened->index, hash, &at)) {
        if (memcmp(&opened->rows[row].key, key, sizeof(*key)) == 0) {
            return row;
        }
    }
    return HASH_INDEX_NONE;
}

const struct smb_opened_row *smb_opened_find(const struct smb_opened *opened,
                                             const struct smb_opened_key *key)
{
    uint32_t row = find_row(opened, hash_bytes(key, sizeof(*key)), key);
    return row == HASH_INDEX_NONE ? NULL : &opened->rows[row];
}

/* A row that is free, or HASH_INDEX_NONE: no memory. */
static uint32_t take_row(struct smb_opened *opened)
{
    if (opened->first_free > 0) {
        uint32_t row = opened->first_free - 1;
        opened->first_free = opened->rows[row].next_free;
        return row;
    }
    void *grown = opened->rows;
    if (!array_grow(&grown, &opened->capacity, opened->count + 1, sizeof(*opened->rows))) {
        return HASH_INDEX_NONE;
    }
    opened->rows = grown;
    return (uint32_t)opened->count++;
}

bool smb_opened_set(struct smb_opened *opened, const struct smb_opened_key *key, uint32_t share,
                    uint32_t file)
{
    uint64_t hash = hash_bytes(key, sizeof(*key));
    uint32_t row = find_row(opened, hash, key);
    if (row == HASH_INDEX_NONE) {
        if (opened->used >= SMB_OPENED_MAXIMUM) {
            opened->left_out++;
            return true;
        }
        row = take_row(opened);
        if (row == HASH_INDEX_NONE || !hash_index_add(&opened->index, hash, row)) {
            return false;
        }
        opened->used++;
    }
    opened->rows[row] = (struct smb_opened_row){.key = *key, .share = share, .file = file};
    return true;
}

void smb_opened_remove(struct smb_opened *opened, const struct smb_opened_key *key)
{
    uint64_t hash = hash_bytes(key, sizeof(*key));
    uint32_t row = find_row(opened, hash, key);
    if (row != HASH_INDEX_NONE) {
        hash_index_remove(&opened->index, hash, row);
        opened->rows[row] = (struct smb_opened_row){.next_free = opened->first_free};
        opened->first_free = row + 1;
        opened->used--;
    }
}
