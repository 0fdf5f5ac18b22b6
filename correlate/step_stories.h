/* SPDX-License-Identifier: MIT */
/*
 * step_stories.h - what a timeline keeps per socket: calls that are open, repetition
 * that is being folded, sequence numbers already seen. Inside correlate only.
 *
 * A phase is a time in which a socket only moves data. What occurs in it more than
 * three times becomes one step; the phase ends with anything else, or in silence.
 */
#ifndef CORRELATE_STEP_STORIES_H
#define CORRELATE_STEP_STORIES_H

#include "correlate/step_list.h"
#include "correlate/tcp_machine.h"

#define STORY_CALLS   8
#define STORY_CLASSES 25
#define STORY_STATES  12
#define FOLDED_FROM   4 /* equal steps of a phase that become one */

struct open_call {
    struct held_step *held; /* borrowed; NULL: free */
    uint32_t thread;
    uint8_t action; /* enum etw_action */
    uint64_t bytes; /* asked for */
};

struct step_story {
    int64_t last_time;
    uint32_t phase;
    struct corr_tcp_machine machine;
    struct corr_state_change states[STORY_STATES]; /* inferred; the first of them */
    uint8_t state_count;
    struct open_call calls[STORY_CALLS];
    /* by class: the steps of this phase until they are folded, then the folded one alone */
    struct held_step *members[STORY_CLASSES][FOLDED_FROM - 1];
    uint32_t counts[STORY_CLASSES];
    uint32_t next[2]; /* sequence number behind what was seen, by is_inbound */
    bool has_next[2];
    uint32_t syns[2]; /* seen, by is_inbound */
};

struct step_stories {
    size_t count;
    struct step_story **rows; /* owned, by row of the ledger; NULL: none yet */
};

bool step_stories_init(struct step_stories *stories, size_t socket_count);
void step_stories_done(struct step_stories *stories);
/* Made on first use; NULL: no memory. */
struct step_story *step_stories_get(struct step_stories *stories, uint32_t socket);
bool step_stories_has(const struct step_stories *stories, uint32_t socket);
/* It must be there. */
const struct step_story *step_stories_find(const struct step_stories *stories, uint32_t socket);

/* A held step is given on before its call ended, or while its phase goes on. */
void step_stories_forget_call(struct step_stories *stories, const struct held_step *held);
void step_stories_forget_fold(struct step_stories *stories, const struct held_step *held);

/* ---- calls ---- */

/* True when the enter repeats one of the same thread, action and bytes. */
bool step_story_is_within_call(const struct step_story *story, const struct corr_step *step,
                               const struct etw_socket *socket);
void step_story_open_call(struct step_story *story, struct held_step *held,
                          const struct etw_socket *socket);
/* The call that this exit ends: of the same thread if there is one, else the oldest; NULL: none. */
struct held_step *step_story_close_call(struct step_story *story, const struct corr_step *step,
                                        const struct etw_socket *socket);

/* ---- folding ---- */

void step_story_end_phase(struct step_story *story);
/* Of messages of SMB alone. */
void step_story_end_messages(struct step_story *story);
/* Counts a complete bulk step of the current phase; from FOLDED_FROM on it is folded into the first
 * of its class, and `held` is gone. */
void step_story_fold(struct step_story *story, struct step_list *list, struct held_step *held);

/* ---- packets ---- */

/* Keeps a state that packets show, for the times in each. */
void step_story_note_state(struct step_story *story, const struct corr_step *step);
/* A SYN or bytes that were seen before make the step a retransmission. */
void step_story_mark_repeated(struct step_story *story, struct corr_step *step);

#endif
