/* SPDX-License-Identifier: MIT */
#include "etl_records.h"

enum record_kind {
    KIND_SYSTEM32 = 1,
    KIND_SYSTEM64 = 2,
    KIND_COMPACT32 = 3,
    KIND_COMPACT64 = 4,
    KIND_FULL32 = 10,
    KIND_INSTANCE32 = 11,
    KIND_PERFINFO32 = 16,
    KIND_PERFINFO64 = 17,
    KIND_EVENT32 = 18,
    KIND_EVENT64 = 19,
    KIND_FULL64 = 20,
    KIND_INSTANCE64 = 21
};

enum { MARKER_HEADER = 0xC0, MARKER_MESSAGE = 0x90, MARKER_LEGACY = 0xB0 };
enum { EVENT_FLAG_EXTENDED_INFO = 0x0001, ITEM_FOLLOWS = 0x0001 };

static const struct etl_guid no_guid;

/* The size field is known only at the end. */
static void set_size(struct byte_block *out, size_t start, size_t place)
{
    size_t size = out->size - start;
    if (size > 0xFFFF) {
        out->failed = true;
    }
    if (!out->failed) {
        put_u16(out->data + start + place, (unsigned)size);
    }
}

/*
 *   0 u16 version   2 u8 kind   3 u8 0xC0   4 u16 size   6 u8 opcode   7 u8 group
 *   8 u32 thread    12 u32 process   16 i64 time stamp
 *   24 u32 kernel time   28 u32 user time   (not in COMPACT)
 */
void etl_record_system(struct byte_block *out, const struct etl_system *record)
{
    size_t start = out->size;
    unsigned kind = record->is_compact ? KIND_COMPACT32 : KIND_SYSTEM32;
    block_u16(out, record->version);
    block_u8(out, record->pointer_size == 8 ? kind + 1 : kind);
    block_u8(out, MARKER_HEADER);
    block_u16(out, 0);
    block_u16(out, record->hook);
    block_u32(out, record->thread_id);
    block_u32(out, record->process_id);
    block_i64(out, record->ticks);
    if (!record->is_compact) {
        block_u64(out, 0);
    }
    block_bytes(out, record->payload, record->payload_size);
    set_size(out, start, 4);
}

/* As above up to the group; 8 i64 time stamp; PEBS index, counters, payload. */
void etl_record_perfinfo(struct byte_block *out, const struct etl_perfinfo *record)
{
    size_t start = out->size;
    unsigned extension = (record->has_pebs ? 0x80u : 0) | (record->counter_count & 7);
    block_u16(out, record->version | extension << 8);
    block_u8(out, record->pointer_size == 8 ? KIND_PERFINFO64 : KIND_PERFINFO32);
    block_u8(out, MARKER_HEADER);
    block_u16(out, 0);
    block_u16(out, record->hook);
    block_i64(out, record->ticks);
    if (record->has_pebs) {
        block_u64(out, 0x1111111111111111);
    }
    for (unsigned i = 0; i < record->counter_count; i++) {
        block_u64(out, 0x2222222222222200 + i);
    }
    block_bytes(out, record->payload, record->payload_size);
    set_size(out, start, 4);
}

/*
 *   0 u16 size   2 u8 kind   3 u8 0xC0   4 u8 opcode   5 u8 level   6 u16 version
 *   8 u32 thread   12 u32 process   16 i64 time stamp   24 class GUID   40 two u32 times
 *   INSTANCE: 48 u32 instance   52 u32 parent   56 parent GUID
 */
void etl_record_classic(struct byte_block *out, const struct etl_classic *record)
{
    size_t start = out->size;
    bool is_wide = record->pointer_size == 8;
    block_u16(out, 0);
    if (record->is_instance) {
        block_u8(out, is_wide ? KIND_INSTANCE64 : KIND_INSTANCE32);
    } else {
        block_u8(out, is_wide ? KIND_FULL64 : KIND_FULL32);
    }
    block_u8(out, MARKER_HEADER);
    block_u8(out, record->opcode);
    block_u8(out, record->level);
    block_u16(out, record->version);
    block_u32(out, record->thread_id);
    block_u32(out, record->process_id);
    block_i64(out, record->ticks);
    block_guid(out, record->class_guid);
    block_u32(out, record->kernel_time);
    block_u32(out, record->user_time);
    if (record->is_instance) {
        block_u32(out, record->instance);
        block_u32(out, record->parent_instance);
        block_guid(out, record->parent_guid ? record->parent_guid : &no_guid);
    }
    block_bytes(out, record->payload, record->payload_size);
    set_size(out, start, 0);
}

