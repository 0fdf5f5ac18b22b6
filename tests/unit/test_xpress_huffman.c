/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "etw/container/xpress_huffman.h"
#include "other_compression.h"
#include "tests/support/random.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

enum { TABLE_SIZE = 256 };

/* Runs on memory of exactly the sizes that are allowed; the caller frees. */
static uint8_t *unpack(const void *packed, size_t packed_size, size_t out_size,
                       struct unpack_result *result)
{
    uint8_t *in = malloc(packed_size + 1);
    uint8_t *out = malloc(out_size + 1);
    assert_non_null(in);
    assert_non_null(out);
    memcpy(in + 1, packed, packed_size);
    *result = xpress_huffman_unpack(in + 1, packed_size, out, out_size);
    assert_true(result->produced <= out_size);
    assert_true(result->consumed <= packed_size);
    free(in);
    return out;
}

/* What libwim 1.13.6 made of three times this text: codes of many lengths, a long match. */
static const char sentence[] =
    "Each block has a code of its own, which the lengths of its symbols describe; each block "
    "therefore begins with the lengths of 512 symbols. ";
/* clang-format off */
static const uint8_t three_sentences[] = {
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x07, 0x07, 0x70, 0x07, 0x70, 0x00, 0x00, 0x70, 0x00, 0x00,
    0x00, 0x00, 0x60, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x50, 0x55, 0x36, 0x66, 0x44, 0x70, 0x75, 0x45, 0x00, 0x45, 0x05, 0x50, 0x60, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x06, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x60, 0x00, 0x00, 0x00, 0x00, 0x00, 0x06, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x60, 0x60, 0x00, 0x00, 0x00, 0x06, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x60,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x12, 0xc2, 0x19, 0x41, 0xbf, 0xb4, 0x83, 0x04, 0x09, 0x88, 0x24, 0x36, 0x41, 0x36, 0xe1, 0x6c,
    0x4f, 0xaf, 0xe8, 0x02, 0x8e, 0xbb, 0x44, 0xc8, 0x33, 0xcd, 0x3e, 0xb2, 0xfa, 0xdc, 0x8b, 0x7f,
    0xc6, 0x4d, 0xe5, 0x25, 0x89, 0x55, 0x0f, 0xfa, 0xef, 0x26, 0x9c, 0x0a, 0xa4, 0x9a, 0xe6, 0x44,
    0x71, 0xb4, 0xb7, 0x75, 0x7c, 0x43, 0xef, 0xf5, 0xbc, 0x81, 0x3b, 0x8c, 0xa8, 0x15, 0xff, 0x10,
    0x01, 0x00, 0x00,
};
/* clang-format on */

static void blocks_of_another_compressor_are_read(void **state)
{
    (void)state;
    size_t size = strlen(sentence);
    struct unpack_result result;
    uint8_t *out = unpack(three_sentences, sizeof(three_sentences), 3 * size, &result);
    assert_int_equal(result.produced, 3 * size);
    assert_int_equal(result.consumed, sizeof(three_sentences));
    assert_false(result.is_damaged || result.is_cut);
    for (size_t i = 0; i < 3; i++) {
        assert_memory_equal(out + i * size, sentence, size);
    }
    free(out);
}

static void every_truncation_gives_a_beginning_and_is_noticed(void **state)
{
    (void)state;
    size_t whole = 3 * strlen(sentence);
    size_t last = 0;
    /* The last word is there only to be loaded; nothing of it is used. */
    for (size_t size = 0; size + 2 < sizeof(three_sentences); size++) {
        struct unpack_result result;
        uint8_t *out = unpack(three_sentences, size, whole, &result);
        assert_true(result.is_cut && !result.is_damaged);
        assert_true(result.produced < whole && result.produced >= last);
        last = result.produced;
        for (size_t i = 0; i < result.produced; i++) {
            assert_int_equal(out[i], sentence[i % strlen(sentence)]);
        }
        free(out);
    }
    assert_true(last > 0);
}

/* ---- blocks made by hand: `a` is 0, `b` 10, one match symbol 110, the end 111 ---- */

