/* SPDX-License-Identifier: MIT */
/*
 * smb_direct.c - Microsoft-Windows-SMBDirect: connections of SMB over RDMA, of the client and the
 * server. They send no packets that a capture sees, and have no other events of the stack.
 *
 * Up to Windows 11 23H2 the events have version 1 and ids from 1 to 10005 [documented: message
 * table of the driver]; since 24H2 version 0 and other meanings of the same ids. Those from 5002 on
 * are taken for what their fields say [guessed], the other new ones have only names of adapters and
 * settings, or a deadline of which nothing says what for.
 */
#include "etw/providers/smb_events.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

/* Under version 0 the id means something else, which no connection is told of. */
static void finish_older(struct etw_event *event, const struct binding_raw *raw)
{
    if (event->record->version == 0) {
        event->kind = ETW_EVENT_NOTED;
        event->is_incomplete = false;
        return;
    }
    smb_finish_rdma(event, raw);
}

/* 5002: who ended the connection. */
static void finish_ended(struct etw_event *event, const struct binding_raw *raw)
{
    struct etw_smb *smb = &event->u.smb;
    bool is_own = smb->function != 0;
    smb_finish_rdma(event, raw);
    smb->function = 0;
    smb->what = is_own ? ETW_SMB_CLOSED : ETW_SMB_DISCONNECTED;
    smb->socket.phase = is_own ? ETW_PHASE_SINGLE : ETW_PHASE_INDICATION;
}

/* clang-format off */
#define LOCAL   {ROLE_SOCKET_LOCAL, "LocalAddress|LocalNetAddress"}
#define REMOTE  {ROLE_SOCKET_REMOTE, "RemoteAddress|RemoteNetAddress"}
#define STATUS  {ROLE_SOCKET_STATUS, "Status"}
#define WAITED  {ROLE_SMB_MILLISECONDS, "TimeoutInMs"}
#define IS_OWN  {ROLE_SMB_FUNCTION, "ApplicationInitiated"}
#define ENDS LOCAL, REMOTE

