/* SPDX-License-Identifier: MIT */
/*
 * judging.h - a pass over the trace that judges its sockets.
 */
#ifndef CLI_JUDGING_H
#define CLI_JUDGING_H

#include "cli/reading.h"
#include "correlate/judge.h"

/* The trace must be learned. The pass counts no findings, because another one follows. The judge
 * is the caller's. */
enum etw_status cli_judge(struct cli_reading *reading, struct corr_judge **out,
                          struct etw_error *error);

#endif
