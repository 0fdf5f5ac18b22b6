/* SPDX-License-Identifier: MIT */
#include "pcapout/held_blocks.h"

#include <stdlib.h>
#include <string.h>

struct held_block {
    struct held_block *next, *next_place;
    uint64_t place; /* whose block is awaited; 0: none is */
    uint8_t *bytes; /* owned; NULL: none */
    size_t size;
};

static void remove_first(struct held_blocks *held)
{
    struct held_block *first = held->first;
    held->first = first->next;
    held->last = held->first ? held->last : NULL;
    held->size -= first->size;
    free(first->bytes);
    free(first);
}

void held_blocks_done(struct held_blocks *held)
{
    while (held->first) {
        remove_first(held);
    }
}

static struct held_block *append(struct held_blocks *held, uint64_t place)
{
    struct held_block *block = calloc(1, sizeof(*block));
    if (!block) {
        return NULL;
    }
    block->place = place;
    if (held->last) {
        held->last->next = block;
    } else {
        held->first = block;
    }
    held->last = block;
    return block;
}

/* The pointer to the place with this number, or to the NULL behind all of them. */
static struct held_block **find_place(struct held_blocks *held, uint64_t number)
{
    struct held_block **at = &held->place;
    while (*at && (*at)->place != number) {
        at = &(*at)->next_place;
    }
    return at;
}

static void end_place(struct held_block **at)
{
    struct held_block *place = *at;
    *at = place->next_place;
    place->place = 0;
}

bool held_blocks_keep_place(struct held_blocks *held, uint64_t number)
{
    struct held_block **end = find_place(held, 0);
    *end = append(held, number);
    return *end != NULL;
}

uint8_t *held_blocks_reserve(struct held_blocks *held, size_t size)
{
    uint8_t *bytes = malloc(size ? size : 1);
    struct held_block *block = bytes ? append(held, 0) : NULL;
    if (!block) {
        free(bytes);
        return NULL;
    }
    block->bytes = bytes;
    return bytes;
}

void held_blocks_advance(struct held_blocks *held, size_t size)
{
    held->last->size = size;
    held->size += size;
    if (held->size > HELD_BLOCKS_MAXIMUM && held->place) {
        end_place(&held->place);
    }
}

bool held_blocks_fill(struct held_blocks *held, uint64_t number, const void *block, size_t size,
                      bool *has_failed)
{
    struct held_block **at = find_place(held, number);
    struct held_block *place = *at;
    *has_failed = false;
    if (!place) {
        return false;
    }
    place->bytes = malloc(size ? size : 1);
    if (!place->bytes) {
        *has_failed = true;
        return false;
    }
    memcpy(place->bytes, block, size);
    end_place(at);
    place->size = size;
    held->size += size;
    return true;
}

void held_blocks_leave(struct held_blocks *held, uint64_t number)
{
    struct held_block **at = find_place(held, number);
    if (*at) {
        end_place(at);
    }
}

enum etw_status held_blocks_write(struct held_blocks *held, struct out_file *file,
                                  struct etw_error *error)
{
    enum etw_status status = ETW_OK;
    while (!status && held->first && held->first->place == 0) {
        const struct held_block *first = held->first;
        status = first->size > 0 ? out_file_write(file, first->bytes, first->size, error) : ETW_OK;
        remove_first(held);
    }
    return status;
}
