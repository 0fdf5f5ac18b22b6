/* SPDX-License-Identifier: MIT */
/*
 * record_kinds.h - the record headers that may stand in a buffer: a table from
 * kind to header size, pointer size and reader.
 */
#ifndef ETW_CONTAINER_RECORD_KINDS_H
#define ETW_CONTAINER_RECORD_KINDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "etw/record.h"

/* Fills the bytes of a buffer behind its last record. */
#define RECORD_END_MARKER UINT32_MAX
#define RECORD_ALIGNMENT  8u
/* A time of its own is not in every record: WPP messages without the flag. */
#define RECORD_NO_TIME INT64_MIN

struct record_kind_row {
    const char *name;
    enum record_class class_of;
    uint8_t header_size;  /* 0: no such kind */
    uint8_t pointer_size; /* 0: the record says */
    uint8_t size_at;      /* where the u16 size stands */
    /* Fills all header fields from `data` (at least header_size bytes, `size` in
     * all); false when the inner parts contradict the size. NULL: layout not known. */
    bool (*read)(const uint8_t *data, uint32_t size, struct etw_record *record);
};

extern const struct record_kind_row record_kind_rows[RECORD_KIND_COUNT];

/* The kind that the first dword of a record names; 0: none. */
static inline enum record_kind record_kind_of_marker(uint32_t marker)
{
    uint32_t kind = marker >> 16 & 0xFF;
    switch (marker >> 24) {
    case 0xC0:
        return kind < RECORD_ULONG32_TIME && record_kind_rows[kind].header_size &&
                       kind != RECORD_MESSAGE
                   ? (enum record_kind)kind
                   : (enum record_kind)0;
    case 0x90:
        return kind == 0 ? RECORD_MESSAGE : (enum record_kind)0;
    case 0xB0:
        return RECORD_ULONG32_TIME;
    default:
        return (enum record_kind)0;
    }
}

/* The stored size of a record that begins at `data` with `left` bytes (at least
 * 8) of its buffer left, and its kind; 0: these bytes are no record. */
static inline uint32_t record_size(const uint8_t *data, size_t left, enum record_kind *kind)
{
    enum record_kind found = record_kind_of_marker(load_u32(data));
    if (!found) {
        return 0;
    }
    const struct record_kind_row *row = &record_kind_rows[found];
    uint32_t size = load_u16(data + row->size_at);
    if (size < row->header_size || size > left) {
        return 0;
    }
    *kind = found;
    return size;
}

#endif
