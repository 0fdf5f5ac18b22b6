/* SPDX-License-Identifier: MIT */
#include "etw/providers/wifi_reception.h"

/*
 * DOT11_EXTSTA_RECV_CONTEXT, 48 bytes with pointers of either size
 *                                              [documented: windot11.h, ntddndis.h]
 *   0x00  u8   type 0x80     0x01 u8 revision 1     0x02 u16 size of the structure
 *   0x04  u32  flags: 2 the check sequence was wrong, 4 the timestamp is set
 *   0x08  u32  number of the radio, not its kind
 *   0x0C  u32  middle of the channel, MHz           0x10 u16 MPDUs
 *   0x14  i32  signal, dBm                          0x18 u8  rate, 500 kbit/s
 *   0x1C  u32  size, 0x20 pointer of what the vendor adds, which is not logged
 *   0x28  u64  timestamp, microseconds of the adapter's clock
 * What a driver sends a frame with (DOT11_EXTSTA_SEND_CONTEXT) begins alike and is shorter.
 */
enum { OBJECT_TYPE_DEFAULT = 0x80, CONTEXT_SIZE = 0x30, FLAG_DAMAGED = 0x2, FLAG_TIMESTAMP = 0x4 };

/* No driver leaves a member out: one that does not know a value leaves it 0. */
static void set_values(const uint8_t *p, struct etw_reception *reception)
{
    uint32_t flags = load_u32(p + 0x04);
    uint32_t frequency = load_u32(p + 0x0C);
    int64_t signal = (int32_t)load_u32(p + 0x14);
    if (frequency > 0 && frequency <= UINT16_MAX) {
        reception->frequency = (uint16_t)frequency;
        reception->has |= ETW_HAS_FREQUENCY;
    }
    if (signal >= INT8_MIN && signal <= INT8_MAX && signal != 0) {
        reception->signal = (int8_t)signal;
        reception->has |= ETW_HAS_SIGNAL;
    }
    if (p[0x18] != 0) {
        reception->rate = p[0x18];
        reception->has |= ETW_HAS_RATE;
    }
    if (flags & FLAG_TIMESTAMP) {
        reception->radio_time = load_u64(p + 0x28);
        reception->has |= ETW_HAS_RADIO_CLOCK;
    }
    reception->is_damaged = flags & FLAG_DAMAGED;
}

void wifi_reception_read(struct bytes data, struct etw_reception *reception)
{
    const uint8_t *p = data.data;
    if (data.size < CONTEXT_SIZE || p[0] != OBJECT_TYPE_DEFAULT || p[1] == 0 ||
        load_u16(p + 2) < CONTEXT_SIZE) {
        return;
    }
    reception->is_readable = true;
    set_values(p, reception);
}
