/* SPDX-License-Identifier: MIT */
/*
 * kernel_network.c - Microsoft-Windows-Kernel-Network: connections, data and
 * datagrams with the process id in the payload.
 */
#include "etw/providers/kernel_sockets.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

/* clang-format off */
static const struct event_binding events[] = {
    TCP(10, DATA_OUT),
    TCP(11, DATA_IN),
    TCP(12, CONNECT),
    TCP(13, CLOSE),
    TCP(14, RETRANSMIT),
    TCP(15, ACCEPT),
    TCP(16, CONNECT),
    FAIL(17),
    TCP(18, DELIVERED),
    TCP(26, DATA_OUT),
    TCP(27, DATA_IN),
    TCP(28, CONNECT),
    TCP(29, CLOSE),
    TCP(30, RETRANSMIT),
    TCP(31, ACCEPT),
    TCP(32, CONNECT),
    TCP(34, DELIVERED),
    UDP(42, SEND_TO, kernel_from_here),
    UDP(43, RECEIVE_FROM, kernel_to_here),
    FAIL(49),
    UDP(58, SEND_TO, kernel_from_here),
    UDP(59, RECEIVE_FROM, kernel_to_here),
};
/* clang-format on */

const struct provider_binding kernel_network_provider = {
    .guid = GUID_OF(0x7dd42a49, 0x5329, 0x4832, 0x8d, 0xfd, 0x43, 0xd9, 0x79, 0x15, 0x3a, 0x88),
    .events = events,
    .event_count = COUNT_OF(events),
};
