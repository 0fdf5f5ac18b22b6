/* SPDX-License-Identifier: MIT */
/*
 * bench_xpress - how fast the compressed buffers of a trace are unpacked.
 *
 *     bench_xpress TRACE.etl        lines "name value", for scripts/bench
 */
#include <stdio.h>
#include <stdlib.h>

#include "etw/container/buffer_scan.h"
#include "etw/container/xpress.h"
#include "etw/platform/platform.h"

#define REPEATS 20

struct sums {
    double seconds; /* of one unpacking of each buffer, the best of REPEATS */
    uint64_t produced;
    uint64_t buffers;
};

static bool measure(const uint8_t *packed, size_t packed_size, size_t size, struct sums *sums)
{
    uint8_t *out = malloc(size + XPRESS_SLACK);
    double best = 1e9;
    struct unpack_result result = {0};
    for (int i = 0; out && i < REPEATS; i++) {
        double begin = platform_seconds();
        result = xpress_unpack(packed, packed_size, out, size);
        double seconds = platform_seconds() - begin;
        best = seconds < best ? seconds : best;
    }
    free(out);
    sums->seconds += best;
    sums->produced += result.produced;
    sums->buffers++;
    return result.produced == size;
}

static bool measure_buffer(const struct byte_source *source, const struct buffer_place *place,
                           struct sums *sums)
{
    size_t got = 0;
    uint8_t *bytes = malloc(place->size);
    bool is_good =
        bytes &&
        byte_source_read(source, place->offset, bytes, place->size, &got, NULL) == ETW_OK &&
        got > BUFFER_HEADER_SIZE;
    if (is_good) {
        struct buffer_header header = buffer_header_read(bytes, got);
        is_good =
            !header.is_compressed || measure(bytes + BUFFER_HEADER_SIZE, got - BUFFER_HEADER_SIZE,
                                             header.offset - BUFFER_HEADER_SIZE, sums);
    }
    free(bytes);
    return is_good;
}

int main(int argc, char **argv)
{
    struct byte_source source;
    struct etw_error error = {.text = "name one trace"};
    if (argc != 2 || byte_source_open(&source, argv[1], &error) != ETW_OK) {
        (void)fprintf(stderr, "bench_xpress: %s\n", error.text);
        return 1;
    }
    struct buffer_scan scan;
    struct buffer_place place;
    struct findings findings = {0};
    struct sums sums = {0};
    bool is_good = true;
    buffer_scan_init(&scan, &source, 0);
    while (is_good && buffer_scan_next(&scan, &place, &findings, &error) == ETW_OK) {
        is_good = measure_buffer(&source, &place, &sums);
    }
    byte_source_close(&source);
    if (!is_good || sums.buffers == 0) {
        (void)fprintf(stderr, "bench_xpress: no compressed buffers, or one is damaged\n");
        return 1;
    }
    printf("compressed_buffers %llu\n", (unsigned long long)sums.buffers);
    printf("unpacked_bytes_per_second %.0f\n", (double)sums.produced / sums.seconds);
    return 0;
}
