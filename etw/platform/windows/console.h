/* SPDX-License-Identifier: MIT */
/*
 * console.h - the window in which text appears: it is told to take UTF-8 and colours, and gets
 * back what it had when the program ends.
 */
#ifndef ETW_PLATFORM_WINDOWS_CONSOLE_H
#define ETW_PLATFORM_WINDOWS_CONSOLE_H

#include <stdbool.h>
#include <windows.h>

/* Once, before anything is printed. */
void console_prepare(void);
bool console_is(HANDLE handle);

#endif