struct hand_made {
    uint8_t bytes[TABLE_SIZE + 40];
    size_t size;
};

static void set_length(struct hand_made *block, unsigned symbol, unsigned length)
{
    block->bytes[symbol / 2] |= (uint8_t)(length << (symbol & 1 ? 4 : 0));
}

/* `match`: its symbol; `rest` stands behind the table. */
static struct hand_made make_block(unsigned match, const char *rest, size_t rest_size)
{
    struct hand_made block = {.size = TABLE_SIZE + rest_size};
    set_length(&block, 'a', 1);
    set_length(&block, 'b', 2);
    set_length(&block, 256, 3);
    set_length(&block, match, 3);
    memcpy(block.bytes + TABLE_SIZE, rest, rest_size);
    return block;
}

/* 256 comes before `match` in the order of symbols: it has 110, the match 111. The words of the
 * streams are 0 111 + offset bits. */
#define MATCH_OF(length, offset_bits) (256u + ((offset_bits) << 4) + (length))

static const struct vector {
    const char *name;
    unsigned match;
    const char *rest; /* words, then bytes of the length */
    size_t rest_size, size;
} vectors[] = {
    {"a match of 4", MATCH_OF(1, 0), "\x00\x70\x00\x00", 4, 5},
    {"a length byte", MATCH_OF(15, 0), "\x00\x70\x00\x00\x00", 5, 1 + 18},
    {"the largest length byte", MATCH_OF(15, 0), "\x00\x70\x00\x00\xFE", 5, 1 + 272},
    {"a length word", MATCH_OF(15, 0), "\x00\x70\x00\x00\xFF\x00\x10", 7, 1 + 4099},
    {"the smallest length word", MATCH_OF(15, 0), "\x00\x70\x00\x00\xFF\x0F\x00", 7, 1 + 18},
    {"four bytes of length", MATCH_OF(15, 0), "\x00\x70\x00\x00\xFF\x00\x00\x00\x00\x01\x00", 11,
     1 + 65539},
};

static void every_form_of_length_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        const struct vector *row = &vectors[i];
        struct hand_made block = make_block(row->match, row->rest, row->rest_size);
        struct unpack_result result;
        uint8_t *out = unpack(block.bytes, block.size, row->size, &result);
        if (result.produced != row->size || result.is_damaged || result.is_cut) {
            fail_msg("%s: %zu of %zu made", row->name, result.produced, row->size);
        }
        for (size_t at = 0; at < row->size; at++) {
            assert_int_equal(out[at], 'a');
        }
        free(out);
    }
}

static const struct bad_case {
    const char *name;
    unsigned match;
    const char *rest;
    size_t rest_size, room, produced;
} bad_cases[] = {
    {"a match before anything", MATCH_OF(1, 0), "\x00\xE0\x00\x00", 4, 9, 0},
    {"a distance of one too many", MATCH_OF(1, 1), "\x00\x70\x00\x00", 4, 9, 1},
    {"the largest distance", MATCH_OF(1, 15), "\xFF\x7F\xFF\xFF", 4, 9, 1},
    {"a match too long", MATCH_OF(1, 0), "\x00\x70\x00\x00", 4, 4, 1},
    {"a long length that is short", MATCH_OF(15, 0), "\x00\x70\x00\x00\xFF\x0E\x00", 7, 99, 1},
    {"a longer one that is short", MATCH_OF(15, 0), "\x00\x70\x00\x00\xFF\x00\x00\x0E\x00\x00\x00",
     11, 99, 1},
    {"the longest length", MATCH_OF(15, 0), "\x00\x70\x00\x00\xFF\x00\x00\xFF\xFF\xFF\xFF", 11, 99,
     1},
};

static void contradictions_are_damage(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad_cases); i++) {
        const struct bad_case *row = &bad_cases[i];
        struct hand_made block = make_block(row->match, row->rest, row->rest_size);
        struct unpack_result result;
        free(unpack(block.bytes, block.size, row->room, &result));
        if (!result.is_damaged || result.produced != row->produced) {
            fail_msg("%s: damaged %d, %zu made", row->name, result.is_damaged, result.produced);
        }
    }
}

