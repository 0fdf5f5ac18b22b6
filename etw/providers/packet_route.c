/* SPDX-License-Identifier: MIT */
#include "etw/packet_route.h"

/* Text up to its NUL, which is taken, too. */
static bool take_text(struct bytes *data, struct bytes *text)
{
    size_t left = bytes_left(data);
    const uint8_t *start = left > 0 ? data->data + data->position : NULL;
    size_t size = 0;
    while (size + 2 <= left && load_u16(start + size) != 0) {
        size += 2;
    }
    bytes_skip(data, size + 2);
    bytes_set(text, start, size);
    return !data->failed;
}

/*
 * A port of the virtual switch     [documented: member names of event 1003 in public readers]
 *   u32 id, then three texts with NUL: name, name of the adapter, type of the adapter
 */
bool etw_switch_port_next(struct bytes *data, struct etw_switch_port *port)
{
    port->id = bytes_u32(data);
    return take_text(data, &port->name) && take_text(data, &port->nic) &&
           take_text(data, &port->nic_type);
}

bool etw_switch_source(struct bytes *data, struct etw_switch_port *source,
                       uint32_t *destination_count)
{
    if (!etw_switch_port_next(data, source)) {
        return false;
    }
    *destination_count = bytes_u32(data);
    return !data->failed;
}

bool etw_ras_connection(struct bytes *data, struct bytes *routing_domain, struct bytes *user)
{
    return take_text(data, routing_domain) && take_text(data, user);
}
