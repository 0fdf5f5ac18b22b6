/* SPDX-License-Identifier: MIT */
/*
 * datagram_history.h - the stack's datagram and raw endpoints: one row per life of an
 * endpoint.
 *
 * Newer Windows tells when endpoints begin, are bound and end; older tells of their
 * datagrams only, and then a life is what one pointer with one local port and one
 * process did.
 */
#ifndef CORRELATE_DATAGRAM_HISTORY_H
#define CORRELATE_DATAGRAM_HISTORY_H

#include <stdint.h>

#include "etw/base/error.h"
#include "etw/event.h"

struct datagram_history;
struct socket_table;

/* Lives that are not whole; see struct corr_ledger_counts. */
struct datagram_history_counts {
    uint64_t missed_opens;
    uint64_t missed_closes;
};

/* `table` is borrowed and written to. */
enum etw_status datagram_history_new(struct socket_table *table, struct datagram_history **out,
                                     struct etw_error *error);
void datagram_history_free(struct datagram_history *history); /* NULL is allowed */

/* Takes ETW_EVENT_SOCKET of ETW_LAYER_STACK about UDP and raw sockets, in time order.
 * Returns the row that the event was about; CORR_NO_ROW: none that can be told. */
uint32_t datagram_history_learn(struct datagram_history *history, const struct etw_event *event);
void datagram_history_get_counts(const struct datagram_history *history,
                                 struct datagram_history_counts *counts);

#endif
