/* SPDX-License-Identifier: MIT */
/*
 * socket_rows.h - what the files of socket_table.h share: the rows while they are
 * being learned. Nobody else includes it.
 */
#ifndef CORRELATE_SOCKET_ROWS_H
#define CORRELATE_SOCKET_ROWS_H

#include "correlate/socket_table.h"
#include "etw/base/hash_index.h"

/* Chains of rows of which something is equal; see socket_ends.c. */
enum socket_chain {
    CHAIN_TUPLE,  /* protocol and both ends */
    CHAIN_REMOTE, /* protocol and remote end */
    CHAIN_BOUND,  /* role, protocol and local end; listeners, datagram and raw sockets */
    CHAIN_COUNT
};

struct socket_link {
    uint32_t newer, older; /* CORR_NO_ROW: none */
    bool is_linked;
};

struct socket_owner {
    uint32_t pid; /* 0: not known */
    uint64_t start_key;
    int64_t time;  /* of the event that named it */
    uint8_t rule;  /* enum corr_rule */
    bool is_vague; /* callers that differ: only another rule can tell */
    bool is_likely;
};

/* The flows of a row; see socket_flows.c. */
struct socket_flows {
    uint32_t group; /* the number they are found by */
    uint32_t first; /* CORR_NO_ROW: none */
    uint32_t count;
};

#define SOCKET_BYTE_SOURCES (CORR_BYTES_KERNEL + 1)

struct socket_row {
    struct corr_socket shown;
    int64_t first_seen, last_seen; /* last: by events with a time */
    struct socket_owner owner;
    struct socket_link links[CHAIN_COUNT];
    struct socket_flows flows;
    uint64_t bytes[SOCKET_BYTE_SOURCES][2]; /* by source; received, sent */
    uint32_t merged_into;                   /* CORR_NO_ROW: not */
};

struct socket_handle {
    uint64_t value;
    uint32_t row; /* CORR_NO_ROW: not bound now */
    uint8_t space;
};

struct socket_flow {
    struct corr_endpoint remote;
    uint32_t group;
    uint32_t next; /* of the same row; CORR_NO_ROW: none */
};

/* A state change before they are sorted by row. */
struct socket_change {
    int64_t time;
    uint32_t row;
    uint8_t from, to;
};

/* 12 bytes; the time in two halves, so that nothing has to be padded. */
struct packed_change {
    uint32_t time_low, time_high;
    uint8_t from, to;
};

struct socket_table {
    struct socket_row *rows; /* owned; NULL when finished */
    size_t count, capacity;
    bool has_failed; /* no memory */
    uint64_t contradictions;

    struct socket_handle *handles; /* owned */
    size_t handle_count, handle_capacity;
    struct hash_index handle_index;

    struct hash_index chains[CHAIN_COUNT]; /* the newest row of each chain */

    struct socket_flow *flows; /* owned */
    size_t flow_count, flow_capacity;
    struct hash_index flow_index;

    struct socket_change *changes; /* owned; NULL when finished */
    size_t change_count, change_capacity;

    /* Once finished. */
    struct corr_socket *sockets;  /* owned */
    struct packed_change *packed; /* owned; by row, in time order */
    uint32_t *first_change;       /* owned; count + 1 of them */
    uint32_t *flow_groups;        /* owned; of every row */
};

static inline void socket_row_see(struct socket_row *row, int64_t time)
{
    row->last_seen = time > row->last_seen ? time : row->last_seen;
}

/* NULL: no such row. */
struct socket_row *socket_row_find(const struct socket_table *table, uint32_t row);

/* socket_ends.c */
void socket_ends_unlink(struct socket_table *table, uint32_t row);

/* socket_owners.c */
void socket_owners_merge(struct socket_table *table, uint32_t to, uint32_t from);
enum corr_confidence socket_owners_confidence(const struct socket_row *row, bool has_loss);

/* socket_flows.c */
void socket_flows_collect_strays(struct socket_table *table);
void socket_flows_merge(struct socket_table *table, uint32_t to, uint32_t from);

/* socket_states.c: `place[row]` is where the row stands once sorted. False: no memory. */
bool socket_states_pack(struct socket_table *table, const uint32_t *place);

#endif
