/* SPDX-License-Identifier: MIT */
/*
 * tcp_fit.h - do the sequence numbers of a packet lie in those of a connection?
 * Inside correlate only.
 */
#ifndef CORRELATE_TCP_FIT_H
#define CORRELATE_TCP_FIT_H

#include "correlate/attribution_rules.h"

/* A number that is this far behind the last one known is plausible: the event about it
 * may be missing, or come later. 64 KiB are a window without scaling. */
#define TCP_NEAR_MAXIMUM UINT32_C(0x10000)
/* Beyond that, up to here, it says nothing: a connection whose data events were not
 * recorded is known by its first numbers alone. Farther away it is another's. */
#define TCP_FAR_MAXIMUM UINT32_C(0x40000000)

struct tcp_fit {
    bool is_contradiction; /* not a packet of this connection */
    bool is_proven;        /* a number lies among those that events told of */
    bool is_far;           /* and one lies where nothing is known */
    uint8_t score;         /* to compare lives of the same ends; 0: cannot tell */
};

struct tcp_fit tcp_fit(const struct corr_socket *row, const struct question *question);

#endif
