/* SPDX-License-Identifier: MIT */
/*
 * adapters.h - the machine's network interfaces, the packet monitor's components
 * and its counters, learned from rundown events that stand after the packets.
 *
 * Fed by the index pass (etw_trace_index); order does not matter. Read-only after:
 * rows returned by find and list stay where they are until the next learn.
 */
#ifndef CORRELATE_ADAPTERS_H
#define CORRELATE_ADAPTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "correlate/packet_layers.h"
#include "etw/base/error.h"
#include "etw/event.h"
#include "etw/findings.h"

#define CORR_NO_INTERFACE UINT32_MAX

struct corr_adapter {
    uint32_t index;          /* Windows' interface index */
    uint32_t type;           /* IANA ifType */
    const char *alias;       /* UTF-8, "" when not known; owned by the table */
    const char *description; /* the same */
    struct corr_address mac;
    uint64_t speed; /* bits per second; 0: not known */
};

#define CORR_COMPONENT_ADDRESSES 8

struct corr_component {
    uint16_t id;
    uint16_t type;
    const char *name;        /* UTF-8, "" when not known; owned by the table */
    const char *description; /* the same */
    uint32_t miniport_index; /* CORR_NO_INTERFACE: not stated */
    uint32_t interface_index;
    uint32_t medium; /* UINT32_MAX: not stated */
    struct corr_address mac;
    struct corr_address addresses[CORR_COMPONENT_ADDRESSES];
    size_t address_count;
    uint64_t dropped_in, dropped_out; /* packets, by the monitor's drop counters */
};

/* One direction at one edge of one component. */
struct corr_point {
    uint16_t component, edge, direction_tag;
    uint64_t counted; /* by the recorder; valid when has_counter */
    uint64_t seen;    /* sightings in the trace, drops not among them */
    bool has_counter;
};

/* Rows that each table holds at most; what comes later is counted, not kept. */
#define CORR_TABLE_MAXIMUM 65536

struct corr_adapters;
struct corr_route; /* packet_routes.h */

enum etw_status corr_adapters_new(struct corr_adapters **out, struct etw_error *error);
void corr_adapters_free(struct corr_adapters *adapters);

/* Takes ETW_EVENT_INTERFACE, _COMPONENT, _COMPONENT_FACT, _FLOW_COUNTERS,
 * _DROP_COUNTERS, counts the sightings of ETW_EVENT_PACKET per point, ETW_EVENT_RECEPTION and the
 * other packet events, and learns where switched packets pass; ignores the rest. Copies what it
 * keeps. */
enum etw_status corr_adapters_learn(struct corr_adapters *adapters, const struct etw_event *event,
                                    struct etw_error *error);

const struct corr_adapter *corr_adapters_find(const struct corr_adapters *adapters, uint32_t index);
const struct corr_component *corr_adapters_find_component(const struct corr_adapters *adapters,
                                                          uint16_t id);
/* The interface a component belongs to: its miniport's index, else its own, else
 * CORR_NO_INTERFACE. */
uint32_t corr_component_interface(const struct corr_component *component);

/* NULL: the packet's event says nothing of a virtual switch or of remote access. */
const struct corr_route *corr_adapters_find_route(const struct corr_adapters *adapters,
                                                  const struct etw_packet *packet);

/* Whole tables, sorted by index, by id, by (component, edge, direction). */
size_t corr_adapters_list(const struct corr_adapters *adapters, const struct corr_adapter **rows);
size_t corr_adapters_components(const struct corr_adapters *adapters,
                                const struct corr_component **rows);
size_t corr_adapters_points(const struct corr_adapters *adapters, const struct corr_point **rows);

/* What the packet events of the trace are, by what they claim. */
struct corr_packet_events {
    uint64_t ndis, pktmon, ras, wfp;
    uint64_t receptions; /* that say how a Wi-Fi frame was received */
    uint64_t dropped;
    uint64_t by_link[ETW_LINK_COUNT];
    /* Bytes of the shortest sighting that the monitor cut; 0: it cut none. */
    uint32_t shortest_cut;
    uint64_t offloads; /* records beside packets */
    /* Packets of which only headers, or a payload without them, were logged; and of them those
     * that were dropped. */
    uint64_t headers, headers_dropped, payloads, payloads_dropped;
};
const struct corr_packet_events *corr_adapters_packet_events(const struct corr_adapters *adapters);

/* Counts what the tables say was lost: FINDING_COUNTERS_DIFFER per point whose
 * counter and sightings differ (only in a trace that has sightings at all),
 * FINDING_TABLE_FULL per row that found no place. */
void corr_adapters_report(const struct corr_adapters *adapters, struct findings *findings);

#endif
