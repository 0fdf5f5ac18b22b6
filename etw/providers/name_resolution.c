/* SPDX-License-Identifier: MIT */
/*
 * name_resolution.c - Microsoft-Windows-Winsock-NameResolution: names that programs ask
 * Winsock for, and what it answers, from whatever name service. Logged in the program.
 */
#include "etw/providers/binding.h"

static void finish_question(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    event->u.name.is_question = true;
    event->u.name.is_header_pid_true = true;
}

static void finish_answer(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    event->u.name.is_header_pid_true = true;
}

/* clang-format off */
#define QUESTION(id, property)                                                                     \
    {id, ETW_EVENT_NAME, finish_question, ROLES({ROLE_NAME_NAME, property}), NO_SOCKET}
#define ANSWER(id)                                                                                 \
    {id, ETW_EVENT_NAME, finish_answer,                                                                     \
     ROLES({ROLE_NAME_NAME, "NodeName"}, {ROLE_NAME_STATUS, "Status"},                             \
           {ROLE_NAME_RESULTS, "Result"}), NO_SOCKET}

static const struct event_binding events[] = {
    QUESTION(1000, "NodeName"),
    ANSWER(1001),
    QUESTION(1002, "NodeName"),
    NOTED(1003),
    ANSWER(1004),
    NOTED(1005),
    QUESTION(1006, "QueryName"), /* to one name service */
    NOTED(1007),
    NOTED(1008),
    NOTED(1009), /* its answer: without the name */
    NOTED(1010),
    NOTED(1011),
};
/* clang-format on */

const struct provider_binding name_resolution_provider = {
    .guid = GUID_OF(0x55404e71, 0x4db9, 0x4deb, 0xa5, 0xf5, 0x8f, 0x86, 0xe4, 0x6d, 0xde, 0x56),
    .events = events,
    .event_count = sizeof(events) / sizeof(events[0]),
};
