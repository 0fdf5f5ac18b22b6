/* SPDX-License-Identifier: MIT */
#include "etw/schema/layout_of_schema.h"

#include "etw/schema/property_types.h"

#define BYTES_OF_SYSTEMTIME 16

static bool is_array(const struct schema_property *property)
{
    return (property->flags & (PROPERTY_IS_STRUCT | PROPERTY_COUNT_FROM | PROPERTY_FIXED_COUNT |
                               PROPERTY_COUNTED)) != 0 ||
           property->count > 1;
}

static bool set_type(struct layout_field *field, enum field_type type, size_t size)
{
    field->type = type;
    field->size = (uint16_t)size;
    return size <= UINT16_MAX;
}

static bool set_fixed(struct layout_field *field, const struct schema_property *property,
                      size_t size)
{
    if (property->in_type == IN_GUID) {
        return set_type(field, FIELD_GUID, 0);
    }
    switch (size) {
    case 1:
        return set_type(field, FIELD_U8, 0);
    case 2:
        return set_type(field, property->out_type == OUT_PORT ? FIELD_PORT : FIELD_U16, 0);
    case 4:
        return set_type(field, property->out_type == OUT_IPV4 ? FIELD_IPV4 : FIELD_U32, 0);
    case 8:
        return set_type(field, FIELD_U64, 0);
    case BYTES_OF_SYSTEMTIME:
        return set_type(field, FIELD_BYTES, size);
    default:
        return false;
    }
}

static bool has_length(const struct schema_property *property)
{
    return property->length != 0 || (property->flags & PROPERTY_FIXED_LENGTH) != 0;
}

static bool set_text16(struct layout_field *field, const struct schema_property *property)
{
    if (property->flags & PROPERTY_LENGTH_FROM) {
        return set_type(field, FIELD_UTF16_COUNTED, property->length);
    }
    return has_length(property) ? set_type(field, FIELD_UTF16, 2u * property->length)
                                : set_type(field, FIELD_UTF16_NUL, 0);
}

static bool set_text8(struct layout_field *field, const struct schema_property *property)
{
    if (property->flags & PROPERTY_LENGTH_FROM) {
        return set_type(field, FIELD_BYTES_COUNTED, property->length);
    }
    return has_length(property) ? set_type(field, FIELD_BYTES, property->length)
                                : set_type(field, FIELD_ANSI_NUL, 0);
}

/* Without a length, the last field takes all that is left, and IPv6 addresses
 * have their one size. */
static bool set_binary(struct layout_field *field, const struct schema_property *property,
                       bool is_last)
{
    if (property->flags & PROPERTY_LENGTH_FROM) {
        return set_type(field, FIELD_BYTES_COUNTED, property->length);
    }
    if (has_length(property)) {
        bool is_ipv6 = property->out_type == OUT_IPV6 && property->length == 16;
        return set_type(field, is_ipv6 ? FIELD_IPV6 : FIELD_BYTES, is_ipv6 ? 0 : property->length);
    }
    if (property->out_type == OUT_IPV6) {
        return set_type(field, FIELD_IPV6, 0);
    }
    return is_last && set_type(field, FIELD_BYTES_REST, 0);
}

/* Small numbers that a field before them counts: of them a layout needs to know no more than where
 * they end. They have no name, for they are no single value. False: no layout has such a field. */
static bool set_array(struct layout_field *fields, size_t number,
                      const struct schema_property *property)
{
    struct layout_field *field = &fields[number];
    const struct property_type *type = property_type_get(property->in_type);
    if ((property->flags & PROPERTY_COUNT_FROM) == 0 || (property->flags & PROPERTY_IS_STRUCT) ||
        type->size_rule != SIZE_FIXED || property->count >= number ||
        !field_is_number(fields[property->count].type)) {
        return false;
    }
    field->name = "";
    switch (type->size) {
    case 1:
        return set_type(field, FIELD_BYTES_COUNTED, property->count);
    case 2:
        return set_type(field, FIELD_UTF16_COUNTED, property->count);
    default:
        return false;
    }
}

/* False: no layout has such a field. */
static bool set_field(struct layout_field *field, const struct schema_property *property,
                      bool is_last)
{
    const struct property_type *type = property_type_get(property->in_type);
    field->name = property->name;
    switch (type->size_rule) {
    case SIZE_FIXED:
        return set_fixed(field, property, type->size);
    case SIZE_POINTER:
        return set_type(field, FIELD_POINTER, 0);
    case SIZE_TEXT16:
        return set_text16(field, property);
    case SIZE_TEXT8:
        return set_text8(field, property);
    case SIZE_BINARY:
        return set_binary(field, property, is_last);
    case SIZE_SID:
        return (property->flags & PROPERTY_LENGTH_FROM) == 0 && set_type(field, FIELD_SID, 0);
    case SIZE_WBEM_SID:
        return set_type(field, FIELD_WBEM_SID, 0);
    default:
        return false;
    }
}

/* How many of the last fields may be missing in a whole payload. */
static uint16_t count_optional(const struct event_schema *schema, size_t count)
{
    size_t first = count;
    while (first > 0 && (schema->properties[first - 1].flags & PROPERTY_IS_OPTIONAL)) {
        first--;
    }
    return (uint16_t)(count - first);
}

void layout_of_schema(const struct event_schema *schema, struct layout_field *fields,
                      struct layout *layout)
{
    size_t count = 0;
    while (count < schema->top_level_count && count < LAYOUT_FIELDS_MAXIMUM) {
        const struct schema_property *property = &schema->properties[count];
        bool is_behind = (property->flags & PROPERTY_LENGTH_FROM) && property->length >= count;
        bool is_last = count + 1u == schema->top_level_count;
        if (is_behind || !(is_array(property) ? set_array(fields, count, property)
                                              : set_field(&fields[count], property, is_last))) {
            break;
        }
        count++;
    }
    *layout = (struct layout){.fields = fields,
                              .field_count = (uint16_t)count,
                              .optional_count = count_optional(schema, count),
                              .has_more = count < schema->top_level_count};
}
