/* SPDX-License-Identifier: MIT */
/*
 * event_metadata.h - the schema of an event as merging embeds it in the file: the payload of
 * an EventMetadata record, opcode 32.
 */
#ifndef SAMPLES_WRITER_EVENT_METADATA_H
#define SAMPLES_WRITER_EVENT_METADATA_H

#include "event_payload.h"

extern const struct etl_guid guid_event_metadata;
enum { EVENT_METADATA_SCHEMA = 32 };

/* Appends one TRACE_EVENT_INFO; `out` must be empty, its offsets count from there. */
void metadata_of_event(struct byte_block *out, const struct event_layout *layout);

#endif
