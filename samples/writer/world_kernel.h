/* SPDX-License-Identifier: MIT */
/*
 * world_kernel.h - the kernel's own network events: the provider Kernel-Network, or the
 * classic TcpIp and UdpIp of the kernel logger. Their headers name nobody, their payloads do.
 */
#ifndef SAMPLES_WRITER_WORLD_KERNEL_H
#define SAMPLES_WRITER_WORLD_KERNEL_H

#include "world_state.h"

enum kernel_event {
    KERNEL_SENT,
    KERNEL_RECEIVED,
    KERNEL_CONNECTED,
    KERNEL_DISCONNECTED,
    KERNEL_REPEATED,
    KERNEL_ACCEPTED,
    KERNEL_DATAGRAM_SENT,
    KERNEL_DATAGRAM_RECEIVED
};

/* About the connection or datagram whose ends the burst has as local and remote. */
void kernel_log(struct world_burst *burst, enum kernel_event event,
                const struct world_process *owner, size_t size);

#endif
