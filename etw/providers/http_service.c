/* SPDX-License-Identifier: MIT */
/*
 * http_service.c - Microsoft-Windows-HttpService: connections of HTTP.sys, what is asked
 * for over them, and who answers. A response is logged in the thread that sends it.
 */
#include <string.h>

#include "etw/providers/binding.h"

#define STATUS_NOT_MODIFIED 304

/* HTTP_VERB from the first that is one. [documented: http.h] */
#define FIRST_VERB 3
static const char *const verbs[] = {
    "OPTIONS", "GET",  "HEAD",     "POST",      "PUT",   "DELETE", "TRACE",  "CONNECT", "TRACK",
    "MOVE",    "COPY", "PROPFIND", "PROPPATCH", "MKCOL", "LOCK",   "UNLOCK", "SEARCH",
};

static void finish_url(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    event->u.http.is_url_utf16 = true;
}

static void finish_request(struct etw_event *event, const struct binding_raw *raw)
{
    struct etw_http *http = &event->u.http;
    finish_url(event, raw);
    if (http->verb >= FIRST_VERB && http->verb - FIRST_VERB < sizeof(verbs) / sizeof(verbs[0])) {
        const char *verb = verbs[http->verb - FIRST_VERB];
        http->method = bytes_of(verb, strlen(verb));
    }
}

static void finish_not_modified(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    event->u.http.status = STATUS_NOT_MODIFIED;
}

/* clang-format off */
#define CONNECTION    {ROLE_HTTP_CONNECTION, "ConnectionObj"}
#define CONNECTION_ID {ROLE_HTTP_CONNECTION_ID, "ConnectionId"}
#define OF_REQUEST      {ROLE_HTTP_REQUEST, "RequestObj"}
#define REQUEST_ID    {ROLE_HTTP_REQUEST_ID, "RequestId"}
#define URL           {ROLE_HTTP_URL, "Url"}
#define PID           {ROLE_HTTP_PID, "ProcessId"}

#define ROW(id, action, finish, ...)                                                               \
    {id, ETW_EVENT_HTTP, finish, ROLES(__VA_ARGS__), HTTP_EVENT(SYS, action)}
#define ANSWER(id)                                                                                 \
    ROW(id, RESPONSE, NULL, REQUEST_ID, CONNECTION_ID, {ROLE_HTTP_STATUS, "StatusCode"},           \
        {ROLE_HTTP_METHOD, "Verb"})

static const struct event_binding events[] = {
    ROW(1, ASSIGN, NULL, REQUEST_ID, CONNECTION_ID, {ROLE_HTTP_REMOTE, "RemoteAddr"}),
    ROW(2, REQUEST, finish_request, OF_REQUEST, {ROLE_HTTP_VERB, "HttpVerb"}, URL),
    ROW(3, DELIVER, finish_url, OF_REQUEST, REQUEST_ID, {ROLE_HTTP_QUEUE, "RequestQueueName"}, URL),
    ANSWER(4),
    ANSWER(8),                                               /* with all of its body */
    ROW(16, RESPONSE, NULL, OF_REQUEST, REQUEST_ID),                /* from the cache */
    ROW(17, RESPONSE, finish_not_modified, OF_REQUEST, REQUEST_ID), /* the same, nothing new */
    ROW(21, CONNECT, NULL, CONNECTION, {ROLE_HTTP_LOCAL, "LocalAddr"},
        {ROLE_HTTP_REMOTE, "RemoteAddr"}),
    ROW(22, ASSIGN, NULL, REQUEST_ID, CONNECTION_ID, CONNECTION),
    ROW(23, CLOSE, NULL, CONNECTION),
    ROW(97, WITNESS, finish_url, PID, {ROLE_HTTP_QUEUE, "RequestQueue"}, URL),
    ROW(111, WITNESS, NULL, PID),
    ROW(112, WITNESS, finish_url, PID, URL),
    ROW(113, WITNESS, finish_url, PID, URL),
};
/* clang-format on */

const struct provider_binding http_service_provider = {
    .guid = GUID_OF(0xdd5ef90a, 0x6398, 0x47a4, 0xad, 0x34, 0x4d, 0xce, 0xcd, 0xef, 0x79, 0x5f),
    .events = events,
    .event_count = sizeof(events) / sizeof(events[0]),
};
