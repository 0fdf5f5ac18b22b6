/* SPDX-License-Identifier: MIT */
/*
 * smb_server.c - Microsoft-Windows-SMBServer: connections of clients, their sessions, shares and
 * files, their requests and the responses, and what was refused or slow.
 *
 * ProcessId in requests is a field of the SMB header, no process of this machine.
 */
#include "etw/providers/smb_events.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

static void finish_packet(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    smb_finish_packet(event, ETW_ACTION_RESPONSE, ETW_ACTION_REQUEST);
}

/* clang-format off */
#define END {ROLE_NONE, NULL}
#define GUIDS                                                                                      \
    {ROLE_HANDLE_SMB_CONNECTION, "ConnectionGUID|ConnectionGuid"},                                 \
    {ROLE_SMB_CONNECTION_GUID, "ConnectionGUID|ConnectionGuid"},                                   \
    {ROLE_SMB_SESSION_GUID, "SessionGUID|SessionGuid"},                                            \
    {ROLE_SMB_TREE_GUID, "TreeConnectGUID"},                                                       \
    {ROLE_SMB_FILE_GUID, "FileGUID|OpenGUID"}
#define MESSAGE                                                                                    \
    {ROLE_SOCKET_MESSAGE, "MessageId"},                                                            \
    {ROLE_SOCKET_SESSION, "SessionId"},                                                            \
    {ROLE_SOCKET_TREE, "TreeId"},                                                                  \
    {ROLE_SOCKET_COMMAND, "Command"},                                                              \
    {ROLE_SMB_FLAGS, "Flags"},                                                                     \
    {ROLE_SMB_FILE_ID, "FileId"}

static const struct role_binding request[] = {
    GUIDS, MESSAGE,
    {ROLE_SMB_CREDITS, "CreditsRequested"},
    {ROLE_SMB_LENGTH, "Length|OutputBufferLength"},
    {ROLE_SMB_OFFSET, "Offset"},
    {ROLE_SMB_SHARE, "Path"},
    {ROLE_SMB_FILE, "FileName"},
    END};
/* Each pair of names: from Windows 11 24H2 on, and before. */
static const struct role_binding response[] = {
    GUIDS, MESSAGE,
    {ROLE_SOCKET_STATUS, "Status"},
    {ROLE_SMB_CREDITS, "CreditsGranted"},
    {ROLE_SMB_LENGTH, "LengthRead|LengthWritten|OutputBufferLength"},
    {ROLE_SMB_DIALECT, "DialectRevision"},
    {ROLE_SMB_PROCESS, "ProcessingTime"},
    {ROLE_SMB_PROCESS_CYCLES, "ProcessingCycles"},
    {ROLE_SMB_QUEUE, "QueueTime|QueueCycles"},
    {ROLE_SMB_FILE_SYSTEM_FAST, "FileSystemFastTime|FileSystemFastCycles"},
    {ROLE_SMB_FILE_SYSTEM_SLOW, "FileSystemSlowTime|FileSystemSlowCycles"},
    {ROLE_SMB_TRANSPORT_FAST, "TransportFastTime|TransportFastCycles"},
    {ROLE_SMB_TRANSPORT_SLOW, "TransportSlowTime|TransportSlowCycles"},
    {ROLE_SMB_SECURITY, "SecurityTime|SecurityCycles"},
    {ROLE_SMB_TOTAL, "TotalTime"},
    END};
static const struct role_binding told[] = {
    GUIDS,
    {ROLE_SOCKET_REMOTE, "Address|ClientAddress|ClientSocketAddress"},
    {ROLE_SOCKET_STATUS, "Status"},
    {ROLE_SOCKET_REASON, "Reason"},
    {ROLE_SOCKET_SESSION, "SessionId|SessionID"},
    {ROLE_SOCKET_TREE, "TreeId"},
    {ROLE_SMB_SHARE, "ShareName"},
    {ROLE_SMB_SCOPE, "ScopeName"},
    {ROLE_SMB_FILE, "FileName"},
    {ROLE_SMB_USER, "UserName"},
    {ROLE_SMB_DOMAIN, "DomainName"},
    {ROLE_SMB_CLIENT, "ClientName"},
    END};
static const struct role_binding file[] = {
    GUIDS, {ROLE_SMB_FILE, "Name"}, END};
