/* SPDX-License-Identifier: MIT */
#include "pcapout/pcapng_names.h"

#include <string.h>

#include "pcapout/escape.h"
#include "pcapout/pcapng_options.h"

#define BLOCK_NAMES      4u
#define RECORD_IPV4      1u
#define RECORD_IPV6      2u
#define RECORD_END       0u
#define BLOCK_SIZE_LIMIT 65536 /* a new block begins behind it */
#define NAME_SIZE        256   /* DNS names have at most 253 characters */

static void add_record(struct text *block, const struct corr_name *name)
{
    static const uint8_t zeros[4];
    char text[NAME_SIZE];
    struct text clean = {.maximum = 4 * NAME_SIZE};
    out_clean_utf8(&clean, name->name, NAME_SIZE - 1, false);
    out_copy_cut(text, sizeof(text), text_get(&clean));
    size_t name_size = strlen(text) + 1;
    size_t size = name->size + name_size;
    pcapng_add_u32(block, (name->size == 4 ? RECORD_IPV4 : RECORD_IPV6) | (uint32_t)size << 16);
    text_add_bytes(block, name->address, name->size);
    text_add_bytes(block, text, name_size);
    text_add_bytes(block, zeros, pad4(size));
    text_done(&clean);
}

bool pcapng_names_next(struct text *block, const struct corr_name_history *names, size_t *at)
{
    const struct corr_name *rows = NULL;
    size_t count = corr_name_history_list(names, &rows);
    if (*at >= count) {
        return false;
    }
    pcapng_begin_block(block, BLOCK_NAMES);
    for (; *at < count && block->size < BLOCK_SIZE_LIMIT && !block->failed; (*at)++) {
        add_record(block, &rows[*at]);
    }
    pcapng_add_u32(block, RECORD_END);
    pcapng_end_block_without_options(block);
    return true;
}
