/* SPDX-License-Identifier: MIT */
/*
 * trace_fields.h - the part of trace.h that asks for schemas.
 */
#ifndef ETW_TRACE_FIELDS_H
#define ETW_TRACE_FIELDS_H

#include "etw/fields.h"
#include "etw/provider_counts.h"
#include "etw/schema/schema_store.h"

/* Names the providers that only the trace itself knows. */
void trace_fields_name_providers(const struct schema_store *schemas,
                                 struct provider_counts *providers);
/* See etw_trace_read_fields(). */
void trace_fields_read(struct schema_store *schemas, const struct provider_counts *providers,
                       const struct etw_record *record, const struct etw_fields_visitor *visitor,
                       struct etw_fields_result *result);

#endif
