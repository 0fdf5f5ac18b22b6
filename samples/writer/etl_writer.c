/* SPDX-License-Identifier: MIT */
#include "etl_writer.h"

#include "etl_header.h"
#include "other_compression.h"
#include "xpress_compress.h"

#include <stdlib.h>
#include <string.h>

/* One CPU's buffer, its header included. */
struct cpu_buffer {
    uint8_t *image; /* owned; NULL until the first record */
    size_t fill;    /* 0: nothing in it */
    uint64_t sequence;
};

/* By sequence number - 1. */
struct buffer_row {
    uint64_t file_offset;
    uint32_t size; /* 0: not written yet */
    uint32_t flush_number;
    bool is_compressed;
};

struct etl_writer {
    struct etl_options options;
    FILE *file; /* borrowed; NULL: `image` */
    struct byte_block image;
    struct byte_block scratch; /* one buffer in its form for the file */
    uint64_t position, file_size;
    unsigned header_records;
    struct cpu_buffer *cpus; /* owned, options.cpu_count rows */
    struct buffer_row *rows; /* owned */
    size_t row_count, row_capacity;
    uint32_t flush_count;
    int64_t last_ticks;
    bool failed;
};

static int64_t scale(int64_t value, int64_t multiplier, int64_t divisor)
{
    int64_t whole = value / divisor, rest = value % divisor;
    if (rest < 0) { /* round down, not towards zero */
        rest += divisor;
        whole--;
    }
    return whole * multiplier + rest * multiplier / divisor;
}

int64_t etl_time_of_ticks(const struct etl_options *options, int64_t ticks)
{
    if (options->clock == ETL_CLOCK_SYSTEM) {
        return ticks;
    }
    int64_t since = ticks - options->start_ticks;
    int64_t passed = options->clock == ETL_CLOCK_QPC ? scale(since, 10000000, options->frequency)
                                                     : scale(since, 10, options->cpu_mhz);
    return options->start_time + passed;
}

int64_t etl_ticks_of_time(const struct etl_options *options, int64_t time)
{
    if (options->clock == ETL_CLOCK_SYSTEM) {
        return time;
    }
    int64_t since = time - options->start_time;
    int64_t passed = options->clock == ETL_CLOCK_QPC ? scale(since, options->frequency, 10000000)
                                                     : scale(since, options->cpu_mhz, 10);
    return options->start_ticks + passed;
}

/* ---- bytes to the file or to memory ---- */

static bool put(struct etl_writer *writer, const void *bytes, size_t size)
{
    if (writer->failed) {
        return false;
    }
    if (writer->file) {
        writer->failed = fwrite(bytes, 1, size, writer->file) != size;
    } else {
        if (writer->position + size > writer->image.size) {
            (void)block_extend(&writer->image,
                               (size_t)writer->position + size - writer->image.size);
        }
        writer->failed = writer->image.failed;
        if (!writer->failed && size) {
            memcpy(writer->image.data + writer->position, bytes, size);
        }
    }
    writer->position += size;
    if (writer->position > writer->file_size) {
        writer->file_size = writer->position;
    }
    return !writer->failed;
}

/* Only files of bounded size go back (header, circular), so `long` is enough. */
static bool go_to(struct etl_writer *writer, uint64_t position)
{
    if (writer->file && position != writer->position) {
        if (position > 0x7FFFFFFF || fseek(writer->file, (long)position, SEEK_SET) != 0) {
            writer->failed = true;
        }
    }
    writer->position = position;
    return !writer->failed;
}

static bool put_file_header(struct etl_writer *writer, const struct etl_totals *totals)
{
    block_clear(&writer->scratch);
    writer->header_records = etl_header_buffer_write(&writer->scratch, &writer->options, totals);
    if (writer->scratch.failed) {
        writer->failed = true;
        return false;
    }
    return put(writer, writer->scratch.data, writer->scratch.size);
}

/* ---- one buffer ---- */

