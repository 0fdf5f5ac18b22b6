/* SPDX-License-Identifier: MIT */
/*
 * judging.h - a pass over the trace that judges its sockets.
 */
#ifndef CLI_JUDGING_H
#define CLI_JUDGING_H

#include "cli/reading.h"
#include "correlate/judge.h"

/* Reads the trace, which must be learned, in time order. `also` (may be NULL) gets every packet,
 * too. The judge is the caller's. */
enum etw_status cli_judge(struct cli_reading *reading, corr_packet_sink *also, void *context,
                          struct corr_judge **out, struct etw_error *error);

#endif
