/* SPDX-License-Identifier: MIT */
/*
 * event_filter.h - the FILTER options of `events`. What stands in the header of a
 * record is asked first; payloads are read only when an option looks into them.
 *
 *     cli_event_filter_new(arguments, trace, &filter, &error);
 *     if (cli_event_filter_matches(filter, trace, record)) ...
 *     cli_event_filter_free(filter);
 *
 * --pid: a field called ProcessId, PID or the like (see the table in event_filter.c).
 * --host, --port, --tuple: any address, port or SOCKADDR of the payload. Addresses and
 * ports in fields of their own belong together in their order. --proto: a field with
 * the IP protocol, else an event or class named after TCP or UDP.
 */
#ifndef CLI_EVENT_FILTER_H
#define CLI_EVENT_FILTER_H

#include <stdbool.h>

#include "etw/base/error.h"
#include "etw/fields.h"

struct cli_arguments;
struct cli_event_filter;
struct etw_trace;

/* The error names the option (wrong usage) when its status is ETW_ERR_INPUT. */
enum etw_status cli_event_filter_new(const struct cli_arguments *arguments,
                                     const struct etw_trace *trace, struct cli_event_filter **out,
                                     struct etw_error *error);
void cli_event_filter_free(struct cli_event_filter *filter); /* NULL is allowed */

bool cli_event_filter_matches(struct cli_event_filter *filter, struct etw_trace *trace,
                              const struct etw_record *record);

/* Its parts. What the header of a record decides: */
bool cli_event_filter_takes_header(const struct cli_event_filter *filter,
                                   const struct etw_record *record);
/* True when an option looks into payloads; then the fields of the record go to the
 * visitor, and takes_fields() says what they decide. */
bool cli_event_filter_wants_fields(const struct cli_event_filter *filter);
const struct etw_fields_visitor *cli_event_filter_visitor(struct cli_event_filter *filter);
bool cli_event_filter_takes_fields(struct cli_event_filter *filter,
                                   const struct etw_fields_result *result);

#endif
