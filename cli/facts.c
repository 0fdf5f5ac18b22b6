/* SPDX-License-Identifier: MIT */
#include "cli/facts.h"

#include <string.h>

#include "correlate/adapters.h"
#include "correlate/packet_routes.h"
#include "correlate/packets.h"
#include "etw/trace.h"

static void learn_providers(struct cli_facts *facts, const struct etw_trace *trace)
{
    const struct etw_provider_row *rows = NULL;
    size_t count = etw_trace_get_providers(trace, &rows);
    for (size_t i = 0; i < count; i++) {
        const char *name = rows[i].name ? rows[i].name : "";
        facts->by_class[rows[i].class_of] += rows[i].events;
        if (strcmp(name, "Microsoft-Windows-NDIS-PacketCapture") == 0) {
            facts->ndis_provider_events += rows[i].events;
        } else if (strcmp(name, "Microsoft-Windows-PktMon") == 0) {
            facts->pktmon_provider_events += rows[i].events;
        }
    }
}

void cli_facts_learn(struct cli_facts *facts, struct etw_trace *trace,
                     const struct corr_adapters *adapters)
{
    learn_providers(facts, trace);
    const struct corr_packet_events *events = corr_adapters_packet_events(adapters);
    facts->ndis_packet_events = events->ndis;
    facts->pktmon_packet_events = events->pktmon;
    facts->ras_packet_events = events->ras;
    facts->wfp_packet_events = events->wfp;
    facts->offload_records = events->offloads;
    facts->headers = events->headers;
    facts->headers_dropped = events->headers_dropped;
    facts->payloads = events->payloads;
    facts->payloads_dropped = events->payloads_dropped;
    facts->has_socket_events = etw_trace_has_socket_events(trace);

    struct findings *findings = etw_trace_get_findings(trace);
    facts->is_damaged = findings_has_damage(findings);

    const struct corr_point *points = NULL;
    size_t count = corr_adapters_points(adapters, &points);
    for (size_t i = 0; i < count; i++) {
        if (!points[i].has_counter) {
            continue;
        }
        facts->points++;
        facts->points_nonzero += points[i].counted > 0;
        facts->points_equal += points[i].counted == points[i].seen;
    }
    corr_adapters_report(adapters, findings);
}

void cli_facts_add_packet(struct cli_facts *facts, const struct corr_packet *packet,
                          bool all_appearances)
{
    facts->sightings += all_appearances ? 1 : packet->appearances;
    if (packet->frame <= facts->packets) {
        return; /* a further sighting */
    }
    facts->packets = packet->frame;
    facts->dropped += packet->drop.is_dropped;
    /* An incomplete packet lost its last fragments: the recorder did not cut it. */
    facts->truncated += packet->captured < packet->original && !packet->is_incomplete;
    facts->radio += packet->has_reception;
    facts->switched += packet->route && packet->route->kind == ETW_ROUTE_SWITCH;
    facts->offloaded +=
        packet->direction == ETW_DIRECTION_OUT && (packet->offload.flags & ETW_OFFLOAD_CHECKSUM);
    facts->by_direction[packet->direction]++;
}
