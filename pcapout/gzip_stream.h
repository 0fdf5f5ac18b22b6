/* SPDX-License-Identifier: MIT */
/*
 * gzip_stream.h - bytes on their way to an output as one gzip member [documented: RFC 1952].
 * Without name and time in its header, so that the same bytes make the same file.
 *
 * Belongs to one thread at a time. After an error nothing more is to be written to it.
 */
#ifndef PCAPOUT_GZIP_STREAM_H
#define PCAPOUT_GZIP_STREAM_H

#include <stddef.h>

#include "etw/platform/platform.h"

struct gzip_stream;

enum etw_status gzip_stream_new(struct gzip_stream **out, struct etw_error *error);
void gzip_stream_free(struct gzip_stream *stream); /* NULL is allowed */

enum etw_status gzip_stream_write(struct gzip_stream *stream, struct platform_output *to,
                                  const void *data, size_t size, struct etw_error *error);
/* What is still held back, and the checksum. */
enum etw_status gzip_stream_finish(struct gzip_stream *stream, struct platform_output *to,
                                   struct etw_error *error);

#endif
