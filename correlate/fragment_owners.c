/* SPDX-License-Identifier: MIT */
#include "correlate/fragment_owners.h"

#include <stdlib.h>
#include <string.h>

#include "etw/base/hash_index.h"

#define ROWS 4096u

/* A receiver waits for fragments no longer than this, in 100 ns (RFC 1122: 60 to 120 s;
 * Windows: less). Identifications are used again soon. */
#define FRAGMENT_AGE (30 * INT64_C(10000000))

struct fragment_owners {
    struct first_fragment rows[ROWS]; /* at hash % ROWS; the last one counts */
};

enum etw_status fragment_owners_new(struct fragment_owners **out, struct etw_error *error)
{
    *out = calloc(1, sizeof(**out));
    return *out ? ETW_OK : etw_fail_memory(error, "the owners of fragments");
}

void fragment_owners_free(struct fragment_owners *owners)
{
    free(owners);
}

/* Bytes behind the size of an address mean nothing. */
static void copy_address(uint8_t to[16], const struct corr_address *address)
{
    memcpy(to, address->bytes, address->size <= 16 ? address->size : 0);
}

/* Never 0. IPv6 fragments have their identification for both addresses alone. */
static uint64_t hash_of(const struct corr_layers *layers)
{
    struct {
        uint8_t source[16], destination[16];
        uint32_t id;
        uint16_t protocol, size;
    } key = {.id = layers->fragment_id, .size = layers->source.size};
    key.protocol = layers->network == CORR_NETWORK_IPV4 ? layers->ip_protocol : 0;
    copy_address(key.source, &layers->source);
    copy_address(key.destination, &layers->destination);
    uint64_t hash = hash_bytes(&key, sizeof(key));
    return hash ? hash : 1;
}

void fragment_owners_remember(struct fragment_owners *owners, const struct corr_layers *layers,
                              enum etw_direction direction, int64_t time,
                              const struct corr_verdict *verdict)
{
    uint64_t hash = hash_of(layers);
    owners->rows[hash % ROWS] = (struct first_fragment){
        .hash = hash,
        .time = time,
        .verdict = *verdict,
        .source_port = layers->source_port,
        .destination_port = layers->destination_port,
        .payload_size = layers->payload_size,
        .direction = (uint8_t)direction,
        .protocol = layers->ip_protocol,
        .has_ports = layers->has_ports,
    };
}

const struct first_fragment *fragment_owners_find(const struct fragment_owners *owners,
                                                  const struct corr_layers *layers, int64_t time)
{
    uint64_t hash = hash_of(layers);
    const struct first_fragment *row = &owners->rows[hash % ROWS];
    bool is_found = row->hash == hash && row->time <= time &&
                    (uint64_t)time - (uint64_t)row->time <= FRAGMENT_AGE;
    return is_found ? row : NULL;
}
