/* SPDX-License-Identifier: MIT */
/*
 * EVENT_SCHEMA_TL                       [documented: TraceLoggingProvider.h; measured: real files]
 *   u16 size, itself included
 *   tag bytes         as long as bit 7 is set, another follows
 *   name of the event UTF-8 with NUL
 *   fields up to the size, each:
 *     name            UTF-8 with NUL
 *     u8 in           bits 0..4 in-type; bits 5..6 how many; bit 7: the next byte is there
 *     u8 out          bits 0..6 out-type, of structs the number of members; bit 7: tags follow
 *     tag bytes
 *     u16 count       of constant counts only
 *     u16 n, n bytes  of custom types only
 * Members of a struct follow it directly; a struct among them counts as one member.
 *
 * Traits: u16 size, name of the provider as UTF-8 with NUL, further items.
 */
#include "etw/schema/tracelogging.h"

#include <stdlib.h>
#include <string.h>

#include "etw/base/array.h"
#include "etw/container/extended_items.h"

#define ITEM_DESCRIPTION 11
#define ITEM_TRAITS      12
#define CHAIN_BIT        0x80u /* another byte follows */

enum how_many {
    COUNT_ONE = 0x00,
    COUNT_CONSTANT = 0x20,
    COUNT_VARIABLE = 0x40,
    COUNT_CUSTOM = 0x60
};
#define HOW_MANY_MASK 0x60u
#define IN_TYPE_MASK  0x1Fu

struct tracelogging_row {
    struct bytes content; /* in the arena */
    struct event_schema schema;
    bool is_sound;
};

/* The fields in the order of the description: each struct before its members. */
struct field_list {
    struct schema_property fields[SCHEMA_PROPERTIES_MAXIMUM];
    uint16_t spans[SCHEMA_PROPERTIES_MAXIMUM]; /* fields from here to its last member */
    uint16_t count;
};

/* TraceLogging numbers its out-types for itself. */
static const uint16_t out_types[] = {
    [0] = OUT_DEFAULT,   [1] = OUT_DEFAULT, /* "not for printing" */
    [2] = OUT_STRING,    [3] = OUT_BOOLEAN,       [4] = OUT_HEX,
    [5] = OUT_PID,       [6] = OUT_TID,           [7] = OUT_PORT,
    [8] = OUT_IPV4,      [9] = OUT_IPV6,          [10] = OUT_SOCKETADDRESS,
    [11] = OUT_XML,      [12] = OUT_JSON,         [13] = OUT_WIN32ERROR,
    [14] = OUT_NTSTATUS, [15] = OUT_HRESULT,      [16] = OUT_DATETIME,
    [17] = OUT_SIGNED,   [18] = OUT_UNSIGNED,     [35] = OUT_UTF8,
    [36] = OUT_PKCS7,    [37] = OUT_CODE_POINTER, [38] = OUT_DATETIME_UTC,
};

static uint16_t translate_out_type(uint8_t out_type)
{
    return out_type < sizeof(out_types) / sizeof(out_types[0]) ? out_types[out_type] : OUT_DEFAULT;
}

static void skip_tags(struct bytes *b)
{
    while (!b->failed && (bytes_u8(b) & CHAIN_BIT)) {
    }
}

/* UTF-8 up to a NUL that must be there. */
static struct bytes take_name(struct bytes *b)
{
    size_t left = bytes_left(b);
    const uint8_t *begin = left > 0 ? b->data + b->position : NULL;
    const uint8_t *nul = begin ? memchr(begin, '\0', left) : NULL;
    if (!nul) {
        b->failed = true;
        return bytes_of(NULL, 0);
    }
    struct bytes name = bytes_sub(b, (size_t)(nul - begin));
    bytes_skip(b, 1);
    return name;
}

static const char *keep_name(struct schema_arena *arena, const struct bytes *name)
{
    return schema_arena_text(arena, (const char *)name->data, name->size);
}

