/* SPDX-License-Identifier: MIT */
#include "correlate/filter_values.h"

#include <string.h>

bool corr_parse_number(const char *text, size_t size, uint64_t maximum, uint64_t *out)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        uint64_t digit = (uint64_t)(text[i] - '0');
        if (value > (maximum - digit) / 10 || digit > maximum) {
            return false;
        }
        value = value * 10 + digit;
    }
    if (size == 0) {
        return false;
    }
    *out = value;
    return true;
}

bool corr_parse_range(const char *text, uint64_t maximum, uint64_t *from, uint64_t *to)
{
    const char *hyphen = strchr(text, '-');
    size_t first = hyphen ? (size_t)(hyphen - text) : strlen(text);
    uint64_t low = 0;
    if (!corr_parse_number(text, first, maximum, &low)) {
        return false;
    }
    uint64_t high = low;
    if (hyphen && !corr_parse_number(hyphen + 1, strlen(hyphen + 1), maximum, &high)) {
        return false;
    }
    if (high < low) {
        return false;
    }
    *from = low;
    *to = high;
    return true;
}

static bool parse_ipv4(const char *text, size_t size, uint8_t out[4])
{
    const char *end = text + size;
    for (int i = 0; i < 4; i++) {
        const char *dot = i < 3 ? memchr(text, '.', (size_t)(end - text)) : end;
        uint64_t number = 0;
        if (!dot || dot - text > 3 ||
            !corr_parse_number(text, (size_t)(dot - text), 255, &number)) {
            return false;
        }
        out[i] = (uint8_t)number;
        text = dot < end ? dot + 1 : end;
    }
    return true;
}

static int hexadecimal_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One group of up to four digits; returns how many characters it has, 0: none. */
static size_t read_group(const char *text, size_t size, uint8_t out[2])
{
    uint32_t value = 0;
    size_t digits = 0;
    while (digits < size && digits < 4 && hexadecimal_digit(text[digits]) >= 0) {
        value = value << 4 | (uint32_t)hexadecimal_digit(text[digits]);
        digits++;
    }
    out[0] = (uint8_t)(value >> 8);
    out[1] = (uint8_t)value;
    return digits;
}

/* The groups of one side of "::" (or of a whole address). Returns how many bytes
 * they fill, at most 16; SIZE_MAX: not groups. */
static size_t parse_groups(const char *text, size_t size, uint8_t out[16])
{
    size_t filled = 0;
    while (size > 0) {
        bool is_last = !memchr(text, ':', size);
        if (is_last && filled <= 12 && parse_ipv4(text, size, out + filled)) {
            return filled + 4;
        }
        size_t digits = filled <= 14 ? read_group(text, size, out + filled) : 0;
        if (digits == 0 || (digits < size && (text[digits] != ':' || digits + 1 == size))) {
            return SIZE_MAX;
        }
        filled += 2;
        size_t used = digits < size ? digits + 1 : digits;
        text += used;
        size -= used;
    }
    return filled;
}

static const char *find_gap(const char *text, size_t size)
{
    for (size_t i = 0; i + 1 < size; i++) {
        if (text[i] == ':' && text[i + 1] == ':') {
            return text + i;
        }
    }
    return NULL;
}

static bool parse_ipv6(const char *text, size_t size, uint8_t out[16])
{
    const char *gap = find_gap(text, size);
    if (!gap) {
        return parse_groups(text, size, out) == 16;
    }
    uint8_t tail[16];
    size_t before = (size_t)(gap - text);
    size_t head = parse_groups(text, before, out);
    size_t rest = parse_groups(gap + 2, size - before - 2, tail);
    if (head > 14 || rest > 14 - head || memchr(text, '.', before)) {
        return false;
    }
    memset(out + head, 0, 16 - head);
    memcpy(out + 16 - rest, tail, rest);
    return true;
}

bool corr_parse_address(const char *text, size_t size, struct corr_address *out)
{
    struct corr_address address = {0};
    if (parse_ipv4(text, size, address.bytes)) {
        address.size = 4;
    } else if (parse_ipv6(text, size, address.bytes)) {
        address.size = 16;
    } else {
        return false;
    }
    *out = address;
    return true;
}

bool corr_parse_endpoint(const char *text, size_t size, struct corr_address *address,
                         uint16_t *port)
{
    size_t colon = size;
    while (colon > 0 && text[colon - 1] != ':') {
        colon--;
    }
    uint64_t number = 0;
    if (colon == 0 || !corr_parse_number(text + colon, size - colon, UINT16_MAX, &number)) {
        return false;
    }
    size_t end = colon - 1; /* of the address */
    bool has_brackets = end >= 2 && text[0] == '[' && text[end - 1] == ']';
    struct corr_address parsed;
    if (!corr_parse_address(text + has_brackets, end - 2 * (size_t)has_brackets, &parsed) ||
        (parsed.size == 16) != has_brackets) {
        return false;
    }
    *address = parsed;
    *port = (uint16_t)number;
    return true;
}
