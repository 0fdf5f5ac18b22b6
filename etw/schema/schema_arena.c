/* SPDX-License-Identifier: MIT */
#include "etw/schema/schema_arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "etw/base/text.h"

/* A trace has a few dozen schemas of some hundred bytes each; a tree of one event is read and
 * forgotten. Each chunk is as large as all before it, within these. */
#define CHUNK_SIZE_MINIMUM ((size_t)4 << 10)
#define CHUNK_SIZE_MAXIMUM ((size_t)32 << 10)
#define ALIGNMENT          alignof(max_align_t)

struct arena_chunk {
    struct arena_chunk *next; /* owned */
    size_t used, size;
    max_align_t data[];
};

static struct arena_chunk *add_chunk(struct schema_arena *arena, size_t size)
{
    size_t chunk_size = arena->used < CHUNK_SIZE_MAXIMUM ? arena->used : CHUNK_SIZE_MAXIMUM;
    chunk_size = chunk_size > CHUNK_SIZE_MINIMUM ? chunk_size : CHUNK_SIZE_MINIMUM;
    chunk_size = chunk_size > size ? chunk_size : size;
    struct arena_chunk *chunk = calloc(1, sizeof(*chunk) + chunk_size);
    if (chunk) {
        chunk->size = chunk_size;
        chunk->next = arena->chunks;
        arena->chunks = chunk;
    }
    return chunk;
}

void *schema_arena_take(struct schema_arena *arena, size_t size)
{
    if (size > SCHEMA_ARENA_MAXIMUM) {
        return NULL;
    }
    size_t wanted = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (wanted > SCHEMA_ARENA_MAXIMUM - arena->used) {
        return NULL;
    }
    struct arena_chunk *chunk = arena->chunks;
    if (!chunk || wanted > chunk->size - chunk->used) {
        chunk = add_chunk(arena, wanted);
    }
    if (!chunk) {
        return NULL;
    }
    void *taken = (uint8_t *)chunk->data + chunk->used;
    chunk->used += wanted;
    arena->used += wanted;
    return taken;
}

/* Texts made for messages end in blanks and line ends that mean nothing. */
static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

const char *schema_arena_text(struct schema_arena *arena, const char *text, size_t size)
{
    const char *nul = size > 0 ? memchr(text, '\0', size) : NULL;
    size_t length = nul ? (size_t)(nul - text) : size;
    while (length > 0 && is_blank(text[length - 1])) {
        length--;
    }
    char *copy = schema_arena_take(arena, length + 1);
    if (copy && length > 0) {
        memcpy(copy, text, length);
    }
    return copy;
}

const char *schema_arena_utf16(struct schema_arena *arena, const struct bytes *utf16)
{
    struct text utf8 = {.maximum = SCHEMA_ARENA_MAXIMUM};
    text_add_utf16(&utf8, utf16->data, utf16->size);
    const char *copy = utf8.failed ? NULL : schema_arena_text(arena, utf8.data, utf8.size);
    text_done(&utf8);
    return copy;
}

void schema_arena_done(struct schema_arena *arena)
{
    for (struct arena_chunk *chunk = arena->chunks; chunk;) {
        struct arena_chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
    *arena = (struct schema_arena){0};
}
