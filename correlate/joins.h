/* SPDX-License-Identifier: MIT */
/*
 * joins.h - which socket of Winsock is which of the stack: there is no pointer that
 * both layers name, so calls, threads, addresses and byte counts join them.
 */
#ifndef CORRELATE_JOINS_H
#define CORRELATE_JOINS_H

#include <stdint.h>

#include "etw/base/error.h"
#include "etw/event.h"

struct application_history;
struct joins;
struct socket_table;

/* Both are borrowed. */
enum etw_status joins_new(struct socket_table *table, struct application_history *application,
                          struct joins **out, struct etw_error *error);
void joins_free(struct joins *joins); /* NULL is allowed */

/* Every ETW_EVENT_SOCKET in time order, after the history of its layer; `row` is what that
 * history returned. */
void joins_learn(struct joins *joins, const struct etw_event *event, uint32_t row);
/* Joins by address what is left. Every row of the stack must be there, and
 * application_history_finish must follow. */
void joins_finish(struct joins *joins);
/* Sockets that both layers tell of, and Winsock's whose stack side was not found. */
void joins_get_counts(const struct joins *joins, uint64_t *joined, uint64_t *unjoined);

#endif
