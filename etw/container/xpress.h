/* SPDX-License-Identifier: MIT */
/*
 * xpress.h - unpack plain LZ77 XPRESS (the format of RtlCompressBuffer format 3),
 * which Windows uses for the buffers of compressed traces.
 */
#ifndef ETW_CONTAINER_XPRESS_H
#define ETW_CONTAINER_XPRESS_H

#include <stdint.h>

#include "etw/container/unpack_result.h"

/* The output must have this many bytes of room behind `out_size`: copies are
 * done in wide steps. Nothing in there belongs to the result. */
#define XPRESS_SLACK 64

/* Unpacks until the input is used up, `out_size` bytes are there, or the data
 * turn out to be damaged. [documented: MS-XCA 2.3, 2.4] */
struct unpack_result xpress_unpack(const uint8_t *in, size_t in_size, uint8_t *out,
                                   size_t out_size);

#endif
