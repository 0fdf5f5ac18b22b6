/* SPDX-License-Identifier: MIT */
/*
 * ledger.h - everything the events of a trace say about processes and sockets,
 * learned once in time order, immutable after.
 *
 *     corr_ledger_new(&options, &ledger, &error);
 *     ... corr_ledger_learn(ledger, &event, &error) for every event in time order ...
 *     corr_ledger_finish(ledger, &error);
 *     ... corr_ledger_sockets(ledger, &rows), corr_attribution_new(ledger, ...) ...
 *     corr_ledger_free(ledger);
 *
 * Memory: per process, socket and connection at most 160 bytes, 12 per state change,
 * and the hash tables over them; until finished about 300 more per connection. Per connection with
 * HTTP at most 700 more, of CORR_HTTP_MAXIMUM connections. Nothing per packet or event.
 */
#ifndef CORRELATE_LEDGER_H
#define CORRELATE_LEDGER_H

#include "correlate/http.h"
#include "correlate/local_addresses.h"
#include "correlate/name_history.h"
#include "correlate/processes.h"
#include "correlate/sockets.h"
#include "etw/base/error.h"
#include "etw/event.h"

struct corr_ledger_options {
    bool has_loss;          /* events are known to be missing: nothing is certain */
    bool has_socket_events; /* the trace has events of sockets at all */
};

/* What did not fit, for people who look closer. */
struct corr_ledger_counts {
    uint64_t events;         /* socket events taken in */
    uint64_t unplaced;       /* of them: about no socket that could be told */
    uint64_t contradictions; /* sockets whose events name different processes */
    uint64_t missed_opens;   /* lives that begin in the middle */
    uint64_t missed_closes;  /* lives ended only because the pointer was used again */
    uint64_t joins;          /* sockets that both layers tell of */
    uint64_t unjoined;       /* Winsock's sockets whose stack side was not found */
};

struct corr_ledger;

enum etw_status corr_ledger_new(const struct corr_ledger_options *options, struct corr_ledger **out,
                                struct etw_error *error);
void corr_ledger_free(struct corr_ledger *ledger); /* NULL is allowed */

/* Takes all kinds of events; copies what it keeps. */
enum etw_status corr_ledger_learn(struct corr_ledger *ledger, const struct etw_event *event,
                                  struct etw_error *error);
enum etw_status corr_ledger_finish(struct corr_ledger *ledger, struct etw_error *error);

/* Rows in order of first appearance; hidden ones (flag) among them. */
size_t corr_ledger_sockets(const struct corr_ledger *ledger, const struct corr_socket **rows);
/* State changes of one socket in time order. */
size_t corr_ledger_states(const struct corr_ledger *ledger, uint32_t socket,
                          struct corr_state_change *changes, size_t maximum);
size_t corr_ledger_state_count(const struct corr_ledger *ledger, uint32_t socket);
/* State at a time; the one before the first change when that is known. False: not known. */
bool corr_ledger_state_at(const struct corr_ledger *ledger, uint32_t socket, int64_t time,
                          enum corr_tcp_state *state);
/* True when this socket exchanged a datagram with this remote end. */
bool corr_ledger_has_flow(const struct corr_ledger *ledger, uint32_t socket,
                          const struct corr_endpoint *remote);
/* True when a socket whose own port is not known exchanged a datagram with this remote end. */
bool corr_ledger_has_stray_flow(const struct corr_ledger *ledger,
                                const struct corr_endpoint *remote);
/* True when the stack said near this time (1 s) that nobody listens for these ends. */
bool corr_ledger_is_missing(const struct corr_ledger *ledger, uint8_t protocol,
                            const struct corr_endpoint *local, const struct corr_endpoint *remote,
                            int64_t time);

const struct corr_processes *corr_ledger_processes(const struct corr_ledger *ledger);
const struct corr_local_addresses *corr_ledger_addresses(const struct corr_ledger *ledger);
const struct corr_name_history *corr_ledger_names(const struct corr_ledger *ledger);
/* The HTTP of a connection; NULL: nothing is known of it. */
const struct corr_http *corr_ledger_http(const struct corr_ledger *ledger, uint32_t socket);
/* The socket of an HTTP connection by its number; see http_notes.h. CORR_NO_ROW: not known. */
uint32_t corr_ledger_http_socket(const struct corr_ledger *ledger, uint32_t connection);
const struct corr_ledger_options *corr_ledger_get_options(const struct corr_ledger *ledger);
void corr_ledger_get_counts(const struct corr_ledger *ledger, struct corr_ledger_counts *counts);

#endif
