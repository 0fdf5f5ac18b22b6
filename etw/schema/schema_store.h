/* SPDX-License-Identifier: MIT */
/*
 * schema_store.h - the schema of an event, from wherever it is known, the most
 * trusted source first: embedded in the trace, TraceLogging, .NET EventSource
 * manifests in the trace, manifest files, built in.
 */
#ifndef ETW_SCHEMA_SCHEMA_STORE_H
#define ETW_SCHEMA_SCHEMA_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "etw/base/error.h"
#include "etw/findings.h"
#include "etw/record.h"
#include "etw/schema/event_schema.h"
#include "etw/schema/schema_arena.h"

struct schema_store;

enum etw_status schema_store_new(struct schema_store **out, struct etw_error *error);
void schema_store_free(struct schema_store *store);

/* The build that recorded the trace chooses among built-in generations. */
void schema_store_set_build(struct schema_store *store, uint32_t os_build);
uint32_t schema_store_get_build(const struct schema_store *store); /* 0: not known */

/* Looks at one record of the first reading: EventMetadata (op 32, 33), EventSource
 * manifests and provider traits are taken in; everything else is ignored. What is
 * not sound is counted. */
void schema_store_learn(struct schema_store *store, const struct etw_record *record,
                        struct findings *findings);

/* Reads an instrumentation manifest. The error names the line. */
enum etw_status schema_store_add_manifest(struct schema_store *store, const char *path,
                                          struct etw_error *error);

/* Adds one schema, for the readers of the different forms. Its parts live in the
 * store's arena. A second one of the same key and source replaces nothing; a built-in
 * one with another layout is tried on payloads that the first does not fit. */
bool schema_store_add(struct schema_store *store, const struct event_schema *schema);
struct schema_arena *schema_store_arena(struct schema_store *store);

/* The schema of a record; NULL: nobody knows, `*why` (static) says why. The result
 * stays valid as long as the store, except for TraceLogging: until the next call. */
const struct event_schema *schema_store_find(struct schema_store *store,
                                             const struct etw_record *record, const char **why);

/* Name of a provider as a schema in the trace states it; NULL: none does. */
const char *schema_store_provider_name(const struct schema_store *store, const struct guid *guid);

#endif
