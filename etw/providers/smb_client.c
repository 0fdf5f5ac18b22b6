/* SPDX-License-Identifier: MIT */
/*
 * smb_client.c - Microsoft-Windows-SMBClient: connections to file servers, requests and their
 * responses, sessions, shares, files, and what went wrong with them.
 *
 * ServerName of events about a share (30807, 30808, 30833) names the share with its server.
 */
#include "etw/providers/smb_events.h"

#include <string.h>

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

/* How Windows may call its commands, without what is no letter; in the order of their numbers. */
static const char *const command_names[][2] = {
    {"negotiate", NULL},
    {"sessionsetup", NULL},
    {"logoff", NULL},
    {"treeconnect", NULL},
    {"treedisconnect", NULL},
    {"create", NULL},
    {"close", NULL},
    {"flush", NULL},
    {"read", NULL},
    {"write", NULL},
    {"lock", NULL},
    {"ioctl", "fsctl"},
    {"cancel", NULL},
    {"echo", NULL},
    {"querydirectory", "querydir"},
    {"changenotify", "notify"},
    {"queryinfo", NULL},
    {"setinfo", NULL},
    {"oplockbreak", "breakoplock"},
};

#define NAME_MAXIMUM 16

/* The letters of the first word or words, lower case: "Query directory" is querydirectory. In
 * front there may be "Smb2". */
static size_t take_letters(const struct bytes *text, char letters[NAME_MAXIMUM])
{
    size_t count = 0;
    size_t at = text->size > 4 && (text->data[0] | 0x20) == 's' && text->data[3] == '2' ? 4 : 0;
    for (; at < text->size && count < NAME_MAXIMUM - 1; at++) {
        uint8_t letter = text->data[at] | 0x20;
        if (letter >= 'a' && letter <= 'z') {
            letters[count++] = (char)letter;
        } else if (strchr(",;+/|", text->data[at])) {
            break;
        }
    }
    letters[count] = '\0';
    return count;
}

static bool parse_number(const struct bytes *text, uint16_t *number)
{
    uint32_t value = 0;
    for (size_t i = 0; i < text->size; i++) {
        uint8_t c = text->data[i];
        if (c < '0' || c > '9' || value > UINT16_MAX / 10) {
            return false;
        }
        value = value * 10 + (uint32_t)(c - '0');
    }
    *number = (uint16_t)value;
    return text->size > 0;
}

static bool parse_command(const struct bytes *text, uint16_t *number)
{
    char letters[NAME_MAXIMUM];
    if (take_letters(text, letters) == 0) {
        return parse_number(text, number);
    }
    for (uint16_t i = 0; i < COUNT_OF(command_names); i++) {
        for (size_t k = 0; k < 2 && command_names[i][k]; k++) {
            if (strcmp(letters, command_names[i][k]) == 0) {
                *number = i;
                return true;
            }
        }
    }
    return false;
}

static void finish_message(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    struct etw_smb *smb = &event->u.smb;
    if (parse_command(&smb->command_text, &smb->socket.command)) {
        smb->socket.has |= ETW_HAS_COMMAND;
    }
}

static void finish_packet(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    smb_finish_packet(event, ETW_ACTION_REQUEST, ETW_ACTION_RESPONSE);
}

/* clang-format off */
#define END {ROLE_NONE, NULL}

static const struct role_binding told[] = {
    {ROLE_HANDLE_SMB_CONNECTION, "VcEndpoint"},
    {ROLE_SOCKET_LOCAL, "LocalAddress"},
    {ROLE_SOCKET_REMOTE, "RemoteAddress|Address"},
    {ROLE_SOCKET_STATUS, "Status"},
    {ROLE_SOCKET_REASON, "Reason"},
    {ROLE_SOCKET_COMMAND, "Smb2Command"},
    {ROLE_SOCKET_MESSAGE, "MessageId"},
    {ROLE_SOCKET_SESSION, "SessionId"},
    {ROLE_SOCKET_TREE, "TreeId"},
    {ROLE_SMB_SERVER, "ServerName"},
    {ROLE_SMB_SHARE, "ShareName"},
    {ROLE_SMB_FILE, "ObjectName|FileName"},
    {ROLE_SMB_USER, "UserName"},
    {ROLE_SMB_OBJECT, "SessionEntry|RxContext|SrvOpen"},
    {ROLE_SMB_RETRIES, "RetryCount|RestartCount"},
    {ROLE_SMB_MILLISECONDS, "ElapsedTimeInMs"},
    {ROLE_SMB_FUNCTION, "IrpMajorFunction|MajorFunction|IrpCode"},
    {ROLE_SMB_DIALECT, "Dialect"},
    END};
