/* SPDX-License-Identifier: MIT */
#include "etw/schema/payload.h"

#include <string.h>

#include "etw/schema/payload_walk.h"

static const char why_too_many[] = "an array has more elements than a payload can hold";

static bool read_property(struct payload_walk *walk, const struct payload_place *place);

/* ---- values ---- */

static uint64_t load_number(const uint8_t *p, size_t size)
{
    switch (size) {
    case 1:
        return p[0];
    case 2:
        return load_u16(p);
    case 4:
        return load_u32(p);
    default:
        return load_u64(p);
    }
}

static uint64_t extend_sign(uint64_t number, size_t size)
{
    uint64_t sign = UINT64_C(1) << (8 * size - 1);
    return (number ^ sign) - sign;
}

static double load_real(const uint8_t *p, size_t size)
{
    if (size == sizeof(float)) {
        uint32_t bits = load_u32(p);
        float real;
        memcpy(&real, &bits, sizeof(real));
        return (double)real;
    }
    uint64_t bits = load_u64(p);
    double real;
    memcpy(&real, &bits, sizeof(real));
    return real;
}

/* Maps go before out-types: who made the schema gave the value a name. */
static void set_number(struct payload_walk *walk, const struct payload_place *place,
                       const struct property_type *type, struct etw_field *field)
{
    const struct schema_property *property = &walk->schema->properties[place->index];
    size_t size = field->bytes.size;
    bool is_signed = type->kind == ETW_FIELD_SIGNED;
    uint64_t number = load_number(field->bytes.data, size);
    uint64_t extended = is_signed ? extend_sign(number, size) : number;
    walk->numbers[place->index] = extended;
    field->number = number;
    if (property->map) {
        field->map = property->map;
        field->kind = property->map->is_bitmap ? ETW_FIELD_BITMAP : ETW_FIELD_MAP;
    } else if (field->kind == ETW_FIELD_SIGNED) {
        field->number = is_signed ? extended : extend_sign(number, size);
    } else if (field->kind == ETW_FIELD_PORT) {
        field->number = load_be16(field->bytes.data);
    }
}

static void tell_value(struct payload_walk *walk, const struct etw_field *field)
{
    if (walk->visitor->value) {
        walk->visitor->value(walk->visitor->context, field);
    }
}

static bool read_value(struct payload_walk *walk, const struct payload_place *place)
{
    const struct schema_property *property = &walk->schema->properties[place->index];
    const struct property_type *type = property_type_get(property->in_type);
    struct etw_field field;
    bool is_whole =
        type->size_rule == SIZE_FIXED
            ? payload_take(walk, type->size, &field.bytes)
            : payload_take_sized(walk, place, (enum property_size)type->size_rule, &field.bytes);
    if (!is_whole) {
        return false;
    }
    field.name = place->name;
    field.kind = property->out_type == OUT_DEFAULT
                     ? (enum etw_field_kind)type->kind
                     : property_kind(type, property->out_type, field.bytes.size);
    field.width = (uint8_t)(type->value_class == CLASS_BYTES ? 0 : field.bytes.size);
    field.number = 0;
    field.real = 0;
    field.map = NULL;
    if (type->value_class == CLASS_INTEGER) {
        set_number(walk, place, type, &field);
    } else if (type->value_class == CLASS_REAL) {
        field.real = load_real(field.bytes.data, field.bytes.size);
    }
    if (property_is_character(type, property->out_type)) {
        payload_end_text(&field.bytes, type->size, false);
    }
    tell_value(walk, &field);
    return true;
}

/* ---- structs and arrays ---- */

static bool read_struct(struct payload_walk *walk, const struct payload_place *place)
{
    const struct schema_property *property = &walk->schema->properties[place->index];
    const struct etw_fields_visitor *visitor = walk->visitor;
    bool is_whole = true;
    if (visitor->begin_struct) {
        visitor->begin_struct(visitor->context, place->name);
    }
    for (uint16_t i = 0; i < property->member_count && is_whole; i++) {
        uint16_t index = (uint16_t)(property->first_member + i);
        struct payload_place member = {
            .name = walk->schema->properties[index].name,
            .index = index,
            .is_last = place->is_last && i + 1 == property->member_count,
        };
        is_whole = read_property(walk, &member);
    }
    if (visitor->end_struct) {
        visitor->end_struct(visitor->context);
    }
    return is_whole;
}

/* An array costs as much as an element: empty ones must not be free. */
static bool spend(struct payload_walk *walk)
{
    if (walk->budget == 0) {
        return payload_stop(walk, why_too_many);
    }
    walk->budget--;
    return true;
}

/* On a stop the payload stands behind the last value that was whole. */
static bool read_element(struct payload_walk *walk, const struct payload_place *place)
{
    if (!spend(walk)) {
        return false;
    }
    if (walk->schema->properties[place->index].flags & PROPERTY_IS_STRUCT) {
        return read_struct(walk, place);
    }
    size_t begin = walk->rest.position;
    if (!read_value(walk, place)) {
        walk->rest.position = begin;
        return false;
    }
    return true;
}

