/* SPDX-License-Identifier: MIT */
/*
 * One index from (provider, id) to the schemas of all versions and sources, and one
 * from provider to what is known of it. Built-in events are read when the first
 * record asks for them.
 */
#include "etw/schema/schema_store.h"

#include <stdlib.h>
#include <string.h>

#include "etw/base/array.h"
#include "etw/base/hash_index.h"
#include "etw/schema/builtin_manifests.h"
#include "etw/schema/classic_schemas.h"
#include "etw/schema/event_source.h"
#include "etw/schema/manifest_xml.h"
#include "etw/schema/schema_fit.h"
#include "etw/schema/schema_in_trace.h"
#include "etw/schema/schema_maps.h"
#include "etw/schema/tracelogging.h"

#define SCHEMAS_MAXIMUM     262144u
#define PROVIDERS_MAXIMUM   65536u
#define NAME_MAXIMUM        512u
#define FLAG_IS_STRING_ONLY 0x0004u /* EVENT_HEADER: written by EventWriteString */

struct store_provider {
    struct guid guid;
    const char *name; /* as the trace states it; NULL: it does not */
    bool is_built_in_searched;
    struct builtin_generations built_in; /* what there is to read */
    bool has_schema;
};

/* Events come in few kinds: the answers given last, so that most searches end here. */
#define RECENT_BITS 8

struct recent {
    struct guid provider;
    uint16_t id;
    uint8_t version;
    const struct event_schema *schema; /* NULL: free */
};

struct schema_store {
    struct schema_arena arena;
    struct schema_maps maps;
    struct tracelogging tracelogging;
    struct event_sources event_sources;
    struct event_schema **schemas; /* the array is owned; its members live in the arena */
    size_t schema_count, schema_capacity;
    struct hash_index by_event;
    struct store_provider *providers; /* owned */
    size_t provider_count, provider_capacity;
    struct hash_index by_provider;
    struct guid last_named; /* traits come with every event: the provider seen last */
    struct recent recent[1 << RECENT_BITS]; /* of manifest events */
    bool has_recent;
    bool has_classic; /* among `schemas` */
    uint32_t os_build;
};

static const struct schema_property string_only_property = {.name = "Message",
                                                            .in_type = IN_UNICODE_STRING};
static const struct event_schema string_only = {.source = ETW_SCHEMA_STRING_ONLY,
                                                .properties = &string_only_property,
                                                .property_count = 1,
                                                .top_level_count = 1};

enum etw_status schema_store_new(struct schema_store **out, struct etw_error *error)
{
    struct schema_store *store = calloc(1, sizeof(*store));
    if (!store) {
        return etw_fail_memory(error, "the event schemas");
    }
    *out = store;
    return ETW_OK;
}

void schema_store_free(struct schema_store *store)
{
    if (!store) {
        return;
    }
    tracelogging_done(&store->tracelogging);
    event_sources_done(&store->event_sources);
    schema_maps_done(&store->maps);
    hash_index_done(&store->by_event);
    hash_index_done(&store->by_provider);
    free(store->schemas);
    free(store->providers);
    schema_arena_done(&store->arena);
    free(store);
}

void schema_store_set_build(struct schema_store *store, uint32_t os_build)
{
    store->os_build = os_build;
}

uint32_t schema_store_get_build(const struct schema_store *store)
{
    return store->os_build;
}

struct schema_arena *schema_store_arena(struct schema_store *store)
{
    return &store->arena;
}

/* ---- providers ---- */

static struct store_provider *find_provider(const struct schema_store *store, const uint8_t *guid,
                                            uint64_t hash)
{
    uint32_t at = 0;
    for (uint32_t row = hash_index_first(&store->by_provider, hash, &at); row != HASH_INDEX_NONE;
         row = hash_index_next(&store->by_provider, hash, &at)) {
        struct store_provider *provider = &store->providers[row];
        if (memcmp(provider->guid.bytes, guid, sizeof(provider->guid.bytes)) == 0) {
            return provider;
        }
    }
    return NULL;
}

/* The row of a provider, made on first use; NULL: no room. */
static struct store_provider *provider_of(struct schema_store *store, const uint8_t *guid)
{
    uint64_t hash = hash_bytes(guid, sizeof(struct guid));
    struct store_provider *provider = find_provider(store, guid, hash);
    void *rows = store->providers;
    if (provider || store->provider_count >= PROVIDERS_MAXIMUM ||
        !array_grow(&rows, &store->provider_capacity, store->provider_count + 1,
                    sizeof(store->providers[0]))) {
        return provider;
    }
    store->providers = rows;
    if (!hash_index_add(&store->by_provider, hash, (uint32_t)store->provider_count)) {
        return NULL;
    }
    provider = &store->providers[store->provider_count++];
    *provider = (struct store_provider){.name = NULL};
    memcpy(provider->guid.bytes, guid, sizeof(provider->guid.bytes));
    return provider;
}

