/* SPDX-License-Identifier: MIT */
#include "etw/container/record_walk.h"

#include "etw/container/buffer_header.h"
#include "etw/container/record_kinds.h"

/* So many records in a row, or the exact end of the buffer, prove a chain. */
#define CHAIN_LENGTH 4
/* A record never exceeds its u16 size field. */
#define RECORD_SIZE_MAXIMUM 0x10000u

static const uint8_t *at(const struct record_walk *walk, uint32_t position)
{
    return walk->data + (position - walk->base);
}

static uint32_t next_position(uint32_t position, uint32_t size)
{
    return position + ((size + RECORD_ALIGNMENT - 1) & ~(RECORD_ALIGNMENT - 1));
}

/* Positions of which all bytes are in memory and in use. */
static uint32_t limit_of(const struct record_walk *walk)
{
    return walk->end < walk->fill ? walk->end : walk->fill;
}

/* Whether records, or the end of them, follow from `position`. */
static bool is_chain(const struct record_walk *walk, uint32_t position)
{
    uint32_t limit = limit_of(walk);
    for (int i = 0; i < CHAIN_LENGTH; i++) {
        if (position + RECORD_ALIGNMENT > limit) {
            return i > 0 && position >= limit;
        }
        enum record_kind kind;
        if (load_u32(at(walk, position)) == RECORD_END_MARKER) {
            return i > 0;
        }
        uint32_t size = record_size(at(walk, position), limit - position, &kind);
        if (!size) {
            return false;
        }
        position = next_position(position, size);
    }
    return true;
}

/* The first position from `from` on where a chain begins; the end: none. */
static uint32_t find_chain(const struct record_walk *walk, uint32_t from)
{
    uint32_t limit = limit_of(walk);
    uint32_t position = from;
    while (position + RECORD_ALIGNMENT <= limit && !is_chain(walk, position)) {
        position += RECORD_ALIGNMENT;
    }
    return position + RECORD_ALIGNMENT <= limit ? position : limit;
}

static void count_damage(struct record_walk *walk, uint32_t from, uint32_t to)
{
    if (walk->findings) {
        findings_count(walk->findings, FINDING_RECORD_DAMAGED, walk->buffer_offset + from,
                       to - from);
    }
}

/* No record where one should be: a record with a wrong marker or length. */
static void skip_damage(struct record_walk *walk)
{
    uint32_t resumed = find_chain(walk, walk->position + RECORD_ALIGNMENT);
    count_damage(walk, walk->position, resumed);
    walk->position = resumed;
}

/* A record behind which none follows may have a wrong size itself. True when a
 * chain begins inside it: it was damaged and has been passed over. */
static bool was_oversized(struct record_walk *walk, uint32_t next)
{
    uint32_t limit = limit_of(walk);
    enum record_kind kind;
    if (next + RECORD_ALIGNMENT > limit || load_u32(at(walk, next)) == RECORD_END_MARKER ||
        record_size(at(walk, next), limit - next, &kind)) {
        return false;
    }
    uint32_t resumed = find_chain(walk, walk->position + RECORD_ALIGNMENT);
    if (resumed >= next) {
        return false;
    }
    count_damage(walk, walk->position, resumed);
    walk->position = resumed;
    return true;
}

static bool read_record(struct record_walk *walk, enum record_kind kind, uint32_t size,
                        struct etw_record *record)
{
    const struct record_kind_row *row = &record_kind_rows[kind];
    *record = (struct etw_record){.kind = kind,
                                  .class_of = row->class_of,
                                  .pointer_size = row->pointer_size,
                                  .cpu = walk->cpu,
                                  .process_id = RECORD_NO_ID,
                                  .thread_id = RECORD_NO_ID,
                                  .ticks = RECORD_NO_TIME,
                                  .size = size,
                                  .offset = walk->buffer_offset + walk->position};
    if (!row->read(at(walk, walk->position), size, record)) {
        return false;
    }
    if (record->ticks == RECORD_NO_TIME) {
        record->ticks = walk->ticks;
    }
    walk->ticks = record->ticks;
    return true;
}

enum walk_step record_walk_next(struct record_walk *walk, struct etw_record *record)
{
    for (;;) {
        uint32_t position = walk->position;
        bool is_all_there = walk->end >= walk->fill;
        if (!is_all_there && position + 2 * RECORD_SIZE_MAXIMUM > walk->end) {
            return WALK_MORE;
        }
        uint32_t limit = limit_of(walk);
        if (position + RECORD_ALIGNMENT > limit) {
            return WALK_END;
        }
        const uint8_t *data = at(walk, position);
        if (load_u32(data) == RECORD_END_MARKER) {
            return WALK_END;
        }
        enum record_kind kind;
        uint32_t size = record_size(data, limit - position, &kind);
        if (!size) {
            skip_damage(walk);
            continue;
        }
        uint32_t next = next_position(position, size);
        if (was_oversized(walk, next)) {
            continue;
        }
        bool is_readable = record_kind_rows[kind].read != NULL;
        bool is_read = is_readable && read_record(walk, kind, size, record);
        walk->position = next;
        if (is_read) {
            return WALK_RECORD;
        }
        if (is_readable) {
            count_damage(walk, position, next);
        } else if (walk->findings) {
            findings_count(walk->findings, FINDING_RECORD_UNKNOWN_KIND,
                           walk->buffer_offset + position, size);
        }
    }
}
