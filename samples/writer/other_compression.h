/* SPDX-License-Identifier: MIT */
/*
 * other_compression.h - LZNT1 and XPRESS Huffman data ([MS-XCA] 2.5 and 2.1), for
 * files that mark their buffers with State 2 or 4. Real files all hold plain XPRESS; a
 * reader should know what to do with the others all the same.
 */
#ifndef SAMPLES_WRITER_OTHER_COMPRESSION_H
#define SAMPLES_WRITER_OTHER_COMPRESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "byte_block.h"

/* Both append the compressed form of `data` to `out`. False without memory. */
bool lznt1_compress(struct byte_block *out, const uint8_t *data, size_t size);
bool xpress_huffman_compress(struct byte_block *out, const uint8_t *data, size_t size);

#endif
