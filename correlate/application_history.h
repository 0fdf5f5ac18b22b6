/* SPDX-License-Identifier: MIT */
/*
 * application_history.h - sockets as Winsock tells of them: what applications do with
 * the endpoints of AFD, and which process made each.
 *
 * A record is one use of one endpoint: the pointers are used again, and a socket can
 * connect again or accept again after its connection has ended. Any event may be
 * missing. joins.h finds the stack's row of a record; what finds none becomes a row
 * of its own at the end, so that traces of Winsock alone work too.
 */
#ifndef CORRELATE_APPLICATION_HISTORY_H
#define CORRELATE_APPLICATION_HISTORY_H

#include <stdint.h>

#include "etw/base/error.h"
#include "etw/event.h"

struct application_history;
struct socket_table;

/* Lives that are not whole, and events about no endpoint; see struct corr_ledger_counts. */
struct application_history_counts {
    uint64_t unplaced;
    uint64_t missed_opens;
    uint64_t missed_closes;
};

/* `table` is borrowed and written to. */
enum etw_status application_history_new(struct socket_table *table,
                                        struct application_history **out, struct etw_error *error);
void application_history_free(struct application_history *history); /* NULL is allowed */

/* Takes ETW_EVENT_SOCKET of ETW_LAYER_APPLICATION, in time order. Returns the row of the
 * socket; CORR_NO_ROW: it has none yet, or there is no socket. */
uint32_t application_history_learn(struct application_history *history,
                                   const struct etw_event *event);
/* A process has ended: its kernel pointer may stand for another one from now on. */
void application_history_process_ended(struct application_history *history, uint32_t pid);
/* After joins_finish: writes owners, bytes and ends to the rows, and makes rows of records that
 * the stack does not tell of. */
void application_history_finish(struct application_history *history);
void application_history_get_counts(const struct application_history *history,
                                    struct application_history_counts *counts);

#endif