#define ROW(id, action, phase, tells, finish, roles)                                               \
    {id, ETW_EVENT_SOCKET, finish, roles,                                                          \
     {ETW_LAYER_SMB_DIRECT, ETW_ACTION_##action, ETW_PHASE_##phase, ETW_SMB_##tells, false}}
#define OLDER(id, action, phase, tells, roles) ROW(id, action, phase, tells, finish_older, roles)
#define NEWER(id, action, phase, tells, roles) ROW(id, action, phase, tells, smb_finish_rdma, roles)

static const struct event_binding events[] = {
    NOTED(0), NOTED(1), NOTED(2), NOTED(3), NOTED(4), NOTED(5),
    OLDER(6, FAILED, SINGLE, CONNECTION_HUNG, ROLES(ENDS, WAITED)),
    NOTED(7), NOTED(8), NOTED(9), NOTED(10), NOTED(11), NOTED(12),
    NOTED(100), NOTED(101), NOTED(102), NOTED(150), NOTED(200), NOTED(201), NOTED(202),
    OLDER(300, CONNECT, ENTER, OTHER, ROLES(ENDS)),
    OLDER(301, CONNECT, EXIT, CONNECTED, ROLES(ENDS)),
    OLDER(302, FAILED, SINGLE, CONNECT_FAILED, ROLES(ENDS, STATUS)),
    OLDER(303, TIMEOUT, SINGLE, CONNECT_FAILED, ROLES(ENDS)),
    OLDER(304, FAILED, SINGLE, CONNECT_FAILED, ROLES(ENDS, STATUS)),
    OLDER(305, FAILED, SINGLE, CONNECT_FAILED, ROLES(ENDS, STATUS)),
    OLDER(306, FAILED, SINGLE, NEGOTIATE_FAILED, ROLES(ENDS)),
    OLDER(350, ACCEPT, INDICATION, OTHER, ROLES(ENDS)),
    OLDER(351, FAILED, SINGLE, CONNECT_FAILED, ROLES(ENDS)),
    OLDER(352, FAILED, SINGLE, CONNECT_FAILED, ROLES(ENDS)),
    OLDER(353, TIMEOUT, SINGLE, CONNECT_FAILED, ROLES(ENDS)),
    OLDER(354, FAILED, SINGLE, CONNECT_FAILED, ROLES(ENDS, STATUS)),
    OLDER(355, ACCEPT, ENTER, OTHER, ROLES(ENDS)),
    OLDER(356, ACCEPT, EXIT, CONNECTED, ROLES(ENDS)),
    OLDER(357, FAILED, SINGLE, CONNECT_FAILED, ROLES(ENDS, STATUS)),
    OLDER(358, FAILED, SINGLE, CONNECT_FAILED, ROLES(ENDS, STATUS)),
    OLDER(400, CLOSE, INDICATION, DISCONNECTED, ROLES(ENDS)),
    OLDER(401, CLOSE, ENTER, OTHER, ROLES(ENDS)),
    OLDER(402, CLOSE, EXIT, CLOSED, ROLES(ENDS)),
    OLDER(403, OTHER, SINGLE, OTHER, ROLES(ENDS)),
    NOTED(404), NOTED(450), NOTED(451), NOTED(452),
    OLDER(453, TIMEOUT, SINGLE, CONNECTION_HUNG, ROLES(ENDS)),
    OLDER(454, FAILED, SINGLE, VIOLATED, ROLES(ENDS)),
    OLDER(455, FAILED, SINGLE, VIOLATED, ROLES(ENDS)),
    NOTED(456), NOTED(457),
    OLDER(500, FAILED, SINGLE, TRANSFER_FAILED, ROLES(ENDS, STATUS)),
    OLDER(501, FAILED, SINGLE, TRANSFER_FAILED, ROLES(ENDS, STATUS)),
    OLDER(502, FAILED, SINGLE, TRANSFER_FAILED, ROLES(ENDS, STATUS)),
    OLDER(503, FAILED, SINGLE, TRANSFER_FAILED, ROLES(ENDS, STATUS)),
    OLDER(1000, TIMEOUT, SINGLE, CONNECTION_HUNG, ROLES(ENDS)),
    OLDER(1001, FAILED, SINGLE, VIOLATED, ROLES(ENDS)),
    OLDER(1002, FAILED, SINGLE, VIOLATED, ROLES(ENDS)),
    OLDER(1003, FAILED, SINGLE, VIOLATED, ROLES(ENDS)),
    OLDER(1004, FAILED, SINGLE, TRANSFER_FAILED, ROLES(ENDS)),
    OLDER(1005, FAILED, SINGLE, TRANSFER_FAILED, ROLES(ENDS, STATUS)),
    NOTED(1006),
    OLDER(1007, FAILED, SINGLE, CONNECT_FAILED, ROLES(STATUS)),
    OLDER(1008, OTHER, SINGLE, OTHER, ROLES(ENDS)),
    OLDER(1009, FAILED, SINGLE, TRANSFER_FAILED, ROLES(ENDS, STATUS)),
    NOTED(1010), NOTED(1011), NOTED(1012), NOTED(1013), NOTED(1014),
    NOTED(5000),
    ROW(5002, CLOSE, SINGLE, CLOSED, finish_ended, ROLES(ENDS, IS_OWN)),
    NEWER(5003, FAILED, SINGLE, VIOLATED, ROLES(ENDS)),
    NEWER(5004, FAILED, SINGLE, CONNECT_FAILED, ROLES(ENDS, STATUS)),
    NEWER(5005, FAILED, SINGLE, CONNECT_FAILED, ROLES(ENDS, STATUS)),
    NOTED(5006), NOTED(5007), NOTED(5008), NOTED(5009),
    NOTED(9500), NOTED(10000), NOTED(10001), NOTED(10002), NOTED(10003), NOTED(10004),
    NOTED(10005),
};
/* clang-format on */

const struct provider_binding smb_direct_provider = {
    .guid = GUID_OF(0xdb66ea65, 0xb7bb, 0x4ca9, 0x87, 0x48, 0x33, 0x4c, 0xb5, 0xc3, 0x24, 0x00),
    .events = events,
    .event_count = COUNT_OF(events),
};
