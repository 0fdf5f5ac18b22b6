/* SPDX-License-Identifier: MIT */
/*
 * decoder.c - finds the row of a record by one look into a hash table, prepares
 * the row for the layout at first use, and reads.
 */
#include "etw/providers/decoder.h"

#include <stdlib.h>
#include <string.h>

#include "etw/providers/binding.h"
#include "etw/schema/classic_schemas.h"
#include "etw/schema/layout_of_schema.h"
#include "etw/schema/layout_store.h"
#include "etw/schema/schema_fit.h"

/* A row prepared for the event version that was seen last: a trace of one machine
 * has one version of each event, so that one per pointer size is enough. */
struct prepared {
    bool is_ready;
    bool has_layout;
    uint8_t version;
    const struct event_schema *schema; /* NULL: a built-in layout, or nothing, is used */
    struct layout layout;              /* of the schema */
    struct layout_field fields[LAYOUT_FIELDS_MAXIMUM];
    struct binding_plan plan;
};

struct decoder_event {
    const struct event_binding *binding;
    /* Of pointers with 4 and with 8 bytes; owned, NULL until the event is met. */
    struct prepared *by_pointer[2];
};

struct event_key {
    uint64_t provider[2]; /* the GUID's bytes */
    uint32_t id;          /* id or opcode, and which of the two */
};

#define KEY_IS_CLASSIC 0x10000u

struct decoder_slot {
    struct event_key key;
    struct decoder_event *event; /* NULL: free */
};

struct etw_decoder {
    struct schema_store *schemas; /* NULL: none */
    struct decoder_event *events; /* owned */
    size_t event_count;
    struct decoder_slot *slots; /* owned; a quarter of them in use at most */
    size_t slot_mask;
};

static struct event_key make_key(const uint8_t *provider, uint32_t id)
{
    struct event_key key = {.id = id};
    memcpy(key.provider, provider, sizeof(key.provider));
    return key;
}

static bool key_equal(const struct event_key *a, const struct event_key *b)
{
    return a->provider[0] == b->provider[0] && a->provider[1] == b->provider[1] && a->id == b->id;
}

/* The keys in the table are ours, so that nobody can make them collide. */
static size_t key_hash(const struct event_key *key)
{
    uint64_t mixed = key->provider[0] ^ key->provider[1] ^ ((uint64_t)key->id << 32);
    return (size_t)((mixed * UINT64_C(0x9e3779b97f4a7c15)) >> 40);
}

/* The slot of the key, or the free one where it would be. */
static struct decoder_slot *find_slot(const struct etw_decoder *decoder,
                                      const struct event_key *key)
{
    size_t at = key_hash(key) & decoder->slot_mask;
    while (decoder->slots[at].event && !key_equal(&decoder->slots[at].key, key)) {
        at = (at + 1) & decoder->slot_mask;
    }
    return &decoder->slots[at];
}

static size_t count_events(void)
{
    size_t count = 0;
    for (size_t i = 0; i < provider_list_count; i++) {
        count += provider_list[i]->event_count;
    }
    return count;
}

static void add_provider(struct etw_decoder *decoder, const struct provider_binding *provider,
                         struct decoder_event *events)
{
    for (size_t i = 0; i < provider->event_count; i++) {
        uint32_t id = provider->events[i].id | (provider->is_classic ? KEY_IS_CLASSIC : 0);
        struct event_key key = make_key(provider->guid.bytes, id);
        events[i].binding = &provider->events[i];
        *find_slot(decoder, &key) = (struct decoder_slot){.key = key, .event = &events[i]};
    }
}

enum etw_status etw_decoder_new(struct schema_store *schemas, struct etw_decoder **out,
                                struct etw_error *error)
{
    size_t event_count = count_events();
    size_t slot_count = 1;
    while (slot_count < 4 * event_count) {
        slot_count *= 2;
    }
    struct etw_decoder *decoder = calloc(1, sizeof(*decoder));
    if (decoder) {
        decoder->events = calloc(event_count ? event_count : 1, sizeof(decoder->events[0]));
        decoder->slots = calloc(slot_count, sizeof(decoder->slots[0]));
    }
    if (!decoder || !decoder->events || !decoder->slots) {
        etw_decoder_free(decoder);
        return etw_fail_memory(error, "the event decoder");
    }
    decoder->schemas = schemas;
    decoder->event_count = event_count;
    decoder->slot_mask = slot_count - 1;
    struct decoder_event *next = decoder->events;
    for (size_t i = 0; i < provider_list_count; i++) {
        add_provider(decoder, provider_list[i], next);
        next += provider_list[i]->event_count;
    }
    *out = decoder;
    return ETW_OK;
}

void etw_decoder_free(struct etw_decoder *decoder)
{
    if (!decoder) {
        return;
    }
    for (size_t i = 0; i < decoder->event_count; i++) {
        free(decoder->events[i].by_pointer[0]);
        free(decoder->events[i].by_pointer[1]);
    }
    free(decoder->slots);
    free(decoder->events);
    free(decoder);
}

