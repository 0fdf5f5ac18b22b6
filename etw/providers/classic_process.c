/* SPDX-License-Identifier: MIT */
/*
 * classic_process.c - the kernel logger's Process class. Its rundowns at the begin
 * and at the end of a trace have no time of creation.
 */
#include "etw/providers/binding.h"

static void finish_end(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    event->u.process.is_end = true;
}

static void finish_rundown(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    event->u.process.phase = ETW_PHASE_RUNDOWN;
}

/* It has ended, only its object is still there. */
static void finish_defunct(struct etw_event *event, const struct binding_raw *raw)
{
    finish_rundown(event, raw);
    event->u.process.is_end = true;
}

/* clang-format off */
#define PROCESS                                                                                    \
    {ROLE_PROCESS_PID, "ProcessId"}, {ROLE_PROCESS_PARENT, "ParentId"},                            \
    {ROLE_PROCESS_SESSION, "SessionId"}, {ROLE_PROCESS_UNIQUE_KEY, "UniqueProcessKey"},            \
    {ROLE_PROCESS_EXIT_STATUS, "ExitStatus"}, {ROLE_PROCESS_SID, "UserSID"},                       \
    {ROLE_PROCESS_IMAGE, "ImageFileName"}, {ROLE_PROCESS_COMMAND_LINE, "CommandLine"}

static const struct role_binding process[] = {PROCESS, {ROLE_NONE, NULL}};

static const struct event_binding events[] = {
    {1, ETW_EVENT_PROCESS, NULL, process, NO_SOCKET},
    {2, ETW_EVENT_PROCESS, finish_end, process, NO_SOCKET},
    {3, ETW_EVENT_PROCESS, finish_rundown, process, NO_SOCKET},
    {4, ETW_EVENT_PROCESS, finish_rundown, process, NO_SOCKET},
    {39, ETW_EVENT_PROCESS, finish_defunct,
     ROLES(PROCESS, {ROLE_PROCESS_EXIT_TIME, "ExitTime"}), NO_SOCKET},
};
/* clang-format on */

const struct provider_binding classic_process_provider = {
    .guid = GUID_OF(0x3d6fa8d0, 0xfe05, 0x11d0, 0x9d, 0xda, 0x00, 0xc0, 0x4f, 0xd7, 0xba, 0x7c),
    .is_classic = true,
    .events = events,
    .event_count = sizeof(events) / sizeof(events[0]),
};
