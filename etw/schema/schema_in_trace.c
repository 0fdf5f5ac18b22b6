/* SPDX-License-Identifier: MIT */
/*
 * Offsets are from the start of the structure; 0: the text is absent. Texts are
 * UTF-16LE with a NUL.
 *
 * TRACE_EVENT_INFO, the whole payload            [documented: tdh.h; measured: real files]
 *   0x00 guid provider         0x34 u32 offset of the provider's name
 *   0x10 guid event class      0x44 u32 offset of the task's name
 *   0x20 u16  id               0x48 u32 offset of the opcode's name
 *   0x22 u8   version          0x4C u32 offset of the message
 *   0x25 u8   opcode           0x5C u32 offset of the event's name (manifests only)
 *   0x30 u32  who described it 0x64 u32 properties  0x68 u32 of them top-level
 *   0x70      properties, 24 bytes each:
 *             0 u32 flags  4 u32 offset of its name  16 u16 count  18 u16 length
 *             8 u16 in-type, u16 out-type, u32 offset of its map's name
 *               or u16 first member, u16 number of members (structs)
 *
 * EVENT_MAP_INFO, behind the provider's GUID
 *   0x00 u32 offset of its name  0x08 u32 entries  0x0C u32 type of the values
 *   0x04 u32 flags               0x10     entries: u32 offset of the text, u32 value
 */
#include "etw/schema/schema_in_trace.h"

#include <string.h>

#define EVENT_INFO_SIZE    0x70u
#define PROPERTY_INFO_SIZE 24u
#define MAP_INFO_SIZE      16u
#define MAP_ENTRY_SIZE     8u
/* Longer names than any manifest compiler takes; what is behind is cut. In bytes. */
#define NAME_MAXIMUM    1024u
#define MESSAGE_MAXIMUM 65536u

enum decoding_source { SOURCE_MANIFEST = 0, SOURCE_CLASSIC = 1 };

enum property_info_flag {
    INFO_KEPT = PROPERTY_IS_STRUCT | PROPERTY_LENGTH_FROM | PROPERTY_COUNT_FROM |
                PROPERTY_FIXED_LENGTH | PROPERTY_FIXED_COUNT,
    INFO_HAS_CUSTOM_SCHEMA = 0x80 /* its offset stands where the map's would */
};

enum map_flag {
    MAP_MANIFEST_BITMAP = 0x2,
    MAP_MANIFEST_PATTERN = 0x4,
    MAP_CLASSIC_VALUES = 0x8,
    MAP_CLASSIC_BITMAP = 0x10,
    MAP_CLASSIC_FLAG = 0x20,  /* together with CLASSIC_VALUES: bits after all */
    MAP_CLASSIC_NO_MAP = 0x40 /* the values are the places in the list */
};

struct info_reader {
    struct schema_arena *arena;
    struct schema_maps *maps;
    struct bytes info; /* from where offsets count */
    enum schema_reading result;
};

static void fail(struct info_reader *reader, enum schema_reading result)
{
    if (reader->result == SCHEMA_READ) {
        reader->result = result;
    }
}

static uint32_t u32_at(const struct info_reader *reader, size_t offset)
{
    struct bytes b = reader->info;
    bytes_seek(&b, offset);
    return bytes_u32(&b);
}

/* NULL: absent, or the reading has failed. */
static const char *text_at(struct info_reader *reader, uint32_t offset, size_t maximum)
{
    if (offset == 0 || reader->result != SCHEMA_READ) {
        return NULL;
    }
    struct bytes b = reader->info;
    bytes_seek(&b, offset);
    struct bytes limited = bytes_sub(&b, bytes_left(&b) < maximum ? bytes_left(&b) : maximum);
    struct bytes utf16 = bytes_utf16z(&limited);
    if (b.failed || bytes_left(&reader->info) == offset) {
        fail(reader, SCHEMA_UNSOUND);
        return NULL;
    }
    const char *text = schema_arena_utf16(reader->arena, &utf16);
    if (!text) {
        fail(reader, SCHEMA_NO_ROOM);
    }
    return text;
}

/* The text whose offset stands at `place`. */
static const char *text_of(struct info_reader *reader, size_t place, size_t maximum)
{
    const char *text = text_at(reader, u32_at(reader, place), maximum);
    return text && *text ? text : NULL;
}

/* ---- events ---- */

