/* SPDX-License-Identifier: MIT */
#include "etw/trace.h"

#include <stdlib.h>
#include <string.h>

#include "etw/container/buffer_index.h"
#include "etw/container/buffer_losses.h"
#include "etw/container/buffer_scan.h"
#include "etw/container/byte_source.h"
#include "etw/container/clock.h"
#include "etw/container/logfile_header.h"
#include "etw/container/read_ahead.h"
#include "etw/container/record_walk.h"
#include "etw/container/time_order.h"
#include "etw/provider_counts.h"
#include "etw/provider_names.h"
#include "etw/providers/decoder.h"
#include "etw/schema/schema_store.h"
#include "etw/trace_fields.h"

#define DEFAULT_BUFFER_MEMORY    (UINT64_C(256) << 20)
#define DEFAULT_THREAD_THRESHOLD (UINT64_C(4) << 20)
/* The header event with its two names ends well before this. */
#define HEADER_BYTES 65536u
/* Buffers scanned ahead in the first reading. */
#define INDEX_DEPTH 4u
/* Progress is told once per so many records. */
#define PROGRESS_INTERVAL 0x10000u

struct etw_trace {
    struct byte_source source;
    struct etw_options options;
    struct etw_trace_header header;
    struct trace_clock clock;
    struct etw_totals totals;
    struct findings findings;
    struct buffer_index index;
    struct provider_counts providers;
    struct etw_decoder *decoder;
    struct schema_store *schemas;
    struct time_order *order; /* NULL: not reading */
    uint64_t delivered;       /* since the last rewind; only for progress */
    bool is_indexed;
};

/* ---- opening ---- */

static enum etw_status read_header(struct etw_trace *trace, struct etw_error *error)
{
    size_t got = 0;
    bool is_damaged = false;
    uint8_t *bytes = malloc(HEADER_BYTES);
    if (!bytes) {
        return etw_fail_memory(error, "the file header");
    }
    enum etw_status status = byte_source_read(&trace->source, 0, bytes, HEADER_BYTES, &got, error);
    if (status == ETW_OK) {
        status = logfile_header_read(bytes, got, &trace->header, &is_damaged, error);
    }
    free(bytes);
    if (status) {
        return status;
    }
    if (is_damaged) {
        findings_count(&trace->findings, FINDING_HEADER_DAMAGED, 0, 0);
    }
    if (!clock_choose(&trace->header, &trace->clock)) {
        findings_count(&trace->findings, FINDING_CLOCK_UNUSABLE, 0, 0);
    }
    trace->totals.file_size = trace->source.size;
    trace->totals.is_unfinished = trace->header.end_time == 0;
    return ETW_OK;
}

/* Takes over `source`, also when it fails. */
static enum etw_status open_source(struct byte_source *source, const struct etw_options *options,
                                   struct etw_trace **out, struct etw_error *error)
{
    struct etw_trace *trace = calloc(1, sizeof(*trace));
    if (!trace) {
        byte_source_close(source);
        return etw_fail_memory(error, "the trace");
    }
    trace->source = *source;
    trace->options = options ? *options : (struct etw_options){0};
    if (trace->options.buffer_memory == 0) {
        trace->options.buffer_memory = DEFAULT_BUFFER_MEMORY;
    }
    if (trace->options.thread_threshold == 0) {
        trace->options.thread_threshold = DEFAULT_THREAD_THRESHOLD;
    }
    enum etw_status status = read_header(trace, error);
    if (status == ETW_OK) {
        status = schema_store_new(&trace->schemas, error);
    }
    if (status == ETW_OK) {
        schema_store_set_build(trace->schemas, trace->header.os_build);
        status = etw_decoder_new(trace->schemas, &trace->decoder, error);
    }
    if (status) {
        etw_trace_close(trace);
        return status;
    }
    *out = trace;
    return ETW_OK;
}

