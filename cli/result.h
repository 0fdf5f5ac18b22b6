/* SPDX-License-Identifier: MIT */
/*
 * result.h - what verbs about packets say on standard error when they are done.
 */
#ifndef CLI_RESULT_H
#define CLI_RESULT_H

#include <stdint.h>

#include "cli/exit_status.h"
#include "etw/base/error.h"

struct cli_reading;

/* Why there is less than expected: no packets in the trace, a filter that matched
 * none, events lost, damage. Silent when all is well. */
void cli_say_result(const struct cli_reading *reading, uint64_t written);

/* Says, where it is so, that the trace has no events of sockets, so that nothing has an owner. */
void cli_say_no_owners(const struct cli_reading *reading);

/* A value of a filter option that cannot be read is wrong usage. */
enum cli_exit cli_refuse_filter(const struct etw_error *error);

#endif
