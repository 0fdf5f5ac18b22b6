/* SPDX-License-Identifier: MIT */
/*
 * smb_filter.h - which operations and conditions of SMB the FILTER options mean: those of a socket
 * that they mean, and those that a process asked for that --pid or --process means.
 *
 *     cli_smb_filter_init(&filter, options, ledger, &error);
 *     ... cli_smb_filter_takes(&filter, &operation), cli_smb_filter_takes_condition() ...
 *     cli_smb_filter_done(&filter);
 *
 * Times are left to the caller, but for those of conditions.
 */
#ifndef CLI_SMB_FILTER_H
#define CLI_SMB_FILTER_H

#include "cli/filter_options.h"
#include "correlate/ledger.h"
#include "correlate/smb_conditions.h"
#include "correlate/smb_operations.h"

struct cli_smb_life {
    int64_t opened, closed;
};

struct cli_smb_filter {
    const struct cli_filter *options; /* borrowed */
    const struct corr_ledger *ledger; /* borrowed */
    const struct corr_socket *sockets;
    size_t socket_count;
    uint8_t *has_asked; /* owned; by row of the sockets: a process that is meant did so far */
    /* Connections of SMB that are meant, by their begin; the first ones have begun. */
    struct cli_smb_life *lives; /* owned */
    size_t life_count, begun;
    int64_t open_until; /* the last end of those, and of those with `has_asked` */
};

/* `options` are bound. */
enum etw_status cli_smb_filter_init(struct cli_smb_filter *filter, const struct cli_filter *options,
                                    const struct corr_ledger *ledger, struct etw_error *error);
void cli_smb_filter_done(struct cli_smb_filter *filter); /* a zeroed one is allowed */

/* Those on no known socket are taken. */
bool cli_smb_filter_takes(struct cli_smb_filter *filter,
                          const struct corr_smb_operation *operation);
/* Also those of a connection that a process that is meant has used before. One on no known socket
 * is taken for the ends that it names, and as long as a connection of SMB is open that is meant,
 * because it may be about that; a second longer, because it may tell of its end. In time order. */
bool cli_smb_filter_takes_condition(struct cli_smb_filter *filter,
                                    const struct corr_smb_condition *condition);

#endif
