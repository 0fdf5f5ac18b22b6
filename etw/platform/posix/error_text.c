/* SPDX-License-Identifier: MIT */
#include "etw/platform/posix/error_text.h"

#include <stdio.h>
#include <string.h>

const char *error_text(int number, char text[ERROR_TEXT_SIZE])
{
    if (strerror_r(number, text, ERROR_TEXT_SIZE) != 0) {
        (void)snprintf(text, ERROR_TEXT_SIZE, "error %d", number);
    }
    return text;
}