/* 0 u16 whole size, padded   2 u16 type   4 u16 another follows   6 u16 data size   8 data */
static void write_item(struct byte_block *out, const struct etl_item *item, bool is_last)
{
    size_t padding = (8 - (item->size & 7)) & 7;
    block_u16(out, (unsigned)(8 + item->size + padding));
    block_u16(out, item->type);
    block_u16(out, is_last ? 0 : ITEM_FOLLOWS);
    block_u16(out, (unsigned)item->size);
    block_bytes(out, item->data, item->size);
    block_fill(out, 0, padding);
}

/*
 *   0 u16 size   2 u16 0xC012/0xC013   4 u16 flags   6 u16 property   8 u32 thread
 *   12 u32 process   16 i64 time stamp   24 provider GUID   40 descriptor (16 bytes)
 *   56 two u32 times   64 activity GUID   80 items, payload
 */
void etl_record_event(struct byte_block *out, const struct etl_event *record)
{
    size_t start = out->size;
    block_u16(out, 0);
    block_u8(out, record->pointer_size == 8 ? KIND_EVENT64 : KIND_EVENT32);
    block_u8(out, MARKER_HEADER);
    block_u16(out, record->flags | (record->item_count ? EVENT_FLAG_EXTENDED_INFO : 0u));
    block_u16(out, record->property);
    block_u32(out, record->thread_id);
    block_u32(out, record->process_id);
    block_i64(out, record->ticks);
    block_guid(out, record->provider);
    block_u16(out, record->id);
    block_u8(out, record->version);
    block_u8(out, record->channel);
    block_u8(out, record->level);
    block_u8(out, record->opcode);
    block_u16(out, record->task);
    block_u64(out, record->keyword);
    block_u32(out, record->kernel_time);
    block_u32(out, record->user_time);
    block_guid(out, record->activity ? record->activity : &no_guid);
    for (size_t i = 0; i < record->item_count; i++) {
        write_item(out, &record->items[i], i + 1 == record->item_count);
    }
    block_bytes(out, record->payload, record->payload_size);
    set_size(out, start, 0);
}

/* 0 u16 size   2 u8 0   3 u8 0x90   4 u16 number   6 u16 flags; then what the flags say */
void etl_record_message(struct byte_block *out, const struct etl_message *record)
{
    size_t start = out->size;
    unsigned flags = record->flags;
    block_u16(out, 0);
    block_u8(out, 0);
    block_u8(out, MARKER_MESSAGE);
    block_u16(out, record->number);
    block_u16(out, flags);
    if (flags & ETL_MESSAGE_SEQUENCE) {
        block_u32(out, record->sequence);
    }
    if (flags & ETL_MESSAGE_COMPONENT) {
        block_u32(out, record->component);
    } else if (flags & ETL_MESSAGE_GUID) {
        block_guid(out, record->guid);
    }
    if (flags & (ETL_MESSAGE_TIME_STAMP | ETL_MESSAGE_PERFORMANCE_TIME_STAMP)) {
        block_i64(out, record->ticks);
    }
    if (flags & ETL_MESSAGE_SYSTEM_INFO) {
        block_u32(out, record->thread_id);
        block_u32(out, record->process_id);
    }
    block_bytes(out, record->arguments, record->argument_size);
    set_size(out, start, 0);
}

void etl_record_old_kind(struct byte_block *out, unsigned kind, const void *rest, size_t size)
{
    size_t start = out->size;
    block_u16(out, 0);
    block_u8(out, kind);
    block_u8(out, MARKER_HEADER);
    block_bytes(out, rest, size);
    set_size(out, start, 0);
}

void etl_record_legacy(struct byte_block *out, const void *rest, size_t size)
{
    size_t start = out->size;
    block_u16(out, 0);
    block_u8(out, 0);
    block_u8(out, MARKER_LEGACY);
    block_bytes(out, rest, size);
    set_size(out, start, 0);
}
