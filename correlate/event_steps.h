/* SPDX-License-Identifier: MIT */
/*
 * event_steps.h - which step of a timeline an event is: a table from layer, action and
 * phase. Inside correlate only.
 */
#ifndef CORRELATE_EVENT_STEPS_H
#define CORRELATE_EVENT_STEPS_H

#include "correlate/timeline.h"

/* The event itself: when, what, by whom it was logged; the rest is empty. */
void event_step_begin(const struct etw_event *event, struct corr_step *step);
/* False: it is none; notes of the stack are steps only when `is_verbose`. */
bool event_step_fill(const struct etw_event *event, bool is_verbose, struct corr_step *step);

#endif
