/* SPDX-License-Identifier: MIT */
/*
 * dns_client.c - Microsoft-Windows-DNS-Client: which names were asked for, and what
 * the answers were. The process stands in the payload since Windows 11.
 */
#include "etw/providers/binding.h"

static void finish_question(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    event->u.name.is_question = true;
}

/* The call of the program itself, not what the service does for it. */
static void finish_call(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    event->u.name.is_header_pid_true = true;
}

/* clang-format off */
#define NAME    {ROLE_NAME_NAME, "QueryName"}
#define PID     {ROLE_NAME_PID, "ClientPID"}
#define RESULTS {ROLE_NAME_RESULTS, "QueryResults"}
#define STATUS(property) {ROLE_NAME_STATUS, property}

static const struct role_binding question[] = {NAME, PID, {ROLE_NONE, NULL}};
static const struct role_binding answer[] = {
    NAME, PID, STATUS("Status"), RESULTS, {ROLE_NONE, NULL}};

#define ROW(id, finish, roles) {id, ETW_EVENT_NAME, finish, roles, NO_SOCKET}
#define QUESTION(id)           ROW(id, finish_question, question)
#define ANSWER(id)             ROW(id, NULL, answer)

static const struct event_binding events[] = {
    NOTED(3000),
    NOTED(3001),
    NOTED(3002),
    NOTED(3003),
    NOTED(3004),
    NOTED(3005),
    ROW(3006, finish_question, ROLES(NAME)),
    NOTED(3007),
    ROW(3008, finish_call, ROLES(NAME, STATUS("QueryStatus"), RESULTS)),
    QUESTION(3009), /* through the adapters */
    QUESTION(3010), /* to a server */
    ROW(3011, NULL, ROLES(NAME, PID, STATUS("ResponseStatus"))), /* from a server */
    QUESTION(3012), /* by NetBIOS */
    ANSWER(3013),
    NOTED(3014),
    NOTED(3015),
    QUESTION(3016), /* to the cache */
    ANSWER(3018),
    QUESTION(3019), /* to the network */
    ANSWER(3020),
};
/* clang-format on */

const struct provider_binding dns_client_provider = {
    .guid = GUID_OF(0x1c95126e, 0x7eea, 0x49a9, 0xa3, 0xfe, 0xa3, 0x78, 0xb0, 0x3d, 0xdb, 0x4d),
    .events = events,
    .event_count = sizeof(events) / sizeof(events[0]),
};
