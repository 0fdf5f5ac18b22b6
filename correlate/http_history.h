/* SPDX-License-Identifier: MIT */
/*
 * http_history.h - learns the HTTP of connections and finds their sockets. Inside
 * correlate only.
 */
#ifndef CORRELATE_HTTP_HISTORY_H
#define CORRELATE_HTTP_HISTORY_H

#include "correlate/http.h"
#include "correlate/sockets.h"
#include "etw/base/error.h"
#include "etw/event.h"

struct http_history;

enum etw_status http_history_new(struct http_history **out, struct etw_error *error);
void http_history_free(struct http_history *history); /* NULL is allowed */
/* Every event in time order. */
enum etw_status http_history_learn(struct http_history *history, const struct etw_event *event,
                                   struct etw_error *error);
/* The pids of server processes, before the processes are finished. */
enum etw_status http_history_mention(const struct http_history *history,
                                     struct corr_processes *processes, struct etw_error *error);
/* `sockets` are the finished ones; from here on the history is read-only. */
enum etw_status http_history_finish(struct http_history *history, const struct corr_socket *sockets,
                                    size_t count, const struct corr_processes *processes,
                                    struct etw_error *error);

/* NULL: nothing is known of it. */
const struct corr_http *http_history_find(const struct http_history *history, uint32_t socket);
/* The socket of a connection by the number that the tracker gives it; CORR_NO_ROW: not known. */
uint32_t http_history_socket(const struct http_history *history, uint32_t connection);

#endif
