/* SPDX-License-Identifier: MIT */
/*
 * methods_against_libfwnt.c - LZNT1 and XPRESS Huffman data of the writer of samples give the same
 * bytes from our decompressors and from libfwnt. No real buffer is known to have these methods.
 */
#include <libfwnt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "etw/container/lznt1.h"
#include "etw/container/xpress_huffman.h"
#include "other_compression.h"
#include "tests/oracle/made_data.h"

static const struct method {
    const char *name;
    bool (*pack)(struct byte_block *, const uint8_t *, size_t);
    struct unpack_result (*ours)(const uint8_t *, size_t, uint8_t *, size_t);
    int (*theirs)(const uint8_t *, size_t, uint8_t *, size_t *, libfwnt_error_t **);
} methods[] = {
    {"LZNT1", lznt1_compress, lznt1_unpack, libfwnt_lznt1_decompress},
    {"XPRESS Huffman", xpress_huffman_compress, xpress_huffman_unpack,
     libfwnt_lzxpress_huffman_decompress},
};

static uint8_t data[MADE_MAXIMUM], ours[MADE_MAXIMUM], theirs[MADE_MAXIMUM + 1];

static bool is_same(const struct method *method, size_t size)
{
    struct byte_block packed = {0};
    bool same = method->pack(&packed, data, size);
    if (same) {
        size_t theirs_size = size;
        struct unpack_result result = method->ours(packed.data, packed.size, ours, size);
        int done = method->theirs(packed.data, packed.size, theirs, &theirs_size, NULL);
        same = !result.is_damaged && !result.is_cut && result.produced == size && done == 1 &&
               theirs_size == size && memcmp(ours, theirs, size) == 0 &&
               memcmp(ours, data, size) == 0;
    }
    block_done(&packed);
    return same;
}

int main(void)
{
    unsigned done = 0, differences = 0;
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        for (int kind = 0; kind < MADE_KINDS; kind++) {
            for (size_t size = 0; size < MADE_SIZES; size++) {
                make_data(kind, data, made_sizes[size]);
                done++;
                if (!is_same(&methods[i], made_sizes[size])) {
                    differences++;
                    (void)printf("%s: kind %d, %zu bytes differ\n", methods[i].name, kind,
                                 made_sizes[size]);
                }
            }
        }
    }
    (void)printf("%u packed blocks, %u differences\n", done, differences);
    return differences ? 1 : 0;
}
