/* SPDX-License-Identifier: MIT */
/*
 * event_owners.h - the options --pid, --process and --connection of `events`: which
 * process or socket an event is about, as the whole trace tells.
 *
 *     cli_event_owners_new(arguments, &owners, &error);      NULL: none of them is given
 *     cli_event_owners_bind(owners, ledger, &error);
 *     if (cli_event_owners_match(owners, &event, payload_pid)) ...
 *     cli_event_owners_free(owners);
 *
 * An event belongs to the owner of its socket; without such an owner to the process that its
 * payload names.
 */
#ifndef CLI_EVENT_OWNERS_H
#define CLI_EVENT_OWNERS_H

#include <stdbool.h>
#include <stdint.h>

#include "correlate/ledger.h"
#include "etw/base/error.h"
#include "etw/event.h"

struct cli_arguments;
struct cli_event_owners;

/* The error names the option (wrong usage) when its status is ETW_ERR_INPUT. */
enum etw_status cli_event_owners_new(const struct cli_arguments *arguments,
                                     struct cli_event_owners **out, struct etw_error *error);
void cli_event_owners_free(struct cli_event_owners *owners); /* NULL is allowed */

/* `ledger` is finished, and borrowed. Until then only --pid matches, by payloads. */
enum etw_status cli_event_owners_bind(struct cli_event_owners *owners,
                                      const struct corr_ledger *ledger, struct etw_error *error);

/* `payload_pid`: the process that a field of the payload names; 0: none does. */
bool cli_event_owners_match(const struct cli_event_owners *owners, const struct etw_event *event,
                            uint32_t payload_pid);

#endif
