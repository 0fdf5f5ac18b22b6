/* SPDX-License-Identifier: MIT */
#include "etw/trace_copies.h"

#include <stdlib.h>
#include <string.h>

#include "etw/base/array.h"
#include "etw/container/buffer_image.h"
#include "etw/container/record_walk.h"

/* Of buffers that begin at the same time, so many neighbours are compared with each. */
#define NEIGHBOURS 8u
/* Events of each file that are looked for in the others. */
#define SAMPLES_PER_FILE 8u
/* Bytes of buffers that are read for all that: a quarter of the trace, and a little more. */
#define BUDGET_SHARE   4u
#define BUDGET_MINIMUM (UINT64_C(64) << 20)

/* One event of a file; the same event elsewhere has the same sum. */
struct sample {
    int64_t ticks;
    uint64_t sum;
    unsigned file; /* its number in places */
    unsigned double_file;
};

struct search {
    const struct trace_files *files;
    const struct buffer_index *index;
    struct sample *samples; /* owned; sorted by time */
    size_t count, capacity;
    uint64_t budget;           /* bytes that may still be read */
    struct buffer_image image; /* of the buffer looked at */
    struct buffer_loader loader;
};

static enum etw_status load(struct search *search, const struct buffer_row *row,
                            struct buffer_image *image, struct etw_error *error)
{
    search->budget -= row->fill < search->budget ? row->fill : search->budget;
    search->loader.source = &search->files->sources[etw_place_file(row->offset) - 1];
    image->place = (struct buffer_place){.offset = etw_place_offset(row->offset),
                                         .size = row->size,
                                         .is_size_uncertain = row->is_size_uncertain};
    return buffer_image_load(&search->loader, image, error);
}

static struct record_walk walk_of(const struct buffer_image *image, const struct buffer_row *row)
{
    return (struct record_walk){.data = image->data,
                                .end = image->fill,
                                .fill = image->fill,
                                .position = BUFFER_HEADER_SIZE,
                                .cpu = image->cpu,
                                .ticks = row->first_ticks,
                                .buffer_offset = row->offset};
}

/* Header buffers are about their file, and alike in a series. */
static bool is_of_events(const struct buffer_row *row)
{
    return etw_place_offset(row->offset) > 0;
}

static enum etw_status refuse(const struct search *search, unsigned a, unsigned b,
                              struct etw_error *error)
{
    const struct etw_trace_file *rows = search->files->rows;
    return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                    "%s and %s hold the same events; name each recording once, not also a copy or "
                    "a part of it",
                    trace_files_name(&rows[a - 1]), trace_files_name(&rows[b - 1]));
}

/* ---- buffers in common ---- */

/* The headers of the buffers may differ: a copy may be compressed. */
static enum etw_status compare_rows(struct search *search, const struct buffer_row *a,
                                    const struct buffer_row *b, struct etw_error *error)
{
    struct buffer_image other = {0};
    const struct buffer_image *image = &search->image;
    enum etw_status status = load(search, a, &search->image, error);
    if (status == ETW_OK) {
        status = load(search, b, &other, error);
    }
    bool is_same = status == ETW_OK && image->fill == other.fill &&
                   image->fill > BUFFER_HEADER_SIZE &&
                   memcmp(image->data + BUFFER_HEADER_SIZE, other.data + BUFFER_HEADER_SIZE,
                          image->fill - BUFFER_HEADER_SIZE) == 0;
    buffer_image_done(&other);
    return is_same ? refuse(search, etw_place_file(a->offset), etw_place_file(b->offset), error)
                   : status;
}

static bool may_be_same(const struct buffer_row *a, const struct buffer_row *b)
{
    return is_of_events(a) && is_of_events(b) && a->fill == b->fill &&
           a->last_ticks == b->last_ticks && etw_place_file(a->offset) != etw_place_file(b->offset);
}

static enum etw_status find_buffers(struct search *search, struct etw_error *error)
{
    const struct buffer_index *index = search->index;
    for (size_t i = 0; i < index->count; i++) {
        const struct buffer_row *row = &index->rows[i];
        for (size_t n = i + 1; n < index->count && n <= i + NEIGHBOURS; n++) {
            const struct buffer_row *next = &index->rows[n];
            if (next->first_ticks != row->first_ticks) {
                break;
            }
            bool is_compared = may_be_same(row, next) && search->budget > 0;
            enum etw_status status = is_compared ? compare_rows(search, row, next, error) : ETW_OK;
            if (status) {
                return status;
            }
        }
    }
    return ETW_OK;
}

/* ---- events in common ---- */

/* Of what stays the same when a record is copied by a program; FNV-1a. */
static uint64_t sum_of(const struct etw_record *record)
{
    uint64_t sum = UINT64_C(0xcbf29ce484222325) ^ record->thread_id ^ (uint64_t)record->id << 32;
    for (size_t i = 0; i < record->payload.size; i++) {
        sum = (sum ^ record->payload.data[i]) * UINT64_C(0x100000001b3);
    }
    return sum;
}

/* Classic events are not compared: programs that merge traces add such with a time of their own,
 * the same to each. */
static bool is_comparable(const struct etw_record *record)
{
    return record->class_of == RECORD_IS_MANIFEST || record->class_of == RECORD_IS_KERNEL;
}

