/* SPDX-License-Identifier: MIT */
/*
 * huffman_against_libwim.c - blocks that libwim packs as XPRESS Huffman come out as they were, at
 * every effort of its, and their cut and changed forms stay within bounds.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wimlib.h>

#include "etw/container/xpress_huffman.h"
#include "tests/oracle/made_data.h"

enum { BLOCK = 65536 };

static uint8_t data[BLOCK], packed[BLOCK], unpacked[BLOCK];
static unsigned done, differences;

/* What is wrong must be noticed or give other bytes, and never more than there is room for. */
static void spoil(size_t packed_size, size_t size, uint64_t *seed)
{
    for (int i = 0; i < 20; i++) {
        size_t at = random_below(seed, packed_size);
        struct unpack_result result = xpress_huffman_unpack(packed, at, unpacked, size);
        if (at + 4 < packed_size && !result.is_cut) {
            differences++;
            (void)printf("a block of %zu bytes, cut at %zu: not noticed\n", packed_size, at);
        }
        uint8_t change = (uint8_t)(1 + random_below(seed, 255));
        packed[at] ^= change;
        result = xpress_huffman_unpack(packed, packed_size, unpacked, size);
        if (result.produced > size || result.consumed > packed_size) {
            differences++;
            (void)printf("a changed block goes beyond its bounds\n");
        }
        packed[at] ^= change;
    }
}

static void check(struct wimlib_compressor *compressor, int kind, size_t size)
{
    static uint64_t seed = 4;
    make_data(kind, data, size);
    size_t packed_size = wimlib_compress(data, size, packed, sizeof(packed), compressor);
    if (packed_size == 0) {
        return; /* it does not shrink */
    }
    done++;
    struct unpack_result result = xpress_huffman_unpack(packed, packed_size, unpacked, size);
    if (result.is_damaged || result.is_cut || result.produced != size ||
        result.consumed + 4 < packed_size || memcmp(data, unpacked, size) != 0) {
        differences++;
        (void)printf("kind %d, %zu bytes: %zu produced, %zu of %zu used\n", kind, size,
                     result.produced, result.consumed, packed_size);
    }
    spoil(packed_size, size, &seed);
}

int main(void)
{
    static const unsigned efforts[] = {1, 20, 50, 100};
    for (size_t i = 0; i < sizeof(efforts) / sizeof(efforts[0]); i++) {
        struct wimlib_compressor *compressor = NULL;
        if (wimlib_create_compressor(WIMLIB_COMPRESSION_TYPE_XPRESS, BLOCK, efforts[i],
                                     &compressor)) {
            (void)printf("libwim makes no compressor\n");
            return 1;
        }
        for (int kind = 0; kind < MADE_KINDS; kind++) {
            for (size_t size = 0; size < MADE_SIZES && made_sizes[size] <= BLOCK; size++) {
                check(compressor, kind, made_sizes[size]);
            }
        }
        wimlib_free_compressor(compressor);
    }
    (void)printf("%u blocks of libwim, %u differences\n", done, differences);
    return differences || done == 0 ? 1 : 0;
}
