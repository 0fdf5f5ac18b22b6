/* SPDX-License-Identifier: MIT */
#include "etw/schema/layout.h"

#include <string.h>

/* A payload on its way through the fields that have no place of their own. */
struct walk {
    const struct layout_plan *plan;
    struct bytes rest;
    struct field_place *places;
};

/* Takes one field off walk->rest and sets its size; false: not whole. */
typedef bool measure_function(struct walk *walk, size_t field, struct field_place *place);

static measure_function measure_fixed, measure_counted, measure_rest, measure_utf16_nul,
    measure_utf16_rest;

#define SIZE_OF_LAYOUT  0xfe /* the layout's row says how many bytes */
#define SIZE_OF_POINTER 0xff

/* To support a further type: a row here, one in enum field_type, one in
 * tests/unit/test_layouts.c. */
static const struct field_rule {
    measure_function *measure;
    uint8_t size; /* bytes, or one of SIZE_OF_; 0: the payload decides */
    bool is_number;
    bool is_text;
} rules[FIELD_TYPE_COUNT] = {
    [FIELD_U8] = {measure_fixed, 1, true, false},
    [FIELD_U16] = {measure_fixed, 2, true, false},
    [FIELD_U32] = {measure_fixed, 4, true, false},
    [FIELD_U64] = {measure_fixed, 8, true, false},
    [FIELD_POINTER] = {measure_fixed, SIZE_OF_POINTER, true, false},
    [FIELD_GUID] = {measure_fixed, 16, false, false},
    [FIELD_IPV4] = {measure_fixed, 4, false, false},
    [FIELD_IPV6] = {measure_fixed, 16, false, false},
    [FIELD_BYTES] = {measure_fixed, SIZE_OF_LAYOUT, false, false},
    [FIELD_BYTES_COUNTED] = {measure_counted, 0, false, false},
    [FIELD_BYTES_REST] = {measure_rest, 0, false, false},
    [FIELD_UTF16] = {measure_fixed, SIZE_OF_LAYOUT, false, true},
    [FIELD_UTF16_NUL] = {measure_utf16_nul, 0, false, true},
    [FIELD_UTF16_REST] = {measure_utf16_rest, 0, false, true},
};

/* Bytes of a field whose size the payload does not decide. */
static uint32_t fixed_size_of(const struct layout_plan *plan, const struct layout_field *field)
{
    uint8_t size = rules[field->type].size;
    if (size == SIZE_OF_POINTER) {
        return plan->pointer_size;
    }
    return size == SIZE_OF_LAYOUT ? field->size : size;
}

/* Bytes of a UTF-16LE text up to its NUL, or of all its whole characters. */
static size_t find_nul(const uint8_t *text, size_t size)
{
    size_t end = 0;
    while (end + 2 <= size && load_u16(text + end) != 0) {
        end += 2;
    }
    return end;
}

static bool measure_fixed(struct walk *walk, size_t field, struct field_place *place)
{
    size_t left = bytes_left(&walk->rest);
    place->size = fixed_size_of(walk->plan, &walk->plan->layout->fields[field]);
    if (!bytes_take(&walk->rest, place->size)) {
        place->size = (uint32_t)left;
        return false;
    }
    return true;
}

static bool measure_counted(struct walk *walk, size_t field, struct field_place *place)
{
    size_t counter = walk->plan->layout->fields[field].size;
    struct field_place at =
        counter < walk->plan->fixed_count ? walk->plan->fixed[counter] : walk->places[counter];
    uint64_t count = load_number(walk->rest.data + at.offset, at.size);
    size_t left = bytes_left(&walk->rest);
    place->size = (uint32_t)(count < left ? count : left);
    bytes_skip(&walk->rest, place->size);
    return count <= left;
}

static bool measure_rest(struct walk *walk, size_t field, struct field_place *place)
{
    (void)field;
    place->size = (uint32_t)bytes_left(&walk->rest);
    bytes_skip(&walk->rest, place->size);
    return true;
}

/* The packet monitor's texts at the end of a payload have no NUL, so that a
 * missing one is damage only when a field should follow. */
