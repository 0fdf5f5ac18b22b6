/* SPDX-License-Identifier: MIT */
/* Entry: three bytes of output size, then packed bytes. Holds: never writes past the output, and
 * what it says it used and made is within bounds. */
#include <stdint.h>
#include <stdlib.h>

#include "etw/container/xpress_huffman.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t out_size = size < 3 ? 0 : (size_t)data[0] | (size_t)data[1] << 8 | (data[2] & 3u) << 16;
    uint8_t *out = malloc(out_size > 0 ? out_size : 1);
    if (size >= 3 && out) {
        struct unpack_result result = xpress_huffman_unpack(data + 3, size - 3, out, out_size);
        if (result.produced > out_size || result.consumed > size - 3) {
            abort();
        }
    }
    free(out);
    return 0;
}
