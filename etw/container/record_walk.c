/* SPDX-License-Identifier: MIT */
#include "etw/container/record_walk.h"

#include "etw/container/buffer_header.h"
#include "etw/container/record_kinds.h"

/* So many records in a row, or the exact end of the buffer, prove a chain. */
#define CHAIN_LENGTH 4
/* A record never exceeds its u16 size field. */
#define RECORD_SIZE_MAXIMUM 0x10000u
/* What of a record is read in most cases: its header and the addresses in a frame. */
#define FETCH_AHEAD_BYTES 192u
#define CACHE_LINE_BYTES  64u

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

/* Whether enough of the buffer is in memory to say that a chain begins here. */
static bool can_judge(const struct record_walk *walk, uint32_t position)
{
    return walk->end >= walk->fill || position + CHAIN_LENGTH * RECORD_SIZE_MAXIMUM <= walk->end;
}

/* The first position from `from` on where a chain begins or, with only a part of the
 * buffer in memory, may begin; the end: none. */
static uint32_t find_chain(const struct record_walk *walk, uint32_t from)
{
    uint32_t limit = limit_of(walk);
    uint32_t position = from;
    while (position + RECORD_ALIGNMENT <= limit && can_judge(walk, position) &&
           !is_chain(walk, position)) {
        position += RECORD_ALIGNMENT;
    }
    return position + RECORD_ALIGNMENT <= limit ? position : limit;
}

static void count_finding(struct record_walk *walk, enum finding_kind kind, uint32_t position,
                          uint32_t size)
{
    if (walk->findings) {
        uint64_t place = walk->buffer_offset + (walk->is_unpacked ? 0 : position);
        findings_count(walk->findings, kind, place, size);
    }
}

static void count_damage(struct record_walk *walk, uint32_t from, uint32_t to)
{
    count_finding(walk, FINDING_RECORD_DAMAGED, from, to - from);
}

/* No record where one should be: a record with a wrong marker or length, or the
 * marker that ends a buffer. Before the used bytes do, that may as well be part of a
 * damaged record. WALK_RECORD: the walk stands where records go on. */
static enum walk_step search_on(struct record_walk *walk)
{
    if (!walk->is_searching) {
        walk->is_searching = true;
        walk->damaged_from = walk->position;
        walk->is_end_marked = load_u32(at(walk, walk->position)) == RECORD_END_MARKER;
        walk->position += RECORD_ALIGNMENT;
    }
    uint32_t limit = limit_of(walk);
    walk->position = find_chain(walk, walk->position);
    if (walk->position < limit && !can_judge(walk, walk->position)) {
        return WALK_MORE;
    }
    walk->is_searching = false;
    if (walk->position >= limit && walk->is_end_marked) {
        return WALK_END;
    }
    count_damage(walk, walk->damaged_from, walk->position);
    return WALK_RECORD;
}

/* A record behind which none follows may have a wrong size itself. Then a chain
 * begins inside it; this is where it begins, 0: the record is sound. */
static uint32_t chain_inside(const struct record_walk *walk, uint32_t next)
{
    uint32_t resumed = find_chain(walk, walk->position + RECORD_ALIGNMENT);
    return resumed < next ? resumed : 0;
}

/* Records are met once: without this each of their headers is waited for. */
static void fetch_ahead(const struct record_walk *walk, uint32_t position)
{
    if (position + FETCH_AHEAD_BYTES <= limit_of(walk)) {
        for (uint32_t i = 0; i < FETCH_AHEAD_BYTES; i += CACHE_LINE_BYTES) {
            __builtin_prefetch(at(walk, position + i));
        }
    }
}

static bool is_followed(const struct record_walk *walk, uint32_t next)
{
    uint32_t limit = limit_of(walk);
    enum record_kind kind;
    if (next + RECORD_ALIGNMENT > limit || load_u32(at(walk, next)) == RECORD_END_MARKER) {
        return true;
    }
    uint32_t size = record_size(at(walk, next), limit - next, &kind);
    fetch_ahead(walk, next_position(next, size));
    return size != 0;
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

/* Delivers the record at the walk's position, or counts why not. */
static bool deliver(struct record_walk *walk, enum record_kind kind, uint32_t size,
                    struct etw_record *record)
{
    uint32_t position = walk->position;
    bool is_readable = record_kind_rows[kind].read != NULL;
    bool is_read = is_readable && read_record(walk, kind, size, record);
    walk->position = next_position(position, size);
    if (!is_readable) {
        count_finding(walk, FINDING_RECORD_UNKNOWN_KIND, position, size);
    } else if (is_readable && !is_read) {
        count_damage(walk, position, walk->position);
    }
    return is_read;
}

/* WALK_RECORD: there are bytes to look at. */
static enum walk_step get_ready(const struct record_walk *walk)
{
    if (walk->end < walk->fill && walk->position + 2 * RECORD_SIZE_MAXIMUM > walk->end) {
        return WALK_MORE;
    }
    bool is_at_end = walk->position + RECORD_ALIGNMENT > limit_of(walk);
    return is_at_end && !walk->is_searching ? WALK_END : WALK_RECORD;
}

/* One step over a record or over damage. */
static enum walk_step take(struct record_walk *walk, struct etw_record *record, bool *is_delivered)
{
    uint32_t position = walk->position;
    enum record_kind kind;
    uint32_t size =
        walk->is_searching ? 0 : record_size(at(walk, position), limit_of(walk) - position, &kind);
    if (!size) {
        return search_on(walk);
    }
    uint32_t next = next_position(position, size);
    if (!is_followed(walk, next)) {
        if (!can_judge(walk, next)) {
            return WALK_MORE;
        }
        uint32_t inside = chain_inside(walk, next);
        if (inside) {
            count_damage(walk, position, inside);
            walk->position = inside;
            return WALK_RECORD;
        }
    }
    *is_delivered = deliver(walk, kind, size, record);
    return WALK_RECORD;
}

enum walk_step record_walk_next(struct record_walk *walk, struct etw_record *record)
{
    enum walk_step step = WALK_RECORD;
    bool is_delivered = false;
    while (step == WALK_RECORD && !is_delivered) {
        step = get_ready(walk);
        if (step == WALK_RECORD) {
            step = take(walk, record, &is_delivered);
        }
    }
    return step;
}
