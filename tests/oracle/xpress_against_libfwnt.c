/* SPDX-License-Identifier: MIT */
/*
 * xpress_against_libfwnt.c - every compressed buffer of the traces named as
 * arguments gives the same bytes from our decompressor and from libfwnt.
 *
 * Walks the buffers by itself (size at 0x00, fill at 0x30, flags at 0x34), so
 * that it does not lean on the reader it belongs to.
 */
#include <libfwnt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "etw/base/bytes.h"
#include "etw/container/xpress.h"

enum { HEADER_SIZE = 0x48, FLAG_COMPRESSED = 0x40, SKIPPED = 77, SIZE_MAXIMUM = 16 << 20 };

struct counts {
    unsigned traces, buffers, differences;
    size_t bytes;
};

/* The whole file, to be freed by the caller; NULL: not readable. */
static uint8_t *read_file(const char *path, size_t *size)
{
    uint8_t *data = NULL;
    long length = -1;
    FILE *file = fopen(path, "rb");
    if (file && fseek(file, 0, SEEK_END) == 0) {
        length = ftell(file);
    }
    if (length > 0 && fseek(file, 0, SEEK_SET) == 0) {
        data = malloc((size_t)length);
    }
    if (data && fread(data, 1, (size_t)length, file) != (size_t)length) {
        free(data);
        data = NULL;
    }
    if (file) {
        (void)fclose(file);
    }
    *size = data ? (size_t)length : 0;
    return data;
}

static bool is_same(const uint8_t *packed, size_t packed_size, size_t size)
{
    bool same = false;
    uint8_t *ours = malloc(size + XPRESS_SLACK);
    uint8_t *theirs = malloc(size + XPRESS_SLACK);
    size_t theirs_size = size;
    if (ours && theirs) {
        struct unpack_result result = xpress_unpack(packed, packed_size, ours, size);
        int done = libfwnt_lzxpress_decompress(packed, packed_size, theirs, &theirs_size, NULL);
        /* A last flag word without items may be left over. */
        bool used_up = packed_size - result.consumed <= 4;
        same = !result.is_damaged && result.produced == size && used_up && done == 1 &&
               theirs_size == size && memcmp(ours, theirs, size) == 0;
    }
    free(ours);
    free(theirs);
    return same;
}

static void check_trace(const char *path, struct counts *counts)
{
    size_t size = 0;
    uint8_t *data = read_file(path, &size);
    size_t at = 0;
    while (data && at + HEADER_SIZE <= size) {
        size_t buffer_size = load_u32(data + at);
        size_t fill = load_u32(data + at + 0x30);
        if (buffer_size < HEADER_SIZE || buffer_size > size - at || fill < HEADER_SIZE ||
            fill > SIZE_MAXIMUM) {
            break;
        }
        if (load_u16(data + at + 0x34) & FLAG_COMPRESSED) {
            counts->buffers++;
            counts->bytes += fill - HEADER_SIZE;
            if (!is_same(data + at + HEADER_SIZE, buffer_size - HEADER_SIZE, fill - HEADER_SIZE)) {
                counts->differences++;
                (void)printf("%s: the buffer at %zu differs\n", path, at);
            }
        }
        at += buffer_size;
    }
    if (!data || at != size) {
        counts->differences++;
        (void)printf("%s: could not be walked to its end\n", path);
    }
    counts->traces++;
    free(data);
}

int main(int argc, char **argv)
{
    struct counts counts = {0};
    for (int i = 1; i < argc; i++) {
        check_trace(argv[i], &counts);
    }
    if (counts.buffers == 0 && counts.differences == 0) {
        (void)printf("SKIP: xpress_against_libfwnt: no compressed traces are there\n");
        return SKIPPED;
    }
    (void)printf("%u traces, %u compressed buffers, %zu bytes unpacked, %u differences\n",
                 counts.traces, counts.buffers, counts.bytes, counts.differences);
    return counts.differences ? 1 : 0;
}