const char *schema_store_provider_name(const struct schema_store *store, const struct guid *guid)
{
    uint64_t hash = hash_bytes(guid->bytes, sizeof(guid->bytes));
    const struct store_provider *provider = find_provider(store, guid->bytes, hash);
    return provider ? provider->name : NULL;
}

/* ---- schemas by event ---- */

static uint64_t hash_event(const uint8_t *provider, uint16_t id, bool is_classic)
{
    uint8_t key[19];
    memcpy(key, provider, 16);
    key[16] = (uint8_t)id;
    key[17] = (uint8_t)(id >> 8);
    key[18] = is_classic;
    return hash_bytes(key, sizeof(key));
}

/* What a search is for, and the best that it has met. */
struct search {
    const uint8_t *provider;
    uint16_t id;
    uint8_t version;
    bool is_classic;
    enum etw_schema_source only; /* NONE: any */
    struct event_schema *best;
};

/* How far a version is from the wanted one: itself, below it, above it. */
static unsigned version_distance(uint8_t version, uint8_t wanted)
{
    return version <= wanted ? (unsigned)(wanted - version) : 256u + version;
}

static bool is_better(const struct search *search, const struct event_schema *schema)
{
    if (!search->best) {
        return true;
    }
    unsigned best = version_distance(search->best->version, search->version);
    unsigned distance = version_distance(schema->version, search->version);
    return distance < best || (distance == best && schema->source < search->best->source);
}

static void find_best(const struct schema_store *store, struct search *search)
{
    uint64_t hash = hash_event(search->provider, search->id, search->is_classic);
    uint32_t at = 0;
    for (uint32_t row = hash_index_first(&store->by_event, hash, &at); row != HASH_INDEX_NONE;
         row = hash_index_next(&store->by_event, hash, &at)) {
        struct event_schema *schema = store->schemas[row];
        if (schema->id == search->id && schema->is_classic == search->is_classic &&
            (search->only == ETW_SCHEMA_NONE || search->only == schema->source) &&
            memcmp(schema->provider.bytes, search->provider, sizeof(schema->provider.bytes)) == 0 &&
            is_better(search, schema)) {
            search->best = schema;
        }
    }
}

/* The one of the same key and source; NULL: none. */
static struct event_schema *find_same(const struct schema_store *store,
                                      const struct event_schema *schema)
{
    uint64_t hash = hash_event(schema->provider.bytes, schema->id, schema->is_classic);
    uint32_t at = 0;
    for (uint32_t row = hash_index_first(&store->by_event, hash, &at); row != HASH_INDEX_NONE;
         row = hash_index_next(&store->by_event, hash, &at)) {
        struct event_schema *other = store->schemas[row];
        if (other->id == schema->id && other->version == schema->version &&
            other->source == schema->source && other->is_classic == schema->is_classic &&
            guid_equal(&other->provider, &schema->provider)) {
            return other;
        }
    }
    return NULL;
}

/* Puts another built-in layout behind those that are there, if it is another. */
static bool add_layout(struct schema_store *store, struct event_schema *first,
                       const struct event_schema *schema)
{
    struct event_schema *last = first;
    while (last->next_layout && !schema_has_same_layout(last, schema)) {
        last = last->next_layout;
    }
    if (schema_has_same_layout(last, schema)) {
        return true;
    }
    struct event_schema *copy = schema_arena_take(&store->arena, sizeof(*copy));
    if (!copy) {
        return false;
    }
    *copy = *schema;
    copy->first_layout = first;
    copy->next_layout = NULL;
    first->first_layout = first;
    last->next_layout = copy;
    return true;
}

static void forget_recent(struct schema_store *store)
{
    if (store->has_recent) {
        memset(store->recent, 0, sizeof(store->recent));
        store->has_recent = false;
    }
}

bool schema_store_add(struct schema_store *store, const struct event_schema *schema)
{
    struct event_schema *same = find_same(store, schema);
    if (same) {
        return schema->source != ETW_SCHEMA_BUILT_IN || add_layout(store, same, schema);
    }
    void *rows = store->schemas;
    if (store->schema_count >= SCHEMAS_MAXIMUM ||
        !array_grow(&rows, &store->schema_capacity, store->schema_count + 1,
                    sizeof(struct event_schema *))) {
        return false;
    }
    store->schemas = rows;
    struct store_provider *provider = provider_of(store, schema->provider.bytes);
    struct event_schema *copy = schema_arena_take(&store->arena, sizeof(*copy));
    uint64_t hash = hash_event(schema->provider.bytes, schema->id, schema->is_classic);
    if (!provider || !copy ||
        !hash_index_add(&store->by_event, hash, (uint32_t)store->schema_count)) {
        return false;
    }
    *copy = *schema;
    copy->first_layout = NULL;
    copy->next_layout = NULL;
    store->schemas[store->schema_count++] = copy;
    store->has_classic = store->has_classic || schema->is_classic;
    forget_recent(store);
    provider->has_schema = true;
    /* The provider of a classic schema is the class of the event, which has no name here. */
    if (!provider->name && !schema->is_classic && schema->source != ETW_SCHEMA_BUILT_IN) {
        provider->name = schema->provider_name;
    }
    return true;
}

