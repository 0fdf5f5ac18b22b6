/* SPDX-License-Identifier: MIT */
/*
 * option_parser.h - from the words of a command line to options and traces.
 *
 *     --name VALUE, --name=VALUE, -o VALUE, -oVALUE; -- ends the options
 *
 * A word that begins with two hyphens is never taken for a value, so that a
 * forgotten value is noticed; --name=--value is the way to give such a one.
 */
#ifndef CLI_OPTION_PARSER_H
#define CLI_OPTION_PARSER_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/options.h"
#include "etw/base/error.h"

struct cli_verb;
struct cli_arguments;

/* `words` (without program and verb) must outlive the result. `verb` is NULL for
 * a command line without one. On failure the error's text is a whole sentence. */
enum etw_status cli_arguments_parse(const struct cli_verb *verb, int word_count, char **words,
                                    struct cli_arguments **out, struct etw_error *error);
void cli_arguments_free(struct cli_arguments *arguments); /* NULL is allowed */

/* The n-th file named, from 0; NULL: not named so many. */
const char *cli_arguments_input(const struct cli_arguments *arguments, size_t n);
bool cli_arguments_has(const struct cli_arguments *arguments, enum cli_option_id id);
/* The n-th value given for an option, from 0; NULL: not given so often. */
const char *cli_arguments_value(const struct cli_arguments *arguments, enum cli_option_id id,
                                size_t n);
/* The number of the word chosen; `otherwise` when the option was not given. */
int cli_arguments_choice(const struct cli_arguments *arguments, enum cli_option_id id,
                         int otherwise);

#endif
