/* SPDX-License-Identifier: MIT */
/*
 * socket_table.h - sockets while they are being learned: rows, which kernel object
 * is which row now, what names their process, their states. Inside correlate only;
 * the histories (tcp_history.h, application_history.h, datagram_history.h,
 * kernel_flows.h) write it, ledger.c finishes it.
 */
#ifndef CORRELATE_SOCKET_TABLE_H
#define CORRELATE_SOCKET_TABLE_H

#include <stdbool.h>

#include "correlate/sockets.h"
#include "etw/base/error.h"
#include "etw/event.h"

struct corr_processes;
struct socket_table;

enum etw_status socket_table_new(struct socket_table **out, struct etw_error *error);
void socket_table_free(struct socket_table *table); /* NULL is allowed */

/* A new row that is first seen now; its opened is `time` and its closed CORR_NEVER until set.
 * CORR_NO_ROW: no memory, which socket_table_failed() tells later too. Every function below
 * takes CORR_NO_ROW for a row and does nothing then, or finds nothing. */
uint32_t socket_table_add(struct socket_table *table, enum corr_role role, uint8_t protocol,
                          int64_t time);
bool socket_table_failed(const struct socket_table *table);
/* A history has no memory. */
void socket_table_fail(struct socket_table *table);
/* A history that writes the table had no memory for what belongs to it. */
void socket_table_set_failed(struct socket_table *table);
size_t socket_table_count(const struct socket_table *table);
/* Valid until the next add. The caller may write what no function below sets: opened, status,
 * retransmits, handle, application, role (client or server only), first_state. NULL: no row. */
struct corr_socket *socket_table_get(struct socket_table *table, uint32_t row);
/* An event at this time is about the row; CORR_NO_ROW is allowed. */
void socket_table_see(struct socket_table *table, uint32_t row, int64_t time);
int64_t socket_table_first_seen(const struct socket_table *table, uint32_t row);

/* ---- kernel objects: which row a pointer names now ---- */

void socket_table_bind(struct socket_table *table, enum etw_handle_space space, uint64_t value,
                       uint32_t row);
/* CORR_NO_ROW: none, or it is no longer bound. */
uint32_t socket_table_find(const struct socket_table *table, enum etw_handle_space space,
                           uint64_t value);
void socket_table_unbind(struct socket_table *table, enum etw_handle_space space, uint64_t value);

/* ---- addresses: set once both are known, so that rows are found by them ---- */

/* Sets the ends of a row that are of size > 0; other ends stay. NULL: none. */
void socket_table_set_ends(struct socket_table *table, uint32_t row,
                           const struct corr_endpoint *local, const struct corr_endpoint *remote);
/* The row of this protocol between these ends that was opened last and is not closed before
 * `time`; `local` may have port 0 or size 0: any. CORR_NO_ROW: none. */
uint32_t socket_table_find_ends(const struct socket_table *table, uint8_t protocol,
                                const struct corr_endpoint *local,
                                const struct corr_endpoint *remote, int64_t time);
/* The same of listeners, datagram and raw sockets: bound to this port, and to this address or
 * else to any. A socket of any IPv6 address has IPv4's ports only when it is_dual. */
uint32_t socket_table_find_bound(const struct socket_table *table, enum corr_role role,
                                 uint8_t protocol, const struct corr_endpoint *local, int64_t time);

/* The same of datagram sockets that this process owns: several processes may share a port. */
uint32_t socket_table_find_datagram_of(const struct socket_table *table, uint32_t pid,
                                       uint8_t protocol, const struct corr_endpoint *local,
                                       int64_t time);

/* ---- owners ---- */

/* `rule` says that `pid` (never 0; else ignored) owned the row at `time`. The strongest rule
 * wins. Two different pids by rules that both rest on payloads or pointers: the row is
 * contradicted, and stays so. A pid by CORR_RULE_CALLER gives way to any other; two different
 * ones by it leave none. `start_key` 0: not stated. Every new rule is kept as evidence, strongest
 * first. */