/* ---- what a trace says about itself ---- */

static enum schema_reading learn_event(struct schema_store *store, const struct bytes *payload)
{
    struct event_schema schema;
    enum schema_reading result = schema_in_trace_key(payload, &schema);
    if (result != SCHEMA_READ || find_same(store, &schema)) {
        return result;
    }
    result = schema_in_trace_event(&store->arena, &store->maps, payload, &schema);
    if (result == SCHEMA_READ && !schema_store_add(store, &schema)) {
        return SCHEMA_NO_ROOM;
    }
    return result;
}

static enum schema_reading learn_metadata(struct schema_store *store,
                                          const struct etw_record *record)
{
    switch (record->opcode) {
    case EVENT_METADATA_EVENT:
        return learn_event(store, &record->payload);
    case EVENT_METADATA_MAP:
        return schema_in_trace_map(&store->arena, &store->maps, &record->payload);
    default:
        return SCHEMA_NOT_NEEDED;
    }
}

static enum schema_reading learn_event_source(struct schema_store *store,
                                              const struct etw_record *record)
{
    char *xml = NULL;
    size_t size = 0;
    switch (event_sources_take(&store->event_sources, record, &xml, &size)) {
    case EVENT_SOURCE_WHOLE:
        break;
    case EVENT_SOURCE_UNSOUND:
        return SCHEMA_UNSOUND;
    case EVENT_SOURCE_NO_ROOM:
        return SCHEMA_NO_ROOM;
    default:
        return SCHEMA_NOT_NEEDED;
    }
    enum etw_status status =
        manifest_xml_read(store, xml, size, ETW_SCHEMA_EVENTSOURCE, NULL, NULL);
    free(xml);
    return status ? SCHEMA_UNSOUND : SCHEMA_READ;
}

static enum schema_reading learn_traits(struct schema_store *store, const struct etw_record *record)
{
    struct bytes traits;
    if (!record->provider ||
        memcmp(store->last_named.bytes, record->provider, sizeof(struct guid)) == 0 ||
        !tracelogging_traits(record, &traits)) {
        return SCHEMA_NOT_NEEDED;
    }
    memcpy(store->last_named.bytes, record->provider, sizeof(struct guid));
    struct store_provider *provider = provider_of(store, record->provider);
    if (!provider || provider->name) {
        return provider ? SCHEMA_NOT_NEEDED : SCHEMA_NO_ROOM;
    }
    struct bytes name = tracelogging_provider_name(&traits);
    if (name.size == 0) {
        return SCHEMA_UNSOUND;
    }
    size_t size = name.size < NAME_MAXIMUM ? name.size : NAME_MAXIMUM;
    provider->name = schema_arena_text(&store->arena, (const char *)name.data, size);
    return provider->name ? SCHEMA_READ : SCHEMA_NO_ROOM;
}

static bool is_metadata(const struct etw_record *record)
{
    static const struct guid metadata = EVENT_METADATA_GUID;
    return record->class_of == RECORD_IS_CLASSIC && record->provider &&
           memcmp(record->provider, metadata.bytes, sizeof(metadata.bytes)) == 0;
}

void schema_store_learn(struct schema_store *store, const struct etw_record *record,
                        struct findings *findings)
{
    enum schema_reading result = SCHEMA_NOT_NEEDED;
    if (record->extended.size > 0) {
        result = learn_traits(store, record);
    }
    if (record->class_of == RECORD_IS_MANIFEST) {
        if (record->id == EVENT_SOURCE_ID) {
            result = learn_event_source(store, record);
        }
    } else if (is_metadata(record)) {
        result = learn_metadata(store, record);
    }
    if (result == SCHEMA_UNSOUND) {
        findings_count(findings, FINDING_SCHEMA_UNSOUND, record->offset, 0);
    } else if (result == SCHEMA_NO_ROOM) {
        findings_count(findings, FINDING_TABLE_FULL, record->offset, 0);
    }
}

enum etw_status schema_store_add_manifest(struct schema_store *store, const char *path,
                                          struct etw_error *error)
{
    return manifest_xml_read_file(store, path, error);
}

/* ---- the schema of a record ---- */

static bool has_built_in(const struct schema_store *store, const uint8_t *guid, uint16_t id)
{
    struct search search = {.provider = guid, .id = id, .only = ETW_SCHEMA_BUILT_IN};
    find_best(store, &search);
    return search.best != NULL;
}

