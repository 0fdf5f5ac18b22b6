/* SPDX-License-Identifier: MIT */
/*
 * world_processes.h - processes that start, do their work and end; their pids are used again.
 */
#ifndef SAMPLES_WRITER_WORLD_PROCESSES_H
#define SAMPLES_WRITER_WORLD_PROCESSES_H

#include "world_state.h"

/* Those that run when the trace begins. False: no memory. */
bool processes_begin(struct world *world);
/* The trace begins: rows for all that run. */
void processes_rundown(struct world *world);
/* One more starts. NULL: no memory. */
struct world_process *process_start(struct world *world);
/* A live one with one of the roles, not about to end; NULL: there is none. */
struct world_process *process_pick(struct world *world, unsigned roles);
struct world_process *process_system(const struct world *world);

void process_hold(struct world_process *process);
void process_release(struct world_process *process);
/* One of its sockets was closed at `at`: the last one may end the process. */
void process_socket_closed(struct world *world, struct world_process *process, int64_t at);
/* It opens nothing more, and ends when its last socket is closed. */
void process_retire(struct world *world, struct world_process *process);

void processes_done(struct world *world);

#endif
