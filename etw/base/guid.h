/* SPDX-License-Identifier: MIT */
/*
 * guid.h - GUIDs in the byte order Windows stores them:
 * u32, u16, u16 little-endian, then 8 bytes as they are.
 */
#ifndef ETW_BASE_GUID_H
#define ETW_BASE_GUID_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "etw/base/bytes.h"

struct guid {
    uint8_t bytes[16];
};

#define GUID_TEXT_SIZE 37 /* 36 characters and the NUL */

/* A constant as it is written in text: GUID_OF(0x2ed6006e, 0x4729, 0x4609, 0xb4, 0x23, ...) */
#define GUID_OF(a, b, c, d0, d1, d2, d3, d4, d5, d6, d7)                                           \
    {                                                                                              \
        {                                                                                          \
            (uint8_t)((a)&0xff), (uint8_t)((a) >> 8 & 0xff), (uint8_t)((a) >> 16 & 0xff),          \
                (uint8_t)((a) >> 24 & 0xff), (uint8_t)((b)&0xff), (uint8_t)((b) >> 8 & 0xff),      \
                (uint8_t)((c)&0xff), (uint8_t)((c) >> 8 & 0xff), d0, d1, d2, d3, d4, d5, d6, d7,   \
        }                                                                                          \
    }

static inline bool guid_equal(const struct guid *a, const struct guid *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

/* All zero when the bytes are not there (and the reader has failed). */
static inline struct guid bytes_guid(struct bytes *b)
{
    struct guid guid = {{0}};
    const uint8_t *p = bytes_take(b, sizeof(guid.bytes));
    if (p) {
        memcpy(guid.bytes, p, sizeof(guid.bytes));
    }
    return guid;
}

/* Lower case, with hyphens, without braces, NUL-terminated. */
void guid_format(const struct guid *guid, char text[GUID_TEXT_SIZE]);

/* Accepts 8-4-4-4-12 hexadecimal digits of either case, with or without
 * braces, and nothing after it. `*out` is untouched on failure. */
bool guid_parse(const char *text, struct guid *out);

#endif