/* An array of characters is one text. */
static bool read_characters(struct payload_walk *walk, const struct payload_place *place,
                            uint64_t count)
{
    const struct schema_property *property = &walk->schema->properties[place->index];
    const struct property_type *type = property_type_get(property->in_type);
    struct etw_field field = {
        .name = place->name,
        .kind = type->size == 1 ? ETW_FIELD_TEXT8 : ETW_FIELD_TEXT16,
    };
    if (count > bytes_left(&walk->rest) || !payload_take(walk, count * type->size, &field.bytes)) {
        return payload_stop(walk, payload_why_cut);
    }
    payload_end_text(&field.bytes, type->size,
                     (property->flags & (PROPERTY_COUNT_FROM | PROPERTY_COUNTED)) == 0);
    tell_value(walk, &field);
    return true;
}

static bool read_elements(struct payload_walk *walk, const struct payload_place *place,
                          uint64_t count)
{
    const struct etw_fields_visitor *visitor = walk->visitor;
    bool is_whole = true;
    if (visitor->begin_array) {
        visitor->begin_array(visitor->context, place->name, (size_t)count);
    }
    for (uint64_t i = 0; i < count && is_whole; i++) {
        struct payload_place element = {.index = place->index,
                                        .is_last = place->is_last && i + 1 == count};
        is_whole = read_element(walk, &element);
    }
    if (visitor->end_array) {
        visitor->end_array(visitor->context);
    }
    return is_whole;
}

static bool is_text_of_characters(const struct schema_property *property)
{
    return !(property->flags & PROPERTY_IS_STRUCT) && !property->map &&
           property_is_character(property_type_get(property->in_type), property->out_type);
}

static bool read_array(struct payload_walk *walk, const struct payload_place *place)
{
    const struct schema_property *property = &walk->schema->properties[place->index];
    size_t begin = walk->rest.position;
    uint64_t count = property->count;
    if (!spend(walk)) {
        return false;
    }
    if (property->flags & PROPERTY_COUNTED) {
        struct bytes head;
        if (!payload_take(walk, 2, &head)) {
            return false;
        }
        count = load_u16(head.data);
    } else if (property->flags & PROPERTY_COUNT_FROM) {
        count = walk->numbers[property->count];
        if (count == NO_NUMBER) {
            return payload_stop(walk, payload_why_no_number);
        }
    }
    if (!is_text_of_characters(property)) {
        return read_elements(walk, place, count);
    }
    if (!read_characters(walk, place, count)) {
        walk->rest.position = begin;
        return false;
    }
    return true;
}

static bool read_property(struct payload_walk *walk, const struct payload_place *place)
{
    const struct schema_property *property = &walk->schema->properties[place->index];
    const uint16_t array_flags = PROPERTY_COUNTED | PROPERTY_COUNT_FROM | PROPERTY_FIXED_COUNT;
    return (property->flags & array_flags) || property->count > 1 ? read_array(walk, place)
                                                                  : read_element(walk, place);
}

/* An optional property that has a length or count before it is missing only when that
 * says so: with a length of 16 and no byte behind it the payload was cut. */
static bool is_missing(const struct payload_walk *walk, uint16_t index)
{
    uint16_t flags = walk->schema->properties[index].flags;
    return (flags & PROPERTY_IS_OPTIONAL) && bytes_left(&walk->rest) == 0 &&
           !(flags & (PROPERTY_LENGTH_FROM | PROPERTY_COUNT_FROM));
}

bool payload_read_top_level(struct payload_walk *walk, uint16_t first)
{
    for (uint16_t i = first; i < walk->schema->top_level_count; i++) {
        struct payload_place place = {
            .name = walk->schema->properties[i].name,
            .index = i,
            .is_last = i >= walk->last_required,
            .is_top = true,
        };
        if (is_missing(walk, i)) {
            return true;
        }
        if (!read_property(walk, &place)) {
            return false;
        }
    }
    return true;
}

static uint16_t find_last_required(const struct event_schema *schema)
{
    uint16_t count = schema->top_level_count;
    while (count > 0 && (schema->properties[count - 1].flags & PROPERTY_IS_OPTIONAL)) {
        count--;
    }
    return (uint16_t)(count > 0 ? count - 1 : 0);
}

struct payload_end payload_read(const struct event_schema *schema, const struct bytes *payload,
                                unsigned pointer_size, const struct etw_fields_visitor *visitor)
{
    static const uint8_t nothing[1];
    size_t size = bytes_left(payload);
    struct payload_walk walk;
    walk.schema = schema;
    walk.visitor = visitor;
    walk.rest = bytes_of(size > 0 ? payload->data + payload->position : nothing, size);
    walk.why = NULL;
    walk.budget = PAYLOAD_ELEMENTS_MAXIMUM;
    walk.last_required = find_last_required(schema);
    walk.pointer_size = pointer_size == 4 ? 4 : 8;
    walk.is_trial = false;
    walk.was_tried = false;
    memset(walk.numbers, 0xFF, schema->property_count * sizeof(walk.numbers[0]));

    bool is_whole = payload_read_top_level(&walk, 0);
    return (struct payload_end){
        .decoded = is_whole ? ETW_DECODED_WHOLLY : ETW_DECODED_PARTLY,
        .why = is_whole ? NULL : walk.why,
        .unread = bytes_left(&walk.rest),
    };
}
