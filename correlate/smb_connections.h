/* SPDX-License-Identifier: MIT */
/*
 * smb_connections.h - which TCP connection of the ledger an SMB connection runs on. Inside
 * correlate only.
 *
 * The client names its connections by a pointer. The stack's events of its calls follow on the
 * same thread: a connect to the same address, or a send of as many bytes. Where the trace has
 * none, the server's address decides when one connection alone leads there. The server names its
 * connections by GUIDs, and says each client's address and port.
 */
#ifndef CORRELATE_SMB_CONNECTIONS_H
#define CORRELATE_SMB_CONNECTIONS_H

#include "correlate/event_sockets.h"
#include "correlate/smb_message.h"

struct smb_connections;

/* One life of a connection. */
struct smb_connection {
    uint64_t number;             /* 1..n in order of first appearance */
    uint32_t socket;             /* row of the ledger; CORR_NO_ROW: not known */
    bool is_other;               /* no TCP carries it: it has no row */
    bool is_told;                /* the stack's own events say which row; else it was inferred */
    uint8_t tries;               /* to infer it */
    struct corr_endpoint remote; /* size 0: not known */
};

/* `ledger` is borrowed and finished. */
enum etw_status smb_connections_new(const struct corr_ledger *ledger, struct smb_connections **out,
                                    struct etw_error *error);
void smb_connections_free(struct smb_connections *connections); /* NULL is allowed */

/* Every socket event, the stack's and those of SMB, in time order. */
enum etw_status smb_connections_feed(struct smb_connections *connections,
                                     const struct etw_event *event, struct etw_error *error);

/* The connection an SMB event names, which begins here when it was not known; `remote` is where
 * its session leads, as far as other events said, or NULL. NULL in `out`: it names none. */
enum etw_status smb_connections_find(struct smb_connections *connections,
                                     const struct etw_event *event,
                                     const struct corr_endpoint *remote,
                                     const struct smb_connection **out, struct etw_error *error);

/* The row of an event that states an end or both; or CORR_NO_ROW. */
uint32_t smb_connections_row(const struct smb_connections *connections,
                             const struct etw_event *event);
/* The one row that was open between this remote end and a client or server of SMB. */
uint32_t smb_connections_row_to(const struct smb_connections *connections,
                                enum corr_smb_source source, const struct corr_endpoint *remote,
                                int64_t time);

/* What the rows have in common that were open between this remote end and a client or server of
 * SMB: a client often has several to one server. */
struct smb_way {
    uint32_t socket;            /* the one row; CORR_NO_ROW: none, or several */
    bool are_several;           /* rows */
    uint32_t process;           /* row of the owner of all of them; CORR_NO_ROW: none, or several */
    struct corr_endpoint local; /* size 0: not known, or not the same; port 0: not the same */
};
struct smb_way smb_connections_way_to(const struct smb_connections *connections,
                                      enum corr_smb_source source,
                                      const struct corr_endpoint *remote, int64_t time);

#endif
