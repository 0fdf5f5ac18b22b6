/* SPDX-License-Identifier: MIT */
/*
 * world_udp.h - datagrams: questions to name servers, connected sockets, servers with many
 * remotes, groups with one receiver or several, broadcasts.
 */
#ifndef SAMPLES_WRITER_WORLD_UDP_H
#define SAMPLES_WRITER_WORLD_UDP_H

#include "world_state.h"

/* Sockets of processes that were there before the trace. */
void udp_begin(struct world *world);
/* The sockets of a process that has just started. */
void udp_open_for(struct world *world, struct world_process *process);
/* Those that only wait; questions under way come to their end. */
void sockets_close_of(struct world *world, struct world_process *process);
/* Something happens; each makes 1 to about 10 packets. */
void udp_ask(struct world *world);
void udp_talk_connected(struct world *world);
void udp_serve(struct world *world);
void udp_group(struct world *world);
void udp_broadcast(struct world *world);
/* A datagram to a port that nobody has. */
void udp_refuse(struct world *world);
void udp_done(struct world *world);

#endif