static const struct role_binding slow[] = {
    GUIDS,
    {ROLE_SOCKET_REMOTE, "ClientAddress"},
    {ROLE_SOCKET_SESSION, "SessionId|SessionID"},
    {ROLE_SOCKET_COMMAND, "Command|Smb2Command"},
    {ROLE_SMB_SHARE, "ShareName"},
    {ROLE_SMB_FILE, "FileName"},
    {ROLE_SMB_USER, "UserName"},
    {ROLE_SMB_CLIENT, "ClientName"},
    {ROLE_SMB_MILLISECONDS, "DurationInMilliseconds"},
    {ROLE_SMB_DURATION, "Duration|TotalTime"},
    {ROLE_SMB_THRESHOLD, "ThresholdInMilliseconds|Threshold"},
    END};
static const struct role_binding packet[] = {
    {ROLE_SOCKET_REMOTE, "PeerAddress"},
    {ROLE_SOCKET_BYTES, "PacketSize|FragmentSize"},
    {ROLE_SMB_DATA, "PacketData|FragmentData"},
    END};

#define ROW(id, action, phase, tells, finish, roles)                                               \
    {id, ETW_EVENT_SOCKET, finish, roles,                                                          \
     {ETW_LAYER_SMB_SERVER, ETW_ACTION_##action, ETW_PHASE_##phase, ETW_SMB_##tells, false}}
#define SMB(id, action, phase, tells, roles) ROW(id, action, phase, tells, NULL, roles)
#define REQUEST(id)  SMB(id, REQUEST, SINGLE, REQUEST, request)
#define RESPONSE(id) SMB(id, RESPONSE, SINGLE, RESPONSE, response)
#define PACKET(id, tells) ROW(id, OTHER, SINGLE, tells, finish_packet, packet)

static const struct event_binding events[] = {
    REQUEST(1), REQUEST(2), REQUEST(3), REQUEST(4), REQUEST(5), REQUEST(6), REQUEST(7),
    REQUEST(8), REQUEST(9), REQUEST(10), REQUEST(11), REQUEST(12), REQUEST(13), REQUEST(14),
    REQUEST(15), REQUEST(16), REQUEST(17), REQUEST(18), REQUEST(19), REQUEST(20), REQUEST(21),
    RESPONSE(101), RESPONSE(102), RESPONSE(103), RESPONSE(104), RESPONSE(105), RESPONSE(106),
    RESPONSE(108), RESPONSE(109), RESPONSE(110), RESPONSE(111), RESPONSE(112), RESPONSE(113),
    RESPONSE(115), RESPONSE(116), RESPONSE(117), RESPONSE(118), RESPONSE(119), RESPONSE(120),
    RESPONSE(121), RESPONSE(122),
    NOTED(200), NOTED(201), NOTED(202), NOTED(203), NOTED(204),
    SMB(500, ACCEPT, SINGLE, CONNECTED, told),
    SMB(501, CLOSE, INDICATION, DISCONNECTED, told),
    SMB(502, CLOSE, SINGLE, CLOSED, told),
    SMB(550, OTHER, SINGLE, OTHER, told),
    SMB(551, FAILED, SINGLE, SESSION_REFUSED, told),
    SMB(552, OTHER, SINGLE, SESSION, told),
    SMB(553, OTHER, SINGLE, OTHER, told),
    SMB(554, OTHER, SINGLE, SESSION_END, told),
    SMB(555, OTHER, SINGLE, SESSION_END, told),
    SMB(600, OTHER, SINGLE, TREE, told),
    SMB(601, OTHER, SINGLE, OTHER, told),
    SMB(602, OTHER, SINGLE, TREE_END, told),
    SMB(603, FAILED, SINGLE, TREE_REFUSED, told),
    SMB(604, OTHER, SINGLE, RECONNECT, told),
    SMB(605, OTHER, SINGLE, RECONNECT, told),
    SMB(650, OTHER, SINGLE, FILE, file),
    SMB(651, OTHER, SINGLE, OTHER, told),
    SMB(652, OTHER, SINGLE, OTHER, told),
    SMB(653, OTHER, SINGLE, OTHER, told),
    SMB(654, OTHER, SINGLE, OTHER, told),
    SMB(655, OTHER, SINGLE, OTHER, told),
    SMB(656, OTHER, SINGLE, FILE_END, told),
    NOTED(657), NOTED(658), NOTED(700), NOTED(701), NOTED(702), NOTED(1000), NOTED(1001),
    SMB(1002, FAILED, SINGLE, REOPEN_FAILED, told),
    SMB(1003, FAILED, SINGLE, TREE_REFUSED, told),
    SMB(1004, FAILED, SINGLE, SIGNING_FAILED, told),
    SMB(1005, FAILED, SINGLE, NEGOTIATE_FAILED, told),
    SMB(1006, FAILED, SINGLE, TREE_REFUSED, told),
    SMB(1007, FAILED, SINGLE, TREE_REFUSED, told),
    SMB(1009, FAILED, SINGLE, SESSION_REFUSED, told),
    NOTED(1010), NOTED(1011),
    SMB(1012, OTHER, SINGLE, OTHER, told),
    NOTED(1013), NOTED(1014),
    SMB(1015, FAILED, SINGLE, ENCRYPTION_FAILED, told),
    SMB(1016, FAILED, SINGLE, REOPEN_FAILED, told),
    NOTED(1017),
    SMB(1018, OTHER, SINGLE, SESSION_END, told),
    SMB(1019, OTHER, SINGLE, OTHER, told),
    SMB(1020, OTHER, SINGLE, SLOW, slow),
    NOTED(1021), NOTED(1022), NOTED(1023), NOTED(1024), NOTED(1025), NOTED(1026), NOTED(1027),
    NOTED(1028), NOTED(1029), NOTED(1030), NOTED(1031), NOTED(1032), NOTED(1033), NOTED(1034),
    NOTED(1035), NOTED(1036), NOTED(1037), NOTED(1038), NOTED(1039), NOTED(1040), NOTED(1041),
    NOTED(1042), NOTED(1043), NOTED(1044), NOTED(1045),
    SMB(1046, FAILED, SINGLE, TREE_REFUSED, slow),
    SMB(1047, OTHER, SINGLE, SLOW, slow),
    SMB(1048, OTHER, SINGLE, SLOW, slow),
    NOTED(1049), NOTED(1050), NOTED(1051), NOTED(1052), NOTED(1053),
    SMB(1054, OTHER, SINGLE, SLOW, slow),
    NOTED(1055), NOTED(1056), NOTED(1057), NOTED(1058), NOTED(1059), NOTED(1060), NOTED(1061),
    NOTED(1062), NOTED(1080), NOTED(1800), NOTED(1801), NOTED(1802), NOTED(1803), NOTED(1804),
    NOTED(1900), NOTED(1901), NOTED(1902), NOTED(1903), NOTED(1904),
    SMB(1905, OTHER, SINGLE, SESSION_END, told),
    SMB(1906, FAILED, SINGLE, SESSION_REFUSED, told),
    NOTED(1907), NOTED(1908), NOTED(1909), NOTED(1910), NOTED(1911), NOTED(1912), NOTED(1913),
    NOTED(1914),
    PACKET(2000, FRAGMENT),
    NOTED(3000), NOTED(3002), NOTED(3003), NOTED(3004), NOTED(3005), NOTED(3006),
    SMB(3007, FAILED, SINGLE, CONNECT_FAILED, told),
    NOTED(3008), NOTED(3009), NOTED(3010), NOTED(3011), NOTED(3012), NOTED(3013), NOTED(3014),
    NOTED(3015), NOTED(3016), NOTED(3017), NOTED(3018), NOTED(3019), NOTED(3020), NOTED(3021),
    NOTED(3022), NOTED(3023),
    SMB(3024, FAILED, SINGLE, SESSION_REFUSED, told),
    NOTED(3025), NOTED(3026), NOTED(3027),
    SMB(4000, OTHER, SINGLE, TREE, told),
    PACKET(40000, PACKET),
};
/* clang-format on */

const struct provider_binding smb_server_provider = {
    .guid = GUID_OF(0xd48ce617, 0x33a2, 0x4bc3, 0xa5, 0xc7, 0x11, 0xaa, 0x4f, 0x29, 0x61, 0x9e),
    .events = events,
    .event_count = COUNT_OF(events),
};
