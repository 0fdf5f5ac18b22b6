/* SPDX-License-Identifier: MIT */
#include "pcapout/day_lines.h"

#include "correlate/sockets.h"
#include "etw/base/utc_time.h"

#define TICKS_PER_DAY (INT64_C(86400) * UTC_TICKS_PER_SECOND)

bool out_is_new_day(int64_t time, int bias_minutes, int64_t *last_day)
{
    int64_t local = corr_time_shift(time, -(int64_t)bias_minutes * 60 * UTC_TICKS_PER_SECOND);
    bool is_new = local / TICKS_PER_DAY != *last_day;
    *last_day = local / TICKS_PER_DAY;
    return is_new;
}

void out_add_day(struct text *to, int64_t time, int bias_minutes)
{
    char text[UTC_TEXT_SIZE];
    (void)utc_format(time, bias_minutes, text);
    text_add_bytes(to, text, 10);
    text_add_char(to, ' ');
    out_add_zone(to, bias_minutes);
}

void out_add_zone(struct text *to, int bias_minutes)
{
    unsigned minutes = (unsigned)(bias_minutes < 0 ? -bias_minutes : bias_minutes);
    text_add(to, "UTC");
    if (minutes > 0) {
        text_add_format(to, "%c%02u:%02u", bias_minutes < 0 ? '+' : '-', minutes / 60,
                        minutes % 60);
    }
}
