/* SPDX-License-Identifier: MIT */
/*
 * error_text.h - what the system says of an error number, safe with threads.
 */
#ifndef ETW_PLATFORM_POSIX_ERROR_TEXT_H
#define ETW_PLATFORM_POSIX_ERROR_TEXT_H

#define ERROR_TEXT_SIZE 128

/* Writes to `text` and returns it. */
const char *error_text(int number, char text[ERROR_TEXT_SIZE]);

#endif
