/* SPDX-License-Identifier: MIT */
/*
 * diagnosis.h - what a trace lacks to answer a question, why, and the command that
 * records it: a table of rules over the facts of the trace.
 *
 * To add a rule: a predicate and a row in diagnosis.c, above the more general
 * rules for the same `what`, and a case in tests/unit/test_diagnosis.c.
 */
#ifndef CLI_DIAGNOSIS_H
#define CLI_DIAGNOSIS_H

#include <stdbool.h>
#include <stddef.h>

struct cli_facts;

struct cli_rule {
    const char *what; /* stable, for programs: "packets", "messages", "owners" */
    bool (*applies)(const struct cli_facts *facts);
    const char *why;     /* a clause without full stop */
    const char *command; /* for a Windows command prompt with administrator rights; NULL: none */
};

extern const struct cli_rule cli_rules[];
extern const size_t cli_rule_count;

#define CLI_DIAGNOSIS_MAXIMUM 8
/* The rules that apply, at most one for each `what`: the first in the table. */
size_t cli_diagnose(const struct cli_facts *facts,
                    const struct cli_rule *out[CLI_DIAGNOSIS_MAXIMUM]);

#endif
