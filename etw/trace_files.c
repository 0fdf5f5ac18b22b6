/* SPDX-License-Identifier: MIT */
/*
 * Which files may be read as one:                    [documented: etl headers; measured where said]
 *
 *   BootTime            equal and known: it names the computer and its start. Windows 10 rounds
 *                       it to half a second [measured], so the next three are compared as well.
 *   clock, PerfFreq     equal: raw time stamps are compared across files.
 *   CpuSpeedInMHz       equal where it is the frequency of the clock.
 *   Build               equal, but a program that relogs a trace may have been told 6.2.9200.
 *   NumberOfProcessors  equal, but sessions with one list of buffers say 1.
 *
 * Whatever else differs is honest: StartTime, names, sizes, losses, and PointerSize, which is that
 * of the program that wrote the header.
 */
#include "etw/trace_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "etw/base/utc_time.h"
#include "etw/container/logfile_header.h"

/* The header event with its two names ends well before this. */
#define HEADER_BYTES 65536u
/* Bytes of a path in a sentence about two files. */
#define NAME_MAXIMUM 120u
/* LogFileMode: a new file whenever one is full. The numbers of the buffers go on. [measured] */
#define MODE_NEW_FILE 0x8u
/* LogFileMode, NO_PER_PROCESSOR_BUFFERING. */
#define MODE_ONE_BUFFER_LIST 0x10000000u
/* What Windows tells programs that do not say that they know a later one. */
#define BUILD_TOLD 9200u

unsigned trace_files_number(const struct trace_files *files, size_t i)
{
    return files->count > 1 ? (unsigned)i + 1 : 0;
}

/* ---- opening ---- */

static enum etw_status open_input(struct byte_source *source, const struct etw_input *input,
                                  struct etw_error *error)
{
    if (!input->data) {
        return byte_source_open(source, input->path, error);
    }
    byte_source_open_memory(source, input->data, input->size);
    return ETW_OK;
}

static enum etw_status read_header(const struct byte_source *source, struct etw_trace_file *row,
                                   struct etw_error *error)
{
    size_t got = 0;
    uint8_t *bytes = malloc(HEADER_BYTES);
    if (!bytes) {
        return etw_fail_memory(error, "the file header");
    }
    enum etw_status status = byte_source_read(source, 0, bytes, HEADER_BYTES, &got, error);
    if (status == ETW_OK) {
        status = logfile_header_read(bytes, got, &row->header, &row->is_damaged, error);
    }
    free(bytes);
    if (status == ETW_OK && etw_place_offset(source->size) != source->size) {
        return etw_fail(error, ETW_ERR_LIMIT, ETW_NO_OFFSET, "the file is larger than 32 TiB");
    }
    if (status == ETW_OK) {
        struct trace_clock clock;
        row->size = source->size;
        row->has_clock = clock_choose(&row->header, &clock);
    }
    return status;
}

/* Files are in order of their start, whatever the order in which they were named. */
static int compare_files(const struct etw_trace_file *a, const struct etw_trace_file *b)
{
    if (a->header.start_time != b->header.start_time) {
        return a->header.start_time < b->header.start_time ? -1 : 1;
    }
    /* An end that is not known comes last. */
    uint64_t ends[] = {(uint64_t)a->header.end_time - 1, (uint64_t)b->header.end_time - 1};
    if (ends[0] != ends[1]) {
        return ends[0] < ends[1] ? -1 : 1;
    }
    return a->path && b->path ? strcmp(a->path, b->path) : 0;
}

/* Moves the file just opened to its place among those before it. */
static void put_in_order(struct trace_files *files)
{
    for (size_t i = files->count - 1; i > 0; i--) {
        if (compare_files(&files->rows[i - 1], &files->rows[i]) <= 0) {
            return;
        }
        struct etw_trace_file row = files->rows[i];
        files->rows[i] = files->rows[i - 1];
        files->rows[i - 1] = row;
        struct byte_source source = files->sources[i];
        files->sources[i] = files->sources[i - 1];
        files->sources[i - 1] = source;
    }
}

static enum etw_status open_one(struct trace_files *files, const struct etw_input *input,
                                struct etw_error *error)
{
    struct byte_source *source = &files->sources[files->count];
    struct etw_trace_file *row = &files->rows[files->count];
    enum etw_status status = open_input(source, input, error);
    if (status) {
        return status;
    }
    row->path = input->path;
    files->count++;
    files->size += source->size;
    status = read_header(source, row, error);
    if (status == ETW_OK) {
        put_in_order(files);
    }
    return status;
}