static struct buffer_row *add_row(struct etl_writer *writer)
{
    if (writer->row_count == writer->row_capacity) {
        size_t capacity = writer->row_capacity ? writer->row_capacity * 2 : 64;
        struct buffer_row *rows = realloc(writer->rows, capacity * sizeof(*rows));
        if (!rows) {
            return NULL;
        }
        writer->rows = rows;
        writer->row_capacity = capacity;
    }
    writer->rows[writer->row_count] = (struct buffer_row){0};
    return &writer->rows[writer->row_count++];
}

/* Sequence numbers are given when a buffer is taken into use, so they are not in the
 * order of the file: a quiet CPU's buffer with a low number is written late. */
static bool begin_buffer(struct etl_writer *writer, struct cpu_buffer *buffer)
{
    if (!buffer->image) {
        buffer->image = malloc(writer->options.buffer_size);
    }
    if (!buffer->image || !add_row(writer)) {
        writer->failed = true;
        return false;
    }
    memset(buffer->image, 0, ETL_BUFFER_HEADER_SIZE);
    buffer->fill = ETL_BUFFER_HEADER_SIZE;
    buffer->sequence = writer->row_count;
    return true;
}

/* By enum etl_compression; the first is what is meant when nothing was chosen. */
static bool (*const compressors[])(struct byte_block *out, const uint8_t *data,
                                   size_t size) = {[0] = xpress_compress,
                                                   [ETL_LZNT1] = lznt1_compress,
                                                   [ETL_XPRESS] = xpress_compress,
                                                   [ETL_XPRESS_HUFFMAN] = xpress_huffman_compress};

/* The buffer as it will stand in the file. */
struct prepared {
    uint8_t *bytes; /* its header is still to be written; borrowed */
    size_t size;
    bool is_compressed;
};

/* A buffer that compression would not shrink is stored as it is, down to its fill. */
static bool prepare(struct etl_writer *writer, struct cpu_buffer *buffer, struct prepared *out)
{
    *out = (struct prepared){.bytes = buffer->image, .size = writer->options.buffer_size};
    if (!(writer->options.mode & ETL_MODE_COMPRESSED)) {
        memset(buffer->image + buffer->fill, 0xFF, out->size - buffer->fill);
        return true;
    }
    block_clear(&writer->scratch);
    block_fill(&writer->scratch, 0, ETL_BUFFER_HEADER_SIZE);
    if (!compressors[writer->options.algorithm](&writer->scratch,
                                                buffer->image + ETL_BUFFER_HEADER_SIZE,
                                                buffer->fill - ETL_BUFFER_HEADER_SIZE)) {
        return false;
    }
    out->size = buffer->fill;
    if (writer->scratch.size < buffer->fill) {
        *out = (struct prepared){writer->scratch.data, writer->scratch.size, true};
    }
    return true;
}

static struct etl_buffer_header describe(const struct etl_writer *writer, uint16_t cpu,
                                         const struct cpu_buffer *buffer, size_t size)
{
    const struct etl_options *options = &writer->options;
    struct etl_buffer_header header = {.size = (uint32_t)size,
                                       .saved_offset = (uint32_t)buffer->fill,
                                       .current_offset = (uint32_t)buffer->fill,
                                       .fill = (uint32_t)buffer->fill,
                                       .time_stamp = writer->last_ticks,
                                       .sequence = buffer->sequence + options->sequence_base,
                                       .cpu = cpu,
                                       .logger_id = options->logger_id,
                                       .state = options->state ? options->state : ETL_STATE_FLUSH,
                                       .flags = ETL_BUFFER_PROCESSOR_INDEX};
    if (options->algorithm && !options->state) {
        header.state = options->algorithm;
    }
    if (options->mode & ETL_MODE_RELOGGED) {
        /* Time of the relogging, a little later for every buffer. */
        header.time_stamp = options->relog_time + (int64_t)writer->flush_count * 10000;
        header.current_offset = options->buffer_size + header.fill;
        header.logger_id = 0;
    }
    if (options->is_windows7) {
        header.cpu = (uint16_t)((cpu & 0xFF) | 0x0800); /* upper byte: alignment 8 */
        header.flags = 0;
    }
    return header;
}

