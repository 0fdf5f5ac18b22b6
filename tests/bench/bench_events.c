/* SPDX-License-Identifier: MIT */
/*
 * bench_events - how fast the events of a trace are decoded, without any output.
 *
 *     bench_events TRACE.etl        lines "name value", for scripts/bench
 */
#include <stdio.h>

#include "etw/platform/platform.h"
#include "etw/trace.h"

static void count_field(void *context, const struct etw_field *field)
{
    (void)field;
    ++*(uint64_t *)context;
}

struct sums {
    uint64_t events, bound, fields;
};

static enum etw_status read_models(struct etw_trace *trace, struct sums *sums,
                                   struct etw_error *error)
{
    struct etw_event event;
    enum etw_status status = etw_trace_rewind(trace, error);
    while (status == ETW_OK && (status = etw_trace_next(trace, &event, error)) == ETW_OK) {
        sums->events++;
        sums->bound += event.kind != ETW_EVENT_OTHER;
    }
    return status;
}

static enum etw_status read_fields(struct etw_trace *trace, struct sums *sums,
                                   struct etw_error *error)
{
    const struct etw_record *record = NULL;
    const struct etw_fields_visitor visitor = {.context = &sums->fields, .value = count_field};
    struct etw_fields_result result;
    enum etw_status status = etw_trace_rewind(trace, error);
    while (status == ETW_OK && (status = etw_trace_next_record(trace, &record, error)) == ETW_OK) {
        etw_trace_read_fields(trace, record, &visitor, &result);
    }
    return status;
}

int main(int argc, char **argv)
{
    struct etw_trace *trace = NULL;
    struct etw_error error = {.text = "name one trace"};
    struct sums sums = {0};
    enum etw_status status =
        argc == 2 ? etw_trace_open(argv[1], NULL, &trace, &error) : ETW_ERR_INPUT;
    if (status == ETW_OK) {
        status = etw_trace_index(trace, NULL, NULL, &error);
    }
    double begin = platform_seconds();
    if (status == ETW_OK) {
        status = read_models(trace, &sums, &error);
    }
    double middle = platform_seconds();
    if (status == ETW_END) {
        status = read_fields(trace, &sums, &error);
    }
    double end = platform_seconds();
    etw_trace_close(trace);
    if (status != ETW_END || sums.events == 0) {
        (void)fprintf(stderr, "bench_events: %s\n", error.text);
        return 1;
    }
    printf("events %llu\n", (unsigned long long)sums.events);
    printf("bound_events %llu\n", (unsigned long long)sums.bound);
    printf("fields %llu\n", (unsigned long long)sums.fields);
    printf("models_per_second %.0f\n", (double)sums.events / (middle - begin));
    printf("decoded_per_second %.0f\n", (double)sums.events / (end - middle));
    return 0;
}
