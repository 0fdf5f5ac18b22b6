/* SPDX-License-Identifier: MIT */
/*
 * step_parts.h - parts that the sentences of several layers share, and the tables of the
 * layers: from the kind of a step to the function that words it. Inside pcapout only.
 */
#ifndef PCAPOUT_STEP_PARTS_H
#define PCAPOUT_STEP_PARTS_H

#include "correlate/timeline.h"
#include "etw/base/text.h"

#define TICKS_PER_MILLISECOND 10000

/* Appends one phrase; `socket` may be NULL. */
typedef void step_sentence(struct text *to, const struct corr_step *step,
                           const struct corr_socket *socket);

/* By enum corr_step_what; NULL: there are no words but its name. */
extern step_sentence *const step_app_sentences[CORR_STEP_WHAT_COUNT];
extern step_sentence *const step_stack_sentences[CORR_STEP_WHAT_COUNT];
extern step_sentence *const step_wire_sentences[CORR_STEP_WHAT_COUNT];

static inline bool step_is_inbound(const struct corr_step *step)
{
    return (step->has & CORR_STEP_IS_INBOUND) != 0;
}

static inline bool step_has(const struct corr_step *step, enum corr_step_member member)
{
    return (step->has & member) != 0;
}

/* An end behind the word; nothing when it is not known. */
void step_add_end(struct text *to, const char *before, const struct corr_endpoint *end);
/* The other end: as the step says, else the socket's. */
void step_add_remote(struct text *to, const char *before, const struct corr_step *step,
                     const struct corr_socket *socket);
/* ": 0xC00000B5 ...", when it failed. */
void step_add_status(struct text *to, const struct corr_step *step);
/* "; returned 0xC00000B5 ...", when it failed. */
void step_add_returned(struct text *to, const struct corr_step *step);
/* What became of a call: its failure, and how long it took when that is worth a word. */
void step_add_result(struct text *to, const struct corr_step *step);
/* "214 segments, 2.1 MB in, within 830.0 ms"; false, and nothing: it is one step. */
bool step_add_folded(struct text *to, const struct corr_step *step, const char *things);

/* Two sentences that layers share: a change of state, and the name of a kind without words. */
step_sentence step_add_states, step_add_name;

#endif
