/* SPDX-License-Identifier: MIT */
/*
 * socket_index.h - from the ends of a packet to the rows of the ledger that may own
 * it, at a time. Inside correlate only.
 *
 *     struct socket_span lives = socket_index_connection(index, &local, &remote);
 *     struct socket_walk walk = socket_walk_begin(index, lives, from, to);
 *     for (uint32_t row = socket_walk_next(index, &walk); row != CORR_NO_ROW;
 *          row = socket_walk_next(index, &walk)) ...
 *
 * A row has one key; 4.5 bytes a row and 20 to 36 a key. Finding a key is one look into a
 * hash table. A walk costs as many steps as it gives rows, times a small constant, however
 * often a port or a pair of addresses was used again.
 */
#ifndef CORRELATE_SOCKET_INDEX_H
#define CORRELATE_SOCKET_INDEX_H

#include <stddef.h>

#include "correlate/sockets.h"
#include "etw/base/error.h"

struct socket_index;

/* Rows with one key, by the time they were opened. */
struct socket_span {
    uint32_t first, end;
};

static inline bool socket_span_is_empty(struct socket_span span)
{
    return span.first == span.end;
}

/* `rows` are borrowed for the life of the index. Hidden rows are left out. */
enum etw_status socket_index_new(const struct corr_socket *rows, size_t count,
                                 struct socket_index **out, struct etw_error *error);
void socket_index_free(struct socket_index *index); /* NULL is allowed */

/* TCP connections between these ends. */
struct socket_span socket_index_connection(const struct socket_index *index,
                                           const struct corr_endpoint *local,
                                           const struct corr_endpoint *remote);
/* TCP connections from this port, whose local address is not known or any. */
struct socket_span socket_index_port_only(const struct socket_index *index, uint16_t local_port,
                                          const struct corr_endpoint *remote);
/* TCP connections to this end, whose local port is not known. */
struct socket_span socket_index_remote_only(const struct socket_index *index,
                                            const struct corr_endpoint *remote);
/* Listeners and datagram sockets with this port, whatever their address. */
struct socket_span socket_index_listeners(const struct socket_index *index, uint16_t port);
struct socket_span socket_index_datagrams(const struct socket_index *index, uint8_t protocol,
                                          uint16_t port);
struct socket_span socket_index_raw(const struct socket_index *index, uint8_t protocol);

/* When it was there at the earliest: CORR_ALWAYS for a row whose begin is not known. */
static inline int64_t socket_earliest(const struct corr_socket *row)
{
    bool is_known = (row->flags & (CORR_SOCKET_OLDER | CORR_SOCKET_EXACT)) != CORR_SOCKET_OLDER;
    return is_known ? row->opened : CORR_ALWAYS;
}

/* The first row of a span that is not empty: of most the only one. */
uint32_t socket_span_row(const struct socket_index *index, struct socket_span span);

struct socket_walk {
    uint32_t first, position;
    int64_t from;
};

/* Gives rows that were open at some time from `from` to `to`, the last opened first. */
struct socket_walk socket_walk_begin(const struct socket_index *index, struct socket_span span,
                                     int64_t from, int64_t to);
uint32_t socket_walk_next(const struct socket_index *index, struct socket_walk *walk);

#endif
