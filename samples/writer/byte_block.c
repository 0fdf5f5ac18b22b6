/* SPDX-License-Identifier: MIT */
#include "byte_block.h"

#include <stdlib.h>
#include <string.h>

void put_u16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value & 0xFF);
    at[1] = (uint8_t)(value >> 8 & 0xFF);
}

void put_u32(uint8_t *at, uint32_t value)
{
    put_u16(at, value & 0xFFFF);
    put_u16(at + 2, value >> 16);
}

void put_u64(uint8_t *at, uint64_t value)
{
    put_u32(at, (uint32_t)(value & 0xFFFFFFFF));
    put_u32(at + 4, (uint32_t)(value >> 32));
}

void block_done(struct byte_block *block)
{
    free(block->data);
    *block = (struct byte_block){0};
}

void block_clear(struct byte_block *block)
{
    block->size = 0;
    block->failed = false;
}

static bool grow(struct byte_block *block, size_t size)
{
    if (size > SIZE_MAX / 4 || block->size > SIZE_MAX / 4) {
        return false;
    }
    size_t capacity = block->capacity ? block->capacity : 256;
    while (capacity - block->size < size) {
        capacity *= 2;
    }
    uint8_t *data = realloc(block->data, capacity);
    if (!data) {
        return false;
    }
    block->data = data;
    block->capacity = capacity;
    return true;
}

uint8_t *block_extend(struct byte_block *block, size_t size)
{
    if (block->failed) {
        return NULL;
    }
    if (block->capacity - block->size < size || !block->data) {
        if (!grow(block, size)) {
            block->failed = true;
            return NULL;
        }
    }
    uint8_t *at = block->data + block->size;
    block->size += size;
    return at;
}

void block_u8(struct byte_block *block, unsigned value)
{
    uint8_t *at = block_extend(block, 1);
    if (at) {
        *at = (uint8_t)(value & 0xFF);
    }
}

void block_u16(struct byte_block *block, unsigned value)
{
    uint8_t *at = block_extend(block, 2);
    if (at) {
        put_u16(at, value);
    }
}

void block_u32(struct byte_block *block, uint32_t value)
{
    uint8_t *at = block_extend(block, 4);
    if (at) {
        put_u32(at, value);
    }
}

void block_u64(struct byte_block *block, uint64_t value)
{
    uint8_t *at = block_extend(block, 8);
    if (at) {
        put_u64(at, value);
    }
}

void block_i64(struct byte_block *block, int64_t value)
{
    block_u64(block, (uint64_t)value);
}

void block_pointer(struct byte_block *block, uint64_t value, unsigned pointer_size)
{
    if (pointer_size == 4) {
        block_u32(block, (uint32_t)(value & 0xFFFFFFFF));
    } else {
        block_u64(block, value);
    }
}

void block_bytes(struct byte_block *block, const void *data, size_t size)
{
    uint8_t *at = block_extend(block, size);
    if (at && size) {
        memcpy(at, data, size);
    }
}

void block_fill(struct byte_block *block, unsigned value, size_t size)
{
    uint8_t *at = block_extend(block, size);
    if (at && size) {
        memset(at, (int)(value & 0xFF), size);
    }
}

void block_guid(struct byte_block *block, const struct etl_guid *guid)
{
    block_u32(block, guid->first);
    block_u16(block, guid->second);
    block_u16(block, guid->third);
    block_bytes(block, guid->rest, sizeof(guid->rest));
}

/* One character of well-formed UTF-8 (all texts here are the program's own). */
static uint32_t next_character(const unsigned char **text)
{
    const unsigned char *at = *text;
    uint32_t first = *at++;
    unsigned more = first < 0x80 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
    uint32_t character = more ? first & (0x3Fu >> more) : first;
    for (; more && *at; more--) {
        character = character << 6 | (*at++ & 0x3F);
    }
    *text = at;
    return character;
}

void block_utf16_characters(struct byte_block *block, const char *utf8)
{
    const unsigned char *at = (const unsigned char *)utf8;
    while (*at) {
        uint32_t character = next_character(&at);
        if (character >= 0x10000) {
            character -= 0x10000;
            block_u16(block, 0xD800 + (character >> 10));
            block_u16(block, 0xDC00 + (character & 0x3FF));
        } else {
            block_u16(block, character);
        }
    }
}

void block_utf16(struct byte_block *block, const char *utf8)
{
    block_utf16_characters(block, utf8);
    block_u16(block, 0);
}

void block_utf16_field(struct byte_block *block, const char *utf8, size_t characters)
{
    size_t start = block->size;
    block_utf16_characters(block, utf8);
    if (block->failed) {
        return;
    }
    size_t limit = (characters - 1) * 2;
    if (block->size - start > limit) {
        block->size = start + limit;
    }
    block_fill(block, 0, characters * 2 - (block->size - start));
}

void block_text(struct byte_block *block, const char *text)
{
    block_bytes(block, text, strlen(text) + 1);
}
