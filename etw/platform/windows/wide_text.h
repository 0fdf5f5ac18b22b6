/* SPDX-License-Identifier: MIT */
/*
 * wide_text.h - between the program's UTF-8 and the UTF-16 of Windows. Names with a lone
 * surrogate, which Windows allows, come through unchanged in their three-byte form (WTF-8).
 */
#ifndef ETW_PLATFORM_WINDOWS_WIDE_TEXT_H
#define ETW_PLATFORM_WINDOWS_WIDE_TEXT_H

#include <wchar.h>

/* Both return memory that the caller frees; NULL: no memory. Bytes that are no UTF-8 become
 * U+FFFD. */
wchar_t *wide_of(const char *utf8);
char *utf8_of(const wchar_t *wide);

/*
 * The path as the functions of Windows take it: absolute, with backslashes, and from 248
 * characters on with the prefix that lifts their limit of 260. A path that cannot be made
 * absolute stays what it is. The caller frees; NULL: no memory.
 */
wchar_t *wide_path(const char *path);

#endif
