/* SPDX-License-Identifier: MIT */
#include "etw/base/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "etw/base/bytes.h"

#define DEFAULT_MAXIMUM ((size_t)16 << 20)

void text_done(struct text *t)
{
    free(t->data);
    *t = (struct text){.maximum = t->maximum};
}

void text_clear(struct text *t)
{
    t->size = 0;
    t->failed = false;
    if (t->data) {
        t->data[0] = '\0';
    }
}

char *text_reserve(struct text *t, size_t size)
{
    size_t maximum = t->maximum ? t->maximum : DEFAULT_MAXIMUM;
    if (t->failed || size > maximum || t->size > maximum - size) {
        t->failed = true;
        return NULL;
    }
    size_t wanted = t->size + size + 1; /* the NUL */
    if (wanted > t->capacity) {
        size_t capacity = t->capacity ? t->capacity : 64;
        while (capacity < wanted) {
            capacity *= 2;
        }
        char *grown = realloc(t->data, capacity);
        if (!grown) {
            t->failed = true;
            return NULL;
        }
        t->data = grown;
        t->capacity = capacity;
    }
    return t->data + t->size;
}

void text_add_bytes(struct text *t, const void *data, size_t size)
{
    char *to = text_reserve(t, size);
    if (to) {
        if (size > 0) {
            memcpy(to, data, size);
        }
        t->size += size;
        t->data[t->size] = '\0';
    }
}

void text_add(struct text *t, const char *nul_terminated)
{
    text_add_bytes(t, nul_terminated, strlen(nul_terminated));
}

void text_add_char(struct text *t, char c)
{
    text_add_bytes(t, &c, 1);
}

void text_add_u64(struct text *t, uint64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    text_add_bytes(t, digits + at, sizeof(digits) - at);
}

void text_add_format(struct text *t, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *to = size < 0 ? NULL : text_reserve(t, (size_t)size);
    if (to) {
        (void)vsnprintf(to, (size_t)size + 1, format, again);
        t->size += (size_t)size;
    } else {
        t->failed = true;
    }
    va_end(again);
}

static void add_code_point(struct text *t, uint32_t c)
{
    char utf8[4];
    size_t size = 0;
    if (c < 0x80) {
        utf8[size++] = (char)c;
    } else if (c < 0x800) {
        utf8[size++] = (char)(0xC0 | c >> 6);
        utf8[size++] = (char)(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        utf8[size++] = (char)(0xE0 | c >> 12);
        utf8[size++] = (char)(0x80 | (c >> 6 & 0x3F));
        utf8[size++] = (char)(0x80 | (c & 0x3F));
    } else {
        utf8[size++] = (char)(0xF0 | c >> 18);
        utf8[size++] = (char)(0x80 | (c >> 12 & 0x3F));
        utf8[size++] = (char)(0x80 | (c >> 6 & 0x3F));
        utf8[size++] = (char)(0x80 | (c & 0x3F));
    }
    text_add_bytes(t, utf8, size);
}

void text_add_utf16(struct text *t, const uint8_t *utf16, size_t size)
{
    for (size_t i = 0; i + 1 < size; i += 2) {
        uint32_t c = load_u16(utf16 + i);
        bool is_high = (c & 0xFC00) == 0xD800;
        if (is_high && i + 3 < size) {
            uint32_t low = load_u16(utf16 + i + 2);
            if ((low & 0xFC00) == 0xDC00) {
                c = 0x10000 + ((c & 0x3FF) << 10) + (low & 0x3FF);
                i += 2;
            }
        }
        add_code_point(t, c);
    }
}

const char *text_get(const struct text *t)
{
    return t->data ? t->data : "";
}
