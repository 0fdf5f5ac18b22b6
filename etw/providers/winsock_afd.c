/* SPDX-License-Identifier: MIT */
/*
 * winsock_afd.c - Microsoft-Windows-Winsock-AFD: what applications do with their
 * sockets.
 *
 * Of the old ids 1 to 41, whose tasks have no names, only what their fields say is
 * used.
 */
#include "etw/providers/binding.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

/* EnterExit; anything else is a single event. */
static const enum etw_phase phases[] = {
    [0] = ETW_PHASE_ENTER,
    [1] = ETW_PHASE_EXIT,
    [3] = ETW_PHASE_INDICATION,
};

/* Locations at which a call enters in the caller's own context, ascending.
 * [documented; 2000, 2002, 3056, 4107, 6010, 6216 and 13006 by a trace in print] */
static const uint16_t caller_locations[] = {
    1002, 1006, 1015, 2000, 2002, 3003, 3047, 3056, 3058, 3100, 4106,
    4107, 4115, 4117, 4200, 5023, 5031, 5502, 6010, 6216, 7010, 13006,
};

static bool is_caller_location(uint32_t location)
{
    size_t at = 0;
    while (at < COUNT_OF(caller_locations) && caller_locations[at] < location) {
        at++;
    }
    return at < COUNT_OF(caller_locations) && caller_locations[at] == location;
}

/* A status means something only when the call is over. */
static void finish_call(struct etw_event *event, const struct binding_raw *raw)
{
    struct etw_socket *socket = &event->u.socket;
    if (raw->has_enter_exit && raw->enter_exit < COUNT_OF(phases)) {
        socket->phase = phases[raw->enter_exit];
    }
    if (socket->phase == ETW_PHASE_ENTER) {
        socket->has &= ~(uint32_t)ETW_HAS_STATUS;
        socket->is_header_pid_true = is_caller_location(socket->location);
    }
}

#define SOCKET_STREAM   1
#define SOCKET_DATAGRAM 2
#define IP_TCP          6
#define IP_UDP          17

/* Who asks for protocol 0 gets the usual one of the type. That of other families has
 * no number of IP. */
static void finish_create(struct etw_event *event, const struct binding_raw *raw)
{
    struct etw_socket *socket = &event->u.socket;
    finish_call(event, raw);
    if (socket->protocol != 0 || socket->family == 0) {
        return;
    }
    if (raw->socket_type == SOCKET_STREAM || raw->socket_type == SOCKET_DATAGRAM) {
        socket->protocol = raw->socket_type == SOCKET_STREAM ? IP_TCP : IP_UDP;
        socket->has |= ETW_HAS_PROTOCOL;
    }
}

/* clang-format off */
#define ENDPOINT {ROLE_HANDLE_AFD_ENDPOINT, "Endpoint"}, {ROLE_HANDLE_EPROCESS, "Process"}
#define CALL     ENDPOINT, {ROLE_RAW_ENTER_EXIT, "EnterExit"}, {ROLE_SOCKET_LOCATION, "Location"}
#define STATUS   {ROLE_SOCKET_STATUS, "Status"}
#define LENGTH   {ROLE_SOCKET_BYTES, "BufferLength"}
#define REMOTE   {ROLE_SOCKET_REMOTE, "Address"}
#define REASON   {ROLE_SOCKET_REASON, "Reason"}
#define KIND_OF_SOCKET                                                                                     \
    {ROLE_SOCKET_FAMILY, "AddressFamily"}, {ROLE_RAW_SOCKET_TYPE, "SocketType"},                   \
    {ROLE_SOCKET_PROTOCOL, "Protocol"}
#define OPTION_AND_VALUE                                                                           \
    {ROLE_SOCKET_OPTION, "Option"}, {ROLE_SOCKET_OPTION_VALUE, "Value"}
#define REMOTE_PARTS                                                                               \
    {ROLE_SOCKET_REMOTE_IP, "Address"}, {ROLE_SOCKET_REMOTE_PORT, "Port"}
#define END      {ROLE_NONE, NULL}

