/* SPDX-License-Identifier: MIT */
/*
 * xpress_compress.h - makes plain LZ77 XPRESS data ([MS-XCA] 2.3 and 2.4), the
 * compression of ETL buffers.
 *
 * Finds real matches, overlapping ones included, and writes lengths in the shortest
 * of their five forms.
 */
#ifndef SAMPLES_WRITER_XPRESS_COMPRESS_H
#define SAMPLES_WRITER_XPRESS_COMPRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "byte_block.h"

/* Appends the compressed form of `data` to `out`. False without memory. Keeps no
 * memory of earlier data: every call stands alone. */
bool xpress_compress(struct byte_block *out, const uint8_t *data, size_t size);

/* How many bytes come out of the first `size` bytes of compressed data: what a reader
 * gets from a buffer that was cut. */
size_t xpress_count_output(const uint8_t *data, size_t size);

#endif
