/* SPDX-License-Identifier: MIT */
/*
 * time_zone.h - the recorder's offset from UTC, from TIME_ZONE_INFORMATION.
 */
#ifndef ETW_CONTAINER_TIME_ZONE_H
#define ETW_CONTAINER_TIME_ZONE_H

#include <stdint.h>

#include "etw/base/bytes.h"

/* Minutes by which local time lies behind UTC at `time` (FILETIME), by the rules
 * in `zone` (172 bytes); 0 when the rules are not usable. */
int32_t time_zone_bias(const struct bytes *zone, int64_t time);

#endif
