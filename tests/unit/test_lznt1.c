/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "etw/container/lznt1.h"
#include "other_compression.h"
#include "tests/support/random.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

/* Runs on memory of exactly the sizes that are allowed; the caller frees. */
static uint8_t *unpack(const void *packed, size_t packed_size, size_t out_size,
                       struct unpack_result *result)
{
    uint8_t *in = malloc(packed_size + 1);
    uint8_t *out = malloc(out_size + 1);
    assert_non_null(in);
    assert_non_null(out);
    memcpy(in + 1, packed, packed_size);
    *result = lznt1_unpack(in + 1, packed_size, out, out_size);
    assert_true(result->produced <= out_size);
    assert_true(result->consumed <= packed_size);
    free(in);
    return out;
}

/* Put together by hand after MS-XCA 2.5. */
static const struct vector {
    const char *name, *packed;
    size_t packed_size;
    const char *output;
} vectors[] = {
    {"nothing", "", 0, ""},
    {"an end and nothing else", "\x00\x00", 2, ""},
    {"a chunk that is not packed",
     "\x02\x30"
     "abc",
     5, "abc"},
    {"literals",
     "\x03\xB0\x00"
     "abc",
     6, "abc"},
    {"a match of three",
     "\x03\xB0\x02"
     "a\x00\x00",
     6, "aaaa"},
    {"distance 3, length 6",
     "\x05\xB0\x08"
     "abc\x03\x20",
     8, "abcabcabc"},
    {"a literal behind a match",
     "\x04\xB0\x02"
     "a\x00\x00"
     "b",
     7, "aaaab"},
    {"nine items",
     "\x0A\xB0\x00"
     "abcdefgh"
     "\x00"
     "i",
     13, "abcdefghi"},
    {"two chunks",
     "\x01\xB0\x00"
     "a"
     "\x01\x30"
     "bc",
     8, "abc"},
    {"bytes behind the end",
     "\x01\xB0\x00"
     "a"
     "\x00\x00\x01\xB0\x00"
     "b",
     10, "a"},
};

static void hand_made_chunks_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        const struct vector *row = &vectors[i];
        size_t size = strlen(row->output);
        struct unpack_result result;
        uint8_t *out = unpack(row->packed, row->packed_size, size, &result);
        if (result.produced != size || result.is_damaged || result.is_cut ||
            memcmp(out, row->output, size) != 0) {
            fail_msg("%s: %zu of %zu made", row->name, result.produced, size);
        }
        free(out);
    }
}

static void what_stands_behind_the_end_is_not_used(void **state)
{
    (void)state;
    const struct vector *row = &vectors[COUNT_OF(vectors) - 1];
    struct unpack_result result;
    free(unpack(row->packed, row->packed_size, 100, &result));
    assert_int_equal(result.consumed, 6);
}

static const struct bad_case {
    const char *name, *packed;
    size_t packed_size, room, produced;
    bool is_cut;
} bad_cases[] = {
    {"another signature",
     "\x02\x70"
     "abc",
     5, 9, 0, false},
    {"a chunk of another kind behind a good one",
     "\x01\xB0\x00"
     "a\x01\x00",
     6, 9, 1, false},
    {"a match before anything", "\x02\xB0\x01\x00\x00", 5, 9, 0, false},
    {"a distance of one too many",
     "\x03\xB0\x02"
     "a\x00\x10",
     6, 9, 1, false},
    {"half a token",
     "\x02\xB0\x02"
     "a\x00",
     5, 9, 1, false},
    {"a literal too many",
     "\x03\xB0\x00"
     "abc",
     6, 2, 2, false},
    {"a match too long",
     "\x03\xB0\x02"
     "a\x00\x00",
     6, 3, 1, false},
    {"more than fits in a plain chunk",
     "\x02\x30"
     "abc",
     5, 2, 2, false},
    {"a chunk that is cut",
     "\x07\xB0\x00"
     "abc",
     6, 9, 3, true},
    {"a plain chunk that is cut",
     "\x07\x30"
     "abc",
     5, 9, 3, true},
    {"a token that is cut",
     "\x07\xB0\x02"
     "a\x00",
     5, 9, 1, true},
};

static void contradictions_and_cuts_are_told_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad_cases); i++) {
        const struct bad_case *row = &bad_cases[i];
        struct unpack_result result;
        free(unpack(row->packed, row->packed_size, row->room, &result));
        if (result.produced != row->produced || result.is_cut != row->is_cut ||
            result.is_damaged == row->is_cut) {
            fail_msg("%s: %zu made, cut %d, damaged %d", row->name, result.produced, result.is_cut,
                     result.is_damaged);
        }
    }
}

