/* SPDX-License-Identifier: MIT */
/*
 * utc_time.h - times as 100 ns ticks since 1601-01-01 UTC (FILETIME).
 */
#ifndef ETW_BASE_UTC_TIME_H
#define ETW_BASE_UTC_TIME_H

#include <stdbool.h>
#include <stdint.h>

#define UTC_TICKS_PER_SECOND INT64_C(10000000)
/* FILETIME of 1970-01-01T00:00:00Z */
#define UTC_UNIX_EPOCH INT64_C(116444736000000000)

#define UTC_TEXT_SIZE 48

/* RFC 3339 with seven digits: 2013-01-08T09:18:57.5078058Z. With a bias other
 * than 0 (minutes that local time lies behind UTC, as Windows states it) the
 * local time with its offset: 2013-01-08T10:18:57.5078058+01:00.
 * Years before 1601 or after 9999 are clamped. Returns the length. */
int utc_format(int64_t time_100ns, int bias_minutes, char text[UTC_TEXT_SIZE]);

/* Reads RFC 3339 with up to seven digits and Z or an offset; nothing after it.
 * `*out` is untouched on failure. */
bool utc_parse(const char *text, int64_t *out);

#endif
