/* SPDX-License-Identifier: MIT */
#include "cli/facts.h"

#include <string.h>

#include "correlate/adapters.h"
#include "correlate/capture_filters.h"
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

void cli_facts_learn_event(struct cli_facts *facts, const struct etw_event *event)
{
    switch (event->kind) {
    case ETW_EVENT_SOCKET:
        facts->socket_events[event->u.socket.layer]++;
        facts->connection_rundowns +=
            event->u.socket.layer == ETW_LAYER_STACK && event->u.socket.phase == ETW_PHASE_RUNDOWN;
        break;
    case ETW_EVENT_PROCESS:
        facts->process_rundowns += event->u.process.phase == ETW_PHASE_RUNDOWN;
        facts->process_changes += event->u.process.phase != ETW_PHASE_RUNDOWN;
        break;
    case ETW_EVENT_NAME:
        facts->names++;
        break;
    case ETW_EVENT_LOST:
        facts->lost_notices++;
        break;
    default:
        break;
    }
}

/* LogFileMode of a session that a process keeps by itself. [documented: evntrace.h] */
#define MODE_PRIVATE 0x800u
#define MODE_KB      0x2000u

/* Names that Windows gives to the kernel's own sessions. [documented: evntrace.h] */
static bool is_kernel_session(const char *name)
{
    return strcmp(name, "NT Kernel Logger") == 0 ||
           strcmp(name, "Circular Kernel Context Logger") == 0;
}

static void learn_header(struct cli_facts *facts, const struct etw_trace *trace)
{
    const struct etw_trace_header *header = etw_trace_get_header(trace);
    const struct etw_totals *totals = etw_trace_get_totals(trace);
    bool is_in_kb = header->mode & MODE_KB;
    facts->header = (struct cli_header_facts){
        .os_build = header->os_build,
        .mode = header->mode,
        .maximum_size = is_in_kb ? header->maximum_file_size / 1024 : header->maximum_file_size,
        .cpu_mhz = header->cpu_mhz,
        .events_lost = header->events_lost,
        .buffers_lost = header->buffers_lost,
        .buffers_written = header->buffers_written,
        .buffers = totals->buffers,
        .bytes = totals->unpacked_bytes,
        .clock = header->clock,
        .start = header->start_time,
        .end = header->end_time,
        .first = totals->first_time,
        .last = totals->last_time,
        .is_unfinished = totals->is_unfinished,
        .is_private = header->mode & MODE_PRIVATE,
        .is_kernel = is_kernel_session(header->session_name),
        .session_name = header->session_name,
    };
}

void cli_facts_learn(struct cli_facts *facts, struct etw_trace *trace,
                     const struct corr_adapters *adapters,
                     const struct corr_capture_filters *filters)
{
    learn_providers(facts, trace);
    learn_header(facts, trace);
    facts->filters = corr_capture_filters_count(filters, ETW_CAPTURE_PKTMON);
    facts->rules = corr_capture_filters_count(filters, ETW_CAPTURE_NDIS);
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
    facts->cut_to = events->shortest_cut;
    facts->has_socket_events = etw_trace_has_socket_events(trace);

    struct findings *findings = etw_trace_get_findings(trace);
    facts->is_damaged = findings_has_damage(findings);

    const struct corr_component *components = NULL;
    facts->components = corr_adapters_components(adapters, &components);

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

#define SMB_PORT 445

static bool is_smb(const struct corr_layers *layers)
{
    return layers->has_ports && layers->ip_protocol == 6 &&
           (layers->source_port == SMB_PORT || layers->destination_port == SMB_PORT);
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
    facts->smb += is_smb(&packet->layers);
}
