/* SPDX-License-Identifier: MIT */
/*
 * event_layouts_table.h - what the payloads of Windows' own events look like: one row for
 * every event, version and layout of the providers whose manifests are built in.
 *
 * The table is made by make_event_layouts.py from tables of facts, and never from the
 * manifests the reader is built from.
 */
#ifndef SAMPLES_WRITER_EVENT_LAYOUTS_TABLE_H
#define SAMPLES_WRITER_EVENT_LAYOUTS_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "byte_block.h"

enum event_field_type {
    FIELD_U8,
    FIELD_U16,
    FIELD_U32,
    FIELD_U64,
    FIELD_I8,
    FIELD_I16,
    FIELD_I32,
    FIELD_I64,
    FIELD_FLOAT,
    FIELD_DOUBLE,
    FIELD_BOOLEAN, /* 4 bytes */
    FIELD_UNICODE,
    FIELD_ANSI,
    FIELD_GUID,
    FIELD_POINTER,
    FIELD_SIZE_T,
    FIELD_FILETIME,
    FIELD_SYSTEMTIME,
    FIELD_SID,
    FIELD_HEX32,
    FIELD_HEX64,
    FIELD_BINARY,
    FIELD_COUNTED /* a text behind its size in bytes, 16 bits */
};

/* Where a field's length comes from; `link` says the rest. */
enum event_field_length {
    LENGTH_OWN,     /* of the type; texts end in a zero, bytes go to the payload's end */
    LENGTH_FIELD,   /* field `link` of the same layout: characters of a text, else bytes */
    LENGTH_FIXED,   /* `link` characters or bytes */
    LENGTH_COUNT,   /* an array; field `link` counts its elements */
    LENGTH_REPEATED /* an array of `link` elements */
};

struct event_field {
    const char *name;
    uint8_t type, length, link;
    uint8_t is_ipv4; /* the number is an IPv4 address as its bytes lie in memory */
    const char *map; /* which names its values; NULL: none */
};

struct event_map_entry {
    uint32_t value;
    const char *text;
};

struct event_map {
    uint16_t provider; /* index */
    const char *name;
    uint16_t first_build; /* of Windows that has these values */
    uint8_t is_bitmap;
    uint16_t first_entry, entry_count;
};

struct event_provider {
    const char *name;
    struct etl_guid guid;
};

struct event_layout {
    uint16_t provider; /* index */
    uint16_t id;
    uint8_t version;
    uint16_t first_build; /* of Windows that logs this layout */
    const char *name;
    uint16_t task;
    uint8_t opcode, level, level_windows7;
    uint64_t keyword, keyword_windows7;
    uint16_t first_field, field_count;
};

extern const struct event_provider event_providers[];
extern const size_t event_provider_count;
extern const struct event_field event_fields[];
/* By provider, id, version, build. */
extern const struct event_layout event_layouts[];
extern const size_t event_layout_count;
extern const struct event_map_entry event_map_entries[];
/* By provider, name, build. */
extern const struct event_map event_maps[];
extern const size_t event_map_count;

#endif
