/* SPDX-License-Identifier: MIT */
/*
 * converted_events.h - `convert --events`: events as rows between the packets, in time
 * order with them although packets may be held back.
 */
#ifndef CLI_CONVERTED_EVENTS_H
#define CLI_CONVERTED_EVENTS_H

#include "cli/reading.h"
#include "cli/waiting_rows.h"
#include "pcapout/pcapng_set.h"

enum cli_events {
    CLI_EVENTS_BOUND, /* those about sockets and processes */
    CLI_EVENTS_ALL,   /* every event that can be decoded */
    CLI_EVENTS_NONE
};

struct cli_converted_events;

/* `reading`, `set` and `rows` are borrowed; events wait in `rows`. */
enum etw_status cli_converted_events_new(struct cli_reading *reading, struct out_pcapng_set *set,
                                         enum cli_events which, struct cli_waiting_rows *rows,
                                         struct cli_converted_events **out,
                                         struct etw_error *error);
void cli_converted_events_free(struct cli_converted_events *events); /* NULL is allowed */

/* Takes the next event of the trace; packets are left out. */
enum etw_status cli_converted_events_add(struct cli_converted_events *events,
                                         const struct etw_event *event, struct etw_error *error);
uint64_t cli_converted_events_count(const struct cli_converted_events *events);

#endif
