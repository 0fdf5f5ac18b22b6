/* SPDX-License-Identifier: MIT */
#include "pcapout/escape.h"

#include <stdio.h>
#include <string.h>

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

struct range {
    uint32_t first, last;
};

/* clang-format off */
/* Cc, bidirectional controls, zero-width, line and paragraph separators, tags. */
static const struct range hidden[] = {
    {0x00, 0x1F}, {0x7F, 0x9F}, {0xAD, 0xAD}, {0x61C, 0x61C}, {0x180E, 0x180E},
    {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F}, {0xFEFF, 0xFEFF},
    {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F},
};
/* Two columns on a terminal: East Asian wide and full-width, pictographs. */
static const struct range wide[] = {
    {0x1100, 0x115F}, {0x2E80, 0x303E}, {0x3041, 0xA4CF}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF},
    {0xFE30, 0xFE6F}, {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F},
    {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
};
/* No column: marks that stand on the character before. */
static const struct range combining[] = {
    {0x300, 0x36F}, {0x483, 0x489}, {0x591, 0x5BD}, {0x610, 0x61A}, {0x64B, 0x65F},
    {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},
};
/* clang-format on */

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static bool is_in(const struct range *ranges, size_t count, uint32_t c)
{
    for (size_t i = 0; i < count && ranges[i].first <= c; i++) {
        if (c <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

bool out_is_hidden(uint32_t code_point)
{
    return is_in(hidden, COUNT_OF(hidden), code_point);
}

static bool is_surrogate(uint32_t c)
{
    return c >= 0xD800 && c <= 0xDFFF;
}

/* Length of a sequence by its first byte and the lowest code point it may hold. */
static int sequence_length(uint8_t lead, uint32_t *lowest)
{
    if (lead >= 0xC2 && lead <= 0xDF) {
        *lowest = 0x80;
        return 2;
    }
    if ((lead & 0xF0) == 0xE0) {
        *lowest = 0x800;
        return 3;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        *lowest = 0x10000;
        return 4;
    }
    return 0;
}

uint32_t out_utf8_next(const char **at, const char *end)
{
    const char *p = *at;
    uint8_t lead = (uint8_t)*p;
    *at = p + 1;
    if (lead < 0x80) {
        return lead;
    }
    uint32_t lowest = 0;
    int length = sequence_length(lead, &lowest);
    if (length == 0 || end - p < length) {
        return OUT_UTF8_INVALID;
    }
    uint32_t c = lead & (0x7Fu >> length);
    for (int i = 1; i < length; i++) {
        uint8_t next = (uint8_t)p[i];
        if ((next & 0xC0) != 0x80) {
            return OUT_UTF8_INVALID;
        }
        c = c << 6 | (next & 0x3F);
    }
    if (c < lowest || c > 0x10FFFF) {
        return OUT_UTF8_INVALID;
    }
    *at = p + length;
    return c;
}

static bool is_plain_json(char c)
{
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

/* One character that is not plain: `from` to `to`. */
static void add_json_character(struct text *to, uint32_t c, const char *from, size_t size)
{
    static const char short_names[] = "\"\\\b\f\n\r\t";
    static const char short_letters[] = "\"\\bfnrt";
    const char *known = c != 0 && c < 0x80 ? strchr(short_names, (int)c) : NULL;
    if (known) {
        const char pair[2] = {'\\', short_letters[known - short_names]};
        text_add_bytes(to, pair, sizeof(pair));
    } else if (c == OUT_UTF8_INVALID) {
        text_add(to, REPLACEMENT);
    } else if (c > 0xFFFF && out_is_hidden(c)) {
        text_add_format(to, "\\u%04x\\u%04x", 0xD7C0 + (unsigned)(c >> 10),
                        0xDC00 + (unsigned)(c & 0x3FF));
    } else if (out_is_hidden(c) || is_surrogate(c)) {
        text_add_format(to, "\\u%04x", (unsigned)c);
    } else {
        text_add_bytes(to, from, size);
    }
}

size_t out_json_plain_size(const char *value)
{
    const char *at = value;
    while (is_plain_json(*at)) { /* the NUL is not */
        at++;
    }
    return (size_t)(at - value);
}

void out_escape_json(struct text *to, const char *value)
{
    const char *end = value + strlen(value);
    while (value < end) {
        size_t plain = out_json_plain_size(value);
        text_add_bytes(to, value, plain);
        value += plain;
        if (value < end) {
            const char *from = value;
            uint32_t c = out_utf8_next(&value, end);
            add_json_character(to, c, from, (size_t)(value - from));
        }
    }
}

static void add_valid(struct text *to, const char *value, bool double_quotes)
{
    const char *end = value + strlen(value);
    while (value < end) {
        const char *from = value;
        uint32_t c = out_utf8_next(&value, end);
        if (c == OUT_UTF8_INVALID || is_surrogate(c)) {
            text_add(to, REPLACEMENT);
        } else {
            text_add_bytes(to, from, (size_t)(value - from));
        }
        if (c == '"' && double_quotes) {
            text_add_char(to, '"');
        }
    }
}

/* As \u003c, whose length is HTML_ESCAPE_SIZE. */
static bool is_html_syntax(char c)
{
    return c == '<' || c == '>' || c == '&';
}

#define HTML_ESCAPE_SIZE 6

void out_escape_json_in_html(struct text *to, size_t start)
{
    static const char digits[] = "0123456789abcdef";
    size_t count = 0;
    for (size_t i = start; i < to->size; i++) {
        count += is_html_syntax(to->data[i]);
    }
    if (count == 0 || !text_reserve(to, count * (HTML_ESCAPE_SIZE - 1))) {
        return;
    }
    /* From the end, so that nothing is overwritten before it has moved. */
    size_t from = to->size;
    size_t at = from + count * (HTML_ESCAPE_SIZE - 1);
    to->size = at;
    to->data[at] = '\0';
    while (at > from) {
        char c = to->data[--from];
        if (is_html_syntax(c)) {
            const char escape[] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};
            at -= HTML_ESCAPE_SIZE;
            memcpy(to->data + at, escape, HTML_ESCAPE_SIZE);
        } else {
            to->data[--at] = c;
        }
    }
}

void out_escape_csv(struct text *to, const char *value)
{
    size_t plain = out_json_plain_size(value);
    if (value[plain] == '\0' && !memchr(value, ',', plain)) {
        text_add_bytes(to, value, plain);
        return;
    }
    if (!strpbrk(value, "\",\r\n")) {
        add_valid(to, value, false);
        return;
    }
    text_add_char(to, '"');
    add_valid(to, value, true);
    text_add_char(to, '"');
}

void out_escape_comment(struct text *to, const char *value)
{
    const char *end = value + strlen(value);
    bool is_plain = value < end;
    for (const char *at = value; is_plain && at < end;) {
        uint32_t c = out_utf8_next(&at, end);
        is_plain = c != ' ' && c != '"' && c != '=' && c != OUT_UTF8_INVALID && !is_surrogate(c) &&
                   !out_is_hidden(c);
    }
    if (is_plain) {
        text_add(to, value);
        return;
    }
    text_add_char(to, '"');
    out_escape_json(to, value);
    text_add_char(to, '"');
}

void out_add_comment_value(struct text *to, const char *key, const char *value)
{
    char cut[OUT_COMMENT_VALUE + 1];
    out_copy_cut(cut, sizeof(cut), value);
    text_add(to, key);
    out_escape_comment(to, cut);
}

#define SHOWN_SIZE 16

/* How a terminal shall show one character, and in how many columns. */
static size_t show(uint32_t c, const char *from, size_t size, char shown[SHOWN_SIZE])
{
    if (c == OUT_UTF8_INVALID) {
        return (size_t)snprintf(shown, SHOWN_SIZE, "\\x%02x", (unsigned)(uint8_t)*from);
    }
    if (c < 0x80 && out_is_hidden(c)) {
        return (size_t)snprintf(shown, SHOWN_SIZE, "\\x%02x", (unsigned)c);
    }
    if (out_is_hidden(c) || is_surrogate(c)) {
        return (size_t)snprintf(shown, SHOWN_SIZE, "\\u{%x}", (unsigned)c);
    }
    memcpy(shown, from, size);
    shown[size] = '\0';
    if (is_in(combining, COUNT_OF(combining), c)) {
        return 0;
    }
    return is_in(wide, COUNT_OF(wide), c) ? 2 : 1;
}

size_t out_escape_terminal(struct text *to, const char *value, size_t columns)
{
    const char *end = value + strlen(value);
    size_t used = out_json_plain_size(value);
    if (value + used == end && used <= columns) {
        text_add_bytes(to, value, used);
        return used;
    }
    used = 0;
    /* where the text would have to end so that "~" still fits behind it */
    size_t cut_size = to->size;
    size_t cut_used = 0;
    while (value < end) {
        const char *from = value;
        char shown[SHOWN_SIZE];
        uint32_t c = out_utf8_next(&value, end);
        size_t width = show(c, from, (size_t)(value - from), shown);
        if (width > columns - used) {
            to->size = cut_size;
            text_add(to, columns > 0 ? "~" : "");
            return cut_used + (columns > 0);
        }
        text_add(to, shown);
        used += width;
        if (used < columns) {
            cut_size = to->size;
            cut_used = used;
        }
    }
    return used;
}

void out_clean_utf8(struct text *to, const char *value, size_t maximum, bool keep_lines)
{
    const char *end = value + strlen(value);
    size_t start = to->size;
    while (value < end) {
        const char *from = value;
        uint32_t c = out_utf8_next(&value, end);
        size_t size = (size_t)(value - from);
        bool is_line = keep_lines && (c == '\n' || c == '\t');
        if (c == OUT_UTF8_INVALID || is_surrogate(c) || (out_is_hidden(c) && !is_line)) {
            from = REPLACEMENT;
            size = sizeof(REPLACEMENT) - 1;
        }
        if (to->size - start + size > maximum) {
            return;
        }
        text_add_bytes(to, from, size);
    }
}

void out_copy_cut(char *to, size_t size, const char *value)
{
    size_t length = strlen(value);
    if (length >= size) {
        length = size - 1;
        while (length > 0 && ((uint8_t)value[length] & 0xC0) == 0x80) {
            length--;
        }
    }
    memcpy(to, value, length);
    to[length] = '\0';
}