static bool measure_utf16_nul(struct walk *walk, size_t field, struct field_place *place)
{
    size_t left = bytes_left(&walk->rest);
    size_t size = find_nul(walk->rest.data + walk->rest.position, left);
    place->size = (uint32_t)size;
    if (size + 2 <= left) {
        bytes_skip(&walk->rest, size + 2);
        return true;
    }
    bytes_skip(&walk->rest, left);
    return field + 1 == walk->plan->field_count;
}

static bool measure_utf16_rest(struct walk *walk, size_t field, struct field_place *place)
{
    measure_rest(walk, field, place);
    place->size &= ~(uint32_t)1;
    return true;
}

/* How many fields can be read: the first ones up to the maximum, and none from a
 * counted field on whose counter is not a number that stands before it. */
static size_t count_readable(const struct layout *layout)
{
    size_t count = 0;
    while (count < layout->field_count && count < LAYOUT_FIELDS_MAXIMUM) {
        const struct layout_field *field = &layout->fields[count];
        if (field->type == FIELD_BYTES_COUNTED &&
            (field->size >= count || !field_is_number(layout->fields[field->size].type))) {
            break;
        }
        count++;
    }
    return count;
}

void layout_plan_init(struct layout_plan *plan, const struct layout *layout, unsigned pointer_size)
{
    size_t count = count_readable(layout);
    size_t required = (size_t)(layout->field_count - layout->optional_count);
    plan->layout = layout;
    plan->field_count = (uint16_t)count;
    plan->required_count = (uint16_t)(required < count ? required : count);
    plan->pointer_size = (uint16_t)pointer_size;
    plan->fixed_count = 0;
    plan->fixed_size = 0;
    for (size_t i = 0; i < plan->required_count; i++) {
        const struct layout_field *field = &layout->fields[i];
        if (rules[field->type].size == 0) {
            break;
        }
        uint32_t size = fixed_size_of(plan, field);
        plan->fixed[i] = (struct field_place){.offset = plan->fixed_size, .size = size};
        plan->fixed_size += size;
        plan->fixed_count++;
    }
}

int layout_find_field(const struct layout *layout, const char *name)
{
    for (int i = 0; i < layout->field_count; i++) {
        if (strcmp(layout->fields[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

static size_t count_whole_fixed(const struct layout_plan *plan, size_t payload_size)
{
    size_t whole = 0;
    while (whole < plan->fixed_count &&
           plan->fixed[whole].offset + plan->fixed[whole].size <= payload_size) {
        whole++;
    }
    return whole;
}

size_t layout_locate_rest(const struct layout_plan *plan, const struct bytes *payload,
                          struct field_place *places)
{
    if (payload->size < plan->fixed_size) {
        return count_whole_fixed(plan, payload->size);
    }
    struct walk walk = {
        .plan = plan,
        .rest = {.data = payload->data, .size = payload->size, .position = plan->fixed_size},
        .places = places};
    for (size_t i = plan->fixed_count; i < plan->field_count; i++) {
        places[i].offset = (uint32_t)walk.rest.position;
        if (!rules[plan->layout->fields[i].type].measure(&walk, i, &places[i])) {
            return i;
        }
    }
    return plan->field_count;
}

size_t layout_locate(const struct layout_plan *plan, const struct bytes *payload,
                     struct field_place *places)
{
    memcpy(places, plan->fixed, plan->fixed_count * sizeof(places[0]));
    size_t whole = layout_locate_rest(plan, payload, places);
    if (whole < plan->fixed_count) {
        places[whole].size = (uint32_t)payload->size - places[whole].offset;
    }
    return whole;
}

bool field_is_number(enum field_type type)
{
    return rules[type].is_number;
}

bool field_is_divisible(enum field_type type)
{
    return rules[type].size == 0;
}

void layout_value(enum field_type type, const struct bytes *payload, struct field_place place,
                  struct bytes *value)
{
    const uint8_t *data = payload->data + place.offset;
    size_t size = rules[type].is_text ? find_nul(data, place.size) : place.size;
    *value = bytes_of(data, size);
}
