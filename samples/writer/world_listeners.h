/* SPDX-License-Identifier: MIT */
/*
 * world_listeners.h - sockets that listen for connections.
 */
#ifndef SAMPLES_WRITER_WORLD_LISTENERS_H
#define SAMPLES_WRITER_WORLD_LISTENERS_H

#include "world_state.h"

struct world_listener {
    struct world_process *process; /* held; NULL: closed, the row is free */
    struct world_address local;    /* mostly any address */
    uint64_t afd_endpoint, listener;
    uint64_t ready; /* AFD endpoint that waits for the next connection; 0: none */
    bool has_afd, uses_accept_ex, is_closing;
    unsigned pending; /* handshakes under way */
};

/* Those of services and of the kernel, older than the trace. */
void listeners_begin(struct world *world);
/* A process opens one, with all its events. */
void listener_open(struct world *world, struct world_process *process);
void listeners_close_of(struct world *world, struct world_process *process);
/* NULL: nobody listens. */
struct world_listener *listener_pick(struct world *world);
/* One that listens at one address only; NULL: there is none. */
struct world_listener *listener_pick_bound(struct world *world);
/* Does anybody listen at that port? */
bool listener_has_port(const struct world *world, uint16_t port);
void listeners_done(struct world *world);

/* The socket that waits for the next connection of AcceptEx. */
void listener_make_ready(struct world_burst *burst, struct world_listener *listener);
/* A handshake is over, one way or the other. */
void listener_let_go(struct world_listener *listener);

/* The events of a new stream socket: created by the calling thread. */
void socket_create_stream(struct world_burst *burst, uint64_t afd_endpoint, uint64_t endpoint,
                          unsigned family);
/* One socket call, or what the driver indicates. */
void socket_afd(struct world_burst *burst, enum world_event event, enum afd_phase phase,
                unsigned location);

#endif
