/* SPDX-License-Identifier: MIT */
#include "pcapout/event_fields.h"

#include <stdlib.h>
#include <string.h>

#include "etw/base/array.h"
#include "pcapout/escape.h"
#include "pcapout/number_text.h"

#define NO_NAME UINT32_MAX

/* ---- names ---- */

static unsigned bucket_of(const char *name, size_t size)
{
    const unsigned char *p = (const unsigned char *)name;
    unsigned mixed = (unsigned)size;
    if (size > 0) {
        mixed = mixed * 5 + p[0] + p[size - 1] * 3u + p[size / 2] * 7u;
    }
    return mixed % OUT_FIELDS_BUCKETS;
}

/* The name in this level; NULL: it has not occurred. */
static struct out_field_name *find_name(struct out_fields *fields, unsigned bucket,
                                        const char *name, size_t size)
{
    const struct out_fields_level *level = &fields->levels[fields->depth];
    uint32_t at = level->used >> bucket & 1 ? level->heads[bucket] : NO_NAME;
    while (at != NO_NAME) {
        struct out_field_name *known = &fields->names[at];
        if (known->size == size && memcmp(fields->text.data + known->at, name, size) == 0) {
            return known;
        }
        at = known->next;
    }
    return NULL;
}

static void remember_name(struct out_fields *fields, unsigned bucket, size_t at, size_t size)
{
    struct out_fields_level *level = &fields->levels[fields->depth];
    void *names = fields->names;
    if (fields->name_count >= NO_NAME || size > UINT32_MAX ||
        !array_grow(&names, &fields->name_capacity, fields->name_count + 1,
                    sizeof(*fields->names))) {
        fields->text.failed = true;
        return;
    }
    fields->names = names;
    fields->names[fields->name_count] = (struct out_field_name){
        .at = at,
        .size = (uint32_t)size,
        .next = level->used >> bucket & 1 ? level->heads[bucket] : NO_NAME,
        .uses = 1,
    };
    level->heads[bucket] = (uint32_t)fields->name_count++;
    level->used |= UINT64_C(1) << bucket;
}

/* `at` is where the name stands at the end of the text. Puts #2, #3 behind it when
 * the level has it already. */
static void make_unique(struct out_fields *fields, size_t at)
{
    struct text *text = &fields->text;
    if (text->failed) {
        return;
    }
    size_t size = text->size - at;
    unsigned bucket = bucket_of(text->data + at, size);
    struct out_field_name *known = find_name(fields, bucket, text->data + at, size);
    while (known && !text->failed) {
        text->size = at + size;
        known->uses++;
        text_add_char(text, '#');
        text_add_u64(text, known->uses);
        bucket = bucket_of(text->data + at, text->size - at);
        /* a field may really be called that */
        bool is_taken = find_name(fields, bucket, text->data + at, text->size - at) != NULL;
        known = is_taken ? known : NULL;
    }
    remember_name(fields, bucket, at, text->size - at);
}

static void add_json_name(struct out_fields *fields, const char *name)
{
    struct text *text = &fields->text;
    text_add_char(text, '"');
    size_t at = text->size;
    size_t plain = out_json_plain_size(name);
    text_add_bytes(text, name, plain);
    if (name[plain]) {
        out_escape_json(text, name + plain);
    }
    make_unique(fields, at);
    text_add_bytes(text, "\":", 2);
}

/* Blanks and = would make one name look like two. */
static void add_word_name(struct out_fields *fields, const char *name)
{
    struct text *text = &fields->text;
    size_t at = text->size;
    text_add(text, name);
    for (size_t i = at; !text->failed && i < text->size; i++) {
        char c = text->data[i];
        text->data[i] = c == ' ' || c == '=' ? '_' : c;
    }
    make_unique(fields, at);
    text_add_char(text, '=');
}

