/* SPDX-License-Identifier: MIT */
/*
 * wininet.c - Microsoft-Windows-WinINet: requests of programs that use WinINet. Logged
 * in the program. All its texts are bytes.
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
#define OF_REQUEST {ROLE_HTTP_REQUEST, "RequestHandle"}
#define SOCKET  {ROLE_HTTP_CONNECTION, "SocketHandle"}
#define OWN(role) {role, "ConnectionHandle"} /* the handle that is made */
#define PARENT  {ROLE_HTTP_PARENT, "ParentHandle"}
#define METHOD  {ROLE_HTTP_METHOD, "Verb"}
#define HEADERS {ROLE_HTTP_HEADERS, "Headers"}
#define NAME    {ROLE_NAME_NAME, "HostName"}

#define ROW(id, action, ...)                                                                       \
    {id, ETW_EVENT_HTTP, NULL, ROLES(__VA_ARGS__), HTTP_EVENT(WININET, action)}
#define NAMED(id, finish, ...) {id, ETW_EVENT_NAME, finish, ROLES(__VA_ARGS__), NO_SOCKET}

static const struct event_binding events[] = {
    ROW(102, REQUEST, OWN(ROLE_HTTP_REQUEST), {ROLE_HTTP_URL, "URL"}),
    ROW(103, SERVER, OWN(ROLE_HTTP_PARENT), {ROLE_HTTP_HOST, "ServerName"}),
    ROW(104, REQUEST, OWN(ROLE_HTTP_REQUEST), PARENT, METHOD, {ROLE_HTTP_URL, "ObjectName"}),
    ROW(201, ASSIGN, OF_REQUEST, SOCKET, METHOD),
    ROW(203, RESPONSE, OF_REQUEST, SOCKET, {ROLE_HTTP_STATUS, "ResponseCode"}),
    ROW(205, CLOSE, SOCKET),
    ROW(208, CLOSE, SOCKET),
    ROW(210, REQUEST, OF_REQUEST, HEADERS),
    ROW(211, RESPONSE, OF_REQUEST, HEADERS),
    ROW(301, CONNECT, SOCKET, {ROLE_HTTP_HOST, "ServerName"}, {ROLE_HTTP_LOCAL_PORT, "LocalPort"}),
    NAMED(304, finish_question, NAME),
    NAMED(305, finish_answer, NAME, {ROLE_NAME_RESULTS, "AddressList"}),
    NAMED(306, finish_answer, NAME, {ROLE_NAME_STATUS, "Error"}),
    NAMED(307, finish_answer, NAME, {ROLE_NAME_RESULTS, "AddressList"}), /* from its cache */
};
/* clang-format on */

const struct provider_binding wininet_provider = {
    .guid = GUID_OF(0x43d1a55c, 0x76d6, 0x4f7e, 0x99, 0x5c, 0x64, 0xc7, 0x11, 0xe5, 0xca, 0xfe),
    .events = events,
    .event_count = sizeof(events) / sizeof(events[0]),
};
