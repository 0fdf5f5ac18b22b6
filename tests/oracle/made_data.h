/* SPDX-License-Identifier: MIT */
/*
 * made_data.h - data to pack, of every size that matters to LZNT1 (chunks of 4,096) and XPRESS
 * Huffman (blocks of 65,536) and of kinds that make different codes: words, runs, copies from near
 * and far, bytes of no order.
 */
#ifndef TESTS_ORACLE_MADE_DATA_H
#define TESTS_ORACLE_MADE_DATA_H

#include <stdint.h>

#include "tests/support/random.h"

enum { MADE_KINDS = 5, MADE_SIZES = 12, MADE_MAXIMUM = 70000 };
static const size_t made_sizes[MADE_SIZES] = {1,    2,    3,    16,    17,    100,
                                              4095, 4096, 4097, 20000, 65536, MADE_MAXIMUM};

/* `copies` of ten steps repeat something, from at most `farthest` back; the others are new bytes
 * out of `letters`. */
static inline void make_data(int kind, uint8_t *data, size_t size)
{
    static const struct {
        size_t copies, longest, farthest, letters;
    } kinds[MADE_KINDS] = {
        {7, 9, 2000, 26}, {9, 5000, 1, 256}, {8, 40, 60000, 256}, {0, 1, 1, 256}, {9, 300, 300, 4}};
    uint64_t seed = 77 + (uint64_t)kind;
    size_t at = 0;
    while (at < size) {
        bool is_copy = at > 0 && random_below(&seed, 10) < kinds[kind].copies;
        size_t reach = at < kinds[kind].farthest ? at : kinds[kind].farthest;
        size_t distance = is_copy ? 1 + random_below(&seed, reach) : 0;
        size_t length = 1 + random_below(&seed, kinds[kind].longest);
        for (size_t i = 0; i < length && at < size; i++, at++) {
            data[at] = is_copy ? data[at - distance]
                               : (uint8_t)('A' + random_below(&seed, kinds[kind].letters));
        }
    }
}

#endif
