/* SPDX-License-Identifier: MIT */
/*
 * bench_event_rows.c - what one event costs in each output, without reading a trace
 * and without a disk: the fields of an event as TCPIP logs them are handed to the
 * writer. One line per case: name, events, ns per event, events/s, MB/s.
 */
#include <stdio.h>
#include <stdlib.h>

#include "etw/platform/platform.h"
#include "pcapout/event_rows.h"

#define ROWS 1000000u

static const struct etw_map_entry states[] = {
    {0, "Closed"}, {1, "Listen"}, {2, "SynSent"}, {3, "SynRcvd"}, {4, "Established"}};
static const struct etw_map state_map = {.name = "TcpState", .entries = states, .entry_count = 5};

static const uint8_t local[16] = {2, 0, 0xC4, 0xB5, 192, 0, 2, 10};
static const uint8_t remote[16] = {2, 0, 0x01, 0xBB, 198, 51, 100, 7};

/* A state change and a request to connect in one. */
static const struct etw_field sample_fields[] = {
    {.name = "Tcb", .kind = ETW_FIELD_POINTER, .width = 8, .number = 0xFFFFE00012345678},
    {.name = "LocalAddressLength", .kind = ETW_FIELD_UNSIGNED, .width = 4, .number = 16},
    {.name = "LocalAddress", .kind = ETW_FIELD_SOCKADDR, .bytes = {.data = local, .size = 16}},
    {.name = "RemoteAddressLength", .kind = ETW_FIELD_UNSIGNED, .width = 4, .number = 16},
    {.name = "RemoteAddress", .kind = ETW_FIELD_SOCKADDR, .bytes = {.data = remote, .size = 16}},
    {.name = "OldState", .kind = ETW_FIELD_MAP, .width = 4, .number = 0, .map = &state_map},
    {.name = "NewState", .kind = ETW_FIELD_MAP, .width = 4, .number = 2, .map = &state_map},
    {.name = "SndNxt", .kind = ETW_FIELD_UNSIGNED, .width = 4, .number = 2428590242},
    {.name = "Status", .kind = ETW_FIELD_NTSTATUS, .width = 4, .number = 0},
    {.name = "ProcessId", .kind = ETW_FIELD_UNSIGNED, .width = 4, .number = 1504},
};
#define FIELD_COUNT (sizeof(sample_fields) / sizeof(sample_fields[0]))

static void bench(const char *name, enum out_format format, size_t field_count)
{
    static const uint8_t guid[16] = {0xEE, 0xE2, 0x07, 0x2F, 0xDB, 0x15, 0xF1, 0x40};
    const struct out_event_rows_options options = {.format = format, .width = 160};
    const struct etw_fields_result result = {.decoded = ETW_DECODED_WHOLLY,
                                             .source = ETW_SCHEMA_BUILT_IN,
                                             .provider_name = "Microsoft-Windows-TCPIP",
                                             .event_name = "TcpRequestConnect"};
    struct etw_record record = {.class_of = RECORD_IS_MANIFEST,
                                .id = 1002,
                                .level = 4,
                                .process_id = 1504,
                                .thread_id = 2300,
                                .keywords = 0x8000000200000080,
                                .time = INT64_C(132539040001234567),
                                .provider = guid};
    struct out_file *file = NULL;
    struct out_event_rows *rows = NULL;
    if (out_file_open_null(&file, NULL) || out_event_rows_new(file, &options, &rows, NULL)) {
        exit(1);
    }
    double start = platform_seconds();
    for (unsigned i = 0; i < ROWS; i++) {
        const struct etw_fields_visitor *visitor = out_event_rows_visitor(rows);
        for (size_t k = 0; k < field_count; k++) {
            visitor->value(visitor->context, &sample_fields[k]);
        }
        record.time += 1717;
        record.offset += 150;
        if (out_event_rows_event(rows, &record, &result, NULL)) {
            exit(1);
        }
    }
    double seconds = platform_seconds() - start;
    (void)out_event_rows_finish(rows, NULL);
    (void)printf("%-24s %8u events %7.1f ns each %10.0f events/s %7.1f MB/s\n", name, ROWS,
                 seconds * 1e9 / ROWS, ROWS / seconds, (double)out_file_size(file) / seconds / 1e6);
    out_event_rows_free(rows);
    out_file_abort(file);
}

int main(void)
{
    bench("ndjson", OUT_NDJSON, FIELD_COUNT);
    bench("ndjson without fields", OUT_NDJSON, 0);
    bench("csv", OUT_CSV, FIELD_COUNT);
    bench("text 160 columns", OUT_TEXT, FIELD_COUNT);
    return 0;
}
