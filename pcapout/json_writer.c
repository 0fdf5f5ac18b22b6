/* SPDX-License-Identifier: MIT */
#include "pcapout/json_writer.h"

#include <assert.h>
#include <string.h>

#include "pcapout/escape.h"
#include "pcapout/number_text.h"

/* Most that stands around a name and a value: , " " : " " and the NUL. */
#define AROUND_SIZE 7

/* Writes the comma, when something stands before, and the name, where there is room
 * for `size` more bytes behind it. NULL: failed. */
static char *open_member(struct json_writer *j, const char *name, size_t size)
{
    size_t length = name ? strlen(name) : 0;
    char *at = text_reserve(j->to, length + size + AROUND_SIZE);
    if (!at) {
        return NULL;
    }
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
    return at;
}

/* `at` is behind the last byte written. */
static void close_member(struct json_writer *j, char *at)
{
    *at = '\0';
    j->to->size = (size_t)(at - j->to->data);
}

static void begin(struct json_writer *j, const char *name, char bracket)
{
    char *at = open_member(j, name, 1);
    if (at) {
        *at++ = bracket;
        close_member(j, at);
    }
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
    size_t plain = out_json_plain_size(value);
    char *at = open_member(j, name, plain);
    if (!at) {
        return;
    }
    *at++ = '"';
    memcpy(at, value, plain);
    at += plain;
    if (value[plain] == '\0') {
        *at++ = '"';
        close_member(j, at);
        return;
    }
    close_member(j, at);
    out_escape_json(j->to, value + plain);
    text_add_char(j->to, '"');
}

void json_u64(struct json_writer *j, const char *name, uint64_t value)
{
    char *at = open_member(j, name, NUMBER_TEXT_SIZE);
    if (at) {
        close_member(j, at + number_text(value, at));
    }
}

void json_i64(struct json_writer *j, const char *name, int64_t value)
{
    char *at = open_member(j, name, NUMBER_TEXT_SIZE + 1);
    if (!at) {
        return;
    }
    uint64_t size = (uint64_t)value;
    if (value < 0) {
        *at++ = '-';
        size = 0 - size;
    }
    close_member(j, at + number_text(size, at));
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
    size_t size = strlen(value);
    char *at = open_member(j, name, size);
    if (at) {
        memcpy(at, value, size);
        close_member(j, at + size);
    }
}
