/* SPDX-License-Identifier: MIT */
/*
 * event_sockets.h - which socket of the finished ledger an event is about.
 *
 *     corr_event_sockets_new(ledger, &index, &error);
 *     uint32_t row = corr_event_sockets_find(index, &event);
 *     corr_event_sockets_free(index);
 *
 * By the kernel pointers of the event and its time, since pointers are used again; by
 * its ends where it has no pointer; at last by being evidence of a socket.
 */
#ifndef CORRELATE_EVENT_SOCKETS_H
#define CORRELATE_EVENT_SOCKETS_H

#include "correlate/ledger.h"

struct corr_event_sockets;

/* `ledger` is borrowed. Memory: 24 bytes per socket and pointer. */
enum etw_status corr_event_sockets_new(const struct corr_ledger *ledger,
                                       struct corr_event_sockets **out, struct etw_error *error);
void corr_event_sockets_free(struct corr_event_sockets *index); /* NULL is allowed */
/* True: a socket event of the SMB client, the server or SMB Direct. */
bool corr_event_is_smb(const struct etw_event *event);
/* True: a socket event of SMB about a connection that no TCP carries, whatever its ends are. */
bool corr_event_is_without_socket(const struct etw_event *event);
/* Row of the ledger; CORR_NO_ROW: none, or it cannot be told. */
uint32_t corr_event_sockets_find(const struct corr_event_sockets *index,
                                 const struct etw_event *event);

#endif
