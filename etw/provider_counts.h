/* SPDX-License-Identifier: MIT */
/*
 * provider_counts.h - how many events each provider of a trace logged.
 */
#ifndef ETW_PROVIDER_COUNTS_H
#define ETW_PROVIDER_COUNTS_H

#include <stdbool.h>
#include <stddef.h>

#include "etw/base/hash_index.h"
#include "etw/trace.h"

/* More providers than any machine has; damaged records could invent more. */
#define PROVIDER_COUNT_MAXIMUM 65536u

struct provider_counts {
    struct etw_provider_row *rows; /* owned; in order of first appearance */
    size_t count, capacity;
    struct hash_index by_guid;
    size_t last; /* the row used last: events come in runs */
};

/* The row of the record's provider, made on first use; NULL: no room for it. */
struct etw_provider_row *provider_counts_of(struct provider_counts *counts,
                                            const struct etw_record *record);
const struct etw_provider_row *provider_counts_find(const struct provider_counts *counts,
                                                    const struct guid *guid);
void provider_counts_done(struct provider_counts *counts);

#endif
