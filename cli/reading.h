/* SPDX-License-Identifier: MIT */
/*
 * reading.h - the two passes that every verb makes over a trace.
 *
 *     struct cli_reading reading;
 *     status = cli_reading_init(&reading, trace, &error);      the index pass
 *     status = cli_reading_packets(&reading, false, sink, context, &error);
 *     cli_reading_done(&reading);
 */
#ifndef CLI_READING_H
#define CLI_READING_H

#include "cli/facts.h"
#include "correlate/packets.h"
#include "etw/base/text.h"
#include "etw/trace.h"

struct cli_reading {
    struct etw_trace *trace; /* borrowed */
    struct corr_adapters *adapters;
    struct cli_facts facts;
    struct text product;   /* name of the Windows edition; empty: not recorded */
    struct text build_lab; /* the same */
};

/* Indexes the trace. cli_reading_done() is needed only after success. */
enum etw_status cli_reading_init(struct cli_reading *reading, struct etw_trace *trace,
                                 struct etw_error *error);
void cli_reading_done(struct cli_reading *reading);

/* Reads the trace in time order and gives its packets to `sink`; counts them in
 * the facts, which start anew with every call. */
enum etw_status cli_reading_packets(struct cli_reading *reading, bool all_appearances,
                                    corr_packet_sink *sink, void *context, struct etw_error *error);

#endif
