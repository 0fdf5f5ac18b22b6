/* SPDX-License-Identifier: MIT */
/*
 * owners.h - what every output says about the owner of a packet or socket: names,
 * the chain in prose, members of JSON rows.
 */
#ifndef PCAPOUT_OWNERS_H
#define PCAPOUT_OWNERS_H

#include "correlate/ledger.h"
#include "correlate/packets.h"
#include "etw/base/text.h"
#include "pcapout/json_writer.h"

/* NULL: no owner. `ledger` may be NULL: nothing has one. */
const struct corr_process *out_owner_of(const struct corr_ledger *ledger,
                                        const struct corr_verdict *verdict);
/* The socket that the verdict is about; NULL: none. */
const struct corr_socket *out_socket_of(const struct corr_ledger *ledger,
                                        const struct corr_verdict *verdict);

#define OUT_PROCESS_TEXT_SIZE 320
/* "tcpserver.exe (2704)", or "pid 2704". Control characters stay: escape it. */
void out_process_format(const struct corr_process *process, char text[OUT_PROCESS_TEXT_SIZE]);

/* "tcb 0x829c860 <- socket 0x7a05010 <- pid 1504" */
void out_add_socket_chain(struct text *to, const struct corr_socket *socket,
                          const struct corr_process *process);
/* The same behind what tied the packet to the socket where that is not its addresses:
 * "first fragment <- endpoint 0x..." */
void out_add_packet_chain(struct text *to, const struct corr_verdict *verdict,
                          const struct corr_socket *socket, const struct corr_process *process);

/* The object of a process; services and user as far as they are known. */
void out_json_process(struct json_writer *j, const char *name,
                      const struct corr_processes *processes, const struct corr_process *process);
/* Elements of an array: the records that the socket's owner rests on. */
void out_json_evidence(struct json_writer *j, const struct corr_socket *socket);

/* RFC 793's names in one word: "SynSent" */
const char *out_state_name(enum corr_tcp_state state);
const char *out_role_name(enum corr_role role);
const char *out_cause_name(enum corr_cause cause);
const char *out_bytes_from_name(enum corr_bytes_from from);

#define OUT_SOCKET_END_SIZE 64
/* 192.0.2.1:443, [2001:db8::1]:443; the bare address without a port; *:443 when only the port
 * is known; "" when nothing is. */
void out_socket_end_format(const struct corr_endpoint *end, char text[OUT_SOCKET_END_SIZE]);

#endif
