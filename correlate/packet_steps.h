/* SPDX-License-Identifier: MIT */
/*
 * packet_steps.h - what a packet is as a step of a timeline. Inside correlate only.
 */
#ifndef CORRELATE_PACKET_STEPS_H
#define CORRELATE_PACKET_STEPS_H

#include <stdbool.h>

#include "correlate/timeline.h"

/* The packet as the capture layer saw it. */
void packet_step_fill(const struct corr_packet *packet, struct corr_step *step);
/* That the packet, whose step is `of`, was dropped on this machine; false: it was not. */
bool packet_step_fill_drop(const struct corr_packet *packet, const struct corr_step *of,
                           struct corr_step *step);

#endif
