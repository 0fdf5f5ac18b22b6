/* SPDX-License-Identifier: MIT */
/*
 * smb_waiting.h - steps of SMB that wait a moment, because another source may tell of the same
 * message: its name, its frame, who asked. Inside correlate only.
 *
 * What waits may not leave the list of steps, and is folded only when it has waited.
 */
#ifndef CORRELATE_SMB_WAITING_H
#define CORRELATE_SMB_WAITING_H

#include "correlate/step_stories.h"

/* 100 ms; and so many at once. */
#define SMB_WAITS   (INT64_C(100) * 10000)
#define SMB_WAITING 256u

/* Zeroed: empty. */
struct smb_waiting {
    struct held_step *steps[SMB_WAITING]; /* borrowed; a ring, oldest first */
    size_t first, count;
};

/* `held` begins to wait; if there is no room, the oldest one has waited. */
void smb_waiting_add(struct smb_waiting *waiting, struct step_stories *stories,
                     struct step_list *list, struct held_step *held);
/* The step that waits and is of the same message; NULL: none. */
struct held_step *smb_waiting_find(const struct smb_waiting *waiting, const struct corr_step *step);
/* Those older than `time` have waited; INT64_MAX: all. */
void smb_waiting_end_before(struct smb_waiting *waiting, struct step_stories *stories,
                            struct step_list *list, int64_t time);
/* Those of the socket that may be folded have waited, because its phase ends. */
void smb_waiting_end_phase(struct smb_waiting *waiting, struct step_stories *stories,
                           struct step_list *list, uint32_t socket);
/* `held` leaves the list early. */
void smb_waiting_forget(struct smb_waiting *waiting, const struct held_step *held);

#endif