enum etw_status etw_trace_open(const char *path, const struct etw_options *options,
                               struct etw_trace **out, struct etw_error *error)
{
    struct byte_source source;
    enum etw_status status = byte_source_open(&source, path, error);
    return status ? status : open_source(&source, options, out, error);
}

enum etw_status etw_trace_open_memory(const void *data, size_t size,
                                      const struct etw_options *options, struct etw_trace **out,
                                      struct etw_error *error)
{
    struct byte_source source;
    byte_source_open_memory(&source, data, size);
    return open_source(&source, options, out, error);
}

void etw_trace_close(struct etw_trace *trace)
{
    if (!trace) {
        return;
    }
    time_order_free(trace->order);
    etw_decoder_free(trace->decoder);
    schema_store_free(trace->schemas);
    provider_counts_done(&trace->providers);
    buffer_index_done(&trace->index);
    byte_source_close(&trace->source);
    free(trace);
}

static bool wants_thread(const struct etw_trace *trace)
{
    return trace->source.size > trace->options.thread_threshold;
}

static void tell_progress(const struct etw_trace *trace, double share)
{
    if (trace->options.progress) {
        trace->options.progress(trace->options.progress_context, share);
    }
}

/* ---- the first reading, in file order ---- */

struct index_run {
    struct etw_trace *trace;
    struct buffer_scan scan;     /* the reading thread's */
    struct buffer_loader loader; /* the reading thread's */
    etw_learn_function *learn;
    void *learn_context;
    struct etw_event event;
};

static enum etw_status produce_scanned(void *context, struct buffer_image *image,
                                       struct etw_error *error)
{
    struct index_run *run = context;
    image->findings = (struct findings){0};
    image->fill = 0;
    enum etw_status status = buffer_scan_next(&run->scan, &image->place, &image->findings, error);
    if (status == ETW_END && findings_has_damage(&image->findings)) {
        image->place.size = 0; /* no buffer, but findings to hand over */
        return ETW_OK;
    }
    if (status == ETW_OK) {
        status = buffer_image_load(&run->loader, image, error);
    }
    if (status == ETW_OK && image->unread > 0) {
        status = buffer_scan_look_back(&run->scan, &image->place, image->unread, &image->findings,
                                       error);
    }
    return status;
}

static void note_time(struct buffer_row *row, const struct etw_record *record, int64_t previous,
                      bool is_first)
{
    if (is_first) {
        row->first_ticks = record->ticks;
        row->last_ticks = record->ticks;
        return;
    }
    if (record->ticks < previous) {
        row->is_disordered = true;
        row->first_ticks = record->ticks < row->first_ticks ? record->ticks : row->first_ticks;
    }
    row->last_ticks = record->ticks > row->last_ticks ? record->ticks : row->last_ticks;
}

static enum etw_status learn_record(struct index_run *run, const struct etw_record *record,
                                    struct etw_error *error)
{
    struct etw_trace *trace = run->trace;
    trace->totals.by_kind[record->kind]++;
    trace->totals.records_delivered++;
    struct etw_provider_row *row = provider_counts_of(&trace->providers, record);
    if (row) {
        row->events++;
    } else {
        findings_count(&trace->findings, FINDING_TABLE_FULL, record->offset, 0);
    }
    schema_store_learn(trace->schemas, record, &trace->findings);
    etw_decoder_read(trace->decoder, record, &run->event);
    if (run->event.kind == ETW_EVENT_OTHER) {
        return ETW_OK;
    }
    if (run->event.is_incomplete) {
        findings_count(&trace->findings, FINDING_PAYLOAD_SHORT, record->offset, 0);
    } else if (row) {
        row->decoded++;
    }
    return run->learn ? run->learn(run->learn_context, &run->event, error) : ETW_OK;
}

