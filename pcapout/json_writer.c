/* SPDX-License-Identifier: MIT */
#include "pcapout/json_writer.h"

#include <assert.h>
#include <string.h>

#include "pcapout/escape.h"
#include "pcapout/number_text.h"

/* The comma, when something stands before, and the name. */
static void start(struct json_writer *j, const char *name)
{
    size_t length = name ? strlen(name) : 0;
    char *to = text_reserve(j->to, length + 4);
    if (!to) {
        return;
    }
    char *at = to;
    if (j->has_members[j->depth]) {
        *at++ = ',';
    }
    j->has_members[j->depth] = j->depth > 0;
    if (name) {
        *at++ = '"';
        memcpy(at, name, length);
        at += length;
        *at++ = '"';
        *at++ = ':';
    }
    *at = '\0';
    j->to->size += (size_t)(at - to);
}

static void begin(struct json_writer *j, const char *name, char bracket)
{
    start(j, name);
    text_add_char(j->to, bracket);
    assert(j->depth + 1 < JSON_DEPTH);
    j->depth++;
    j->has_members[j->depth] = false;
}

static void end(struct json_writer *j, char bracket)
{
    assert(j->depth > 0);
    j->depth--;
    text_add_char(j->to, bracket);
}

void json_begin_object(struct json_writer *j, const char *name)
{
    begin(j, name, '{');
}

void json_end_object(struct json_writer *j)
{
    end(j, '}');
}

void json_begin_array(struct json_writer *j, const char *name)
{
    begin(j, name, '[');
}

void json_end_array(struct json_writer *j)
{
    end(j, ']');
}

void json_string(struct json_writer *j, const char *name, const char *value)
{
    start(j, name);
    text_add_char(j->to, '"');
    out_escape_json(j->to, value);
    text_add_char(j->to, '"');
}

void json_u64(struct json_writer *j, const char *name, uint64_t value)
{
    char digits[NUMBER_TEXT_SIZE];
    start(j, name);
    text_add_bytes(j->to, digits, number_text(value, digits));
}

void json_i64(struct json_writer *j, const char *name, int64_t value)
{
    char digits[NUMBER_TEXT_SIZE + 1];
    size_t sign = value < 0;
    digits[0] = '-';
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    start(j, name);
    text_add_bytes(j->to, digits, sign + number_text(size, digits + sign));
}

void json_bool(struct json_writer *j, const char *name, bool value)
{
    json_raw(j, name, value ? "true" : "false");
}

void json_null(struct json_writer *j, const char *name)
{
    json_raw(j, name, "null");
}

void json_raw(struct json_writer *j, const char *name, const char *value)
{
    start(j, name);
    text_add(j->to, value);
}
