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
    measure_utf16_rest, measure_utf16_counted, measure_ansi_nul, measure_sid, measure_wbem_sid;

#define SIZE_OF_LAYOUT  0xfe /* the layout's row says how many bytes */
#define SIZE_OF_POINTER 0xff

/* To support a further type: a row here, one in enum field_type, one in
 * tests/unit/test_layouts.c. */
static const struct field_rule {
    measure_function *measure;
    uint8_t size; /* bytes, or one of SIZE_OF_; 0: the payload decides */
    bool is_number;
    uint8_t character_size; /* of texts; 0: no text */
} rules[FIELD_TYPE_COUNT] = {
    [FIELD_U8] = {measure_fixed, 1, true, 0},
    [FIELD_U16] = {measure_fixed, 2, true, 0},
    [FIELD_U32] = {measure_fixed, 4, true, 0},
    [FIELD_U64] = {measure_fixed, 8, true, 0},
    [FIELD_POINTER] = {measure_fixed, SIZE_OF_POINTER, true, 0},
    [FIELD_GUID] = {measure_fixed, 16, false, 0},
    [FIELD_IPV4] = {measure_fixed, 4, false, 0},
    [FIELD_IPV6] = {measure_fixed, 16, false, 0},
    [FIELD_BYTES] = {measure_fixed, SIZE_OF_LAYOUT, false, 0},
    [FIELD_BYTES_COUNTED] = {measure_counted, 0, false, 0},
    [FIELD_BYTES_REST] = {measure_rest, 0, false, 0},
    [FIELD_UTF16] = {measure_fixed, SIZE_OF_LAYOUT, false, 2},
    [FIELD_UTF16_NUL] = {measure_utf16_nul, 0, false, 2},
    [FIELD_UTF16_REST] = {measure_utf16_rest, 0, false, 2},
    [FIELD_UTF16_COUNTED] = {measure_utf16_counted, 0, false, 2},
    [FIELD_ANSI_NUL] = {measure_ansi_nul, 0, false, 1},
    [FIELD_PORT] = {measure_fixed, 2, true, 0},
    [FIELD_SID] = {measure_sid, 0, false, 0},
    [FIELD_WBEM_SID] = {measure_wbem_sid, 0, false, 0},
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

/* The value of the field that counts the elements of this one. */
static uint64_t find_count(const struct walk *walk, size_t field)
{
    const struct layout_plan *plan = walk->plan;
    size_t counter = plan->layout->fields[field].size;
    struct field_place at =
        counter < plan->fixed_count ? plan->fixed[counter] : walk->places[counter];
    return layout_number(plan->layout->fields[counter].type, &walk->rest, at);
}

/* Takes `count` elements of `width` bytes, or those that are left. */
static bool take_elements(struct walk *walk, uint64_t count, size_t width,
                          struct field_place *place)
{
    size_t left = bytes_left(&walk->rest);
    bool is_whole = count <= left / width;
    place->size = (uint32_t)(is_whole ? count * width : left - left % width);
    bytes_skip(&walk->rest, place->size);
    return is_whole;
}

static bool measure_counted(struct walk *walk, size_t field, struct field_place *place)
{
    return take_elements(walk, find_count(walk, field), 1, place);
}

static bool measure_utf16_counted(struct walk *walk, size_t field, struct field_place *place)
{
    return take_elements(walk, find_count(walk, field), 2, place);
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
static bool take_text(struct walk *walk, size_t field, size_t size, size_t width,
                      struct field_place *place)
{
    size_t left = bytes_left(&walk->rest);
    place->size = (uint32_t)size;
    if (size + width <= left) {
        bytes_skip(&walk->rest, size + width);
        return true;
    }
    bytes_skip(&walk->rest, left);
    return field + 1 == walk->plan->field_count && !walk->plan->layout->has_more;
}

static const uint8_t *at_position(const struct walk *walk)
{
    return walk->rest.data + walk->rest.position;
}

static bool measure_utf16_nul(struct walk *walk, size_t field, struct field_place *place)
{
    size_t size = find_nul(at_position(walk), bytes_left(&walk->rest));
    return take_text(walk, field, size, 2, place);
}

static size_t find_nul8(const uint8_t *text, size_t size)
{
    const uint8_t *nul = size > 0 ? memchr(text, 0, size) : NULL;
    return nul ? (size_t)(nul - text) : size;
}

static bool measure_ansi_nul(struct walk *walk, size_t field, struct field_place *place)
{
    size_t size = find_nul8(at_position(walk), bytes_left(&walk->rest));
    return take_text(walk, field, size, 1, place);
}

#define SID_HEAD_SIZE        8
#define SID_REVISION         1
#define SID_AUTHORITIES_MOST 15

/* off 0 u8 revision, 1 u8 count, 2 u8[6] authority, 8 u32[count]
 * [documented: winnt.h] 0: there is none. */
static size_t find_sid(const uint8_t *data, size_t size)
{
    if (size < SID_HEAD_SIZE || data[0] != SID_REVISION || data[1] > SID_AUTHORITIES_MOST ||
        size < SID_HEAD_SIZE + 4u * data[1]) {
        return 0;
    }
    return SID_HEAD_SIZE + 4u * data[1];
}

static bool measure_sid(struct walk *walk, size_t field, struct field_place *place)
{
    (void)field;
    place->size = (uint32_t)find_sid(at_position(walk), bytes_left(&walk->rest));
    bytes_skip(&walk->rest, place->size);
    return place->size > 0;
}

static bool is_zero(const uint8_t *data, size_t size)
{
    size_t zeros = 0;
    while (zeros < size && data[zeros] == 0) {
        zeros++;
    }
    return zeros == size;
}

/* The TOKEN_USER holds garbage, but when its first 32 bits are 0 that is all there
 * is. Some tools write a whole one of zeros and a SID behind it [measured]: then the
 * texts that follow would both be empty. */
static bool measure_wbem_sid(struct walk *walk, size_t field, struct field_place *place)
{
    size_t token_size = 2u * walk->plan->pointer_size;
    size_t left = bytes_left(&walk->rest);
    const uint8_t *data = at_position(walk);
    place->size = 0;
    if (left < 4) {
        return false;
    }
    bool has_sid = left > token_size && find_sid(data + token_size, left - token_size) > 0;
    if (load_u32(data) == 0 && !(has_sid && is_zero(data, token_size))) {
        bytes_skip(&walk->rest, 4);
        return true;
    }
    if (!has_sid) {
        return false;
    }
    bytes_skip(&walk->rest, token_size);
    place->offset += (uint32_t)token_size;
    return measure_sid(walk, field, place);
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
        bool is_counted = field->type == FIELD_BYTES_COUNTED || field->type == FIELD_UTF16_COUNTED;
        if (is_counted &&
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
    bool is_fixed = true;
    for (size_t i = 0; i < count; i++) {
        uint32_t size = fixed_size_of(plan, &layout->fields[i]);
        is_fixed = is_fixed && rules[layout->fields[i].type].size != 0 && i < plan->required_count;
        plan->fixed[i] = (struct field_place){.offset = plan->fixed_size, .size = size};
        if (is_fixed) {
            plan->fixed_size += size;
            plan->fixed_count++;
        }
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
        struct field_place *place = &places[i];
        place->offset = (uint32_t)walk.rest.position;
        place->size = plan->fixed[i].size;
        if (place->size != 0 && place->size <= walk.rest.size - walk.rest.position) {
            walk.rest.position += place->size; /* most fields: no call for them */
        } else if (!rules[plan->layout->fields[i].type].measure(&walk, i, place)) {
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

bool field_is_utf16(enum field_type type)
{
    return rules[type].character_size == 2;
}

bool field_is_divisible(enum field_type type)
{
    return rules[type].size == 0 && type != FIELD_SID && type != FIELD_WBEM_SID;
}

void layout_value(enum field_type type, const struct bytes *payload, struct field_place place,
                  struct bytes *value)
{
    const uint8_t *data = payload->data + place.offset;
    size_t size = field_is_utf16(type) ? find_nul(data, place.size) : place.size;
    bytes_set(value, data, size);
}
