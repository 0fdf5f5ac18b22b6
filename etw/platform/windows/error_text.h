/* SPDX-License-Identifier: MIT */
/*
 * error_text.h - what is said of an error number of Windows: the same words as elsewhere, so
 * that a cause has one sentence.
 */
#ifndef ETW_PLATFORM_WINDOWS_ERROR_TEXT_H
#define ETW_PLATFORM_WINDOWS_ERROR_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#define ERROR_TEXT_SIZE 128

/* Writes to `text` if it must; returns it or a text that stays. */
const char *error_text(uint32_t code, char text[ERROR_TEXT_SIZE]);
/* There is nothing of this name, or no folder to look in. */
bool error_is_missing(uint32_t code);
bool error_is_existing(uint32_t code);
/* The reader of a pipe has gone. */
bool error_is_closed_pipe(uint32_t code);

#endif
