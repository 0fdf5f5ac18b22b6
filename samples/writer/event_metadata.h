/* SPDX-License-Identifier: MIT */
/*
 * event_metadata.h - the schemas of events, and the names of their values, as merging embeds
 * them in the file: the payloads of EventMetadata records, opcodes 32 and 33.
 */
#ifndef SAMPLES_WRITER_EVENT_METADATA_H
#define SAMPLES_WRITER_EVENT_METADATA_H

#include "event_payload.h"

extern const struct etl_guid guid_event_metadata;
enum { EVENT_METADATA_SCHEMA = 32, EVENT_METADATA_VALUE_MAP = 33 };

/* Appends one TRACE_EVENT_INFO; `out` must be empty, its offsets count from there. */
void metadata_of_event(struct byte_block *out, const struct event_layout *layout);

/* The map of a field of this layout, as this build of Windows has it; NULL: none. */
const struct event_map *event_map_find(const struct event_layout *layout,
                                       const struct event_field *field, unsigned build);
/* Appends the provider and one EVENT_MAP_INFO; `out` must be empty. */
void metadata_of_map(struct byte_block *out, const struct event_map *map);

#endif