static void read_count(struct bytes *b, unsigned how_many, struct schema_property *field)
{
    switch (how_many) {
    case COUNT_CONSTANT:
        field->count = bytes_u16(b);
        field->flags |= PROPERTY_FIXED_COUNT;
        break;
    case COUNT_VARIABLE:
        field->flags |= PROPERTY_COUNTED;
        break;
    case COUNT_CUSTOM:
        bytes_skip(b, bytes_u16(b));
        *field =
            (struct schema_property){.name = field->name, .in_type = IN_MANIFEST_COUNTED_BINARY};
        break;
    default:
        break;
    }
}

static void read_field(struct bytes *b, struct schema_arena *arena, struct schema_property *field)
{
    struct bytes name = take_name(b);
    uint8_t in = bytes_u8(b);
    uint8_t out = in & CHAIN_BIT ? bytes_u8(b) : 0;
    if (out & CHAIN_BIT) {
        skip_tags(b);
    }
    out &= (uint8_t)~CHAIN_BIT;
    field->name = b->failed ? NULL : keep_name(arena, &name);
    if ((in & IN_TYPE_MASK) == IN_STRUCT) {
        field->flags = PROPERTY_IS_STRUCT;
        field->member_count = out;
    } else {
        field->out_type = translate_out_type(out);
        field->in_type = in & IN_TYPE_MASK;
        if (field->in_type == IN_BINARY) {
            field->in_type = IN_MANIFEST_COUNTED_BINARY; /* its size stands before it */
        }
    }
    read_count(b, in & HOW_MANY_MASK, field);
}

static bool read_fields(struct bytes *b, struct schema_arena *arena, struct field_list *list)
{
    while (bytes_left(b) > 0) {
        if (list->count >= SCHEMA_PROPERTIES_MAXIMUM) {
            return false;
        }
        struct schema_property *field = &list->fields[list->count++];
        *field = (struct schema_property){0};
        read_field(b, arena, field);
        if (!field->name) {
            return false;
        }
    }
    return !b->failed;
}

/* From the last field to the first, so that the members come before their struct. */
static bool measure_spans(struct field_list *list)
{
    for (uint32_t i = list->count; i-- > 0;) {
        uint32_t end = i + 1;
        bool is_struct = list->fields[i].flags & PROPERTY_IS_STRUCT;
        for (uint32_t m = 0; is_struct && m < list->fields[i].member_count; m++) {
            if (end >= list->count) {
                return false;
            }
            end += list->spans[end];
        }
        list->spans[i] = (uint16_t)(end - i);
    }
    return true;
}

/* Copies fields that are members of one struct, or top-level; the fields between
 * them, which are their members, come later. `from` remembers their places. */
static uint16_t place_members(const struct field_list *list, uint32_t begin, uint32_t end,
                              struct schema_property *properties, uint16_t *from, uint16_t placed)
{
    for (uint32_t i = begin; i < end; i += list->spans[i]) {
        properties[placed] = list->fields[i];
        from[placed] = (uint16_t)i;
        placed++;
    }
    return placed;
}

/* Top-level fields first, then the members of the first struct, and so on. */
static void place_fields(const struct field_list *list, struct schema_property *properties,
                         struct event_schema *schema)
{
    uint16_t from[SCHEMA_PROPERTIES_MAXIMUM];
    uint16_t placed = place_members(list, 0, list->count, properties, from, 0);
    schema->top_level_count = placed;
    for (uint16_t i = 0; i < placed; i++) {
        if (properties[i].flags & PROPERTY_IS_STRUCT) {
            uint32_t begin = from[i];
            properties[i].first_member = placed;
            placed = place_members(list, begin + 1, begin + list->spans[begin], properties, from,
                                   placed);
        }
    }
    schema->properties = properties;
    schema->property_count = placed;
}

bool tracelogging_read(struct schema_arena *arena, const struct bytes *description,
                       struct event_schema *schema)
{
    struct field_list list = {.count = 0};
    struct bytes whole = bytes_of(description->data, description->size);
    uint16_t size = bytes_u16(&whole);
    struct bytes b = bytes_sub(&whole, size < 2 ? SIZE_MAX : (size_t)size - 2);
    skip_tags(&b);
    struct bytes name = take_name(&b);
    if (b.failed || !read_fields(&b, arena, &list) || !measure_spans(&list)) {
        return false;
    }
    struct schema_property *properties = schema_arena_take(arena, list.count * sizeof(*properties));
    schema->event_name = keep_name(arena, &name);
    if (!properties || !schema->event_name) {
        return false;
    }
    place_fields(&list, properties, schema);
    schema->source = ETW_SCHEMA_TRACELOGGING;
    return event_schema_is_sound(schema);
}