/* A literal and a match of 4,098: one byte and more than the chunk may hold. */
static void a_chunk_never_gives_more_than_its_size(void **state)
{
    (void)state;
    static const uint8_t full[] = {0x03, 0xB0, 0x02, 'a', 0xFC, 0x0F}; /* 1 + 4,095 */
    static const uint8_t over[] = {0x03, 0xB0, 0x02, 'a', 0xFD, 0x0F};
    static const uint8_t literal[] = {0x04, 0xB0, 0x02, 'a', 0xFC, 0x0F, 'b'};
    struct unpack_result result;
    free(unpack(full, sizeof(full), 9000, &result));
    assert_int_equal(result.produced, LZNT1_CHUNK_SIZE);
    assert_false(result.is_damaged);
    free(unpack(over, sizeof(over), 9000, &result));
    assert_int_equal(result.produced, 1);
    assert_true(result.is_damaged);
    free(unpack(literal, sizeof(literal), 9000, &result));
    assert_int_equal(result.produced, LZNT1_CHUNK_SIZE);
    assert_true(result.is_damaged);
}

/* Bytes that repeat at distances of all sizes, and some that never do. */
static void fill_data(uint64_t *seed, uint8_t *data, size_t size)
{
    size_t at = 0;
    while (at < size) {
        size_t run = 1 + random_below(seed, 60);
        size_t distance = at > 0 ? 1 + random_below(seed, at) : 0;
        bool is_copy = distance > 0 && random_below(seed, 3) > 0;
        for (size_t i = 0; i < run && at < size; i++, at++) {
            data[at] = is_copy ? data[at - distance] : (uint8_t)random_next(seed);
        }
    }
}

static void what_the_writer_packs_comes_out_again(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 3, 17, 18, 4095, 4096, 4097, 8192, 20000};
    uint64_t seed = 5;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct byte_block packed = {0};
        uint8_t *data = malloc(sizes[i]);
        struct unpack_result result;
        assert_non_null(data);
        fill_data(&seed, data, sizes[i]);
        assert_true(lznt1_compress(&packed, data, sizes[i]));
        uint8_t *out = unpack(packed.data, packed.size, sizes[i], &result);
        assert_int_equal(result.produced, sizes[i]);
        assert_int_equal(result.consumed, packed.size);
        assert_memory_equal(out, data, sizes[i]);
        free(out);
        free(data);
        block_done(&packed);
    }
}

static void every_truncation_gives_a_beginning_and_is_noticed(void **state)
{
    (void)state;
    enum { SIZE = 5000 };
    static uint8_t data[SIZE];
    uint64_t seed = 6;
    struct byte_block packed = {0};
    fill_data(&seed, data, SIZE);
    assert_true(lznt1_compress(&packed, data, SIZE));
    for (size_t size = 0; size < packed.size; size++) {
        struct unpack_result result;
        uint8_t *out = unpack(packed.data, size, SIZE, &result);
        assert_true(result.produced < SIZE);
        assert_false(result.is_damaged);
        assert_memory_equal(out, data, result.produced);
        free(out);
    }
    block_done(&packed);
}

static void changed_bytes_stay_within_bounds(void **state)
{
    (void)state;
    enum { SIZE = 3000 };
    static uint8_t data[SIZE];
    uint64_t seed = 7;
    struct byte_block packed = {0};
    fill_data(&seed, data, SIZE);
    assert_true(lznt1_compress(&packed, data, SIZE));
    for (int round = 0; round < 20000; round++) {
        struct unpack_result result;
        size_t at = random_below(&seed, packed.size);
        uint8_t before = packed.data[at];
        packed.data[at] = (uint8_t)random_next(&seed);
        free(unpack(packed.data, packed.size, random_below(&seed, 2 * SIZE), &result));
        packed.data[at] = before;
    }
    block_done(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hand_made_chunks_are_read),
        cmocka_unit_test(what_stands_behind_the_end_is_not_used),
        cmocka_unit_test(contradictions_and_cuts_are_told_apart),
        cmocka_unit_test(a_chunk_never_gives_more_than_its_size),
        cmocka_unit_test(what_the_writer_packs_comes_out_again),
        cmocka_unit_test(every_truncation_gives_a_beginning_and_is_noticed),
        cmocka_unit_test(changed_bytes_stay_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
