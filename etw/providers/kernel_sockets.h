/* SPDX-License-Identifier: MIT */
/*
 * kernel_sockets.h - what the kernel's two forms of network events share: the classic
 * classes TcpIp and UdpIp, and the provider Kernel-Network. Both call their properties
 * the same.
 *
 * TCP events have the local end as source, also for what is received; UDP events
 * the source and destination of the packet. [measured]
 */
#ifndef ETW_PROVIDERS_KERNEL_SOCKETS_H
#define ETW_PROVIDERS_KERNEL_SOCKETS_H

#include "etw/providers/binding.h"

enum { KERNEL_TCP = 6, KERNEL_UDP = 17 }; /* IP protocols */

void kernel_socket_finish(struct etw_event *event, const struct binding_raw *raw);

extern const struct role_binding kernel_from_here[]; /* the source is the local end */
extern const struct role_binding kernel_to_here[];   /* the destination is */
extern const struct role_binding kernel_failure[];

/* Rows of the tables: event id or opcode, action, roles. */
#define KERNEL_ROW(id, what, finish, roles, protocol)                                              \
    {                                                                                              \
        id, ETW_EVENT_SOCKET, finish, roles,                                                       \
        {                                                                                          \
            ETW_LAYER_KERNEL, ETW_ACTION_##what, ETW_PHASE_SINGLE, protocol, false                 \
        }                                                                                          \
    }
#define TCP(id, what)        KERNEL_ROW(id, what, kernel_socket_finish, kernel_from_here, KERNEL_TCP)
#define UDP(id, what, roles) KERNEL_ROW(id, what, kernel_socket_finish, roles, KERNEL_UDP)
#define FAIL(id)             KERNEL_ROW(id, FAILED, NULL, kernel_failure, 0)

#endif
