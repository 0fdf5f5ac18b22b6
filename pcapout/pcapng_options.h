/* SPDX-License-Identifier: MIT */
/*
 * pcapng_options.h - little-endian stores, and the options of pcapng blocks:
 * u16 code, u16 length, value, padding to four bytes.
 */
#ifndef PCAPOUT_PCAPNG_OPTIONS_H
#define PCAPOUT_PCAPNG_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "etw/base/text.h"

/* The options this writer emits. */
enum {
    PCAPNG_OPTION_END = 0,
    PCAPNG_OPTION_COMMENT = 1,
    PCAPNG_SECTION_HARDWARE = 2,
    PCAPNG_SECTION_OS = 3,
    PCAPNG_SECTION_APPLICATION = 4,
    PCAPNG_INTERFACE_NAME = 2,
    PCAPNG_INTERFACE_DESCRIPTION = 3,
    PCAPNG_INTERFACE_MAC = 6,
    PCAPNG_INTERFACE_SPEED = 8,
    PCAPNG_INTERFACE_RESOLUTION = 9,
    PCAPNG_PACKET_FLAGS = 2,
    PCAPNG_PACKET_ID = 5,
    PCAPNG_PACKET_VERDICT = 7,
    PCAPNG_PACKET_PROCESS = 8,
    PCAPNG_PACKET_DARWIN_PROCESS = 0x8001,
    PCAPNG_PACKET_DARWIN_EFFECTIVE = 0x8003,
    PCAPNG_STATISTICS_START = 2,
    PCAPNG_STATISTICS_END = 3,
    PCAPNG_STATISTICS_RECEIVED = 4,
    PCAPNG_STATISTICS_DROPPED_BY_OS = 7,
};

/* Lengths are u16; longer texts are cut here, well below it. */
#define PCAPNG_TEXT_MAXIMUM 32000

/* Compilers make one store of each; big-endian machines are fine. */
static inline uint8_t *store_u16(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t)value;
    to[1] = (uint8_t)(value >> 8);
    return to + 2;
}

static inline uint8_t *store_u32(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t)value;
    to[1] = (uint8_t)(value >> 8);
    to[2] = (uint8_t)(value >> 16);
    to[3] = (uint8_t)(value >> 24);
    return to + 4;
}

static inline uint8_t *store_u64(uint8_t *to, uint64_t value)
{
    return store_u32(store_u32(to, (uint32_t)value), (uint32_t)(value >> 32));
}

static inline size_t pad4(size_t size)
{
    return (4 - (size & 3)) & 3;
}

/* Each appends one option to a block that is being collected in `block`. */
void pcapng_add_bytes(struct text *block, unsigned code, const void *value, size_t size);
/* Cleaned of what is not valid UTF-8 or not visible; nothing for NULL and "". */
void pcapng_add_text(struct text *block, unsigned code, const char *value);
void pcapng_add_u64(struct text *block, unsigned code, uint64_t value);
/* A time as the two halves that pcapng wants, high one first. */
void pcapng_add_time(struct text *block, unsigned code, uint64_t ticks);

/* A block collected in `block`: begin, its fixed fields, options, end (which
 * writes the end of options and both lengths). */
void pcapng_begin_block(struct text *block, uint32_t type);
void pcapng_add_u32(struct text *block, uint32_t value); /* a fixed field */
void pcapng_end_block(struct text *block);
/* The same of a block that has no options. */
void pcapng_end_block_without_options(struct text *block);

#endif
