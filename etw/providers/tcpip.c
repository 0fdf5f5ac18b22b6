/* SPDX-License-Identifier: MIT */
/*
 * tcpip.c - Microsoft-Windows-TCPIP: the stack's side of connections, listeners
 * and datagram endpoints.
 *
 * Events that name no socket, address or process, as those of settings, routes and
 * neighbours, are left out or noted. An id says what happened; several ids that say the same
 * (a newer Windows logs a smaller twin) have the same action.
 */
#include <string.h>

#include "etw/providers/binding.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

#define IP_TCP 6
#define IP_UDP 17

/* [documented: ntstatus.h] */
#define STATUS_TIMEOUT              0x00000102u
#define STATUS_IO_TIMEOUT           0xC00000B5u
#define STATUS_REMOTE_NOT_LISTENING 0xC00000BCu
#define STATUS_CONNECTION_RESET     0xC000020Du
#define STATUS_CONNECTION_REFUSED   0xC0000236u

/* The id says that it failed, the status how. */
static void finish_failure(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    struct etw_socket *socket = &event->u.socket;
    if ((socket->has & ETW_HAS_STATUS) == 0) {
        return;
    }
    switch (socket->status) {
    case STATUS_TIMEOUT:
    case STATUS_IO_TIMEOUT:
        socket->action = ETW_ACTION_TIMEOUT;
        break;
    case STATUS_REMOTE_NOT_LISTENING:
    case STATUS_CONNECTION_RESET:
    case STATUS_CONNECTION_REFUSED:
        socket->action = ETW_ACTION_REFUSED;
        break;
    default:
        break;
    }
}

static void swap_ends(struct etw_socket *socket)
{
    const uint32_t both = ETW_HAS_LOCAL | ETW_HAS_REMOTE;
    struct etw_socket_address local = socket->local;
    uint32_t has = socket->has & both;
    socket->local = socket->remote;
    socket->remote = local;
    if (has == ETW_HAS_LOCAL || has == ETW_HAS_REMOTE) {
        socket->has ^= both;
    }
}

/* Rows of packets have their source as the local end. */
static void finish_received_packet(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    swap_ends(&event->u.socket);
}

#define PATH_RECEIVE 1

/* Without a direction nobody knows which end is ours. */
static void finish_packet(struct etw_event *event, const struct binding_raw *raw)
{
    struct etw_socket *socket = &event->u.socket;
    if (!raw->has_path_direction) {
        socket->has &= ~(uint32_t)(ETW_HAS_LOCAL | ETW_HAS_REMOTE);
    } else if (raw->path_direction == PATH_RECEIVE) {
        swap_ends(socket);
    }
}

/* What the stack's own reasons say. [documented: TCPIP's maps] */
#define TRANSPORT_NO_ENDPOINT 4 /* of 1214 */
#define NETWORK_NO_PROTOCOL   3 /* of 1215 */
#define NETWORK_NO_PORT       4

static void finish_transport_drop(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    struct etw_socket *socket = &event->u.socket;
    socket->is_listener_missing =
        (socket->has & ETW_HAS_REASON) != 0 && socket->reason == TRANSPORT_NO_ENDPOINT;
}

static void finish_network_drop(struct etw_event *event, const struct binding_raw *raw)
{
    struct etw_socket *socket = &event->u.socket;
    bool is_ours = !raw->has_path_direction || raw->path_direction == PATH_RECEIVE;
    socket->is_listener_missing =
        is_ours && (socket->has & ETW_HAS_REASON) != 0 &&
        (socket->reason == NETWORK_NO_PROTOCOL || socket->reason == NETWORK_NO_PORT);
    finish_packet(event, raw);
}

/* Pacing came in between with build 15063 and moved what follows. [documented] */
#define FIRST_BUILD_WITH_PACING 15063

