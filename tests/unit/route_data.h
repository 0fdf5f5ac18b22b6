/* SPDX-License-Identifier: MIT */
/*
 * route_data.h - ports of virtual switches and remote access connections as their events
 * carry them.
 */
#ifndef TESTS_UNIT_ROUTE_DATA_H
#define TESTS_UNIT_ROUTE_DATA_H

#include "tests/unit/payload_writer.h"

static inline void put_port(struct payload *to, uint32_t id, const char *name, const char *nic,
                            const char *type)
{
    put_number(to, 4, id);
    put_text(to, name);
    put_text(to, nic);
    put_text(to, type);
}

/* From port 3 to `count` ports from 100 on. */
static inline struct payload switch_route(uint32_t count)
{
    struct payload payload = {.size = 0};
    put_port(&payload, 3, "port", "web-01", "Synthetic");
    put_number(&payload, 4, count);
    for (uint32_t i = 0; i < count; i++) {
        put_port(&payload, 100 + i, "", "b", "");
    }
    return payload;
}

static inline struct payload ras_route(const char *domain, const char *user)
{
    struct payload payload = {.size = 0};
    put_text(&payload, domain);
    put_text(&payload, user);
    return payload;
}

static inline struct etw_packet routed_packet(enum etw_route kind, const struct payload *payload)
{
    struct etw_packet packet = {.capture = ETW_CAPTURE_NDIS,
                                .link = ETW_LINK_ETHERNET,
                                .is_start = true,
                                .is_end = true,
                                .route = kind,
                                .route_data = bytes_of(payload->data, payload->size)};
    return packet;
}

#endif
