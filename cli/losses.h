/* SPDX-License-Identifier: MIT */
/*
 * losses.h - what was lost while recording and what is damaged in the file, said
 * after the work, and the exit status that follows from it.
 */
#ifndef CLI_LOSSES_H
#define CLI_LOSSES_H

#include <stdint.h>

#include "cli/exit_status.h"
#include "etw/findings.h"

struct etw_trace;
struct text;

/* One line on standard error for each kind of loss and finding. */
void cli_say_losses(struct etw_trace *trace);
/* "3 times, 120 bytes, first at offset 525312", of several files with the name of that one */
void cli_finding_format(struct etw_trace *trace, enum finding_kind kind, struct text *out);
/* CLI_DAMAGED when bytes of the file were left out, else CLI_DONE. */
enum cli_exit cli_exit_of(struct etw_trace *trace);

#endif
