/* SPDX-License-Identifier: MIT */
/*
 * conversion.h - a trace that was indexed, as pcapng. Works on memory as well as
 * on files, and prints nothing.
 *
 *     etw_trace_open_memory(bytes, size, NULL, &trace, &error);
 *     cli_reading_init(&reading, trace, &error);
 *     out_file_open_memory(&file, &error);
 *     cli_convert(&reading, &options, file, &summary, &error);
 */
#ifndef CLI_CONVERSION_H
#define CLI_CONVERSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/converted_events.h"
#include "cli/converted_messages.h"
#include "cli/reading.h"
#include "pcapout/pcapng_set.h"

struct cli_filter;

struct cli_convert_options {
    const char *file_name;     /* of the trace, without folder; for the section comment */
    struct cli_filter *filter; /* borrowed; NULL: every packet */
    enum out_comments comments;
    bool all_appearances;
    bool keep_protected;
    bool without_owners;
    uint32_t snap_length; /* bytes of a packet that are written; 0: all */
    enum out_process_blocks process_blocks;
    enum cli_events events;
    bool smb_messages;     /* those that events carry, as packets */
    out_pcapng_open *open; /* of --split */
    void *open_context;
};

struct cli_summary {
    uint64_t written; /* packet blocks */
    uint64_t events;  /* written between them */
    struct cli_message_counts messages;
    size_t interfaces;
    uint64_t unprotected; /* Wi-Fi frames whose Protected bit was cleared */
    bool has_mixed_links;
};

/* Everything goes `to` this file, or, where that is NULL, to those that options->open opens. They
 * stay the caller's, who commits or aborts them. */
enum etw_status cli_convert(struct cli_reading *reading, const struct cli_convert_options *options,
                            struct out_file *to, struct cli_summary *summary,
                            struct etw_error *error);

#endif
