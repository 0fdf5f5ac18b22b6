/* SPDX-License-Identifier: MIT */
/*
 * output_file.h - where bytes go: collected in large blocks and written by a
 * thread of their own, to a file that appears only when complete, or to a pipe.
 *
 * Errors of the writing thread come back from a later call, at the latest from
 * out_file_commit().
 */
#ifndef PCAPOUT_OUTPUT_FILE_H
#define PCAPOUT_OUTPUT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "etw/base/error.h"

struct out_file;

/* See platform_output_open() for `path`, `replace` and `is_binary`. */
enum etw_status out_file_open(const char *path, bool replace, bool is_binary, struct out_file **out,
                              struct etw_error *error);
/* Writes to nothing; counts bytes. For tests and measurements. */
enum etw_status out_file_open_null(struct out_file **out, struct etw_error *error);
/* Collects in memory; out_file_get_memory() borrows it until commit or abort. */
enum etw_status out_file_open_memory(struct out_file **out, struct etw_error *error);
const uint8_t *out_file_get_memory(const struct out_file *file, size_t *size);

/* Room for `size` bytes (at most OUT_RESERVE_MAXIMUM) that become part of the
 * output by out_file_advance(). NULL: failed, see out_file_status(). */
#define OUT_RESERVE_MAXIMUM (1u << 20)
uint8_t *out_file_reserve(struct out_file *file, size_t size);
void out_file_advance(struct out_file *file, size_t size);
enum etw_status out_file_write(struct out_file *file, const void *data, size_t size,
                               struct etw_error *error);
/* Hands everything collected so far to the system; for rows in a pipe. */
enum etw_status out_file_flush(struct out_file *file, struct etw_error *error);
enum etw_status out_file_status(struct out_file *file, struct etw_error *error);
uint64_t out_file_size(const struct out_file *file);

/* Both end the file object. */
enum etw_status out_file_commit(struct out_file *file, struct etw_error *error);
void out_file_abort(struct out_file *file); /* NULL is allowed */

#endif
