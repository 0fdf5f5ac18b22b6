/* SPDX-License-Identifier: MIT */
/*
 * bench_ledger.c - what learning processes and sockets costs, and what is kept.
 *
 *     bench_ledger TRACE.etl
 *
 * Prints lines "name value". The reading of the trace, and the making of model events, is
 * measured alone first and taken off.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "correlate/ledger.h"
#include "etw/platform/platform.h"
#include "etw/trace.h"

#define ROW_SIZE    160 /* a process, a socket */
#define CHANGE_SIZE 12  /* a change of state */

static void stop(const struct etw_error *error)
{
    (void)fprintf(stderr, "bench_ledger: %s\n", error->text);
    exit(1);
}

/* Reads all events; those of sockets are counted. `ledger` may be NULL. */
static uint64_t read_all(struct etw_trace *trace, struct corr_ledger *ledger)
{
    struct etw_error error = {.status = ETW_OK};
    struct etw_event event;
    uint64_t bound = 0;
    enum etw_status status = etw_trace_rewind(trace, &error);
    while (!status && !(status = etw_trace_next(trace, &event, &error))) {
        bound += event.kind == ETW_EVENT_SOCKET;
        if (ledger) {
            status = corr_ledger_learn(ledger, &event, &error);
        }
    }
    if (status != ETW_END) {
        stop(&error);
    }
    return bound;
}

static void print_size(const struct corr_ledger *ledger)
{
    const struct corr_process *processes = NULL;
    const struct corr_socket *sockets = NULL;
    size_t process_count = corr_processes_list(corr_ledger_processes(ledger), &processes);
    size_t socket_count = corr_ledger_sockets(ledger, &sockets);
    size_t changes = 0;
    for (uint32_t row = 0; row < socket_count; row++) {
        changes += corr_ledger_state_count(ledger, row);
    }
    (void)printf("processes %zu\nsockets %zu\nstate_changes %zu\nledger_bytes %zu\n", process_count,
                 socket_count, changes,
                 (process_count + socket_count) * ROW_SIZE + changes * CHANGE_SIZE);
}

int main(int argc, char **argv)
{
    struct etw_error error = {.status = ETW_OK};
    struct etw_trace *trace = NULL;
    struct corr_ledger *ledger = NULL;
    const struct corr_ledger_options options = {.has_socket_events = true};
    if (argc != 2) {
        (void)fprintf(stderr, "usage: bench_ledger TRACE.etl\n");
        return 2;
    }
    if (etw_trace_open(argv[1], NULL, &trace, &error) ||
        etw_trace_index(trace, NULL, NULL, &error) || corr_ledger_new(&options, &ledger, &error)) {
        stop(&error);
    }
    (void)read_all(trace, NULL); /* so that the file is in memory for both */
    double begun = platform_seconds();
    uint64_t bound = read_all(trace, NULL);
    double reading = platform_seconds() - begun;
    begun = platform_seconds();
    (void)read_all(trace, ledger);
    if (corr_ledger_finish(ledger, &error)) {
        stop(&error);
    }
    double both = platform_seconds() - begun;
    double learning = both > reading ? both - reading : 1e-9;
    (void)printf("bound_events %" PRIu64 "\nlearned_per_second %.0f\nread_and_learned_per_second "
                 "%.0f\n",
                 bound, (double)bound / learning, (double)bound / both);
    print_size(ledger);
    corr_ledger_free(ledger);
    etw_trace_close(trace);
    return 0;
}
