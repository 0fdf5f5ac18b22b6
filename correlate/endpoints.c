/* SPDX-License-Identifier: MIT */
#include "correlate/endpoints.h"

#include <string.h>

#define MAPPED_PREFIX 12

_Static_assert(sizeof(struct corr_endpoint) == 20, "no padding: ends are hashed as bytes");

struct corr_endpoint corr_endpoint_of_event(const struct etw_socket_address *address)
{
    static const uint8_t mapped[MAPPED_PREFIX] = {[10] = 0xff, [11] = 0xff};
    struct corr_endpoint end = {.port = address->has_port ? address->port : 0};
    if (address->size == 16 && memcmp(address->bytes, mapped, sizeof(mapped)) == 0) {
        end.size = 4;
        memcpy(end.bytes, address->bytes + sizeof(mapped), 4);
    } else if (address->size == 4 || address->size == 16) {
        end.size = address->size;
        memcpy(end.bytes, address->bytes, address->size);
    }
    return end;
}

struct corr_endpoint corr_endpoint_of_packet(const struct corr_address *address, uint16_t port)
{
    struct corr_endpoint end = {.port = port};
    if (address->size == 4) { /* fixed sizes: every packet comes by here */
        end.size = 4;
        memcpy(end.bytes, address->bytes, 4);
    } else if (address->size == 16) {
        end.size = 16;
        memcpy(end.bytes, address->bytes, 16);
    }
    return end;
}

bool corr_endpoint_is_any(const struct corr_endpoint *endpoint)
{
    static const uint8_t any[sizeof(endpoint->bytes)] = {0};
    return endpoint->size > 0 && memcmp(endpoint->bytes, any, endpoint->size) == 0;
}

bool corr_endpoint_same_address(const struct corr_endpoint *a, const struct corr_endpoint *b)
{
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

bool corr_endpoint_equal(const struct corr_endpoint *a, const struct corr_endpoint *b)
{
    return a->port == b->port && corr_endpoint_same_address(a, b);
}
