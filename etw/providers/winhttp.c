/* SPDX-License-Identifier: MIT */
/*
 * winhttp.c - Microsoft-Windows-WinHttp: names that WinHTTP asks for. Its requests are
 * WebIO's events.
 */
#include "etw/providers/binding.h"

static void finish_question(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    event->u.name.is_narrow = true;
    event->u.name.is_header_pid_true = true;
    event->u.name.is_question = true;
}

static void finish_answer(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    event->u.name.is_narrow = true;
    event->u.name.is_header_pid_true = true;
}

/* clang-format off */
#define NAME {ROLE_NAME_NAME, "AddressName"}

static const struct event_binding events[] = {
    {1051, ETW_EVENT_NAME, finish_question, ROLES(NAME), NO_SOCKET},
    {1052, ETW_EVENT_NAME, finish_answer, ROLES(NAME, {ROLE_NAME_STATUS, "error"}), NO_SOCKET},
};
/* clang-format on */

const struct provider_binding winhttp_provider = {
    .guid = GUID_OF(0x7d44233d, 0x3055, 0x4b9c, 0xba, 0x64, 0x0d, 0x47, 0xca, 0x40, 0xa2, 0x32),
    .events = events,
    .event_count = sizeof(events) / sizeof(events[0]),
};
