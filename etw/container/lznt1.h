/* SPDX-License-Identifier: MIT */
/*
 * lznt1.h - unpack LZNT1 (RtlCompressBuffer format 2): the assessment of the machine that
 * merging adds to a trace is packed so, and buffers of traces may be.
 */
#ifndef ETW_CONTAINER_LZNT1_H
#define ETW_CONTAINER_LZNT1_H

#include <stdint.h>

#include "etw/container/unpack_result.h"

/* Most that one chunk gives; each chunk takes at least three bytes of input. */
#define LZNT1_CHUNK_SIZE 4096u

/* Unpacks until the input is used up or ends itself, or the data turn out to be damaged, as they
 * are when more than `out_size` bytes come out. [documented: MS-XCA 2.5] */
struct unpack_result lznt1_unpack(const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size);

#endif
