/* SPDX-License-Identifier: MIT */
#include "etw/trace_fields.h"

#include <string.h>

#include "etw/schema/classic_schemas.h"
#include "etw/schema/payload.h"

void trace_fields_name_providers(const struct schema_store *schemas,
                                 struct provider_counts *providers)
{
    for (size_t i = 0; i < providers->count; i++) {
        struct etw_provider_row *row = &providers->rows[i];
        if (!row->name) {
            row->name = schema_store_provider_name(schemas, &row->guid);
        }
    }
}

static const char *find_provider_name(const struct provider_counts *providers,
                                      const struct etw_record *record,
                                      const struct event_schema *schema)
{
    const struct etw_provider_row *row = NULL;
    if (record->provider) {
        struct guid guid;
        memcpy(guid.bytes, record->provider, sizeof(guid.bytes));
        row = provider_counts_find(providers, &guid);
    }
    if (row && row->name) {
        return row->name;
    }
    return schema ? schema->provider_name : NULL;
}

/* Descriptions that stand in the event, or fit all, have no version of their own. */
static bool has_version(const struct event_schema *schema)
{
    return schema->source != ETW_SCHEMA_TRACELOGGING && schema->source != ETW_SCHEMA_STRING_ONLY;
}

static unsigned pointer_size_of(const struct event_schema *schema, const struct etw_record *record)
{
    return schema->is_classic ? classic_pointer_size(schema, record) : record->pointer_size;
}

void trace_fields_read(struct schema_store *schemas, const struct provider_counts *providers,
                       const struct etw_record *record, const struct etw_fields_visitor *visitor,
                       struct etw_fields_result *result)
{
    const char *why = NULL;
    const struct event_schema *schema = schema_store_find(schemas, record, &why);
    *result = (struct etw_fields_result){
        .decoded = ETW_DECODED_NOT,
        .why = why,
        .source = ETW_SCHEMA_NONE,
        .provider_name = find_provider_name(providers, record, schema),
        .unread = bytes_left(&record->payload),
    };
    if (!schema) {
        return;
    }
    unsigned pointer_size = pointer_size_of(schema, record);
    struct payload_end end = payload_read(schema, &record->payload, pointer_size, visitor);
    result->decoded = end.decoded;
    result->why = end.why;
    result->unread = end.unread;
    result->source = schema->source;
    result->schema_name = schema->origin;
    result->is_other_version = has_version(schema) && schema->version != record->version;
    result->event_name = schema->event_name;
    result->message = schema->message;
}
