/* SPDX-License-Identifier: MIT */
/*
 * xpress.h - unpack plain LZ77 XPRESS (the format of RtlCompressBuffer format 3),
 * which Windows uses for the buffers of compressed traces.
 */
#ifndef ETW_CONTAINER_XPRESS_H
#define ETW_CONTAINER_XPRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The output must have this many bytes of room behind `out_size`: copies are
 * done in wide steps. Nothing in there belongs to the result. */
#define XPRESS_SLACK 64

struct xpress_result {
    size_t produced; /* good bytes in the output, also after damage */
    size_t consumed; /* input bytes used for them */
    bool is_damaged; /* a copy from before the start, or past `out_size` */
};

/* Unpacks until the input is used up, `out_size` bytes are there, or the data
 * turn out to be damaged. [documented: MS-XCA 2.3, 2.4] */
struct xpress_result xpress_unpack(const uint8_t *in, size_t in_size, uint8_t *out,
                                   size_t out_size);

#endif
