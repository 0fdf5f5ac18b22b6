/* SPDX-License-Identifier: MIT */
/*
 * system_config.c - SystemConfigEx: what the merge of a trace adds about the
 * machine it was recorded on.
 */
#include "etw/providers/binding.h"

#define MAC_SIZE_MAXIMUM 32 /* [documented: IF_MAX_PHYS_ADDRESS_LENGTH, netioapi.h] */

/* The row has room for the longest address and says how much of it is used. */
static void finish_interface(struct etw_event *event, const struct binding_raw *raw)
{
    struct bytes *mac = &event->u.interface.mac;
    if (raw->mac_size > MAC_SIZE_MAXIMUM) {
        mac->size = 0; /* not an interface row as we know it */
    } else if (raw->mac_size < mac->size) {
        mac->size = raw->mac_size;
    }
}

/* clang-format off */
static const struct event_binding events[] = {
    {32, ETW_EVENT_SYSTEM_BUILD, NULL,
     ROLES({ROLE_BUILD_LAB, "BuildLab"}, {ROLE_BUILD_PRODUCT, "ProductName"}), NO_SOCKET},
    {36, ETW_EVENT_INTERFACE, finish_interface,
     ROLES({ROLE_INTERFACE_INDEX, "InterfaceIndex"}, {ROLE_INTERFACE_TYPE, "Type"},
      {ROLE_INTERFACE_GUID, "InterfaceGuid"}, {ROLE_INTERFACE_ALIAS, "Alias"},
      {ROLE_INTERFACE_DESCRIPTION, "Description"}, {ROLE_INTERFACE_MAC, "PhysicalAddress"},
      {ROLE_INTERFACE_SPEED, "TransmitLinkSpeed"},
      {ROLE_RAW_MAC_SIZE, "PhysicalAddressLength"}), NO_SOCKET},
};
/* clang-format on */

const struct provider_binding system_config_provider = {
    .guid = GUID_OF(0x9b79ee91, 0xb5fd, 0x41c0, 0xa2, 0x43, 0x42, 0x48, 0xe2, 0x66, 0xe9, 0xd0),
    .is_classic = true,
    .events = events,
    .event_count = sizeof(events) / sizeof(events[0]),
};