static const struct role_binding tree[] = {
    {ROLE_SOCKET_REMOTE, "Address"},
    {ROLE_SOCKET_STATUS, "Status"},
    {ROLE_SOCKET_SESSION, "SessionId"},
    {ROLE_SOCKET_TREE, "TreeId"},
    {ROLE_SMB_SHARE, "ServerName"},
    END};
static const struct role_binding transfer[] = {
    {ROLE_HANDLE_SMB_CONNECTION, "VcEndpoint"},
    {ROLE_SOCKET_BYTES, "SendLength"},
    {ROLE_SOCKET_STATUS, "Status"},
    END};
static const struct role_binding message[] = {
    {ROLE_HANDLE_SMB_CONNECTION, "VcEndpoint"},
    {ROLE_SOCKET_MESSAGE, "MessageId"},
    {ROLE_SOCKET_SESSION, "SessionId"},
    {ROLE_SOCKET_TREE, "TreeId"},
    {ROLE_SOCKET_STATUS, "Status"},
    {ROLE_SOCKET_BYTES, "SendLength"},
    {ROLE_SMB_ASYNC, "AsyncId"},
    {ROLE_SMB_CREDITS, "CreditRequested|CreditGranted"},
    {ROLE_SMB_CREDIT_CHARGE, "MidCharge"},
    {ROLE_SMB_COMMAND_TEXT, "Command"},
    END};
static const struct role_binding session_state[] = {
    {ROLE_SMB_OBJECT, "Object"},
    {ROLE_SMB_OLD_STATE, "OldState"},
    {ROLE_SMB_NEW_STATE, "NewState"},
    {ROLE_SOCKET_STATUS, "Status"},
    {ROLE_SMB_SERVER, "ObjectName"},
    END};
static const struct role_binding tree_state[] = {
    {ROLE_SMB_OBJECT, "Object"},
    {ROLE_SMB_OLD_STATE, "OldState"},
    {ROLE_SMB_NEW_STATE, "NewState"},
    {ROLE_SOCKET_STATUS, "Status"},
    {ROLE_SMB_SHARE, "ObjectName"},
    END};
static const struct role_binding file_state[] = {
    {ROLE_SMB_OBJECT, "Object"},
    {ROLE_SMB_PERSISTENT_ID, "PersistentFID"},
    {ROLE_SMB_FILE_ID, "VolatileFID"},
    {ROLE_SMB_OLD_STATE, "OldState"},
    {ROLE_SMB_NEW_STATE, "NewState"},
    {ROLE_SOCKET_STATUS, "Status"},
    {ROLE_SOCKET_REASON, "Reason"},
    {ROLE_SMB_SHARE, "ShareName"},
    {ROLE_SMB_FILE, "ObjectName"},
    END};
static const struct role_binding window[] = {
    {ROLE_SMB_OBJECT, "MidWindow|Window"},
    {ROLE_SMB_SERVER, "ServerName"},
    {ROLE_SMB_WINDOW_SIZE, "CurrentWindowSize"},
    {ROLE_SMB_WINDOW_LIMIT, "CurrentWindowLimit"},
    {ROLE_SOCKET_MESSAGE, "OldestPendingMid"},
    END};
static const struct role_binding waiting[] = {
    {ROLE_SMB_OBJECT, "BufferCtxt"},
    {ROLE_SMB_WINDOW, "Window"},
    {ROLE_SMB_CREDIT_CHARGE, "MidCharge"},
    {ROLE_SMB_WINDOW_SIZE, "CurrentWindowSize"},
    {ROLE_SMB_WINDOW_LIMIT, "CurrentWindowLimit"},
    END};
static const struct role_binding packet[] = {
    {ROLE_SOCKET_REMOTE, "PeerAddress"},
    {ROLE_SOCKET_BYTES, "PacketSize|FragmentSize"},
    {ROLE_SMB_DATA, "PacketData|FragmentData"},
    END};

