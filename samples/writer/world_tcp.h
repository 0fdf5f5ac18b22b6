/* SPDX-License-Identifier: MIT */
/*
 * world_tcp.h - connections: how they come about, what they carry, how they end.
 *
 * A connection has one planned step at a time. A step logs one or two bursts, changes the
 * connection, and plans the next step for when those are over.
 *
 *     world_tcp_open.c    connect, accept, refusals
 *     world_tcp_data.c    data, repetitions, keep-alive segments
 *     world_tcp_close.c   the ends
 *     world_tcp_loopback.c  connections of this host with itself
 *     world_tcp.c         what they share
 */
#ifndef SAMPLES_WRITER_WORLD_TCP_H
#define SAMPLES_WRITER_WORLD_TCP_H

#include "frames.h"
#include "world_frames.h"
#include "world_state.h"

enum world_ending {
    ENDING_LOCAL,      /* we close first */
    ENDING_LOCAL_HALF, /* we close our half, the other side goes on */
    ENDING_BOTH,       /* both at once */
    ENDING_PEER,
    ENDING_PEER_HALF,
    ENDING_ABORT,
    ENDING_RESET, /* by the other side */
    ENDING_COUNT
};

struct world_connection {
    struct world *world;
    size_t place;                    /* in world->connections */
    struct world_process *process;   /* held */
    struct world_listener *listener; /* until accepted; weak, counted there */
    struct world_address local, remote;
    uint64_t afd_endpoint, endpoint, tcb;
    bool is_client, is_older, is_recycled;
    bool has_afd;       /* kernel sockets have no Winsock events */
    bool has_port;      /* of its own */
    bool has_request;   /* a receive is waiting */
    bool has_late_exit; /* the second exit of a buffered send is still to come */
    bool is_socket_open;
    uint8_t state; /* enum world_state_number */
    uint32_t first, send_next, acknowledged, receive_next;
    unsigned cpu, thread;
    unsigned rounds;
    size_t untaken; /* received bytes that the application has not asked for */
    int64_t pace, round_trip;
    unsigned attempts;
    enum world_ending ending;
};

/* ---- shared by the parts ---- */

/* NULL: no memory. */
struct world_connection *connection_new(struct world *world, struct world_process *process);
/* All is over; `at`: when its numbers may be used again. */
void connection_free(struct world_connection *connection, int64_t at);
void connection_plan(struct world_connection *connection, int64_t at, void (*step)(void *object));
/* Bursts of it: by a thread of its process, or by an interrupt. */
void connection_call(struct world_burst *burst, struct world_connection *connection);
void connection_interrupt(struct world_burst *burst, struct world_connection *connection);
/* The burst tells of this connection from here on. */
void connection_values(struct world_burst *burst, const struct world_connection *connection);
void connection_state(struct world_burst *burst, struct world_connection *connection,
                      enum world_state_number state);
void connection_status(struct world_burst *burst, enum world_event event, uint32_t status);
void connection_afd(struct world_burst *burst, const struct world_connection *connection,
                    enum world_event event, enum afd_phase phase, unsigned location);
/* `bytes` of a socket call or an indication. */
void connection_afd_data(struct world_burst *burst, const struct world_connection *connection,
                         enum world_event event, enum afd_phase phase, unsigned location,
                         size_t bytes);
/* A segment from `sequence` on, and the events that go with it. */
void connection_send(struct world_burst *burst, struct world_connection *connection, uint8_t flags,
                     uint32_t sequence, size_t size, const char *kind);
void connection_receive(struct world_burst *burst, struct world_connection *connection,
                        uint8_t flags, uint32_t sequence, size_t size, const char *kind);
/* The socket object goes: cleanup and close, with the endpoint and port of a client. */
void connection_close_socket(struct world_burst *burst, struct world_connection *connection);
/* The TCB is free from the burst on. */
void connection_free_tcb(struct world_burst *burst, struct world_connection *connection);
void connection_choose_life(struct world_connection *connection);
/* socket() and bind() of a client; connect() up to the SYN; accept(); what follows a FIN. */
void connection_log_socket(struct world_burst *burst, struct world_connection *connection);
void connection_log_bind(struct world_burst *burst, const struct world_connection *connection);
void connection_log_connect(struct world_burst *burst, struct world_connection *connection);
void connection_log_accept(struct world_burst *burst, struct world_connection *connection);
void connection_log_clean_end(struct world_burst *burst, struct world_connection *connection);

/* ---- steps that lead from part to part ---- */

void step_round(void *object); /* data */
void step_close(void *object);
void step_reset_before_accept(void *object);

/* ---- from outside ---- */

void tcp_open_client(struct world *world);
void tcp_open_server(struct world *world);
/* A SYN to a port where nobody listens. */
void tcp_refuse(struct world *world);
/* A short conversation of two processes of this host. The capture does not see it. */
void tcp_talk_loopback(struct world *world);
/* Connections that were there before the trace. */
void tcp_begin_older(struct world *world);
/* Rows of all connections there are. */
void tcp_rundown(struct world *world);
void tcp_done(struct world *world);

#endif
