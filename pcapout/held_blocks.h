/* SPDX-License-Identifier: MIT */
/*
 * held_blocks.h - blocks of packets that wait for one whose place comes before them and whose bytes
 * are not complete: an SMB message in fragments, between which packets were recorded.
 *
 *     held_blocks_keep_place(held, 7);            the next block belongs to message 7
 *     to = held_blocks_reserve(held, size);       those that follow wait
 *     ... fill ...; held_blocks_advance(held, written);
 *     held_blocks_fill(held, 7, block, size);     or held_blocks_leave(held, 7)
 *     held_blocks_write(held, file, &error);      what waits for nothing any more
 *
 * Memory: HELD_BLOCKS_MAXIMUM; what is more makes the first place be given up, and its block comes
 * late.
 */
#ifndef PCAPOUT_HELD_BLOCKS_H
#define PCAPOUT_HELD_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "etw/base/error.h"
#include "pcapout/output_file.h"

#define HELD_BLOCKS_MAXIMUM ((size_t)64 << 20)

struct held_block;

/* Zeroed: nothing waits. */
struct held_blocks {
    struct held_block *first, *last; /* owned */
    struct held_block *place;        /* the first that is kept; NULL: none */
    size_t size;                     /* bytes that wait */
};

void held_blocks_done(struct held_blocks *held);
static inline bool held_blocks_is_empty(const struct held_blocks *held)
{
    return !held->first;
}

/* Numbers are not 0 and not the same for two places, which are few at a time. False: no memory. */
bool held_blocks_keep_place(struct held_blocks *held, uint64_t number);
/* Room for one more block behind all others; NULL: no memory. `size` is what advance() takes at
 * most; it becomes part of what waits with advance() only. */
uint8_t *held_blocks_reserve(struct held_blocks *held, size_t size);
void held_blocks_advance(struct held_blocks *held, size_t size);
/* Copies a block into its place; false: the place was given up, or there is no memory, which
 * `*has_failed` says. */
bool held_blocks_fill(struct held_blocks *held, uint64_t number, const void *block, size_t size,
                      bool *has_failed);
/* There is no block for this place after all. */
void held_blocks_leave(struct held_blocks *held, uint64_t number);
/* Writes up to the first place that is still kept. */
enum etw_status held_blocks_write(struct held_blocks *held, struct out_file *file,
                                  struct etw_error *error);

#endif
