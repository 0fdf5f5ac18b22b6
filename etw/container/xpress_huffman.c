/* SPDX-License-Identifier: MIT */
/*
 * Every 65,536 bytes of output are a block with a code of its own: [documented: MS-XCA 2.2]
 *
 *   256 bytes  how many bits the codes of 512 symbols have, 4 bits each, the even symbol in the
 *              lower half; 0: not used. Codes are given out by length, then by symbol.
 *   u16 words  bits, the highest first; two words at the start, the next one when the first of
 *              its bits is needed that would make fewer than 16 be left
 *   bytes      of long lengths, from behind the words that were loaded by then
 *
 * Symbols below 256 are literals. Of the others, less 256, the lower 4 bits are n and the upper
 * ones b: length n + 3; n = 15: u8 x, less than 255: n = x + 15; else u16, not 0: n is it; else
 * u32: n is it. Distance: the next b bits plus 2 to the power of b. Symbol 256 may end the stream.
 *
 * Copies may overlap their source.
 */
#include "etw/container/xpress_huffman.h"

#include "etw/base/bytes.h"

#define BLOCK_SIZE     65536u
#define TABLE_SIZE     256u
#define SYMBOL_COUNT   512u
#define FIRST_MATCH    256u
#define SHORTEST_MATCH 3u
#define LONG_LENGTH    15u
#define CODE_BITS      15 /* of the longest code */

/* A canonical code: the codes of one length are consecutive numbers. */
struct code {
    uint16_t count[CODE_BITS + 1];  /* of symbols, by length */
    uint16_t symbols[SYMBOL_COUNT]; /* by length, then by number */
};

struct state {
    struct bytes in;
    uint32_t bits;   /* the next one is the highest */
    int extra;       /* bits beyond the 16 that must be there */
    unsigned loaded; /* bits that came from the input and are not used; the others are zeros */
    uint8_t *out;
    size_t made, room;
    bool is_damaged;
};

/* ---- the code of a block ---- */

static unsigned length_of(const uint8_t *table, unsigned symbol)
{
    return table[symbol / 2] >> (symbol & 1 ? 4 : 0) & 15;
}

/* False when not every sequence of bits is a code, or some are two. */
static bool make_code(struct code *code, const uint8_t *table)
{
    uint16_t next[CODE_BITS + 1] = {0};
    uint32_t used = 0; /* of all sequences of 15 bits */
    *code = (struct code){.count = {0}};
    for (unsigned symbol = 0; symbol < SYMBOL_COUNT; symbol++) {
        code->count[length_of(table, symbol)]++;
    }
    code->count[0] = 0;
    for (int length = 1; length <= CODE_BITS; length++) {
        next[length] = (uint16_t)(next[length - 1] + code->count[length - 1]);
        used += (uint32_t)code->count[length] << (CODE_BITS - length);
    }
    if (used != 1u << CODE_BITS) {
        return false;
    }
    for (unsigned symbol = 0; symbol < SYMBOL_COUNT; symbol++) {
        unsigned length = length_of(table, symbol);
        if (length > 0) {
            code->symbols[next[length]++] = (uint16_t)symbol;
        }
    }
    return true;
}

/* ---- bits ---- */

/* Where a word is missing, nothing can be read from behind it. */
static void load_word(struct state *s, unsigned shift)
{
    s->bits |= (uint32_t)bytes_u16(&s->in) << shift;
    s->loaded += s->in.failed ? 0 : 16;
}

static void start_bits(struct state *s)
{
    s->bits = 0;
    s->loaded = 0;
    s->extra = 16;
    load_word(s, 16);
    load_word(s, 0);
}

/* Takes up to 15 bits; false: the input ends before them. */
static bool use_bits(struct state *s, unsigned count)
{
    if (count > s->loaded) {
        return false;
    }
    s->bits <<= count;
    s->loaded -= count;
    s->extra -= (int)count;
    if (s->extra < 0) {
        load_word(s, (unsigned)-s->extra);
        s->extra += 16;
    }
    return true;
}

/* False: the input ends before a whole symbol. */
static bool take_symbol(struct state *s, const struct code *code, unsigned *symbol)
{
    uint32_t value = 0;  /* of the bits so far */
    uint32_t first = 0;  /* the first code of this length */
    unsigned before = 0; /* symbols with shorter codes */
    for (unsigned length = 1; length <= CODE_BITS; length++) {
        value = s->bits >> (32 - length);
        if (value - first < code->count[length]) {
            *symbol = code->symbols[before + value - first];
            return use_bits(s, length);
        }
        before += code->count[length];
        first = (first + code->count[length]) << 1;
    }
    return false; /* not reached: the code is complete */
}

/* ---- items ---- */

/* The part of a length that stands in bytes. False: cut, or damaged when so marked. */
static bool take_long_length(struct state *s, size_t *length)
{
    uint32_t n = bytes_u8(&s->in);
    if (n < 255) {
        *length = n + LONG_LENGTH;
        return !s->in.failed;
    }
    n = bytes_u16(&s->in);
    if (n == 0) {
        n = bytes_u32(&s->in);
    }
    *length = n;
    s->is_damaged = !s->in.failed && n < LONG_LENGTH;
    return !s->in.failed && !s->is_damaged;
}

static bool unpack_match(struct state *s, unsigned symbol)
{
    size_t length = symbol & 15;
    unsigned distance_bits = symbol >> 4 & 15;
    if (length == LONG_LENGTH && !take_long_length(s, &length)) {
        return false;
    }
    size_t distance = (size_t)1 << distance_bits;
    distance += distance_bits > 0 ? s->bits >> (32 - distance_bits) : 0;
    if (!use_bits(s, distance_bits)) {
        return false;
    }
    if (distance > s->made || length > s->room - s->made ||
        SHORTEST_MATCH > s->room - s->made - length) {
        s->is_damaged = true;
        return false;
    }
    for (length += SHORTEST_MATCH; length > 0; length--, s->made++) {
        s->out[s->made] = s->out[s->made - distance];
    }
    return true;
}

/* False: the input ends within the block, or is damaged. */
static bool unpack_block(struct state *s)
{
    struct code code;
    if (bytes_left(&s->in) < TABLE_SIZE) {
        return false;
    }
    if (!make_code(&code, bytes_take(&s->in, TABLE_SIZE))) {
        s->is_damaged = true;
        return false;
    }
    start_bits(s);
    size_t left = s->room - s->made;
    size_t end = s->made + (left < BLOCK_SIZE ? left : BLOCK_SIZE);
    bool goes_on = true;
    while (goes_on && s->made < end) {
        unsigned symbol = 0;
        goes_on = take_symbol(s, &code, &symbol);
        if (goes_on && symbol < FIRST_MATCH) {
            s->out[s->made++] = (uint8_t)symbol;
        } else if (goes_on) {
            goes_on = unpack_match(s, symbol);
        }
    }
    return goes_on;
}

struct unpack_result xpress_huffman_unpack(const uint8_t *in, size_t in_size, uint8_t *out,
                                           size_t out_size)
{
    struct state s = {.in = bytes_of(in, in_size), .out = out, .room = out_size};
    bool goes_on = true;
    while (goes_on && s.made < s.room) {
        goes_on = unpack_block(&s);
    }
    return (struct unpack_result){
        .produced = s.made,
        .consumed = s.in.position,
        .is_damaged = s.is_damaged,
        .is_cut = !goes_on && !s.is_damaged,
    };
}
