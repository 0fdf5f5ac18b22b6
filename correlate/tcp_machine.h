/* SPDX-License-Identifier: MIT */
/*
 * tcp_machine.h - RFC 793's state machine: which transitions there are, and which state
 * packets lead to where no event tells.
 */
#ifndef CORRELATE_TCP_MACHINE_H
#define CORRELATE_TCP_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "correlate/sockets.h"

/* True for the transitions of RFC 793, for any state's way to Closed, and for a state that is
 * left for itself, which Windows logs. */
bool corr_tcp_is_possible(enum corr_tcp_state from, enum corr_tcp_state to);

/* What packets have shown of one connection. Zeroed: nothing yet, Closed. */
struct corr_tcp_machine {
    uint8_t state; /* enum corr_tcp_state */
    bool is_known; /* the state is: a SYN was seen, or data that need Established */
    bool has_local_fin, has_remote_fin;
    uint32_t local_fin, remote_fin; /* sequence numbers behind the FIN */
};

/* Takes one packet; true when the state changed: `from` is the state before, the machine's own the
 * one after. `is_inbound`: sent by the peer. */
bool corr_tcp_machine_step(struct corr_tcp_machine *machine, bool is_inbound, uint8_t tcp_flags,
                           uint32_t sequence, uint32_t length, uint32_t acknowledged,
                           enum corr_tcp_state *from);

#endif
