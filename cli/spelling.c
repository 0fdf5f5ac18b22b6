/* SPDX-License-Identifier: MIT */
#include "cli/spelling.h"

#include <stdbool.h>
#include <string.h>

#define WORD_MAXIMUM 32u

static unsigned least(unsigned a, unsigned b, unsigned c)
{
    unsigned ab = a < b ? a : b;
    return ab < c ? ab : c;
}

static bool is_beginning(const char *typed, size_t typed_size, const char *known, size_t known_size)
{
    return typed_size >= 2 && typed_size <= known_size && memcmp(typed, known, typed_size) == 0;
}

/* Both beginnings are at least one letter long. */
static unsigned cheapest_step(unsigned (*table)[WORD_MAXIMUM + 1], const char *typed,
                              const char *known, size_t t, size_t k)
{
    unsigned replaced = table[t - 1][k - 1] + (typed[t - 1] != known[k - 1]);
    unsigned cheapest = least(table[t - 1][k] + 1, table[t][k - 1] + 1, replaced);
    bool is_swapped =
        t > 1 && k > 1 && typed[t - 1] == known[k - 2] && typed[t - 2] == known[k - 1];
    if (is_swapped && table[t - 2][k - 2] + 1 < cheapest) {
        cheapest = table[t - 2][k - 2] + 1;
    }
    return cheapest;
}

unsigned spelling_distance(const char *typed, size_t typed_size, const char *known)
{
    size_t known_size = strlen(known);
    if (typed_size == 0 || typed_size > WORD_MAXIMUM || known_size > WORD_MAXIMUM) {
        return SPELLING_TOO_FAR;
    }
    if (is_beginning(typed, typed_size, known, known_size)) {
        return 0;
    }
    /* The table of distances between all beginnings of both words. */
    unsigned table[WORD_MAXIMUM + 1][WORD_MAXIMUM + 1];
    for (size_t t = 0; t <= typed_size; t++) {
        for (size_t k = 0; k <= known_size; k++) {
            table[t][k] = t == 0   ? (unsigned)k
                          : k == 0 ? (unsigned)t
                                   : cheapest_step(table, typed, known, t, k);
        }
    }
    unsigned distance = table[typed_size][known_size];
    /* At most a third of the letters may be wrong: else any short word is near. */
    return distance * 3 <= known_size && distance < SPELLING_TOO_FAR ? distance : SPELLING_TOO_FAR;
}
