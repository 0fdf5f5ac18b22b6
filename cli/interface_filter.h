/* SPDX-License-Identifier: MIT */
/*
 * interface_filter.h - the option --interface: packets of the interfaces that 'info' lists under
 * these names or numbers.
 */
#ifndef CLI_INTERFACE_FILTER_H
#define CLI_INTERFACE_FILTER_H

#include "cli/reading.h"

struct cli_arguments;
struct cli_interface_filter;

/* Reads the trace once, because interfaces are numbered in the order in which its packets use them.
 * NULL in `*out` when the option was not given. What names no interface is an error that lists
 * those there are. */
enum etw_status cli_interface_filter_new(const struct cli_arguments *arguments,
                                         struct cli_reading *reading,
                                         struct cli_interface_filter **out,
                                         struct etw_error *error);
void cli_interface_filter_free(struct cli_interface_filter *filter); /* NULL is allowed */

bool cli_interface_filter_matches(struct cli_interface_filter *filter,
                                  const struct corr_packet *packet);

#endif
