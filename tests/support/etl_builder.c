/* SPDX-License-Identifier: MIT */
#include "tests/support/etl_builder.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "etw/container/buffer_header.h"
#include "etw/container/record_kinds.h"

void put_le16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

void put_le32(uint8_t *at, uint32_t value)
{
    put_le16(at, (uint16_t)value);
    put_le16(at + 2, (uint16_t)(value >> 16));
}

void put_le64(uint8_t *at, uint64_t value)
{
    put_le32(at, (uint32_t)value);
    put_le32(at + 4, (uint32_t)(value >> 32));
}

uint8_t *etl_extend(struct etl_builder *b, size_t size)
{
    if (b->size + size > b->capacity) {
        b->capacity = (b->size + size) * 2;
        b->data = realloc(b->data, b->capacity);
        assert_non_null(b->data);
    }
    uint8_t *room = b->data + b->size;
    memset(room, 0, size);
    b->size += size;
    return room;
}

void etl_add_bytes(struct etl_builder *b, const void *data, size_t size)
{
    if (size > 0) {
        memcpy(etl_extend(b, size), data, size);
    }
}

void etl_add_fill(struct etl_builder *b, uint8_t value, size_t size)
{
    memset(etl_extend(b, size), value, size);
}

void etl_open_buffer(struct etl_builder *b, uint16_t cpu)
{
    b->buffer_at = b->size;
    uint8_t *header = etl_extend(b, BUFFER_HEADER_SIZE);
    put_le16(header + 0x28, cpu);
    put_le32(header + 0x2C, 3);
    put_le16(header + 0x34, BUFFER_HAS_CPU_INDEX);
}

static void set_sizes(struct etl_builder *b, uint32_t fill, uint16_t flags)
{
    uint8_t *header = b->data + b->buffer_at;
    put_le32(header, (uint32_t)(b->size - b->buffer_at));
    put_le32(header + 0x04, fill);
    put_le32(header + 0x08, fill);
    put_le32(header + 0x30, fill);
    put_le16(header + 0x34, (uint16_t)(BUFFER_HAS_CPU_INDEX | flags));
}

void etl_close_buffer(struct etl_builder *b)
{
    size_t fill = b->size - b->buffer_at;
    if (fill < b->buffer_size) {
        etl_add_fill(b, 0xFF, b->buffer_size - fill);
    }
    set_sizes(b, (uint32_t)fill, 0);
}

void etl_close_packed(struct etl_builder *b)
{
    size_t fill = b->size - b->buffer_at;
    size_t size = fill - BUFFER_HEADER_SIZE;
    uint8_t *packed = malloc(size + size / 8 + 8);
    assert_non_null(packed);
    size_t packed_size = pack_literals(b->data + b->buffer_at + BUFFER_HEADER_SIZE, size, packed);
    b->size = b->buffer_at + BUFFER_HEADER_SIZE;
    etl_add_bytes(b, packed, packed_size);
    free(packed);
    set_sizes(b, (uint32_t)fill, BUFFER_COMPRESSED);
}

size_t etl_add_record(struct etl_builder *b, enum record_kind kind, uint16_t size)
{
    size_t at = b->size;
    uint8_t *record = etl_extend(b, (size + 7u) & ~7u);
    record[2] = kind == RECORD_MESSAGE || kind == RECORD_ULONG32_TIME ? 0 : (uint8_t)kind;
    record[3] = kind == RECORD_MESSAGE ? 0x90 : kind == RECORD_ULONG32_TIME ? 0xB0 : 0xC0;
    put_le16(record + record_kind_rows[kind].size_at, size);
    return at;
}

size_t etl_add_event(struct etl_builder *b, int64_t ticks, size_t payload_size, uint16_t number)
{
    assert_true(payload_size <= UINT16_MAX - 0x50);
    size_t at = etl_add_record(b, RECORD_EVENT64, (uint16_t)(0x50 + payload_size));
    uint8_t *record = b->data + at;
    put_le64(record + 0x10, (uint64_t)ticks);
    memset(record + 0x18, 0x11, 16);
    put_le16(record + 0x28, number);
    memset(record + 0x50, 0x5A, payload_size);
    return at;
}

void etl_add_header(struct etl_builder *b)
{
    etl_open_buffer(b, 0);
    size_t at = etl_add_record(b, RECORD_SYSTEM64, 0x20 + 0x118 + 4);
    uint8_t *header = b->data + at + 0x20;
    put_le16(b->data + at, 2);
    put_le32(header, b->buffer_size);
    header[4] = 10;
    header[6] = 1;
    header[7] = 5;
    put_le32(header + 0x08, 19045);
    put_le32(header + 0x0C, 4);
    put_le64(header + 0x10, (uint64_t)ETL_START_TIME + 100000000);
    put_le32(header + 0x2C, 8);
    put_le64(header + 0x100, 10000000);
    put_le64(header + 0x108, (uint64_t)ETL_START_TIME);
    put_le32(header + 0x110, 1);
    etl_close_buffer(b);
    put_le16(b->data + b->buffer_at + 0x34, BUFFER_HAS_CPU_INDEX | BUFFER_FLUSH_MARKER);
    put_le16(b->data + b->buffer_at + 0x36, BUFFER_TYPE_HEADER);
}

void etl_done(struct etl_builder *b)
{
    free(b->data);
    *b = (struct etl_builder){0};
}

size_t pack_literals(const uint8_t *data, size_t size, uint8_t *to)
{
    size_t at = 0;
    for (size_t from = 0; from < size; from += 32) {
        size_t count = size - from < 32 ? size - from : 32;
        /* The unused bits of the last flag word are 1. */
        put_le32(to + at, count == 32 ? 0 : UINT32_MAX >> count);
        memcpy(to + at + 4, data + from, count);
        at += 4 + count;
    }
    return at;
}
