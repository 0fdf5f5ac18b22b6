/* SPDX-License-Identifier: MIT */
/*
 * u8  number of properties
 * u8  number of top-level properties
 * u8  bit 0: 32-bit record; bit 1: TraceLogging
 * then for each property
 *   u8  in-type        0..25 and from 26 on 300..
 *   u8  out-type       from 64 on our own ones
 *   u8  flags          bits as below
 *   u8  count, or which property has it, or where the members begin
 *   u8  length, or which property has it, or how many members
 */
#include "support/schema_of_bytes.h"

enum {
    BIT_STRUCT = 1,
    BIT_LENGTH_FROM = 2,
    BIT_COUNT_FROM = 4,
    BIT_FIXED = 8,
    BIT_COUNTED = 16,
    BIT_OPTIONAL = 32,
    BIT_MAP = 64,
    BIT_BITMAP = 128
};

static const struct etw_map_entry entries[] = {{0, "Zero"}, {1, "One"}, {2, "Two"}};
static const struct etw_map maps[2] = {{"Values", false, entries, 3}, {"Bits", true, entries, 3}};

static uint16_t in_type_of(uint8_t byte)
{
    uint8_t number = byte % 38;
    return (uint16_t)(number < 26 ? number : 300 + number - 26);
}

static uint16_t out_type_of(uint8_t byte)
{
    return (uint16_t)(byte < 64 ? byte : OUT_SIGNED + byte % 4);
}

/* A 8, 16 or 32 bit number before this property, searched backwards; the property's
 * own number when there is none. */
static uint16_t find_number(const struct schema_property *properties, uint16_t before, uint8_t wish)
{
    uint16_t at = (uint16_t)(before == 0 ? 0 : wish % before);
    for (uint16_t tried = 0; tried < before; tried++) {
        const struct schema_property *property = &properties[at];
        if (!(property->flags & PROPERTY_IS_STRUCT) && property->in_type >= IN_INT8 &&
            property->in_type <= IN_UINT32) {
            return at;
        }
        at = (uint16_t)(at == 0 ? before - 1 : at - 1);
    }
    return before;
}

static void read_struct(struct schema_of_bytes *out, struct schema_property *property,
                        uint16_t number, uint8_t where, uint8_t how_many)
{
    uint16_t first = out->schema.top_level_count;
    first = (uint16_t)(first > number ? first : number + 1);
    uint16_t room = (uint16_t)(out->schema.property_count - first);
    if (first >= out->schema.property_count) {
        return;
    }
    property->flags |= PROPERTY_IS_STRUCT;
    property->first_member = (uint16_t)(first + where % room);
    property->member_count =
        (uint16_t)(how_many % (out->schema.property_count - property->first_member + 1));
}

static void read_property(struct bytes *b, struct schema_of_bytes *out, uint16_t number)
{
    struct schema_property *property = &out->properties[number];
    property->name = "p";
    property->in_type = in_type_of(bytes_u8(b));
    property->out_type = out_type_of(bytes_u8(b));
    uint8_t bits = bytes_u8(b);
    uint8_t count = bytes_u8(b);
    uint8_t length = bytes_u8(b);
    uint16_t counter = find_number(out->properties, number, count);
    uint16_t measure = find_number(out->properties, number, length);
    property->flags = (uint16_t)((bits & BIT_FIXED ? PROPERTY_FIXED_COUNT : 0) |
                                 (bits & BIT_COUNTED ? PROPERTY_COUNTED : 0) |
                                 (bits & BIT_OPTIONAL ? PROPERTY_IS_OPTIONAL : 0));
    property->count = (uint16_t)(count > 250 ? 65535 : count % 8);
    property->length = length;
    if ((bits & BIT_COUNT_FROM) && counter < number) {
        property->flags |= PROPERTY_COUNT_FROM;
        property->count = counter;
    }
    if ((bits & BIT_LENGTH_FROM) && measure < number) {
        property->flags |= PROPERTY_LENGTH_FROM;
        property->length = measure;
    }
    if (bits & (BIT_MAP | BIT_BITMAP)) {
        property->map = &maps[(bits & BIT_BITMAP) != 0];
    }
    if (bits & BIT_STRUCT) {
        read_struct(out, property, number, count, length);
    }
}

bool schema_of_bytes(struct bytes *b, struct schema_of_bytes *out)
{
    *out = (struct schema_of_bytes){0};
    uint16_t count = (uint16_t)(bytes_u8(b) % (SCHEMA_OF_BYTES_MOST + 1));
    uint8_t top_level = bytes_u8(b);
    uint8_t bits = bytes_u8(b);
    out->pointer_size = bits & 1 ? 4 : 8;
    out->schema.source = bits & 2 ? ETW_SCHEMA_TRACELOGGING : ETW_SCHEMA_EMBEDDED;
    out->schema.properties = out->properties;
    out->schema.property_count = count;
    out->schema.top_level_count = (uint16_t)(top_level % (count + 1));
    for (uint16_t i = 0; i < count; i++) {
        read_property(b, out, i);
    }
    return !b->failed && event_schema_is_sound(&out->schema);
}