void etw_decoder_reset(struct etw_decoder *decoder)
{
    for (size_t i = 0; i < decoder->event_count; i++) {
        for (size_t k = 0; k < 2; k++) {
            if (decoder->events[i].by_pointer[k]) {
                decoder->events[i].by_pointer[k]->is_ready = false;
            }
        }
    }
}

#define FLAG_IS_STRING_ONLY 0x0004u /* EVENT_HEADER: the payload is one text */

static struct decoder_event *find_event(const struct etw_decoder *decoder,
                                        const struct etw_record *record)
{
    bool has_opcode = record->class_of == RECORD_IS_CLASSIC || record->class_of == RECORD_IS_KERNEL;
    if (!record->provider || (!has_opcode && record->class_of != RECORD_IS_MANIFEST)) {
        return NULL;
    }
    uint32_t id = has_opcode ? record->opcode | KEY_IS_CLASSIC : record->id;
    struct event_key key = make_key(record->provider, id);
    return find_slot(decoder, &key)->event;
}

/* Events that carry no payload of the manifest's form under the ids of a manifest. */
static bool has_own_form(const struct etw_record *record)
{
    return record->class_of == RECORD_IS_MANIFEST &&
           (record_is_tracelogging(record) || (record->flags & FLAG_IS_STRING_ONLY) != 0);
}

/* What stands behind the last field that a role needs is not looked at. */
static void cut_layout(struct layout *layout, size_t needed)
{
    size_t required = (size_t)(layout->field_count - layout->optional_count);
    layout->has_more = layout->has_more || needed < layout->field_count;
    layout->field_count = (uint16_t)needed;
    layout->optional_count = (uint16_t)(needed > required ? needed - required : 0);
}

/* The trace itself and the user know better than this program; of another version
 * they know less than it does. */
static bool overrules_built_in(const struct event_schema *schema, const struct etw_record *record)
{
    return schema && schema->source < ETW_SCHEMA_BUILT_IN && schema->version == record->version;
}

static const struct layout *find_layout(const struct etw_decoder *decoder,
                                        const struct event_binding *binding,
                                        const struct etw_record *record, struct prepared *prepared)
{
    const struct layout_key key = {
        .provider = record->provider, .id = binding->id, .version = record->version};
    const struct layout *built_in = layout_find(&key);
    const char *why = NULL;
    const struct event_schema *schema =
        decoder->schemas ? schema_store_find(decoder->schemas, record, &why) : NULL;
    prepared->schema = NULL;
    if (!schema || (built_in && !overrules_built_in(schema, record))) {
        return built_in;
    }
    prepared->schema = schema;
    layout_of_schema(schema, prepared->fields, &prepared->layout);
    cut_layout(&prepared->layout, binding_fields_needed(binding, &prepared->layout));
    return &prepared->layout;
}

static void prepare(const struct etw_decoder *decoder, struct prepared *prepared,
                    const struct event_binding *binding, const struct etw_record *record,
                    unsigned pointer_size)
{
    const struct layout *layout = find_layout(decoder, binding, record, prepared);
    prepared->is_ready = true;
    prepared->version = record->version;
    prepared->has_layout = layout;
    if (layout) {
        binding_plan_init(&prepared->plan, binding, layout, pointer_size);
        prepared->plan.os_build = decoder->schemas ? schema_store_get_build(decoder->schemas) : 0;
    }
}

/* Events with several layouts under one version are rare, so that the payload is looked
 * at each time. */
static bool fits_prepared(const struct prepared *prepared, const struct etw_record *record)
{
    const struct event_schema *schema = prepared->schema;
    return prepared->version == record->version &&
           (!schema || !schema->first_layout ||
            schema_fit(schema, &record->payload, record->pointer_size) == schema);
}

/* NULL: no memory for it, which is as good as no row. */
static const struct prepared *find_prepared(const struct etw_decoder *decoder,
                                            struct decoder_event *event,
                                            const struct etw_record *record, unsigned pointer_size)
{
    struct prepared **prepared = &event->by_pointer[pointer_size == 8];
    if (!*prepared) {
        *prepared = malloc(sizeof(**prepared));
        if (!*prepared) {
            return NULL;
        }
        (*prepared)->is_ready = false;
    }
    if (!(*prepared)->is_ready || !fits_prepared(*prepared, record)) {
        prepare(decoder, *prepared, event->binding, record, pointer_size);
    }
    return *prepared;
}

void etw_decoder_read(struct etw_decoder *decoder, const struct etw_record *record,
                      struct etw_event *event)
{
    event->kind = ETW_EVENT_OTHER;
    event->is_incomplete = false;
    event->record = record;
    struct decoder_event *found = find_event(decoder, record);
    if (!found || has_own_form(record)) {
        return;
    }
    const struct prepared *prepared = find_prepared(decoder, found, record, record->pointer_size);
    if (prepared && prepared->schema && record->class_of == RECORD_IS_CLASSIC) {
        unsigned pointer_size = classic_pointer_size(prepared->schema, record);
        prepared = find_prepared(decoder, found, record, pointer_size);
    }
    if (prepared && prepared->has_layout) {
        binding_read(&prepared->plan, record, event);
    }
}
