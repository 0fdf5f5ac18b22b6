/* SPDX-License-Identifier: MIT */
/*
 * http_tracker.h - which request goes over which HTTP connection, event by event. Inside
 * correlate only.
 *
 * Connections are numbered in order of first appearance, so that a second pass over the
 * same events gives them the same numbers. Memory is bounded: of requests, handles and
 * threads the latest are known; it is taken with the first HTTP event.
 */
#ifndef CORRELATE_HTTP_TRACKER_H
#define CORRELATE_HTTP_TRACKER_H

#include "correlate/endpoints.h"
#include "correlate/http_texts.h"

#define HTTP_NO_CONNECTION UINT32_MAX

/* What an event told. */
struct http_told {
    uint32_t connection;                /* HTTP_NO_CONNECTION: none of the rest */
    bool is_new;                        /* its first event */
    bool has_request;                   /* a request is known, and over which connection it goes */
    bool has_response;                  /* an answer to one */
    bool is_server;                     /* the connection is one of HTTP.sys */
    struct corr_endpoint local, remote; /* of the connection, as far as this event says */
    uint16_t local_port;                /* the same; 0: not said */
    uint32_t pid;                       /* client: its process; response: who sent it, 0: nobody */
    uint32_t status;                    /* of the response */
    const struct http_texts *texts;     /* of request or response, or the host of a new connection;
                                         * borrowed until the next event; NULL: none */
    uint32_t witness;                   /* a process that serves, 0: not said */
};

struct http_tracker;

/* NULL: no memory. */
struct http_tracker *http_tracker_new(void);
void http_tracker_free(struct http_tracker *tracker); /* NULL is allowed */
/* Every event in time order. False: no memory. */
bool http_tracker_take(struct http_tracker *tracker, const struct etw_event *event,
                       struct http_told *told);

#endif
