/* SPDX-License-Identifier: MIT */
/*
 * services.c - the kernel logger's SystemConfig class: name and domain of the machine,
 * which services run in which process, and which addresses the network cards have.
 */
#include "etw/providers/binding.h"

/* clang-format off */
static const struct event_binding events[] = {
    {10, ETW_EVENT_SYSTEM_BUILD, NULL,
     ROLES({ROLE_BUILD_COMPUTER, "ComputerName"}, {ROLE_BUILD_DOMAIN, "DomainName"}), NO_SOCKET},
    {13, ETW_EVENT_ADDRESS, NULL,
     ROLES({ROLE_ADDRESS_INTERFACE, "Ipv4Index"}, {ROLE_ADDRESS_LIST, "IpAddresses"}), NO_SOCKET},
    {15, ETW_EVENT_SERVICE, NULL,
     ROLES({ROLE_SERVICE_PID, "ProcessId"}, {ROLE_SERVICE_TAG, "SubProcessTag"},
           {ROLE_SERVICE_NAME, "ServiceName"}), NO_SOCKET},
};
/* clang-format on */

const struct provider_binding services_provider = {
    .guid = GUID_OF(0x01853a65, 0x418f, 0x4f36, 0xae, 0xfc, 0xdc, 0x0f, 0x1d, 0x2f, 0xd2, 0x35),
    .is_classic = true,
    .events = events,
    .event_count = sizeof(events) / sizeof(events[0]),
};
