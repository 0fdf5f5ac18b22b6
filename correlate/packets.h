/* SPDX-License-Identifier: MIT */
/*
 * packets.h - from packet events to real packets: fragments joined, the packet
 * monitor's sightings of one packet brought together, numbered in time order.
 *
 *     corr_packets_new(adapters, findings, &options, sink, context, &packets, &error);
 *     ... corr_packets_feed(packets, &event, &error) for every event in time order ...
 *     corr_packets_finish(packets, &error);
 *     corr_packets_free(packets);
 *
 * The sink gets packets in time order. Memory is bounded: see
 * CORR_HELD_BYTES; nothing is kept per packet once it was handed on.
 */
#ifndef CORRELATE_PACKETS_H
#define CORRELATE_PACKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "correlate/adapters.h"
#include "correlate/attribution.h"
#include "correlate/packet_layers.h"
#include "etw/base/error.h"
#include "etw/event.h"
#include "etw/findings.h"

/* Bytes of packets held back at most while their sightings may still come. */
#define CORR_HELD_BYTES (64u << 20)

struct corr_behalf;

struct corr_drop {
    bool is_dropped;
    uint32_t reason;   /* as logged */
    uint32_t location; /* as logged */
    uint16_t component;
};

struct corr_packet {
    uint64_t frame;  /* 1..n in time order over the whole trace */
    int64_t time;    /* FILETIME */
    uint64_t offset; /* of the record, see record.h */
    enum etw_capture capture;
    enum etw_link link; /* by its bytes */
    enum etw_direction direction;
    const uint8_t *data; /* borrowed until the sink returns */
    uint32_t captured;
    uint32_t original;
    uint32_t interface_index; /* Windows' index of the adapter; CORR_NO_INTERFACE */
    uint32_t header_pid;      /* context, never an owner; RECORD_NO_ID: none */
    uint32_t header_tid;
    uint16_t cpu;
    bool is_incomplete; /* later fragments are missing */
    struct corr_drop drop;
    /* NDIS capture */
    bool has_reception;
    uint16_t vlan;                  /* of a switched packet, beside its bytes; 0: none */
    struct etw_reception reception; /* valid with has_reception */
    const struct corr_route *route; /* packet_routes.h; borrowed from the adapters; NULL: none */
    struct etw_offload offload;     /* as recorded, and what the bytes prove */
    /* pktmon */
    uint32_t appearances; /* sightings of this packet; 1 for other captures */
    uint64_t group;
    uint16_t number, appearance, direction_tag, component, edge, filter;
    struct corr_layers layers;
    struct corr_verdict verdict;
    struct corr_attribution *attribution; /* borrowed, for corr_candidates(); NULL: no owners */
    /* The process that this packet is for, and no other one of its connection need be; see
     * smb_askers.h. Borrowed; NULL: none is known. */
    const struct corr_behalf *behalf;
};

typedef enum etw_status corr_packet_sink(void *context, const struct corr_packet *packet,
                                         struct etw_error *error);

struct corr_packets_options {
    bool all_appearances; /* hand on every sighting, with its packet's number */
    /* Gives packets their owners; borrowed. NULL: none has one, for want of events. */
    struct corr_attribution *attribution;
};

struct corr_packets;

/* `adapters` and `findings` are borrowed for the life of the stage. */
enum etw_status corr_packets_new(const struct corr_adapters *adapters, struct findings *findings,
                                 const struct corr_packets_options *options, corr_packet_sink *sink,
                                 void *context, struct corr_packets **out, struct etw_error *error);
/* Takes events in time order; everything but ETW_EVENT_PACKET, ETW_EVENT_RECEPTION and
 * ETW_EVENT_PACKET_OFFLOAD only moves time on.
 * Returns what the sink returned when that was not ETW_OK. */
enum etw_status corr_packets_feed(struct corr_packets *packets, const struct etw_event *event,
                                  struct etw_error *error);
/* Time of the earliest packet event that is held back; INT64_MAX: none is. */
int64_t corr_packets_held_since(const struct corr_packets *packets);
enum etw_status corr_packets_finish(struct corr_packets *packets, struct etw_error *error);
void corr_packets_free(struct corr_packets *packets);

#endif