static void note_trace_times(struct etw_trace *trace, const struct etw_record *record)
{
    struct etw_totals *totals = &trace->totals;
    int64_t ticks = record->ticks;
    if (totals->first_time == 0 && totals->last_time == 0) {
        totals->first_time = ticks;
        totals->last_time = ticks;
    }
    totals->first_time = ticks < totals->first_time ? ticks : totals->first_time;
    totals->last_time = ticks > totals->last_time ? ticks : totals->last_time;
}

static enum etw_status learn_buffer(struct index_run *run, const struct buffer_image *image,
                                    struct etw_error *error)
{
    struct etw_trace *trace = run->trace;
    struct etw_record record;
    struct buffer_row row = {.offset = image->place.offset,
                             .size = image->place.size,
                             .fill = image->fill & 0x1FFFFFFF,
                             .is_size_uncertain = image->place.is_size_uncertain};
    struct record_walk walk = {.data = image->data,
                               .end = image->fill,
                               .fill = image->fill,
                               .position = BUFFER_HEADER_SIZE,
                               .cpu = image->cpu,
                               .ticks = trace->header.start_ticks,
                               .buffer_offset = image->place.offset,
                               .is_unpacked = image->is_compressed,
                               .findings = &trace->findings};
    uint64_t count = 0;
    for (int64_t previous = 0; record_walk_next(&walk, &record) == WALK_RECORD; count++) {
        note_time(&row, &record, previous, count == 0);
        previous = record.ticks;
        if (image->place.offset > 0) {
            note_trace_times(trace, &record);
        }
        enum etw_status status = learn_record(run, &record, error);
        if (status) {
            return status;
        }
    }
    return count > 0 ? buffer_index_add(&trace->index, &row, error) : ETW_OK;
}

static enum etw_status index_buffers(struct index_run *run, struct read_ahead *ahead,
                                     struct buffer_image *image, struct etw_error *error)
{
    struct etw_trace *trace = run->trace;
    enum etw_status status;
    while ((status = read_ahead_take(ahead, image, error)) == ETW_OK) {
        findings_merge(&trace->findings, &image->findings);
        if (image->place.size == 0) {
            continue;
        }
        trace->totals.buffers++;
        trace->totals.compressed += image->is_compressed;
        trace->totals.unpacked_bytes += image->fill;
        status = learn_buffer(run, image, error);
        if (status) {
            return status;
        }
        tell_progress(trace, (double)image->place.offset / (double)trace->source.size);
    }
    return status == ETW_END ? ETW_OK : status;
}

static void finish_totals(struct etw_trace *trace)
{
    struct etw_totals *totals = &trace->totals;
    if (totals->first_time != 0 || totals->last_time != 0) {
        totals->first_time = clock_to_time(&trace->clock, totals->first_time);
        totals->last_time = clock_to_time(&trace->clock, totals->last_time);
    }
    totals->overlap = trace->index.overlap;
    totals->overlap_bytes = trace->index.overlap_bytes;
    totals->records_found = totals->records_delivered +
                            trace->findings.kinds[FINDING_RECORD_DAMAGED].count +
                            trace->findings.kinds[FINDING_RECORD_UNKNOWN_KIND].count;
}

enum etw_status etw_trace_index(struct etw_trace *trace, etw_learn_function *learn, void *context,
                                struct etw_error *error)
{
    struct index_run run = {.trace = trace, .learn = learn, .learn_context = context};
    struct read_ahead *ahead = NULL;
    struct buffer_image image = {0};
    buffer_scan_init(&run.scan, &trace->source, trace->header.buffer_size);
    run.loader.source = &trace->source;
    enum etw_status status =
        read_ahead_start(produce_scanned, &run, INDEX_DEPTH, wants_thread(trace), &ahead, error);
    if (status == ETW_OK) {
        status = index_buffers(&run, ahead, &image, error);
    }
    read_ahead_stop(ahead);
    buffer_image_done(&image);
    buffer_loader_done(&run.loader);
    if (status == ETW_OK) {
        status = buffer_index_finish(&trace->index, error);
    }
    if (status == ETW_OK) {
        finish_totals(trace);
        trace_fields_name_providers(trace->schemas, &trace->providers);
        etw_decoder_reset(trace->decoder);
        trace->is_indexed = true;
    }
    return status;
}