/* What stands before a value. */
static void open_member(struct out_fields *fields, const char *name)
{
    struct out_fields_level *level = &fields->levels[fields->depth];
    bool is_json = fields->style == OUT_FIELDS_JSON;
    if (level->has_members) {
        text_add_char(&fields->text, is_json ? ',' : ' ');
    }
    level->has_members = true;
    if (level->is_array) {
        return;
    }
    if (is_json) {
        add_json_name(fields, name ? name : "");
    } else {
        add_word_name(fields, name ? name : "");
    }
}

/* ---- values ---- */

static void add_number(struct text *to, uint64_t value)
{
    char digits[NUMBER_TEXT_SIZE];
    text_add_bytes(to, digits, number_text(value, digits));
}

static void add_signed(struct text *to, int64_t value)
{
    uint64_t size = (uint64_t)value;
    if (value < 0) {
        text_add_char(to, '-');
        size = 0 - size;
    }
    add_number(to, size);
}

const char *out_hex_text(uint64_t value, char text[OUT_HEX_TEXT_SIZE])
{
    size_t at = OUT_HEX_TEXT_SIZE - 1;
    text[at] = '\0';
    do {
        text[--at] = "0123456789abcdef"[value & 15];
        value >>= 4;
    } while (value > 0);
    text[--at] = 'x';
    text[--at] = '0';
    return text + at;
}

static bool is_plain_json(const char *value, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)value[i];
        if (c < 0x20 || c >= 0x7F || c == '"' || c == '\\') {
            return false;
        }
    }
    return true;
}

/* What needs neither quotes nor escapes among name=value words. */
static bool is_plain_word(const char *value, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)value[i];
        if (c <= 0x20 || c >= 0x7F || c == '"' || c == '=') {
            return false;
        }
    }
    return size > 0;
}

/* Moves what the text has from `at` on to the scratch text. */
static bool take_back(struct out_fields *fields, size_t at)
{
    struct text *text = &fields->text;
    text_clear(&fields->scratch);
    text_add_bytes(&fields->scratch, text->data + at, text->size - at);
    text->size = at;
    text->failed = text->failed || fields->scratch.failed;
    return !text->failed;
}

/* Strings with a stated length may hold NULs. */
static void escape_json(struct text *to, const char *value, size_t size)
{
    const char *end = value + size;
    while (value < end) {
        size_t part = strlen(value);
        out_escape_json(to, value);
        value += part;
        if (value < end) {
            text_add(to, "\\u0000");
            value++;
        }
    }
}

/* Quotes where a blank, a quote or = would make the words unclear. Controls stay: the
 * whole line is escaped for the terminal later, save for NULs, which would end it. */
static void escape_word(struct text *to, const char *value, size_t size)
{
    bool is_quoted = size == 0 || memchr(value, ' ', size) || memchr(value, '"', size) ||
                     memchr(value, '=', size);
    text_add(to, is_quoted ? "\"" : "");
    for (size_t i = 0; i < size; i++) {
        if (value[i] == '\0') {
            text_add(to, "\\x00");
        } else if (value[i] == '"') {
            text_add(to, "\\\"");
        } else {
            text_add_char(to, value[i]);
        }
    }
    text_add(to, is_quoted ? "\"" : "");
}

static void add_json_string(struct out_fields *fields, const struct etw_field *field)
{
    struct text *text = &fields->text;
    text_add_char(text, '"');
    size_t at = text->size;
    etw_field_format(field, text);
    if (!text->failed && !is_plain_json(text->data + at, text->size - at) &&
        take_back(fields, at)) {
        escape_json(text, fields->scratch.data, fields->scratch.size);
    }
    text_add_char(text, '"');
}

static void add_word(struct out_fields *fields, const struct etw_field *field)
{
    struct text *text = &fields->text;
    size_t at = text->size;
    etw_field_format(field, text);
    if (!text->failed && !is_plain_word(text->data + at, text->size - at) &&
        take_back(fields, at)) {
        escape_word(text, text_get(&fields->scratch), fields->scratch.size);
    }
}

static void add_formatted(struct out_fields *fields, const struct etw_field *field)
{
    if (fields->style == OUT_FIELDS_WORDS) {
        add_word(fields, field);
    } else if (etw_field_is_json_number(field)) {
        etw_field_format(field, &fields->text);
    } else {
        add_json_string(fields, field);
    }
}

