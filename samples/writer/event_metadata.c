/* SPDX-License-Identifier: MIT */
#include "event_metadata.h"

#include <string.h>

/* clang-format off */
const struct etl_guid guid_event_metadata =
    {0xBBCCF6C1, 0x6CD1, 0x48C4, {0x80, 0xFF, 0x83, 0x94, 0x82, 0xE3, 0x76, 0x71}};
/* clang-format on */

/* TDH_INTYPE_* of tdh.h by enum event_field_type. */
static const uint16_t in_types[] = {
    [FIELD_U8] = 4,        [FIELD_U16] = 6,         [FIELD_U32] = 8,      [FIELD_U64] = 10,
    [FIELD_I8] = 3,        [FIELD_I16] = 5,         [FIELD_I32] = 7,      [FIELD_I64] = 9,
    [FIELD_FLOAT] = 11,    [FIELD_DOUBLE] = 12,     [FIELD_BOOLEAN] = 13, [FIELD_UNICODE] = 1,
    [FIELD_ANSI] = 2,      [FIELD_GUID] = 15,       [FIELD_POINTER] = 16, [FIELD_SIZE_T] = 308,
    [FIELD_FILETIME] = 17, [FIELD_SYSTEMTIME] = 18, [FIELD_SID] = 19,     [FIELD_HEX32] = 20,
    [FIELD_HEX64] = 21,    [FIELD_BINARY] = 14,     [FIELD_COUNTED] = 22};

enum { OUT_IPV4 = 23, OUT_IPV6 = 24, OUT_SOCKET_ADDRESS = 25 };
enum { PARAM_LENGTH = 2, PARAM_COUNT = 4, FIXED_LENGTH = 0x10, FIXED_COUNT = 0x20 };
enum {
    PROVIDER_NAME = 0x34,
    TASK_NAME = 0x44,
    PROPERTIES = 0x70,
    PROPERTY_SIZE = 24,
    PROPERTY_NAME = 4,
    PROPERTY_MAP = 12
};
enum { VALUE_MAP = 1, BITMAP = 2, MAP_INFO = 16, MAP_ENTRIES = MAP_INFO + 16, MAP_ENTRY_SIZE = 8 };

static uint16_t out_type(const struct event_field *field)
{
    if (field->is_ipv4) {
        return OUT_IPV4;
    }
    if (field->type != FIELD_BINARY) {
        return 0;
    }
    if (field->length == LENGTH_FIELD && strstr(field->name, "Addr")) {
        return strstr(field->name, "IPv6") ? OUT_IPV6 : OUT_SOCKET_ADDRESS;
    }
    return field->length == LENGTH_FIXED && field->link == 16 ? OUT_IPV6 : 0;
}

/* 0 u32 flags   4 u32 name   8 u16 in type   10 u16 out type   12 u32 map   16 u16 count or
 * its field   18 u16 length or its field   20 u32 tags */
static void put_property(struct byte_block *out, const struct event_field *field)
{
    static const uint32_t flags[] = {[LENGTH_OWN] = 0,
                                     [LENGTH_FIELD] = PARAM_LENGTH,
                                     [LENGTH_FIXED] = FIXED_LENGTH,
                                     [LENGTH_COUNT] = PARAM_COUNT,
                                     [LENGTH_REPEATED] = FIXED_COUNT};
    bool is_array = field->length == LENGTH_COUNT || field->length == LENGTH_REPEATED;
    block_u32(out, flags[field->length]);
    block_u32(out, 0);
    block_u16(out, in_types[field->type]);
    block_u16(out, out_type(field));
    block_u32(out, 0);
    block_u16(out, is_array ? field->link : 1);
    block_u16(out, is_array ? 0 : field->link);
    block_u32(out, 0);
}

/* Appends a text and writes where it stands, counted from `base`, to `place`. */
static void put_text(struct byte_block *out, size_t base, size_t place, const char *text)
{
    if (!out->failed) {
        put_u32(out->data + place, (uint32_t)(out->size - base));
    }
    block_utf16(out, text);
}

static void put_name(struct byte_block *out, size_t place, const char *name)
{
    put_text(out, 0, place, name);
}

/* Texts that come from message tables end in a blank. */
static void put_message(struct byte_block *out, size_t base, size_t place, const char *text)
{
    put_text(out, base, place, text);
    if (!out->failed) {
        out->data[out->size - 2] = ' ';
    }
    block_u16(out, 0);
}

/*
 * TRACE_EVENT_INFO (tdh.h)
 *   0x00 guid provider   0x10 guid event   0x20 descriptor (16 bytes)   0x30 u32 source: 0 XML
 *   0x34 offsets of provider, level, channel, keyword, task, opcode names, messages, XML ...
 *   0x64 u32 properties  0x68 u32 of the top level   0x6C u32 flags   0x70 properties
 */
void metadata_of_event(struct byte_block *out, const struct event_layout *layout)
{
    const struct event_provider *provider = event_layout_get_provider(layout);
    const struct event_field *fields = event_layout_get_fields(layout);
    block_guid(out, &provider->guid);
    block_fill(out, 0, 16);
    block_u16(out, layout->id);
    block_u8(out, layout->version);
    block_u8(out, 0); /* channel */
    block_u8(out, layout->level);
    block_u8(out, layout->opcode);
    block_u16(out, layout->task);
    block_u64(out, layout->keyword);
    block_fill(out, 0, 0x64 - 0x30);
    block_u32(out, layout->field_count);
    block_u32(out, layout->field_count);
    block_u32(out, 1); /* has event data */
    for (unsigned i = 0; i < layout->field_count; i++) {
        put_property(out, &fields[i]);
    }
    put_name(out, PROVIDER_NAME, provider->name);
    put_name(out, TASK_NAME, layout->name);
    for (unsigned i = 0; i < layout->field_count; i++) {
        size_t property = PROPERTIES + (size_t)i * PROPERTY_SIZE;
        put_name(out, property + PROPERTY_NAME, fields[i].name);
        if (fields[i].map) {
            put_name(out, property + PROPERTY_MAP, fields[i].map);
        }
    }
}

const struct event_map *event_map_find(const struct event_layout *layout,
                                       const struct event_field *field, unsigned build)
{
    const struct event_map *found = NULL;
    for (size_t i = 0; field->map && i < event_map_count; i++) {
        const struct event_map *map = &event_maps[i];
        bool is_it = map->provider == layout->provider && strcmp(map->name, field->map) == 0;
        if (is_it && (map->first_build <= build || !found)) {
            found = map;
        }
    }
    return found;
}

/*
 * A GUID, then EVENT_MAP_INFO (tdh.h), from which offsets count
 *   0 u32 name   4 u32 flags: 1 values, 2 bits   8 u32 entries   12 u32 type of values: 0 numbers
 *   16 entries: u32 text, u32 value
 */
void metadata_of_map(struct byte_block *out, const struct event_map *map)
{
    const struct event_map_entry *entries = &event_map_entries[map->first_entry];
    block_guid(out, &event_providers[map->provider].guid);
    block_u32(out, 0);
    block_u32(out, map->is_bitmap ? BITMAP : VALUE_MAP);
    block_u32(out, map->entry_count);
    block_u32(out, 0);
    for (unsigned i = 0; i < map->entry_count; i++) {
        block_u32(out, 0);
        block_u32(out, entries[i].value);
    }
    put_text(out, MAP_INFO, MAP_INFO, map->name);
    for (unsigned i = 0; i < map->entry_count; i++) {
        put_message(out, MAP_INFO, MAP_ENTRIES + (size_t)i * MAP_ENTRY_SIZE, entries[i].text);
    }
}