static void codes_that_do_not_add_up_are_damage(void **state)
{
    (void)state;
    static const struct {
        unsigned symbol, length;
    } changes[] = {{'c', 15}, {'c', 1}, {511, 3}};
    struct unpack_result result;
    for (size_t i = 0; i < COUNT_OF(changes); i++) { /* too many codes */
        struct hand_made block = make_block(MATCH_OF(1, 0), "\0\0\0\0", 4);
        set_length(&block, changes[i].symbol, changes[i].length);
        free(unpack(block.bytes, block.size, 9, &result));
        assert_true(result.is_damaged);
        assert_int_equal(result.produced, 0);
    }
    struct hand_made block = make_block(MATCH_OF(1, 0), "\0\0\0\0", 4);
    block.bytes[128] = 0; /* two symbols less */
    free(unpack(block.bytes, block.size, 9, &result));
    assert_true(result.is_damaged);
    memset(block.bytes, 0, TABLE_SIZE); /* none at all */
    free(unpack(block.bytes, block.size, 9, &result));
    assert_true(result.is_damaged);
}

static void the_end_symbol_before_the_end_is_a_match(void **state)
{
    (void)state;
    struct hand_made block = make_block(MATCH_OF(1, 0), "\x00\x60\x00\x00", 4); /* 0 110 */
    struct unpack_result result;
    uint8_t *out = unpack(block.bytes, block.size, 4, &result);
    assert_int_equal(result.produced, 4);
    assert_memory_equal(out, "aaaa", 4);
    free(out);
}

/* ---- what the writer of samples packs ---- */

static void fill_data(uint64_t *seed, uint8_t *data, size_t size)
{
    size_t at = 0;
    while (at < size) {
        size_t run = 1 + random_below(seed, 600);
        size_t distance = at > 0 ? 1 + random_below(seed, at < 3000 ? at : 3000) : 0;
        bool is_copy = distance > 0 && random_below(seed, 3) > 0;
        for (size_t i = 0; i < run && at < size; i++, at++) {
            data[at] = is_copy ? data[at - distance] : (uint8_t)random_next(seed);
        }
    }
}

static void several_blocks_follow_each_other(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 300, 65535, 65536, 65537, 140000};
    uint64_t seed = 9;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct byte_block packed = {0};
        uint8_t *data = malloc(sizes[i]);
        struct unpack_result result;
        assert_non_null(data);
        fill_data(&seed, data, sizes[i]);
        assert_true(xpress_huffman_compress(&packed, data, sizes[i]));
        uint8_t *out = unpack(packed.data, packed.size, sizes[i], &result);
        assert_int_equal(result.produced, sizes[i]);
        assert_true(result.consumed + 4 >= packed.size);
        assert_memory_equal(out, data, sizes[i]);
        free(out);
        free(data);
        block_done(&packed);
    }
}

static void changed_bytes_stay_within_bounds(void **state)
{
    (void)state;
    uint64_t seed = 10;
    for (int round = 0; round < 20000; round++) {
        uint8_t packed[sizeof(three_sentences)];
        struct unpack_result result;
        memcpy(packed, three_sentences, sizeof(packed));
        /* Mostly behind the table, where not every change is noticed at once. */
        size_t from = random_below(&seed, 8) ? TABLE_SIZE : 0;
        packed[from + random_below(&seed, sizeof(packed) - from)] = (uint8_t)random_next(&seed);
        free(unpack(packed, sizeof(packed), random_below(&seed, 1000), &result));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_of_another_compressor_are_read),
        cmocka_unit_test(every_truncation_gives_a_beginning_and_is_noticed),
        cmocka_unit_test(every_form_of_length_is_read),
        cmocka_unit_test(contradictions_are_damage),
        cmocka_unit_test(codes_that_do_not_add_up_are_damage),
        cmocka_unit_test(the_end_symbol_before_the_end_is_a_match),
        cmocka_unit_test(several_blocks_follow_each_other),
        cmocka_unit_test(changed_bytes_stay_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
