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

#include "etw/event.h"
#include "etw/trace.h"

struct corr_adapters;
struct corr_capture_filters;
struct corr_packet;

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
    bool is_damaged;                                  /* parts of the file were left out */
    uint64_t socket_events[ETW_LAYER_SMB_DIRECT + 1]; /* by enum etw_layer */
    uint64_t connection_rundowns;                     /* connections that were open before */
    uint64_t process_changes;                         /* processes that began or ended */
    uint64_t process_rundowns;                        /* processes that were there */
    uint64_t names;                                   /* events of the resolver */
    uint64_t lost_notices;
    uint64_t components; /* of the network stack, that the packet monitor described */
    uint64_t filters;    /* of the packet monitor, that were set */
    uint64_t rules;      /* of the NDIS capture, in force */
    uint32_t cut_to;     /* bytes the packet monitor kept of the shortest packet it cut */
    /* from the header */
    struct cli_header_facts {
        uint32_t os_build; /* 0: not known */
        uint32_t mode;
        uint32_t maximum_size; /* MB; 0: none */
        uint32_t cpu_mhz;
        uint64_t events_lost, buffers_lost;
        uint64_t buffers_written; /* by the header; 0: not known */
        uint64_t buffers;         /* in the file */
        uint64_t bytes;           /* of them, unpacked */
        enum etw_clock clock;
        int64_t start, end, first, last; /* FILETIME; 0: not known */
        bool is_unfinished;
        bool is_private;          /* written by a process of its own */
        bool is_kernel;           /* by name: the kernel's session */
        const char *session_name; /* borrowed; NULL: none */
    } header;
    /* from the headers of all buffers; `info` alone reads them */
    uint64_t first_number; /* of the buffers; 0: not known */
    uint64_t missing_numbers;
    uint64_t marked_buffers; /* the recorder marked: some were lost while they filled */
    /* from the times of all records; `info` alone measures them */
    int64_t smallest_step; /* between different times, 100 ns; 0: not known */
    /* from reading in time order */
    uint64_t tracelogging_events;
    uint64_t packets; /* real ones, before any filter */
    uint64_t sightings;
    uint64_t dropped;
    uint64_t truncated;       /* cut by the recorder */
    uint64_t radio;           /* Wi-Fi frames with channel, rate and signal */
    uint64_t switched;        /* seen at ports of virtual switches */
    uint64_t offloaded;       /* sent, with work left to the adapter */
    uint64_t smb;             /* to or from TCP port 445 */
    uint64_t by_direction[3]; /* enum etw_direction */
};

/* Every model event of the index pass. */
void cli_facts_learn_event(struct cli_facts *facts, const struct etw_event *event);
/* After the index pass. Counts points whose counters differ as findings of the trace. */
void cli_facts_learn(struct cli_facts *facts, struct etw_trace *trace,
                     const struct corr_adapters *adapters,
                     const struct corr_capture_filters *filters);
/* For every packet handed on; in all-appearances mode for every sighting. */
void cli_facts_add_packet(struct cli_facts *facts, const struct corr_packet *packet,
                          bool all_appearances);

#endif
