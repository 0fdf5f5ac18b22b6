/* SPDX-License-Identifier: MIT */
/*
 * day_lines.h - the day and the zone of rows that show the time of day alone.
 */
#ifndef PCAPOUT_DAY_LINES_H
#define PCAPOUT_DAY_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "etw/base/text.h"

/* True when `time` (FILETIME, any number) lies on another day than the time before, in a zone of so
 * many minutes: local time is UTC less them. `*last_day` begins as INT64_MIN. */
bool out_is_new_day(int64_t time, int bias_minutes, int64_t *last_day);
/* "2010-11-16 UTC", "2010-11-16 UTC+01:00" */
void out_add_day(struct text *to, int64_t time, int bias_minutes);
/* "UTC", "UTC+01:00" */
void out_add_zone(struct text *to, int bias_minutes);

#endif
