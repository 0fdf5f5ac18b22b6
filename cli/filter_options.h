/* SPDX-License-Identifier: MIT */
/*
 * filter_options.h - the FILTER options of a command line as a packet filter.
 */
#ifndef CLI_FILTER_OPTIONS_H
#define CLI_FILTER_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "correlate/filter.h"
#include "correlate/smb_message.h"
#include "etw/base/error.h"
#include "etw/base/guid.h"

struct cli_arguments;
struct cli_interface_filter;
struct cli_reading;
struct etw_trace;

struct cli_filter {
    struct corr_filter *filter;              /* NULL: every packet */
    bool matches_nothing;                    /* only providers that record no packets were named */
    bool has_providers;                      /* some were named */
    unsigned smb_sources;                    /* 1 << enum corr_smb_source of those */
    const struct cli_arguments *arguments;   /* borrowed */
    struct cli_interface_filter *interfaces; /* owned; NULL: of any interface */
};

/* Reads the options; on failure the error names the option (wrong usage). Zeroed
 * by the caller before, ended with cli_filter_done() in every case. */
enum etw_status cli_filter_init(struct cli_filter *filter, const struct cli_arguments *arguments,
                                const struct etw_trace *trace, struct etw_error *error);
void cli_filter_done(struct cli_filter *filter);
/* Options about owners need what was learned, --interface the packets, which are read for it;
 * without them it does nothing. */
enum etw_status cli_filter_bind(struct cli_filter *filter, struct cli_reading *reading,
                                struct etw_error *error);

/* True when an option is about owners or connections. */
bool cli_filter_needs_owners(const struct cli_filter *filter);
/* True when an option is about processes: packets should then say whom they are for. */
bool cli_filter_has_process(const struct cli_filter *filter);

bool cli_filter_matches(const struct cli_filter *filter, const struct corr_packet *packet);
/* An SMB message that events of this source carry, as a packet (correlate/smb_packet.h). It has no
 * frame number and is on no interface of the trace. */
bool cli_filter_matches_message(const struct cli_filter *filter, const struct corr_packet *message,
                                enum corr_smb_source source);
/* The same without --from and --to. */
bool cli_filter_matches_at_any_time(const struct cli_filter *filter,
                                    const struct corr_packet *packet);
/* True when it would match, were it not before --from. */
bool cli_filter_is_before(const struct cli_filter *filter, const struct corr_packet *packet);
/* The same of a row of the ledger that the filter is bound to. */
bool cli_filter_matches_socket(const struct cli_filter *filter, const struct corr_socket *socket);

/* A number is seconds from `start`, anything else RFC 3339. */
bool cli_parse_time(const char *value, int64_t start, int64_t *out);

/* The options --from and --to; INT64_MIN and INT64_MAX where they are not given. */
enum etw_status cli_parse_times(const struct cli_arguments *arguments,
                                const struct etw_trace *trace, int64_t *from, int64_t *to,
                                struct etw_error *error);
/* The GUID that a value of --provider means: GUID, known name, or name in the trace. */
enum etw_status cli_find_provider(const struct etw_trace *trace, const char *value,
                                  struct guid *guid, struct etw_error *error);

#endif
