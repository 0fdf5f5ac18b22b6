/* SPDX-License-Identifier: MIT */
/*
 * classic_schemas.h - schemas of classic (MOF) events that this program brings
 * along: the kernel's processes, threads, images, sockets and configuration, and
 * what merging adds to a trace.
 */
#ifndef ETW_SCHEMA_CLASSIC_SCHEMAS_H
#define ETW_SCHEMA_CLASSIC_SCHEMAS_H

#include "etw/record.h"
#include "etw/schema/event_schema.h"

/*
 * The schema of a kernel or classic record, of the record's version or of the
 * highest known one below it, because versions grow at their end; its `version`
 * says which. NULL: any other record, or nobody knows. Static storage.
 */
const struct event_schema *classic_schema_find(const struct etw_record *record);

/*
 * The pointer size of a record's payload, 4 or 8: what the record says, unless the
 * payload fits to its last byte with the other one alone. Programs that log events of
 * the kernel's classes themselves may give them payloads of the other size [measured];
 * the kernel does not, so its records are taken by their word.
 */
unsigned classic_pointer_size(const struct event_schema *schema, const struct etw_record *record);

#endif
