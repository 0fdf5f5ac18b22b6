/* SPDX-License-Identifier: MIT */
/*
 * To support a further kind: its number in etw/record.h, a reader and a row here,
 * its layout in etw/FORMAT.md and a case in tests/unit/test_record_kinds.c.
 */
#include "etw/container/record_kinds.h"

#include "etw/container/extended_items.h"
#include "etw/container/kernel_classes.h"

/* High byte of the version of SYSTEM, COMPACT and PERFINFO records
 * [documented: ntwmi.h]: a u64 PEBS index and up to seven u64 counters stand
 * before the payload. */
#define VERSION_PEBS     0x8000u
#define VERSION_COUNTERS 0x0700u

/* WPP option flags, in the order in which their items stand [documented: evntrace.h] */
enum {
    MESSAGE_SEQUENCE = 0x01,
    MESSAGE_GUID = 0x02,
    MESSAGE_COMPONENT = 0x04,
    MESSAGE_TIME = 0x08,
    MESSAGE_PERFORMANCE_TIME = 0x10,
    MESSAGE_SYSTEM_INFO = 0x20,
    MESSAGE_POINTER32 = 0x40,
    MESSAGE_POINTER64 = 0x80
};

#define EVENT_HAS_EXTENDED_ITEMS 0x0001u

/* The part that SYSTEM, COMPACT and PERFINFO share:
 *   0x00 u16 version   0x02 u8 kind   0x03 u8 0xC0   0x04 u16 size
 *   0x06 u8 opcode     0x07 u8 group */
static bool read_kernel(const uint8_t *data, uint32_t size, uint32_t header_size,
                        struct etw_record *record)
{
    uint32_t version = load_u16(data);
    uint32_t extra = (version & VERSION_PEBS ? 8 : 0) + 8 * ((version & VERSION_COUNTERS) >> 8);
    if (extra > size - header_size) {
        return false;
    }
    record->version = (uint8_t)version;
    record->opcode = data[6];
    record->group = data[7];
    record->provider = kernel_class_guid(record->group, record->opcode);
    record->payload = bytes_of(data + header_size + extra, size - header_size - extra);
    return true;
}

/* 0x08 u32 thread   0x0C u32 process   0x10 i64 time   SYSTEM: 0x18 kernel, user time */
static bool read_system(const uint8_t *data, uint32_t size, struct etw_record *record)
{
    record->thread_id = load_u32(data + 0x08);
    record->process_id = load_u32(data + 0x0C);
    record->ticks = (int64_t)load_u64(data + 0x10);
    return read_kernel(data, size, 0x20, record);
}

static bool read_compact(const uint8_t *data, uint32_t size, struct etw_record *record)
{
    record->thread_id = load_u32(data + 0x08);
    record->process_id = load_u32(data + 0x0C);
    record->ticks = (int64_t)load_u64(data + 0x10);
    return read_kernel(data, size, 0x18, record);
}

/* 0x08 i64 time */
static bool read_perfinfo(const uint8_t *data, uint32_t size, struct etw_record *record)
{
    record->ticks = (int64_t)load_u64(data + 0x08);
    return read_kernel(data, size, 0x10, record);
}

/* EVENT_TRACE_HEADER                          [documented: evntrace.h]
 *   0x00 u16 size     0x04 u8 opcode  0x05 u8 level  0x06 u16 version
 *   0x08 u32 thread   0x0C u32 process  0x10 i64 time  0x18 class guid
 *   0x28 times */
static bool read_full(const uint8_t *data, uint32_t size, struct etw_record *record)
{
    record->opcode = data[4];
    record->level = data[5];
    record->version = (uint8_t)load_u16(data + 6);
    record->thread_id = load_u32(data + 0x08);
    record->process_id = load_u32(data + 0x0C);
    record->ticks = (int64_t)load_u64(data + 0x10);
    record->provider = data + 0x18;
    record->payload = bytes_of(data + 0x30, size - 0x30);
    return true;
}

/* EVENT_INSTANCE_HEADER: as FULL, then two instance ids and the parent's guid. */
static bool read_instance(const uint8_t *data, uint32_t size, struct etw_record *record)
{
    (void)read_full(data, size, record);
    record->payload = bytes_of(data + 0x48, size - 0x48);
    return true;
}

/* EVENT_HEADER                                [documented: evntcons.h]
 *   0x00 u16 size     0x04 u16 flags  0x06 u16 property
 *   0x08 u32 thread   0x0C u32 process  0x10 i64 time  0x18 provider guid
 *   0x28 u16 id  0x2A u8 version  0x2B u8 channel  0x2C u8 level  0x2D u8 opcode
 *   0x2E u16 task  0x30 u64 keywords  0x38 times  0x40 activity guid
 *   0x50 extended items if flag 1, then the payload */
