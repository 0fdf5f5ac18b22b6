/* SPDX-License-Identifier: MIT */
#include "cli/display.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "etw/base/text.h"
#include "etw/base/utc_time.h"

const char *display_count(uint64_t count, char out[DISPLAY_COUNT_SIZE])
{
    char digits[24];
    int length = snprintf(digits, sizeof(digits), "%" PRIu64, count);
    size_t at = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) {
            out[at++] = ',';
        }
        out[at++] = digits[i];
    }
    out[at] = '\0';
    return out;
}

void display_add_count(struct text *out, uint64_t count, const char *singular, const char *plural)
{
    char number[DISPLAY_COUNT_SIZE];
    text_add_format(out, "%s %s", display_count(count, number), count == 1 ? singular : plural);
}

void display_make_safe(char *value)
{
    for (unsigned char *p = (unsigned char *)value; *p; p++) {
        bool is_control = *p < 0x20 || *p == 0x7f;
        /* U+0080 to U+009F: C1 controls in two bytes. The second byte alone would
         * be a control in a terminal that is not set to UTF-8. */
        bool is_c1 = *p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0;
        if (is_control) {
            *p = '?';
        } else if (is_c1) {
            *p++ = '?';
            *p = '?';
        }
    }
}

void display_add_safe(struct text *out, const char *value)
{
    size_t start = out->size;
    text_add(out, value);
    if (out->data && out->size > start) {
        display_make_safe(out->data + start);
    }
}

void display_add_wrapped(struct text *out, const char *words, size_t column, size_t indent,
                         size_t width)
{
    bool is_first = true;
    while (*words) {
        size_t size = strcspn(words, " ");
        if (!is_first && column + 1 + size > width) {
            text_add_format(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!is_first) {
            text_add_char(out, ' ');
            column++;
        }
        text_add_bytes(out, words, size);
        column += size;
        words += size;
        words += strspn(words, " ");
        is_first = false;
    }
    text_add_char(out, '\n');
}

void display_add_duration(struct text *out, int64_t duration_100ns)
{
    int64_t milliseconds = duration_100ns / (UTC_TICKS_PER_SECOND / 1000);
    int64_t seconds = milliseconds / 1000;
    if (duration_100ns < 0) {
        text_add(out, "-");
        seconds = -seconds;
        milliseconds = -milliseconds;
    }
    if (seconds >= 3600) {
        text_add_format(out, "%" PRId64 " h %" PRId64 " min %" PRId64 " s", seconds / 3600,
                        seconds / 60 % 60, seconds % 60);
    } else if (seconds >= 60) {
        text_add_format(out, "%" PRId64 " min %" PRId64 " s", seconds / 60, seconds % 60);
    } else {
        text_add_format(out, "%" PRId64 ".%03" PRId64 " s", seconds, milliseconds % 1000);
    }
}

void display_add_step(struct text *out, int64_t duration_100ns)
{
    bool is_long = duration_100ns >= 10000;
    int64_t tenths = is_long ? (duration_100ns + 500) / 1000 : duration_100ns;
    text_add_format(out, "%" PRId64 ".%" PRId64 " %s", tenths / 10, tenths % 10,
                    is_long ? "ms" : "us");
}
