/* SPDX-License-Identifier: MIT */
/* The classic tables against real traces, where there are any. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "etw/schema/classic_schemas.h"
#include "etw/schema/payload.h"
#include "etw/trace.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

static const char *const real_traces[] = {
    "events-lost-3",
    "image-v0-32bit",
    "kernel-logger-win8-wow64",
    "kernel-network-win7",
    "kernel-process-win7",
    "merged-two-sessions",
    "netsh-win10-19044",
    "pktmon-server2022-20348",
    "pktmon-win10-19042",
    "pktmon-win11-22621-empty",
    "pktmon-win11-26200",
    "private-logger-wpp-1",
    "private-logger-wpp-2",
    "private-logger-wpp-3",
    "process-v1-32bit",
    "process-v2-64bit",
    "process-v3-32bit",
    "smallest-32bit-compressed",
    "tiny",
    "tracelogging-single",
    "tracelogging-types",
};

/* Events that one trace has: names as in the tables. */
static const struct count_row {
    const char *trace, *class_of, *event;
    unsigned count;
} real_counts[] = {
    {"kernel-logger-win8-wow64", "TcpIp", "Send", 2},
    {"kernel-logger-win8-wow64", "TcpIp", "Recv", 1},
    {"kernel-logger-win8-wow64", "TcpIp", "SendIPV6", 232},
    {"kernel-logger-win8-wow64", "TcpIp", "RecvIPV6", 241},
    {"kernel-logger-win8-wow64", "TcpIp", "Accept", 1},
    {"kernel-logger-win8-wow64", "TcpIp", "Disconnect", 1},
    {"kernel-logger-win8-wow64", "UdpIp", "Send", 16},
    {"kernel-logger-win8-wow64", "UdpIp", "Recv", 14},
    {"kernel-logger-win8-wow64", "UdpIp", "SendIPV6", 12},
    {"kernel-logger-win8-wow64", "UdpIp", "RecvIPV6", 6},
    {"kernel-logger-win8-wow64", "Process", "DCStart", 35},
    {"kernel-logger-win8-wow64", "Process", "DCStop", 35},
    {"kernel-logger-win8-wow64", "Process", "Start", 1},
    {"kernel-logger-win8-wow64", "Process", "Stop", 1},
    {"process-v1-32bit", "Process", "Start", 1},
    {"process-v2-64bit", "Process", "DCStart", 3},
    {"process-v3-32bit", "Process", "DCStop", 3},
    {"image-v0-32bit", "Image", "DCStart", 24},
    {"netsh-win10-19044", "SystemConfigEx", "NetworkInterface", 80},
};
static unsigned found_counts[COUNT_OF(real_counts)];

static void count_event(const char *trace, const struct event_schema *schema)
{
    for (size_t i = 0; i < COUNT_OF(real_counts); i++) {
        const struct count_row *row = &real_counts[i];
        found_counts[i] += strcmp(row->trace, trace) == 0 &&
                           strcmp(row->class_of, schema->provider_name) == 0 &&
                           strcmp(row->event, schema->event_name) == 0;
    }
}

static void check_record(const char *trace, const struct etw_record *record)
{
    static const struct etw_fields_visitor nobody;
    if (record->class_of != RECORD_IS_KERNEL && record->class_of != RECORD_IS_CLASSIC) {
        return;
    }
    const struct event_schema *schema = classic_schema_find(record);
    if (!schema) {
        fail_msg("%s: no schema: group %u, opcode %u, version %u", trace, record->group,
                 record->opcode, record->version);
        return;
    }
    struct payload_end end =
        payload_read(schema, &record->payload, classic_pointer_size(schema, record), &nobody);
    if (end.decoded != ETW_DECODED_WHOLLY || end.unread != 0 ||
        schema->version != record->version) {
        fail_msg("%s: %s/%s version %u: %zu of %zu bytes left, %s", trace, schema->provider_name,
                 schema->event_name, record->version, end.unread, record->payload.size,
                 end.why ? end.why : "");
    }
    count_event(trace, schema);
}

static bool check_trace(const char *name)
{
    char path[1024];
    struct etw_trace *trace = NULL;
    struct etw_error error;
    const struct etw_record *record;
    (void)snprintf(path, sizeof(path), "%s/%s.etl", REAL_TRACES, name);
    if (etw_trace_open(path, NULL, &trace, &error) != ETW_OK) {
        return false;
    }
    assert_int_equal(etw_trace_index(trace, NULL, NULL, &error), ETW_OK);
    assert_int_equal(etw_trace_rewind(trace, &error), ETW_OK);
    while (etw_trace_next_record(trace, &record, &error) == ETW_OK) {
        check_record(name, record);
    }
    etw_trace_close(trace);
    return true;
}

static void every_classic_record_of_real_traces_is_read_to_its_last_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(real_traces); i++) {
        if (!check_trace(real_traces[i])) {
            (void)printf("SKIP: no %s.etl in %s\n", real_traces[i], REAL_TRACES);
            skip();
        }
    }
    for (size_t i = 0; i < COUNT_OF(real_counts); i++) {
        if (found_counts[i] != real_counts[i].count) {
            fail_msg("%s: %s/%s: %u", real_counts[i].trace, real_counts[i].class_of,
                     real_counts[i].event, found_counts[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_classic_record_of_real_traces_is_read_to_its_last_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
