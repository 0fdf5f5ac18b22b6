/* SPDX-License-Identifier: MIT */
/*
 * WMI_BUFFER_HEADER                [documented: ntwmi.h; measured: real files]
 *
 *   0x00 u32 BufferSize       bytes in the file, header included
 *   0x04 u32 SavedOffset      equals Offset in data buffers
 *   0x08 u32 CurrentOffset    not kept up to date
 *   0x0C i32 ReferenceCount   0 on disk
 *   0x10 i64 TimeStamp        of the flush, session clock
 *   0x18 i64 SequenceNumber
 *   0x20 u64                  stale pointer
 *   0x28 u16 ProcessorIndex   with flag 0x20; else u8 ProcessorNumber, u8 Alignment
 *   0x2A u16 LoggerId
 *   0x2C u32 State            3; perhaps the algorithm in compressed files [guessed]
 *   0x30 u32 Offset           bytes used, header included, when unpacked
 *   0x34 u16 BufferFlag
 *   0x36 u16 BufferType       0 data, 4 the first buffer of the file
 *   0x38 16 bytes             reference clock or stale pointers
 */
#include "etw/container/buffer_header.h"

#include "etw/base/bytes.h"
#include "etw/container/record_kinds.h"

#define CPU_MASK      0x07FF
#define STATE_MAXIMUM 4

/* Packed data never begin like a record: their first flag bit announces a literal,
 * so the first dword is below 0x80000000, and a record's is above. */
static bool is_compressed(const struct buffer_header *header, const uint8_t *data, size_t size)
{
    bool is_flagged = (header->flags & BUFFER_COMPRESSED) != 0;
    if (header->type == BUFFER_TYPE_HEADER) {
        return false; /* never, in files of any kind */
    }
    if (header->offset < BUFFER_HEADER_SIZE + 8 || size < BUFFER_HEADER_SIZE + 8) {
        return is_flagged;
    }
    bool begins_with_record = record_kind_of_marker(load_u32(data + BUFFER_HEADER_SIZE)) != 0;
    if (is_flagged) {
        return !begins_with_record || header->offset > header->size;
    }
    return !begins_with_record && header->offset > header->size &&
           header->saved_offset == header->offset;
}

struct buffer_header buffer_header_read(const uint8_t *data, size_t size)
{
    uint16_t flags = load_u16(data + 0x34);
    uint16_t cpu = load_u16(data + 0x28);
    struct buffer_header header = {
        .size = load_u32(data),
        .saved_offset = load_u32(data + 0x04),
        .reference_count = load_u32(data + 0x0C),
        .sequence = load_u64(data + 0x18),
        .logger_id = load_u16(data + 0x2A),
        .cpu = flags & BUFFER_HAS_CPU_INDEX ? cpu & CPU_MASK : cpu & 0xFF,
        .state = load_u32(data + 0x2C),
        .offset = load_u32(data + 0x30),
        .flags = flags,
        .type = load_u16(data + 0x36),
    };
    header.is_compressed = is_compressed(&header, data, size);
    return header;
}

uint32_t buffer_header_fill(const struct buffer_header *header)
{
    bool is_plain = !header->is_compressed;
    uint32_t limit = is_plain ? header->size : BUFFER_SIZE_MAXIMUM;
    if (is_plain && header->type == BUFFER_TYPE_HEADER) {
        return limit; /* SavedOffset proves nothing here; the end marker ends the walk */
    }
    uint32_t fill = header->offset > header->saved_offset ? header->offset : header->saved_offset;
    if (fill > limit) {
        /* One of the two is damaged when it is impossible; the other one counts. */
        uint32_t other = fill == header->offset ? header->saved_offset : header->offset;
        fill = other >= BUFFER_HEADER_SIZE && other <= limit ? other : limit;
    }
    return fill < BUFFER_HEADER_SIZE ? BUFFER_HEADER_SIZE : fill;
}

static bool has_first_record(const struct buffer_header *header, const uint8_t *data, size_t size)
{
    if (header->is_compressed || header->offset < BUFFER_HEADER_SIZE + 8 ||
        size < BUFFER_HEADER_SIZE + 8) {
        return true; /* nothing to see */
    }
    return record_kind_of_marker(load_u32(data + BUFFER_HEADER_SIZE)) != 0;
}

static bool is_possible_size(uint32_t size)
{
    return size >= BUFFER_HEADER_SIZE && size <= BUFFER_SIZE_MAXIMUM;
}

/* A size that is damaged itself contradicts nothing else. */
static bool is_possible_fill(const struct buffer_header *header, uint32_t fill)
{
    bool is_bounded = !header->is_compressed && is_possible_size(header->size);
    uint32_t limit = is_bounded ? header->size : BUFFER_SIZE_MAXIMUM;
    return fill >= BUFFER_HEADER_SIZE && fill <= limit;
}

/* Offset and SavedOffset say the same thing: one damaged field is one contradiction. */
static unsigned fill_contradictions(const struct buffer_header *header)
{
    bool is_possible = is_possible_fill(header, header->offset);
    bool may_differ = header->type == BUFFER_TYPE_HEADER && header->saved_offset < header->offset;
    if (header->saved_offset == header->offset || may_differ) {
        return !is_possible;
    }
    return is_possible || is_possible_fill(header, header->saved_offset) ? 1 : 2;
}

unsigned buffer_header_contradictions(const uint8_t *data, size_t size)
{
    if (size < BUFFER_HEADER_SIZE) {
        return 100;
    }
    struct buffer_header header = buffer_header_read(data, size);
    bool is_flagged = (header.flags & BUFFER_COMPRESSED) != 0;
    unsigned count = fill_contradictions(&header);
    count += !is_possible_size(header.size);
    count += header.reference_count != 0;
    count += header.state > STATE_MAXIMUM;
    count += (header.flags & ~BUFFER_KNOWN_FLAGS) != 0 || is_flagged != header.is_compressed;
    count += header.type > BUFFER_TYPE_MAXIMUM;
    count += !has_first_record(&header, data, size);
    return count;
}
