/* SPDX-License-Identifier: MIT */
#include "etw/trace.h"

#include <stdlib.h>
#include <string.h>

#include "etw/container/buffer_index.h"
#include "etw/container/buffer_losses.h"
#include "etw/container/buffer_scan.h"
#include "etw/container/clock.h"
#include "etw/container/read_ahead.h"
#include "etw/container/record_walk.h"
#include "etw/container/time_order.h"
#include "etw/provider_counts.h"
#include "etw/provider_names.h"
#include "etw/providers/decoder.h"
#include "etw/schema/schema_store.h"
#include "etw/trace_copies.h"
#include "etw/trace_fields.h"
#include "etw/trace_files.h"

#define DEFAULT_BUFFER_MEMORY    (UINT64_C(256) << 20)
#define DEFAULT_THREAD_THRESHOLD (UINT64_C(4) << 20)
/* Buffers scanned ahead in the first reading. */
#define INDEX_DEPTH 4u
/* Progress is told once per so many records. */
#define PROGRESS_INTERVAL 0x10000u

struct etw_trace {
    struct trace_files files;
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

static void set_defaults(struct etw_options *options)
{
    if (options->buffer_memory == 0) {
        options->buffer_memory = DEFAULT_BUFFER_MEMORY;
    }
    if (options->thread_threshold == 0) {
        options->thread_threshold = DEFAULT_THREAD_THRESHOLD;
    }
}

enum etw_status etw_trace_open_inputs(const struct etw_input *inputs, size_t count,
                                      const struct etw_options *options, struct etw_trace **out,
                                      struct etw_error *error)
{
    struct etw_trace *trace = calloc(1, sizeof(*trace));
    if (!trace) {
        return etw_fail_memory(error, "the trace");
    }
    trace->options = options ? *options : (struct etw_options){0};
    set_defaults(&trace->options);
    enum etw_status status =
        trace_files_open(&trace->files, inputs, count, &trace->findings, error);
    if (status == ETW_OK) {
        status = schema_store_new(&trace->schemas, error);
    }
    if (status == ETW_OK) {
        trace_files_sum_up(&trace->files, &trace->header, &trace->clock);
        trace->totals.file_size = trace->files.size;
        trace->totals.is_unfinished = trace->header.end_time == 0;
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
    const struct etw_input input = {.path = path};
    return etw_trace_open_inputs(&input, 1, options, out, error);
}

enum etw_status etw_trace_open_memory(const void *data, size_t size,
                                      const struct etw_options *options, struct etw_trace **out,
                                      struct etw_error *error)
{
    static const uint8_t nothing[1] = {0};
    const struct etw_input input = {.data = data ? data : nothing, .size = size};
    return etw_trace_open_inputs(&input, 1, options, out, error);
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
    trace_files_done(&trace->files);
    free(trace);
}

static bool wants_thread(const struct etw_trace *trace)
{
    return trace->files.size > trace->options.thread_threshold;
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
    unsigned file;               /* its number in places */
    uint64_t bytes_done;         /* of the files before */
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

static void note_file_times(struct etw_trace_file *file, const struct etw_record *record)
{
    int64_t ticks = record->ticks;
    if (file->first_time == 0 && file->last_time == 0) {
        file->first_time = ticks;
        file->last_time = ticks;
    }
    file->first_time = ticks < file->first_time ? ticks : file->first_time;
    file->last_time = ticks > file->last_time ? ticks : file->last_time;
}

/* The header buffer has number 0. */
static void note_sequence(struct etw_trace_file *file, const struct buffer_image *image)
{
    struct buffer_header header = buffer_header_read(image->data, image->fill);
    if (image->place.offset == 0 || header.sequence == 0) {
        return;
    }
    bool is_first = file->last_sequence == 0;
    file->logger_id = header.logger_id;
    if (is_first || header.sequence < file->first_sequence) {
        file->first_sequence = header.sequence;
    }
    if (is_first || header.sequence > file->last_sequence) {
        file->last_sequence = header.sequence;
    }
}

static enum etw_status learn_buffer(struct index_run *run, const struct buffer_image *image,
                                    struct etw_error *error)
{
    struct etw_trace *trace = run->trace;
    struct etw_trace_file *file = &trace->files.rows[run->file > 0 ? run->file - 1 : 0];
    struct etw_record record;
    struct buffer_row row = {.offset = etw_place_make(run->file, image->place.offset),
                             .size = image->place.size,
                             .fill = image->fill & 0x1FFFFFFF,
                             .is_size_uncertain = image->place.is_size_uncertain};
    struct record_walk walk = {.data = image->data,
                               .end = image->fill,
                               .fill = image->fill,
                               .position = BUFFER_HEADER_SIZE,
                               .cpu = image->cpu,
                               .ticks = file->header.start_ticks,
                               .buffer_offset = row.offset,
                               .is_unpacked = image->is_compressed,
                               .findings = &trace->findings};
    uint64_t count = 0;
    for (int64_t previous = 0; record_walk_next(&walk, &record) == WALK_RECORD; count++) {
        note_time(&row, &record, previous, count == 0);
        previous = record.ticks;
        if (image->place.offset > 0) {
            note_file_times(file, &record);
        }
        enum etw_status status = learn_record(run, &record, error);
        if (status) {
            return status;
        }
    }
    file->buffers++;
    file->records += count;
    if (count > 0) {
        note_sequence(file, image);
    }
    return count > 0 ? buffer_index_add(&trace->index, &row, error) : ETW_OK;
}

static enum etw_status index_buffers(struct index_run *run, struct read_ahead *ahead,
                                     struct buffer_image *image, struct etw_error *error)
{
    struct etw_trace *trace = run->trace;
    enum etw_status status;
    while ((status = read_ahead_take(ahead, image, error)) == ETW_OK) {
        findings_move(&image->findings, run->file);
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
        tell_progress(trace,
                      (double)(run->bytes_done + image->place.offset) / (double)trace->files.size);
    }
    return status == ETW_END ? ETW_OK : status;
}

/* One file after the other: what is learned does not depend on order. */
static enum etw_status index_file(struct index_run *run, size_t i, struct etw_error *error)
{
    struct etw_trace *trace = run->trace;
    const struct byte_source *source = &trace->files.sources[i];
    struct read_ahead *ahead = NULL;
    struct buffer_image image = {0};
    run->file = trace_files_number(&trace->files, i);
    run->loader = (struct buffer_loader){.source = source};
    buffer_scan_init(&run->scan, source, trace->files.rows[i].header.buffer_size);
    enum etw_status status =
        read_ahead_start(produce_scanned, run, INDEX_DEPTH, wants_thread(trace), &ahead, error);
    if (status == ETW_OK) {
        status = index_buffers(run, ahead, &image, error);
    }
    read_ahead_stop(ahead);
    buffer_image_done(&image);
    buffer_loader_done(&run->loader);
    run->bytes_done += source->size;
    return status;
}

static void finish_times(struct etw_trace *trace)
{
    struct etw_totals *totals = &trace->totals;
    for (size_t i = 0; i < trace->files.count; i++) {
        struct etw_trace_file *file = &trace->files.rows[i];
        if (file->first_time == 0 && file->last_time == 0) {
            continue;
        }
        file->first_time = clock_to_time(&trace->clock, file->first_time);
        file->last_time = clock_to_time(&trace->clock, file->last_time);
        bool is_first = totals->first_time == 0 && totals->last_time == 0;
        if (is_first || file->first_time < totals->first_time) {
            totals->first_time = file->first_time;
        }
        if (is_first || file->last_time > totals->last_time) {
            totals->last_time = file->last_time;
        }
    }
}

static void finish_totals(struct etw_trace *trace)
{
    struct etw_totals *totals = &trace->totals;
    finish_times(trace);
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
    enum etw_status status = ETW_OK;
    for (size_t i = 0; status == ETW_OK && i < trace->files.count; i++) {
        status = index_file(&run, i, error);
    }
    if (status == ETW_OK) {
        status = buffer_index_finish(&trace->index, error);
    }
    if (status == ETW_OK) {
        status = trace_copies_refuse(&trace->files, &trace->index, error);
    }
    if (status == ETW_OK) {
        trace_files_find_gaps(&trace->files, &trace->findings);
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
    return time_order_new(trace->files.sources, &trace->index, &options, &trace->order, error);
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
    struct buffer_losses_file *files = calloc(trace->files.count, sizeof(*files));
    if (!files) {
        return etw_fail_memory(error, "the losses of the trace");
    }
    for (size_t i = 0; i < trace->files.count; i++) {
        files[i] =
            (struct buffer_losses_file){&trace->files.sources[i], &trace->files.rows[i].header,
                                        trace_files_number(&trace->files, i)};
    }
    const struct buffer_losses_input input = {files, trace->files.count, &trace->index,
                                              &trace->clock};
    enum etw_status status = buffer_losses_read(&input, out, error);
    free(files);
    return status;
}

/* ---- what is known ---- */

size_t etw_trace_get_files(const struct etw_trace *trace, const struct etw_trace_file **files)
{
    *files = trace->files.rows;
    return trace->files.count;
}

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
                                            "Microsoft-Windows-Kernel-Network",
                                            "TcpIp",
                                            "UdpIp",
                                            "Microsoft-Pef-WFP-MessageProvider"};
    for (size_t i = 0; i < sizeof(providers) / sizeof(providers[0]); i++) {
        struct guid guid;
        if (etw_provider_find(providers[i], &guid) &&
            provider_counts_find(&trace->providers, &guid)) {
            return true;
        }
    }
    return false;
}
