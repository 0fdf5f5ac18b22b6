/* SPDX-License-Identifier: MIT */
#include "etw/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum etw_status etw_fail(struct etw_error *error, enum etw_status status, uint64_t offset,
                         const char *format, ...)
{
    if (error) {
        error->status = status;
        error->offset = offset;
        va_list arguments;
        va_start(arguments, format);
        (void)vsnprintf(error->text, sizeof(error->text), format, arguments);
        va_end(arguments);
    }
    return status;
}

enum etw_status etw_fail_about(struct etw_error *error, const char *path, enum etw_status status)
{
    char text[sizeof(error->text)];
    if (error && path && !strstr(error->text, path)) {
        memcpy(text, error->text, sizeof(text));
        (void)snprintf(error->text, sizeof(error->text), "%.150s: %.240s", path, text);
    }
    return status;
}

enum etw_status etw_fail_memory(struct etw_error *error, const char *what)
{
    return etw_fail(error, ETW_ERR_MEMORY, ETW_NO_OFFSET, "not enough memory for %s", what);
}
