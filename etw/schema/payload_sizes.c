/* SPDX-License-Identifier: MIT */
/*
 * payload_sizes.c - how many bytes a value takes.
 */
#include <string.h>

#include "etw/schema/payload_walk.h"

#define SID_HEAD_SIZE        8
#define SID_REVISION         1
#define SID_AUTHORITIES_MOST 15

const char payload_why_cut[] = "the payload ends before the last field";
const char payload_why_no_number[] = "a length or count refers to no number";
static const char why_unknown_type[] = "a field has a type that is not known";
static const char why_no_length[] = "the length of a binary field is not known";
static const char why_no_sid[] = "a SID is damaged";

static const uint8_t *at_position(const struct payload_walk *walk)
{
    return walk->rest.data + walk->rest.position;
}

/* ---- texts ---- */

static size_t find_nul8(const uint8_t *text, size_t size)
{
    const uint8_t *nul = size > 0 ? memchr(text, 0, size) : NULL;
    return nul ? (size_t)(nul - text) : size;
}

/* Bytes before the NUL, or of all whole characters. */
static size_t find_nul16(const uint8_t *text, size_t size)
{
    size_t end = 0;
    while (end + 2 <= size && load_u16(text + end) != 0) {
        end += 2;
    }
    return end;
}

static void drop_nuls_behind(struct bytes *text, size_t width)
{
    text->size -= text->size % width;
    while (text->size > 0 && text->data[text->size - 1] == 0 &&
           text->data[text->size - width] == 0) {
        text->size -= width;
    }
}

void payload_end_text(struct bytes *text, size_t width, bool is_constant_size)
{
    if (is_constant_size) {
        text->size =
            width == 2 ? find_nul16(text->data, text->size) : find_nul8(text->data, text->size);
    } else {
        drop_nuls_behind(text, width);
    }
}

/* ---- how many bytes a value takes, by enum property_size ---- */

/* Takes one value off the payload; false: stopped. */
typedef bool measure_function(struct payload_walk *walk, const struct payload_place *place,
                              struct bytes *value);

enum length_answer { LENGTH_NATURAL, LENGTH_GIVEN, LENGTH_UNKNOWN };

static enum length_answer find_length(struct payload_walk *walk,
                                      const struct schema_property *property, uint64_t *length)
{
    if (property->flags & PROPERTY_LENGTH_FROM) {
        *length = walk->numbers[property->length];
        return *length == NO_NUMBER ? LENGTH_UNKNOWN : LENGTH_GIVEN;
    }
    *length = property->length;
    return property->length != 0 || (property->flags & PROPERTY_FIXED_LENGTH) ? LENGTH_GIVEN
                                                                              : LENGTH_NATURAL;
}

/* Up to a NUL. The last text of a payload often has none; one in the middle without
 * it was cut. */
static bool take_to_nul(struct payload_walk *walk, const struct payload_place *place, size_t width,
                        struct bytes *value)
{
    size_t left = bytes_left(&walk->rest);
    const uint8_t *text = at_position(walk);
    size_t size = width == 2 ? find_nul16(text, left) : find_nul8(text, left);
    if (size + width <= left) {
        bytes_skip(&walk->rest, size + width);
    } else if (!place->is_last || walk->is_trial || size != left) {
        return payload_stop(walk, payload_why_cut);
    } else {
        bytes_skip(&walk->rest, left);
    }
    *value = bytes_of(text, size);
    return true;
}

static bool measure_text(struct payload_walk *walk, const struct payload_place *place, size_t width,
                         struct bytes *value)
{
    const struct schema_property *property = &walk->schema->properties[place->index];
    uint64_t length = 0;
    switch (find_length(walk, property, &length)) {
    case LENGTH_NATURAL:
        return take_to_nul(walk, place, width, value);
    case LENGTH_UNKNOWN:
        return payload_stop(walk, payload_why_no_number);
    case LENGTH_GIVEN:
        break;
    }
    if (length > bytes_left(&walk->rest) || !payload_take(walk, length * width, value)) {
        return payload_stop(walk, payload_why_cut);
    }
    payload_end_text(value, width, (property->flags & PROPERTY_LENGTH_FROM) == 0);
    return true;
}

