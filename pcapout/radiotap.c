/* SPDX-License-Identifier: MIT */
#include "pcapout/radiotap.h"

#include <string.h>

/*
 *   0x00  u8 version 0, u8 0, u16 size of the header, u32 which fields follow
 *   then, each at a multiple of its own size, counted from the beginning:
 *   bit 0  u64 microseconds     1  u8 flags     2  u8 rate, 500 kbit/s
 *   bit 3  u16 MHz, u16 kind of channel         5  i8 signal, dBm
 *                                                  [documented: radiotap.org, defined fields]
 */
enum {
    HAS_CLOCK = 0x01,
    HAS_FLAGS = 0x02,
    HAS_RATE = 0x04,
    HAS_CHANNEL = 0x08,
    HAS_SIGNAL = 0x20,
    FLAG_BAD_CHECK_SEQUENCE = 0x40
};

static const struct {
    uint16_t first, last; /* MHz */
    uint16_t flag;
} bands[] = {{2400, 2500, 0x0080}, {4900, 5934, 0x0100}};

/* Of the higher band, 6 GHz, radiotap knows no flag. */
static uint16_t channel_flags(uint16_t frequency)
{
    uint16_t flags = 0;
    for (size_t i = 0; i < sizeof(bands) / sizeof(bands[0]); i++) {
        if (frequency >= bands[i].first && frequency <= bands[i].last) {
            flags = bands[i].flag;
        }
    }
    return flags;
}

static size_t put(uint8_t *to, size_t at, size_t width, uint64_t value)
{
    while (at % width != 0) {
        to[at++] = 0;
    }
    for (size_t i = 0; i < width; i++) {
        to[at + i] = (uint8_t)(value >> 8 * i);
    }
    return at + width;
}

static size_t put_fields(const struct etw_reception *reception, uint8_t *to, uint32_t *present)
{
    size_t at = RADIOTAP_EMPTY_SIZE;
    if (reception->has & ETW_HAS_RADIO_CLOCK) {
        at = put(to, at, 8, reception->radio_time);
        *present |= HAS_CLOCK;
    }
    if (reception->is_damaged) {
        at = put(to, at, 1, FLAG_BAD_CHECK_SEQUENCE);
        *present |= HAS_FLAGS;
    }
    if (reception->has & ETW_HAS_RATE) {
        at = put(to, at, 1, reception->rate);
        *present |= HAS_RATE;
    }
    if (reception->has & ETW_HAS_FREQUENCY) {
        at = put(to, at, 2, reception->frequency);
        at = put(to, at, 2, channel_flags(reception->frequency));
        *present |= HAS_CHANNEL;
    }
    if (reception->has & ETW_HAS_SIGNAL) {
        at = put(to, at, 1, (uint8_t)reception->signal);
        *present |= HAS_SIGNAL;
    }
    return at;
}

size_t radiotap_write(const struct etw_reception *reception, uint8_t *to)
{
    uint32_t present = 0;
    size_t size = reception ? put_fields(reception, to, &present) : RADIOTAP_EMPTY_SIZE;
    memset(to, 0, 2);
    (void)put(to, 2, 2, size);
    (void)put(to, 4, 4, present);
    return size;
}
