/* SPDX-License-Identifier: MIT */
/*
 * converted_messages.h - `convert --smb-messages`: the SMB messages whose bytes stand in events, as
 * packets of the pcapng file, each where its first event is.
 */
#ifndef CLI_CONVERTED_MESSAGES_H
#define CLI_CONVERTED_MESSAGES_H

#include "cli/reading.h"
#include "cli/waiting_rows.h"
#include "etw/base/text.h"
#include "pcapout/pcapng_set.h"

struct cli_filter;
struct cli_converted_messages;

/* found = written + unmatched + unreadable */
struct cli_message_counts {
    uint64_t found; /* messages with a beginning */
    uint64_t written;
    uint64_t unmatched;  /* by the filter */
    uint64_t unreadable; /* do not begin as SMB does */
    uint64_t cut;        /* of those written: the end is missing */
    uint64_t too_long;   /* of those written: for a packet that Wireshark reads */
    uint64_t lost;       /* fragments without a beginning */
};

struct cli_message_sources {
    struct cli_reading *reading; /* with a ledger */
    struct out_pcapng_set *set;
    const struct cli_filter *filter; /* NULL: every message */
    bool with_askers;                /* say for which process a message is */
};

/* What `sources` points to, and `rows`, are borrowed; `rows` ends last. */
enum etw_status cli_converted_messages_new(const struct cli_message_sources *sources,
                                           struct cli_waiting_rows *rows,
                                           struct cli_converted_messages **out,
                                           struct etw_error *error);
void cli_converted_messages_free(struct cli_converted_messages *messages); /* NULL is allowed */

/* Takes the next event of the trace. */
enum etw_status cli_converted_messages_add(struct cli_converted_messages *messages,
                                           const struct etw_event *event, struct etw_error *error);
/* Ends what has no end. The rows have to be written afterwards. */
enum etw_status cli_converted_messages_finish(struct cli_converted_messages *messages,
                                              struct etw_error *error);
struct cli_message_counts
cli_converted_messages_counts(const struct cli_converted_messages *messages);

/* Appends what is missing of the messages, "; " between: nothing when nothing is. */
void cli_add_message_losses(struct text *to, const struct cli_message_counts *counts);
/* Says the same on standard error, and how messages are recorded when there are none. The filter
 * may want `packets_alone`: numbers of packets or interfaces. */
void cli_say_messages(const struct cli_reading *reading, const struct cli_message_counts *counts,
                      bool packets_alone);

#endif