enum schema_reading schema_in_trace_key(const struct bytes *payload, struct event_schema *schema)
{
    struct bytes b = *payload;
    struct guid provider = bytes_guid(&b);
    struct guid class_guid = bytes_guid(&b);
    uint16_t id = bytes_u16(&b);
    uint8_t version = bytes_u8(&b);
    bytes_skip(&b, 2);
    uint8_t opcode = bytes_u8(&b);
    bytes_seek(&b, 0x30);
    uint32_t source = bytes_u32(&b);
    bytes_seek(&b, EVENT_INFO_SIZE);
    if (b.failed) {
        return SCHEMA_UNSOUND;
    }
    if (source != SOURCE_MANIFEST && source != SOURCE_CLASSIC) {
        return SCHEMA_NOT_NEEDED;
    }
    bool is_classic = source == SOURCE_CLASSIC;
    *schema = (struct event_schema){.provider = is_classic ? class_guid : provider,
                                    .id = is_classic ? opcode : id,
                                    .version = version,
                                    .is_classic = is_classic,
                                    .source = ETW_SCHEMA_EMBEDDED};
    return SCHEMA_READ;
}

static void read_property(struct info_reader *reader, struct bytes *row,
                          const struct event_schema *schema, struct schema_property *property)
{
    uint32_t flags = bytes_u32(row);
    const char *name = text_at(reader, bytes_u32(row), NAME_MAXIMUM);
    uint16_t first = bytes_u16(row);
    uint16_t second = bytes_u16(row);
    uint32_t map_offset = bytes_u32(row);
    property->name = name ? name : "";
    property->flags = (uint16_t)(flags & INFO_KEPT);
    property->count = bytes_u16(row);
    property->length = bytes_u16(row);
    bytes_skip(row, 4); /* tags */
    if (flags & PROPERTY_IS_STRUCT) {
        property->first_member = first;
        property->member_count = second;
        return;
    }
    property->in_type = first;
    property->out_type = second;
    if (flags & INFO_HAS_CUSTOM_SCHEMA) {
        return;
    }
    const char *map_name = text_at(reader, map_offset, NAME_MAXIMUM);
    if (map_name &&
        !schema_maps_use(reader->maps, reader->arena, &schema->provider, map_name, property)) {
        fail(reader, SCHEMA_NO_ROOM);
    }
}

static void read_properties(struct info_reader *reader, struct event_schema *schema)
{
    uint32_t count = u32_at(reader, 0x64);
    uint32_t top_level_count = u32_at(reader, 0x68);
    if (count > SCHEMA_PROPERTIES_MAXIMUM || top_level_count > count) {
        fail(reader, SCHEMA_UNSOUND);
        return;
    }
    struct bytes rows = reader->info;
    bytes_seek(&rows, EVENT_INFO_SIZE);
    rows = bytes_sub(&rows, (size_t)count * PROPERTY_INFO_SIZE);
    if (rows.failed) {
        fail(reader, SCHEMA_UNSOUND);
        return;
    }
    struct schema_property *properties =
        schema_arena_take(reader->arena, count * sizeof(*properties));
    if (!properties) {
        fail(reader, SCHEMA_NO_ROOM);
        return;
    }
    for (uint32_t i = 0; i < count && reader->result == SCHEMA_READ; i++) {
        read_property(reader, &rows, schema, &properties[i]);
    }
    schema->properties = properties;
    schema->property_count = (uint16_t)count;
    schema->top_level_count = (uint16_t)top_level_count;
}

/* "Process/DCStart": a task alone often stands for many events. */
static const char *join_names(struct info_reader *reader, const char *task, const char *opcode)
{
    size_t task_size = strlen(task);
    size_t opcode_size = strlen(opcode);
    char *name = schema_arena_take(reader->arena, task_size + 1 + opcode_size + 1);
    if (!name) {
        fail(reader, SCHEMA_NO_ROOM);
        return NULL;
    }
    memcpy(name, task, task_size);
    name[task_size] = '/';
    memcpy(name + task_size + 1, opcode, opcode_size);
    return name;
}

/* Opcodes that mean the same for everybody, whatever the language of the machine. */
static const char *const common_opcodes[] = {
    "", "Start", "Stop", "DCStart", "DCStop", "Extension", "Reply", "Resume", "Suspend", "Send",
};

static const char *read_opcode_name(struct info_reader *reader, bool is_classic)
{
    uint8_t opcode = reader->info.data[0x25];
    if (is_classic || opcode >= sizeof(common_opcodes) / sizeof(common_opcodes[0])) {
        return text_of(reader, 0x48, NAME_MAXIMUM);
    }
    return opcode == 0 ? NULL : common_opcodes[opcode];
}

