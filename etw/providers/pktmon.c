/* SPDX-License-Identifier: MIT */
/*
 * pktmon.c - Microsoft-Windows-PktMon: packets as the packet monitor sees them on
 * their way through the components of the network stack, and, at the end of a
 * trace, those components with their counters.
 */
#include "etw/providers/binding.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

/* DirTag: None, In, Out, Rx, Tx, Ingress, Egress. */
static const enum etw_direction directions[] = {
    [1] = ETW_DIRECTION_IN,  [2] = ETW_DIRECTION_OUT, [3] = ETW_DIRECTION_IN,
    [4] = ETW_DIRECTION_OUT, [5] = ETW_DIRECTION_IN,  [6] = ETW_DIRECTION_OUT,
};

/* PacketType; the higher values name protocols without their lower layers. */
static const enum etw_link links[] = {
    [1] = ETW_LINK_ETHERNET,
    [2] = ETW_LINK_IEEE80211,
    [3] = ETW_LINK_RAW_IP,
};

static void finish_packet(struct etw_event *event, const struct binding_raw *raw)
{
    struct etw_packet *packet = &event->u.packet;
    packet->capture = ETW_CAPTURE_PKTMON;
    packet->is_start = true;
    packet->is_end = true;
    if (packet->direction_tag < COUNT_OF(directions)) {
        packet->direction = directions[packet->direction_tag];
    }
    if (raw->packet_type < COUNT_OF(links)) {
        packet->link = links[raw->packet_type];
    }
    /* The size is logged with 16 bits, so that it wraps for large segments that the
     * adapter splits: a size smaller than the bytes that are there says nothing. */
    if (packet->original_size < packet->data.size) {
        packet->original_size = 0;
    }
    packet->is_cut = !event->is_incomplete && packet->original_size > packet->data.size;
}

static void finish_drop(struct etw_event *event, const struct binding_raw *raw)
{
    finish_packet(event, raw);
    event->u.packet.is_dropped = true;
}

/* PropertyType: those that this program uses. */
static const struct fact_row {
    uint32_t property_type;
    bool is_number;
    size_t size; /* of bytes; 0: any, a MAC address of a tunnel need not have 6 */
    enum etw_component_fact_kind kind;
} facts[] = {
    {1, true, 0, ETW_FACT_INTERFACE_INDEX},
    {2, true, 0, ETW_FACT_MINIPORT_INDEX},
    {3, true, 0, ETW_FACT_LOWER_INDEX},
    {5, true, 0, ETW_FACT_MEDIUM},
    {6, false, 0, ETW_FACT_MAC},
    {13, false, 4, ETW_FACT_IPV4},
    {13, false, 16, ETW_FACT_IPV6},
};

/* The event id decides whether the value is a number, the property type what it
 * means. A pair that does not go together stays "other", and so does a property
 * without its value: a cut number would be 0, which is a valid index. */
static void finish_fact(struct etw_event *event, const struct binding_raw *raw)
{
    struct etw_component_fact *fact = &event->u.fact;
    bool is_number = !fact->bytes.data;
    for (size_t i = 0; i < COUNT_OF(facts) && !event->is_incomplete; i++) {
        const struct fact_row *row = &facts[i];
        if (row->property_type == raw->property_type && row->is_number == is_number &&
            (row->size == 0 || row->size == fact->bytes.size)) {
            fact->kind = row->kind;
        }
    }
}

static void finish_filter(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    event->u.filter.capture = ETW_CAPTURE_PKTMON;
    event->u.filter.is_selective = true;
}

/* clang-format off */
#define PACKET_ROLES                                                                              \
    ROLES({ROLE_PACKET_GROUP, "PktGroupId"}, {ROLE_PACKET_NUMBER, "PktNumber"},                        \
     {ROLE_PACKET_APPEARANCE, "AppearanceCount"}, {ROLE_PACKET_DIRECTION_TAG, "DirTag"},          \
     {ROLE_RAW_PACKET_TYPE, "PacketType"}, {ROLE_PACKET_COMPONENT, "ComponentId"},                \
     {ROLE_PACKET_EDGE, "EdgeId"}, {ROLE_PACKET_FILTER, "FilterId"},                              \
     {ROLE_PACKET_DROP_REASON, "DropReason"}, {ROLE_PACKET_DROP_LOCATION, "DropLocation"},        \
     {ROLE_PACKET_ORIGINAL_SIZE, "OriginalPayloadSize"}, {ROLE_PACKET_DATA, "Payload"})