/* ---- reading in time order ---- */

enum etw_status etw_trace_rewind(struct etw_trace *trace, struct etw_error *error)
{
    time_order_free(trace->order);
    trace->order = NULL;
    trace->delivered = 0;
    if (!trace->is_indexed) {
        enum etw_status status = etw_trace_index(trace, NULL, NULL, error);
        if (status) {
            return status;
        }
    }
    struct time_order_options options = {.memory = trace->options.buffer_memory,
                                         .use_thread = wants_thread(trace)};
    return time_order_new(&trace->source, &trace->index, &options, &trace->order, error);
}

enum etw_status etw_trace_next_record(struct etw_trace *trace, const struct etw_record **record,
                                      struct etw_error *error)
{
    struct etw_record *next = NULL;
    enum etw_status status = trace->order ? ETW_OK : etw_trace_rewind(trace, error);
    if (status == ETW_OK) {
        status = time_order_next(trace->order, &next, error);
    }
    if (status) {
        return status;
    }
    next->time = clock_to_time(&trace->clock, next->ticks);
    if ((++trace->delivered & (PROGRESS_INTERVAL - 1)) == 0) {
        tell_progress(trace, time_order_share(trace->order));
    }
    *record = next;
    return ETW_OK;
}

enum etw_status etw_trace_next(struct etw_trace *trace, struct etw_event *event,
                               struct etw_error *error)
{
    const struct etw_record *record = NULL;
    enum etw_status status = etw_trace_next_record(trace, &record, error);
    if (status == ETW_OK) {
        etw_decoder_read(trace->decoder, record, event);
    }
    return status;
}

/* ---- fields ---- */

enum etw_status etw_trace_add_manifest(struct etw_trace *trace, const char *path,
                                       struct etw_error *error)
{
    return schema_store_add_manifest(trace->schemas, path, error);
}

void etw_trace_read_fields(struct etw_trace *trace, const struct etw_record *record,
                           const struct etw_fields_visitor *visitor,
                           struct etw_fields_result *result)
{
    trace_fields_read(trace->schemas, &trace->providers, record, visitor, result);
}

/* ---- losses ---- */

enum etw_status etw_trace_read_losses(const struct etw_trace *trace, struct etw_losses **out,
                                      struct etw_error *error)
{
    const struct buffer_losses_input input = {&trace->source, &trace->index, &trace->clock,
                                              &trace->header};
    return buffer_losses_read(&input, out, error);
}

/* ---- what is known ---- */

const struct etw_trace_header *etw_trace_get_header(const struct etw_trace *trace)
{
    return &trace->header;
}

const struct etw_totals *etw_trace_get_totals(const struct etw_trace *trace)
{
    return &trace->totals;
}

struct findings *etw_trace_get_findings(struct etw_trace *trace)
{
    return &trace->findings;
}

size_t etw_trace_get_providers(const struct etw_trace *trace, const struct etw_provider_row **rows)
{
    *rows = trace->providers.rows;
    return trace->providers.count;
}

bool etw_trace_has_socket_events(const struct etw_trace *trace)
{
    static const char *const providers[] = {"Microsoft-Windows-TCPIP",
                                            "Microsoft-Windows-Winsock-AFD",
                                            "Microsoft-Windows-Kernel-Network", "TcpIp", "UdpIp"};
    for (size_t i = 0; i < sizeof(providers) / sizeof(providers[0]); i++) {
        struct guid guid;
        if (etw_provider_find(providers[i], &guid) &&
            provider_counts_find(&trace->providers, &guid)) {
            return true;
        }
    }
    return false;
}
