/* SPDX-License-Identifier: MIT */
/*
 * refusals.h - packets by which the stack itself says that nobody listens. Inside
 * correlate only. They tell it also where no event does.
 */
#ifndef CORRELATE_REFUSALS_H
#define CORRELATE_REFUSALS_H

#include <stdbool.h>

#include "etw/event.h"

/* True for a reset that we sent in answer to a segment without a connection; `refusal` then
 * says the same as an event of the stack does. `event` is of any kind. */
bool refusal_of_packet(const struct etw_event *event, struct etw_event *refusal);

#endif
