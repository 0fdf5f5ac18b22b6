/* SPDX-License-Identifier: MIT */
/*
 * output.h - where a verb writes to, and what is refused before it starts.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>

#include "cli/exit_status.h"
#include "etw/base/error.h"

struct cli_arguments;
struct out_file;
struct text;

/* The name of the trace with its extension replaced by `extension` (with the dot). */
void cli_output_name(const char *input, const char *extension, struct text *out);

/* The file part of a path, for outputs that must not depend on where the trace lies. */
const char *cli_base_name(const char *path);

/* True when the name ends with .gz, in either case. */
bool cli_is_gzip_name(const char *path);

/* Opens `path` for the verb, after making sure that it is not a file of the trace itself. What its
 * name calls gzip is compressed. */
enum etw_status cli_output_open(const struct cli_arguments *arguments, const char *path,
                                bool is_binary, struct out_file **out, struct etw_error *error);

/* Writes to standard output and says on standard error when that fails. */
enum cli_exit cli_print_text(const struct text *text);

/* True when people look at it: standard output is a terminal and NO_COLOR is not set. */
bool cli_use_colour(const char *path);
/* Columns of the terminal for text that goes to `path`; 0: do not cut. */
int cli_text_width(const char *path);

#endif
