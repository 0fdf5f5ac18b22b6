/* SPDX-License-Identifier: MIT */
/*
 * classic_network.c - TCP and UDP, as the kernel logger has them.
 *
 * In TCP events saddr and sport are the local end, for what is received too; UDP
 * events have the addresses of the packet. [measured]
 */
#include "etw/schema/classic_tables.h"

/* clang-format off */

/* Versions of Windows 2000 to Vista. [documented; v2 measured] From version 1 to 2
 * connid and seqnum changed places. */
#define PAIR_V4 IPV4("daddr"), IPV4("saddr"), PORT("dport"), PORT("sport")
#define PAIR_V6 IPV6("daddr"), IPV6("saddr"), PORT("dport"), PORT("sport")
#define OPTIONS                                                                                    \
    U16("mss"), U16("sackopt"), U16("tsopt"), U16("wsopt"), U32("rcvwin"), I16("rcvwinscale"),     \
    I16("sndwinscale")
#define END_V1 POINTER("connid"), U32("seqnum")
#define END_V2 U32("seqnum"), POINTER("connid")

/* ---- TcpIp ---- */

static const struct schema_property tcp_v0[] = {PAIR_V4, U32("size"), PID("PID")};

static const struct schema_property tcp_other_v1[] = {PID("PID"), U32("size"), PAIR_V4, END_V1};
static const struct schema_property tcp_send_v1[] = {
    PID("PID"), U32("size"), PAIR_V4, U32("startime"), U32("endtime"), END_V1};
static const struct schema_property tcp_open_v1[] = {
    PID("PID"), U32("size"), PAIR_V4, OPTIONS, END_V1};
static const struct schema_property tcp_fail_v1[] = {U32("Proto")};

static const struct schema_property tcp_other_v2[] = {PID("PID"), U32("size"), PAIR_V4, END_V2};
static const struct schema_property tcp_send_v2[] = {
    PID("PID"), U32("size"), PAIR_V4, U32("startime"), U32("endtime"), END_V2};
static const struct schema_property tcp_open_v2[] = {
    PID("PID"), U32("size"), PAIR_V4, OPTIONS, END_V2};
static const struct schema_property fail_v2[] = {U16("Proto"), U16("FailureCode")};

static const struct schema_property tcp6_other_v2[] = {PID("PID"), U32("size"), PAIR_V6, END_V2};
static const struct schema_property tcp6_send_v2[] = {
    PID("PID"), U32("size"), PAIR_V6, U32("startime"), U32("endtime"), END_V2};
static const struct schema_property tcp6_open_v2[] = {
    PID("PID"), U32("size"), PAIR_V6, OPTIONS, END_V2};

#define TCP_GUID                                                                                   \
    GUID_OF(0x9a280ac0, 0xc8e0, 0x11d1, 0x84, 0xe2, 0x00, 0xc0, 0x4f, 0xb9, 0x98, 0xa2)
#define TCP(...) {.provider = TCP_GUID, CLASSIC_EVENT("TcpIp", __VA_ARGS__)}

