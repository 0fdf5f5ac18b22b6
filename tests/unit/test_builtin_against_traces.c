/* SPDX-License-Identifier: MIT */
/*
 * The built-in layouts against a witness that has nothing to do with their tables:
 * the schemas that Windows itself put into real traces.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "etw/schema/builtin_manifests.h"
#include "etw/schema/schema_in_trace.h"
#include "etw/trace.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct trace_case {
    const char *name;
    unsigned schemas; /* of providers with built-in manifests */
} traces[] = {
    {"kernel-logger-win8-wow64", 6},  {"netsh-win10-19044", 1},
    {"pktmon-server2022-20348", 12},  {"pktmon-win10-19042", 11},
    {"pktmon-win11-22621-empty", 11}, {"pktmon-win11-26200", 11},
};

/* The nearest version, when there is an event of this id. */
static const struct event_schema *find_any(struct schema_store *store, const struct guid *guid,
                                           uint16_t id, uint8_t version)
{
    const char *why = NULL;
    struct etw_record record = {.kind = RECORD_EVENT64,
                                .class_of = RECORD_IS_MANIFEST,
                                .pointer_size = 8,
                                .id = id,
                                .version = version,
                                .provider = guid->bytes};
    return schema_store_find(store, &record, &why);
}

/* Of this very version. */
static const struct event_schema *find(struct schema_store *store, const struct guid *guid,
                                       uint16_t id, uint8_t version)
{
    const struct event_schema *schema = find_any(store, guid, id, version);
    return schema && schema->version == version ? schema : NULL;
}

/* Out-types that only repeat what the in-type says. */
static unsigned shown_as(const struct schema_property *property)
{
    bool repeats = (property->out_type >= 3 && property->out_type <= 12) ||
                   (property->out_type == OUT_STRING && property->in_type <= IN_ANSI_STRING) ||
                   (property->out_type == OUT_DATETIME && property->in_type == IN_FILETIME) ||
                   (property->out_type == OUT_HEXBINARY && property->in_type == IN_BINARY) ||
                   (property->out_type == OUT_GUID && property->in_type == IN_GUID);
    return repeats ? OUT_DEFAULT : property->out_type;
}

static bool is_equal(const struct schema_property *a, const struct schema_property *b)
{
    const unsigned compared = PROPERTY_IS_STRUCT | PROPERTY_LENGTH_FROM | PROPERTY_COUNT_FROM;
    bool has_length = (a->flags & (PROPERTY_LENGTH_FROM | PROPERTY_FIXED_LENGTH)) != 0;
    return strcmp(a->name, b->name) == 0 && a->in_type == b->in_type &&
           shown_as(a) == shown_as(b) && (a->flags & compared) == (b->flags & compared) &&
           (!has_length || a->length == b->length) && !a->map == !b->map;
}

static void compare(const struct event_schema *seen, const struct event_schema *built_in)
{
    if (!built_in || seen->property_count != built_in->property_count ||
        seen->top_level_count != built_in->top_level_count) {
        fail_msg("event %u.%u has other fields than the built-in one", seen->id, seen->version);
    }
    for (uint16_t i = 0; i < seen->property_count; i++) {
        if (!is_equal(&seen->properties[i], &built_in->properties[i])) {
            fail_msg("event %u.%u: %s is built in as %s, in-type %u not %u, out-type %u not %u",
                     seen->id, seen->version, seen->properties[i].name,
                     built_in->properties[i].name, built_in->properties[i].in_type,
                     seen->properties[i].in_type, built_in->properties[i].out_type,
                     seen->properties[i].out_type);
        }
    }
}

static unsigned compare_provider(struct schema_store *seen, const struct guid *guid, uint32_t build)
{
    unsigned compared = 0;
    struct schema_store *built_in = NULL;
    assert_int_equal(schema_store_new(&built_in, NULL), ETW_OK);
    schema_store_set_build(built_in, build);
    for (uint32_t id = 0; id <= UINT16_MAX; id++) {
        for (uint8_t version = 0; version < 8 && find_any(seen, guid, (uint16_t)id, 0); version++) {
            const struct event_schema *schema = find(seen, guid, (uint16_t)id, version);
            if (schema && schema->source == ETW_SCHEMA_EMBEDDED) {
                compare(schema, find(built_in, guid, (uint16_t)id, version));
                compared++;
            }
        }
    }
    schema_store_free(built_in);
    return compared;
}

/* Marks the built-in provider whose event the record describes, if it does. */
static void mark_described(const struct etw_record *record, bool *is_described)
{
    static const struct guid metadata = EVENT_METADATA_GUID;
    struct event_schema schema;
    if (record->class_of != RECORD_IS_CLASSIC || record->opcode != EVENT_METADATA_EVENT ||
        !record->provider || memcmp(record->provider, metadata.bytes, sizeof(metadata)) != 0 ||
        schema_in_trace_key(&record->payload, &schema) != SCHEMA_READ) {
        return;
    }
    for (size_t i = 0; i < builtin_manifest_count; i++) {
        is_described[i] |= guid_equal(&builtin_manifests[i].guid, &schema.provider);
    }
}

static unsigned compare_trace(struct etw_trace *trace)
{
    struct schema_store *seen = NULL;
    const struct etw_record *record;
    bool *is_described = calloc(builtin_manifest_count, sizeof(*is_described));
    assert_non_null(is_described);
    assert_int_equal(schema_store_new(&seen, NULL), ETW_OK);
    assert_int_equal(etw_trace_index(trace, NULL, NULL, NULL), ETW_OK);
    assert_int_equal(etw_trace_rewind(trace, NULL), ETW_OK);
    while (etw_trace_next_record(trace, &record, NULL) == ETW_OK) {
        schema_store_learn(seen, record, etw_trace_get_findings(trace));
        mark_described(record, is_described);
    }
    unsigned compared = 0;
    for (size_t i = 0; i < builtin_manifest_count; i++) {
        if (builtin_manifests[i].build == 0 && is_described[i]) {
            compared += compare_provider(seen, &builtin_manifests[i].guid,
                                         etw_trace_get_header(trace)->os_build);
        }
    }
    schema_store_free(seen);
    free(is_described);
    return compared;
}

static void built_in_layouts_equal_those_in_real_traces(void **state)
{
    (void)state;
    unsigned opened = 0;
    for (size_t i = 0; i < COUNT_OF(traces); i++) {
        char path[1024];
        struct etw_trace *trace = NULL;
        (void)snprintf(path, sizeof(path), "%s/%s.etl", REAL_TRACES, traces[i].name);
        if (etw_trace_open(path, NULL, &trace, NULL) != ETW_OK) {
            continue;
        }
        opened++;
        unsigned compared = compare_trace(trace);
        if (compared != traces[i].schemas) {
            fail_msg("%s: %u schemas compared", traces[i].name, compared);
        }
        etw_trace_close(trace);
    }
    if (opened == 0) {
        (void)printf("SKIP: no real traces in %s\n", REAL_TRACES);
        skip();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(built_in_layouts_equal_those_in_real_traces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
