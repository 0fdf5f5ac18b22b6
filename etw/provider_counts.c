/* SPDX-License-Identifier: MIT */
#include "etw/provider_counts.h"

#include <stdlib.h>
#include <string.h>

#include "etw/base/array.h"
#include "etw/provider_names.h"

static struct etw_provider_row *find(const struct provider_counts *counts, const uint8_t *guid,
                                     uint64_t hash)
{
    uint32_t at = 0;
    for (uint32_t row = hash_index_first(&counts->by_guid, hash, &at); row != HASH_INDEX_NONE;
         row = hash_index_next(&counts->by_guid, hash, &at)) {
        if (memcmp(counts->rows[row].guid.bytes, guid, sizeof(counts->rows[row].guid.bytes)) == 0) {
            return &counts->rows[row];
        }
    }
    return NULL;
}

static struct etw_provider_row *add(struct provider_counts *counts, const uint8_t *guid,
                                    uint64_t hash, enum record_class class_of)
{
    void *rows = counts->rows;
    if (counts->count >= PROVIDER_COUNT_MAXIMUM ||
        !array_grow(&rows, &counts->capacity, counts->count + 1, sizeof(*counts->rows))) {
        return NULL;
    }
    counts->rows = rows;
    if (!hash_index_add(&counts->by_guid, hash, (uint32_t)counts->count)) {
        return NULL;
    }
    struct etw_provider_row *row = &counts->rows[counts->count++];
    *row = (struct etw_provider_row){.class_of = class_of};
    memcpy(row->guid.bytes, guid, sizeof(row->guid.bytes));
    row->name = etw_provider_name(&row->guid);
    return row;
}

struct etw_provider_row *provider_counts_of(struct provider_counts *counts,
                                            const struct etw_record *record)
{
    static const uint8_t nobody[16];
    const uint8_t *guid = record->provider ? record->provider : nobody;
    if (counts->count > 0 && memcmp(counts->rows[counts->last].guid.bytes, guid, 16) == 0) {
        return &counts->rows[counts->last];
    }
    uint64_t hash = hash_bytes(guid, 16);
    struct etw_provider_row *row = find(counts, guid, hash);
    if (!row) {
        row = add(counts, guid, hash, record->class_of);
    }
    if (row) {
        counts->last = (size_t)(row - counts->rows);
    }
    return row;
}

const struct etw_provider_row *provider_counts_find(const struct provider_counts *counts,
                                                    const struct guid *guid)
{
    return find(counts, guid->bytes, hash_bytes(guid->bytes, sizeof(guid->bytes)));
}

void provider_counts_done(struct provider_counts *counts)
{
    free(counts->rows);
    hash_index_done(&counts->by_guid);
    *counts = (struct provider_counts){0};
}