static enum etw_status take_sample(struct search *search, const struct buffer_row *row,
                                   struct etw_error *error)
{
    struct etw_record record;
    enum etw_status status = load(search, row, &search->image, error);
    struct record_walk walk = walk_of(&search->image, row);
    while (status == ETW_OK && record_walk_next(&walk, &record) == WALK_RECORD) {
        if (!is_comparable(&record)) {
            continue;
        }
        void *samples = search->samples;
        if (!array_grow(&samples, &search->capacity, search->count + 1, sizeof(*search->samples))) {
            return etw_fail_memory(error, "the comparison of the files");
        }
        search->samples = samples;
        search->samples[search->count++] = (struct sample){
            .ticks = record.ticks, .sum = sum_of(&record), .file = etw_place_file(row->offset)};
        break;
    }
    return status;
}

/* Buffers of each file, evenly over its time. */
static enum etw_status take_samples(struct search *search, struct etw_error *error)
{
    size_t count = search->files->count;
    enum etw_status status = ETW_OK;
    uint64_t *seen = calloc(count, sizeof(*seen));
    if (!seen) {
        return etw_fail_memory(error, "the comparison of the files");
    }
    for (size_t i = 0; status == ETW_OK && search->budget > 0 && i < search->index->count; i++) {
        const struct buffer_row *row = &search->index->rows[i];
        unsigned file = etw_place_file(row->offset) - 1;
        uint64_t step = search->files->rows[file].buffers / SAMPLES_PER_FILE + 1;
        if (is_of_events(row) && seen[file]++ % step == 0) {
            status = take_sample(search, row, error);
        }
    }
    free(seen);
    return status;
}

static int compare_samples(const void *a, const void *b)
{
    const struct sample *left = a;
    const struct sample *right = b;
    if (left->ticks != right->ticks) {
        return left->ticks < right->ticks ? -1 : 1;
    }
    if (left->file != right->file) {
        return left->file < right->file ? -1 : 1;
    }
    return (left->sum > right->sum) - (left->sum < right->sum);
}

/* The first sample that is not earlier. */
static size_t find_sample(const struct search *search, int64_t ticks)
{
    size_t low = 0;
    size_t high = search->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (search->samples[middle].ticks < ticks) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Whether an event of another file, not found elsewhere yet, may stand in the buffer. */
static bool is_wanted(const struct search *search, const struct buffer_row *row)
{
    size_t i = find_sample(search, row->first_ticks);
    for (; i < search->count && search->samples[i].ticks <= row->last_ticks; i++) {
        const struct sample *sample = &search->samples[i];
        if (sample->double_file == 0 && sample->file != etw_place_file(row->offset)) {
            return true;
        }
    }
    return false;
}

static void note_record(struct search *search, unsigned file, const struct etw_record *record)
{
    size_t i = find_sample(search, record->ticks);
    for (; i < search->count && search->samples[i].ticks == record->ticks; i++) {
        struct sample *sample = &search->samples[i];
        if (sample->file != file && is_comparable(record) && sample->sum == sum_of(record)) {
            sample->double_file = file;
        }
    }
}

static enum etw_status look_into(struct search *search, const struct buffer_row *row,
                                 struct etw_error *error)
{
    struct etw_record record;
    enum etw_status status = load(search, row, &search->image, error);
    struct record_walk walk = walk_of(&search->image, row);
    while (status == ETW_OK && record_walk_next(&walk, &record) == WALK_RECORD) {
        note_record(search, etw_place_file(row->offset), &record);
    }
    return status;
}

/* A file all of whose samples stand elsewhere is a copy. Sessions that recorded the same provider
 * may have some events with the same time. */
static enum etw_status judge(const struct search *search, struct etw_error *error)
{
    for (unsigned file = 1; file <= search->files->count; file++) {
        size_t total = 0;
        size_t doubles = 0;
        unsigned other = 0;
        for (size_t i = 0; i < search->count; i++) {
            const struct sample *sample = &search->samples[i];
            bool is_double = sample->file == file && sample->double_file != 0;
            total += sample->file == file;
            doubles += is_double;
            other = is_double ? sample->double_file : other;
        }
        if (total > 0 && doubles == total) {
            return refuse(search, file, other, error);
        }
    }
    return ETW_OK;
}

static enum etw_status find_events(struct search *search, struct etw_error *error)
{
    enum etw_status status = take_samples(search, error);
    if (status || search->count == 0) {
        return status;
    }
    qsort(search->samples, search->count, sizeof(*search->samples), compare_samples);
    for (size_t i = 0; i < search->index->count && search->budget > 0; i++) {
        const struct buffer_row *row = &search->index->rows[i];
        status =
            is_of_events(row) && is_wanted(search, row) ? look_into(search, row, error) : ETW_OK;
        if (status) {
            return status;
        }
    }
    return judge(search, error);
}

static void set_budget(struct search *search)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < search->index->count; i++) {
        bytes += search->index->rows[i].fill;
    }
    search->budget = BUDGET_MINIMUM + bytes / BUDGET_SHARE;
}

enum etw_status trace_copies_refuse(const struct trace_files *files,
                                    const struct buffer_index *index, struct etw_error *error)
{
    struct search search = {.files = files, .index = index};
    if (files->count < 2) {
        return ETW_OK;
    }
    set_budget(&search);
    enum etw_status status = find_buffers(&search, error);
    if (status == ETW_OK) {
        status = find_events(&search, error);
    }
    buffer_image_done(&search.image);
    buffer_loader_done(&search.loader);
    free(search.samples);
    return status;
}
