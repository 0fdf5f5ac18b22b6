/* SPDX-License-Identifier: MIT */
/*
 * tcp_lives.h - what the files of tcp_history.h share: the lives of TCBs while they are
 * being learned. Nobody else includes it.
 *
 *     tcp_history.c    events to rows, listeners, the end of learning
 *     tcp_lives.c      where a life begins and ends
 *     tcp_events.c     what an event says about its connection
 *     tcp_numbers.c    sequence numbers and bytes
 */
#ifndef CORRELATE_TCP_LIVES_H
#define CORRELATE_TCP_LIVES_H

#include "correlate/socket_table.h"
#include "correlate/tcp_endpoints.h"
#include "correlate/tcp_history.h"
#include "etw/base/hash_index.h"

#define IP_TCP 6

/* What a life has shown so far. */
enum tcp_sign {
    LIFE_IS_CONNECTION = 0x1,
    LIFE_HAS_ENDS = 0x2,       /* both, and found by them */
    LIFE_HAS_ROLE = 0x4,       /* it is known who began; else the role is a guess */
    LIFE_SAW_SYN = 0x8,        /* the change into SynSent or SynRcvd */
    LIFE_SAW_CONNECT = 0x10,   /* the request */
    LIFE_SAW_ACCEPT = 0x20,    /* accept is complete */
    LIFE_SAW_LATER = 0x40,     /* something that no new connection does */
    LIFE_SAW_RUNDOWN = 0x80,   /* it is in the list of older connections */
    LIFE_MAY_GO_ON = 0x100,    /* closed, but a state change may still follow */
    LIFE_HAS_ISN = 0x200,      /* the local range begins with the SYN */
    LIFE_HAS_PEER_ISN = 0x400, /* the remote range does */
    LIFE_HAS_DATA_IN = 0x800,  /* received segments are logged */
    LIFE_SENT_FIN = 0x1000,
    LIFE_GOT_FIN = 0x2000,
    LIFE_GOT_FIN_NUMBER = 0x4000, /* the remote range has the FIN */
    LIFE_MISSED_OPEN = 0x8000     /* and is counted as such */
};

/* By row of the socket table; all zero for rows of others. */
struct tcp_life {
    uint64_t tcb;
    uint64_t posted;   /* bytes given to the stack */
    uint64_t received; /* bytes of segments taken in, SYN and FIN as one each */
    int64_t resent;    /* time of the last retransmission counted */
    uint32_t resent_sequence;
    uint32_t own_fin;  /* SndNxt when this side wanted to end */
    uint32_t listener; /* row of the one it came through; CORR_NO_ROW */
    uint16_t signs;    /* enum tcp_sign */
    uint8_t state;     /* enum corr_tcp_state now; CORR_STATE_COUNT: not known */
    uint8_t cause;     /* enum corr_cause: why it will have ended; the first counts */
};

struct tcp_history {
    struct socket_table *table; /* borrowed */
    struct tcp_life *lives;     /* owned; by row */
    size_t life_count, life_capacity;
    struct tcp_endpoints *endpoints; /* owned */
    struct hash_index tuples;        /* of each pair of ends the newest row */
    struct tcp_history_counts counts;
};

/* One event on its way; the pointers are valid until a row is added. */
struct tcp_step {
    struct tcp_history *history;
    const struct etw_event *event;
    const struct etw_socket *socket; /* of the event */
    int64_t time;
    uint32_t row;
    struct tcp_life *life;
    struct corr_socket *shown;
};

static inline bool tcp_has(const struct etw_socket *socket, uint32_t members)
{
    return (socket->has & members) == members;
}

static inline bool tcp_has_sign(const struct tcp_life *life, enum tcp_sign sign)
{
    return (life->signs & sign) != 0;
}

static inline void tcp_set_sign(struct tcp_life *life, enum tcp_sign sign)
{
    life->signs = (uint16_t)(life->signs | sign);
}

static inline void tcp_clear_sign(struct tcp_life *life, enum tcp_sign sign)
{
    life->signs = (uint16_t)(life->signs & ~sign);
}

/* ---- tcp_lives.c ---- */

/* The life of a connection row; NULL: it is not one. */
struct tcp_life *tcp_life_of(struct tcp_history *history, uint32_t row);
/* The row of the connection that an event with this TCB is about; begins one if need be.
 * CORR_NO_ROW: none. */
uint32_t tcp_lives_place(struct tcp_history *history, const struct etw_event *event, uint64_t tcb);
/* The newest connection between the ends that the event states; CORR_NO_ROW. */
uint32_t tcp_lives_find(const struct tcp_history *history, const struct etw_socket *socket);
/* Takes the ends of the event when the connection's are not known. */
void tcp_lives_take_ends(struct tcp_step *step);
/* Ends an open connection; state changes may still follow and move the end. */
void tcp_lives_close(struct tcp_step *step);
/* The state became `to`, which is Closed, or another in a connection that has ended. */
void tcp_lives_move_end(struct tcp_step *step, enum corr_tcp_state to);

/* ---- tcp_events.c ---- */

void tcp_events_apply(struct tcp_step *step);

/* ---- tcp_numbers.c ---- */

/* The event's sequence number and bytes. */
void tcp_numbers_learn(struct tcp_step *step);
/* Of a state change, before the new state is taken over. */
void tcp_numbers_learn_state(struct tcp_step *step);
/* True when the data that the event sends cannot belong to this connection. */
bool tcp_numbers_contradict(const struct corr_socket *shown, const struct etw_socket *socket);
/* Byte counts of a whole life. */
void tcp_numbers_finish(struct tcp_history *history, uint32_t row);

#endif
