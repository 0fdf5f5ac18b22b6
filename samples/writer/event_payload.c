/* SPDX-License-Identifier: MIT */
#include "event_payload.h"

#include <stdlib.h>
#include <string.h>

const struct event_layout *event_layout_find(const char *provider, unsigned id, unsigned version,
                                             unsigned build)
{
    const struct event_layout *found = NULL;
    for (size_t i = 0; i < event_layout_count; i++) {
        const struct event_layout *row = &event_layouts[i];
        if (row->id == id && row->version == version && row->first_build <= build &&
            strcmp(event_providers[row->provider].name, provider) == 0) {
            found = row;
        }
    }
    return found;
}

const struct event_provider *event_layout_get_provider(const struct event_layout *layout)
{
    return &event_providers[layout->provider];
}

const struct event_field *event_layout_get_fields(const struct event_layout *layout)
{
    return &event_fields[layout->first_field];
}

static const char *find_value(const struct event_value *values, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(values[i].name, name) == 0) {
            return values[i].text;
        }
    }
    return NULL;
}

/* Bytes of one number; 0: not a number. */
static unsigned number_size(enum event_field_type type, unsigned pointer_size)
{
    switch (type) {
    case FIELD_U8:
    case FIELD_I8:
        return 1;
    case FIELD_U16:
    case FIELD_I16:
        return 2;
    case FIELD_U32:
    case FIELD_I32:
    case FIELD_HEX32:
    case FIELD_BOOLEAN:
    case FIELD_FLOAT:
        return 4;
    case FIELD_U64:
    case FIELD_I64:
    case FIELD_HEX64:
    case FIELD_FILETIME:
    case FIELD_DOUBLE:
        return 8;
    case FIELD_POINTER:
    case FIELD_SIZE_T:
        return pointer_size;
    case FIELD_UNICODE:
    case FIELD_ANSI:
    case FIELD_GUID:
    case FIELD_SYSTEMTIME:
    case FIELD_SID:
    case FIELD_BINARY:
    case FIELD_COUNTED:
        break;
    }
    return 0;
}

/* Does the number fit, as one with or without a sign? */
static bool fits(uint64_t number, unsigned size)
{
    uint64_t above = size == 8 ? 0 : number >> (8 * size);
    return above == 0 || above == UINT64_MAX >> (8 * size);
}

static bool put_number(struct byte_block *out, unsigned size, bool is_ipv4, const char *text)
{
    uint8_t bytes[8] = {0};
    uint64_t number = 0;
    if (is_ipv4 && text && value_ipv4(text, bytes)) {
        block_bytes(out, bytes, 4);
        return true;
    }
    if (text && (!value_number(text, &number) || !fits(number, size))) {
        return false;
    }
    put_u64(bytes, number);
    block_bytes(out, bytes, size);
    return true;
}

/* Characters of a counted text have no closing zero. */
static void put_text(struct byte_block *out, const struct event_field *field, const char *text)
{
    bool is_wide = field->type == FIELD_UNICODE;
    if (field->length == LENGTH_OWN) {
        is_wide ? block_utf16(out, text) : block_text(out, text);
    } else if (field->length == LENGTH_FIXED) {
        struct byte_block bytes = {0};
        is_wide ? block_utf16_characters(&bytes, text) : block_bytes(&bytes, text, strlen(text));
        size_t room = (size_t)field->link * (is_wide ? 2 : 1);
        size_t size = bytes.size < room ? bytes.size : room;
        block_bytes(out, bytes.data, size);
        block_fill(out, 0, room - size);
        out->failed = out->failed || bytes.failed;
        block_done(&bytes);
    } else {
        is_wide ? block_utf16_characters(out, text) : block_bytes(out, text, strlen(text));
    }
}

static bool put_binary(struct byte_block *out, const struct event_field *field, const char *text)
{
    size_t start = out->size;
    if (text && !value_bytes(text, out) && !value_socket_address(text, out)) {
        return false;
    }
    size_t size = out->size - start;
    if (field->length == LENGTH_FIXED && !out->failed) {
        if (size > field->link) {
            return false;
        }
        block_fill(out, 0, field->link - size);
    }
    return true;
}

static bool put_guid(struct byte_block *out, const char *text)
{
    unsigned long values[4] = {0};
    char digits[13] = {0};
    static const unsigned lengths[4] = {8, 4, 4, 4};
    for (unsigned i = 0; i < 4; i++, text++) {
        if (strlen(text) <= lengths[i] || text[lengths[i]] != '-') {
            return false;
        }
        memset(digits, 0, sizeof(digits));
        memcpy(digits, text, lengths[i]);
        values[i] = strtoul(digits, NULL, 16);
        text += lengths[i];
    }
    unsigned long long rest = strtoull(text, NULL, 16);
    struct etl_guid guid = {(uint32_t)values[0], (uint16_t)values[1], (uint16_t)values[2], {0}};
    guid.rest[0] = (uint8_t)(values[3] >> 8);
    guid.rest[1] = (uint8_t)(values[3] & 0xFF);
    for (unsigned i = 0; i < 6; i++) {
        guid.rest[2 + i] = (uint8_t)(rest >> (40 - 8 * i) & 0xFF);
    }
    block_guid(out, &guid);
    return true;
}

