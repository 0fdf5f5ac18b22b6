/* SPDX-License-Identifier: MIT */
#include "correlate/refusals.h"

#include <string.h>

#include "correlate/packet_layers.h"

#define PROTOCOL_TCP 6

static struct etw_socket_address address_of(const struct corr_address *address, uint16_t port)
{
    struct etw_socket_address end = {.size = address->size, .has_port = true, .port = port};
    memcpy(end.bytes, address->bytes, sizeof(end.bytes));
    return end;
}

/* RFC 9293, 3.10.7.1: number 0 with ACK; no connection sends such a one. */
static bool is_refusal(const struct corr_layers *layers)
{
    const uint8_t both = CORR_TCP_RST | CORR_TCP_ACK;
    return layers->has_tcp && layers->has_ports && (layers->tcp_flags & both) == both &&
           layers->tcp_seq == 0;
}

bool refusal_of_packet(const struct etw_event *event, struct etw_event *refusal)
{
    const struct etw_packet *packet = &event->u.packet;
    if (event->kind != ETW_EVENT_PACKET || packet->direction != ETW_DIRECTION_OUT ||
        (packet->capture != ETW_CAPTURE_PKTMON && !packet->is_start)) {
        return false;
    }
    struct corr_layers layers;
    corr_layers_read(corr_link_by_bytes(packet->link, packet->data.data, packet->data.size),
                     packet->data.data, packet->data.size, &layers);
    if (!is_refusal(&layers)) {
        return false;
    }
    *refusal = (struct etw_event){.kind = ETW_EVENT_SOCKET, .record = event->record};
    struct etw_socket *socket = &refusal->u.socket;
    socket->layer = ETW_LAYER_STACK;
    socket->action = ETW_ACTION_DROP;
    socket->has = ETW_HAS_LOCAL | ETW_HAS_REMOTE | ETW_HAS_PROTOCOL;
    socket->protocol = PROTOCOL_TCP;
    socket->local = address_of(&layers.source, layers.source_port);
    socket->remote = address_of(&layers.destination, layers.destination_port);
    socket->is_listener_missing = true;
    return true;
}