static bool write_buffer(struct etl_writer *writer, uint16_t cpu, bool is_last)
{
    const struct etl_options *options = &writer->options;
    struct cpu_buffer *buffer = &writer->cpus[cpu];
    struct prepared prepared;
    if (!prepare(writer, buffer, &prepared)) {
        writer->failed = true;
        return false;
    }
    struct etl_buffer_header header = describe(writer, cpu, buffer, prepared.size);
    header.flags |= (uint16_t)((prepared.is_compressed ? ETL_BUFFER_COMPRESSED : 0) |
                               (is_last ? ETL_BUFFER_FLUSH_MARKER : 0));
    etl_buffer_header_put(prepared.bytes, &header);
    if (options->mode & ETL_MODE_CIRCULAR && options->circular_buffers) {
        uint64_t slot = 1 + writer->flush_count % options->circular_buffers;
        (void)go_to(writer, slot * options->buffer_size);
    }
    struct buffer_row *row = &writer->rows[buffer->sequence - 1];
    row->file_offset = writer->position;
    row->size = header.size;
    row->flush_number = writer->flush_count++;
    row->is_compressed = prepared.is_compressed;
    buffer->fill = 0;
    return put(writer, prepared.bytes, prepared.size);
}

/* ---- the interface ---- */

struct etl_writer *etl_writer_new(const struct etl_options *options, FILE *to)
{
    static const struct etl_totals not_yet = {.end_time = 0, .buffers_written = 1};
    struct etl_writer *writer = calloc(1, sizeof(*writer));
    if (!writer) {
        return NULL;
    }
    writer->options = *options;
    writer->file = to;
    writer->last_ticks =
        options->clock == ETL_CLOCK_SYSTEM ? options->start_time : options->start_ticks;
    writer->cpus = calloc(options->cpu_count, sizeof(*writer->cpus));
    if (!writer->cpus || !put_file_header(writer, &not_yet)) {
        etl_writer_free(writer);
        return NULL;
    }
    return writer;
}

size_t etl_writer_get_room(const struct etl_writer *writer, uint16_t cpu)
{
    size_t fill = writer->cpus[cpu].fill;
    return writer->options.buffer_size - (fill ? fill : ETL_BUFFER_HEADER_SIZE);
}

bool etl_writer_add(struct etl_writer *writer, uint16_t cpu, int64_t ticks, const void *record,
                    size_t size, struct etl_place *place)
{
    uint16_t list = writer->options.mode & ETL_MODE_ONE_BUFFER_LIST ? 0 : cpu;
    size_t aligned = (size + 7) & ~(size_t)7;
    if (writer->failed || list >= writer->options.cpu_count ||
        aligned > writer->options.buffer_size - ETL_BUFFER_HEADER_SIZE) {
        writer->failed = true;
        return false;
    }
    struct cpu_buffer *buffer = &writer->cpus[list];
    if (buffer->fill && aligned > writer->options.buffer_size - buffer->fill &&
        !write_buffer(writer, list, false)) {
        return false;
    }
    if (!buffer->fill && !begin_buffer(writer, buffer)) {
        return false;
    }
    if (place) {
        *place = (struct etl_place){buffer->sequence, buffer->fill, size};
    }
    memcpy(buffer->image + buffer->fill, record, size);
    /* Windows leaves old bytes in the padding. */
    memset(buffer->image + buffer->fill + size, 0xA5, aligned - size);
    buffer->fill += aligned;
    if (ticks > writer->last_ticks) {
        writer->last_ticks = ticks;
    }
    return true;
}

bool etl_writer_flush(struct etl_writer *writer, uint16_t cpu)
{
    return !writer->failed && (!writer->cpus[cpu].fill || write_buffer(writer, cpu, false));
}

bool etl_writer_add_stray(struct etl_writer *writer, const void *bytes, size_t size)
{
    return put(writer, bytes, size);
}

