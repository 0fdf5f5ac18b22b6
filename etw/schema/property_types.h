/* SPDX-License-Identifier: MIT */
/*
 * property_types.h - what the in-types and out-types of a schema mean: how many
 * bytes a value takes and what it is for the reader.
 */
#ifndef ETW_SCHEMA_PROPERTY_TYPES_H
#define ETW_SCHEMA_PROPERTY_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "etw/fields.h"
#include "etw/schema/event_schema.h"

/* How the size of a value is found. */
enum property_size {
    SIZE_UNKNOWN = 0, /* no such type: nothing behind it can be read */
    SIZE_FIXED,
    SIZE_POINTER,          /* 4 or 8, as the record says */
    SIZE_TEXT16,           /* a length in characters, or up to a NUL */
    SIZE_TEXT8,            /* a length in bytes, or up to a NUL */
    SIZE_BINARY,           /* a length in bytes */
    SIZE_COUNTED,          /* u16 bytes stand before it */
    SIZE_COUNTED_REVERSED, /* the same, big-endian */
    SIZE_COUNTED_LONG,     /* u32 bytes stand before it */
    SIZE_REST,             /* all that is left of the payload */
    SIZE_SID,
    SIZE_WBEM_SID,
    PROPERTY_SIZE_COUNT
};

/* Which out-types can apply. */
enum property_class { CLASS_BYTES, CLASS_INTEGER, CLASS_REAL };

struct property_type {
    uint8_t size_rule; /* enum property_size */
    uint8_t size;      /* bytes, of SIZE_FIXED only */
    uint8_t value_class;
    uint8_t kind; /* enum etw_field_kind, unless the out-type says something else */
};

/* Numbers of in-types run from 0 to 25 and from 300 to 310; the table has the second
 * run behind the first one, and then a row for all others. */
#define PROPERTY_TYPE_ROWS 38
extern const struct property_type property_types[PROPERTY_TYPE_ROWS];

static inline unsigned property_type_row(unsigned in_type)
{
    if (in_type <= IN_MANIFEST_COUNTED_BINARY) {
        return in_type;
    }
    unsigned row = in_type - (IN_COUNTED_STRING - IN_MANIFEST_COUNTED_BINARY - 1u);
    return in_type < IN_COUNTED_STRING || row >= PROPERTY_TYPE_ROWS ? PROPERTY_TYPE_ROWS - 1u : row;
}

/* Never NULL; SIZE_UNKNOWN when there is no such type. */
static inline const struct property_type *property_type_get(uint16_t in_type)
{
    return &property_types[property_type_row(in_type)];
}

/* True when elements of this property are characters: an array of them is one text. */
static inline bool property_is_character(const struct property_type *type, uint16_t out_type)
{
    if (type->size_rule != SIZE_FIXED || (type->size != 1 && type->size != 2)) {
        return false;
    }
    return type->value_class == CLASS_BYTES || out_type == OUT_STRING || out_type == OUT_XML ||
           out_type == OUT_JSON || out_type == OUT_UTF8;
}

/* What a value of this type and `size` bytes is. An out-type that is not known or
 * does not fit the in-type changes nothing. Maps are not looked at. */
enum etw_field_kind property_kind(const struct property_type *type, uint16_t out_type, size_t size);

#endif