static bool ends_with(const char *text, const char *end)
{
    size_t text_size = strlen(text);
    size_t end_size = strlen(end);
    return text_size >= end_size && strcmp(text + text_size - end_size, end) == 0;
}

static const char *read_event_name(struct info_reader *reader, bool is_classic)
{
    const char *name = is_classic ? NULL : text_of(reader, 0x5C, NAME_MAXIMUM);
    const char *task = text_of(reader, 0x44, NAME_MAXIMUM);
    const char *opcode = read_opcode_name(reader, is_classic);
    if (name || !task || !opcode) {
        return name ? name : task;
    }
    return ends_with(task, opcode) ? task : join_names(reader, task, opcode);
}

enum schema_reading schema_in_trace_event(struct schema_arena *arena, struct schema_maps *maps,
                                          const struct bytes *payload, struct event_schema *schema)
{
    struct info_reader reader = {
        .arena = arena, .maps = maps, .info = bytes_of(payload->data, payload->size)};
    schema->provider_name = text_of(&reader, 0x34, NAME_MAXIMUM);
    schema->message = text_of(&reader, 0x4C, MESSAGE_MAXIMUM);
    schema->event_name = read_event_name(&reader, schema->is_classic);
    read_properties(&reader, schema);
    if (reader.result == SCHEMA_READ && !event_schema_is_sound(schema)) {
        fail(&reader, SCHEMA_UNSOUND);
    }
    return reader.result;
}

/* ---- maps ---- */

static bool is_bitmap(uint32_t flags)
{
    uint32_t classic_bits = MAP_CLASSIC_VALUES | MAP_CLASSIC_FLAG;
    return (flags & (MAP_MANIFEST_BITMAP | MAP_CLASSIC_BITMAP)) ||
           (flags & classic_bits) == classic_bits;
}

static void read_entries(struct info_reader *reader, struct etw_map_entry *entries, size_t count,
                         uint32_t flags)
{
    for (size_t i = 0; i < count && reader->result == SCHEMA_READ; i++) {
        size_t at = MAP_INFO_SIZE + i * MAP_ENTRY_SIZE;
        const char *text = text_at(reader, u32_at(reader, at), NAME_MAXIMUM);
        uint32_t value = u32_at(reader, at + 4);
        if (flags & MAP_CLASSIC_NO_MAP) {
            value = is_bitmap(flags) ? (i < 32 ? UINT32_C(1) << i : 0) : (uint32_t)i;
        }
        entries[i] = (struct etw_map_entry){.value = value, .text = text ? text : ""};
    }
}

/* Values that are texts need a pattern, and a list longer than the payload is a lie. */
static bool has_numbers(const struct info_reader *reader, uint32_t flags)
{
    return !(flags & MAP_MANIFEST_PATTERN) &&
           (u32_at(reader, 0x0C) == 0 || (flags & MAP_CLASSIC_NO_MAP));
}

enum schema_reading schema_in_trace_map(struct schema_arena *arena, struct schema_maps *maps,
                                        const struct bytes *payload)
{
    struct bytes b = *payload;
    struct guid provider = bytes_guid(&b);
    struct info_reader reader = {.arena = arena, .maps = maps, .info = bytes_rest(&b)};
    size_t size = bytes_left(&reader.info);
    if (b.failed || size < MAP_INFO_SIZE) {
        return SCHEMA_UNSOUND;
    }
    uint32_t flags = u32_at(&reader, 0x04);
    uint32_t count = u32_at(&reader, 0x08);
    if (!has_numbers(&reader, flags)) {
        return SCHEMA_NOT_NEEDED;
    }
    if (count > (size - MAP_INFO_SIZE) / MAP_ENTRY_SIZE) {
        return SCHEMA_UNSOUND;
    }
    struct etw_map map = {.name = text_of(&reader, 0x00, NAME_MAXIMUM),
                          .is_bitmap = is_bitmap(flags),
                          .entry_count = count};
    if (reader.result != SCHEMA_READ || !map.name) {
        return reader.result == SCHEMA_READ ? SCHEMA_UNSOUND : reader.result;
    }
    if (schema_maps_has(maps, &provider, map.name)) {
        return SCHEMA_READ;
    }
    struct etw_map_entry *entries = schema_arena_take(arena, count * sizeof(*entries));
    if (!entries) {
        return SCHEMA_NO_ROOM;
    }
    read_entries(&reader, entries, count, flags);
    if (reader.result != SCHEMA_READ) {
        return reader.result;
    }
    return schema_maps_define(maps, arena, &provider, &map, entries) ? SCHEMA_READ : SCHEMA_NO_ROOM;
}
