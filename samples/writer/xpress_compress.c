/* SPDX-License-Identifier: MIT */
#include "xpress_compress.h"

#include <stdlib.h>
#include <string.h>

/*
 * Items are literals (1 byte) and matches. Before every 32 items stands a u32 flag
 * word, most significant bit first, 1 = match. [MS-XCA] 2.4.4
 *
 *   u16   (distance - 1) << 3 | code      code = length - 3, at most 7
 *   nibble  when code is 7: length - 10, at most 15; two matches share one byte
 *   u8      when the nibble is 15: length - 25, at most 255
 *   u16     when the u8 is 255: length - 3; 0 when it does not fit
 *   u32     when the u16 is 0: length - 3
 */
enum {
    LONGEST_DISTANCE = 8192,
    SHORTEST_MATCH = 3,
    HASH_BITS = 15,
    LONGEST_CHAIN = 32, /* candidates tried for one position */
    LONG_ENOUGH = 512   /* no search for something better beyond */
};

struct encoder {
    struct byte_block *out;
    size_t flag_place;   /* of the flag word that is being filled */
    size_t nibble_place; /* of the length byte with a free upper half; 0: none */
    uint32_t flags;
    unsigned flag_count;
};

struct finder {
    const uint8_t *data;
    size_t size;
    uint32_t *heads;  /* by hash: last position + 1 */
    uint32_t *before; /* by position: the one before it with the same hash, + 1 */
};

static uint32_t hash_at(const uint8_t *data)
{
    uint32_t three = (uint32_t)data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16;
    return three * 2654435761u >> (32 - HASH_BITS);
}

static void remember(struct finder *finder, size_t position)
{
    if (finder->size - position >= SHORTEST_MATCH) {
        uint32_t hash = hash_at(finder->data + position);
        finder->before[position] = finder->heads[hash];
        finder->heads[hash] = (uint32_t)position + 1;
    }
}

static size_t count_equal(const struct finder *finder, size_t older, size_t position)
{
    size_t length = 0;
    while (position + length < finder->size &&
           finder->data[older + length] == finder->data[position + length]) {
        length++;
    }
    return length;
}

/* 0: no match of three bytes or more. */
static size_t find_match(const struct finder *finder, size_t position, size_t *distance)
{
    size_t best = 0;
    if (finder->size - position < SHORTEST_MATCH) {
        return 0;
    }
    uint32_t next = finder->heads[hash_at(finder->data + position)];
    for (unsigned tries = 0; next && tries < LONGEST_CHAIN && best < LONG_ENOUGH; tries++) {
        size_t older = next - 1;
        if (position - older > LONGEST_DISTANCE) {
            break;
        }
        size_t length = count_equal(finder, older, position);
        if (length > best) {
            best = length;
            *distance = position - older;
        }
        next = finder->before[older];
    }
    return best >= SHORTEST_MATCH ? best : 0;
}

static void begin_flags(struct encoder *encoder)
{
    encoder->flag_place = encoder->out->size;
    encoder->flags = 0;
    encoder->flag_count = 0;
    block_u32(encoder->out, 0);
}

static void end_flags(struct encoder *encoder)
{
    if (!encoder->out->failed) {
        put_u32(encoder->out->data + encoder->flag_place, encoder->flags);
    }
}

/* A flag word is begun only when an item needs it: none follows the last item. */
static void add_flag(struct encoder *encoder, uint32_t flag)
{
    if (encoder->flag_count == 32) {
        end_flags(encoder);
        begin_flags(encoder);
    }
    encoder->flags |= flag << (31 - encoder->flag_count);
    encoder->flag_count++;
}

/* `rest` is length - 3 - 7. */
static void add_long_length(struct encoder *encoder, size_t rest)
{
    struct byte_block *out = encoder->out;
    unsigned nibble = rest < 15 ? (unsigned)rest : 15;
    if (encoder->nibble_place) {
        if (!out->failed) {
            out->data[encoder->nibble_place] |= (uint8_t)(nibble << 4);
        }
        encoder->nibble_place = 0;
    } else {
        encoder->nibble_place = out->size;
        block_u8(out, nibble);
    }
    if (nibble < 15) {
        return;
    }
    if (rest - 15 < 255) {
        block_u8(out, (unsigned)(rest - 15));
        return;
    }
    block_u8(out, 255);
    if (rest + 7 <= 0xFFFF) {
        block_u16(out, (unsigned)(rest + 7));
    } else {
        block_u16(out, 0);
        block_u32(out, (uint32_t)(rest + 7));
    }
}