static const struct role_binding call[] = {CALL, STATUS, END};
static const struct role_binding transfer[] = {CALL, STATUS, LENGTH, END};
static const struct role_binding transfer_with[] = {CALL, STATUS, LENGTH, REMOTE, END};
static const struct role_binding connect_with[] = {CALL, STATUS, REMOTE, END};
static const struct role_binding accept_with[] = {
    CALL, {ROLE_HANDLE_AFD_ACCEPT_ENDPOINT, "AcceptEndpoint"}, STATUS, REMOTE, END};

static const struct role_binding old[] = {ENDPOINT, END};
static const struct role_binding old_transfer[] = {ENDPOINT, LENGTH, END};
static const struct role_binding old_transfer_with[] = {ENDPOINT, LENGTH, REMOTE_PARTS, END};
static const struct role_binding old_drop[] = {
    ENDPOINT, {ROLE_SOCKET_BYTES, "PacketSize"}, REMOTE_PARTS, REASON, END};
static const struct role_binding old_connect[] = {
    {ROLE_HANDLE_AFD_ENDPOINT, "ListenEndpoint"}, {ROLE_HANDLE_EPROCESS, "Process"},
    REMOTE_PARTS, END};
static const struct role_binding old_indication[] = {
    ENDPOINT, {ROLE_SOCKET_BYTES, "BytesIndicated"}, REMOTE_PARTS, END};
static const struct role_binding process[] = {{ROLE_HANDLE_EPROCESS, "Process"}, END};
static const struct role_binding status[] = {STATUS, END};
static const struct role_binding process_status[] = {
    {ROLE_HANDLE_EPROCESS, "Process"}, STATUS, END};

