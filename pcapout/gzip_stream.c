/* SPDX-License-Identifier: MIT */
#include "pcapout/gzip_stream.h"

#define ZLIB_CONST /* zlib only reads its input */
#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#define PACKED_SIZE    ((size_t)1 << 18)
#define LEVEL          6
#define WINDOW_AS_GZIP (15 + 16) /* 32 KiB, with gzip's header and checksum */
#define MEMORY_LEVEL   8
#define SYSTEM_UNKNOWN 255

struct gzip_stream {
    z_stream zlib;
    gz_header header;
    uint8_t packed[PACKED_SIZE];
};

enum etw_status gzip_stream_new(struct gzip_stream **out, struct etw_error *error)
{
    struct gzip_stream *stream = calloc(1, sizeof(*stream));
    if (!stream || deflateInit2(&stream->zlib, LEVEL, Z_DEFLATED, WINDOW_AS_GZIP, MEMORY_LEVEL,
                                Z_DEFAULT_STRATEGY) != Z_OK) {
        free(stream);
        return etw_fail_memory(error, "the compression of the output");
    }
    stream->header.os = SYSTEM_UNKNOWN;
    (void)deflateSetHeader(&stream->zlib, &stream->header);
    *out = stream;
    return ETW_OK;
}

void gzip_stream_free(struct gzip_stream *stream)
{
    if (stream) {
        (void)deflateEnd(&stream->zlib);
        free(stream);
    }
}

/* Packs what the stream was given and writes what comes out. `flush`: Z_NO_FLUSH or Z_FINISH. */
static enum etw_status pump(struct gzip_stream *stream, struct platform_output *to, int flush,
                            struct etw_error *error)
{
    enum etw_status status = ETW_OK;
    do {
        stream->zlib.next_out = stream->packed;
        stream->zlib.avail_out = PACKED_SIZE;
        (void)deflate(&stream->zlib, flush); /* fails only when misused */
        size_t size = PACKED_SIZE - stream->zlib.avail_out;
        if (size > 0) {
            status = platform_output_write(to, stream->packed, size, error);
        }
    } while (!status && stream->zlib.avail_out == 0);
    return status;
}

enum etw_status gzip_stream_write(struct gzip_stream *stream, struct platform_output *to,
                                  const void *data, size_t size, struct etw_error *error)
{
    const uint8_t *from = data;
    enum etw_status status = ETW_OK;
    while (!status && size > 0) {
        unsigned part = size < UINT_MAX ? (unsigned)size : UINT_MAX;
        stream->zlib.next_in = from;
        stream->zlib.avail_in = part;
        status = pump(stream, to, Z_NO_FLUSH, error);
        from += part;
        size -= part;
    }
    return status;
}

enum etw_status gzip_stream_finish(struct gzip_stream *stream, struct platform_output *to,
                                   struct etw_error *error)
{
    stream->zlib.avail_in = 0;
    return pump(stream, to, Z_FINISH, error);
}