/* ---- what must agree ---- */

typedef bool differ_function(const struct etw_trace_header *a, const struct etw_trace_header *b);
/* One sentence's part: "started at ...". */
typedef void tell_function(const struct etw_trace_header *header, char *text, size_t size);

static bool boot_differs(const struct etw_trace_header *a, const struct etw_trace_header *b)
{
    return a->boot_time != b->boot_time || a->boot_time <= 0;
}

static void tell_boot(const struct etw_trace_header *header, char *text, size_t size)
{
    char time[UTC_TEXT_SIZE];
    if (header->boot_time <= 0) {
        (void)snprintf(text, size, "not known");
        return;
    }
    (void)utc_format(header->boot_time, 0, time);
    (void)snprintf(text, size, "%s", time);
}

static bool clock_differs(const struct etw_trace_header *a, const struct etw_trace_header *b)
{
    return a->clock != b->clock || a->clock == ETW_CLOCK_UNKNOWN;
}

static void tell_clock(const struct etw_trace_header *header, char *text, size_t size)
{
    static const char *const names[] = {"unknown", "performance counter", "system time",
                                        "CPU cycles"};
    (void)snprintf(text, size, "%s", names[header->clock]);
}

static bool frequency_differs(const struct etw_trace_header *a, const struct etw_trace_header *b)
{
    return a->frequency != b->frequency;
}

static void tell_frequency(const struct etw_trace_header *header, char *text, size_t size)
{
    (void)snprintf(text, size, "%lld ticks per second", (long long)header->frequency);
}

static bool cycles_differ(const struct etw_trace_header *a, const struct etw_trace_header *b)
{
    return a->clock == ETW_CLOCK_CPU_CYCLES && a->cpu_mhz != b->cpu_mhz;
}

static void tell_cycles(const struct etw_trace_header *header, char *text, size_t size)
{
    (void)snprintf(text, size, "%u MHz", (unsigned)header->cpu_mhz);
}

static bool is_build_told(const struct etw_trace_header *header)
{
    return header->os_major == 6 && header->os_minor == 2 && header->os_build == BUILD_TOLD;
}

static bool build_differs(const struct etw_trace_header *a, const struct etw_trace_header *b)
{
    bool differs =
        a->os_major != b->os_major || a->os_minor != b->os_minor || a->os_build != b->os_build;
    return differs && !is_build_told(a) && !is_build_told(b);
}

static void tell_build(const struct etw_trace_header *header, char *text, size_t size)
{
    (void)snprintf(text, size, "%u.%u.%u", header->os_major, header->os_minor,
                   (unsigned)header->os_build);
}

static bool cpus_differ(const struct etw_trace_header *a, const struct etw_trace_header *b)
{
    return a->cpu_count != b->cpu_count && !((a->mode | b->mode) & MODE_ONE_BUFFER_LIST);
}

static void tell_cpus(const struct etw_trace_header *header, char *text, size_t size)
{
    (void)snprintf(text, size, "%u", (unsigned)header->cpu_count);
}

/* To add something that must agree: a row, and a line above. */
static const struct {
    const char *what;
    differ_function *differ;
    tell_function *tell;
} agreements[] = {
    {"start of the computer", boot_differs, tell_boot},
    {"clock", clock_differs, tell_clock},
    {"clock frequency", frequency_differs, tell_frequency},
    {"clock frequency", cycles_differ, tell_cycles},
    {"Windows version", build_differs, tell_build},
    {"number of processors", cpus_differ, tell_cpus},
};

const char *trace_files_name(const struct etw_trace_file *row)
{
    const char *path = row->path ? row->path : "a trace in memory";
    size_t size = strlen(path);
    return size > NAME_MAXIMUM ? path + (size - NAME_MAXIMUM) : path;
}

static enum etw_status compare_pair(const struct etw_trace_file *a, const struct etw_trace_file *b,
                                    struct etw_error *error)
{
    char left[64];
    char right[64];
    if (a->path && b->path && strcmp(a->path, b->path) == 0) {
        return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET, "%s was named twice", a->path);
    }
    for (size_t i = 0; i < sizeof(agreements) / sizeof(agreements[0]); i++) {
        if (agreements[i].differ(&a->header, &b->header)) {
            agreements[i].tell(&a->header, left, sizeof(left));
            agreements[i].tell(&b->header, right, sizeof(right));
            return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                            "the files are not of one recording: the %s is %s in %s, but %s in %s",
                            agreements[i].what, left, trace_files_name(a), right,
                            trace_files_name(b));
        }
    }
    return ETW_OK;
}

