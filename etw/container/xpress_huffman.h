/* SPDX-License-Identifier: MIT */
/*
 * xpress_huffman.h - unpack XPRESS Huffman (RtlCompressBuffer format 4), which buffers of
 * compressed traces may have instead of plain XPRESS.
 */
#ifndef ETW_CONTAINER_XPRESS_HUFFMAN_H
#define ETW_CONTAINER_XPRESS_HUFFMAN_H

#include <stdint.h>

#include "etw/container/unpack_result.h"

/* Unpacks until `out_size` bytes are there, the input is used up, or the data turn out to be
 * damaged. The end is not marked for sure, so the size must be known. [documented: MS-XCA 2.2] */
struct unpack_result xpress_huffman_unpack(const uint8_t *in, size_t in_size, uint8_t *out,
                                           size_t out_size);

#endif
