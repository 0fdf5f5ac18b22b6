/* SPDX-License-Identifier: MIT */
#include "other_compression.h"

#include <string.h>

/* ---- what both need: a search for an earlier copy, simple and slow ---- */

enum { SEARCH_BACK = 2048, SHORTEST_MATCH = 3 };

static size_t find_match(const uint8_t *data, size_t position, size_t size, size_t longest,
                         size_t *distance)
{
    size_t best = 0;
    size_t most = size - position < longest ? size - position : longest;
    size_t back = position < SEARCH_BACK ? position : SEARCH_BACK;
    for (size_t d = 1; d <= back; d++) {
        size_t length = 0;
        while (length < most && data[position - d + length] == data[position + length]) {
            length++;
        }
        if (length > best) {
            best = length;
            *distance = d;
        }
    }
    return best >= SHORTEST_MATCH ? best : 0;
}

/* ---- LZNT1 ---- */

enum { CHUNK_SIZE = 4096, CHUNK_COMPRESSED = 0xB000, CHUNK_PLAIN = 0x3000 };

/* Bits of a u16 token that hold the length; the more output, the more bits the
 * displacement needs. */
static unsigned count_length_bits(size_t position)
{
    unsigned displacement_bits = 4;
    for (size_t rest = position - 1; rest >= 16; rest >>= 1) {
        displacement_bits++;
    }
    return 16 - displacement_bits;
}

/* Eight items at a time behind a byte of flags, lowest bit first, 1 = token. */
static size_t compress_group(struct byte_block *out, const uint8_t *chunk, size_t position,
                             size_t size)
{
    size_t flag_place = out->size;
    unsigned flags = 0;
    block_u8(out, 0);
    for (unsigned bit = 0; bit < 8 && position < size; bit++) {
        size_t distance = 0;
        unsigned length_bits = position ? count_length_bits(position) : 12;
        size_t longest = ((size_t)1 << length_bits) + 2;
        size_t length = find_match(chunk, position, size, longest, &distance);
        if (length) {
            flags |= 1u << bit;
            block_u16(out, (unsigned)((distance - 1) << length_bits | (length - SHORTEST_MATCH)));
            position += length;
        } else {
            block_u8(out, chunk[position++]);
        }
    }
    if (!out->failed) {
        out->data[flag_place] = (uint8_t)flags;
    }
    return position;
}

static void compress_chunk(struct byte_block *out, const uint8_t *chunk, size_t size)
{
    size_t start = out->size;
    block_u16(out, 0);
    for (size_t position = 0; position < size;) {
        position = compress_group(out, chunk, position, size);
    }
    unsigned header = CHUNK_COMPRESSED;
    if (out->size - start - 2 >= size) { /* it only grew */
        out->size = start + 2;
        block_bytes(out, chunk, size);
        header = CHUNK_PLAIN;
    }
    if (!out->failed) {
        put_u16(out->data + start, header | (unsigned)(out->size - start - 3));
    }
}

bool lznt1_compress(struct byte_block *out, const uint8_t *data, size_t size)
{
    for (size_t position = 0; position < size && !out->failed; position += CHUNK_SIZE) {
        size_t left = size - position;
        compress_chunk(out, data + position, left < CHUNK_SIZE ? left : CHUNK_SIZE);
    }
    return !out->failed;
}

/* ---- XPRESS Huffman ---- */

/* All 512 symbols get codes of 9 bits: a complete code whose codes are the symbols
 * themselves. It does not compress well; matches make up for it. */
enum { CODE_BITS = 9, BLOCK_SIZE = 65536, SYMBOL_MATCH = 256, SYMBOL_END = 256 };

/* Bits go to u16 words, highest bit first. The reader loads two words at the start and
 * one more with the first bit it takes of every further word; length bytes come from
 * behind the words loaded by then. So a word's place is reserved two words ahead. */
struct bit_writer {
    struct byte_block *out;
    size_t current, following; /* places of the word being filled and of the next one */
    uint32_t bits;
    unsigned count;
};

static size_t reserve_word(struct byte_block *out)
{
    size_t place = out->size;
    block_u16(out, 0);
    return place;
}

static void add_bits(struct bit_writer *writer, uint32_t value, unsigned count)
{
    writer->bits = writer->bits << count | value;
    writer->count += count;
    if (writer->count > 16) {
        writer->count -= 16;
        if (!writer->out->failed) {
            put_u16(writer->out->data + writer->current, writer->bits >> writer->count & 0xFFFF);
        }
        writer->current = writer->following;
        writer->following = reserve_word(writer->out);
    }
}

static void end_bits(struct bit_writer *writer)
{
    if (!writer->out->failed) {
        put_u16(writer->out->data + writer->current, writer->bits << (16 - writer->count) & 0xFFFF);
    }
}

static void add_match(struct bit_writer *writer, size_t distance, size_t length)
{
    unsigned offset_bits = 0;
    while (distance >> (offset_bits + 1)) {
        offset_bits++;
    }
    size_t rest = length - SHORTEST_MATCH;
    add_bits(writer, (uint32_t)(SYMBOL_MATCH + (offset_bits << 4) + (rest < 15 ? rest : 15)),
             CODE_BITS);
    if (rest >= 15) {
        if (rest - 15 < 255) {
            block_u8(writer->out, (unsigned)(rest - 15));
        } else {
            block_u8(writer->out, 255);
            block_u16(writer->out, (unsigned)rest);
        }
    }
    add_bits(writer, (uint32_t)(distance - ((size_t)1 << offset_bits)), offset_bits);
}

bool xpress_huffman_compress(struct byte_block *out, const uint8_t *data, size_t size)
{
    size_t position = 0;
    do {
        size_t block_start = position;
        size_t end = size - position < BLOCK_SIZE ? size : position + BLOCK_SIZE;
        block_fill(out, CODE_BITS << 4 | CODE_BITS, 256);
        struct bit_writer writer = {.out = out};
        writer.current = reserve_word(out);
        writer.following = reserve_word(out);
        while (position < end) {
            size_t distance = 0;
            size_t length =
                position > block_start ? find_match(data, position, end, 0x8000, &distance) : 0;
            if (length) {
                add_match(&writer, distance, length);
                position += length;
            } else {
                add_bits(&writer, data[position++], CODE_BITS);
            }
        }
        if (position == size) {
            add_bits(&writer, SYMBOL_END, CODE_BITS);
        }
        end_bits(&writer);
    } while (position < size && !out->failed);
    return !out->failed;
}
