/* SPDX-License-Identifier: MIT */
/*
 * etl_writer.h - writes ETL files the way Windows lays them out, without Windows.
 *
 *     struct etl_writer *writer = etl_writer_new(&options, file);
 *     ... etl_writer_add(writer, cpu, ticks, record.data, record.size, NULL) in time order ...
 *     is_good = etl_writer_finish(writer);
 *     etl_writer_free(writer);
 *
 * Records (etl_records.h) go into one buffer per CPU; a full buffer goes to the
 * file at once, the rest at the end. It stands alone on purpose: it shares no code
 * with the reader in etw/, so the two cannot share a mistake.
 *
 * One writer belongs to one thread.
 */
#ifndef SAMPLES_WRITER_ETL_WRITER_H
#define SAMPLES_WRITER_ETL_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "byte_block.h"

/* ReservedFlags of the file header: what a time stamp counts. */
enum etl_clock { ETL_CLOCK_QPC = 1, ETL_CLOCK_SYSTEM = 2, ETL_CLOCK_CYCLES = 3 };

/* LogFileMode bits that change the form of the file (evntrace.h). */
enum etl_mode {
    ETL_MODE_SEQUENTIAL = 0x1,
    ETL_MODE_CIRCULAR = 0x2,
    ETL_MODE_PREALLOCATE = 0x20,
    ETL_MODE_PRIVATE = 0x800,
    ETL_MODE_ADD_HEADER = 0x1000,
    ETL_MODE_RELOGGED = 0x10000,
    ETL_MODE_PRIVATE_IN_PROCESS = 0x20000,
    ETL_MODE_COMPRESSED = 0x04000000,
    ETL_MODE_ONE_BUFFER_LIST = 0x10000000 /* NO_PER_PROCESSOR_BUFFERING */
};

/* COMPRESSION_FORMAT_* of ntifs.h. */
enum etl_compression { ETL_LZNT1 = 2, ETL_XPRESS = 3, ETL_XPRESS_HUFFMAN = 4 };

struct etl_time_zone {
    int32_t bias; /* minutes; UTC = local + bias */
    int32_t standard_bias, daylight_bias;
    const char *standard_name, *daylight_name;   /* UTF-8, at most 31 characters */
    uint16_t standard_date[8], daylight_date[8]; /* SYSTEMTIME; all 0: no change over the year */
};

struct etl_options {
    const char *session_name, *file_name; /* UTF-8 */
    uint8_t os_major, os_minor;
    uint32_t os_build;
    uint32_t mode;        /* LogFileMode */
    uint32_t buffer_size; /* of the session: a multiple of 8, 0x400 at least */
    uint16_t cpu_count;
    uint16_t logger_id;
    unsigned pointer_size; /* 4 or 8: form of the file header */
    enum etl_clock clock;
    int64_t frequency;             /* ticks per second of the QPC clock */
    uint32_t cpu_mhz;              /* ticks per microsecond of the cycle clock */
    int64_t start_ticks;           /* not used with the system clock */
    int64_t start_time, boot_time; /* FILETIME */
    int64_t end_time;              /* FILETIME; 0: the time of the last flush */
    int64_t relog_time;            /* FILETIME; time stamps of the buffers of relogged files */
    uint32_t events_lost, buffers_lost;
    uint32_t maximum_file_size; /* MB */
    struct etl_time_zone zone;

    uint32_t circular_buffers;      /* with ETL_MODE_CIRCULAR: data buffers the file holds */
    uint64_t preallocated_size;     /* with ETL_MODE_PREALLOCATE: bytes of the file */
    enum etl_compression algorithm; /* with ETL_MODE_COMPRESSED; 0: XPRESS */
    uint32_t state;                 /* overrides the State of data buffers when not 0 */
    uint64_t sequence_base; /* added to sequence numbers: a later file of a NEWFILE session */
    bool is_windows7;       /* 8-bit CPU numbers; SavedOffset 0 in the header buffer */
    bool is_unfinished;     /* the recorder died: the header is never brought up to date */
    bool has_unaligned_header_fill; /* Offset of the header buffer is not rounded up to 8 */
};

/* Where a record went. Sequence number: etl_writer_find_buffer() tells the rest. */
struct etl_place {
    uint64_t sequence;
    size_t offset; /* in the uncompressed buffer, its header included */
    size_t size;
};

struct etl_buffer_place {
    uint64_t file_offset;
    size_t size; /* in the file */
    bool is_compressed;
};

struct etl_writer;

/* `to` is a seekable binary file that stays the caller's, or NULL: into memory. The
 * options are copied, the texts they point to must outlive the writer. NULL: no
 * memory, or the file cannot be written. */
struct etl_writer *etl_writer_new(const struct etl_options *options, FILE *to);

/* Adds one encoded record. False: it cannot fit into any buffer, no memory, or the file
 * cannot be written. `place` may be NULL. */
bool etl_writer_add(struct etl_writer *writer, uint16_t cpu, int64_t ticks, const void *record,
                    size_t size, struct etl_place *place);
/* Writes the buffer of one CPU although it is not full. */
bool etl_writer_flush(struct etl_writer *writer, uint16_t cpu);
/* Bytes that belong to no buffer, at the current end of the file. */
bool etl_writer_add_stray(struct etl_writer *writer, const void *bytes, size_t size);
/* Room in the CPU's current buffer; a record of this many bytes fills it to its end. */
size_t etl_writer_get_room(const struct etl_writer *writer, uint16_t cpu);

/* Events that were lost so far, for the final header. */
void etl_writer_note_lost(struct etl_writer *writer, uint32_t events);

/* Writes what is left and the final header. Call it once. */
bool etl_writer_finish(struct etl_writer *writer);

/* After finishing. The file in memory, borrowed; empty when writing to a file. */
const struct byte_block *etl_writer_get_image(const struct etl_writer *writer);
/* False: the buffer was overwritten in a circular file. */
bool etl_writer_find_buffer(const struct etl_writer *writer, uint64_t sequence,
                            struct etl_buffer_place *place);
/* Data buffers in the file, and bytes of the file. */
uint64_t etl_writer_count_buffers(const struct etl_writer *writer);
uint64_t etl_writer_get_file_size(const struct etl_writer *writer);
/* Records of the header buffer: they count like all others. */
unsigned etl_writer_count_header_records(const struct etl_writer *writer);

void etl_writer_free(struct etl_writer *writer);

/* FILETIME of a time stamp, rounded down to 100 ns; and a time stamp for a FILETIME. */
int64_t etl_time_of_ticks(const struct etl_options *options, int64_t ticks);
int64_t etl_ticks_of_time(const struct etl_options *options, int64_t time);

#endif
