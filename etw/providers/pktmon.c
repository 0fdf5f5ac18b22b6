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

static void set_direction(struct etw_packet *packet)
{
    packet->capture = ETW_CAPTURE_PKTMON;
    if (packet->direction_tag < COUNT_OF(directions)) {
        packet->direction = directions[packet->direction_tag];
    }
}

static void finish_packet(struct etw_event *event, const struct binding_raw *raw)
{
    struct etw_packet *packet = &event->u.packet;
    set_direction(packet);
    packet->is_start = true;
    packet->is_end = true;
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

/*
 * The words that NDIS keeps with a list of packets, as 32 bits each. What the first two mean
 * depends on the direction. [documented: Windows driver kit, nblchecksum.h, nbllso.h,
 * nbl8021q.h, nblhash.h, nblrsc.h, nblvirtualsubnet.h; no real trace has them]
 *
 *   checksum, sent       bit 0 IPv4, 1 IPv6; to be computed by the adapter: 2 TCP, 3 UDP, 4 IP
 *   checksum, received   found wrong: bit 0 TCP, 1 UDP, 2 IP; found right: 3 TCP, 4 UDP, 5 IP;
 *                        6 loopback; right, but another one stands in the frame: 7 TCP, 8 IP
 *   large send           bits 0-19 size of segments, 20-29 offset of TCP, 30-31 version
 *   802.1Q               bits 0-2 priority, 3 format, 4-15 VLAN
 *   hash                 information: function and type, 0: none; and the value
 *   virtual subnet       bits 0-23
 *   coalesced            bits 0-15 segments, 16-31 duplicate acknowledgements
 */
#define CHECKSUM_TO_COMPUTE   0x1Cu
#define CHECKSUM_FAILED       0x07u
#define CHECKSUM_SUCCEEDED    0x38u
#define CHECKSUM_NOT_IN_PLACE 0x180u
#define LARGE_SEND_SIZE       0xFFFFFu
#define SUBNET_MASK           0xFFFFFFu

static void read_sent(struct etw_offload *offload, const struct binding_raw *raw)
{
    offload->segment_size = raw->large_send & LARGE_SEND_SIZE;
    if (raw->checksum & CHECKSUM_TO_COMPUTE) {
        offload->flags |= ETW_OFFLOAD_CHECKSUM;
    }
    if (offload->segment_size > 0) { /* each segment gets checksums of its own */
        offload->flags |= ETW_OFFLOAD_SEGMENTS | ETW_OFFLOAD_CHECKSUM;
    }
}

static void read_received(struct etw_offload *offload, const struct binding_raw *raw)
{
    offload->coalesced = (uint16_t)raw->coalesced;
    if (offload->coalesced > 0) {
        offload->flags |= ETW_OFFLOAD_COALESCED;
    }
    if (raw->checksum & CHECKSUM_FAILED) {
        offload->flags |= ETW_OFFLOAD_FAILED;
    } else if (raw->checksum & CHECKSUM_SUCCEEDED) {
        offload->flags |= ETW_OFFLOAD_VERIFIED;
    }
    if (raw->checksum & CHECKSUM_NOT_IN_PLACE) {
        offload->flags |= ETW_OFFLOAD_CHECKSUM;
    }
}

static void finish_offload(struct etw_event *event, const struct binding_raw *raw)
{
    struct etw_packet *packet = &event->u.packet;
    struct etw_offload *offload = &packet->offload;
    set_direction(packet);
    if (packet->direction == ETW_DIRECTION_OUT) {
        read_sent(offload, raw);
    } else if (packet->direction == ETW_DIRECTION_IN) {
        read_received(offload, raw);
    }
    offload->priority = raw->vlan & 7;
    offload->vlan = raw->vlan >> 4 & 0xFFF;
    offload->has_vlan = offload->vlan != 0 || offload->priority != 0;
    offload->has_hash = raw->hash_info != 0;
    offload->hash = raw->hash;
    offload->virtual_subnet = raw->virtual_subnet & SUBNET_MASK;
}

static void finish_drop_offload(struct etw_event *event, const struct binding_raw *raw)
{
    finish_offload(event, raw);
    event->u.packet.is_dropped = true;
}

static void finish_headers(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    set_direction(&event->u.packet);
}

static void finish_drop_headers(struct etw_event *event, const struct binding_raw *raw)
{
    finish_headers(event, raw);
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
#define POINT_ROLES                                                                               \
     {ROLE_PACKET_DIRECTION_TAG, "DirTag"}, {ROLE_PACKET_COMPONENT, "ComponentId"},               \
     {ROLE_PACKET_EDGE, "EdgeId"}
/* What was called PktNumber before Windows 10 2004. */
#define GROUP_ROLES                                                                               \
     {ROLE_PACKET_GROUP, "PktGroupId"}, {ROLE_PACKET_COUNT, "PktCount|PktNumber"},                \
     {ROLE_PACKET_APPEARANCE, "AppearanceCount"}
#define REASON_ROLES                                                                              \
     {ROLE_PACKET_FILTER, "FilterId"}, {ROLE_PACKET_DROP_REASON, "DropReason"},                   \
     {ROLE_PACKET_DROP_LOCATION, "DropLocation"}
#define OFFLOAD_ROLES                                                                             \
    ROLES(GROUP_ROLES, POINT_ROLES, {ROLE_RAW_CHECKSUM, "TcpIpChecksum"},                              \
     {ROLE_RAW_LARGE_SEND, "TcpLargeSend"}, {ROLE_RAW_VLAN, "Ieee8021Q"},                         \
     {ROLE_RAW_HASH_INFO, "HashInfo"}, {ROLE_RAW_HASH, "HashValue"},                              \
     {ROLE_RAW_VIRTUAL_SUBNET, "VirtualSubnetInfo"},                                              \
     {ROLE_RAW_COALESCED, "TcpRecvSegCoalesceInfo"})
#define HEADERS_ROLES ROLES(GROUP_ROLES, POINT_ROLES, REASON_ROLES)
#define PAYLOAD_ROLES                                                                             \
    ROLES(POINT_ROLES, REASON_ROLES, {ROLE_PACKET_ORIGINAL_SIZE, "OriginalPayloadSize"},               \
     {ROLE_PACKET_DATA, "Payload"})
#define COMPONENT_ROLES                                                                           \
    ROLES({ROLE_COMPONENT_ID, "Id"}, {ROLE_COMPONENT_TYPE, "Type"}, {ROLE_COMPONENT_NAME, "Name"},    \
     {ROLE_COMPONENT_DESCRIPTION, "Description"})
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
    {20, ETW_EVENT_COMPONENT, NULL, COMPONENT_ROLES, NO_SOCKET},
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
    {120, ETW_EVENT_PACKET_HEADERS, finish_headers, HEADERS_ROLES, NO_SOCKET},
    {130, ETW_EVENT_PACKET_HEADERS, finish_headers, HEADERS_ROLES, NO_SOCKET},
    {140, ETW_EVENT_PACKET_HEADERS, finish_drop_headers, HEADERS_ROLES, NO_SOCKET},
    {150, ETW_EVENT_PACKET_HEADERS, finish_drop_headers, HEADERS_ROLES, NO_SOCKET},
    {160, ETW_EVENT_PACKET, finish_packet, PACKET_ROLES, NO_SOCKET},
    {170, ETW_EVENT_PACKET, finish_drop, PACKET_ROLES, NO_SOCKET},
    {180, ETW_EVENT_PACKET_OFFLOAD, finish_offload, OFFLOAD_ROLES, NO_SOCKET},
    {190, ETW_EVENT_PACKET_OFFLOAD, finish_drop_offload, OFFLOAD_ROLES, NO_SOCKET},
    {200, ETW_EVENT_PACKET_HEADERS, finish_headers, PAYLOAD_ROLES, NO_SOCKET},
    {210, ETW_EVENT_PACKET_HEADERS, finish_drop_headers, PAYLOAD_ROLES, NO_SOCKET},
    {220, ETW_EVENT_PACKET_HEADERS, finish_headers, PAYLOAD_ROLES, NO_SOCKET},
    {230, ETW_EVENT_PACKET_HEADERS, finish_drop_headers, PAYLOAD_ROLES, NO_SOCKET},
    {240, ETW_EVENT_PACKET, finish_drop, PACKET_ROLES, NO_SOCKET},
    NOTED(250),
    NOTED(260),
    {270, ETW_EVENT_COMPONENT, NULL, COMPONENT_ROLES, NO_SOCKET},
    {280, ETW_EVENT_COMPONENT, NULL, COMPONENT_ROLES, NO_SOCKET},
};
/* clang-format on */

const struct provider_binding pktmon_provider = {
    .guid = GUID_OF(0x4d4f80d9, 0xc8bd, 0x4d73, 0xbb, 0x5b, 0x19, 0xc9, 0x04, 0x02, 0xc5, 0xac),
    .events = events,
    .event_count = COUNT_OF(events),
};
