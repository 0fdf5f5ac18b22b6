/* SPDX-License-Identifier: MIT */
/*
 * kernel_process.c - Microsoft-Windows-Kernel-Process: processes that begin, end, or
 * were there already.
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

/* clang-format off */
static const struct role_binding begin[] = {
    {ROLE_PROCESS_PID, "ProcessID"}, {ROLE_PROCESS_PARENT, "ParentProcessID"},
    {ROLE_PROCESS_SESSION, "SessionID"}, {ROLE_PROCESS_START_KEY, "ProcessSequenceNumber"},
    {ROLE_PROCESS_CREATE_TIME, "CreateTime"}, {ROLE_PROCESS_IMAGE, "ImageName"},
    {ROLE_NONE, NULL}};

static const struct event_binding events[] = {
    {1, ETW_EVENT_PROCESS, NULL, begin, NO_SOCKET},
    {2, ETW_EVENT_PROCESS, finish_end,
     ROLES({ROLE_PROCESS_PID, "ProcessID"}, {ROLE_PROCESS_START_KEY, "ProcessSequenceNumber"},
           {ROLE_PROCESS_CREATE_TIME, "CreateTime"}, {ROLE_PROCESS_EXIT_TIME, "ExitTime"},
           {ROLE_PROCESS_EXIT_STATUS, "ExitCode"}, {ROLE_PROCESS_IMAGE, "ImageName"}), NO_SOCKET},
    {15, ETW_EVENT_PROCESS, finish_rundown, begin, NO_SOCKET},
};
/* clang-format on */

const struct provider_binding kernel_process_provider = {
    .guid = GUID_OF(0x22fb2cd6, 0x0e7b, 0x422b, 0xa0, 0xc7, 0x2f, 0xad, 0x1f, 0xd0, 0xe7, 0x16),
    .events = events,
    .event_count = sizeof(events) / sizeof(events[0]),
};
