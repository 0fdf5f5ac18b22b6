/* SPDX-License-Identifier: MIT */
/*
 * local_addresses.h - the IP addresses of the machine that recorded.
 *
 * Learned from address events and from the local ends of sockets; only the former
 * make the list complete enough to say that an address is not local.
 */
#ifndef CORRELATE_LOCAL_ADDRESSES_H
#define CORRELATE_LOCAL_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "etw/base/error.h"
#include "etw/event.h"

/* What comes later is left out, and the list is no longer complete. */
#define CORR_LOCAL_ADDRESSES_MAXIMUM 65536

struct corr_local_addresses;

enum etw_status corr_local_addresses_new(struct corr_local_addresses **out,
                                         struct etw_error *error);
void corr_local_addresses_free(struct corr_local_addresses *addresses);

/* Takes ETW_EVENT_ADDRESS, the addresses of the packet monitor's components
 * (ETW_EVENT_COMPONENT_FACT) and the local ends of ETW_EVENT_SOCKET; ignores the rest.
 * Addresses that stand for any, for all or for a group are not taken; an address that is
 * removed stays, it was local before. */
enum etw_status corr_local_addresses_learn(struct corr_local_addresses *addresses,
                                           const struct etw_event *event, struct etw_error *error);
/* `size` 4 or 16. Loopback is always local; ::ffff:a.b.c.d is the same as a.b.c.d. */
bool corr_local_addresses_has(const struct corr_local_addresses *addresses, const uint8_t *bytes,
                              uint8_t size);
/* The trace listed the machine's addresses of this size, so that others are not local. */
bool corr_local_addresses_is_complete(const struct corr_local_addresses *addresses, uint8_t size);

#endif
