/* SPDX-License-Identifier: MIT */
/*
 * classic_network.c - the kernel logger's TcpIp and UdpIp classes, which are
 * kernel_network.c's events in their older form.
 */
#include "etw/providers/kernel_sockets.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

/* clang-format off */
static const struct event_binding tcp_events[] = {
    TCP(10, DATA_OUT),
    TCP(11, DATA_IN),
    TCP(12, CONNECT),
    TCP(13, CLOSE),
    TCP(14, RETRANSMIT),
    TCP(15, ACCEPT),
    TCP(16, CONNECT),
    FAIL(17),
    TCP(18, DELIVERED),
    TCP(19, DELIVERED),
    TCP(20, OTHER),
    TCP(21, OTHER),
    TCP(22, OTHER),
    TCP(26, DATA_OUT),
    TCP(27, DATA_IN),
    TCP(28, CONNECT),
    TCP(29, CLOSE),
    TCP(30, RETRANSMIT),
    TCP(31, ACCEPT),
    TCP(32, CONNECT),
    FAIL(33),
    TCP(34, DELIVERED),
    TCP(35, DELIVERED),
    TCP(36, OTHER),
    TCP(37, OTHER),
    TCP(38, OTHER),
};

static const struct event_binding udp_events[] = {
    UDP(10, SEND_TO, kernel_from_here),
    UDP(11, RECEIVE_FROM, kernel_to_here),
    FAIL(17),
    UDP(26, SEND_TO, kernel_from_here),
    UDP(27, RECEIVE_FROM, kernel_to_here),
};
/* clang-format on */

const struct provider_binding classic_tcpip_provider = {
    .guid = GUID_OF(0x9a280ac0, 0xc8e0, 0x11d1, 0x84, 0xe2, 0x00, 0xc0, 0x4f, 0xb9, 0x98, 0xa2),
    .is_classic = true,
    .events = tcp_events,
    .event_count = COUNT_OF(tcp_events),
};

const struct provider_binding classic_udpip_provider = {
    .guid = GUID_OF(0xbf3a50c5, 0xa9c9, 0x4988, 0xa0, 0x05, 0x2d, 0xf0, 0xb7, 0xc8, 0x0f, 0x80),
    .is_classic = true,
    .events = udp_events,
    .event_count = COUNT_OF(udp_events),
};
