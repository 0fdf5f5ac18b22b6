/* SPDX-License-Identifier: MIT */
/*
 * TIME_ZONE_INFORMATION                                [documented: timezoneapi.h]
 *   0 i32 Bias   4 WCHAR[32] StandardName   68 SYSTEMTIME StandardDate
 *   84 i32 StandardBias   88 WCHAR[32] DaylightName   152 SYSTEMTIME DaylightDate
 *   168 i32 DaylightBias
 * SYSTEMTIME: u16 year, month, weekday (0 Sunday), day, hour, minute, second, ms.
 * Year 0: every year, on the day-th such weekday of the month (5: the last).
 */
#include "etw/container/time_zone.h"

#include <stdio.h>

#include "etw/base/utc_time.h"

#define TICKS_PER_MINUTE (60 * UTC_TICKS_PER_SECOND)
#define TICKS_PER_DAY    (1440 * TICKS_PER_MINUTE)
#define LARGEST_BIAS     (24 * 60)

struct change {
    uint16_t year, month, weekday, day, hour, minute;
};

static struct change read_change(const struct bytes *zone, size_t at)
{
    struct bytes b = bytes_of(zone->data + at, 16);
    struct change change;
    change.year = bytes_u16(&b);
    change.month = bytes_u16(&b);
    change.weekday = bytes_u16(&b);
    change.day = bytes_u16(&b);
    change.hour = bytes_u16(&b);
    change.minute = bytes_u16(&b);
    return change;
}

/* The first day of a month as ticks; INT64_MIN when there is no such month. */
static int64_t month_start(int year, int month)
{
    char text[UTC_TEXT_SIZE];
    int64_t time = INT64_MIN;
    if (month == 13) {
        year++;
        month = 1;
    }
    (void)snprintf(text, sizeof(text), "%04d-%02d-01T00:00:00Z", year, month);
    return utc_parse(text, &time) ? time : INT64_MIN;
}

/* Local time of a change in `year`; INT64_MIN when it does not make sense. */
static int64_t change_time(const struct change *change, int year)
{
    int64_t first = month_start(year, change->month);
    int64_t next = month_start(year, change->month + 1);
    if (first == INT64_MIN || next == INT64_MIN || change->day < 1 || change->day > 31) {
        return INT64_MIN;
    }
    int64_t day = change->day - 1;
    if (change->year == 0) {
        /* 1601-01-01 was a Monday. */
        int64_t weekday = (first / TICKS_PER_DAY + 1) % 7;
        day = (change->weekday - weekday + 7) % 7 + 7 * (change->day - 1);
    }
    int64_t time = first + day * TICKS_PER_DAY;
    while (time >= next) {
        time -= 7 * TICKS_PER_DAY; /* the last one of the month */
    }
    return time + (change->hour * 60 + change->minute) * TICKS_PER_MINUTE;
}

static int year_of(int64_t time)
{
    char text[UTC_TEXT_SIZE];
    (void)utc_format(time, 0, text);
    return (text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 + (text[3] - '0');
}

int32_t time_zone_bias(const struct bytes *zone, int64_t time)
{
    if (zone->failed || zone->size < 172) {
        return 0;
    }
    int32_t bias = (int32_t)load_u32(zone->data);
    int32_t standard_bias = (int32_t)load_u32(zone->data + 84);
    int32_t daylight_bias = (int32_t)load_u32(zone->data + 168);
    if (bias < -LARGEST_BIAS || bias > LARGEST_BIAS || time <= 0) {
        return 0;
    }
    struct change to_standard = read_change(zone, 68);
    struct change to_daylight = read_change(zone, 152);
    if (to_standard.month == 0 || to_daylight.month == 0) {
        return bias;
    }
    int year = year_of(time);
    int64_t standard_at = change_time(&to_standard, year);
    int64_t daylight_at = change_time(&to_daylight, year);
    if (standard_at == INT64_MIN || daylight_at == INT64_MIN || standard_bias < -LARGEST_BIAS ||
        standard_bias > LARGEST_BIAS || daylight_bias < -LARGEST_BIAS ||
        daylight_bias > LARGEST_BIAS) {
        return bias;
    }
    /* Each change is stated in the local time that ends with it. */
    int64_t standard_utc = standard_at + (bias + daylight_bias) * TICKS_PER_MINUTE;
    int64_t daylight_utc = daylight_at + (bias + standard_bias) * TICKS_PER_MINUTE;
    bool is_daylight = daylight_utc < standard_utc ? time >= daylight_utc && time < standard_utc
                                                   : time >= daylight_utc || time < standard_utc;
    return bias + (is_daylight ? daylight_bias : standard_bias);
}