static void finish_timer(struct etw_event *event, const struct binding_raw *raw)
{
    static const enum etw_timer timers[] = {
        ETW_TIMER_RETRANSMIT,     ETW_TIMER_CONNECT,      ETW_TIMER_DELAYED_ACK,
        ETW_TIMER_PUSH,           ETW_TIMER_KEEP_ALIVE,   ETW_TIMER_PACING,
        ETW_TIMER_DISCONNECT,     ETW_TIMER_SILLY_WINDOW, ETW_TIMER_REASSEMBLY_RATE,
        ETW_TIMER_SYN_VALIDATION,
    };
    const uint32_t pacing = 5;
    struct etw_socket *socket = &event->u.socket;
    bool has_pacing = raw->os_build == 0 || raw->os_build >= FIRST_BUILD_WITH_PACING;
    uint64_t number = raw->timer + (uint64_t)(raw->timer >= pacing && !has_pacing);
    if ((socket->has & ETW_HAS_TIMER) != 0 && number < COUNT_OF(timers)) {
        socket->timer = timers[number];
    } else {
        socket->has &= ~(uint32_t)ETW_HAS_TIMER;
    }
}

/* The id says which timer it was. */
static void set_timer(struct etw_event *event, enum etw_timer timer)
{
    event->u.socket.timer = timer;
    event->u.socket.has |= ETW_HAS_TIMER;
}

static void finish_connect_timeout(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    set_timer(event, ETW_TIMER_CONNECT);
}

static void finish_retransmit_timeout(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    set_timer(event, ETW_TIMER_RETRANSMIT);
}

static void finish_keep_alive_timeout(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    set_timer(event, ETW_TIMER_KEEP_ALIVE);
}

static void finish_disconnect_timeout(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    set_timer(event, ETW_TIMER_DISCONNECT);
}

static void finish_rejected(struct etw_event *event, const struct binding_raw *raw)
{
    finish_failure(event, raw);
    event->u.socket.is_rejected = true;
}

static void finish_port(struct etw_event *event, const struct binding_raw *raw)
{
    event->u.socket.is_weak = raw->weak_reference != 0;
}

static void finish_weak_port(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    event->u.socket.is_weak = true;
}

static bool is_zero(const struct etw_socket_address *address)
{
    static const uint8_t zero[sizeof(address->bytes)] = {0};
    return memcmp(address->bytes, zero, sizeof(zero)) == 0;
}

/* Both forms of the address have a place, and one of them is used. */
static void finish_address(struct etw_event *event, const struct binding_raw *raw)
{
    struct etw_socket_address *address = &event->u.address.address;
    bool is_ipv6 = raw->ip_version == 6 || (raw->ip_version == 0 && is_zero(&raw->ipv4));
    if (!is_ipv6 && !(address->size == 4 && is_zero(&raw->ipv4))) {
        *address = raw->ipv4;
    }
    if (is_zero(address) || (raw->ip_version == 6 && address->size != 16)) {
        *address = (struct etw_socket_address){.size = 0};
    }
}

static void finish_address_gone(struct etw_event *event, const struct binding_raw *raw)
{
    finish_address(event, raw);
    event->u.address.is_gone = true;
}

/* clang-format off */

/* ---- roles of families of events ---- */

#define TCB       {ROLE_HANDLE_TCB, "Tcb"}
#define STATUS    {ROLE_SOCKET_STATUS, "Status"}
#define PROCESS   {ROLE_SOCKET_PID, "ProcessId"}
#define START_KEY {ROLE_SOCKET_START_KEY, "ProcessStartKey|ProcessSequenceNumber"}
#define LOCAL     {ROLE_SOCKET_LOCAL, "LocalAddress"}
#define REMOTE    {ROLE_SOCKET_REMOTE, "RemoteAddress"}
#define LOCAL_SOCKADDR  {ROLE_SOCKET_LOCAL, "LocalSockAddr"}
#define REMOTE_SOCKADDR {ROLE_SOCKET_REMOTE, "RemoteSockAddr"}
#define TRANSPORT {ROLE_SOCKET_PROTOCOL, "IPTransportProtocol"}
#define FAMILY    {ROLE_SOCKET_FAMILY, "AddressFamily"}
#define REASON    {ROLE_SOCKET_REASON, "Reason"}
#define END       {ROLE_NONE, NULL}

/* Attempts to connect and to accept, and ends of connections. */
static const struct role_binding conn[] = {
    TCB, LOCAL, REMOTE, STATUS, PROCESS, START_KEY, END};
/* The same of what has no connection yet. */
static const struct role_binding conn_path[] = {LOCAL, REMOTE, END};
/* Connections with their state and retransmissions so far. */
static const struct role_binding tuple[] = {
    TCB, LOCAL, REMOTE, {ROLE_SOCKET_TO, "NewState"}, {ROLE_SOCKET_COUNT, "RexmitCount"}, END};
