/* SPDX-License-Identifier: MIT */
/*
 * smb_server.c - Microsoft-Windows-SMBServer: connections of clients, their requests
 * and the responses. Events that name neither a connection, a message nor an address
 * are left out, or have their status alone.
 *
 * ProcessId in requests is a field of the SMB header, no process of this machine.
 */
#include "etw/providers/binding.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

#define KEYWORD_SEND    UINT64_C(0x100000000)
#define KEYWORD_RECEIVE UINT64_C(0x200000000)

static void finish_packet(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    uint64_t way = event->record->keywords & (KEYWORD_SEND | KEYWORD_RECEIVE);
    if (way == KEYWORD_RECEIVE) {
        event->u.socket.action = ETW_ACTION_REQUEST;
    } else if (way == KEYWORD_SEND) {
        event->u.socket.action = ETW_ACTION_RESPONSE;
    }
}

/* clang-format off */
#define CONNECTION {ROLE_HANDLE_SMB_CONNECTION, "ConnectionGUID"}
#define SESSION    {ROLE_SOCKET_SESSION, "SessionId|SessionID"}
#define COMMAND    {ROLE_SOCKET_COMMAND, "Command"}
#define MESSAGE                                                                                    \
    {ROLE_SOCKET_MESSAGE, "MessageId"}, SESSION, {ROLE_SOCKET_TREE, "TreeId"}, COMMAND
#define STATUS     {ROLE_SOCKET_STATUS, "Status"}
#define CLIENT     {ROLE_SOCKET_REMOTE, "Address"}
#define CLIENT_ADDRESS {ROLE_SOCKET_REMOTE, "ClientAddress"}
#define END        {ROLE_NONE, NULL}

static const struct role_binding request[] = {CONNECTION, MESSAGE, END};
static const struct role_binding response[] = {CONNECTION, MESSAGE, STATUS, END};
static const struct role_binding connection[] = {CONNECTION, END};
static const struct role_binding client[] = {CONNECTION, CLIENT, END};

#define ROW(id, what, when, finish, roles)                                                         \
    {id, ETW_EVENT_SOCKET, finish, roles,                                                          \
     {ETW_LAYER_SMB_SERVER, ETW_ACTION_##what, ETW_PHASE_##when, 0, false}}
#define SMB(id, what, when, roles) ROW(id, what, when, NULL, roles)
#define REQUEST(id)  SMB(id, REQUEST, SINGLE, request)
#define RESPONSE(id) SMB(id, RESPONSE, SINGLE, response)

static const struct event_binding events[] = {
    REQUEST(1), REQUEST(2), REQUEST(3), REQUEST(4), REQUEST(5), REQUEST(6), REQUEST(7),
    REQUEST(8), REQUEST(9), REQUEST(10), REQUEST(11), REQUEST(12), REQUEST(13), REQUEST(14),
    REQUEST(15), REQUEST(16), REQUEST(17), REQUEST(18), REQUEST(19), REQUEST(20), REQUEST(21),
    RESPONSE(101), RESPONSE(102), RESPONSE(103), RESPONSE(104), RESPONSE(105), RESPONSE(106),
    RESPONSE(108), RESPONSE(109), RESPONSE(110), RESPONSE(111), RESPONSE(112), RESPONSE(113),
    RESPONSE(115), RESPONSE(116), RESPONSE(117), RESPONSE(118), RESPONSE(119), RESPONSE(120),
    RESPONSE(121), RESPONSE(122),
    SMB(500, ACCEPT, SINGLE, client),
    SMB(501, CLOSE, INDICATION, client),
    SMB(502, CLOSE, SINGLE, ROLES(CONNECTION, CLIENT, STATUS)),
    SMB(550, OTHER, SINGLE, connection),
    SMB(551, FAILED, SINGLE, ROLES(CONNECTION, STATUS, CLIENT_ADDRESS, SESSION)),
    SMB(552, OTHER, SINGLE, connection),
    SMB(553, OTHER, SINGLE, connection),
    SMB(554, OTHER, SINGLE, ROLES({ROLE_SOCKET_REASON, "Reason"})),
    SMB(555, OTHER, SINGLE, ROLES({ROLE_SOCKET_REASON, "Reason"})),
    SMB(600, OTHER, SINGLE, connection),
    SMB(601, OTHER, SINGLE, connection),
    NOTED(602),
    SMB(603, FAILED, SINGLE, ROLES(CONNECTION, STATUS)),
    NOTED(604),
    NOTED(605),
    SMB(650, OTHER, SINGLE, connection),
    NOTED(651),
    SMB(652, OTHER, SINGLE, connection),
    NOTED(653),
    NOTED(654),
    NOTED(655),
    NOTED(656),
    NOTED(657),
    NOTED(658),
    SMB(1006, FAILED, SINGLE, ROLES(CLIENT_ADDRESS, STATUS, SESSION)),
    SMB(1007, FAILED, SINGLE, ROLES(CLIENT_ADDRESS)),
    SMB(1009, FAILED, SINGLE, ROLES(CONNECTION, CLIENT_ADDRESS, SESSION)),
    NOTED(1010),
    NOTED(1011),
    SMB(1012, OTHER, SINGLE, ROLES(CLIENT_ADDRESS)),
    NOTED(1013),
    NOTED(1014),
    SMB(1015, FAILED, SINGLE, ROLES(CLIENT_ADDRESS, STATUS, SESSION)),
    SMB(1016, FAILED, SINGLE, ROLES(CONNECTION, CLIENT_ADDRESS, STATUS, SESSION)),
    NOTED(1017),
    SMB(1018, OTHER, SINGLE, ROLES(SESSION, STATUS)),
    SMB(1019, OTHER, SINGLE, ROLES(STATUS)),
    SMB(1020, OTHER, SINGLE, ROLES({ROLE_HANDLE_SMB_CONNECTION, "ConnectionGuid"}, CLIENT_ADDRESS,
                                   SESSION, COMMAND)),
    NOTED(2000),
    ROW(40000, OTHER, SINGLE, finish_packet,
        ROLES({ROLE_SOCKET_REMOTE, "PeerAddress"}, {ROLE_SOCKET_BYTES, "PacketSize"})),
};
/* clang-format on */

const struct provider_binding smb_server_provider = {
    .guid = GUID_OF(0xd48ce617, 0x33a2, 0x4bc3, 0xa5, 0xc7, 0x11, 0xaa, 0x4f, 0x29, 0x61, 0x9e),
    .events = events,
    .event_count = COUNT_OF(events),
};
