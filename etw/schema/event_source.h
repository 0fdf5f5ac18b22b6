/* SPDX-License-Identifier: MIT */
/*
 * event_source.h - .NET EventSource providers write their manifest into the trace,
 * in pieces, as events of their own. Here the pieces become the XML again.
 */
#ifndef ETW_SCHEMA_EVENT_SOURCE_H
#define ETW_SCHEMA_EVENT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "etw/base/guid.h"
#include "etw/base/hash_index.h"
#include "etw/record.h"
#include "etw/schema/event_schema.h"

/* Manifests under way and read; processes that log the same one count each. */
#define EVENT_SOURCES_MAXIMUM 4096u
/* All pieces that wait together, bytes. The largest manifest seen has 450 KB. */
#define EVENT_SOURCE_MEMORY ((size_t)32 << 20)

struct event_source_row;

/* Zero-initialised is empty and valid. */
struct event_sources {
    struct event_source_row *rows; /* owned */
    size_t count, capacity;
    struct hash_index by_owner; /* provider and process */
    size_t waiting;             /* bytes of pieces */
};

enum event_source_result {
    EVENT_SOURCE_NOTHING, /* no piece, or a piece that is there already */
    EVENT_SOURCE_MORE,    /* a piece; others are missing */
    EVENT_SOURCE_WHOLE,   /* the last piece: the XML is complete */
    EVENT_SOURCE_UNSOUND, /* it contradicts itself or the pieces before */
    EVENT_SOURCE_NO_ROOM
};

/* The event id of every piece, for a cheap first test: others may use it too. */
#define EVENT_SOURCE_ID 0xFFFEu
/* The schema of such a piece itself; NULL: the record is none. */
const struct event_schema *event_source_schema(const struct etw_record *record);

/* Takes a record. With EVENT_SOURCE_WHOLE, `*xml` (UTF-8,
 * `*size` bytes) belongs to the caller, who frees it. The same XML of one provider
 * is handed over only once. */
enum event_source_result event_sources_take(struct event_sources *sources,
                                            const struct etw_record *record, char **xml,
                                            size_t *size);
void event_sources_done(struct event_sources *sources);

#endif
