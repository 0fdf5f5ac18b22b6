/* SPDX-License-Identifier: MIT */
/*
 * pcapng_events.h - an event as the bytes of a packet of LINKTYPE_ETW (290), which
 * Wireshark dissects as protocol ETW.
 *
 *   0   EVENT_HEADER                                         [documented: evntcons.h]
 *       u16 size  u16 header type  u16 flags  u16 property  u32 thread  u32 process
 *       i64 time  GUID provider  u16 id  u8 version  u8 channel  u8 level  u8 opcode
 *       u16 task  u64 keywords  u64 processor time  GUID activity
 *   80  ETW_BUFFER_CONTEXT: u16 processor, u16 logger
 *   84  u32 bytes of user data  u32 bytes of message  u32 bytes of provider name
 *   96  user data, message, provider name; each padded to four bytes, texts UTF-16LE
 *       with their NUL counted
 */
#ifndef PCAPOUT_PCAPNG_EVENTS_H
#define PCAPOUT_PCAPNG_EVENTS_H

#include "etw/base/text.h"
#include "etw/record.h"

/* `message` and `provider` are UTF-8; an empty message is not allowed: Wireshark would show
 * nothing but a GUID. User data are cut where the whole would be too long for Wireshark. */
void pcapng_event_bytes(struct text *to, const struct etw_record *record, const char *message,
                        const char *provider);

#endif