static const struct role_binding tcb[] = {TCB, END};
static const struct role_binding tcb_status[] = {TCB, STATUS, END};
static const struct role_binding tcb_una[] = {TCB, {ROLE_SOCKET_SEQUENCE, "SndUna"}, END};
static const struct role_binding tcb_seq[] = {TCB, {ROLE_SOCKET_SEQUENCE, "SeqNo"}, END};
static const struct role_binding tcb_srtt[] = {TCB, {ROLE_SOCKET_SEQUENCE, "SeqNum"}, END};
static const struct role_binding xfer[] = {
    TCB, {ROLE_SOCKET_BYTES, "NumBytes"}, {ROLE_SOCKET_SEQUENCE, "SeqNo"}, END};
static const struct role_binding sent[] = {
    TCB, {ROLE_SOCKET_BYTES, "BytesSent"}, {ROLE_SOCKET_SEQUENCE, "SeqNo"}, END};
static const struct role_binding acked[] = {
    TCB, {ROLE_SOCKET_BYTES, "BytesAcked"}, {ROLE_SOCKET_SEQUENCE, "SeqNo"}, END};
static const struct role_binding recovery[] = {
    TCB, {ROLE_SOCKET_BYTES, "BytesToSend"}, {ROLE_SOCKET_SEQUENCE, "SndNxt"}, END};
static const struct role_binding send[] = {
    TCB, {ROLE_SOCKET_BYTES, "NumBytes"}, {ROLE_SOCKET_SEQUENCE, "SndNxt"}, END};
static const struct role_binding timer[] = {TCB, {ROLE_RAW_TIMER, "TimerType"}, END};
static const struct role_binding deliv[] = {
    TCB, {ROLE_HANDLE_DELIVERY, "Delivery"}, {ROLE_HANDLE_REQUEST, "Request"},
    {ROLE_SOCKET_BYTES, "NumBytes"}, {ROLE_SOCKET_STATUS, "RequestStatus"},
    {ROLE_SOCKET_SEQUENCE, "RcvNxt"}, END};
static const struct role_binding tuning[] = {LOCAL, REMOTE, END};
static const struct role_binding tcp_bind[] = {
    {ROLE_HANDLE_TCP_ENDPOINT, "Endpoint"}, LOCAL, STATUS, END};
static const struct role_binding tcp_create[] = {
    LOCAL, STATUS, PROCESS, START_KEY, FAMILY, END};
static const struct role_binding lsn[] = {
    {ROLE_HANDLE_LISTENER, "Listener"}, {ROLE_SOCKET_LOCAL, "SocketAddress"}, STATUS, PROCESS,
    START_KEY, FAMILY, END};
static const struct role_binding port[] = {
    {ROLE_HANDLE_PORT_ACQUIRER, "PortAcquirer"},
    {ROLE_HANDLE_ORIGINAL_ACQUIRER, "OriginalAcquirer"},
    {ROLE_SOCKET_LOCAL_PORT, "PortNumber"}, {ROLE_RAW_WEAK_REFERENCE, "WeakReference"}, END};
static const struct role_binding slow_path[] = {
    TRANSPORT, {ROLE_SOCKET_LOCAL_IP, "SourceIPv4Address"},
    {ROLE_SOCKET_REMOTE_IP, "DestIPv4Address"}, {ROLE_SOCKET_LOCAL_IP, "IPv6SourceAddress"},
    {ROLE_SOCKET_REMOTE_IP, "IPv6DestAddress"}, FAMILY, END};
static const struct role_binding drop[] = {
    TRANSPORT, {ROLE_SOCKET_LOCAL_IP, "SourceIPv4Address"},
    {ROLE_SOCKET_REMOTE_IP, "DestIPv4Address"}, {ROLE_SOCKET_LOCAL_IP, "IPv6SourceAddress"},
    {ROLE_SOCKET_REMOTE_IP, "IPv6DestAddress"}, {ROLE_SOCKET_COUNT, "PacketCount"},
    {ROLE_RAW_PATH_DIRECTION, "PathDirection"}, FAMILY, REASON, END};
static const struct role_binding icmp[] = {
    TRANSPORT, {ROLE_SOCKET_LOCAL, "SourceAddress"}, {ROLE_SOCKET_REMOTE, "DestAddress"},
    {ROLE_RAW_PATH_DIRECTION, "PathDirection"}, END};
