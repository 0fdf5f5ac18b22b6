/* SPDX-License-Identifier: MIT */
/*
 * convert_options.h - the options that only 'convert' has, and which of them contradict each other.
 */
#ifndef CLI_CONVERT_OPTIONS_H
#define CLI_CONVERT_OPTIONS_H

#include "cli/conversion.h"

struct cli_arguments;

/* Everything but the filter and the name of the trace. On failure the error is wrong usage, a whole
 * sentence. */
enum etw_status cli_convert_options_read(const struct cli_arguments *arguments,
                                         struct cli_convert_options *options,
                                         struct etw_error *error);

#endif
