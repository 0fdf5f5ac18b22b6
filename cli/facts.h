/* SPDX-License-Identifier: MIT */
/*
 * facts.h - what a trace turned out to hold, as plain numbers: what the diagnosis
 * rules look at and what the summaries print.
 */
#ifndef CLI_FACTS_H
#define CLI_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "etw/record.h"

struct corr_adapters;
struct corr_packet;
struct etw_trace;

struct cli_facts {
    /* from the index */
    uint64_t by_class[RECORD_IS_UNKNOWN + 1]; /* events by enum record_class */
    uint64_t ndis_provider_events;            /* of any kind */
    uint64_t pktmon_provider_events;
    uint64_t ndis_packet_events;
    uint64_t pktmon_packet_events;
    uint64_t ras_packet_events;
    uint64_t wfp_packet_events;
    /* Records of packets that are no frames; as in corr_packet_events. */
    uint64_t offload_records, headers, headers_dropped, payloads, payloads_dropped;
    uint64_t points;         /* points of the packet monitor that have a counter */
    uint64_t points_equal;   /* of them: as many sightings as counted */
    uint64_t points_nonzero; /* of them: something was counted */
    bool has_socket_events;
    bool is_damaged; /* parts of the file were left out */
    /* from reading in time order */
    uint64_t tracelogging_events;
    uint64_t packets; /* real ones, before any filter */
    uint64_t sightings;
    uint64_t dropped;
    uint64_t truncated;       /* cut by the recorder */
    uint64_t radio;           /* Wi-Fi frames with channel, rate and signal */
    uint64_t switched;        /* seen at ports of virtual switches */
    uint64_t offloaded;       /* sent, with work left to the adapter */
    uint64_t by_direction[3]; /* enum etw_direction */
};

/* After the index pass. Counts points whose counters differ as findings of the trace. */
void cli_facts_learn(struct cli_facts *facts, struct etw_trace *trace,
                     const struct corr_adapters *adapters);
/* For every packet handed on; in all-appearances mode for every sighting. */
void cli_facts_add_packet(struct cli_facts *facts, const struct corr_packet *packet,
                          bool all_appearances);

#endif