static const struct role_binding icmp_drop[] = {
    TRANSPORT, {ROLE_SOCKET_LOCAL, "SourceAddress"}, {ROLE_SOCKET_REMOTE, "DestAddress"},
    {ROLE_RAW_PATH_DIRECTION, "PathDirection"}, STATUS, {ROLE_SOCKET_REASON, "DropReason"}, END};
static const struct role_binding icmp_timeout[] = {
    TRANSPORT, {ROLE_SOCKET_LOCAL, "SourceAddress"}, {ROLE_SOCKET_REMOTE, "DestAddress"},
    {ROLE_RAW_PATH_DIRECTION, "PathDirection"}, STATUS, END};

#define UDP_ENDPOINT {ROLE_HANDLE_UDP_ENDPOINT, "Endpoint"}
#define RAW_ENDPOINT {ROLE_HANDLE_RAW_ENDPOINT, "Endpoint"}
static const struct role_binding udp_create[] = {UDP_ENDPOINT, STATUS, PROCESS, START_KEY, END};
static const struct role_binding udp_bind[] = {UDP_ENDPOINT, LOCAL, STATUS, END};
static const struct role_binding udp_messages[] = {
    UDP_ENDPOINT, LOCAL_SOCKADDR, REMOTE_SOCKADDR, {ROLE_SOCKET_BYTES, "NumBytes"},
    {ROLE_SOCKET_COUNT, "NumMessages"}, {ROLE_SOCKET_PID, "Pid"}, START_KEY, END};
static const struct role_binding udp_failure[] = {
    UDP_ENDPOINT, {ROLE_SOCKET_LOCAL, "EndpointAddress"}, {ROLE_SOCKET_REMOTE, "SendAddress"},
    STATUS, END};
static const struct role_binding raw_messages[] = {
    RAW_ENDPOINT, LOCAL_SOCKADDR, REMOTE_SOCKADDR, {ROLE_SOCKET_BYTES, "NumBytes"},
    {ROLE_SOCKET_COUNT, "NumMessages"}, TRANSPORT, END};
static const struct role_binding raw_failure[] = {
    RAW_ENDPOINT, {ROLE_SOCKET_LOCAL, "EndpointAddress"}, {ROLE_SOCKET_REMOTE, "SendAddress"},
    TRANSPORT, STATUS, END};
static const struct role_binding raw_create[] = {
    RAW_ENDPOINT, TRANSPORT, PROCESS, START_KEY, STATUS, END};
static const struct role_binding raw_bind[] = {
    RAW_ENDPOINT, TRANSPORT, LOCAL_SOCKADDR, STATUS, END};

static const struct role_binding address[] = {
    {ROLE_ADDRESS_INTERFACE, "IfIndex|Interface"}, {ROLE_RAW_IP_VERSION, "IPProtocol"},
    {ROLE_RAW_IPV4, "IPv4Address"}, {ROLE_ADDRESS_IP, "IPv6Address"}, END};

/* ---- the events ---- */

