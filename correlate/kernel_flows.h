/* SPDX-License-Identifier: MIT */
/*
 * kernel_flows.h - connections and datagram sockets by the kernel's own network
 * events, which name the process, both ends and the bytes, and no handle.
 *
 * Where the stack told of a connection between the same ends, its row is used; else
 * there is a row of these events alone. The classic logger's clock may be coarse and
 * late, so that the ends decide and time hardly counts.
 */
#ifndef CORRELATE_KERNEL_FLOWS_H
#define CORRELATE_KERNEL_FLOWS_H

#include <stdint.h>

#include "etw/base/error.h"
#include "etw/event.h"

struct kernel_flows;
struct socket_table;

/* `table` is borrowed and written to. */
enum etw_status kernel_flows_new(struct socket_table *table, struct kernel_flows **out,
                                 struct etw_error *error);
void kernel_flows_free(struct kernel_flows *flows); /* NULL is allowed */

/* Takes ETW_EVENT_SOCKET of ETW_LAYER_KERNEL, in time order. Returns the row that the event was
 * about; CORR_NO_ROW: none. */
uint32_t kernel_flows_learn(struct kernel_flows *flows, const struct etw_event *event);
void kernel_flows_finish(struct kernel_flows *flows);

#endif
