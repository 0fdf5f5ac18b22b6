/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "etw/container/xpress.h"
#include "tests/support/etl_builder.h"
#include "tests/support/random.h"

/* Streams put together by hand after MS-XCA 2.4. */
struct vector {
    const char *name;
    const char *packed;
    size_t packed_size;
    const char *output; /* NULL: `repeated` times this letter */
    char letter;
    size_t size;
};

/* A literal 'a', then a match of distance 1: flags 01 and ones for what is unused. */
#define A_AND_MATCH                                                                                \
    "\xff\xff\xff\x7f"                                                                             \
    "a"

static const struct vector vectors[] = {
    {"nothing", "", 0, "", 0, 0},
    {"three literals",
     "\xff\xff\xff\x1f"
     "abc",
     7, "abc", 0, 3},
    {"a match of 3", A_AND_MATCH "\x00\x00", 7, NULL, 'a', 4},
    {"a match of 9", A_AND_MATCH "\x06\x00", 7, NULL, 'a', 10},
    {"a half byte: match of 10", A_AND_MATCH "\x07\x00\x00", 8, NULL, 'a', 11},
    {"a half byte: match of 24", A_AND_MATCH "\x07\x00\x0e", 8, NULL, 'a', 25},
    {"a byte: match of 25", A_AND_MATCH "\x07\x00\x0f\x00", 9, NULL, 'a', 26},
    {"a byte: match of 279", A_AND_MATCH "\x07\x00\x0f\xfe", 9, NULL, 'a', 280},
    {"two bytes: match of 280", A_AND_MATCH "\x07\x00\x0f\xff\x15\x01", 11, NULL, 'a', 281},
    {"two bytes: match of 65538", A_AND_MATCH "\x07\x00\x0f\xff\xff\xff", 11, NULL, 'a', 65539},
    {"two bytes that could be one: match of 25", A_AND_MATCH "\x07\x00\x0f\xff\x16\x00", 11, NULL,
     'a', 26},
    {"four bytes: match of 65539", A_AND_MATCH "\x07\x00\x0f\xff\x00\x00\x00\x00\x01\x00", 15, NULL,
     'a', 65540},
    {"four bytes: match of 1000000", A_AND_MATCH "\x07\x00\x0f\xff\x00\x00\x3d\x42\x0f\x00", 15,
     NULL, 'a', 1000001},
    {"the two halves of one byte",
     "\xff\xff\xff\x7f"
     "a\x07\x00\x21\x07\x00",
     10, NULL, 'a', 1 + 11 + 12},
    {"high half, then a byte of its own",
     "\xff\xff\xff\x7f"
     "a\x07\x00\xf1\x07\x00\x05",
     11, NULL, 'a', 1 + 11 + 30},
    {"distance 3, length 5",
     "\xff\xff\xff\x1f"
     "abc\x12\x00",
     9, "abcabcab", 0, 8},
    {"a match and a literal",
     "\xff\xff\xff\x5f"
     "a\x00\x00"
     "b",
     8, "aaaab", 0, 5},
};

/* Runs on memory of exactly the sizes that are allowed; the caller frees. */
static uint8_t *unpack(const void *packed, size_t packed_size, size_t out_size,
                       struct unpack_result *result)
{
    uint8_t *in = malloc(packed_size + 1);
    uint8_t *out = malloc(out_size + XPRESS_SLACK);
    assert_non_null(in);
    assert_non_null(out);
    memcpy(in + 1, packed, packed_size);
    memset(out, 0xEE, out_size + XPRESS_SLACK);
    *result = xpress_unpack(in + 1, packed_size, out, out_size);
    assert_true(result->produced <= out_size);
    assert_true(result->consumed <= packed_size);
    free(in);
    return out;
}

static void every_form_of_length_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        const struct vector *row = &vectors[i];
        struct unpack_result result;
        uint8_t *out = unpack(row->packed, row->packed_size, row->size, &result);
        if (result.produced != row->size || result.consumed != row->packed_size ||
            result.is_damaged) {
            fail_msg("%s: %zu of %zu made, %zu of %zu used", row->name, result.produced, row->size,
                     result.consumed, row->packed_size);
        }
        for (size_t at = 0; at < row->size; at++) {
            if (out[at] != (uint8_t)(row->output ? row->output[at] : row->letter)) {
                fail_msg("%s: wrong at %zu", row->name, at);
            }
        }
        free(out);
    }
}

