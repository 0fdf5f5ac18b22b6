/* SPDX-License-Identifier: MIT */
#include "etw/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Cuts what a full text has of a character whose rest found no room. */
static void drop_partial_character(char *text)
{
    size_t size = strlen(text);
    size_t begin = size;
    while (begin > 0 && size - begin < 3 && ((unsigned char)text[begin - 1] & 0xC0) == 0x80) {
        begin--;
    }
    unsigned char lead = begin > 0 ? (unsigned char)text[begin - 1] : 0;
    size_t wants = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (lead >= 0xC0 && size - begin + 1 < wants) {
        text[begin - 1] = '\0';
    }
}

enum etw_status etw_fail(struct etw_error *error, enum etw_status status, uint64_t offset,
                         const char *format, ...)
{
    if (error) {
        error->status = status;
        error->offset = offset;
        va_list arguments;
        va_start(arguments, format);
        int size = vsnprintf(error->text, sizeof(error->text), format, arguments);
        va_end(arguments);
        if (size >= (int)sizeof(error->text)) {
            drop_partial_character(error->text);
        }
    }
    return status;
}

enum etw_status etw_fail_about(struct etw_error *error, const char *path, enum etw_status status)
{
    char text[sizeof(error->text)];
    if (error && path && !strstr(error->text, path)) {
        uint64_t offset = error->offset;
        memcpy(text, error->text, sizeof(text));
        return etw_fail(error, status, offset, "%s: %s", path, text);
    }
    return status;
}

enum etw_status etw_fail_memory(struct etw_error *error, const char *what)
{
    return etw_fail(error, ETW_ERR_MEMORY, ETW_NO_OFFSET, "not enough memory for %s", what);
}
