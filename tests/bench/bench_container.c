/* SPDX-License-Identifier: MIT */
/*
 * bench_container - how fast the records of a trace are found and put in order,
 * and the memory it takes, term by term.
 *
 *     bench_container TRACE.etl        lines "name value", for scripts/bench
 */
#include <inttypes.h>
#include <stdio.h>

#include "etw/platform/platform.h"
#include "etw/trace.h"

#define REPEATS 5

/* Bytes of the index per buffer, by etw/container/buffer_index.h. */
#define INDEX_ROW_BYTES 32u

static double time_of_walk(struct etw_trace *trace, uint64_t *records, struct etw_error *error)
{
    const struct etw_record *record = NULL;
    double begin = platform_seconds();
    enum etw_status status = etw_trace_rewind(trace, error);
    *records = 0;
    while (status == ETW_OK && (status = etw_trace_next_record(trace, &record, error)) == ETW_OK) {
        (*records)++;
    }
    return status == ETW_END ? platform_seconds() - begin : -1.0;
}

static double best_walk(struct etw_trace *trace, uint64_t *records, struct etw_error *error)
{
    double best = time_of_walk(trace, records, error);
    for (int i = 1; i < REPEATS && best >= 0; i++) {
        double next = time_of_walk(trace, records, error);
        best = next < best ? next : best;
    }
    return best;
}

static void print_memory(const struct etw_totals *totals)
{
    printf("buffers %" PRIu64 "\n", totals->buffers);
    printf("index_bytes %" PRIu64 "\n", totals->buffers * INDEX_ROW_BYTES);
    printf("open_buffers %u\n", totals->overlap);
    printf("open_bytes %" PRIu64 "\n", totals->overlap_bytes);
    printf("peak_bytes %" PRIu64 "\n", platform_peak_memory());
}

int main(int argc, char **argv)
{
    struct etw_trace *trace = NULL;
    struct etw_error error = {.text = "name one trace"};
    double begin = platform_seconds();
    enum etw_status status =
        argc == 2 ? etw_trace_open(argv[1], NULL, &trace, &error) : ETW_ERR_INPUT;
    if (status == ETW_OK) {
        status = etw_trace_index(trace, NULL, NULL, &error);
    }
    double index_seconds = platform_seconds() - begin;
    uint64_t records = 0;
    double walk_seconds = status == ETW_OK ? best_walk(trace, &records, &error) : -1.0;
    if (walk_seconds < 0) {
        (void)fprintf(stderr, "bench_container: %s\n", error.text);
        etw_trace_close(trace);
        return 1;
    }
    const struct etw_totals *totals = etw_trace_get_totals(trace);
    printf("records %" PRIu64 "\n", records);
    printf("index_records_per_second %.0f\n", (double)totals->records_found / index_seconds);
    printf("walk_records_per_second %.0f\n", (double)records / walk_seconds);
    printf("walk_bytes_per_second %.0f\n", (double)totals->file_size / walk_seconds);
    print_memory(totals);
    etw_trace_close(trace);
    return 0;
}
