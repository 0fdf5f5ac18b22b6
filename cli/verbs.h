/* SPDX-License-Identifier: MIT */
/*
 * verbs.h - the table of verbs.
 *
 * To add a verb: a file verb_NAME.c with its function, a row in verbs.c, a bit in
 * options.h for the options that it has, and its section in docs/etwtrail.1.
 */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include <stddef.h>

#include "cli/exit_status.h"

struct cli_arguments;

typedef enum cli_exit cli_verb_function(const struct cli_arguments *arguments);

struct cli_verb {
    const char *name;
    const char *synopsis; /* what follows the name on a command line */
    const char *help;     /* one line of the program's --help */
    const char *about;    /* paragraphs of the verb's --help */
    unsigned option_bit;  /* of struct cli_option.verbs */
    cli_verb_function *run;
};

extern const struct cli_verb cli_verbs[];
extern const size_t cli_verb_count;

/* NULL: there is no such verb. */
const struct cli_verb *cli_verb_find(const char *name);
/* The verb that the user may have meant; NULL: none is near. */
const struct cli_verb *cli_verb_suggest(const char *name);

/* One per file verb_NAME.c. */
cli_verb_function cli_verb_convert, cli_verb_packets, cli_verb_who, cli_verb_sockets,
    cli_verb_timeline, cli_verb_smb, cli_verb_events, cli_verb_info;

/* Everything from the command line to the exit status. */
enum cli_exit cli_run(int argc, char **argv);

#endif
