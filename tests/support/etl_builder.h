/* SPDX-License-Identifier: MIT */
/*
 * etl_builder.h - small traces in memory, for tests that damage them.
 *
 *     struct etl_builder b = {.buffer_size = 1024};
 *     etl_add_header(&b);
 *     etl_open_buffer(&b, 0);
 *     etl_add_event(&b, 100, 24, 1);
 *     etl_close_buffer(&b);
 *     ... b.data, b.size ...
 *     etl_done(&b);
 *
 * It makes what a test asks for, also what no recorder would write, and fails the
 * test when memory runs out. Every event has a number of its own, so that a test
 * sees which ones arrived.
 */
#ifndef TESTS_SUPPORT_ETL_BUILDER_H
#define TESTS_SUPPORT_ETL_BUILDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "etw/record.h"

/* The clock of the header: QPC at 10 MHz, tick 0 at this FILETIME. */
#define ETL_START_TIME INT64_C(132000000000000000)

struct etl_builder {
    uint8_t *data; /* owned */
    size_t size, capacity;
    uint32_t buffer_size; /* of the session */
    size_t buffer_at;     /* the open buffer */
};

/* Room for `size` zero bytes at the end, counted. */
uint8_t *etl_extend(struct etl_builder *b, size_t size);
void etl_add_bytes(struct etl_builder *b, const void *data, size_t size);
void etl_add_fill(struct etl_builder *b, uint8_t value, size_t size);

/* The first buffer of a trace; it holds one record, the header event. */
void etl_add_header(struct etl_builder *b);

/* Between these two calls, records are added. */
void etl_open_buffer(struct etl_builder *b, uint16_t cpu);
/* Fills up with 0xFF to the session's buffer size. */
void etl_close_buffer(struct etl_builder *b);
/* The same, packed as XPRESS of literals only. */
void etl_close_packed(struct etl_builder *b);

/* An EVENT64 record of 0x50 + payload_size bytes whose id is `number`; its place. */
size_t etl_add_event(struct etl_builder *b, int64_t ticks, size_t payload_size, uint16_t number);
/* A record of `kind` with `size` bytes in all, marker and size set, the rest zero. */
size_t etl_add_record(struct etl_builder *b, enum record_kind kind, uint16_t size);

void etl_done(struct etl_builder *b);

/* Little-endian stores for tests that change bytes. */
void put_le16(uint8_t *at, uint16_t value);
void put_le32(uint8_t *at, uint32_t value);
void put_le64(uint8_t *at, uint64_t value);

/* Appends XPRESS of literals only; returns the packed size. `to` has room for
 * size + size / 8 + 8 bytes. */
size_t pack_literals(const uint8_t *data, size_t size, uint8_t *to);

#endif
