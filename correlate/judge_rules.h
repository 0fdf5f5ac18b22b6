/* SPDX-License-Identifier: MIT */
/*
 * judge_rules.h - the rules as a table. Inside correlate only.
 */
#ifndef CORRELATE_JUDGE_RULES_H
#define CORRELATE_JUDGE_RULES_H

#include "correlate/judge.h"
#include "correlate/judge_observations.h"

struct judge_case {
    const struct judge_observation *seen;
    const struct judge_trouble *trouble; /* NULL: none */
    const struct corr_socket *socket;
    bool is_orphan;  /* no socket of the ledger, `socket` is made of packets alone */
    bool is_missing; /* orphans: the stack said that nobody listens */
    int64_t end;     /* of the trace */
};

/* True: the rule applies, and all but the rule's name is filled in. */
typedef bool judge_rule(const struct judge_case *of, struct corr_judgement *out);

struct judge_rule_row {
    enum corr_judgement_rule rule;
    uint8_t severity; /* when it is trouble; greater is worse */
    const char *name;
    judge_rule *applies;
};

/* The ending rules in order, then the notes; CORR_JUDGE_COUNT rows. */
extern const struct judge_rule_row judge_rules[CORR_JUDGE_COUNT];

/* Severities. */
enum { JUDGE_NOTHING, JUDGE_AGAIN, JUDGE_SLOW, JUDGE_LOST };

bool judge_dropped_here(const struct judge_case *of, struct corr_judgement *out);
bool judge_slow_receiver(const struct judge_case *of, struct corr_judgement *out);
bool judge_zero_window(const struct judge_case *of, struct corr_judgement *out);
bool judge_retransmissions(const struct judge_case *of, struct corr_judgement *out);
bool judge_delayed_ack(const struct judge_case *of, struct corr_judgement *out);
bool judge_silence(const struct judge_case *of, struct corr_judgement *out);
bool judge_checksums_offloaded(const struct judge_case *of, struct corr_judgement *out);
bool judge_checksums_bad(const struct judge_case *of, struct corr_judgement *out);
bool judge_segmentation(const struct judge_case *of, struct corr_judgement *out);
bool judge_ladder(const struct judge_case *of, struct corr_judgement *out);

/* Ticks from one time to another; -1: one of them is not known. */
static inline int64_t judge_ticks(int64_t from, int64_t to)
{
    return from == JUDGE_NEVER || to == JUDGE_NEVER || to == CORR_NEVER ? -1
                                                                        : judge_between(from, to);
}

#endif