static bool measure_text16(struct payload_walk *walk, const struct payload_place *place,
                           struct bytes *value)
{
    return measure_text(walk, place, 2, value);
}

static bool measure_text8(struct payload_walk *walk, const struct payload_place *place,
                          struct bytes *value)
{
    return measure_text(walk, place, 1, value);
}

static bool measure_fixed(struct payload_walk *walk, const struct payload_place *place,
                          struct bytes *value)
{
    uint16_t in_type = walk->schema->properties[place->index].in_type;
    return payload_take(walk, property_type_get(in_type)->size, value);
}

static bool measure_pointer(struct payload_walk *walk, const struct payload_place *place,
                            struct bytes *value)
{
    (void)place;
    return payload_take(walk, walk->pointer_size, value);
}

/* The size stands before the data, in `width` bytes. */
static bool take_counted(struct payload_walk *walk, size_t width, bool is_reversed,
                         struct bytes *value)
{
    struct bytes head;
    if (!payload_take(walk, width, &head)) {
        return false;
    }
    uint32_t size = width == 4 ? load_u32(head.data)
                               : (is_reversed ? load_be16(head.data) : load_u16(head.data));
    return payload_take(walk, size, value);
}

static void end_counted_text(const struct payload_walk *walk, const struct payload_place *place,
                             struct bytes *value)
{
    uint8_t kind = property_type_get(walk->schema->properties[place->index].in_type)->kind;
    if (kind == ETW_FIELD_TEXT16 || kind == ETW_FIELD_TEXT8) {
        payload_end_text(value, kind == ETW_FIELD_TEXT16 ? 2 : 1, false);
    }
}

static bool measure_counted(struct payload_walk *walk, const struct payload_place *place,
                            struct bytes *value)
{
    if (!take_counted(walk, 2, false, value)) {
        return false;
    }
    end_counted_text(walk, place, value);
    return true;
}

static bool measure_reversed(struct payload_walk *walk, const struct payload_place *place,
                             struct bytes *value)
{
    if (!take_counted(walk, 2, true, value)) {
        return false;
    }
    end_counted_text(walk, place, value);
    return true;
}

static bool measure_counted_long(struct payload_walk *walk, const struct payload_place *place,
                                 struct bytes *value)
{
    (void)place;
    return take_counted(walk, 4, false, value);
}

static bool measure_rest(struct payload_walk *walk, const struct payload_place *place,
                         struct bytes *value)
{
    (void)payload_take(walk, bytes_left(&walk->rest), value);
    end_counted_text(walk, place, value);
    return true;
}

/* TraceLogging writes the size before binary data. Without any length IPv6
 * addresses have 16 bytes, and the last field all that is left. */
static bool measure_binary(struct payload_walk *walk, const struct payload_place *place,
                           struct bytes *value)
{
    const struct schema_property *property = &walk->schema->properties[place->index];
    uint64_t length = 0;
    enum length_answer answer = find_length(walk, property, &length);
    if (answer == LENGTH_GIVEN) {
        return payload_take(walk, length, value);
    }
    if (answer == LENGTH_UNKNOWN) {
        return payload_stop(walk, payload_why_no_number);
    }
    if (walk->schema->source == ETW_SCHEMA_TRACELOGGING) {
        return take_counted(walk, 2, false, value);
    }
    if (property->out_type == OUT_IPV6) {
        return payload_take(walk, 16, value);
    }
    return place->is_last ? payload_take(walk, bytes_left(&walk->rest), value)
                          : payload_stop(walk, why_no_length);
}

