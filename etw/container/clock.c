/* SPDX-License-Identifier: MIT */
#include "etw/container/clock.h"

#include "etw/base/utc_time.h"

/* Largest frequency for which the remainder times 10^7 stays within 63 bits. */
#define FREQUENCY_MAXIMUM (INT64_MAX / UTC_TICKS_PER_SECOND)
/* A FILETIME after the year 2000 is far above any performance counter. */
#define SMALLEST_SYSTEM_TIME INT64_C(125911584000000000)

static enum etw_clock guess_kind(const struct etw_trace_header *header)
{
    if (header->clock_logged >= ETW_CLOCK_QPC && header->clock_logged <= ETW_CLOCK_CPU_CYCLES) {
        return (enum etw_clock)header->clock_logged;
    }
    if (header->start_ticks >= SMALLEST_SYSTEM_TIME) {
        return ETW_CLOCK_SYSTEM_TIME;
    }
    return header->frequency > 0 ? ETW_CLOCK_QPC : ETW_CLOCK_UNKNOWN;
}

bool clock_choose(struct etw_trace_header *header, struct trace_clock *clock)
{
    header->clock = guess_kind(header);
    *clock = (struct trace_clock){.is_system_time = header->clock == ETW_CLOCK_SYSTEM_TIME,
                                  .frequency = header->frequency,
                                  .start_ticks = header->start_ticks,
                                  .start_time = header->start_time};
    if (header->clock == ETW_CLOCK_CPU_CYCLES) {
        clock->frequency = (int64_t)header->cpu_mhz * 1000000;
    }
    if (clock->is_system_time || (clock->frequency > 0 && clock->frequency <= FREQUENCY_MAXIMUM)) {
        return header->clock != ETW_CLOCK_UNKNOWN;
    }
    clock->frequency = UTC_TICKS_PER_SECOND;
    return false;
}

static int64_t add_clamped(int64_t a, int64_t b)
{
    if (b > 0 && a > INT64_MAX - b) {
        return INT64_MAX;
    }
    if (b < 0 && a < INT64_MIN - b) {
        return INT64_MIN;
    }
    return a + b;
}

int64_t clock_to_time(const struct trace_clock *clock, int64_t ticks)
{
    if (clock->is_system_time) {
        return ticks;
    }
    int64_t start = clock->start_ticks == INT64_MIN ? -INT64_MAX : clock->start_ticks;
    int64_t passed = add_clamped(ticks, -start);
    int64_t time;
    if (clock->frequency == UTC_TICKS_PER_SECOND) {
        time = passed;
    } else {
        int64_t seconds = passed / clock->frequency;
        int64_t rest = passed % clock->frequency;
        if (seconds > INT64_MAX / UTC_TICKS_PER_SECOND - 1) {
            return INT64_MAX;
        }
        if (seconds < INT64_MIN / UTC_TICKS_PER_SECOND + 1) {
            return INT64_MIN;
        }
        time = seconds * UTC_TICKS_PER_SECOND + rest * UTC_TICKS_PER_SECOND / clock->frequency;
    }
    return add_clamped(clock->start_time, time);
}