/* The frequent kinds are written here, the others by etw_field_format(). */
static void add_value(struct out_fields *fields, const struct etw_field *field)
{
    struct text *text = &fields->text;
    bool is_json = fields->style == OUT_FIELDS_JSON;
    char hex[OUT_HEX_TEXT_SIZE];
    switch (field->kind) {
    case ETW_FIELD_UNSIGNED:
    case ETW_FIELD_PORT:
        add_number(text, field->number);
        break;
    case ETW_FIELD_SIGNED:
        add_signed(text, (int64_t)field->number);
        break;
    case ETW_FIELD_BOOLEAN:
        text_add(text, field->number ? "true" : "false");
        break;
    case ETW_FIELD_HEX:
    case ETW_FIELD_POINTER:
        text_add(text, is_json ? "\"" : "");
        text_add(text, out_hex_text(field->number, hex));
        text_add(text, is_json ? "\"" : "");
        break;
    default:
        add_formatted(fields, field);
        break;
    }
}

/* ---- the visitor ---- */

static void visit_value(void *context, const struct etw_field *field)
{
    struct out_fields *fields = context;
    if (fields->depth_left_out == 0) {
        open_member(fields, field->name);
        add_value(fields, field);
    }
}

static void open_level(struct out_fields *fields, bool is_array)
{
    struct out_fields_level *level = &fields->levels[fields->depth];
    level->is_array = is_array;
    level->has_members = false;
    level->first_name = fields->name_count;
    level->used = 0;
}

static void begin(struct out_fields *fields, const char *name, bool is_array)
{
    if (fields->depth_left_out > 0) {
        fields->depth_left_out++;
        return;
    }
    open_member(fields, name);
    if (fields->depth + 1 == OUT_FIELDS_DEPTH) {
        text_add(&fields->text, "\"nested too deeply\"");
        fields->depth_left_out = 1;
        return;
    }
    text_add_char(&fields->text, is_array ? '[' : '{');
    fields->depth++;
    open_level(fields, is_array);
}

static void end(struct out_fields *fields)
{
    if (fields->depth_left_out > 0) {
        fields->depth_left_out--;
        return;
    }
    const struct out_fields_level *level = &fields->levels[fields->depth];
    fields->name_count = level->first_name;
    text_add_char(&fields->text, level->is_array ? ']' : '}');
    fields->depth -= fields->depth > 0;
}

static void visit_begin_struct(void *context, const char *name)
{
    begin(context, name, false);
}

static void visit_begin_array(void *context, const char *name, size_t count)
{
    (void)count;
    begin(context, name, true);
}

static void visit_end(void *context)
{
    end(context);
}

void out_fields_init(struct out_fields *fields, enum out_fields_style style)
{
    memset(fields, 0, sizeof(*fields));
    fields->style = style;
    fields->visitor = (struct etw_fields_visitor){
        .context = fields,
        .value = visit_value,
        .begin_struct = visit_begin_struct,
        .end_struct = visit_end,
        .begin_array = visit_begin_array,
        .end_array = visit_end,
    };
    out_fields_clear(fields);
}

void out_fields_done(struct out_fields *fields)
{
    text_done(&fields->text);
    text_done(&fields->scratch);
    free(fields->names);
    fields->names = NULL;
}

void out_fields_clear(struct out_fields *fields)
{
    text_clear(&fields->text);
    fields->name_count = 0;
    fields->depth = 0;
    fields->depth_left_out = 0;
    open_level(fields, false);
    if (fields->style == OUT_FIELDS_JSON) {
        text_add_char(&fields->text, '{');
    }
}

bool out_fields_finish(struct out_fields *fields)
{
    /* A payload that ends early may leave structs and arrays open. */
    while (fields->depth > 0 || fields->depth_left_out > 0) {
        end(fields);
    }
    if (fields->style == OUT_FIELDS_JSON) {
        text_add_char(&fields->text, '}');
    }
    return !fields->text.failed;
}