/* off 0 u8 revision, 1 u8 count, 2 u8[6] authority, big-endian, 8 u32[count]
 * [documented: winnt.h] */
static bool take_sid(struct payload_walk *walk, struct bytes *value)
{
    if (bytes_left(&walk->rest) < SID_HEAD_SIZE) {
        return payload_stop(walk, payload_why_cut);
    }
    const uint8_t *sid = at_position(walk);
    if (sid[0] != SID_REVISION || sid[1] > SID_AUTHORITIES_MOST) {
        return payload_stop(walk, why_no_sid);
    }
    return payload_take(walk, SID_HEAD_SIZE + 4u * sid[1], value);
}

static bool measure_sid(struct payload_walk *walk, const struct payload_place *place,
                        struct bytes *value)
{
    const struct schema_property *property = &walk->schema->properties[place->index];
    if ((property->flags & PROPERTY_LENGTH_FROM) && walk->numbers[property->length] == 0) {
        return payload_take(walk, 0, value);
    }
    return take_sid(walk, value);
}

/* True when a SID stands behind a TOKEN_USER of zeros and the rest of the payload
 * then fits to its last byte. Tried once per payload at most, so that no schema makes
 * trials within trials. */
static bool sid_follows_zeros(struct payload_walk *walk, const struct payload_place *place,
                              size_t token_size)
{
    const uint8_t *data = at_position(walk);
    if (walk->is_trial || walk->was_tried || !place->is_top ||
        bytes_left(&walk->rest) < token_size + SID_HEAD_SIZE || data[token_size] != SID_REVISION) {
        return false;
    }
    static const struct etw_fields_visitor nobody;
    struct bytes ignored;
    struct payload_walk trial = *walk;
    walk->was_tried = true;
    trial.is_trial = true;
    trial.visitor = &nobody;
    bytes_skip(&trial.rest, token_size);
    return take_sid(&trial, &ignored) &&
           payload_read_top_level(&trial, (uint16_t)(place->index + 1)) &&
           bytes_left(&trial.rest) == 0;
}

/* A TOKEN_USER of two pointers (garbage), then the SID. A first u32 of 0 is all there
 * is; some tools write a whole TOKEN_USER of zeros before a SID [measured]. */
static bool measure_wbem_sid(struct payload_walk *walk, const struct payload_place *place,
                             struct bytes *value)
{
    size_t token_size = 2u * walk->pointer_size;
    if (bytes_left(&walk->rest) < 4) {
        return payload_stop(walk, payload_why_cut);
    }
    if (load_u32(at_position(walk)) == 0 && !sid_follows_zeros(walk, place, token_size)) {
        bytes_skip(&walk->rest, 4);
        return payload_take(walk, 0, value);
    }
    struct bytes token;
    return payload_take(walk, token_size, &token) && take_sid(walk, value);
}

static bool measure_unknown(struct payload_walk *walk, const struct payload_place *place,
                            struct bytes *value)
{
    (void)place;
    (void)value;
    return payload_stop(walk, why_unknown_type);
}

static measure_function *const measures[PROPERTY_SIZE_COUNT] = {
    [SIZE_UNKNOWN] = measure_unknown,
    [SIZE_FIXED] = measure_fixed,
    [SIZE_POINTER] = measure_pointer,
    [SIZE_TEXT16] = measure_text16,
    [SIZE_TEXT8] = measure_text8,
    [SIZE_BINARY] = measure_binary,
    [SIZE_COUNTED] = measure_counted,
    [SIZE_COUNTED_REVERSED] = measure_reversed,
    [SIZE_COUNTED_LONG] = measure_counted_long,
    [SIZE_REST] = measure_rest,
    [SIZE_SID] = measure_sid,
    [SIZE_WBEM_SID] = measure_wbem_sid,
};

bool payload_take_sized(struct payload_walk *walk, const struct payload_place *place,
                        enum property_size rule, struct bytes *value)
{
    return measures[rule](walk, place, value);
}