void socket_table_own(struct socket_table *table, uint32_t row, enum corr_rule rule, uint32_t pid,
                      uint64_t start_key, int64_t time, uint64_t offset);
/* Evidence that names no pid: joins. */
void socket_table_note(struct socket_table *table, uint32_t row, enum corr_rule rule,
                       uint64_t offset);
/* What is known now; 0: nothing, or contradicted. The pointers may be NULL. */
uint32_t socket_table_pid(const struct socket_table *table, uint32_t row, uint64_t *start_key,
                          int64_t *time, enum corr_rule *rule);

/* ---- life ---- */

void socket_table_add_state(struct socket_table *table, uint32_t row, int64_t time,
                            enum corr_tcp_state from, enum corr_tcp_state to);
/* The first close counts; a cause other than unknown replaces unknown. */
void socket_table_close(struct socket_table *table, uint32_t row, int64_t time,
                        enum corr_cause cause);
/* Sequence numbers [first, next) went one way; the first call sets the range, later ones widen it.
 * Numbers far outside (2^30) the range are not taken and false comes back: another life. */
bool socket_table_widen_local(struct socket_table *table, uint32_t row, uint32_t first,
                              uint32_t next);
bool socket_table_widen_remote(struct socket_table *table, uint32_t row, uint32_t first,
                               uint32_t next);

/* Payload bytes by source; the best source that has any counts at the end. */
void socket_table_add_bytes(struct socket_table *table, uint32_t row, enum corr_bytes_from from,
                            bool is_sent, uint64_t bytes);

/* A datagram went between the row and this remote end. The end counts once. */
void socket_table_add_flow(struct socket_table *table, uint32_t row,
                           const struct corr_endpoint *remote);
bool socket_table_has_flow(const struct socket_table *table, uint32_t row,
                           const struct corr_endpoint *remote);

/* Two rows turn out to be one: `from` is hidden, what it knows goes to `to`, the stack's row where
 * there is one, whose own life and ends stay; handles of `from` find `to` from now on. Note the
 * rule that joins them before: an owner that comes over by CORR_RULE_SAME_ADDRESS alone is only
 * likely. */
void socket_table_merge(struct socket_table *table, uint32_t to, uint32_t from);
/* Where a row went by merging; the row itself when it did not. */
uint32_t socket_table_resolve(const struct socket_table *table, uint32_t row);
/* Not a socket after all: no id. */
void socket_table_hide(struct socket_table *table, uint32_t row);

/* Tells the processes of every owner; before they are finished. */
enum etw_status socket_table_mention(const struct socket_table *table,
                                     struct corr_processes *processes, struct etw_error *error);

struct connection_begins;

/* Bounds the lives of connections without sequence numbers by the begins that packets show; with
 * loss those of all connections, and of datagram sockets by their events. Before
 * socket_table_finish(). */
void socket_table_bound_lives(struct socket_table *table, const struct connection_begins *begins,
                              bool has_loss);

/* Sorts rows by first appearance, numbers those that have an address, looks up processes, packs
 * states. `processes` must be finished. With loss, owners that rest on a pointer which may have
 * been used again unseen are only likely. Building functions must not be called after. */
enum etw_status socket_table_finish(struct socket_table *table,
                                    const struct corr_processes *processes, bool has_loss,
                                    struct etw_error *error);

/* After finishing: a socket whose own port is not known exchanged datagrams with this end. */
bool socket_table_has_stray_flow(const struct socket_table *table,
                                 const struct corr_endpoint *remote);

/* ---- after finishing, as ledger.h says; socket_table_has_flow works too ---- */

size_t socket_table_states(const struct socket_table *table, uint32_t row,
                           struct corr_state_change *changes, size_t maximum);
size_t socket_table_state_count(const struct socket_table *table, uint32_t row);
bool socket_table_state_at(const struct socket_table *table, uint32_t row, int64_t time,
                           enum corr_tcp_state *state);
const struct corr_socket *socket_table_rows(const struct socket_table *table, size_t *count);
/* Sockets whose events name different processes. */
uint64_t socket_table_contradictions(const struct socket_table *table);

#endif