static void put_counted(struct byte_block *out, const char *text)
{
    struct byte_block characters = {0};
    block_utf16_characters(&characters, text);
    block_u16(out, (uint16_t)characters.size);
    block_bytes(out, characters.data, characters.size);
    block_done(&characters);
}

static bool put_field(struct byte_block *out, const struct event_field *field,
                      unsigned pointer_size, const char *text)
{
    enum event_field_type type = (enum event_field_type)field->type;
    unsigned size = number_size(type, pointer_size);
    if (size) {
        return put_number(out, size, field->is_ipv4, text);
    }
    switch (type) {
    case FIELD_UNICODE:
    case FIELD_ANSI:
        put_text(out, field, text ? text : "");
        return true;
    case FIELD_COUNTED:
        put_counted(out, text ? text : "");
        return true;
    case FIELD_GUID:
        return put_guid(out, text ? text : "00000000-0000-0000-0000-000000000000");
    case FIELD_SYSTEMTIME:
        block_fill(out, 0, text ? 0 : 16);
        return !text || value_bytes(text, out);
    case FIELD_SID:
        return value_sid(text ? text : "S-1-0-0", out);
    default:
        return put_binary(out, field, text);
    }
}

/* An array is its elements with commas between them. */
static bool put_array(struct byte_block *out, const struct event_field *field,
                      unsigned pointer_size, const char *text, unsigned *elements)
{
    char element[64];
    *elements = 0;
    while (text && *text) {
        size_t length = strcspn(text, ",");
        if (length >= sizeof(element)) {
            return false;
        }
        memcpy(element, text, length);
        element[length] = '\0';
        if (!put_field(out, field, pointer_size, element)) {
            return false;
        }
        (*elements)++;
        text += length + (text[length] == ',');
    }
    unsigned wanted = field->length == LENGTH_REPEATED ? field->link : *elements;
    for (unsigned i = *elements; i < wanted; i++) {
        (void)put_field(out, field, pointer_size, NULL);
    }
    return *elements <= wanted;
}

/* Where the fields of a payload being written stand. */
struct payload_places {
    size_t at[256];
    uint8_t size[256];
};

/* Writes a length or count that was not given, once it is known. */
static void put_measure(struct byte_block *out, const struct payload_places *places, unsigned field,
                        size_t value)
{
    uint8_t bytes[8] = {0};
    put_u64(bytes, value);
    if (!out->failed && places->size[field] <= 8) {
        memcpy(out->data + places->at[field], bytes, places->size[field]);
    }
}

static const char *find_unknown(const struct event_layout *layout, const struct event_value *values,
                                size_t count)
{
    const struct event_field *fields = event_layout_get_fields(layout);
    for (size_t i = 0; i < count; i++) {
        bool is_known = false;
        for (unsigned k = 0; k < layout->field_count && !is_known; k++) {
            is_known = strcmp(values[i].name, fields[k].name) == 0;
        }
        if (!is_known) {
            return values[i].name;
        }
    }
    return NULL;
}

static bool is_array(const struct event_field *field)
{
    return field->length == LENGTH_COUNT || field->length == LENGTH_REPEATED;
}

static bool is_measured(const struct event_field *field)
{
    return field->length == LENGTH_FIELD || field->length == LENGTH_COUNT;
}

/* The values given for an event. */
struct given {
    const struct event_value *values;
    size_t count;
};

/* Writes field `number` and the length or count that it is measured by. */
static bool put_field_of(struct byte_block *out, const struct event_field *fields, unsigned number,
                         unsigned pointer_size, const struct given *given,
                         struct payload_places *places)
{
    const struct event_field *field = &fields[number];
    const char *text = find_value(given->values, given->count, field->name);
    unsigned elements = 0;
    size_t start = out->size;
    bool is_good = is_array(field) ? put_array(out, field, pointer_size, text, &elements)
                                   : put_field(out, field, pointer_size, text);
    size_t size = out->size - start;
    places->at[number] = start;
    places->size[number] = (uint8_t)(size < 255 ? size : 255);
    if (is_measured(field) && !find_value(given->values, given->count, fields[field->link].name)) {
        size_t unit = field->type == FIELD_UNICODE ? 2 : 1;
        put_measure(out, places, field->link, is_array(field) ? elements : size / unit);
    }
    return is_good;
}

bool payload_event(struct byte_block *out, const struct event_layout *layout, unsigned pointer_size,
                   const struct event_value *values, size_t count, const char **wrong)
{
    const struct event_field *fields = event_layout_get_fields(layout);
    const struct given given = {.values = values, .count = count};
    struct payload_places places = {{0}, {0}};
    *wrong = find_unknown(layout, values, count);
    for (unsigned i = 0; i < layout->field_count && !*wrong; i++) {
        if (!put_field_of(out, fields, i, pointer_size, &given, &places)) {
            *wrong = fields[i].name;
        }
    }
    return !*wrong && !out->failed;
}
