/* SPDX-License-Identifier: MIT */
/*
 * ras_capture.c - Microsoft-Windows-Ras-NdisWanPacketCapture: packets of dial-in and VPN
 * connections before they are encrypted, or after.
 */
#include "etw/packet_route.h"
#include "etw/providers/binding.h"

/*
 * Every packet is one event. NdisWan makes Ethernet frames of what it carries
 * [documented: public readers]; as no trace of it has been seen, PPP and IP are recognised
 * by their bytes.
 */
static void finish_packet(struct etw_event *event, const struct binding_raw *raw,
                          enum etw_direction direction)
{
    struct etw_packet *packet = &event->u.packet;
    struct bytes rest = raw->bytes;
    struct bytes domain, user;
    packet->capture = ETW_CAPTURE_RAS;
    packet->link = ETW_LINK_PPP;
    packet->direction = direction;
    packet->is_start = true;
    packet->is_end = true;
    if (etw_ras_connection(&rest, &domain, &user)) {
        packet->route = ETW_ROUTE_RAS;
        bytes_set(&packet->route_data, rest.data, rest.position);
    }
}

static void finish_sent(struct etw_event *event, const struct binding_raw *raw)
{
    finish_packet(event, raw, ETW_DIRECTION_OUT);
}

static void finish_received(struct etw_event *event, const struct binding_raw *raw)
{
    finish_packet(event, raw, ETW_DIRECTION_IN);
}

/* clang-format off */
#define PACKET_ROLES                                                                              \
    ROLES({ROLE_RAW_REST, "RoutingDomainID"}, {ROLE_PACKET_DATA, "Fragment"})

static const struct event_binding events[] = {
    {5001, ETW_EVENT_PACKET, finish_sent, PACKET_ROLES, NO_SOCKET},
    {5002, ETW_EVENT_PACKET, finish_received, PACKET_ROLES, NO_SOCKET},
};
/* clang-format on */

const struct provider_binding ras_capture_provider = {
    .guid = GUID_OF(0xd84521f7, 0x2235, 0x4237, 0xa7, 0xc0, 0x14, 0xe3, 0xa9, 0x67, 0x62, 0x86),
    .events = events,
    .event_count = sizeof(events) / sizeof(events[0]),
};
