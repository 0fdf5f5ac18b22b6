/* SPDX-License-Identifier: MIT */
/*
 * sockets.h - what the ledger knows about one socket: TCP connection, listener,
 * datagram or raw endpoint, during one life. Kernel pointers, ports and whole
 * address pairs are used again; a row is one use.
 */
#ifndef CORRELATE_SOCKETS_H
#define CORRELATE_SOCKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "correlate/endpoints.h"
#include "correlate/evidence.h"
#include "correlate/processes.h"

enum corr_role { CORR_CLIENT, CORR_SERVER, CORR_LISTENER, CORR_DATAGRAM, CORR_RAW };

/* Why it ended. */
enum corr_cause {
    CORR_CAUSE_OPEN, /* it did not, in this trace */
    CORR_CAUSE_UNKNOWN,
    CORR_CAUSE_LOCAL_CLOSE, /* this side closed first */
    CORR_CAUSE_PEER_CLOSE,
    CORR_CAUSE_LOCAL_ABORT,
    CORR_CAUSE_PEER_RESET,
    CORR_CAUSE_REFUSED,
    CORR_CAUSE_TIMEOUT,
    CORR_CAUSE_NO_LISTENER
};

/* TCP states as the stack numbers them. [documented: TCPIP's value map] */
enum corr_tcp_state {
    CORR_CLOSED,
    CORR_LISTEN,
    CORR_SYN_SENT,
    CORR_SYN_RECEIVED,
    CORR_ESTABLISHED,
    CORR_FIN_WAIT_1,
    CORR_FIN_WAIT_2,
    CORR_CLOSE_WAIT,
    CORR_CLOSING,
    CORR_LAST_ACK,
    CORR_TIME_WAIT,
    CORR_STATE_COUNT
};

/* Where the byte counts come from, best first. */
enum corr_bytes_from {
    CORR_BYTES_NONE,
    CORR_BYTES_APPLICATION,
    CORR_BYTES_STACK,
    CORR_BYTES_KERNEL,
    CORR_BYTES_PACKETS
};

enum corr_socket_flag {
    CORR_SOCKET_CONTRADICTED = 0x1,    /* its events name different processes: no owner */
    CORR_SOCKET_OLDER = 0x2,           /* it was there before the trace, or its begin was lost */
    CORR_SOCKET_LOCAL_SEQUENCE = 0x4,  /* local_first and local_next are known */
    CORR_SOCKET_REMOTE_SEQUENCE = 0x8, /* remote_first and remote_next are known */
    CORR_SOCKET_WRAPPED = 0x10,        /* more than 2 GiB went one way: numbers prove nothing */
    CORR_SOCKET_HIDDEN = 0x20,         /* part of another row, or without any address */
    CORR_SOCKET_EXACT = 0x40           /* no packet before `opened` is its; see socket_lives.c */
};

#define CORR_EVIDENCE_MAXIMUM 4

/* 160 bytes at most: memory grows by this per socket of the trace. */
struct corr_socket {
    struct corr_endpoint local, remote;  /* remote of size 0: none, or several */
    int64_t opened, closed;              /* CORR_ALWAYS, CORR_NEVER */
    uint64_t handle;                     /* the stack's: TCB, listener or endpoint; 0: not known */
    uint64_t application;                /* Winsock's endpoint; 0: not known */
    uint32_t process;                    /* row of processes; CORR_NO_ROW: no owner */
    uint32_t id;                         /* 1..n in order of first appearance; 0: hidden */
    uint32_t local_first, local_next;    /* sequence numbers sent: [first, next), SYN included */
    uint32_t remote_first, remote_next;  /* received */
    uint64_t bytes_sent, bytes_received; /* payload, each byte once */
    uint32_t status;                     /* NTSTATUS of its end; 0: none */
    uint32_t retransmits;
    corr_evidence evidence[CORR_EVIDENCE_MAXIMUM]; /* strongest first; 0: no more */
    uint8_t protocol;                              /* IP protocol */
    uint8_t role;                                  /* enum corr_role */
    uint8_t cause;                                 /* enum corr_cause */
    uint8_t confidence; /* enum corr_confidence of its process, before packets are looked at */
    uint8_t bytes_from; /* enum corr_bytes_from */
    uint8_t flags;      /* enum corr_socket_flag */
    uint8_t
        first_state; /* enum corr_tcp_state before the first change; CORR_STATE_COUNT: unknown */
    uint8_t lingers; /* seconds behind `closed` in which late packets may be its */
};

/* 12 bytes when packed; from and to are enum corr_tcp_state. */
struct corr_state_change {
    int64_t time;
    uint8_t from, to;
};

/* Times of a trace may be any number: both without overflow. */
static inline int64_t corr_time_shift(int64_t time, int64_t by)
{
    if (by > 0 ? time > CORR_NEVER - by : time < CORR_ALWAYS - by) {
        return by > 0 ? CORR_NEVER : CORR_ALWAYS;
    }
    return time + by;
}

static inline bool corr_time_is_near(int64_t a, int64_t b, int64_t distance)
{
    return (a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a) <= (uint64_t)distance;
}

#endif
