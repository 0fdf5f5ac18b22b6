/* SPDX-License-Identifier: MIT */
/*
 * schema_in_trace.h - the schemas that merging tools write into a trace: records of
 * the class EventMetadata, opcode 32 (TRACE_EVENT_INFO) and 33 (EVENT_MAP_INFO).
 */
#ifndef ETW_SCHEMA_SCHEMA_IN_TRACE_H
#define ETW_SCHEMA_SCHEMA_IN_TRACE_H

#include "etw/base/bytes.h"
#include "etw/schema/event_schema.h"
#include "etw/schema/schema_arena.h"
#include "etw/schema/schema_maps.h"

#define EVENT_METADATA_GUID                                                                        \
    GUID_OF(0xbbccf6c1, 0x6cd1, 0x48c4, 0x80, 0xff, 0x83, 0x94, 0x82, 0xe3, 0x76, 0x71)
#define EVENT_METADATA_EVENT 32
#define EVENT_METADATA_MAP   33

enum schema_reading {
    SCHEMA_READ,
    SCHEMA_NOT_NEEDED, /* of a kind that the events themselves carry */
    SCHEMA_UNSOUND,
    SCHEMA_NO_ROOM
};

/* Fills in what identifies the schema: provider, id, version, is_classic, source. */
enum schema_reading schema_in_trace_key(const struct bytes *payload, struct event_schema *schema);
/* Fills in everything else of a schema whose key is filled in. Its parts live in
 * the arena. The result has passed event_schema_is_sound(). */
enum schema_reading schema_in_trace_event(struct schema_arena *arena, struct schema_maps *maps,
                                          const struct bytes *payload, struct event_schema *schema);
/* Adds the map of an opcode 33 payload. */
enum schema_reading schema_in_trace_map(struct schema_arena *arena, struct schema_maps *maps,
                                        const struct bytes *payload);

#endif
