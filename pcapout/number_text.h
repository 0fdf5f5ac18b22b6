/* SPDX-License-Identifier: MIT */
/*
 * number_text.h - decimal numbers for the writers' inner loops: some of them
 * stand in every packet and every row, and printf would be most of their cost.
 */
#ifndef PCAPOUT_NUMBER_TEXT_H
#define PCAPOUT_NUMBER_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define NUMBER_TEXT_SIZE 20 /* digits of 2^64 - 1; no NUL is written */

/* Writes the digits to the front of `to` and returns how many. */
static inline size_t number_text(uint64_t value, char to[NUMBER_TEXT_SIZE])
{
    char digits[NUMBER_TEXT_SIZE];
    size_t at = sizeof(digits);
    while (value > UINT32_MAX) {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    }
    /* 32-bit divisions by a constant are the cheaper ones */
    uint32_t rest = (uint32_t)value;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    size_t size = sizeof(digits) - at;
    memcpy(to, digits + at, size);
    return size;
}

#endif
