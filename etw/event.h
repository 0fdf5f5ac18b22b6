/* SPDX-License-Identifier: MIT */
/*
 * event.h - the common event model: what an event says, whoever logged it. The
 * tables in etw/providers/ make model events of records; nothing above etw/
 * knows GUIDs, event ids or layouts.
 *
 * To add a kind: a name in enum etw_event_kind, a struct below, a member in the
 * union, and rows in the provider tables that produce it.
 */
#ifndef ETW_EVENT_H
#define ETW_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "etw/base/bytes.h"
#include "etw/base/guid.h"
#include "etw/record.h"

enum etw_event_kind {
    ETW_EVENT_OTHER,          /* an event no table knows */
    ETW_EVENT_PACKET,         /* a packet, a fragment or a sighting of one */
    ETW_EVENT_INTERFACE,      /* one network interface of the machine */
    ETW_EVENT_COMPONENT,      /* one component of the packet monitor's stack */
    ETW_EVENT_COMPONENT_FACT, /* one property of such a component */
    ETW_EVENT_FLOW_COUNTERS,  /* packets the monitor counted at one edge */
    ETW_EVENT_DROP_COUNTERS,  /* packets the monitor saw dropped in one component */
    ETW_EVENT_SYSTEM_BUILD,   /* name and build of the Windows that recorded */
    ETW_EVENT_KIND_COUNT
};

enum etw_link { ETW_LINK_UNKNOWN, ETW_LINK_ETHERNET, ETW_LINK_RAW_IP, ETW_LINK_IEEE80211 };

enum etw_direction { ETW_DIRECTION_UNKNOWN, ETW_DIRECTION_IN, ETW_DIRECTION_OUT };

enum etw_capture {
    ETW_CAPTURE_NDIS,  /* the NDIS capture filter of `netsh trace capture=yes` */
    ETW_CAPTURE_PKTMON /* the packet monitor */
};

struct etw_packet {
    enum etw_capture capture;
    enum etw_link link; /* as logged; pktmon's may be wrong */
    enum etw_direction direction;
    struct bytes data;      /* borrowed with the event */
    uint32_t original_size; /* 0: not stated */
    bool is_start, is_end;  /* fragment: first, last; both for a whole packet */
    bool is_cut;            /* the recorder says that it cut the packet */
    bool is_dropped;
    uint32_t interface_index; /* NDIS: the miniport's */
    uint32_t lower_index;     /* NDIS: the layer it was seen at */
    /* pktmon only */
    uint64_t group;
    uint16_t number;
    uint16_t appearance;    /* 0: not counted by this Windows version */
    uint16_t direction_tag; /* as logged: In, Out, Rx, Tx, Ingress, Egress */
    uint16_t component;
    uint16_t edge;
    uint16_t filter;
    uint32_t drop_reason;
    uint32_t drop_location;
};

struct etw_interface {
    uint32_t index;
    uint32_t type; /* IANA ifType: 6 Ethernet, 24 loopback, 71 Wi-Fi, 243/244 WWAN */
    struct guid guid;
    struct bytes alias;       /* UTF-16LE, borrowed */
    struct bytes description; /* UTF-16LE, borrowed */
    struct bytes mac;         /* 0 to 32 bytes, borrowed */
    uint64_t speed;           /* bits per second, transmit; 0 or all ones: unknown */
};

struct etw_component {
    uint16_t id;
    uint16_t type;
    struct bytes name;        /* UTF-16LE, borrowed */
    struct bytes description; /* UTF-16LE, borrowed */
};

enum etw_component_fact_kind {
    ETW_FACT_OTHER,
    ETW_FACT_INTERFACE_INDEX,
    ETW_FACT_MINIPORT_INDEX,
    ETW_FACT_LOWER_INDEX,
    ETW_FACT_MEDIUM, /* 0 Ethernet, 16 Wi-Fi, 19 mobile broadband */
    ETW_FACT_MAC,
    ETW_FACT_IPV4,
    ETW_FACT_IPV6
};

struct etw_component_fact {
    uint16_t component;
    enum etw_component_fact_kind kind;
    uint32_t number;    /* indexes and medium */
    struct bytes bytes; /* addresses in network order, borrowed */
};

/* One direction of a counter pair. */
struct etw_counter {
    uint16_t direction_tag;
    uint64_t packets;
    uint64_t bytes;
};

struct etw_counters {
    uint16_t component;
    uint16_t edge;          /* flow counters only */
    struct bytes edge_name; /* flow counters only; UTF-16LE, borrowed */
    struct etw_counter in, out;
};

struct etw_system_build {
    struct bytes build_lab; /* UTF-16LE, borrowed */
    struct bytes product;   /* UTF-16LE, borrowed */
};

struct etw_event {
    enum etw_event_kind kind;
    bool is_incomplete; /* the payload ended before its fields did */
    const struct etw_record *record;
    union {
        struct etw_packet packet;
        struct etw_interface interface;
        struct etw_component component;
        struct etw_component_fact fact;
        struct etw_counters counters; /* flow and drop */
        struct etw_system_build build;
    } u;
};

#endif
