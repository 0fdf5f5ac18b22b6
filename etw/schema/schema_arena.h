/* SPDX-License-Identifier: MIT */
/*
 * schema_arena.h - memory that lives as long as the store of schemas, with a limit,
 * so that a hostile trace cannot fill memory with schemas.
 */
#ifndef ETW_SCHEMA_SCHEMA_ARENA_H
#define ETW_SCHEMA_SCHEMA_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "etw/base/bytes.h"

#define SCHEMA_ARENA_MAXIMUM (64u << 20)

struct arena_chunk;

/* Zero-initialised is empty and valid. */
struct schema_arena {
    struct arena_chunk *chunks; /* owned */
    size_t used;                /* all together */
};

/* Zeroed, aligned for anything; NULL: no memory or beyond the limit. */
void *schema_arena_take(struct schema_arena *arena, size_t size);
/* A NUL-terminated copy; of UTF-16LE as UTF-8, trailing blanks removed. */
const char *schema_arena_text(struct schema_arena *arena, const char *text, size_t size);
const char *schema_arena_utf16(struct schema_arena *arena, const struct bytes *utf16);
void schema_arena_done(struct schema_arena *arena);

#endif