/* Private loggers write what is left by descending sequence numbers, the kernel by CPU. */
static uint16_t choose_next(const struct etl_writer *writer, bool *found)
{
    uint16_t chosen = 0;
    *found = false;
    for (uint16_t cpu = 0; cpu < writer->options.cpu_count; cpu++) {
        if (!writer->cpus[cpu].fill) {
            continue;
        }
        if (!*found || (writer->options.mode & ETL_MODE_PRIVATE &&
                        writer->cpus[cpu].sequence > writer->cpus[chosen].sequence)) {
            chosen = cpu;
        }
        *found = true;
    }
    return chosen;
}

static bool flush_all(struct etl_writer *writer)
{
    size_t left = 0;
    for (uint16_t cpu = 0; cpu < writer->options.cpu_count; cpu++) {
        left += writer->cpus[cpu].fill != 0;
    }
    for (; left; left--) {
        bool found = false;
        uint16_t cpu = choose_next(writer, &found);
        if (!write_buffer(writer, cpu, left == 1)) {
            return false;
        }
    }
    return true;
}

static bool fill_preallocated(struct etl_writer *writer)
{
    static const uint8_t zeros[4096];
    while (!writer->failed && writer->file_size < writer->options.preallocated_size) {
        uint64_t left = writer->options.preallocated_size - writer->file_size;
        (void)put(writer, zeros, left < sizeof(zeros) ? (size_t)left : sizeof(zeros));
    }
    return !writer->failed;
}

void etl_writer_note_lost(struct etl_writer *writer, uint32_t events)
{
    writer->options.events_lost = events;
}

bool etl_writer_finish(struct etl_writer *writer)
{
    const struct etl_options *options = &writer->options;
    if (writer->failed || !flush_all(writer)) {
        return false;
    }
    (void)go_to(writer, writer->file_size);
    uint64_t buffers = etl_writer_count_buffers(writer);
    if (options->mode & ETL_MODE_PREALLOCATE && !fill_preallocated(writer)) {
        return false;
    }
    if (options->is_unfinished || options->mode & ETL_MODE_PRIVATE) {
        return !writer->failed;
    }
    struct etl_totals totals = {.end_time = options->end_time
                                                ? options->end_time
                                                : etl_time_of_ticks(options, writer->last_ticks),
                                .buffers_written = (uint32_t)(buffers + 1)};
    return go_to(writer, 0) && put_file_header(writer, &totals) &&
           (!writer->file || fflush(writer->file) == 0);
}

const struct byte_block *etl_writer_get_image(const struct etl_writer *writer)
{
    return &writer->image;
}

bool etl_writer_find_buffer(const struct etl_writer *writer, uint64_t sequence,
                            struct etl_buffer_place *place)
{
    if (sequence == 0 || sequence > writer->row_count || !writer->rows[sequence - 1].size) {
        return false;
    }
    const struct buffer_row *row = &writer->rows[sequence - 1];
    if (writer->options.mode & ETL_MODE_CIRCULAR && writer->options.circular_buffers &&
        writer->flush_count - row->flush_number > writer->options.circular_buffers) {
        return false;
    }
    *place = (struct etl_buffer_place){row->file_offset, row->size, row->is_compressed};
    return true;
}

uint64_t etl_writer_count_buffers(const struct etl_writer *writer)
{
    uint32_t most = writer->options.circular_buffers;
    if (writer->options.mode & ETL_MODE_CIRCULAR && most && writer->flush_count > most) {
        return most;
    }
    return writer->flush_count;
}

uint64_t etl_writer_get_file_size(const struct etl_writer *writer)
{
    return writer->file_size;
}

unsigned etl_writer_count_header_records(const struct etl_writer *writer)
{
    return writer->header_records;
}

void etl_writer_free(struct etl_writer *writer)
{
    if (!writer) {
        return;
    }
    for (size_t cpu = 0; writer->cpus && cpu < writer->options.cpu_count; cpu++) {
        free(writer->cpus[cpu].image);
    }
    free(writer->cpus);
    free(writer->rows);
    block_done(&writer->image);
    block_done(&writer->scratch);
    free(writer);
}
