/* SPDX-License-Identifier: MIT */
#include "pcapout/wrapped_lines.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Narrower terminals are treated as this one. */
#define WIDTH_MINIMUM 40

static size_t escape_size(const char *at, const char *end)
{
    const char *p = at;
    if (end - at < 2 || at[0] != '\x1b' || at[1] != '[') {
        return 0;
    }
    while (p < end && *p != 'm') {
        p++;
    }
    return (size_t)(p - at) + (p < end);
}

/* The columns that a byte begins: bytes that continue a character take none. */
static size_t columns_of(char c)
{
    return ((unsigned char)c & 0xC0u) != 0x80;
}

/* Places where a line may be broken; NULL: none. */
struct breaks {
    const char *outer; /* the last blank outside of parentheses */
    const char *inner; /* the last of all */
    int depth;
};

/* Blanks in front of the line are no place to break. */
static void note_break(struct breaks *breaks, const char *at, bool has_text)
{
    breaks->depth += (*at == '(') - (*at == ')' && breaks->depth > 0);
    if (*at != ' ' || !has_text || at[-1] == ' ') {
        return;
    }
    breaks->inner = at;
    breaks->outer = breaks->depth == 0 ? at : breaks->outer;
}

/* Where the line must be broken: at the last blank that fits, or behind the last character
 * that does. `end` when all of it fits. */
static const char *find_break(const char *at, const char *end, size_t room)
{
    struct breaks breaks = {.depth = 0};
    size_t columns = 0;
    bool has_text = false;
    while (at < end) {
        size_t escape = escape_size(at, end);
        if (escape > 0) {
            at += escape;
            continue;
        }
        columns += columns_of(*at);
        note_break(&breaks, at, has_text);
        if (columns > room) {
            const char *blank = breaks.outer ? breaks.outer : breaks.inner;
            return blank ? blank : at;
        }
        has_text = has_text || *at != ' ';
        at++;
    }
    return end;
}

static void add_blanks(struct text *to, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        text_add_char(to, ' ');
    }
}

void out_wrap_line(struct text *to, size_t start, int width, size_t indent)
{
    if (width <= 0 || to->failed || to->size <= start) {
        return;
    }
    size_t room = (size_t)(width < WIDTH_MINIMUM ? WIDTH_MINIMUM : width) - 1;
    const char *end = to->data + to->size;
    const char *at = find_break(to->data + start, end, room);
    if (at == end) {
        return;
    }
    size_t rest_size = (size_t)(end - at);
    char *rest = malloc(rest_size);
    if (!rest) {
        to->failed = true;
        return;
    }
    memcpy(rest, at, rest_size);
    to->size = (size_t)(at - to->data);
    for (const char *next = rest; next < rest + rest_size;) {
        while (next < rest + rest_size && *next == ' ') {
            next++;
        }
        const char *stop = find_break(next, rest + rest_size, room - indent);
        text_add_char(to, '\n');
        add_blanks(to, indent);
        text_add_bytes(to, next, (size_t)(stop - next));
        next = stop;
    }
    free(rest);
}

void out_trim_line(struct text *to, size_t start)
{
    while (to->size > start && to->data[to->size - 1] == ' ') {
        to->size--;
    }
}
