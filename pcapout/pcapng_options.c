/* SPDX-License-Identifier: MIT */
#include "pcapout/pcapng_options.h"

#include "pcapout/escape.h"

void pcapng_add_u32(struct text *block, uint32_t value)
{
    uint8_t bytes[4];
    (void)store_u32(bytes, value);
    text_add_bytes(block, bytes, sizeof(bytes));
}

static void add_padding(struct text *block)
{
    static const uint8_t zeros[4];
    text_add_bytes(block, zeros, pad4(block->size));
}

void pcapng_add_bytes(struct text *block, unsigned code, const void *value, size_t size)
{
    pcapng_add_u32(block, (uint32_t)code | (uint32_t)size << 16);
    text_add_bytes(block, value, size);
    add_padding(block);
}

void pcapng_add_text(struct text *block, unsigned code, const char *value)
{
    if (!value || !value[0]) {
        return;
    }
    size_t header = block->size;
    pcapng_add_u32(block, 0);
    size_t start = block->size;
    out_clean_utf8(block, value, PCAPNG_TEXT_MAXIMUM, code == PCAPNG_OPTION_COMMENT);
    if (!block->failed) {
        uint32_t size = (uint32_t)(block->size - start);
        (void)store_u32((uint8_t *)block->data + header, (uint32_t)code | size << 16);
    }
    add_padding(block);
}

void pcapng_add_u64(struct text *block, unsigned code, uint64_t value)
{
    uint8_t bytes[8];
    (void)store_u64(bytes, value);
    pcapng_add_bytes(block, code, bytes, sizeof(bytes));
}

void pcapng_add_time(struct text *block, unsigned code, uint64_t ticks)
{
    uint8_t bytes[8];
    (void)store_u32(store_u32(bytes, (uint32_t)(ticks >> 32)), (uint32_t)ticks);
    pcapng_add_bytes(block, code, bytes, sizeof(bytes));
}

void pcapng_begin_block(struct text *block, uint32_t type)
{
    text_clear(block);
    pcapng_add_u32(block, type);
    pcapng_add_u32(block, 0); /* the length, known at the end */
}

void pcapng_end_block(struct text *block)
{
    pcapng_add_u32(block, PCAPNG_OPTION_END);
    pcapng_end_block_without_options(block);
}

void pcapng_end_block_without_options(struct text *block)
{
    uint32_t size = (uint32_t)block->size + 4;
    pcapng_add_u32(block, size);
    if (!block->failed) {
        (void)store_u32((uint8_t *)block->data + 4, size);
    }
}
