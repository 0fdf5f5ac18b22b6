/* SPDX-License-Identifier: MIT */
/*
 *   WMI_BUFFER_HEADER     [documented: phnt; numbers measured in 219 files]
 *   0x18 i64 SequenceNumber   unique in the file, 0 for the header; not in file order
 *   0x34 u16 BufferFlag       0x02 events, 0x04 buffers lost   [documented, never seen set]
 *
 *   Record 0x0052 of the first buffer: the last time each CPU dropped events
 *   0x00 u32 number of CPUs, 0x04 u32 padding, 0x08 u64 each    [measured; the unit is not]
 */
#include "etw/container/buffer_losses.h"

#include <stdlib.h>

#include "etw/container/buffer_scan.h"
#include "etw/container/record_walk.h"

#define SEQUENCE_OFFSET 0x18u
#define CPU_COUNT       2048u /* the index has 11 bits */
#define HOOK_GROUP      0u
#define HOOK_DROPPED    0x52u
/* Buffers that a session cannot have written: the numbers are no numbers. */
#define JUMP_MAXIMUM UINT64_C(0x100000000)

/* One data buffer. */
struct numbered {
    uint64_t number, offset; /* offset: a place (record.h) */
    int64_t from, to;        /* 0: it has no records */
    uint16_t cpu, flags;
};

struct collection {
    const struct buffer_losses_input *input;
    const struct buffer_losses_file *file; /* the one being read */
    struct numbered *rows;                 /* owned */
    size_t count, capacity;
    struct etw_cpu_losses *cpus; /* owned; CPU_COUNT of them */
};

static enum etw_status add_buffer(struct collection *collection, const struct buffer_place *place,
                                  struct etw_error *error)
{
    uint8_t bytes[BUFFER_PEEK_SIZE];
    size_t got = 0;
    enum etw_status status = byte_source_read(collection->file->source, place->offset, bytes,
                                              sizeof(bytes), &got, error);
    if (status || got < BUFFER_HEADER_SIZE || place->is_size_uncertain) {
        return status;
    }
    struct buffer_header header = buffer_header_read(bytes, got);
    if (header.type == BUFFER_TYPE_HEADER) {
        return ETW_OK;
    }
    if (collection->count == collection->capacity) {
        size_t capacity = collection->capacity ? 2 * collection->capacity : 256;
        struct numbered *rows = realloc(collection->rows, capacity * sizeof(*rows));
        if (!rows) {
            return etw_fail_memory(error, "the numbers of the buffers");
        }
        collection->rows = rows;
        collection->capacity = capacity;
    }
    collection->rows[collection->count++] =
        (struct numbered){.number = load_u64(bytes + SEQUENCE_OFFSET),
                          .offset = etw_place_make(collection->file->number, place->offset),
                          .cpu = header.cpu,
                          .flags = header.flags};
    return ETW_OK;
}

static enum etw_status scan(struct collection *collection, struct etw_error *error)
{
    struct findings ignored = {0}; /* the index pass has counted them */
    struct buffer_place place;
    struct buffer_scan scan;
    buffer_scan_init(&scan, collection->file->source, collection->file->header->buffer_size);
    enum etw_status status;
    while ((status = buffer_scan_next(&scan, &place, &ignored, error)) == ETW_OK) {
        status = add_buffer(collection, &place, error);
        if (status) {
            return status;
        }
    }
    return status == ETW_END ? ETW_OK : status;
}

