/* SPDX-License-Identifier: MIT */
#include "etw/base/utc_time.h"

#define TICKS_PER_DAY (INT64_C(86400) * UTC_TICKS_PER_SECOND)
/* 9999-12-31T23:59:59.9999999Z */
#define LAST_TIME                          INT64_C(2650467743999999999)
#define DAYS_FROM_0000_03_01_TO_1601_01_01 584694

struct civil {
    int64_t year;
    int month, day;
};

/* Proleptic Gregorian calendar; years begin in March so that the leap day is
 * the last one. Eras of 400 years have 146,097 days. */
static struct civil civil_of_days(int64_t days_since_1601)
{
    int64_t days = days_since_1601 + DAYS_FROM_0000_03_01_TO_1601_01_01;
    int64_t era = days / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    struct civil civil;
    civil.day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    civil.month = (int)(month < 10 ? month + 3 : month - 9);
    civil.year = year_of_era + era * 400 + (civil.month <= 2);
    return civil;
}

static int64_t days_of_civil(struct civil civil)
{
    int64_t year = civil.year - (civil.month <= 2);
    int64_t era = year / 400;
    int64_t year_of_era = year - era * 400;
    int64_t month = civil.month > 2 ? civil.month - 3 : civil.month + 9;
    int64_t day_of_year = (153 * month + 2) / 5 + civil.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - DAYS_FROM_0000_03_01_TO_1601_01_01;
}

static char *put_digits(char *to, int64_t value, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        to[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return to + count;
}

static char *put_offset(char *to, int bias_minutes)
{
    if (bias_minutes == 0) {
        *to++ = 'Z';
        return to;
    }
    int minutes = bias_minutes < 0 ? -bias_minutes : bias_minutes;
    *to++ = bias_minutes < 0 ? '+' : '-';
    to = put_digits(to, minutes / 60, 2);
    *to++ = ':';
    return put_digits(to, minutes % 60, 2);
}

int utc_format(int64_t time_100ns, int bias_minutes, char text[UTC_TEXT_SIZE])
{
    if (bias_minutes < -24 * 60 || bias_minutes > 24 * 60) {
        bias_minutes = 0; /* no such time zone: damaged header */
    }
    int64_t bias = (int64_t)bias_minutes * 60 * UTC_TICKS_PER_SECOND;
    int64_t low = bias > 0 ? bias : 0;
    int64_t high = bias < 0 ? LAST_TIME + bias : LAST_TIME;
    int64_t clamped = time_100ns < low ? low : time_100ns > high ? high : time_100ns;
    int64_t local = clamped - bias;
    struct civil civil = civil_of_days(local / TICKS_PER_DAY);
    int64_t ticks = local % TICKS_PER_DAY;
    int64_t seconds = ticks / UTC_TICKS_PER_SECOND;
    char *to = put_digits(text, civil.year, 4);
    *to++ = '-';
    to = put_digits(to, civil.month, 2);
    *to++ = '-';
    to = put_digits(to, civil.day, 2);
    *to++ = 'T';
    to = put_digits(to, seconds / 3600, 2);
    *to++ = ':';
    to = put_digits(to, seconds / 60 % 60, 2);
    *to++ = ':';
    to = put_digits(to, seconds % 60, 2);
    *to++ = '.';
    to = put_digits(to, ticks % UTC_TICKS_PER_SECOND, 7);
    to = put_offset(to, bias_minutes);
    *to = '\0';
    return (int)(to - text);
}

/* Reads exactly `count` digits followed by `end` (0: anything). */
static bool take_digits(const char **text, int count, char end, int *out)
{
    int value = 0;
    for (int i = 0; i < count; i++) {
        char c = *(*text);
        if (c < '0' || c > '9') {
            return false;
        }
        value = value * 10 + (c - '0');
        (*text)++;
    }
    if (end && *(*text)++ != end) {
        return false;
    }
    *out = value;
    return true;
}

static bool take_fraction(const char **text, int64_t *ticks)
{
    *ticks = 0;
    if (**text != '.') {
        return true;
    }
    (*text)++;
    int64_t unit = UTC_TICKS_PER_SECOND;
    while (**text >= '0' && **text <= '9' && unit > 1) {
        unit /= 10;
        *ticks += unit * (**text - '0');
        (*text)++;
    }
    return unit < UTC_TICKS_PER_SECOND;
}

/* Z or +hh:mm or -hh:mm, then the end. */
static bool take_offset(const char **text, int64_t *minutes)
{
    char sign = *(*text)++;
    if (sign == 'Z' || sign == 'z') {
        *minutes = 0;
        return **text == '\0';
    }
    int hours = 0;
    int rest = 0;
    if ((sign != '+' && sign != '-') || !take_digits(text, 2, ':', &hours) ||
        !take_digits(text, 2, 0, &rest) || hours > 23 || rest > 59) {
        return false;
    }
    *minutes = (sign == '-' ? -1 : 1) * (hours * 60 + rest);
    return **text == '\0';
}

static int days_in_month(int year, int month)
{
    static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && is_leap);
}

bool utc_parse(const char *text, int64_t *out)
{
    int year, month, day, hour, minute, second;
    int64_t fraction, offset;
    if (!take_digits(&text, 4, '-', &year) || !take_digits(&text, 2, '-', &month) ||
        !take_digits(&text, 2, 0, &day) || (*text != 'T' && *text != 't' && *text != ' ')) {
        return false;
    }
    text++;
    if (!take_digits(&text, 2, ':', &hour) || !take_digits(&text, 2, ':', &minute) ||
        !take_digits(&text, 2, 0, &second) || !take_fraction(&text, &fraction) ||
        !take_offset(&text, &offset)) {
        return false;
    }
    if (year < 1601 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) ||
        hour > 23 || minute > 59 || second > 59) {
        return false;
    }
    int64_t days = days_of_civil((struct civil){.year = year, .month = month, .day = day});
    int64_t seconds = days * 86400 + hour * 3600 + minute * 60 + second - offset * 60;
    *out = seconds * UTC_TICKS_PER_SECOND + fraction;
    return true;
}
