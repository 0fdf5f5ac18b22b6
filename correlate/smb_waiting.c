/* SPDX-License-Identifier: MIT */
#include "correlate/smb_waiting.h"

#include "correlate/smb_steps.h"

static struct held_step **slot_of(struct smb_waiting *waiting, size_t at)
{
    return &waiting->steps[(waiting->first + at) % SMB_WAITING];
}

/* It may be gone afterwards. */
static void end_one(struct step_stories *stories, struct step_list *list, struct held_step *held)
{
    held->is_waiting = false;
    if (held->is_bulk) {
        step_story_fold(stories->rows[held->step.socket], list, held);
    }
}

static void end_first(struct smb_waiting *waiting, struct step_stories *stories,
                      struct step_list *list)
{
    struct held_step *held = *slot_of(waiting, 0);
    waiting->first = (waiting->first + 1) % SMB_WAITING;
    waiting->count--;
    if (held) {
        end_one(stories, list, held);
    }
}

void smb_waiting_add(struct smb_waiting *waiting, struct step_stories *stories,
                     struct step_list *list, struct held_step *held)
{
    if (waiting->count == SMB_WAITING) {
        end_first(waiting, stories, list);
    }
    *slot_of(waiting, waiting->count++) = held;
    held->is_waiting = true;
}

struct held_step *smb_waiting_find(const struct smb_waiting *waiting, const struct corr_step *step)
{
    for (size_t i = waiting->count; i > 0; i--) {
        struct held_step *held = waiting->steps[(waiting->first + i - 1) % SMB_WAITING];
        if (held && smb_step_is_same(&held->step, step)) {
            return held;
        }
    }
    return NULL;
}

void smb_waiting_end_before(struct smb_waiting *waiting, struct step_stories *stories,
                            struct step_list *list, int64_t time)
{
    while (waiting->count > 0 &&
           (!*slot_of(waiting, 0) || (*slot_of(waiting, 0))->step.time < time)) {
        end_first(waiting, stories, list);
    }
}

void smb_waiting_end_phase(struct smb_waiting *waiting, struct step_stories *stories,
                           struct step_list *list, uint32_t socket)
{
    for (size_t i = 0; i < waiting->count; i++) {
        struct held_step *held = *slot_of(waiting, i);
        if (held && held->is_bulk && held->step.socket == socket) {
            *slot_of(waiting, i) = NULL;
            end_one(stories, list, held);
        }
    }
}

void smb_waiting_forget(struct smb_waiting *waiting, const struct held_step *held)
{
    for (size_t i = 0; i < waiting->count; i++) {
        if (*slot_of(waiting, i) == held) {
            *slot_of(waiting, i) = NULL;
        }
    }
}