static bool read_event(const uint8_t *data, uint32_t size, struct etw_record *record)
{
    record->flags = load_u16(data + 0x04);
    record->thread_id = load_u32(data + 0x08);
    record->process_id = load_u32(data + 0x0C);
    record->ticks = (int64_t)load_u64(data + 0x10);
    record->provider = data + 0x18;
    record->id = load_u16(data + 0x28);
    record->version = data[0x2A];
    record->channel = data[0x2B];
    record->level = data[0x2C];
    record->opcode = data[0x2D];
    record->task = load_u16(data + 0x2E);
    record->keywords = load_u64(data + 0x30);
    struct bytes rest = bytes_of(data + 0x50, size - 0x50);
    if (record->flags & EVENT_HAS_EXTENDED_ITEMS) {
        record->extended = extended_items_take(&rest);
        if (record->extended.failed) {
            return false;
        }
    }
    bytes_set(&record->payload, rest.data + rest.position, rest.size - rest.position);
    return true;
}

/* TRACE_MESSAGE: 0x00 u16 size  0x04 u16 number  0x06 u16 flags, then the items
 * whose flags are set.                        [documented: evntrace.h] */
static bool read_message(const uint8_t *data, uint32_t size, struct etw_record *record)
{
    struct bytes b = bytes_of(data, size);
    bytes_seek(&b, 4);
    record->id = bytes_u16(&b);
    record->flags = bytes_u16(&b);
    if (record->flags & MESSAGE_SEQUENCE) {
        bytes_skip(&b, 4);
    }
    if (record->flags & MESSAGE_COMPONENT) {
        bytes_skip(&b, 4);
    } else if (record->flags & MESSAGE_GUID) {
        record->provider = bytes_take(&b, 16);
    }
    if (record->flags & (MESSAGE_TIME | MESSAGE_PERFORMANCE_TIME)) {
        record->ticks = (int64_t)bytes_u64(&b);
    }
    if (record->flags & MESSAGE_SYSTEM_INFO) {
        record->thread_id = bytes_u32(&b);
        record->process_id = bytes_u32(&b);
    }
    record->pointer_size = record->flags & MESSAGE_POINTER32 ? 4 : 8;
    record->payload = bytes_rest(&b);
    return !b.failed;
}

/* clang-format off */
const struct record_kind_row record_kind_rows[RECORD_KIND_COUNT] = {
    [RECORD_SYSTEM32]     = {"SYSTEM32",     RECORD_IS_KERNEL,   0x20, 4, 4, read_system},
    [RECORD_SYSTEM64]     = {"SYSTEM64",     RECORD_IS_KERNEL,   0x20, 8, 4, read_system},
    [RECORD_COMPACT32]    = {"COMPACT32",    RECORD_IS_KERNEL,   0x18, 4, 4, read_compact},
    [RECORD_COMPACT64]    = {"COMPACT64",    RECORD_IS_KERNEL,   0x18, 8, 4, read_compact},
    [RECORD_FULL32]       = {"FULL32",       RECORD_IS_CLASSIC,  0x30, 4, 0, read_full},
    [RECORD_INSTANCE32]   = {"INSTANCE32",   RECORD_IS_CLASSIC,  0x48, 4, 0, read_instance},
    [RECORD_TIMED]        = {"TIMED",        RECORD_IS_UNKNOWN,  0x08, 8, 0, NULL},
    [RECORD_ERROR]        = {"ERROR",        RECORD_IS_UNKNOWN,  0x08, 8, 0, NULL},
    [RECORD_WNODE]        = {"WNODE",        RECORD_IS_UNKNOWN,  0x08, 8, 0, NULL},
    [RECORD_MESSAGE]      = {"MESSAGE",      RECORD_IS_MESSAGE,  0x08, 0, 0, read_message},
    [RECORD_PERFINFO32]   = {"PERFINFO32",   RECORD_IS_KERNEL,   0x10, 4, 4, read_perfinfo},
    [RECORD_PERFINFO64]   = {"PERFINFO64",   RECORD_IS_KERNEL,   0x10, 8, 4, read_perfinfo},
    [RECORD_EVENT32]      = {"EVENT32",      RECORD_IS_MANIFEST, 0x50, 4, 0, read_event},
    [RECORD_EVENT64]      = {"EVENT64",      RECORD_IS_MANIFEST, 0x50, 8, 0, read_event},
    [RECORD_FULL64]       = {"FULL64",       RECORD_IS_CLASSIC,  0x30, 8, 0, read_full},
    [RECORD_INSTANCE64]   = {"INSTANCE64",   RECORD_IS_CLASSIC,  0x48, 8, 0, read_instance},
    [RECORD_ULONG32_TIME] = {"ULONG32_TIME", RECORD_IS_UNKNOWN,  0x08, 8, 0, NULL},
};
/* clang-format on */

const char *record_kind_name(enum record_kind kind)
{
    return record_kind_rows[kind].name;
}
