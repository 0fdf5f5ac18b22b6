/* SPDX-License-Identifier: MIT */
/*
 * options.h - the table of options. It is the only place that names an option:
 * the parser, --help, completion and the test of the man page all walk it.
 *
 * To add an option: an id here, a row in options.c, a paragraph in
 * docs/etwtrail.1, and the verb that looks at it.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum cli_option_id {
    CLI_OPTION_HOST,
    CLI_OPTION_PORT,
    CLI_OPTION_TUPLE,
    CLI_OPTION_PROTO,
    CLI_OPTION_FROM,
    CLI_OPTION_TO,
    CLI_OPTION_FRAME,
    CLI_OPTION_INTERFACE,
    CLI_OPTION_PROVIDER,
    CLI_OPTION_PID,
    CLI_OPTION_PROCESS,
    CLI_OPTION_CONNECTION,
    CLI_OPTION_HEADER_PID,
    CLI_OPTION_ID,
    CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,
    CLI_OPTION_FORMAT,
    CLI_OPTION_LOCAL,
    CLI_OPTION_VERBOSE,
    CLI_OPTION_MANIFEST,
    CLI_OPTION_SCHEMA,
    CLI_OPTION_STATS,
    CLI_OPTION_LEDGER,
    CLI_OPTION_TOP,
    CLI_OPTION_BY,
    CLI_OPTION_OPERATIONS,
    CLI_OPTION_SLOW,
    CLI_OPTION_ALL_APPEARANCES,
    CLI_OPTION_COMMENTS,
    CLI_OPTION_OWNERS,
    CLI_OPTION_PROCESS_BLOCKS,
    CLI_OPTION_EVENTS,
    CLI_OPTION_SMB_MESSAGES,
    CLI_OPTION_KEEP_PROTECTED,
    CLI_OPTION_SNAPLEN,
    CLI_OPTION_SPLIT,
    CLI_OPTION_HELP,
    CLI_OPTION_VERSION,
    CLI_OPTION_COMPLETION,
    CLI_OPTION_COUNT
};

enum cli_option_kind {
    CLI_FLAG,            /* has no value */
    CLI_TEXT,            /* any value */
    CLI_FILE,            /* the name of a file */
    CLI_CHOICE,          /* one of the words in value_name, which are separated by | */
    CLI_OPTIONAL_CHOICE, /* the same, attached with =; without a value the first word */
};

/* The value of --format that only the timeline has, behind those of enum out_format. */
#define CLI_FORMAT_HTML 4

enum cli_option_group { CLI_GROUP_FILTER, CLI_GROUP_OUTPUT, CLI_GROUP_GENERAL, CLI_GROUP_COUNT };

/* Which verbs have the option: bits of struct cli_verb.option_bit. */
enum {
    CLI_WITHOUT_VERB = 1, /* etwtrail --help */
    CLI_CONVERT = 2,
    CLI_PACKETS = 4,
    CLI_INFO = 8,
    CLI_EVENTS = 16,
    CLI_WHO = 32,
    CLI_SOCKETS = 64,
    CLI_TIMELINE = 128,
    CLI_SMB = 256
};

struct cli_option {
    enum cli_option_id id;
    const char *name; /* without the hyphens */
    char short_name;  /* 0: none */
    const char *value_name;
    enum cli_option_kind kind;
    enum cli_option_group group;
    unsigned verbs;
    bool is_repeatable;
    const char *help;
};

/* In the order of --help. */
extern const struct cli_option cli_options[CLI_OPTION_COUNT];
extern const char *const cli_option_groups[CLI_GROUP_COUNT]; /* headings */

/* The option as one verb has it, a bit of `verbs`: with fewer values, and its own help. */
struct cli_option cli_option_of(const struct cli_option *option, unsigned verb);

const struct cli_option *cli_option_find(const char *name, size_t name_size);
const struct cli_option *cli_option_find_short(char short_name);
/* The option whose name is most like the given one; NULL: none is near. */
const struct cli_option *cli_option_suggest(const char *name, size_t name_size);
/* Number of the word in a CLI_CHOICE's value_name; -1: it is none of them. */
int cli_option_choice(const struct cli_option *option, const char *word);

#endif
