/* SPDX-License-Identifier: MIT */
/*
 * connection_begins.h - when TCP connections began, as packets show it: a SYN whose
 * number is new between its ends. Where events say nothing of sequence numbers, this is
 * what keeps one use of a pair of addresses and ports from the next. Inside correlate
 * only.
 *
 * The local address is left out of the key, because sockets that are bound to any
 * address do not know it. 24 bytes a connection and its place in a hash table.
 */
#ifndef CORRELATE_CONNECTION_BEGINS_H
#define CORRELATE_CONNECTION_BEGINS_H

#include <stdbool.h>
#include <stdint.h>

#include "correlate/sockets.h"
#include "etw/base/error.h"
#include "etw/event.h"

struct connection_begins;

enum etw_status connection_begins_new(struct connection_begins **out, struct etw_error *error);
void connection_begins_free(struct connection_begins *begins); /* NULL is allowed */

/* Takes packet events in time order; all but SYNs are passed over. */
enum etw_status connection_begins_learn(struct connection_begins *begins,
                                        const struct etw_event *event, struct etw_error *error);
/* Ready to be asked. */
void connection_begins_finish(struct connection_begins *begins);

/* The last begin from `from` to `to`, both included; false: there is none. */
bool connection_begins_last(const struct connection_begins *begins, uint16_t local_port,
                            const struct corr_endpoint *remote, int64_t from, int64_t to,
                            int64_t *time);
/* The first one. */
bool connection_begins_first(const struct connection_begins *begins, uint16_t local_port,
                             const struct corr_endpoint *remote, int64_t from, int64_t to,
                             int64_t *time);

#endif