/* ---- extended items ---- */

static bool find_item(const struct etw_record *record, uint16_t type, struct bytes *data)
{
    struct bytes items = record->extended;
    struct extended_item item;
    while (extended_items_next(&items, &item)) {
        if (item.type == type) {
            *data = item.data;
            return true;
        }
    }
    return false;
}

bool tracelogging_description(const struct etw_record *record, struct bytes *description)
{
    return find_item(record, ITEM_DESCRIPTION, description);
}

bool tracelogging_traits(const struct etw_record *record, struct bytes *traits)
{
    return find_item(record, ITEM_TRAITS, traits);
}

struct bytes tracelogging_provider_name(const struct bytes *traits)
{
    struct bytes whole = bytes_of(traits->data, traits->size);
    uint16_t size = bytes_u16(&whole);
    struct bytes b = bytes_sub(&whole, size < 2 ? SIZE_MAX : (size_t)size - 2);
    struct bytes name = take_name(&b);
    return b.failed ? bytes_of(NULL, 0) : name;
}

/* ---- descriptions read before ---- */

static struct tracelogging_row *find_row(const struct tracelogging *cache,
                                         const struct bytes *content, uint64_t hash)
{
    uint32_t at = 0;
    for (uint32_t row = hash_index_first(&cache->by_content, hash, &at); row != HASH_INDEX_NONE;
         row = hash_index_next(&cache->by_content, hash, &at)) {
        struct tracelogging_row *found = &cache->rows[row];
        if (found->content.size == content->size &&
            memcmp(found->content.data, content->data, content->size) == 0) {
            return found;
        }
    }
    return NULL;
}

static void forget_all(struct tracelogging *cache)
{
    schema_arena_done(&cache->arena);
    hash_index_clear(&cache->by_content);
    cache->count = 0;
}

/* NULL: no memory. */
static struct tracelogging_row *add_row(struct tracelogging *cache, const struct bytes *content,
                                        uint64_t hash)
{
    /* Half of the arena leaves room for the largest description. */
    if (cache->count >= TRACELOGGING_CACHE_MAXIMUM ||
        cache->arena.used > SCHEMA_ARENA_MAXIMUM / 2) {
        forget_all(cache);
    }
    void *rows = cache->rows;
    if (!array_grow(&rows, &cache->capacity, cache->count + 1, sizeof(cache->rows[0]))) {
        return NULL;
    }
    cache->rows = rows;
    uint8_t *copy = schema_arena_take(&cache->arena, content->size);
    if (!copy || !hash_index_add(&cache->by_content, hash, (uint32_t)cache->count)) {
        return NULL;
    }
    memcpy(copy, content->data, content->size);
    struct tracelogging_row *row = &cache->rows[cache->count++];
    *row = (struct tracelogging_row){.content = bytes_of(copy, content->size)};
    row->is_sound = tracelogging_read(&cache->arena, &row->content, &row->schema);
    return row;
}

const struct event_schema *tracelogging_find(struct tracelogging *cache,
                                             const struct etw_record *record,
                                             const struct bytes *description)
{
    uint64_t hash = hash_bytes(description->data, description->size);
    struct tracelogging_row *row = find_row(cache, description, hash);
    if (!row) {
        row = add_row(cache, description, hash);
    }
    if (!row || !row->is_sound) {
        return NULL;
    }
    memcpy(row->schema.provider.bytes, record->provider, sizeof(row->schema.provider.bytes));
    row->schema.id = record->id;
    row->schema.version = record->version;
    return &row->schema;
}

void tracelogging_done(struct tracelogging *cache)
{
    forget_all(cache);
    free(cache->rows);
    hash_index_done(&cache->by_content);
    *cache = (struct tracelogging){0};
}
