/* SPDX-License-Identifier: MIT */
/*
 * smb_steps.h - which step of a timeline a message of SMB is. Inside correlate only.
 */
#ifndef CORRELATE_SMB_STEPS_H
#define CORRELATE_SMB_STEPS_H

#include "correlate/timeline.h"

/* `event` NULL: packets tell of it. A request stands where it began, a response where it was
 * complete; neither before `earliest`, the time of the steps that were given on. */
void smb_step_fill(const struct corr_ledger *ledger, const struct etw_event *event,
                   const struct corr_smb_news *news, int64_t earliest, struct corr_step *step);
/* What `event` tells that is no message; its names are kept with `names`. False: no memory. */
bool smb_step_fill_condition(const struct etw_event *event,
                             const struct corr_smb_condition *condition,
                             struct corr_smb_operations *names, struct corr_step *step);
/* Are both of one message? */
bool smb_step_is_same(const struct corr_step *a, const struct corr_step *b);
/* Adds to a step what another source tells of the same message: frame, event, who asked. */
void smb_step_complete(struct corr_step *step, const struct corr_step *of_other);
/* Reads and writes that went well, and waiting for credits, are so frequent that people want them
 * as one line. */
bool smb_step_is_bulk(const struct corr_step *step);
/* May both be folded into one? Packets may when they are for the same process. */
bool smb_step_is_alike(const struct corr_step *a, const struct corr_step *b);

#endif
