/* SPDX-License-Identifier: MIT */
/*
 * tcp_history.h - TCP connections and listeners as the stack tells of them: one row
 * per life of a TCB.
 *
 * Kernel pointers are used again within milliseconds, address pairs within seconds,
 * and any event may be missing. A life begins with a connect, an accept, a state
 * that only a new connection has, or the list of older connections; it ends with the
 * first event that can only be the last, after which stragglers of the same pointer
 * still belong to it until the next begin. Nothing is taken for a row whose ends it
 * contradicts.
 */
#ifndef CORRELATE_TCP_HISTORY_H
#define CORRELATE_TCP_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "etw/base/error.h"
#include "etw/event.h"

struct socket_table;
struct tcp_history;

/* Lives that are not whole; see struct corr_ledger_counts. */
struct tcp_history_counts {
    uint64_t missed_opens;
    uint64_t missed_closes;
    uint64_t odd_ends; /* events whose addresses are not those of their open connection */
};

/* `table` is borrowed and written to. */
enum etw_status tcp_history_new(struct socket_table *table, struct tcp_history **out,
                                struct etw_error *error);
void tcp_history_free(struct tcp_history *history); /* NULL is allowed */

/* True when `tcp_history_learn` takes the event: of ETW_LAYER_STACK, about TCP. */
bool tcp_history_takes(const struct etw_event *event);
/* In time order. Returns the row of the connection or listener that the event was about;
 * CORR_NO_ROW: none, or none that can be told. */
uint32_t tcp_history_learn(struct tcp_history *history, const struct etw_event *event);
/* Owners and roles that only the whole shows, and byte counts. */
void tcp_history_finish(struct tcp_history *history);
void tcp_history_get_counts(const struct tcp_history *history, struct tcp_history_counts *counts);

#endif
