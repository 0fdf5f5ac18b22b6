/* SPDX-License-Identifier: MIT */
/*
 * packet_route.h - where a packet was seen inside a virtual switch, or whose remote
 * access connection it belongs to: what etw_packet.route_data holds.
 *
 *     struct bytes data = packet->route_data;
 *     struct etw_switch_port port;
 *     uint32_t count = 0;
 *     etw_switch_source(&data, &port, &count);
 *     for (uint32_t i = 0; i < count && etw_switch_port_next(&data, &port); i++) { ... }
 *
 * The readers take what they read off `data`. Texts are UTF-16LE, borrowed from it.
 */
#ifndef ETW_PACKET_ROUTE_H
#define ETW_PACKET_ROUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "etw/base/bytes.h"

struct etw_switch_port {
    uint32_t id;
    struct bytes name;     /* of the port */
    struct bytes nic;      /* of the adapter that is plugged into it */
    struct bytes nic_type; /* Internal, External, Synthetic, ... */
};

/* False: the data end before the port does; `port` is then not to be used. */
bool etw_switch_port_next(struct bytes *data, struct etw_switch_port *port);
/* ETW_ROUTE_SWITCH: the port that the packet came from, and how many it goes to. Their ports
 * follow; the count is as logged, and the data may end before it. */
bool etw_switch_source(struct bytes *data, struct etw_switch_port *source,
                       uint32_t *destination_count);
/* ETW_ROUTE_RAS */
bool etw_ras_connection(struct bytes *data, struct bytes *routing_domain, struct bytes *user);

#endif
