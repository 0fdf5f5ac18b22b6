/* SPDX-License-Identifier: MIT */
/*
 * sample_events.c - large traces of socket events for measuring: the life of one
 * connection as TCPIP and Winsock-AFD log it, over and over, on several CPUs. Every
 * payload is made once; for each event only the time is put into it.
 */
#include "samples.h"

#include <inttypes.h>
#include <string.h>

#include "event_payload.h"

enum { SESSION_BUFFER = 512 * 1024, BUILD = 19045, VALUES_MAXIMUM = 8 };
enum { STEP = 53, /* 100 ns between events */ AT_TICKS = 16 };

#define TCPIP "Microsoft-Windows-TCPIP"
#define AFD   "Microsoft-Windows-Winsock-AFD"

struct planned_event {
    const char *provider;
    unsigned id, version;
    struct event_value values[VALUES_MAXIMUM];
};

#define LOCAL_END                                                                                  \
    {                                                                                              \
        "LocalAddress", "192.0.2.10:49731"                                                         \
    }
#define REMOTE_END                                                                                 \
    {                                                                                              \
        "RemoteAddress", "198.51.100.20:443"                                                       \
    }
#define TCB                                                                                        \
    {                                                                                              \
        "Tcb", "0xffffa08812345a20"                                                                \
    }
#define ENDPOINT                                                                                   \
    {                                                                                              \
        "Endpoint", "0xffffa0889abcd010"                                                           \
    }
#define PROCESS                                                                                    \
    {                                                                                              \
        "Process", "0xffffa0885555c080"                                                            \
    }

/* clang-format off */
static const struct planned_event events[] = {
    {AFD, 1000, 0, {{"EnterExit", "0"}, PROCESS, ENDPOINT, {"AddressFamily", "2"}, {"SocketType", "1"},
                    {"Protocol", "6"}, {"ProcessId", "4120"}}},
    {TCPIP, 1002, 0, {TCB, LOCAL_END, REMOTE_END, {"NewState", "2"}}},
    {TCPIP, 1051, 0, {{"OldState", "0"}, {"NewState", "2"}, {"SndNxt", "100"}, TCB}},
    {TCPIP, 1033, 1, {LOCAL_END, REMOTE_END, {"ProcessId", "4120"}, TCB}},
    {AFD, 1003, 0, {{"EnterExit", "0"}, PROCESS, ENDPOINT, {"BufferCount", "1"}, {"BufferLength", "517"}}},
    {TCPIP, 1159, 0, {TCB, {"NumBytes", "517"}, {"SndNxt", "2428590242"}}},
    {TCPIP, 1332, 0, {TCB, {"BytesSent", "517"}, {"SeqNo", "2428590242"}}},
    {TCPIP, 1074, 0, {TCB, {"NumBytes", "1460"}, {"SeqNo", "260959135"}}},
    {TCPIP, 1158, 0, {TCB, {"NumBytes", "1460"}, {"RcvNxt", "260960595"}}},
    {AFD, 1004, 0, {{"EnterExit", "1"}, PROCESS, ENDPOINT, {"BufferCount", "1"}, {"BufferLength", "1460"}}},
    {TCPIP, 1038, 1, {LOCAL_END, REMOTE_END, {"ProcessId", "4120"}, TCB}},
    {AFD, 1001, 0, {{"EnterExit", "0"}, PROCESS, ENDPOINT}},
};
/* clang-format on */

enum { EVENT_COUNT = sizeof(events) / sizeof(events[0]) };

static size_t count_values(const struct planned_event *event)
{
    size_t count = 0;
    while (count < VALUES_MAXIMUM && event->values[count].name) {
        count++;
    }
    return count;
}

static bool make_record(struct byte_block *record, const struct planned_event *event)
{
    const char *wrong = NULL;
    struct byte_block payload = {0};
    const struct event_layout *layout =
        event_layout_find(event->provider, event->id, event->version, BUILD);
    bool is_good =
        layout && payload_event(&payload, layout, 8, event->values, count_values(event), &wrong);
    if (is_good) {
        struct etl_event form = {.pointer_size = 8,
                                 .thread_id = 4128,
                                 .process_id = 4120,
                                 .provider = &event_layout_get_provider(layout)->guid,
                                 .id = layout->id,
                                 .version = layout->version,
                                 .level = layout->level,
                                 .opcode = layout->opcode,
                                 .task = layout->task,
                                 .keyword = layout->keyword,
                                 .payload = payload.data,
                                 .payload_size = payload.size};
        etl_record_event(record, &form);
    } else {
        fprintf(stderr, "event %u.%u: no layout, or no field %s\n", event->id, event->version,
                wrong ? wrong : "");
    }
    block_done(&payload);
    return is_good && !record->failed;
}

bool sample_rundown_record(struct byte_block *record)
{
    static const struct planned_event rundown = {
        TCPIP,
        1300,
        1,
        {TCB, LOCAL_END, {"RemoteAddress", "198.51.100.20:80"}, {"State", "4"}, {"Pid", "4120"}}};
    return make_record(record, &rundown);
}

static bool write_all(struct etl_writer *writer, struct byte_block *records, int64_t start,
                      const struct big_options *options, uint64_t *count)
{
    int64_t ticks = start;
    for (uint64_t written = 0; written < options->bytes; (*count)++) {
        struct byte_block *record = &records[*count % EVENT_COUNT];
        uint16_t cpu = (uint16_t)(*count / 5 % options->cpu_count);
        ticks += STEP;
        put_u64(record->data + AT_TICKS, (uint64_t)ticks);
        if (!etl_writer_add(writer, cpu, ticks, record->data, record->size, NULL)) {
            return false;
        }
        written += record->size;
    }
    return etl_writer_finish(writer);
}

bool sample_events(const char *path, const struct big_options *options, FILE *truth)
{
    struct etl_options form = {.session_name = "events",
                               .file_name = "C:\\traces\\events.etl",
                               .os_major = 10,
                               .os_build = BUILD,
                               .mode = ETL_MODE_SEQUENTIAL,
                               .buffer_size = SESSION_BUFFER,
                               .cpu_count = options->cpu_count,
                               .logger_id = 7,
                               .pointer_size = 8,
                               .clock = ETL_CLOCK_QPC,
                               .frequency = 10000000,
                               .start_ticks = 1000000,
                               .start_time = INT64_C(133486382451234567),
                               .boot_time = INT64_C(133486346451234567)};
    struct byte_block records[EVENT_COUNT] = {{0}};
    uint64_t count = 0;
    FILE *file = fopen(path, "wb");
    struct etl_writer *writer = file ? etl_writer_new(&form, file) : NULL;
    bool is_good = writer != NULL;
    for (size_t i = 0; i < EVENT_COUNT && is_good; i++) {
        is_good = make_record(&records[i], &events[i]);
    }
    is_good = is_good && write_all(writer, records, form.start_ticks, options, &count);
    if (is_good) {
        fprintf(truth, "records %" PRIu64 "\n", count + etl_writer_count_header_records(writer));
    }
    for (size_t i = 0; i < EVENT_COUNT; i++) {
        block_done(&records[i]);
    }
    etl_writer_free(writer);
    if (file && fclose(file) != 0) {
        is_good = false;
    }
    return is_good;
}