static int compare_u64(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int by_offset(const void *a, const void *b)
{
    const struct numbered *left = a;
    const struct numbered *right = b;
    return compare_u64(left->offset, right->offset);
}

static int by_number(const void *a, const void *b)
{
    const struct numbered *left = a;
    const struct numbered *right = b;
    int order = compare_u64(etw_place_file(left->offset), etw_place_file(right->offset));
    order = order ? order : compare_u64(left->number, right->number);
    return order ? order : by_offset(a, b);
}

/* Rows are in the order of places. */
static void add_times(struct collection *collection)
{
    const struct buffer_index *index = collection->input->index;
    const struct trace_clock *clock = collection->input->clock;
    for (size_t i = 0; i < index->count; i++) {
        const struct buffer_row *buffer = &index->rows[i];
        const struct numbered key = {.offset = buffer->offset};
        struct numbered *row =
            bsearch(&key, collection->rows, collection->count, sizeof(key), by_offset);
        if (row) {
            row->from = clock_to_time(clock, buffer->first_ticks);
            row->to = clock_to_time(clock, buffer->last_ticks);
        }
    }
}

/* Numbers that lie between those of two buffers, one behind the other, of one file. */
static void add_gap(const struct numbered *before, const struct numbered *behind,
                    struct etw_losses *losses)
{
    uint64_t step = behind->number - before->number;
    if (step <= 1) {
        return;
    }
    losses->missing += step - 1;
    if (losses->gap_count < ETW_GAPS_MAXIMUM) {
        losses->gaps[losses->gap_count] = (struct etw_buffer_gap){.first = before->number + 1,
                                                                  .count = step - 1,
                                                                  .from = before->from,
                                                                  .to = behind->from};
    }
    losses->gap_count++;
}

/* Rows are of one file, by number. */
static void find_gaps_of_file(const struct numbered *rows, size_t count, struct etw_losses *losses)
{
    uint64_t range = rows[count - 1].number - rows[0].number;
    if (range > JUMP_MAXIMUM) {
        return;
    }
    losses->range += range + 1;
    for (size_t i = 1; i < count; i++) {
        add_gap(&rows[i - 1], &rows[i], losses);
    }
}

/* Rows are by file, then number. */
static void find_gaps(const struct collection *collection, struct etw_losses *losses)
{
    const struct numbered *rows = collection->rows;
    losses->numbered = collection->count;
    losses->first_number = rows[0].number;
    losses->last_number = rows[collection->count - 1].number;
    for (size_t first = 0, end = 0; first < collection->count; first = end) {
        while (end < collection->count &&
               etw_place_file(rows[end].offset) == etw_place_file(rows[first].offset)) {
            end++;
        }
        find_gaps_of_file(rows + first, end - first, losses);
    }
}

static void note_marks(struct collection *collection)
{
    for (size_t i = 0; i < collection->count; i++) {
        const struct numbered *row = &collection->rows[i];
        if (!(row->flags & (BUFFER_EVENTS_LOST | BUFFER_LOST)) || row->cpu >= CPU_COUNT) {
            continue;
        }
        struct etw_cpu_losses *cpu = &collection->cpus[row->cpu];
        cpu->buffers++;
        cpu->from = row->from && (!cpu->from || row->from < cpu->from) ? row->from : cpu->from;
        cpu->to = row->to > cpu->to ? row->to : cpu->to;
    }
}

/* A stamp of which only the place is known: it is believed in the one form in which it
 * lies between the boot and the end of the session. */
static int64_t time_of_stamp(const struct collection *collection, uint64_t stamp)
{
    const struct etw_trace_header *header = collection->file->header;
    int64_t latest = header->end_time ? header->end_time : INT64_MAX;
    int64_t forms[2] = {(int64_t)stamp, clock_to_time(collection->input->clock, (int64_t)stamp)};
    for (size_t i = 0; i < 2; i++) {
        if (header->boot_time > 0 && forms[i] >= header->boot_time && forms[i] <= latest) {
            return forms[i];
        }
    }
    return 0;
}

static void take_dropped_times(struct collection *collection, struct bytes payload)
{
    uint32_t count = bytes_u32(&payload);
    bytes_skip(&payload, 4);
    for (uint32_t cpu = 0; cpu < count && cpu < CPU_COUNT; cpu++) {
        uint64_t stamp = bytes_u64(&payload);
        if (payload.failed) {
            return;
        }
        if (stamp != 0) {
            int64_t time = time_of_stamp(collection, stamp);
            struct etw_cpu_losses *row = &collection->cpus[cpu];
            row->has_dropped = true;
            row->dropped = time > row->dropped ? time : row->dropped;
        }
    }
}

/* The records of the first buffer; damage in it has been counted. */
static enum etw_status read_dropped_times(struct collection *collection, struct etw_error *error)
{
    struct buffer_loader loader = {.source = collection->file->source};
    struct buffer_image image = {0};
    struct findings ignored = {0};
    struct buffer_scan scan;
    buffer_scan_init(&scan, loader.source, collection->file->header->buffer_size);
    enum etw_status status = buffer_scan_next(&scan, &image.place, &ignored, error);
    if (status == ETW_OK) {
        status = buffer_image_load(&loader, &image, error);
    }
    if (status == ETW_OK) {
        struct etw_record record;
        struct record_walk walk = {.data = image.data,
                                   .end = image.fill,
                                   .fill = image.fill,
                                   .position = BUFFER_HEADER_SIZE};
        while (record_walk_next(&walk, &record) == WALK_RECORD) {
            if (record.class_of == RECORD_IS_KERNEL && record.group == HOOK_GROUP &&
                record.opcode == HOOK_DROPPED) {
                take_dropped_times(collection, record.payload);
            }
        }
    }
    buffer_image_done(&image);
    buffer_loader_done(&loader);
    return status == ETW_END ? ETW_OK : status;
}

static enum etw_status keep_cpus(const struct collection *collection, struct etw_losses *losses,
                                 struct etw_error *error)
{
    losses->cpus = calloc(CPU_COUNT, sizeof(*losses->cpus));
    if (!losses->cpus) {
        return etw_fail_memory(error, "the losses of the CPUs");
    }
    for (unsigned cpu = 0; cpu < CPU_COUNT; cpu++) {
        struct etw_cpu_losses *row = &collection->cpus[cpu];
        if (row->buffers > 0 || row->has_dropped) {
            row->cpu = (uint16_t)cpu;
            losses->cpus[losses->cpu_count++] = *row;
        }
    }
    return ETW_OK;
}

static enum etw_status collect(struct collection *collection, struct etw_losses *losses,
                               struct etw_error *error)
{
    enum etw_status status = ETW_OK;
    for (size_t i = 0; i < collection->input->file_count && !status; i++) {
        collection->file = &collection->input->files[i];
        status = scan(collection, error);
        if (!status) {
            status = read_dropped_times(collection, error);
        }
    }
    if (status) {
        return status;
    }
    if (collection->count > 0) {
        qsort(collection->rows, collection->count, sizeof(*collection->rows), by_offset);
        add_times(collection);
        note_marks(collection);
        qsort(collection->rows, collection->count, sizeof(*collection->rows), by_number);
        find_gaps(collection, losses);
    }
    return keep_cpus(collection, losses, error);
}

enum etw_status buffer_losses_read(const struct buffer_losses_input *input, struct etw_losses **out,
                                   struct etw_error *error)
{
    struct collection collection = {.input = input};
    struct etw_losses *losses = calloc(1, sizeof(*losses));
    collection.cpus = calloc(CPU_COUNT, sizeof(*collection.cpus));
    enum etw_status status = losses && collection.cpus
                                 ? collect(&collection, losses, error)
                                 : etw_fail_memory(error, "the losses of the trace");
    free(collection.cpus);
    free(collection.rows);
    if (status) {
        etw_losses_free(losses);
        return status;
    }
    *out = losses;
    return ETW_OK;
}

void etw_losses_free(struct etw_losses *losses)
{
    if (losses) {
        free(losses->cpus);
        free(losses);
    }
}
