/* SPDX-License-Identifier: MIT */
/*
 * text.h - a growing byte string with a maximum, for texts and small blocks.
 *
 *     struct text t = {.maximum = 4096};
 *     text_add(&t, "frame=");
 *     text_add_u64(&t, 12);
 *     ... use t.data, t.size ...
 *     text_done(&t);
 *
 * Adding beyond the maximum or without memory sets `failed` and leaves the
 * text as it was before that call; later additions do nothing. `data` is NUL-
 * terminated (the NUL is not counted in `size`), except before the first
 * addition, when it is NULL.
 */
#ifndef ETW_BASE_TEXT_H
#define ETW_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "etw/base/error.h"

struct text {
    char *data; /* owned */
    size_t size;
    size_t capacity;
    size_t maximum; /* 0: 16 MiB */
    bool failed;
};

void text_done(struct text *t);
/* Empty again, memory kept. */
void text_clear(struct text *t);

void text_add_bytes(struct text *t, const void *data, size_t size);
void text_add(struct text *t, const char *nul_terminated);
void text_add_char(struct text *t, char c);
void text_add_u64(struct text *t, uint64_t value);
void text_add_format(struct text *t, const char *format, ...) ETW_PRINTF(2, 3);

/* Appends UTF-16LE as UTF-8. A lone surrogate becomes its three-byte form
 * (WTF-8), so that nothing is lost; output writers escape it. */
void text_add_utf16(struct text *t, const uint8_t *utf16, size_t size);

/* Always a valid C string. */
const char *text_get(const struct text *t);

/* Makes room for `size` more bytes and returns where they go; the caller
 * writes at most `size` there and adds what it wrote to t->size. NULL: failed. */
char *text_reserve(struct text *t, size_t size);

#endif
