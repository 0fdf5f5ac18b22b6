/* SPDX-License-Identifier: MIT */
/*
 * reading.h - the passes that verbs make over a trace.
 *
 *     struct cli_reading reading;
 *     status = cli_reading_init(&reading, trace, &error);      the index pass, in file order
 *     status = cli_reading_learn(&reading, &error);            who owns what; in time order
 *     status = cli_reading_packets(&reading, false, sink, context, &error);
 *     cli_reading_done(&reading);
 */
#ifndef CLI_READING_H
#define CLI_READING_H

#include "cli/facts.h"
#include "correlate/capture_filters.h"
#include "correlate/ledger.h"
#include "correlate/packets.h"
#include "etw/base/text.h"
#include "etw/trace.h"

struct cli_reading {
    struct etw_trace *trace; /* borrowed */
    struct corr_adapters *adapters;
    struct corr_ledger *ledger; /* NULL until learned: packets have no owners */
    bool wants_askers;          /* packets of SMB say whom they are for, when events tell */
    struct corr_capture_filters filters;
    struct cli_facts facts;
    struct text product;   /* name of the Windows edition; empty: not recorded */
    struct text build_lab; /* the same */
    struct text computer;  /* name of the machine; empty: not recorded */
    struct text domain;    /* the same */
};

/* Indexes the trace. cli_reading_done() is needed only after success. */
enum etw_status cli_reading_init(struct cli_reading *reading, struct etw_trace *trace,
                                 struct etw_error *error);
void cli_reading_done(struct cli_reading *reading);

/* Learns processes and sockets, so that packets get owners. Reads the trace only when it has
 * events of sockets. */
enum etw_status cli_reading_learn(struct cli_reading *reading, struct etw_error *error);
/* The same, and reads the trace also for its processes alone. */
enum etw_status cli_reading_learn_all(struct cli_reading *reading, struct etw_error *error);

/* Reads the trace in time order and gives its packets to `sink`; counts them in
 * the facts, which start anew with every call. */
enum etw_status cli_reading_packets(struct cli_reading *reading, bool all_appearances,
                                    corr_packet_sink *sink, void *context, struct etw_error *error);

/* The same, and after each event of the trace a call of `note` with it; packets that come later
 * are not earlier than `held_since`, or than the event. */
typedef enum etw_status cli_event_note(void *context, const struct etw_event *event,
                                       int64_t held_since, struct etw_error *error);
enum etw_status cli_reading_packets_and_events(struct cli_reading *reading, bool all_appearances,
                                               corr_packet_sink *sink, cli_event_note *note,
                                               void *context, struct etw_error *error);

#endif
