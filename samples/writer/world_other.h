/* SPDX-License-Identifier: MIT */
/*
 * world_other.h - packets that no socket has, and the rows about the machine.
 */
#ifndef SAMPLES_WRITER_WORLD_OTHER_H
#define SAMPLES_WRITER_WORLD_OTHER_H

#include "world_state.h"

/* Somebody asks for a hardware address, and gets an answer. */
void other_arp(struct world *world);
/* An echo in either direction, and its reply. */
void other_echo(struct world *world);
/* Between two other hosts. */
void other_not_local(struct world *world);
/* TCPIP's row for each address of this host. */
void other_addresses(struct world *world);
/* The interface and the build, as merging adds them. */
void other_machine(struct world *world);

#endif
