/* SPDX-License-Identifier: MIT */
/*
 * help.h - --help and --version, made of the tables.
 */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/exit_status.h"

struct cli_verb;
struct text;

/* For the verb, or for the program when it is NULL. */
void cli_help_format(const struct cli_verb *verb, struct text *out);
enum cli_exit cli_help_print(const struct cli_verb *verb);
enum cli_exit cli_version_print(void);

/* "etwtrail 1.2.3" */
extern const char cli_version[];

#endif
