/* SPDX-License-Identifier: MIT */
/*
 * array.h - growing arrays. The caller owns the memory and frees it.
 */
#ifndef ETW_BASE_ARRAY_H
#define ETW_BASE_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

/* Makes sure that `*items` (of `item_size` bytes each, `*capacity` of them
 * allocated) has room for `count` items, doubling as it grows. False when there
 * is no memory or the size overflows; nothing has changed then. */
bool array_grow(void **items, size_t *capacity, size_t count, size_t item_size);

#endif