/* False: nothing new came of it. */
static bool read_built_in(struct schema_store *store, const uint8_t *guid, uint16_t id)
{
    struct store_provider *provider = provider_of(store, guid);
    if (!provider) {
        return false;
    }
    if (!provider->is_built_in_searched) {
        provider->built_in = builtin_generations_find(&provider->guid);
        provider->is_built_in_searched = true;
        provider->has_schema = provider->has_schema || provider->built_in.count > 0;
    }
    if (provider->built_in.count == 0 || has_built_in(store, guid, id)) {
        return false;
    }
    struct builtin_generations generations = provider->built_in; /* rows move */
    bool found;
    if (!builtin_generations_load(store, &generations, id, store->os_build, &found)) {
        /* There will not be more room when the next record comes. */
        provider_of(store, guid)->built_in.count = 0;
    }
    return found;
}

static const struct event_schema *find_classic(const struct schema_store *store,
                                               const struct etw_record *record)
{
    struct search search = {.provider = record->provider,
                            .id = record->opcode,
                            .version = record->version,
                            .is_classic = true};
    if (store->has_classic) {
        find_best(store, &search);
    }
    if (search.best && search.best->version == record->version) {
        return search.best;
    }
    const struct event_schema *built_in = classic_schema_find(record);
    return built_in ? built_in : search.best;
}

/* Names in a trace are in the language of the machine that merged it, or absent, as
 * those of packets: a built-in name goes first. */
static void take_built_in_name(struct schema_store *store, const struct search *found)
{
    struct search search = *found;
    search.only = ETW_SCHEMA_BUILT_IN;
    search.best = NULL;
    (void)read_built_in(store, found->provider, found->id);
    find_best(store, &search);
    if (search.best && search.best->event_name) {
        found->best->event_name = search.best->event_name;
    }
}

static struct recent *recent_of(struct schema_store *store, const struct etw_record *record)
{
    uint32_t mixed = load_u32(record->provider) ^ (uint32_t)record->id << 8 ^ record->version;
    return &store->recent[(mixed * UINT32_C(0x9e3779b1)) >> (32 - RECENT_BITS)];
}

static bool is_recent(const struct recent *recent, const struct etw_record *record)
{
    return recent->schema && recent->id == record->id && recent->version == record->version &&
           memcmp(recent->provider.bytes, record->provider, sizeof(struct guid)) == 0;
}

static const struct event_schema *find_manifest(struct schema_store *store,
                                                const struct etw_record *record)
{
    struct recent *recent = recent_of(store, record);
    if (is_recent(recent, record)) {
        return recent->schema;
    }
    struct search search = {
        .provider = record->provider, .id = record->id, .version = record->version};
    find_best(store, &search);
    bool is_exact = search.best && search.best->version == record->version;
    if (!is_exact && read_built_in(store, record->provider, record->id)) {
        search.best = NULL;
        find_best(store, &search);
    }
    if (!search.best) {
        return event_source_schema(record);
    }
    if (search.best->source == ETW_SCHEMA_EMBEDDED) {
        take_built_in_name(store, &search);
    }
    store->has_recent = true;
    recent->id = record->id;
    recent->version = record->version;
    recent->schema = search.best;
    memcpy(recent->provider.bytes, record->provider, sizeof(recent->provider.bytes));
    return search.best;
}

static const char *why_not(const struct schema_store *store, const struct etw_record *record)
{
    uint64_t hash = hash_bytes(record->provider, sizeof(struct guid));
    const struct store_provider *provider = find_provider(store, record->provider, hash);
    return provider && provider->has_schema ? "its provider is known, but not this event"
                                            : "nobody has described this provider's events";
}

const struct event_schema *schema_store_find(struct schema_store *store,
                                             const struct etw_record *record, const char **why)
{
    struct bytes description;
    const struct event_schema *schema = NULL;
    if (record->class_of == RECORD_IS_MESSAGE) {
        *why = "a WPP message: only the symbols of the program that wrote it tell its fields";
        return NULL;
    }
    if (!record->provider || record->class_of == RECORD_IS_UNKNOWN) {
        *why = "the record does not say whose event it is";
        return NULL;
    }
    if (record->class_of != RECORD_IS_MANIFEST) {
        schema = find_classic(store, record);
    } else if (record->extended.size > 0 && tracelogging_description(record, &description)) {
        schema = tracelogging_find(&store->tracelogging, record, &description);
        *why = "the description in the event contradicts itself";
        return schema;
    } else if (record->flags & FLAG_IS_STRING_ONLY) {
        return &string_only;
    } else {
        schema = find_manifest(store, record);
        schema = schema ? schema_fit(schema, &record->payload, record->pointer_size) : NULL;
    }
    if (!schema) {
        *why = why_not(store, record);
    }
    return schema;
}