static void add_match(struct encoder *encoder, size_t distance, size_t length)
{
    size_t code = length - SHORTEST_MATCH;
    add_flag(encoder, 1);
    block_u16(encoder->out, (unsigned)((distance - 1) << 3 | (code < 7 ? code : 7)));
    if (code >= 7) {
        add_long_length(encoder, code - 7);
    }
}

static void compress_all(struct encoder *encoder, struct finder *finder)
{
    size_t position = 0;
    begin_flags(encoder);
    while (position < finder->size) {
        size_t distance = 0;
        size_t length = find_match(finder, position, &distance);
        if (length) {
            add_match(encoder, distance, length);
        } else {
            add_flag(encoder, 0);
            block_u8(encoder->out, finder->data[position]);
            length = 1;
        }
        for (size_t i = 0; i < length; i++) {
            remember(finder, position + i);
        }
        position += length;
    }
    /* Unused flags are 1: a reader then looks for a match and finds the end. */
    while (encoder->flag_count < 32) {
        add_flag(encoder, 1);
    }
    end_flags(encoder);
}

bool xpress_compress(struct byte_block *out, const uint8_t *data, size_t size)
{
    size_t head_count = (size_t)1 << HASH_BITS;
    bool is_done = false;
    uint32_t *before = NULL;
    uint32_t *heads = calloc(head_count, sizeof(*heads));
    if (!heads || size >= UINT32_MAX) {
        goto done;
    }
    before = malloc((size ? size : 1) * sizeof(*before));
    if (!before) {
        goto done;
    }
    struct finder finder = {.data = data, .size = size, .heads = heads, .before = before};
    struct encoder encoder = {.out = out};
    compress_all(&encoder, &finder);
    is_done = !out->failed;

done:
    free(before);
    free(heads);
    return is_done;
}

/* ---- counting the output of a cut block ---- */

struct counter {
    const uint8_t *data;
    size_t size, position;
    size_t nibble_place; /* of a length byte whose upper half is still to use; 0: none */
};

/* False: the data end inside. */
static bool take(struct counter *counter, size_t size, uint32_t *value)
{
    if (counter->size - counter->position < size) {
        counter->position = counter->size;
        return false;
    }
    *value = 0;
    for (size_t i = 0; i < size; i++) {
        *value |= (uint32_t)counter->data[counter->position++] << (8 * i);
    }
    return true;
}

static bool take_length(struct counter *counter, uint32_t *length)
{
    uint32_t value = 0;
    if (counter->nibble_place) {
        value = counter->data[counter->nibble_place] >> 4;
        counter->nibble_place = 0;
    } else {
        counter->nibble_place = counter->position;
        if (!take(counter, 1, &value)) {
            return false;
        }
        value &= 15;
    }
    *length = value + 7 + SHORTEST_MATCH;
    if (value < 15) {
        return true;
    }
    if (!take(counter, 1, &value)) {
        return false;
    }
    *length = value + 15 + 7 + SHORTEST_MATCH;
    if (value < 255) {
        return true;
    }
    if (!take(counter, 2, &value) || (value == 0 && !take(counter, 4, &value))) {
        return false;
    }
    *length = value + SHORTEST_MATCH;
    return true;
}

size_t xpress_count_output(const uint8_t *data, size_t size)
{
    struct counter counter = {.data = data, .size = size};
    size_t count = 0;
    uint32_t flags = 0;
    for (unsigned left = 0;; left--) {
        uint32_t value = 0;
        if (left == 0) {
            if (!take(&counter, 4, &flags)) {
                return count;
            }
            left = 32;
        }
        bool is_match = flags >> (left - 1) & 1;
        if (!take(&counter, is_match ? 2 : 1, &value)) {
            return count;
        }
        uint32_t length = is_match ? (value & 7) + SHORTEST_MATCH : 1;
        if (is_match && (value & 7) == 7 && !take_length(&counter, &length)) {
            return count;
        }
        count += length;
    }
}