static const struct event_schema tcp_events[] = {
    TCP(10, 0, "Send", ALL_OF(tcp_v0)),
    TCP(10, 1, "Send", ALL_OF(tcp_send_v1)),
    TCP(10, 2, "Send", ALL_OF(tcp_send_v2)),
    TCP(11, 0, "Recv", ALL_OF(tcp_v0)),
    TCP(11, 1, "Recv", ALL_OF(tcp_other_v1)),
    TCP(11, 2, "Recv", ALL_OF(tcp_other_v2)),
    TCP(12, 0, "Connect", ALL_OF(tcp_v0)),
    TCP(12, 1, "Connect", ALL_OF(tcp_open_v1)),
    TCP(12, 2, "Connect", ALL_OF(tcp_open_v2)),
    TCP(13, 0, "Disconnect", ALL_OF(tcp_v0)),
    TCP(13, 1, "Disconnect", ALL_OF(tcp_other_v1)),
    TCP(13, 2, "Disconnect", ALL_OF(tcp_other_v2)),
    TCP(14, 0, "Retransmit", ALL_OF(tcp_v0)),
    TCP(14, 1, "Retransmit", ALL_OF(tcp_other_v1)),
    TCP(14, 2, "Retransmit", ALL_OF(tcp_other_v2)),
    TCP(15, 0, "Accept", ALL_OF(tcp_v0)),
    TCP(15, 1, "Accept", ALL_OF(tcp_open_v1)),
    TCP(15, 2, "Accept", ALL_OF(tcp_open_v2)),
    TCP(16, 1, "Reconnect", ALL_OF(tcp_other_v1)),
    TCP(16, 2, "Reconnect", ALL_OF(tcp_other_v2)),
    TCP(17, 1, "Fail", ALL_OF(tcp_fail_v1)),
    TCP(17, 2, "Fail", ALL_OF(fail_v2)),
    TCP(18, 1, "TCPCopy", ALL_OF(tcp_other_v1)),
    TCP(18, 2, "TCPCopy", ALL_OF(tcp_other_v2)),
    TCP(19, 1, "ARPCopy", ALL_OF(tcp_other_v1)),
    TCP(19, 2, "ARPCopy", ALL_OF(tcp_other_v2)),
    TCP(20, 1, "FullACK", ALL_OF(tcp_other_v1)),
    TCP(20, 2, "FullACK", ALL_OF(tcp_other_v2)),
    TCP(21, 1, "PartACK", ALL_OF(tcp_other_v1)),
    TCP(21, 2, "PartACK", ALL_OF(tcp_other_v2)),
    TCP(22, 1, "DupACK", ALL_OF(tcp_other_v1)),
    TCP(22, 2, "DupACK", ALL_OF(tcp_other_v2)),
    TCP(26, 2, "SendIPV6", ALL_OF(tcp6_send_v2)),
    TCP(27, 2, "RecvIPV6", ALL_OF(tcp6_other_v2)),
    TCP(28, 2, "ConnectIPV6", ALL_OF(tcp6_open_v2)),
    TCP(29, 2, "DisconnectIPV6", ALL_OF(tcp6_other_v2)),
    TCP(30, 2, "RetransmitIPV6", ALL_OF(tcp6_other_v2)),
    TCP(31, 2, "AcceptIPV6", ALL_OF(tcp6_open_v2)),
    TCP(32, 2, "ReconnectIPV6", ALL_OF(tcp6_other_v2)),
    TCP(33, 1, "FailIPV6", ALL_OF(tcp_fail_v1)),
    TCP(33, 2, "FailIPV6", ALL_OF(fail_v2)),
    TCP(34, 2, "TCPCopyIPV6", ALL_OF(tcp6_other_v2)),
    TCP(35, 2, "ARPCopyIPV6", ALL_OF(tcp6_other_v2)),
    TCP(36, 2, "FullACKIPV6", ALL_OF(tcp6_other_v2)),
    TCP(37, 2, "PartACKIPV6", ALL_OF(tcp6_other_v2)),
    TCP(38, 2, "DupACKIPV6", ALL_OF(tcp6_other_v2)),
};

const struct classic_class classic_tcpip = {TCP_GUID, tcp_events, COUNT_OF(tcp_events)};

/* ---- UdpIp ---- */

/* [documented] */
static const struct schema_property udp_v0[] = {
    POINTER("context"), IPV4("saddr"), PORT("sport"), U16("size"), IPV4("daddr"), PORT("dport"),
    U16("dsize"),
};
static const struct schema_property udp_v2[] = {PID("PID"), U32("size"), PAIR_V4, END_V2};
#define UDP_V1_COUNT 6
static const struct schema_property udp6_v2[] = {PID("PID"), U32("size"), PAIR_V6, END_V2};

#define UDP_GUID                                                                                   \
    GUID_OF(0xbf3a50c5, 0xa9c9, 0x4988, 0xa0, 0x05, 0x2d, 0xf0, 0xb7, 0xc8, 0x0f, 0x80)
#define UDP(...) {.provider = UDP_GUID, CLASSIC_EVENT("UdpIp", __VA_ARGS__)}

static const struct event_schema udp_events[] = {
    UDP(10, 0, "Send", ALL_OF(udp_v0)),
    UDP(10, 1, "Send", FIRST_OF(udp_v2, UDP_V1_COUNT)),
    UDP(10, 2, "Send", ALL_OF(udp_v2)),
    UDP(11, 0, "Recv", ALL_OF(udp_v0)),
    UDP(11, 1, "Recv", FIRST_OF(udp_v2, UDP_V1_COUNT)),
    UDP(11, 2, "Recv", ALL_OF(udp_v2)),
    UDP(17, 2, "Fail", ALL_OF(fail_v2)),
    UDP(26, 2, "SendIPV6", ALL_OF(udp6_v2)),
    UDP(27, 2, "RecvIPV6", ALL_OF(udp6_v2)),
};

const struct classic_class classic_udpip = {UDP_GUID, udp_events, COUNT_OF(udp_events)};
/* clang-format on */
