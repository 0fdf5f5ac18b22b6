/* SPDX-License-Identifier: MIT */
/*
 * The stream is a sequence of items, 32 of them announced by each flag word
 * (u32, highest bit first):          [documented: MS-XCA 2.3, 2.4]
 *
 *   flag 0   one literal byte
 *   flag 1   u16 v: distance = (v >> 3) + 1, length = (v & 7) + 3; when v & 7
 *            is 7 the length goes on:
 *              a half byte, low half of a new byte or the high half of the one
 *              taken last time; less than 15: length = it + 7 + 3
 *              else u8, less than 255: length = it + 15 + 7 + 3
 *              else u16, not 0: length = it + 3; else u32: length = it + 3
 *
 * Copies may overlap their source. The stream ends where the next item is due.
 */
#include "etw/container/xpress.h"

#include <string.h>

#include "etw/base/bytes.h"

struct state {
    const uint8_t *in;
    const uint8_t *in_end;
    uint8_t *out_start;
    uint8_t *out;
    uint8_t *out_end;
    const uint8_t *half_byte; /* its high half is still to be used; NULL: none */
};

/* Reads the length behind a match whose three bits are all set. 0: the input is
 * cut, or the length contradicts itself. */
static inline size_t long_length(struct state *s)
{
    uint32_t length;
    if (s->half_byte) {
        length = *s->half_byte >> 4;
        s->half_byte = NULL;
    } else {
        if (s->in == s->in_end) {
            return 0;
        }
        s->half_byte = s->in++;
        length = *s->half_byte & 15;
    }
    if (length < 15) {
        return length + 7 + 3;
    }
    if (s->in == s->in_end) {
        return 0;
    }
    length = *s->in++;
    if (length < 255) {
        return length + 15 + 7 + 3;
    }
    if (s->in_end - s->in < 2) {
        return 0;
    }
    length = load_u16(s->in);
    s->in += 2;
    if (length == 0) {
        if (s->in_end - s->in < 4) {
            return 0;
        }
        length = load_u32(s->in);
        s->in += 4;
    }
    return length < 15 + 7 ? 0 : (size_t)length + 3;
}

/* May write up to XPRESS_SLACK - 1 bytes past the end of the copy. */
static inline void copy_match(uint8_t *to, size_t distance, size_t length)
{
    const uint8_t *from = to - distance;
    uint8_t *end = to + length;
    if (distance >= 16) {
        do {
            memcpy(to, from, 16);
            to += 16;
            from += 16;
        } while (to < end);
        return;
    }
    if (distance == 1) {
        memset(to, *from, length);
        return;
    }
    if (distance < 8) {
        uint8_t pattern[8] = {0};
        for (size_t i = 0; i < 8; i++) {
            pattern[i] = i < distance ? from[i] : pattern[i - distance];
        }
        size_t step = 8 / distance * distance; /* a whole number of patterns */
        for (; to < end; to += step) {
            memcpy(to, pattern, 8);
        }
        return;
    }
    while (to < end) {
        memcpy(to, from, 8);
        to += 8;
        from += 8;
    }
}

/* One item of flag 1. False: the stream ends or is damaged here; nothing of it
 * was produced and the input stands where it began. */
static inline bool unpack_match(struct state *s, bool *is_damaged)
{
    const uint8_t *begin = s->in;
    if (s->in_end - s->in < 2 || s->out == s->out_end) {
        return false;
    }
    uint32_t v = load_u16(s->in);
    s->in += 2;
    size_t distance = (v >> 3) + 1;
    size_t length = (v & 7) + 3;
    if (length == 10) {
        length = long_length(s);
    }
    if (length == 0 || distance > (size_t)(s->out - s->out_start) ||
        length > (size_t)(s->out_end - s->out)) {
        *is_damaged = true;
        s->in = begin;
        return false;
    }
    copy_match(s->out, distance, length);
    s->out += length;
    return true;
}

/* A run of literals; false when input or output end within it. */
static inline bool unpack_literals(struct state *s, size_t count)
{
    size_t in_left = (size_t)(s->in_end - s->in);
    size_t out_left = (size_t)(s->out_end - s->out);
    if (in_left >= 32 && out_left >= count) {
        memcpy(s->out, s->in, 32); /* wide: count is at most 32 */
        s->in += count;
        s->out += count;
        return true;
    }
    size_t possible = count < in_left ? count : in_left;
    possible = possible < out_left ? possible : out_left;
    memcpy(s->out, s->in, possible);
    s->in += possible;
    s->out += possible;
    return possible == count;
}

static inline unsigned leading_zeros(uint32_t value)
{
#if defined(__GNUC__)
    return (unsigned)__builtin_clz(value);
#else
    unsigned count = 0;
    while (!(value & 0x80000000u)) {
        value <<= 1;
        count++;
    }
    return count;
#endif
}

/* The 32 items of one flag word; false at the end of the stream. */
static inline bool unpack_items(struct state *s, uint32_t flags, bool *is_damaged)
{
    unsigned items = 32;
    while (flags != 0) {
        unsigned literals = leading_zeros(flags);
        if (literals > 0 && !unpack_literals(s, literals)) {
            return false;
        }
        if (!unpack_match(s, is_damaged)) {
            return false;
        }
        items -= literals + 1;
        flags = literals == 31 ? 0 : flags << (literals + 1);
    }
    return items == 0 || unpack_literals(s, items);
}

struct unpack_result xpress_unpack(const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size)
{
    struct state s = {
        .in = in, .in_end = in + in_size, .out_start = out, .out = out, .out_end = out + out_size};
    bool is_damaged = false;
    bool goes_on = true;
    while (goes_on && s.out < s.out_end && s.in_end - s.in >= 4) {
        uint32_t flags = load_u32(s.in);
        s.in += 4;
        goes_on = unpack_items(&s, flags, &is_damaged);
    }
    return (struct unpack_result){.produced = (size_t)(s.out - out),
                                  .consumed = (size_t)(s.in - in),
                                  .is_damaged = is_damaged};
}
