/* SPDX-License-Identifier: MIT */
/*
 * smb_client.c - Microsoft-Windows-SMBClient: connections to file servers, requests
 * and their responses. Events that name neither a connection, a message nor an
 * address are left out, or have their status alone.
 */
#include "etw/providers/binding.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

#define KEYWORD_SEND    UINT64_C(0x100000000)
#define KEYWORD_RECEIVE UINT64_C(0x200000000)

static void finish_packet(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    uint64_t way = event->record->keywords & (KEYWORD_SEND | KEYWORD_RECEIVE);
    if (way == KEYWORD_SEND) {
        event->u.socket.action = ETW_ACTION_REQUEST;
    } else if (way == KEYWORD_RECEIVE) {
        event->u.socket.action = ETW_ACTION_RESPONSE;
    }
}

/* clang-format off */
#define CONNECTION {ROLE_HANDLE_SMB_CONNECTION, "VcEndpoint"}
#define IDS        {ROLE_SOCKET_SESSION, "SessionId"}, {ROLE_SOCKET_TREE, "TreeId"}
#define MESSAGE    {ROLE_SOCKET_MESSAGE, "MessageId"}, IDS
#define REASON     {ROLE_SOCKET_REASON, "Reason"}
#define COMMAND    {ROLE_SOCKET_COMMAND, "Smb2Command"}
#define STATUS     {ROLE_SOCKET_STATUS, "Status"}
#define LOCAL      {ROLE_SOCKET_LOCAL, "LocalAddress"}
#define REMOTE     {ROLE_SOCKET_REMOTE, "RemoteAddress"}
#define SERVER     {ROLE_SOCKET_REMOTE, "Address"}
#define END        {ROLE_NONE, NULL}

static const struct role_binding transfer[] = {
    CONNECTION, {ROLE_SOCKET_BYTES, "SendLength"}, END};
static const struct role_binding transfer_end[] = {
    CONNECTION, {ROLE_SOCKET_BYTES, "SendLength"}, STATUS, END};
static const struct role_binding response[] = {CONNECTION, MESSAGE, STATUS, END};
static const struct role_binding pair[] = {LOCAL, REMOTE, STATUS, END};
static const struct role_binding pair_reason[] = {LOCAL, REMOTE, STATUS, REASON, END};
static const struct role_binding pair_session[] = {
    LOCAL, REMOTE, STATUS, {ROLE_SOCKET_SESSION, "SessionId"}, END};
static const struct role_binding pair_alone[] = {LOCAL, REMOTE, END};
static const struct role_binding server[] = {SERVER, STATUS, IDS, END};
static const struct role_binding state[] = {STATUS, END};
static const struct role_binding failure[] = {STATUS, REASON, END};

#define ROW(id, what, when, finish, roles)                                                         \
    {id, ETW_EVENT_SOCKET, finish, roles,                                                          \
     {ETW_LAYER_SMB_CLIENT, ETW_ACTION_##what, ETW_PHASE_##when, 0, false}}
#define SMB(id, what, when, roles) ROW(id, what, when, NULL, roles)

static const struct event_binding events[] = {
    NOTED(2000),
    SMB(30203, CONNECT, ENTER, ROLES(CONNECTION, REMOTE)),
    SMB(30204, CONNECT, EXIT, ROLES(CONNECTION, STATUS)),
    SMB(30205, SEND, ENTER, transfer),
    SMB(30206, SEND, EXIT, transfer_end),
    SMB(30207, RECEIVE, ENTER, transfer),
    SMB(30208, RECEIVE, EXIT, transfer_end),
    SMB(30406, REQUEST, SINGLE, ROLES(CONNECTION, MESSAGE, {ROLE_SOCKET_BYTES, "SendLength"})),
    SMB(30407, RESPONSE, SINGLE, response),
    SMB(30408, RESPONSE, SINGLE, response),
    SMB(30409, RESPONSE, SINGLE, response),
    SMB(30600, OTHER, SINGLE, state), /* of a session */
    SMB(30601, OTHER, SINGLE, state), /* of a share */
    NOTED(30602),
    SMB(30603, OTHER, SINGLE, failure), /* of a file */
    SMB(30702, FAILED, SINGLE, pair),
    SMB(30703, FAILED, SINGLE, pair),
    SMB(30704, CONNECT, EXIT, pair),
    SMB(30705, CONNECT, EXIT, pair),
    SMB(30800, FAILED, SINGLE, failure),
    SMB(30801, FAILED, SINGLE, failure),
    SMB(30802, FAILED, SINGLE, failure),
    SMB(30803, FAILED, SINGLE, ROLES({ROLE_SOCKET_REMOTE, "RemoteAddress|Address"}, LOCAL, STATUS,
                                     REASON)),
    SMB(30804, CLOSE, INDICATION, ROLES(SERVER, STATUS, REASON)),
    SMB(30805, FAILED, SINGLE, server),
    SMB(30806, OTHER, SINGLE, server),
    SMB(30807, FAILED, SINGLE, server),
    SMB(30808, OTHER, SINGLE, server),
    SMB(30809, TIMEOUT, SINGLE, ROLES(MESSAGE, COMMAND, STATUS)),
    SMB(30822, FAILED, SINGLE, pair_reason),
    SMB(30823, FAILED, SINGLE, pair_reason),
    SMB(30824, CLOSE, SINGLE, pair_reason),
    SMB(30825, OTHER, SINGLE, ROLES(REASON)),
    NOTED(30826),
    NOTED(30827),
    SMB(30828, OTHER, SINGLE, pair_session),
    SMB(30829, FAILED, SINGLE, pair_session),
    SMB(30830, CONNECT, EXIT, pair),
    SMB(30831, FAILED, SINGLE, pair_alone),
    SMB(30832, CONNECT, EXIT, pair_alone),
    SMB(30833, OTHER, SINGLE, server),
    SMB(30834, FAILED, SINGLE, pair_alone),
    SMB(30835, FAILED, SINGLE, pair_alone),
    SMB(30836, OTHER, SINGLE, ROLES({ROLE_SOCKET_SESSION, "SessionId"})),
    SMB(30906, FAILED, SINGLE, failure),
    SMB(31010, FAILED, SINGLE, failure),
    SMB(31013, FAILED, SINGLE, ROLES(MESSAGE, COMMAND, STATUS, LOCAL, REMOTE)),
    ROW(40000, OTHER, SINGLE, finish_packet,
        ROLES({ROLE_SOCKET_REMOTE, "PeerAddress"}, {ROLE_SOCKET_BYTES, "PacketSize"})),
};
/* clang-format on */

const struct provider_binding smb_client_provider = {
    .guid = GUID_OF(0x988c59c5, 0x0a1c, 0x45b6, 0xa5, 0x55, 0x0c, 0x62, 0x27, 0x6e, 0x32, 0x7d),
    .events = events,
    .event_count = COUNT_OF(events),
};
