/* SPDX-License-Identifier: MIT */
/*
 * timeline_smb.h - the SMB messages and conditions of a trace, read in the pass of its timeline.
 *
 *     cli_timeline_smb_new(&wanted, &smb, &error);
 *     for every packet and event, behind its own steps:
 *         cli_timeline_smb_packet(smb, &packet, &error);
 *         cli_timeline_smb_event(smb, &event, &error);
 *     cli_timeline_smb_finish(smb, &error);
 *     cli_timeline_smb_free(smb);
 *
 * Packets of other ports and events of others cost nothing.
 */
#ifndef CLI_TIMELINE_SMB_H
#define CLI_TIMELINE_SMB_H

#include "cli/filter_options.h"
#include "correlate/timeline.h"
#include "etw/base/text.h"

/* All borrowed. */
struct cli_smb_wanted {
    const struct corr_ledger *ledger;
    const struct cli_filter *filter; /* bound */
    int64_t from, to;
    struct corr_timeline *timeline;
};

struct cli_timeline_smb;

enum etw_status cli_timeline_smb_new(const struct cli_smb_wanted *wanted,
                                     struct cli_timeline_smb **out, struct etw_error *error);
void cli_timeline_smb_free(struct cli_timeline_smb *smb); /* NULL is allowed */
/* Names of shares and files of the steps. */
const struct corr_smb_operations *cli_timeline_smb_names(const struct cli_timeline_smb *smb);
enum etw_status cli_timeline_smb_packet(struct cli_timeline_smb *smb,
                                        const struct corr_packet *packet, struct etw_error *error);
enum etw_status cli_timeline_smb_event(struct cli_timeline_smb *smb, const struct etw_event *event,
                                       struct etw_error *error);
/* Packets that are read as SMB. */
bool cli_timeline_smb_is_packet(const struct corr_packet *packet);
/* What could not be told, as out_smb_add_untold(), once the timeline is finished. Nothing when a
 * filter left no step of SMB. */
void cli_timeline_smb_add_untold(const struct cli_timeline_smb *smb, struct text *to);
/* What still waits for bytes becomes steps; the timeline is finished behind it. */
enum etw_status cli_timeline_smb_finish(struct cli_timeline_smb *smb, struct etw_error *error);

#endif
