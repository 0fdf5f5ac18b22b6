/* SPDX-License-Identifier: MIT */
/*
 * step_list.h - steps that wait, in time order, for the end of their call or of the
 * repetition they are part of. Inside correlate only.
 */
#ifndef CORRELATE_STEP_LIST_H
#define CORRELATE_STEP_LIST_H

#include "correlate/timeline.h"

struct held_step {
    struct held_step *next, *previous;
    struct corr_step step;
    bool is_open;    /* a call whose end has not come */
    bool is_waiting; /* for another source of the same message of SMB */
    bool is_bulk;    /* may be folded with others of its phase */
    uint32_t phase;  /* of its socket, when is_bulk */
};

/* Zeroed: empty. */
struct step_list {
    struct held_step *first, *last; /* owned */
    struct held_step *spare;        /* owned, for reuse */
    size_t count;
};

/* Adds a copy behind the last one that is not later; NULL: no memory. */
struct held_step *step_list_add(struct step_list *list, const struct corr_step *step);
void step_list_remove(struct step_list *list, struct held_step *held);
void step_list_done(struct step_list *list);

#endif
