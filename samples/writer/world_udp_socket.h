/* SPDX-License-Identifier: MIT */
/*
 * world_udp_socket.h - one datagram socket and what is logged about it.
 */
#ifndef SAMPLES_WRITER_WORLD_UDP_SOCKET_H
#define SAMPLES_WRITER_WORLD_UDP_SOCKET_H

#include "world_state.h"

enum world_socket_use { USE_SERVER, USE_GROUP, USE_BROADCAST, USE_BRIEF };

struct world_socket {
    struct world *world;
    struct world_process *process; /* held */
    size_t place;                  /* in world->sockets */
    enum world_socket_use use;
    struct world_address bound;         /* mostly any address */
    struct world_address local, remote; /* of the datagram that is under way */
    uint64_t afd_endpoint, endpoint;
    bool has_afd, is_connected, has_port;
    bool has_receive; /* a receive is waiting */
    unsigned rounds;
};

/* Made without events; NULL: no memory. `port` 0: one of its own. */
struct world_socket *socket_new(struct world *world, struct world_process *process,
                                enum world_socket_use use, const struct world_address *any,
                                uint16_t port);
/* The socket's owner calls. */
void socket_call(struct world_burst *burst, struct world_socket *socket, int64_t at);
void socket_interrupt(struct world_burst *burst, struct world_socket *socket);
/* Local and remote of the socket are those of the burst. */
void socket_values(struct world_burst *burst, const struct world_socket *socket);
void socket_log_open(struct world_burst *burst, struct world_socket *socket);
void socket_log_connect(struct world_burst *burst, struct world_socket *socket);
/* sendto() and its packets; `kind` of the truth. */
void socket_log_send(struct world_burst *burst, struct world_socket *socket, size_t size,
                     const char *kind);
/* What the socket hears of a datagram. */
void socket_log_delivery(struct world_burst *burst, struct world_socket *socket, size_t size);
/* A packet to the socket, and the delivery. */
void socket_log_received(struct world_burst *burst, struct world_socket *socket, size_t size,
                         const char *kind);
/* recvfrom() of what was delivered, when it was not waiting already. */
void socket_log_receive(struct world_burst *burst, struct world_socket *socket, size_t size);
/* Closes and frees it. Returns when that was over. */
int64_t socket_close(struct world_socket *socket, int64_t at);

#endif
