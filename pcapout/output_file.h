/* SPDX-License-Identifier: MIT */
/*
 * output_file.h - where bytes go: collected in large blocks and written by a
 * thread of their own, to a file that appears only when complete, or to a pipe.
 *
 *     out_file_open(path, false, true, &file, &error);
 *     uint8_t *to = out_file_reserve(file, 64);
 *     if (to) { ... fill ...; out_file_advance(file, 64); }
 *     status = out_file_commit(file, &error);
 *
 * Errors of the writing thread come back from a later call, at the latest from
 * out_file_commit(). The thread starts with the second block, so that small
 * outputs need none. One out_file belongs to one thread at a time.
 */
#ifndef PCAPOUT_OUTPUT_FILE_H
#define PCAPOUT_OUTPUT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "etw/base/error.h"

/* Only what the fast path below needs; the rest is private. */
struct out_file {
    uint8_t *at;  /* where the next byte goes */
    uint8_t *end; /* of the room behind it */
};

/* See platform_output_open() for `path`, `replace` and `is_binary`. */
enum etw_status out_file_open(const char *path, bool replace, bool is_binary, struct out_file **out,
                              struct etw_error *error);
/* The same, compressed on its way, by the thread that writes. */
enum etw_status out_file_open_gzip(const char *path, bool replace, struct out_file **out,
                                   struct etw_error *error);
/* Writes to nothing; counts bytes. For tests and measurements. */
enum etw_status out_file_open_null(struct out_file **out, struct etw_error *error);
/* Collects in memory; out_file_get_memory() borrows it until the next write,
 * commit or abort. */
enum etw_status out_file_open_memory(struct out_file **out, struct etw_error *error);
const uint8_t *out_file_get_memory(const struct out_file *file, size_t *size);

/* Most that can be reserved at once. */
#define OUT_RESERVE_MAXIMUM (1u << 20)

/* Private: makes room when the block is full. */
uint8_t *out_file_make_room(struct out_file *file, size_t size);

/* Room for `size` bytes (at most OUT_RESERVE_MAXIMUM) that become part of the
 * output by out_file_advance(). NULL: failed, see out_file_status(). */
static inline uint8_t *out_file_reserve(struct out_file *file, size_t size)
{
    return (size_t)(file->end - file->at) >= size ? file->at : out_file_make_room(file, size);
}

static inline void out_file_advance(struct out_file *file, size_t size)
{
    file->at += size;
}

enum etw_status out_file_write(struct out_file *file, const void *data, size_t size,
                               struct etw_error *error);
/* Hands everything collected so far to the system; for rows in a pipe. */
enum etw_status out_file_flush(struct out_file *file, struct etw_error *error);
enum etw_status out_file_status(struct out_file *file, struct etw_error *error);
/* Bytes of the output so far, before compression. */
uint64_t out_file_size(const struct out_file *file);

/* Both end the file object. */
enum etw_status out_file_commit(struct out_file *file, struct etw_error *error);
void out_file_abort(struct out_file *file); /* NULL is allowed */

#endif