/* Also with the one before: what the first leaves open may still differ between two others. */
static enum etw_status compare_all(const struct trace_files *files, struct etw_error *error)
{
    enum etw_status status = ETW_OK;
    for (size_t i = 1; status == ETW_OK && i < files->count; i++) {
        status = compare_pair(&files->rows[0], &files->rows[i], error);
        if (status == ETW_OK && i > 1) {
            status = compare_pair(&files->rows[i - 1], &files->rows[i], error);
        }
    }
    return status;
}

/* In their order, which numbers them; errors of one of several name it from now on. */
static void count_damage(struct trace_files *files, struct findings *findings)
{
    for (size_t i = 0; i < files->count; i++) {
        const struct etw_trace_file *row = &files->rows[i];
        uint64_t place = etw_place_make(trace_files_number(files, i), 0);
        files->sources[i].name = files->count > 1 ? row->path : NULL;
        if (row->is_damaged) {
            findings_count(findings, FINDING_HEADER_DAMAGED, place, 0);
        }
        if (!row->has_clock) {
            findings_count(findings, FINDING_CLOCK_UNUSABLE, place, 0);
        }
    }
}

enum etw_status trace_files_open(struct trace_files *files, const struct etw_input *inputs,
                                 size_t count, struct findings *findings, struct etw_error *error)
{
    if (count > ETW_FILES_MAXIMUM) {
        return etw_fail(error, ETW_ERR_LIMIT, ETW_NO_OFFSET,
                        "more than %d files cannot be read as one trace", ETW_FILES_MAXIMUM);
    }
    files->sources = calloc(count, sizeof(*files->sources));
    files->rows = calloc(count, sizeof(*files->rows));
    if (!files->sources || !files->rows) {
        return etw_fail_memory(error, "the trace");
    }
    for (size_t i = 0; i < count; i++) {
        enum etw_status status = open_one(files, &inputs[i], error);
        if (status) {
            /* The only file needs no name. */
            return etw_fail_about(error, count > 1 ? inputs[i].path : NULL, status);
        }
    }
    count_damage(files, findings);
    return compare_all(files, error);
}

void trace_files_done(struct trace_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        byte_source_close(&files->sources[i]);
    }
    free(files->sources);
    free(files->rows);
    *files = (struct trace_files){0};
}

/* ---- one header ---- */

static void add_header(struct etw_trace_header *sum, const struct etw_trace_header *header)
{
    bool is_unfinished = sum->end_time == 0 || header->end_time == 0;
    if (is_build_told(sum)) {
        sum->os_major = header->os_major;
        sum->os_minor = header->os_minor;
        sum->os_build = header->os_build;
    }
    sum->end_time = header->end_time > sum->end_time ? header->end_time : sum->end_time;
    sum->end_time = is_unfinished ? 0 : sum->end_time;
    sum->pointer_size =
        header->pointer_size > sum->pointer_size ? header->pointer_size : sum->pointer_size;
    sum->cpu_count = header->cpu_count > sum->cpu_count ? header->cpu_count : sum->cpu_count;
    sum->buffers_written += header->buffers_written;
    sum->events_lost += header->events_lost;
    sum->buffers_lost += header->buffers_lost;
}

void trace_files_sum_up(const struct trace_files *files, struct etw_trace_header *header,
                        struct trace_clock *clock)
{
    *header = files->rows[0].header;
    (void)clock_choose(header, clock);
    for (size_t i = 1; i < files->count; i++) {
        add_header(header, &files->rows[i].header);
    }
}

/* ---- what is not there ---- */

static bool is_of_series(const struct etw_trace_file *file)
{
    return (file->header.mode & MODE_NEW_FILE) != 0 && file->last_sequence > 0;
}

void trace_files_find_gaps(const struct trace_files *files, struct findings *findings)
{
    for (size_t i = 1; i < files->count; i++) {
        const struct etw_trace_file *before = &files->rows[i - 1];
        const struct etw_trace_file *file = &files->rows[i];
        bool is_same_session = before->logger_id == file->logger_id &&
                               strcmp(before->header.session_name, file->header.session_name) == 0;
        if (is_of_series(before) && is_of_series(file) && is_same_session &&
            file->first_sequence > before->last_sequence + 1) {
            findings_count(findings, FINDING_SERIES_GAP,
                           etw_place_make(trace_files_number(files, i), 0), 0);
        }
    }
}