static void every_truncation_gives_a_beginning_of_the_output(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        const struct vector *row = &vectors[i];
        for (size_t size = 0; size < row->packed_size; size++) {
            struct unpack_result result;
            uint8_t *out = unpack(row->packed, size, row->size, &result);
            assert_true(result.produced < row->size);
            for (size_t at = 0; at < result.produced; at++) {
                assert_int_equal(out[at], (uint8_t)(row->output ? row->output[at] : row->letter));
            }
            free(out);
        }
    }
}

static void too_little_room_is_damage_and_is_not_overrun(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        const struct vector *row = &vectors[i];
        size_t step = 1 + row->size / 500;
        for (size_t room = 0; room < row->size; room += step) {
            struct unpack_result result;
            uint8_t *out = unpack(row->packed, row->packed_size, room, &result);
            /* What comes out must be what would have come out. */
            for (size_t at = 0; at < result.produced; at++) {
                assert_int_equal(out[at], (uint8_t)(row->output ? row->output[at] : row->letter));
            }
            free(out);
        }
    }
}

static const struct bad_case {
    const char *name, *packed;
    size_t packed_size, produced;
} bad_cases[] = {
    {"a match before anything", "\xff\xff\xff\xff\x00\x00", 6, 0},
    {"a distance of one too many",
     "\xff\xff\xff\x7f"
     "a\x08\x00",
     7, 1},
    {"the largest distance",
     "\xff\xff\xff\x7f"
     "a\xf8\xff",
     7, 1},
    {"a long length that is short", A_AND_MATCH "\x07\x00\x0f\xff\x15\x00", 11, 1},
    {"a 32-bit length that is short", A_AND_MATCH "\x07\x00\x0f\xff\x00\x00\x15\x00\x00\x00", 15,
     1},
    {"the largest 32-bit length", A_AND_MATCH "\x07\x00\x0f\xff\x00\x00\xff\xff\xff\xff", 15, 1},
};

static void contradictions_are_damage(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad_cases) / sizeof(bad_cases[0]); i++) {
        const struct bad_case *row = &bad_cases[i];
        struct unpack_result result;
        free(unpack(row->packed, row->packed_size, 5000, &result));
        if (!result.is_damaged || result.produced != row->produced) {
            fail_msg("%s: damaged %d, %zu made", row->name, result.is_damaged, result.produced);
        }
    }
}

/* `distance` literals, then one match of `length` with that distance. */
static size_t pack_overlap(uint8_t *to, size_t distance, size_t length)
{
    put_le32(to, UINT32_MAX >> distance);
    size_t at = 4;
    for (size_t i = 0; i < distance; i++) {
        to[at++] = (uint8_t)('A' + i);
    }
    put_le16(to + at, (uint16_t)((distance - 1) << 3 | 7));
    to[at + 2] = 15;
    to[at + 3] = 255;
    put_le16(to + at + 4, (uint16_t)(length - 3));
    return at + 6;
}

static void overlapping_copies_repeat_the_pattern(void **state)
{
    (void)state;
    for (size_t distance = 1; distance <= 20; distance++) {
        for (size_t length = 25; length < 120; length++) {
            uint8_t packed[64];
            struct unpack_result result;
            size_t size = pack_overlap(packed, distance, length);
            uint8_t *out = unpack(packed, size, distance + length, &result);
            assert_int_equal(result.produced, distance + length);
            for (size_t at = 0; at < distance + length; at++) {
                assert_int_equal(out[at], 'A' + at % distance);
            }
            free(out);
        }
    }
}

static void literals_of_every_number_come_out_as_they_are(void **state)
{
    (void)state;
    uint8_t data[200];
    uint8_t packed[sizeof(data) + sizeof(data) / 8 + 8];
    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] = (uint8_t)(i * 7);
    }
    for (size_t size = 0; size <= sizeof(data); size++) {
        struct unpack_result result;
        size_t packed_size = pack_literals(data, size, packed);
        uint8_t *out = unpack(packed, packed_size, size, &result);
        assert_int_equal(result.produced, size);
        assert_int_equal(result.consumed, packed_size);
        assert_memory_equal(out, data, size);
        free(out);
    }
}

