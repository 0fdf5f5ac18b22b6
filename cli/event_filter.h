/* SPDX-License-Identifier: MIT */
/*
 * event_filter.h - the FILTER options of `events`. What stands in the header of a
 * record is asked first; payloads are read only when an option looks into them.
 *
 *     cli_event_filter_new(arguments, trace, &filter, &error);
 *     cli_event_filter_bind(filter, ledger, &error);       when cli_event_filter_needs_ledger()
 *     if (cli_event_filter_matches(filter, trace, &event)) ...
 *     cli_event_filter_free(filter);
 *
 * --pid, --process, --connection: see event_owners.h; the process that a payload names is in
 * a field called ProcessId, PID or the like (see the table in event_filter.c).
 * --host, --port, --tuple: any address, port or SOCKADDR of the payload. Addresses and
 * ports in fields of their own belong together in their order. --proto: a field with
 * the IP protocol, else an event or class named after TCP or UDP.
 */
#ifndef CLI_EVENT_FILTER_H
#define CLI_EVENT_FILTER_H

#include <stdbool.h>

#include "correlate/ledger.h"
#include "etw/base/error.h"
#include "etw/event.h"
#include "etw/fields.h"

struct cli_arguments;
struct cli_event_filter;
struct etw_trace;

/* The error names the option (wrong usage) when its status is ETW_ERR_INPUT. */
enum etw_status cli_event_filter_new(const struct cli_arguments *arguments,
                                     const struct etw_trace *trace, struct cli_event_filter **out,
                                     struct etw_error *error);
void cli_event_filter_free(struct cli_event_filter *filter); /* NULL is allowed */

/* True when an option asks for owners or connections: the filter then needs the model events
 * of etw_trace_next(), and a finished ledger, which is borrowed. */
bool cli_event_filter_needs_ledger(const struct cli_event_filter *filter);
enum etw_status cli_event_filter_bind(struct cli_event_filter *filter,
                                      const struct corr_ledger *ledger, struct etw_error *error);

bool cli_event_filter_matches(struct cli_event_filter *filter, struct etw_trace *trace,
                              const struct etw_event *event);

/* Its parts. What the header of a record decides: */
bool cli_event_filter_takes_header(const struct cli_event_filter *filter,
                                   const struct etw_record *record);
/* True when an option looks into payloads; then the fields of the record go to the
 * visitor, and takes_fields() says what they decide. */
bool cli_event_filter_wants_fields(const struct cli_event_filter *filter);
const struct etw_fields_visitor *cli_event_filter_visitor(struct cli_event_filter *filter);
bool cli_event_filter_takes_fields(struct cli_event_filter *filter, const struct etw_event *event,
                                   const struct etw_fields_result *result);

#endif
