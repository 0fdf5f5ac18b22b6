/* SPDX-License-Identifier: MIT */
/*
 * random.h - numbers for tests that try many inputs: the same ones in every run.
 *
 *     uint64_t seed = 1;
 *     size_t size = random_below(&seed, 100);
 */
#ifndef TESTS_SUPPORT_RANDOM_H
#define TESTS_SUPPORT_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* The next 64 bits (splitmix64, public domain by its author); any seed will do. */
static inline uint64_t random_next(uint64_t *seed)
{
    uint64_t z = *seed += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/* 0 to limit - 1. */
static inline size_t random_below(uint64_t *seed, size_t limit)
{
    return (size_t)(random_next(seed) % limit);
}

#endif
