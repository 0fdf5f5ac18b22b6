/* SPDX-License-Identifier: MIT */
/*
 * webio.c - Microsoft-Windows-WebIO: requests of programs that use WinHTTP. Logged in
 * the program.
 */
#include "etw/providers/binding.h"

static void finish_url(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    event->u.http.is_url_utf16 = true;
}

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
#define CONNECTION {ROLE_HTTP_CONNECTION, "Connection"}
#define OF_REQUEST   {ROLE_HTTP_REQUEST, "Request"}
#define HEADERS    {ROLE_HTTP_HEADERS, "Headers"}

#define ROW(id, action, finish, ...)                                                               \
    {id, ETW_EVENT_HTTP, finish, ROLES(__VA_ARGS__), HTTP_EVENT(WEBIO, action)}

static const struct event_binding events[] = {
    ROW(17, REQUEST, finish_url, OF_REQUEST, {ROLE_HTTP_METHOD, "Method"}, {ROLE_HTTP_URL, "URI"}),
    ROW(100, REQUEST, NULL, OF_REQUEST, HEADERS),
    ROW(101, RESPONSE, NULL, OF_REQUEST, HEADERS),
    ROW(104, ASSIGN, NULL, OF_REQUEST, CONNECTION),
    ROW(110, ASSIGN, NULL, OF_REQUEST, CONNECTION),
    ROW(125, RESPONSE, NULL, OF_REQUEST, {ROLE_HTTP_STATUS, "HttpResponseCode"}),
    ROW(200, CONNECT, NULL, CONNECTION, {ROLE_HTTP_TARGET, "Address"}),
    {205, ETW_EVENT_NAME, finish_question, ROLES({ROLE_NAME_NAME, "HostName"}), NO_SOCKET},
    {206, ETW_EVENT_NAME, finish_answer,
     ROLES({ROLE_NAME_NAME, "FQDN"}, {ROLE_NAME_ADDRESS, "SockAddr"}), NO_SOCKET},
};
/* clang-format on */

const struct provider_binding webio_provider = {
    .guid = GUID_OF(0x50b3e73c, 0x9370, 0x461d, 0xbb, 0x9f, 0x26, 0xf3, 0x2d, 0x68, 0x88, 0x7d),
    .events = events,
    .event_count = sizeof(events) / sizeof(events[0]),
};
