/* SPDX-License-Identifier: MIT */
/*
 * A run of chunks, each of which unpacks on its own:      [documented: MS-XCA 2.5]
 *
 *   u16  bits 0-11  size of the data behind it, less one
 *        bits 12-14 always 3
 *        bit 15     1: packed; 0: the data are the output
 *
 * A u16 of 0 ends the run, but need not be there. Packed data are groups of a flag byte and
 * eight items, the lowest bit first; the end of the chunk may cut the last group short:
 *
 *   flag 0   one literal byte
 *   flag 1   u16 v: the upper d bits are distance - 1, the others length - 3; d is 4 up to 16
 *            bytes of output in this chunk, and one more whenever that doubles
 *
 * Copies may overlap their source.
 */
#include "etw/container/lznt1.h"

#include <string.h>

#include "etw/base/bytes.h"

#define SIZE_MASK      0x0FFFu
#define SIGNATURE_MASK 0x7000u
#define SIGNATURE      0x3000u
#define IS_PACKED      0x8000u
#define SHORTEST_MATCH 3u

/* One chunk on its way. */
struct chunk {
    struct bytes in;
    bool is_cut;  /* the input ends before the chunk does */
    uint8_t *out; /* of this chunk */
    size_t room;
    size_t made;
};

enum progress { GOES_ON, ENDED, DAMAGED };

static unsigned distance_bits(size_t made)
{
    unsigned bits = 4;
    for (size_t rest = made - 1; rest >= 16; rest >>= 1) {
        bits++;
    }
    return bits;
}

static enum progress unpack_match(struct chunk *chunk)
{
    size_t begin = chunk->in.position;
    if (bytes_left(&chunk->in) < 2) {
        return chunk->is_cut ? ENDED : DAMAGED;
    }
    unsigned token = bytes_u16(&chunk->in);
    unsigned length_bits = chunk->made > 0 ? 16 - distance_bits(chunk->made) : 0;
    size_t distance = ((size_t)token >> length_bits) + 1;
    size_t length = (token & ((1u << length_bits) - 1)) + SHORTEST_MATCH;
    if (distance > chunk->made || length > chunk->room - chunk->made) {
        chunk->in.position = begin;
        return DAMAGED;
    }
    for (; length > 0; length--, chunk->made++) {
        chunk->out[chunk->made] = chunk->out[chunk->made - distance];
    }
    return GOES_ON;
}

static enum progress unpack_literal(struct chunk *chunk)
{
    if (chunk->made == chunk->room) {
        return DAMAGED;
    }
    chunk->out[chunk->made++] = bytes_u8(&chunk->in);
    return GOES_ON;
}

static enum progress unpack_items(struct chunk *chunk)
{
    enum progress progress = GOES_ON;
    while (progress == GOES_ON && bytes_left(&chunk->in) > 0) {
        unsigned flags = bytes_u8(&chunk->in);
        for (int i = 0; i < 8 && progress == GOES_ON && bytes_left(&chunk->in) > 0; i++) {
            progress = flags & 1 ? unpack_match(chunk) : unpack_literal(chunk);
            flags >>= 1;
        }
    }
    return progress;
}

static enum progress copy_plain(struct chunk *chunk)
{
    size_t size = bytes_left(&chunk->in);
    size_t fitting = size < chunk->room ? size : chunk->room;
    memcpy(chunk->out, bytes_take(&chunk->in, fitting), fitting);
    chunk->made = fitting;
    return fitting < size ? DAMAGED : GOES_ON;
}

/* The next chunk goes to `out`; false: there is none, or it is the last one that can be read. */
static bool unpack_chunk(struct bytes *in, uint8_t *out, size_t room, struct unpack_result *result)
{
    if (bytes_left(in) < 2) {
        return false;
    }
    unsigned header = bytes_u16(in);
    if (header == 0) {
        result->consumed = in->position;
        return false;
    }
    if ((header & SIGNATURE_MASK) != SIGNATURE) {
        result->is_damaged = true;
        return false;
    }
    size_t begin = in->position;
    size_t size = (header & SIZE_MASK) + 1;
    size_t left = bytes_left(in);
    struct chunk chunk = {
        .is_cut = size > left,
        .out = out,
        .room = room < LZNT1_CHUNK_SIZE ? room : LZNT1_CHUNK_SIZE,
    };
    chunk.in = bytes_sub(in, chunk.is_cut ? left : size);
    enum progress progress = header & IS_PACKED ? unpack_items(&chunk) : copy_plain(&chunk);
    result->produced += chunk.made;
    result->consumed = begin + chunk.in.position;
    result->is_damaged = progress == DAMAGED;
    result->is_cut = chunk.is_cut && !result->is_damaged;
    return progress == GOES_ON && !chunk.is_cut;
}

struct unpack_result lznt1_unpack(const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size)
{
    struct bytes packed = bytes_of(in, in_size);
    struct unpack_result result = {.produced = 0};
    bool goes_on = true;
    while (goes_on) {
        size_t made = result.produced;
        goes_on = unpack_chunk(&packed, out + made, out_size - made, &result);
    }
    return result;
}