static void an_unused_flag_word_at_the_end_is_left_alone(void **state)
{
    (void)state;
    uint8_t data[32];
    uint8_t packed[44];
    struct unpack_result result;
    memset(data, 'x', sizeof(data));
    size_t size = pack_literals(data, sizeof(data), packed);
    put_le32(packed + size, UINT32_MAX);
    free(unpack(packed, size + 4, sizeof(data), &result));
    assert_int_equal(result.produced, 32);
    assert_int_equal(result.consumed, size);
    assert_false(result.is_damaged);
}

/* A second decompressor, written byte by byte after MS-XCA 2.4.4. */
struct plain {
    const uint8_t *in;
    size_t in_size, at, half_at; /* half_at: 0, or where an unused half byte stands */
};

static bool take(struct plain *p, size_t size, uint32_t *value)
{
    if (p->in_size - p->at < size) {
        return false;
    }
    *value = 0;
    for (size_t i = 0; i < size; i++) {
        *value |= (uint32_t)p->in[p->at + i] << (8 * i);
    }
    p->at += size;
    return true;
}

/* What stands behind a match whose three length bits are all set. */
static bool take_length(struct plain *p, uint64_t *length)
{
    uint32_t value = 0;
    if (p->half_at) {
        value = p->in[p->half_at] >> 4;
        p->half_at = 0;
    } else {
        p->half_at = p->at;
        if (!take(p, 1, &value)) {
            return false;
        }
        value &= 15;
    }
    *length = value + 7u;
    if (value < 15) {
        return true;
    }
    if (!take(p, 1, &value)) {
        return false;
    }
    *length = value + 15u + 7u;
    if (value < 255) {
        return true;
    }
    if (!take(p, 2, &value) || (value == 0 && !take(p, 4, &value))) {
        return false;
    }
    *length = value;
    return value >= 15 + 7;
}

static size_t unpack_plainly(const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size)
{
    struct plain p = {.in = in, .in_size = in_size};
    uint32_t flags = 0, left = 0, value = 0;
    for (size_t made = 0;;) {
        if (left == 0) {
            if (made == out_size || !take(&p, 4, &flags)) {
                return made;
            }
            left = 32;
        }
        left--;
        if (!(flags >> left & 1)) {
            if (made == out_size || !take(&p, 1, &value)) {
                return made;
            }
            out[made++] = (uint8_t)value;
            continue;
        }
        if (!take(&p, 2, &value)) {
            return made;
        }
        size_t distance = (value >> 3) + 1;
        uint64_t length = value & 7;
        if ((length == 7 && !take_length(&p, &length)) || distance > made ||
            length + 3 > out_size - made) {
            return made;
        }
        for (length += 3; length > 0; length--, made++) {
            out[made] = out[made - distance];
        }
    }
}

/* Random bytes as flags would nearly always fail at once: matches must have a
 * chance, so that bytes are mostly small. */
static void random_streams_unpack_as_the_plain_way_does(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int round = 0; round < 50000; round++) {
        uint8_t packed[300];
        uint8_t plain[2000];
        struct unpack_result result;
        size_t size = random_below(&seed, sizeof(packed));
        size_t room = random_below(&seed, sizeof(plain));
        for (size_t i = 0; i < size; i++) {
            uint64_t r = random_next(&seed);
            packed[i] = (uint8_t)(r & 0x300 ? r & 0x0F : r & 0x400 ? 0 : r);
        }
        size_t made = unpack_plainly(packed, size, plain, room);
        uint8_t *out = unpack(packed, size, room, &result);
        assert_int_equal(result.produced, made);
        assert_memory_equal(out, plain, made);
        free(out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_of_length_is_read),
        cmocka_unit_test(every_truncation_gives_a_beginning_of_the_output),
        cmocka_unit_test(too_little_room_is_damage_and_is_not_overrun),
        cmocka_unit_test(contradictions_are_damage),
        cmocka_unit_test(overlapping_copies_repeat_the_pattern),
        cmocka_unit_test(literals_of_every_number_come_out_as_they_are),
        cmocka_unit_test(an_unused_flag_word_at_the_end_is_left_alone),
        cmocka_unit_test(random_streams_unpack_as_the_plain_way_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
