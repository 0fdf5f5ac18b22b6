/* SPDX-License-Identifier: MIT */
#include "etw/platform/windows/wide_text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "etw/base/text.h"

/* From here on a path gets the prefix: a folder must leave room for a name of 8.3. */
#define LONG_PATH 248
/* Characters for the longest prefix, \\?\UNC\, beyond what it replaces. */
#define PREFIX_ROOM 8

#define REPLACEMENT 0xFFFDu

/* ---- UTF-8 and UTF-16 ---- */

/* Forms of UTF-8 by their first byte. */
static const struct {
    uint8_t mask, mark;
    unsigned size;
    uint32_t least; /* what a shorter form could not say */
} forms[] = {
    {0x80, 0x00, 1, 0},
    {0xE0, 0xC0, 2, 0x80},
    {0xF0, 0xE0, 3, 0x800},
    {0xF8, 0xF0, 4, 0x10000},
};

/* The character at `*at`, which moves behind it; REPLACEMENT for a byte that begins none. */
static uint32_t next_character(const uint8_t **at)
{
    const uint8_t *bytes = *at;
    *at = bytes + 1;
    for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
        if ((bytes[0] & forms[f].mask) != forms[f].mark) {
            continue;
        }
        uint32_t character = bytes[0] & (uint8_t)~forms[f].mask;
        unsigned i = 1;
        while (i < forms[f].size && (bytes[i] & 0xC0) == 0x80) {
            character = character << 6 | (bytes[i++] & 0x3F);
        }
        if (i < forms[f].size || character < forms[f].least || character > 0x10FFFF) {
            return REPLACEMENT;
        }
        *at = bytes + i;
        return character;
    }
    return REPLACEMENT;
}

wchar_t *wide_of(const char *utf8)
{
    /* No character needs more units than it has bytes. */
    wchar_t *wide = malloc((strlen(utf8) + 1) * sizeof(*wide));
    if (!wide) {
        return NULL;
    }
    const uint8_t *at = (const uint8_t *)utf8;
    size_t size = 0;
    while (*at) {
        uint32_t character = next_character(&at);
        if (character >= 0x10000) {
            wide[size++] = (wchar_t)(0xD7C0 + (character >> 10));
            character = 0xDC00 | (character & 0x3FF);
        }
        wide[size++] = (wchar_t)character;
    }
    wide[size] = L'\0';
    return wide;
}

char *utf8_of(const wchar_t *wide)
{
    struct text text = {.maximum = 1u << 20};
    text_add_utf16(&text, (const uint8_t *)wide, wcslen(wide) * sizeof(*wide));
    text_add_char(&text, '\0');
    if (text.failed) {
        text_done(&text);
        return NULL;
    }
    return text.data;
}

/* ---- paths ---- */

/* Puts the prefix before an absolute path; a name in a namespace of its own has one. */
static void add_prefix(wchar_t *path, size_t size)
{
    static const wchar_t local[] = L"\\\\?\\", remote[] = L"\\\\?\\UNC";
    if (wcsncmp(path, L"\\\\?\\", 4) == 0 || wcsncmp(path, L"\\\\.\\", 4) == 0) {
        return;
    }
    /* Of \\server\share one backslash goes. */
    bool is_remote = path[0] == L'\\' && path[1] == L'\\';
    const wchar_t *prefix = is_remote ? remote : local;
    size_t prefix_size = wcslen(prefix);
    size_t left_out = is_remote ? 1 : 0;
    memmove(path + prefix_size, path + left_out, (size - left_out + 1) * sizeof(*path));
    memcpy(path, prefix, prefix_size * sizeof(*path));
}

wchar_t *wide_path(const char *path)
{
    wchar_t *wide = wide_of(path);
    DWORD size = wide ? GetFullPathNameW(wide, 0, NULL, NULL) : 0;
    if (size == 0) {
        return wide;
    }
    wchar_t *full = malloc((size + (size_t)PREFIX_ROOM) * sizeof(*full));
    DWORD got = full ? GetFullPathNameW(wide, size, full, NULL) : 0;
    free(wide);
    if (!full || got == 0 || got >= size) {
        free(full);
        return NULL;
    }
    if (got >= LONG_PATH) {
        add_prefix(full, got);
    }
    return full;
}