#define ROW(id, what, when, finish, roles, protocol, is_header_true)                               \
    {id, ETW_EVENT_SOCKET, finish, roles,                                                          \
     {ETW_LAYER_STACK, ETW_ACTION_##what, ETW_PHASE_##when, protocol, is_header_true}}
#define TCP(id, what, when, roles)      ROW(id, what, when, NULL, roles, IP_TCP, false)
#define TCP_SELF(id, what, when, roles) ROW(id, what, when, NULL, roles, IP_TCP, true)
#define TCP_FAIL(id, roles)             ROW(id, FAILED, SINGLE, finish_failure, roles, IP_TCP, false)
#define TCP_TIMEOUT(id, finish)         ROW(id, TIMEOUT, SINGLE, finish, conn, IP_TCP, false)
#define TCP_NOTE(id, roles)             ROW(id, OTHER, SINGLE, NULL, roles, IP_TCP, false)
#define UDP(id, what, when, roles)      ROW(id, what, when, NULL, roles, IP_UDP, false)
#define UDP_SELF(id, what, when, roles) ROW(id, what, when, NULL, roles, IP_UDP, true)
#define UDP_FAIL(id, roles)             ROW(id, FAILED, SINGLE, finish_failure, roles, IP_UDP, false)
#define ANY(id, what, finish, roles)    ROW(id, what, SINGLE, finish, roles, 0, false)
#define TIMER(id, when)                 ROW(id, TIMER, when, finish_timer, timer, IP_TCP, false)
#define PORT(id, when, finish)          ROW(id, PORT, when, finish, port, IP_TCP, false)
#define ADDRESS(id, finish)             {id, ETW_EVENT_ADDRESS, finish, address, NO_SOCKET}

/* Header ids that are true were checked against the owners of the same sockets.
 * [documented: 1002, 1003, 1004, 1031, 1156, 1159, 1382, 1397] */
static const struct event_binding events[] = {
    TCP(1001, CREATE, SINGLE, ROLES({ROLE_HANDLE_TCP_ENDPOINT, "Endpoint"},
                                    {ROLE_SOCKET_PID, "Pid"}, STATUS, FAMILY)),
    TCP_SELF(1002, CONNECT, ENTER, tuple),
    TCP_SELF(1003, INSPECTED, SINGLE, ROLES(TCB, STATUS, FAMILY)),
    TCP_SELF(1004, SYN, SINGLE, ROLES(TCB, {ROLE_SOCKET_SEQUENCE, "ISN"})),
    TCP_FAIL(1005, tcp_bind),
    TCP_FAIL(1006, tcp_bind),
    TCP_FAIL(1007, tcp_bind),
    TCP(1008, BIND, SINGLE, tcp_bind),
    TCP(1009, CLOSE, SINGLE, tcp_bind),
    TCP_FAIL(1010, tcp_create),
    TCP_FAIL(1011, tcp_create),
    TCP_FAIL(1012, tcp_create),
    TCP(1013, CREATE, SINGLE, ROLES({ROLE_HANDLE_TCP_ENDPOINT, "Endpoint"}, LOCAL, STATUS, PROCESS,
                                    START_KEY, FAMILY)),
    TCP_FAIL(1014, conn),
    TCP_FAIL(1015, tuple),
    ROW(1016, FAILED, SINGLE, finish_rejected, conn, IP_TCP, false),
    TCP(1017, ACCEPT, SINGLE, conn),
    TCP_FAIL(1018, conn),
    TCP_FAIL(1019, conn),
    TCP_FAIL(1020, conn),
    TCP_FAIL(1021, conn),
    TCP_NOTE(1022, conn_path),
    TCP_NOTE(1023, conn_path),
    TCP_NOTE(1024, conn),
    TCP_NOTE(1027, conn),
    TCP_FAIL(1029, conn),
    TCP_FAIL(1030, tuple),
    TCP_SELF(1031, CONNECT, SINGLE, conn),
    TCP_FAIL(1032, conn),
    TCP(1033, CONNECT, EXIT, conn),
    TCP_FAIL(1034, conn),
    TCP_FAIL(1035, conn),
    TCP_FAIL(1036, conn),
    TCP_FAIL(1037, conn),
    TCP(1038, CLOSE, SINGLE, conn),
    TCP(1039, ABORT, ENTER, conn),
    TCP(1040, ABORT, EXIT, conn),
    TCP_FAIL(1041, deliv),
    TCP(1042, SHUTDOWN, ENTER, ROLES({ROLE_SOCKET_BYTES, "Length"})),
    TCP(1043, SHUTDOWN, EXIT, conn),
    TCP(1044, SHUTDOWN, SINGLE, conn),
    TCP_TIMEOUT(1045, finish_connect_timeout),
    TCP_TIMEOUT(1046, finish_retransmit_timeout),
    TCP_TIMEOUT(1047, finish_keep_alive_timeout),
    TCP_TIMEOUT(1048, finish_disconnect_timeout),
    TCP_FAIL(1049, conn),
    TCP_FAIL(1050, conn),
    TCP(1051, STATE, SINGLE, ROLES(TCB, {ROLE_SOCKET_FROM, "OldState"}, {ROLE_SOCKET_TO, "NewState"},
                                   {ROLE_SOCKET_SEQUENCE, "SndNxt"})),
    TIMER(1064, ENTER),
    TIMER(1065, EXIT),
    TIMER(1066, INDICATION),
    TCP(1069, RETRANSMIT, SINGLE, xfer),
    TCP_NOTE(1070, xfer),
    TCP(1071, ACKED, SINGLE, xfer),
    TCP_NOTE(1072, xfer),
    TCP(1073, DATA_OUT, SINGLE, xfer),
    TCP(1074, DATA_IN, SINGLE, xfer),
    TCP_NOTE(1075, tcb_una),
    TCP_NOTE(1076, xfer),
    TCP(1077, RETRANSMIT, SINGLE, xfer),
    TCP_NOTE(1078, tcb_una),
    TCP_NOTE(1079, tcb_una),
    TCP_NOTE(1080, tcb_una),
    TCP_NOTE(1081, tcb_una),
    TCP_NOTE(1082, xfer),
    TCP_NOTE(1087, xfer),
    TCP_NOTE(1088, xfer),
    TCP_FAIL(1089, tcb_status),
    TCP_NOTE(1091, xfer),
    TCP_NOTE(1092, tuning),
    TCP_NOTE(1093, tuning),
    TCP_NOTE(1094, tuning),
    TCP_NOTE(1095, tuning),
    TCP_NOTE(1096, tuning),
    TCP_NOTE(1097, tuning),
    TCP_NOTE(1098, xfer),
    TCP_NOTE(1102, tcb_una),
    TCP_NOTE(1103, tcb_una),
    NOTED(1106),
    ADDRESS(1114, finish_address),
    ADDRESS(1115, finish_address_gone), /* another machine has it */
    NOTED(1116),
    TCP_FAIL(1117, lsn),
    TCP_FAIL(1118, lsn),
    TCP_FAIL(1119, lsn),
    TCP_FAIL(1120, lsn),
    TCP_FAIL(1121, lsn),
    TCP_FAIL(1122, lsn),
    TCP(1123, LISTEN, SINGLE, lsn),
    TCP(1124, CLOSE, SINGLE, lsn),
    ADDRESS(1127, finish_address),
    ADDRESS(1128, finish_address_gone),
    NOTED(1130),
    NOTED(1144),
    NOTED(1145),
    NOTED(1146),
    NOTED(1147),
    NOTED(1148),
    NOTED(1149),
    TCP_SELF(1156, RECEIVE, ENTER, deliv),
    TCP(1157, DELIVERED, INDICATION, deliv),
    TCP(1158, DELIVERED, SINGLE, deliv),
    TCP_SELF(1159, SEND, ENTER, send),
    TCP(1160, SEND, INDICATION, send),
    TCP_NOTE(1161, send),
    TCP(1166, MEASURED, ENTER, tcb_srtt),
    TCP(1167, MEASURED, EXIT, tcb_srtt),
    TCP_NOTE(1168, tcb_srtt),
    UDP(1169, SEND_TO, SINGLE, udp_messages),
    UDP(1170, RECEIVE_FROM, SINGLE, udp_messages),
    TCP_NOTE(1171, deliv),
    TCP_FAIL(1172, deliv),
    TCP_NOTE(1173, deliv),
    TCP_FAIL(1174, deliv),
    TCP(1175, DELIVERED, SINGLE, deliv),
    TCP(1176, SHUTDOWN, INDICATION, deliv),
    TCP_NOTE(1178, deliv),
    TCP_NOTE(1180, deliv),
    TCP_NOTE(1181, deliv),
    TCP_NOTE(1182, tuple),
    TCP(1183, REFUSED, SINGLE, tuple),
    TCP(1184, ABORT, INDICATION, tuple),
    TCP(1185, ABORT, INDICATION, tuple),
    TCP(1186, RETRANSMIT, SINGLE, tuple),
    TCP(1187, RETRANSMIT, SINGLE, tuple),
    TCP_NOTE(1188, tcb_una),
    TCP_NOTE(1189, ROLES(TCB, {ROLE_HANDLE_DELIVERY, "Delivery"})),
    TCP(1190, DROP, SINGLE, deliv),
    PORT(1191, ENTER, finish_port),
    PORT(1192, ENTER, finish_weak_port),
    PORT(1193, EXIT, finish_port),
    PORT(1194, ENTER, finish_port),
    PORT(1195, ENTER, finish_weak_port),
    TCP_NOTE(1196, tcb_una),
    TCP_NOTE(1197, tcb_una),
    TCP_NOTE(1198, tcb_una),
    TCP_NOTE(1199, tcb_una),
    TCP(1200, TIMEOUT, SINGLE, conn),
    TCP_TIMEOUT(1201, finish_disconnect_timeout),
    ADDRESS(1202, finish_address),
    ADDRESS(1203, finish_address),
    TCP_NOTE(1204, tcb_una),
    ANY(1205, OTHER, finish_received_packet, slow_path),
    ANY(1206, OTHER, NULL, slow_path),
    ANY(1214, DROP, finish_transport_drop,
        ROLES(TRANSPORT, LOCAL_SOCKADDR, REMOTE_SOCKADDR, {ROLE_SOCKET_COUNT, "PacketCount"},
              FAMILY, REASON)),
    ANY(1215, DROP, finish_network_drop, drop),
    TCP_NOTE(1223, tcb),
    TCP_NOTE(1224, tcb),
    TCP(1300, STATE, RUNDOWN, ROLES(TCB, LOCAL, REMOTE, {ROLE_SOCKET_TO, "State"},
                                    {ROLE_SOCKET_PID, "Pid"}, START_KEY)),
    NOTED(1321),
    NOTED(1324),
    NOTED(1325),
    TCP(1330, ACKED, SINGLE, acked),
    TCP(1332, DATA_OUT, SINGLE, sent),
    TCP(1333, DATA_OUT, SINGLE, sent),
    TCP_NOTE(1341, tcb),
    TCP_NOTE(1342, tcb),
    TCP_NOTE(1343, tcb_seq),
    TCP_NOTE(1345, tcb_seq),
    TCP_NOTE(1346, tcb_seq),
    TCP_NOTE(1347, tcb_seq),
    TCP(1348, RETRANSMIT, SINGLE, tcb),
    TCP_NOTE(1349, tcb),
    TCP_NOTE(1350, tcb),
    TCP(1351, RETRANSMIT, SINGLE, ROLES(TCB, {ROLE_SOCKET_SEQUENCE, "SndUna"},
                                        {ROLE_SOCKET_COUNT, "RexmitCount"})),
    TCP_NOTE(1352, tcb),
    TCP_NOTE(1354, tcb_una),
    ANY(1357, FAILED, finish_failure, ROLES(LOCAL, REMOTE, STATUS, PROCESS, START_KEY)),
    ANY(1361, OTHER, NULL, ROLES(FAMILY)),
    TCP(1364, CREATE, SINGLE, tuple),
    TCP(1365, CLOSE, SINGLE, tuple),
    TCP_NOTE(1366, ROLES(LOCAL, STATUS)),
    ANY(1370, OTHER, NULL, ROLES({ROLE_SOCKET_REMOTE_IP, "DestinationAddress"}, STATUS)),
    TCP_NOTE(1381, ROLES({ROLE_HANDLE_TCP_ENDPOINT, "Endpoint|EndpointObj"}, STATUS)),
    TCP_SELF(1382, OTHER, SINGLE, ROLES(TCB, LOCAL, REMOTE, STATUS)),
    TCP_NOTE(1385, tcb_una),
    TCP_NOTE(1386, tcb),
    TCP_NOTE(1387, ROLES(TCB, {ROLE_SOCKET_SEQUENCE, "SequenceNumber"})),
    TCP_NOTE(1388, tcb),
    UDP_FAIL(1389, udp_create),
    UDP_FAIL(1390, udp_create),
    UDP(1391, CREATE, SINGLE, udp_create),
    UDP_FAIL(1392, udp_create),
    UDP_FAIL(1393, udp_bind),
    UDP_FAIL(1394, udp_bind),
    UDP_FAIL(1395, udp_bind),
    UDP(1396, BIND, SINGLE, ROLES(UDP_ENDPOINT, LOCAL, STATUS, {ROLE_SOCKET_PID, "Pid"}, START_KEY)),
    UDP_SELF(1397, CLOSE, SINGLE, udp_bind),
    UDP(1398, CLOSE, SINGLE, udp_bind),
    UDP_FAIL(1399, udp_failure),
    UDP_FAIL(1400, udp_failure),
    UDP_FAIL(1401, udp_failure),
    UDP_FAIL(1411, udp_failure),
    UDP_FAIL(1412, udp_failure),
    UDP_FAIL(1413, udp_failure),
    UDP_FAIL(1414, udp_failure),
    TCP_NOTE(1415, tcb_una),
    TCP(1418, RETRANSMIT, SINGLE, recovery),
    TCP(1419, RETRANSMIT, SINGLE, recovery),
    TCP(1420, RETRANSMIT, SINGLE, recovery),
    TCP(1421, RETRANSMIT, SINGLE, recovery),
    ANY(1422, OTHER, finish_packet, icmp),
    ANY(1423, DROP, finish_packet, icmp_drop),
    ANY(1424, TIMEOUT, finish_packet, icmp_timeout),
    TCP(1426, SEND, EXIT, send),
    TCP_NOTE(1429, acked),
    TCP_NOTE(1430, tcb_seq),
    TCP_NOTE(1449, tcb),
    NOTED(1452),
    ANY(1454, OTHER, NULL, ROLES(STATUS)),
    TCP(1468, ABORT, SINGLE, ROLES(TCB, LOCAL, REMOTE, STATUS, PROCESS, START_KEY, REASON)),
    TCP_FAIL(1470, tcp_bind),
    UDP_FAIL(1471, udp_bind),
    ANY(1476, OTHER, NULL, ROLES(TRANSPORT)),
    TCP_NOTE(1477, ROLES(TCB, LOCAL, REMOTE, {ROLE_SOCKET_TO, "State"})),
    ANY(1478, DROP, NULL, ROLES({ROLE_SOCKET_COUNT, "PacketCount"}, FAMILY, REASON)),
    TCP(1479, ABORT, SINGLE, ROLES(TCB, LOCAL_SOCKADDR, REMOTE_SOCKADDR, FAMILY, REASON)),
    TCP_FAIL(1480, ROLES(LOCAL_SOCKADDR, REMOTE_SOCKADDR, STATUS, {ROLE_SOCKET_TO, "TcpState"},
                         PROCESS, START_KEY, REASON)),
    TCP_NOTE(1481, tcb),
    UDP(1482, OTHER, SINGLE, ROLES(UDP_ENDPOINT, {ROLE_SOCKET_BYTES, "MessageLength"}, STATUS)),
    UDP(1483, OTHER, SINGLE, ROLES(UDP_ENDPOINT, LOCAL_SOCKADDR, REMOTE_SOCKADDR)),
    NOTED(1527),
    ANY(1528, SEND_TO, NULL, raw_messages),
    ANY(1529, RECEIVE_FROM, NULL, raw_messages),
    ANY(1530, FAILED, finish_failure, raw_failure),
    ANY(1531, CREATE, NULL, raw_create),
    ANY(1532, FAILED, finish_failure, raw_create),
    ANY(1533, BIND, NULL, raw_bind),
    ANY(1534, FAILED, finish_failure, raw_bind),
    ANY(1535, CLOSE, NULL, ROLES(RAW_ENDPOINT)),
    NOTED(1542),
    TCP_NOTE(1545, tcb_una),
    TCP_NOTE(1548, tcb_una),
    TCP(1555, ABORT, SINGLE, ROLES(TCB, {ROLE_SOCKET_TO, "State"}, {ROLE_SOCKET_PID, "Pid"},
                                   START_KEY)),
    TCP_FAIL(1562, tcp_create),
    UDP_FAIL(1563, udp_create),
    TCP_FAIL(1564, conn),
    TCP_NOTE(1565, tcb),
    TCP(1601, DATA_IN, SINGLE, ROLES(TCB, {ROLE_SOCKET_SEQUENCE, "ThSeq"},
                                     {ROLE_SOCKET_TO, "NewState"})),
    TCP_NOTE(1602, ROLES(TCB, {ROLE_SOCKET_BYTES, "NumBytes"}, {ROLE_SOCKET_COUNT, "SegmentCount"})),
    TCP(1603, SHUTDOWN, SINGLE, ROLES(TCB, {ROLE_SOCKET_TO, "State"},
                                      {ROLE_SOCKET_BYTES, "DataLength"})),
    TCP_NOTE(1637, send),
};
/* clang-format on */

const struct provider_binding tcpip_provider = {
    .guid = GUID_OF(0x2f07e2ee, 0x15db, 0x40f1, 0x90, 0xef, 0x9d, 0x7b, 0xa2, 0x82, 0x18, 0x8a),
    .events = events,
    .event_count = COUNT_OF(events),
};
