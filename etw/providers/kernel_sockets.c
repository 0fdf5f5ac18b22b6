/* SPDX-License-Identifier: MIT */
#include "etw/providers/kernel_sockets.h"

void kernel_socket_finish(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    struct etw_socket *socket = &event->u.socket;
    if (socket->sequence == 0) { /* how Windows says that there is none */
        socket->has &= ~(uint32_t)ETW_HAS_SEQUENCE;
    }
}

/* clang-format off */
#define NUMBERS                                                                                    \
    {ROLE_SOCKET_PID, "PID"}, {ROLE_SOCKET_BYTES, "size"}, {ROLE_SOCKET_SEQUENCE, "seqnum"}
#define END {ROLE_NONE, NULL}

const struct role_binding kernel_from_here[] = {
    NUMBERS, {ROLE_SOCKET_LOCAL_IP, "saddr"}, {ROLE_SOCKET_LOCAL_PORT, "sport"},
    {ROLE_SOCKET_REMOTE_IP, "daddr"}, {ROLE_SOCKET_REMOTE_PORT, "dport"}, END};
const struct role_binding kernel_to_here[] = {
    NUMBERS, {ROLE_SOCKET_REMOTE_IP, "saddr"}, {ROLE_SOCKET_REMOTE_PORT, "sport"},
    {ROLE_SOCKET_LOCAL_IP, "daddr"}, {ROLE_SOCKET_LOCAL_PORT, "dport"}, END};
const struct role_binding kernel_failure[] = {{ROLE_SOCKET_PROTOCOL, "Proto"}, END};
/* clang-format on */
