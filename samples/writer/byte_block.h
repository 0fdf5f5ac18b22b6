/* SPDX-License-Identifier: MIT */
/*
 * byte_block.h - a growing block of bytes, written little-endian.
 *
 *     struct byte_block block = {0};
 *     block_u16(&block, 0x1234);
 *     block_utf16(&block, "Ethernet");
 *     ... if (block.failed) no memory ...
 *     block_done(&block);
 *
 * A failed block stays failed and ignores further writes, so callers check once.
 */
#ifndef SAMPLES_WRITER_BYTE_BLOCK_H
#define SAMPLES_WRITER_BYTE_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct byte_block {
    uint8_t *data; /* owned */
    size_t size;
    size_t capacity;
    bool failed;
};

/* In the order Windows stores it: one u32, two u16, eight bytes. */
struct etl_guid {
    uint32_t first;
    uint16_t second, third;
    uint8_t rest[8];
};

void block_done(struct byte_block *block);
/* Empty again; keeps the memory. */
void block_clear(struct byte_block *block);
/* Room for `size` more bytes, counted as written; NULL without memory. Valid until
 * the next write. */
uint8_t *block_extend(struct byte_block *block, size_t size);

void block_u8(struct byte_block *block, unsigned value);
void block_u16(struct byte_block *block, unsigned value);
void block_u32(struct byte_block *block, uint32_t value);
void block_u64(struct byte_block *block, uint64_t value);
void block_i64(struct byte_block *block, int64_t value);
/* 4 or 8 bytes. */
void block_pointer(struct byte_block *block, uint64_t value, unsigned pointer_size);
void block_bytes(struct byte_block *block, const void *data, size_t size);
void block_fill(struct byte_block *block, unsigned value, size_t size);
void block_guid(struct byte_block *block, const struct etl_guid *guid);
/* UTF-8 in, UTF-16LE out, without and with the closing zero. */
void block_utf16_characters(struct byte_block *block, const char *utf8);
void block_utf16(struct byte_block *block, const char *utf8);
/* A field of `characters` UTF-16 units: cut, or filled up with zeros; always closed. */
void block_utf16_field(struct byte_block *block, const char *utf8, size_t characters);
/* 8-bit text with the closing zero. */
void block_text(struct byte_block *block, const char *text);

/* Into memory that is already there. */
void put_u16(uint8_t *at, unsigned value);
void put_u32(uint8_t *at, uint32_t value);
void put_u64(uint8_t *at, uint64_t value);

#endif
