/* SPDX-License-Identifier: MIT */
/*
 * etl_header.h - the first buffer of an ETL file and the header of every buffer.
 */
#ifndef SAMPLES_WRITER_ETL_HEADER_H
#define SAMPLES_WRITER_ETL_HEADER_H

#include "etl_writer.h"

enum { ETL_BUFFER_HEADER_SIZE = 0x48 };

/* WMI_BUFFER_HEADER, the fields that differ. */
struct etl_buffer_header {
    uint32_t size;         /* in the file */
    uint32_t saved_offset; /* fill as the kernel saved it */
    uint32_t current_offset;
    uint32_t fill;      /* Offset: with this header */
    int64_t time_stamp; /* of the flush */
    uint64_t sequence;
    uint16_t cpu; /* or the 8-bit number and its alignment byte */
    uint16_t logger_id;
    uint32_t state;
    uint16_t flags, type;
};

enum etl_buffer_flag {
    ETL_BUFFER_FLUSH_MARKER = 0x1,
    ETL_BUFFER_PROCESSOR_INDEX = 0x20,
    ETL_BUFFER_COMPRESSED = 0x40
};

enum { ETL_BUFFER_TYPE_HEADER = 4, ETL_STATE_FLUSH = 3 };

/* Into 0x48 bytes. */
void etl_buffer_header_put(uint8_t *at, const struct etl_buffer_header *header);

/* What is known only when the trace ends. */
struct etl_totals {
    int64_t end_time;
    uint32_t buffers_written; /* the header buffer included */
};

/* Appends the whole header buffer. Returns the number of its records. */
unsigned etl_header_buffer_write(struct byte_block *out, const struct etl_options *options,
                                 const struct etl_totals *totals);

#endif
