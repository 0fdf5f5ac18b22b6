/* SPDX-License-Identifier: MIT */
/*
 * spelling.h - how far a mistyped word is from a known one.
 */
#ifndef CLI_SPELLING_H
#define CLI_SPELLING_H

#include <stddef.h>

#define SPELLING_TOO_FAR 4u

/* Letters to insert, delete, replace or swap with the next; 0 for a word of two letters and more
 * that `known` begins with; SPELLING_TOO_FAR when the words have little in common. */
unsigned spelling_distance(const char *typed, size_t typed_size, const char *known);

#endif