#define ROW(id, action, phase, tells, finish, roles)                                               \
    {id, ETW_EVENT_SOCKET, finish, roles,                                                          \
     {ETW_LAYER_SMB_CLIENT, ETW_ACTION_##action, ETW_PHASE_##phase, ETW_SMB_##tells, false}}
#define SMB(id, action, phase, tells, roles) ROW(id, action, phase, tells, NULL, roles)
#define MESSAGE(id, action, tells) ROW(id, action, SINGLE, tells, finish_message, message)
#define PACKET(id, tells) ROW(id, OTHER, SINGLE, tells, finish_packet, packet)

static const struct event_binding events[] = {
    NOTED(101), NOTED(201), NOTED(301), NOTED(401), NOTED(501),
    PACKET(2000, FRAGMENT),
    NOTED(20001), NOTED(30103), NOTED(30104),
    SMB(30105, OTHER, SINGLE, CREDITS_WAIT, waiting),
    SMB(30106, OTHER, SINGLE, CREDITS_GOT, waiting),
    SMB(30108, OTHER, SINGLE, WINDOW_BLOCKED, window),
    SMB(30109, OTHER, SINGLE, OTHER, waiting),
    SMB(30110, OTHER, SINGLE, WINDOW, window),
    SMB(30111, OTHER, SINGLE, WINDOW_STATE, window),
    SMB(30112, OTHER, SINGLE, WINDOW_END, window),
    SMB(30113, OTHER, SINGLE, OTHER, told),
    SMB(30114, OTHER, SINGLE, OTHER, told),
    SMB(30203, CONNECT, ENTER, CONNECT, told),
    SMB(30204, CONNECT, EXIT, CONNECTED, told),
    SMB(30205, SEND, ENTER, SEND, transfer),
    SMB(30206, SEND, EXIT, OTHER, transfer),
    SMB(30207, RECEIVE, ENTER, OTHER, transfer),
    SMB(30208, RECEIVE, EXIT, OTHER, transfer),
    SMB(30209, OTHER, SINGLE, OTHER, told),
    SMB(30210, FAILED, SINGLE, COMPRESSION_FAILED, transfer),
    SMB(30211, FAILED, SINGLE, COMPRESSION_FAILED, transfer),
    SMB(30401, FAILED, SINGLE, SESSION_EXPIRED, told),
    SMB(30402, FAILED, SINGLE, SESSION_EXPIRED, told),
    SMB(30403, OTHER, SINGLE, RECONNECT, told),
    NOTED(30404), NOTED(30405),
    MESSAGE(30406, REQUEST, REQUEST),
    MESSAGE(30407, RESPONSE, RESPONSE),
    MESSAGE(30408, RESPONSE, INTERIM),
    MESSAGE(30409, RESPONSE, ASYNC_RESPONSE),
    NOTED(30410), NOTED(30501), NOTED(30502), NOTED(30503), NOTED(30504), NOTED(30505),
    NOTED(30506), NOTED(30507), NOTED(30508),
    SMB(30600, OTHER, SINGLE, SESSION_STATE, session_state),
    SMB(30601, OTHER, SINGLE, TREE_STATE, tree_state),
    SMB(30603, OTHER, SINGLE, FILE_STATE, file_state),
    NOTED(30604),
    SMB(30611, FAILED, SINGLE, HANDLE_LOST, file_state),
    SMB(30612, FAILED, SINGLE, HANDLE_LOST, file_state),
    SMB(30613, FAILED, SINGLE, OPEN_FAILED, file_state),
    NOTED(30701),
    SMB(30702, FAILED, SINGLE, CONNECT_FAILED, told),
    SMB(30703, FAILED, SINGLE, CONNECT_FAILED, told),
    SMB(30704, CONNECT, EXIT, CONNECTED, told),
    SMB(30705, CONNECT, EXIT, CONNECTED, told),
    SMB(30800, FAILED, SINGLE, NAME_FAILED, told),
    SMB(30801, FAILED, SINGLE, CONNECT_FAILED, told),
    SMB(30802, FAILED, SINGLE, CONNECT_FAILED, told),
    SMB(30803, FAILED, SINGLE, CONNECT_FAILED, told),
    SMB(30804, CLOSE, INDICATION, DISCONNECTED, told),
    SMB(30805, FAILED, SINGLE, SESSION_REFUSED, told),
    SMB(30806, OTHER, SINGLE, SESSION, told),
    SMB(30807, FAILED, SINGLE, TREE_REFUSED, tree),
    SMB(30808, OTHER, SINGLE, TREE, tree),
    SMB(30809, TIMEOUT, SINGLE, EXPIRED, told),
    NOTED(30810), NOTED(30811), NOTED(30812), NOTED(30813), NOTED(30814), NOTED(30815),
    SMB(30816, FAILED, SINGLE, NEGOTIATE_FAILED, told),
    SMB(30817, FAILED, SINGLE, CLOSE_FAILED, told),
    NOTED(30818), NOTED(30819), NOTED(30820), NOTED(30821),
    SMB(30822, FAILED, SINGLE, CONNECT_FAILED, told),
    SMB(30823, FAILED, SINGLE, CONNECTION_HUNG, told),
    SMB(30824, CLOSE, SINGLE, CLOSED, told),
    SMB(30825, OTHER, SINGLE, OTHER, told),
    NOTED(30826), NOTED(30827),
    SMB(30828, OTHER, SINGLE, SESSION, told),
    SMB(30829, FAILED, SINGLE, SESSION_REFUSED, told),
    SMB(30830, CONNECT, EXIT, CONNECTED, told),
    SMB(30831, FAILED, SINGLE, CONNECT_FAILED, told),
    SMB(30832, CONNECT, EXIT, CONNECTED, told),
    SMB(30833, OTHER, SINGLE, TREE, tree),
    SMB(30834, FAILED, SINGLE, CONNECT_FAILED, told),
    SMB(30835, FAILED, SINGLE, CONNECT_FAILED, told),
    SMB(30836, OTHER, SINGLE, ACCESS, told),
    NOTED(30837), NOTED(30838),
    SMB(30900, FAILED, SINGLE, HANDLE_LOST, file_state),
    NOTED(30904), NOTED(30905),
    SMB(30906, FAILED, SINGLE, RETRY_FAILED, told),
    NOTED(30907), NOTED(30908), NOTED(30909), NOTED(30910), NOTED(30911), NOTED(30912),
    NOTED(30913), NOTED(30914), NOTED(30915), NOTED(30916), NOTED(30917), NOTED(30918),
    NOTED(30950), NOTED(30951),
    SMB(30952, FAILED, SINGLE, CONNECT_FAILED, told),
    NOTED(30953), NOTED(30954), NOTED(30955),
    SMB(31000, FAILED, SINGLE, SESSION_REFUSED, told),
    SMB(31001, FAILED, SINGLE, SESSION_REFUSED, told),
    SMB(31002, FAILED, SINGLE, SESSION_REFUSED, told),
    NOTED(31003),
    SMB(31010, FAILED, SINGLE, TREE_REFUSED, told),
    SMB(31012, FAILED, SINGLE, NEGOTIATE_FAILED, told),
    SMB(31013, FAILED, SINGLE, SIGNING_FAILED, told),
    SMB(31014, FAILED, SINGLE, ENCRYPTION_FAILED, told),
    SMB(31015, FAILED, SINGLE, ENCRYPTION_FAILED, told),
    NOTED(31016),
    SMB(31017, FAILED, SINGLE, SESSION_REFUSED, told),
    NOTED(31018), NOTED(31019),
    SMB(31020, FAILED, SINGLE, SESSION_REFUSED, told),
    NOTED(31021), NOTED(31022),
    SMB(31023, FAILED, SINGLE, SESSION_REFUSED, told),
    NOTED(31997), NOTED(31998), NOTED(31999),
    SMB(32000, FAILED, SINGLE, NEGOTIATE_FAILED, told),
    NOTED(32002), NOTED(32003),
    SMB(32004, OTHER, SINGLE, ACCESS, told),
    NOTED(32005), NOTED(32006), NOTED(32007), NOTED(32008), NOTED(32009), NOTED(32010),
    NOTED(32011), NOTED(32012), NOTED(32013), NOTED(32028), NOTED(32029), NOTED(32030),
    NOTED(32031), NOTED(32032), NOTED(32033), NOTED(32048), NOTED(32049), NOTED(32050),
    NOTED(32051), NOTED(32052), NOTED(32053), NOTED(32068),
    PACKET(40000, PACKET),
};
/* clang-format on */

const struct provider_binding smb_client_provider = {
    .guid = GUID_OF(0x988c59c5, 0x0a1c, 0x45b6, 0xa5, 0x55, 0x0c, 0x62, 0x27, 0x6e, 0x32, 0x7d),
    .events = events,
    .event_count = COUNT_OF(events),
};
