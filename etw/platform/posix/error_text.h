/* SPDX-License-Identifier: MIT */
/*
 * error_text.h - what the system says of an error number, safe with threads.
 */
#ifndef ETW_PLATFORM_POSIX_ERROR_TEXT_H
#define ETW_PLATFORM_POSIX_ERROR_TEXT_H

#include <stdio.h>
#include <string.h>

#define ERROR_TEXT_SIZE 128

/* Writes to `text` and returns it. */
static inline const char *error_text(int number, char text[ERROR_TEXT_SIZE])
{
    if (strerror_r(number, text, ERROR_TEXT_SIZE) != 0) {
        (void)snprintf(text, ERROR_TEXT_SIZE, "error %d", number);
    }
    return text;
}

#endif
