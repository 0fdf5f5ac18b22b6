/* SPDX-License-Identifier: MIT */
/*
 * lost_event.c - notices of losses that Windows gives to those who listen to a session
 * while it runs; they stand in traces that such a program wrote. They have no payload.
 * [documented: evntrace.h; never seen in a file]
 */
#include "etw/providers/binding.h"

static void finish_lost(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    uint8_t opcode = event->record->opcode;
    event->u.lost = opcode == 32 ? ETW_LOST_EVENT : opcode == 33 ? ETW_LOST_BUFFER : ETW_LOST_FILE;
}

#define LOST(opcode)                                                                               \
    {                                                                                              \
        opcode, ETW_EVENT_LOST, finish_lost, no_roles, NO_SOCKET                                   \
    }

static const struct event_binding events[] = {LOST(32), LOST(33), LOST(34)};

const struct provider_binding lost_event_provider = {
    .guid = GUID_OF(0x6a399ae0, 0x4bc6, 0x4de9, 0x87, 0x0b, 0x36, 0x57, 0xf8, 0x94, 0x7e, 0x7e),
    .is_classic = true,
    .events = events,
    .event_count = sizeof(events) / sizeof(events[0]),
};
