/* SPDX-License-Identifier: MIT */
#include "etw/schema/event_schema.h"

/* Counts and lengths are numbers that were read before. */
static bool can_count(const struct schema_property *property)
{
    if (property->flags & PROPERTY_IS_STRUCT) {
        return false;
    }
    switch (property->in_type) {
    case IN_INT8:
    case IN_UINT8:
    case IN_INT16:
    case IN_UINT16:
    case IN_INT32:
    case IN_UINT32:
    case IN_INT64:
    case IN_UINT64:
    case IN_HEXINT32:
    case IN_HEXINT64:
    case IN_POINTER:
    case IN_SIZET:
        return true;
    default:
        return false;
    }
}

static bool refers_back(const struct event_schema *schema, uint16_t to, uint16_t from)
{
    return to < from && can_count(&schema->properties[to]);
}

/* Members stand behind their struct, and behind the top-level properties: then no
 * struct can contain itself, and reading never comes back to where it was. */
static bool holds_its_members(const struct event_schema *schema, uint16_t number)
{
    const struct schema_property *property = &schema->properties[number];
    return property->first_member > number && property->first_member >= schema->top_level_count &&
           property->first_member <= schema->property_count &&
           property->member_count <= schema->property_count - property->first_member;
}

static bool property_is_sound(const struct event_schema *schema, uint16_t number)
{
    const struct schema_property *property = &schema->properties[number];
    if ((property->flags & PROPERTY_COUNT_FROM) && !refers_back(schema, property->count, number)) {
        return false;
    }
    if (property->flags & PROPERTY_IS_STRUCT) {
        return holds_its_members(schema, number);
    }
    return !(property->flags & PROPERTY_LENGTH_FROM) ||
           refers_back(schema, property->length, number);
}

/* From the last property to the first, so that the members come before their struct. */
static bool is_flat_enough(const struct event_schema *schema)
{
    uint8_t depths[SCHEMA_PROPERTIES_MAXIMUM] = {0};
    for (uint32_t number = schema->property_count; number-- > 0;) {
        const struct schema_property *property = &schema->properties[number];
        if (!(property->flags & PROPERTY_IS_STRUCT)) {
            continue;
        }
        uint8_t deepest = 0;
        for (uint32_t i = 0; i < property->member_count; i++) {
            uint8_t depth = depths[property->first_member + i];
            deepest = depth > deepest ? depth : deepest;
        }
        depths[number] = (uint8_t)(deepest + 1);
        if (depths[number] > SCHEMA_DEPTH_MAXIMUM) {
            return false;
        }
    }
    return true;
}

bool event_schema_is_sound(const struct event_schema *schema)
{
    if (schema->property_count > SCHEMA_PROPERTIES_MAXIMUM ||
        schema->top_level_count > schema->property_count ||
        (schema->property_count > 0 && !schema->properties)) {
        return false;
    }
    for (uint16_t number = 0; number < schema->property_count; number++) {
        if (!schema->properties[number].name || !property_is_sound(schema, number)) {
            return false;
        }
    }
    return is_flat_enough(schema);
}
