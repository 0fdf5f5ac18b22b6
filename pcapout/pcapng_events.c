/* SPDX-License-Identifier: MIT */
#include "pcapout/pcapng_events.h"

#include <string.h>

#include "pcapout/escape.h"
#include "pcapout/pcapng_options.h"

/* Wireshark takes 256 KiB in all; texts are far shorter than the rest. */
#define USER_DATA_MAXIMUM 65535
#define TEXT_MAXIMUM      16384 /* bytes of UTF-16 */

#define FLAG_HEADER_32_BIT 0x20u
#define FLAG_HEADER_64_BIT 0x40u

static void add_u16(struct text *to, uint32_t value)
{
    uint8_t bytes[2];
    (void)store_u16(bytes, value);
    text_add_bytes(to, bytes, sizeof(bytes));
}

static void add_u32(struct text *to, uint32_t value)
{
    pcapng_add_u32(to, value);
}

static void add_u64(struct text *to, uint64_t value)
{
    add_u32(to, (uint32_t)value);
    add_u32(to, (uint32_t)(value >> 32));
}

static void add_unit(struct text *to, uint32_t code_point)
{
    if (code_point >= 0x10000) {
        add_u16(to, 0xD800 + ((code_point - 0x10000) >> 10));
        code_point = 0xDC00 + ((code_point - 0x10000) & 0x3FF);
    }
    add_u16(to, code_point);
}

/* Returns how many bytes, the NUL counted. */
static uint32_t add_utf16(struct text *to, const char *value)
{
    size_t start = to->size;
    const char *end = value + strlen(value);
    while (value < end && to->size - start < TEXT_MAXIMUM && !to->failed) {
        uint32_t code_point = out_utf8_next(&value, end);
        add_unit(to, code_point == OUT_UTF8_INVALID ? 0xFFFD : code_point);
    }
    add_u16(to, 0);
    return (uint32_t)(to->size - start);
}

static void add_padding(struct text *to, size_t size)
{
    static const uint8_t zeros[4];
    text_add_bytes(to, zeros, pad4(size));
}

static uint32_t or_zero(uint32_t id)
{
    return id == RECORD_NO_ID ? 0 : id;
}

/* What a record of another kind does not have is 0. */
static void add_header(struct text *to, const struct etw_record *record)
{
    static const uint8_t no_guid[16];
    uint32_t width = record->pointer_size == 4 ? FLAG_HEADER_32_BIT : FLAG_HEADER_64_BIT;
    uint32_t flags = record->class_of == RECORD_IS_MANIFEST ? record->flags : 0;
    add_u16(to, record->size > UINT16_MAX ? UINT16_MAX : record->size);
    add_u16(to, record->kind);
    add_u16(to, flags & (FLAG_HEADER_32_BIT | FLAG_HEADER_64_BIT) ? flags : flags | width);
    add_u16(to, 0);
    add_u32(to, or_zero(record->thread_id));
    add_u32(to, or_zero(record->process_id));
    add_u64(to, (uint64_t)record->time);
    text_add_bytes(to, record->provider ? record->provider : no_guid, sizeof(no_guid));
    add_u16(to, record->id);
    const uint8_t descriptor[4] = {record->version, record->channel, record->level, record->opcode};
    text_add_bytes(to, descriptor, sizeof(descriptor));
    add_u16(to, record->task);
    add_u64(to, record->keywords);
    add_u64(to, 0);
    text_add_bytes(to, no_guid, sizeof(no_guid));
    add_u16(to, record->cpu);
    add_u16(to, 0);
}

static void set_u32(struct text *to, size_t offset, uint32_t value)
{
    if (!to->failed) {
        (void)store_u32((uint8_t *)to->data + offset, value);
    }
}

void pcapng_event_bytes(struct text *to, const struct etw_record *record, const char *message,
                        const char *provider)
{
    size_t start = to->size;
    uint32_t user = record->payload.size < USER_DATA_MAXIMUM ? (uint32_t)record->payload.size
                                                             : USER_DATA_MAXIMUM;
    add_header(to, record);
    size_t lengths = to->size;
    add_u32(to, user);
    add_u64(to, 0); /* the two texts, known when written */
    text_add_bytes(to, record->payload.data, user);
    add_padding(to, to->size - start);
    uint32_t message_size = add_utf16(to, message);
    add_padding(to, to->size - start);
    uint32_t provider_size = add_utf16(to, provider);
    add_padding(to, to->size - start);
    set_u32(to, lengths + 4, message_size);
    set_u32(to, lengths + 8, provider_size);
}
