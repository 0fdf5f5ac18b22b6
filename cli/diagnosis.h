/* SPDX-License-Identifier: MIT */
/*
 * diagnosis.h - what a trace lacks to answer a question, why, and the command that
 * records it: a table of rules over the facts of the trace.
 *
 * To add a rule: a predicate and a row in diagnosis_rules.c, where it stands in the order of
 * what matters and above the more general rules for the same `what`; the name in
 * docs/schemas/info.schema.json; a case in tests/unit/test_diagnosis.c.
 */
#ifndef CLI_DIAGNOSIS_H
#define CLI_DIAGNOSIS_H

#include <stdbool.h>
#include <stddef.h>

#include "etw/base/text.h"

struct cli_facts;

/* What to do about it. */
enum cli_remedy {
    CLI_REMEDY_NONE,
    CLI_REMEDY_RECORD, /* record again: one command for all such rules of a trace */
    CLI_REMEDY_LARGER, /* the same, into a larger file */
    CLI_REMEDY_STOP    /* end the recording */
};

struct cli_rule {
    const char *what; /* stable, for programs: "packets", "messages", "owners" */
    bool (*applies)(const struct cli_facts *facts);
    const char *why; /* a clause without full stop */
    /* Continues the clause with numbers of the trace; NULL: it is complete. */
    void (*tell)(const struct cli_facts *facts, struct text *why);
    enum cli_remedy remedy;
    unsigned needs; /* enum cli_need, of CLI_REMEDY_RECORD */
};

extern const struct cli_rule cli_rules[];
extern const size_t cli_rule_count;

struct cli_missing {
    const char *what;
    struct text why;     /* a clause without full stop */
    struct text command; /* for a Windows command prompt with administrator rights; empty: none */
    bool is_recording;   /* the command is the one that records all of it */
};

#define CLI_DIAGNOSIS_MAXIMUM 16
struct cli_diagnosis {
    struct cli_missing rows[CLI_DIAGNOSIS_MAXIMUM]; /* what matters most first */
    size_t count;
};

/* The rules that apply, at most one for each `what`: the first in the table. */
void cli_diagnosis_init(struct cli_diagnosis *diagnosis, const struct cli_facts *facts);
void cli_diagnosis_done(struct cli_diagnosis *diagnosis);
/* NULL: this is not missing. */
const struct cli_missing *cli_diagnosis_find(const struct cli_diagnosis *diagnosis,
                                             const char *what);

#endif
