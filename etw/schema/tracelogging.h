/* SPDX-License-Identifier: MIT */
/*
 * tracelogging.h - events that carry their own description: extended item 11
 * (EVENT_SCHEMA_TL) with names and types, item 12 with the provider's traits.
 */
#ifndef ETW_SCHEMA_TRACELOGGING_H
#define ETW_SCHEMA_TRACELOGGING_H

#include <stdbool.h>

#include "etw/base/bytes.h"
#include "etw/base/hash_index.h"
#include "etw/record.h"
#include "etw/schema/event_schema.h"
#include "etw/schema/schema_arena.h"

/* Descriptions kept; with one more, all are forgotten and read again when needed. */
#define TRACELOGGING_CACHE_MAXIMUM 4096u

struct tracelogging_row;

/* Zero-initialised is empty and valid. */
struct tracelogging {
    struct schema_arena arena;
    struct tracelogging_row *rows; /* owned */
    size_t count, capacity;
    struct hash_index by_content;
};

/* Reads one description. The parts of `schema` live in the arena; provider, id and
 * version stay as they are. False: not sound, or no room. */
bool tracelogging_read(struct schema_arena *arena, const struct bytes *description,
                       struct event_schema *schema);

/* The description of a record: the extended item of type 11, or 12 for the traits.
 * False: it has none. */
bool tracelogging_description(const struct etw_record *record, struct bytes *description);
bool tracelogging_traits(const struct etw_record *record, struct bytes *traits);
/* The provider's name in its traits, UTF-8 without the NUL; empty: not sound. */
struct bytes tracelogging_provider_name(const struct bytes *traits);

/* The schema of a record by its description, read once for equal ones; NULL: not
 * sound. It stays valid until the next call. */
const struct event_schema *tracelogging_find(struct tracelogging *cache,
                                             const struct etw_record *record,
                                             const struct bytes *description);
void tracelogging_done(struct tracelogging *cache);

#endif