#define ROW(id, what, when, finish, roles)                                                         \
    {id, ETW_EVENT_SOCKET, finish, roles,                                                          \
     {ETW_LAYER_APPLICATION, ETW_ACTION_##what, ETW_PHASE_##when, 0, false}}
#define OLD(id, what, when, roles) ROW(id, what, when, NULL, roles)
#define AFD(id, what, roles)       ROW(id, what, SINGLE, finish_call, roles)

static const struct event_binding events[] = {
    ROW(1, CREATE, SINGLE, finish_create,
        ROLES(ENDPOINT, {ROLE_SOCKET_PID, "UserModePid"}, KIND_OF_SOCKET)),
    OLD(2, OTHER, SINGLE, old),
    OLD(3, OTHER, SINGLE, old),
    OLD(4, OTHER, SINGLE, old),
    OLD(5, OTHER, SINGLE, old),
    OLD(6, OTHER, SINGLE, old),
    OLD(7, OTHER, SINGLE, old),
    OLD(8, OTHER, SINGLE, old),
    OLD(9, OTHER, SINGLE, old),
    OLD(10, OTHER, SINGLE, old),
    OLD(11, OTHER, SINGLE, old),
    OLD(12, OTHER, SINGLE, old),
    OLD(13, OTHER, SINGLE, old),
    OLD(14, OTHER, SINGLE, old),
    OLD(15, OTHER, SINGLE, old),
    OLD(16, OTHER, SINGLE, old),
    OLD(17, OTHER, SINGLE, old),
    OLD(18, OTHER, SINGLE, old_transfer),
    OLD(19, OTHER, SINGLE, old_transfer),
    OLD(20, OTHER, SINGLE, old_transfer),
    OLD(21, OTHER, SINGLE, old_transfer_with),
    OLD(22, OTHER, SINGLE, old_transfer_with),
    OLD(23, OTHER, SINGLE, old_transfer),
    OLD(24, OTHER, SINGLE, old_transfer),
    OLD(25, OTHER, SINGLE, old_transfer),
    OLD(26, OTHER, SINGLE, old_transfer_with),
    OLD(27, OTHER, SINGLE, old_transfer_with),
    OLD(28, OTHER, SINGLE, old_transfer),
    OLD(29, OPTION, SINGLE, ROLES(ENDPOINT, OPTION_AND_VALUE)),
    OLD(30, OTHER, SINGLE, process),
    OLD(31, OTHER, SINGLE, old),
    OLD(32, OTHER, SINGLE, old),
    OLD(33, DROP, SINGLE, old_drop),
    OLD(34, DROP, SINGLE, old_drop),
    OLD(35, CONNECT, INDICATION, old_connect),
    OLD(36, CONNECT, INDICATION, old_connect),
    OLD(37, RECEIVE, INDICATION, ROLES(ENDPOINT, {ROLE_SOCKET_BYTES, "BytesIndicated"})),
    OLD(38, RECEIVE_FROM, INDICATION, old_indication),
    OLD(39, RECEIVE_FROM, INDICATION, old_indication),
    OLD(40, OTHER, SINGLE, old),
    OLD(41, OTHER, SINGLE, old),
    ROW(1000, CREATE, SINGLE, finish_create,
        ROLES(CALL, STATUS, {ROLE_SOCKET_PID, "ProcessId"}, KIND_OF_SOCKET)),
    AFD(1001, CLOSE, call),
    AFD(1002, CLEANUP, call),
    AFD(1003, SEND, transfer),
    AFD(1004, RECEIVE, transfer),
    AFD(1005, SEND_TO, transfer),
    AFD(1006, RECEIVE_FROM, transfer),
    AFD(1007, SEND_TO, transfer_with),
    AFD(1009, RECEIVE_FROM, transfer_with),
    AFD(1011, SEND_TO, transfer),
    AFD(1012, RECEIVE_FROM, transfer),
    AFD(1013, SEND_TO, transfer_with),
    AFD(1015, RECEIVE_FROM, transfer_with),
    AFD(1017, CONNECT, call),
    AFD(1018, CONNECT, connect_with),
    AFD(1020, CONNECT, call),
    AFD(1021, CONNECT, connect_with),
    AFD(1023, ACCEPT, call),
    AFD(1024, ACCEPT, accept_with),
    AFD(1026, ACCEPT, call),
    AFD(1027, ACCEPT, accept_with),
    AFD(1029, BIND, call),
    AFD(1030, BIND, ROLES(CALL, STATUS, {ROLE_SOCKET_LOCAL, "Address"})),
    AFD(1032, ABORT, ROLES(CALL, REASON)),
    AFD(1033, DROP, ROLES(CALL, LENGTH, REMOTE, REASON)),
    AFD(1035, OPTION, ROLES(CALL, STATUS, OPTION_AND_VALUE)),
    AFD(1036, WAIT, call),
    AFD(1037, LISTEN, ROLES(CALL, STATUS, {ROLE_SOCKET_COUNT, "Backlog"})),
    AFD(3000, CONNECT, call),
    AFD(3001, CONNECT, connect_with),
    AFD(3003, RECEIVE, ROLES(CALL, LENGTH)),
    AFD(3004, RECEIVE_FROM, ROLES(CALL, LENGTH, REMOTE)),
    AFD(3006, SHUTDOWN, call),
    AFD(3007, OTHER, ROLES(CALL)),
    OLD(4000, OTHER, SINGLE, status),
    NOTED(4001),
    OLD(4002, OTHER, SINGLE, status),
    NOTED(4003),
    NOTED(4004),
    OLD(4005, OTHER, SINGLE, status),
    OLD(4006, OTHER, SINGLE, ROLES({ROLE_HANDLE_AFD_ENDPOINT, "Endpoint"}, STATUS)),
    NOTED(4007),
    NOTED(4008),
    OLD(4009, OTHER, SINGLE, status),
    OLD(4010, OTHER, SINGLE, status),
    NOTED(4011),
    NOTED(4012),
    NOTED(4013),
    NOTED(4014),
    NOTED(4015),
    OLD(4016, OTHER, SINGLE, process_status),
    OLD(4017, OTHER, SINGLE, process),
    AFD(4018, OTHER, ROLES({ROLE_HANDLE_EPROCESS, "Process"}, {ROLE_RAW_ENTER_EXIT, "EnterExit"},
                           {ROLE_SOCKET_LOCATION, "Location"}, STATUS)),
    AFD(4019, OTHER, ROLES(CALL)),
    NOTED(4020),
};
/* clang-format on */

const struct provider_binding winsock_afd_provider = {
    .guid = GUID_OF(0xe53c6823, 0x7bb8, 0x44bb, 0x90, 0xdc, 0x3f, 0x86, 0x09, 0x0d, 0x48, 0xa6),
    .events = events,
    .event_count = COUNT_OF(events),
};