#define FACT_ROLES(role, property)                                                                \
    ROLES({ROLE_FACT_COMPONENT, "ComponentId"}, {ROLE_RAW_PROPERTY_TYPE, "Type"}, {role, property})
#define COUNTER_ROLES                                                                             \
    ROLES({ROLE_COUNTERS_COMPONENT, "ComponentId"}, {ROLE_COUNTERS_EDGE, "EdgeId"},                    \
     {ROLE_COUNTERS_EDGE_NAME, "EdgeName"},                                                       \
     {ROLE_COUNTERS_IN_TAG, "DirTagIn"}, {ROLE_COUNTERS_IN_PACKETS, "PacketsIn"},                 \
     {ROLE_COUNTERS_IN_BYTES, "BytesIn"},                                                         \
     {ROLE_COUNTERS_OUT_TAG, "DirTagOut"}, {ROLE_COUNTERS_OUT_PACKETS, "PacketsOut"},             \
     {ROLE_COUNTERS_OUT_BYTES, "BytesOut"})

#define FILTER_ROLES                                                                              \
    ROLES({ROLE_FILTER_ID, "FilterId"}, {ROLE_FILTER_NAME, "FilterName"},                         \
     {ROLE_FILTER_MAC_1, "MacAddress1"}, {ROLE_FILTER_MAC_2, "MacAddress2"},                      \
     {ROLE_FILTER_ETHER_TYPE, "EtherType"}, {ROLE_FILTER_VLAN, "VlanId"},                         \
     {ROLE_FILTER_IP_1, "IpAddress1"}, {ROLE_FILTER_IP_2, "IpAddress2"},                          \
     {ROLE_FILTER_PROTOCOL, "Protocol"}, {ROLE_FILTER_PORT_1, "Port1"},                           \
     {ROLE_FILTER_PORT_2, "Port2"}, {ROLE_FILTER_TCP_FLAGS, "TCPFlags"})

static const struct event_binding events[] = {
    {20, ETW_EVENT_COMPONENT, NULL,
     ROLES({ROLE_COMPONENT_ID, "Id"}, {ROLE_COMPONENT_TYPE, "Type"}, {ROLE_COMPONENT_NAME, "Name"},
      {ROLE_COMPONENT_DESCRIPTION, "Description"}), NO_SOCKET},
    {30, ETW_EVENT_COMPONENT_FACT, finish_fact, FACT_ROLES(ROLE_FACT_NUMBER, "Value"), NO_SOCKET},
    {50, ETW_EVENT_COMPONENT_FACT, finish_fact, FACT_ROLES(ROLE_FACT_NUMBER, "Value"), NO_SOCKET},
    {60, ETW_EVENT_COMPONENT_FACT, finish_fact, FACT_ROLES(ROLE_FACT_NUMBER, "Value"), NO_SOCKET},
    {65, ETW_EVENT_COMPONENT_FACT, finish_fact, FACT_ROLES(ROLE_FACT_BYTES, "IpAddress"), NO_SOCKET},
    {66, ETW_EVENT_COMPONENT_FACT, finish_fact, FACT_ROLES(ROLE_FACT_BYTES, "IpAddress"), NO_SOCKET},
    {70, ETW_EVENT_COMPONENT_FACT, finish_fact, FACT_ROLES(ROLE_FACT_BYTES, "Value"), NO_SOCKET},
    {80, ETW_EVENT_DROP_COUNTERS, NULL, COUNTER_ROLES, NO_SOCKET},
    {90, ETW_EVENT_FLOW_COUNTERS, NULL, COUNTER_ROLES, NO_SOCKET},
    {100, ETW_EVENT_CAPTURE_FILTER, finish_filter, FILTER_ROLES, NO_SOCKET},
    {110, ETW_EVENT_CAPTURE_FILTER, finish_filter, FILTER_ROLES, NO_SOCKET},
    {160, ETW_EVENT_PACKET, finish_packet, PACKET_ROLES, NO_SOCKET},
    {170, ETW_EVENT_PACKET, finish_drop, PACKET_ROLES, NO_SOCKET},
    {240, ETW_EVENT_PACKET, finish_drop, PACKET_ROLES, NO_SOCKET},
};
/* clang-format on */

const struct provider_binding pktmon_provider = {
    .guid = GUID_OF(0x4d4f80d9, 0xc8bd, 0x4d73, 0xbb, 0x5b, 0x19, 0xc9, 0x04, 0x02, 0xc5, 0xac),
    .events = events,
    .event_count = COUNT_OF(events),
};
