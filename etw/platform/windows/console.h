/* SPDX-License-Identifier: MIT */
/*
 * console.h - the window in which text appears: it is told to take UTF-8 and colours, and gets
 * back what it had when the program ends.
 */
#ifndef ETW_PLATFORM_WINDOWS_CONSOLE_H
#define ETW_PLATFORM_WINDOWS_CONSOLE_H

#include <stdbool.h>

/* Once, before anything is printed. */
void console_prepare(void);
/* Whether a HANDLE leads to one. */
bool console_is(void *handle);

#endif
