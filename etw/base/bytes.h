/* SPDX-License-Identifier: MIT */
/*
 * bytes.h - the bounded little-endian reader. Every byte of a trace that this
 * program interprets is read through it.
 *
 *     struct bytes b = bytes_of(data, size);
 *     uint16_t id = bytes_u16(&b);
 *     uint32_t length = bytes_u32(&b);
 *     struct bytes body = bytes_sub(&b, length);
 *     if (b.failed) { ... the structure is cut ... }
 *
 * A read that does not fit sets `failed`; from then on every read returns 0
 * and moves nothing. A decoder therefore reads a whole structure and asks
 * once, at the end, whether all of it was there.
 */
#ifndef ETW_BASE_BYTES_H
#define ETW_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
    const uint8_t *data; /* borrowed; whoever hands it out says until when */
    size_t size;
    size_t position;
    bool failed;
};

static inline struct bytes bytes_of(const void *data, size_t size)
{
    return (struct bytes){.data = data, .size = size};
}

/* The same in place: the copy of a whole struct, which compilers make through memory, costs more
 * than what it is for where it is done for each record. */
static inline void bytes_set(struct bytes *b, const void *data, size_t size)
{
    b->data = data;
    b->size = size;
    b->position = 0;
    b->failed = false;
}

static inline size_t bytes_left(const struct bytes *b)
{
    return b->failed ? 0 : b->size - b->position;
}

/* The next `count` bytes, or NULL when fewer are left. */
static inline const uint8_t *bytes_take(struct bytes *b, size_t count)
{
    if (b->failed || count > b->size - b->position) {
        b->failed = true;
        return NULL;
    }
    const uint8_t *taken = b->data + b->position;
    b->position += count;
    return taken;
}

static inline void bytes_skip(struct bytes *b, size_t count)
{
    (void)bytes_take(b, count);
}

/* Moves to an absolute position; one past the end is allowed. */
static inline void bytes_seek(struct bytes *b, size_t position)
{
    if (position > b->size) {
        b->failed = true;
    } else if (!b->failed) {
        b->position = position;
    }
}

/* Little-endian loads from memory that is known to be there. Compilers turn
 * them into one load; big-endian machines and unaligned places are fine. */
static inline uint16_t load_u16(const uint8_t *p)
{
    return (uint16_t)(p[0] | (uint32_t)p[1] << 8);
}

static inline uint32_t load_u32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t load_u64(const uint8_t *p)
{
    return (uint64_t)load_u32(p) | (uint64_t)load_u32(p + 4) << 32;
}

/* Network byte order, as in packet headers. */
static inline uint16_t load_be16(const uint8_t *p)
{
    return (uint16_t)((uint32_t)p[0] << 8 | p[1]);
}

static inline uint32_t load_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

static inline uint8_t bytes_u8(struct bytes *b)
{
    const uint8_t *p = bytes_take(b, 1);
    return p ? *p : 0;
}

static inline uint16_t bytes_u16(struct bytes *b)
{
    const uint8_t *p = bytes_take(b, 2);
    return p ? load_u16(p) : 0;
}

static inline uint32_t bytes_u32(struct bytes *b)
{
    const uint8_t *p = bytes_take(b, 4);
    return p ? load_u32(p) : 0;
}

static inline uint64_t bytes_u64(struct bytes *b)
{
    const uint8_t *p = bytes_take(b, 8);
    return p ? load_u64(p) : 0;
}

/* A pointer-sized integer; `pointer_size` is 4 or 8. */
static inline uint64_t bytes_pointer(struct bytes *b, unsigned pointer_size)
{
    return pointer_size == 4 ? bytes_u32(b) : bytes_u64(b);
}

/* A reader limited to the next `size` bytes: a length field can never lead
 * the inner decoder past its own structure. */
static inline struct bytes bytes_sub(struct bytes *b, size_t size)
{
    const uint8_t *p = bytes_take(b, size);
    return p ? bytes_of(p, size) : (struct bytes){.failed = true};
}

/* Everything that is left, as a reader of its own. */
static inline struct bytes bytes_rest(struct bytes *b)
{
    return bytes_sub(b, bytes_left(b));
}

/* A NUL-terminated UTF-16LE string: its bytes without the NUL. Without a NUL
 * the whole rest is the string; an odd last byte is left out of it. */
static inline struct bytes bytes_utf16z(struct bytes *b)
{
    size_t left = bytes_left(b);
    for (size_t i = 0; i + 1 < left; i += 2) {
        const uint8_t *p = b->data + b->position + i;
        if (p[0] == 0 && p[1] == 0) {
            struct bytes text = bytes_sub(b, i);
            bytes_skip(b, 2);
            return text;
        }
    }
    struct bytes text = bytes_sub(b, left & ~(size_t)1);
    bytes_skip(b, left & 1);
    return text;
}

#endif
