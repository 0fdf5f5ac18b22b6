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
    for (size_t i = 0; i < COUNT_OF(command_names); i++) {
        for (size_t k = 0; k < 2 && command_names[i][k]; k++) {
            if (strcmp(letters, command_names[i][k]) == 0) {
                *number = (uint16_t)i;
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
#define CONNECTION       {ROLE_HANDLE_SMB_CONNECTION, "VcEndpoint"}
#define LOCAL            {ROLE_SOCKET_LOCAL, "LocalAddress"}
#define REMOTE           {ROLE_SOCKET_REMOTE, "RemoteAddress|Address"}
#define SERVER_AT        {ROLE_SOCKET_REMOTE, "Address"}
#define PEER             {ROLE_SOCKET_REMOTE, "PeerAddress"}
#define STATUS           {ROLE_SOCKET_STATUS, "Status"}
#define REASON           {ROLE_SOCKET_REASON, "Reason"}
#define COMMAND          {ROLE_SOCKET_COMMAND, "Smb2Command"}
#define MESSAGE_ID       {ROLE_SOCKET_MESSAGE, "MessageId"}
#define OLDEST_ID        {ROLE_SOCKET_MESSAGE, "OldestPendingMid"}
#define SESSION_ID       {ROLE_SOCKET_SESSION, "SessionId"}
#define TREE_ID          {ROLE_SOCKET_TREE, "TreeId"}
#define SIZE             {ROLE_SOCKET_BYTES, "SendLength"}
#define DATA_SIZE        {ROLE_SOCKET_BYTES, "PacketSize|FragmentSize"}
#define SERVER           {ROLE_SMB_SERVER, "ServerName"}
#define SHARE_AS_SERVER  {ROLE_SMB_SHARE, "ServerName"}
#define SERVER_AS_OBJECT {ROLE_SMB_SERVER, "ObjectName"}
#define SHARE_AS_OBJECT  {ROLE_SMB_SHARE, "ObjectName"}
#define SHARE            {ROLE_SMB_SHARE, "ShareName"}
#define FILE_NAME        {ROLE_SMB_FILE, "ObjectName|FileName"}
#define OBJECT_NAME      {ROLE_SMB_FILE, "ObjectName"}
#define USER             {ROLE_SMB_USER, "UserName"}
#define ABOUT            {ROLE_SMB_OBJECT, "SessionEntry|RxContext|SrvOpen"}
#define OBJECT           {ROLE_SMB_OBJECT, "Object"}
#define WINDOW_ITSELF    {ROLE_SMB_OBJECT, "MidWindow|Window"}
#define BUFFER           {ROLE_SMB_OBJECT, "BufferCtxt"}
#define ITS_WINDOW       {ROLE_SMB_WINDOW, "Window"}
#define RETRIES          {ROLE_SMB_RETRIES, "RetryCount|RestartCount"}
#define ELAPSED          {ROLE_SMB_MILLISECONDS, "ElapsedTimeInMs"}
#define TRANSPORT        {ROLE_SMB_TRANSPORT, "ConnectionType"}
#define FUNCTION         {ROLE_SMB_FUNCTION, "IrpMajorFunction|MajorFunction|IrpCode"}
#define DIALECT          {ROLE_SMB_DIALECT, "Dialect"}
#define ASYNC            {ROLE_SMB_ASYNC, "AsyncId"}
#define CREDITS          {ROLE_SMB_CREDITS, "CreditRequested|CreditGranted"}
#define CHARGE           {ROLE_SMB_CREDIT_CHARGE, "MidCharge"}
#define COMMAND_TEXT     {ROLE_SMB_COMMAND_TEXT, "Command"}
#define OLD_STATE        {ROLE_SMB_OLD_STATE, "OldState"}
#define NEW_STATE        {ROLE_SMB_NEW_STATE, "NewState"}
#define PERSISTENT_ID    {ROLE_SMB_PERSISTENT_ID, "PersistentFID"}
#define VOLATILE_ID      {ROLE_SMB_FILE_ID, "VolatileFID"}
#define WINDOW_SIZE      {ROLE_SMB_WINDOW_SIZE, "CurrentWindowSize"}
#define WINDOW_LIMIT     {ROLE_SMB_WINDOW_LIMIT, "CurrentWindowLimit"}
#define DATA             {ROLE_SMB_DATA, "PacketData|FragmentData"}
#define STATES OLD_STATE, NEW_STATE
#define IDS SESSION_ID, TREE_ID

#define ROW(id, action, phase, tells, finish, roles)                                               \
    {id, ETW_EVENT_SOCKET, finish, roles,                                                          \
     {ETW_LAYER_SMB_CLIENT, ETW_ACTION_##action, ETW_PHASE_##phase, ETW_SMB_##tells, false}}
#define SMB(id, action, phase, tells, roles) ROW(id, action, phase, tells, NULL, roles)
#define MESSAGE(id, action, tells, roles) ROW(id, action, SINGLE, tells, finish_message, roles)
#define PACKET(id, tells, roles) ROW(id, OTHER, SINGLE, tells, finish_packet, roles)

static const struct event_binding events[] = {
    NOTED(101), NOTED(201), NOTED(301), NOTED(401), NOTED(501),
    PACKET(2000, FRAGMENT, ROLES(DATA_SIZE, DATA)),
    NOTED(20001), NOTED(30103), NOTED(30104),
    SMB(30105, OTHER, SINGLE, CREDITS_WAIT,
        ROLES(BUFFER, ITS_WINDOW, CHARGE, WINDOW_SIZE, WINDOW_LIMIT)),
    SMB(30106, OTHER, SINGLE, CREDITS_GOT,
        ROLES(BUFFER, ITS_WINDOW, CHARGE, WINDOW_SIZE, WINDOW_LIMIT)),
    SMB(30108, OTHER, SINGLE, WINDOW_BLOCKED, ROLES(WINDOW_ITSELF)),
    SMB(30109, OTHER, SINGLE, OTHER, ROLES(BUFFER, ITS_WINDOW, CHARGE, WINDOW_SIZE, WINDOW_LIMIT)),
    SMB(30110, OTHER, SINGLE, WINDOW, ROLES(WINDOW_ITSELF, SERVER)),
    SMB(30111, OTHER, SINGLE, WINDOW_STATE,
        ROLES(WINDOW_ITSELF, WINDOW_SIZE, WINDOW_LIMIT, OLDEST_ID)),
    SMB(30112, OTHER, SINGLE, WINDOW_END, ROLES(WINDOW_ITSELF, SERVER)),
    SMB(30113, OTHER, SINGLE, OTHER, ROLES(CONNECTION, STATUS)),
    SMB(30114, OTHER, SINGLE, OTHER, ROLES(CONNECTION, STATUS)),
    SMB(30203, CONNECT, ENTER, CONNECT, ROLES(TRANSPORT, CONNECTION, REMOTE)),
    SMB(30204, CONNECT, EXIT, CONNECTED, ROLES(TRANSPORT, CONNECTION, STATUS)),
    SMB(30205, SEND, ENTER, SEND, ROLES(CONNECTION, SIZE)),
    SMB(30206, SEND, EXIT, OTHER, ROLES(CONNECTION, SIZE, STATUS)),
    SMB(30207, RECEIVE, ENTER, OTHER, ROLES(CONNECTION, SIZE)),
    SMB(30208, RECEIVE, EXIT, OTHER, ROLES(CONNECTION, SIZE, STATUS)),
    SMB(30209, OTHER, SINGLE, OTHER, ROLES(CONNECTION, STATUS)),
    SMB(30210, FAILED, SINGLE, COMPRESSION_FAILED, ROLES(CONNECTION, SIZE, STATUS)),
    SMB(30211, FAILED, SINGLE, COMPRESSION_FAILED, ROLES(CONNECTION, SIZE, STATUS)),
    SMB(30401, FAILED, SINGLE, SESSION_EXPIRED, ROLES(SERVER, ABOUT)),
    SMB(30402, FAILED, SINGLE, SESSION_EXPIRED, ROLES(SERVER, ABOUT)),
    SMB(30403, OTHER, SINGLE, RECONNECT, ROLES(ABOUT)),
    NOTED(30404), NOTED(30405),
    MESSAGE(30406, REQUEST, REQUEST,
        ROLES(CONNECTION, MESSAGE_ID, IDS, SIZE, CREDITS, CHARGE, COMMAND_TEXT)),
    MESSAGE(30407, RESPONSE, RESPONSE,
        ROLES(CONNECTION, MESSAGE_ID, IDS, STATUS, ASYNC, CREDITS, COMMAND_TEXT)),
    MESSAGE(30408, RESPONSE, INTERIM,
        ROLES(CONNECTION, MESSAGE_ID, IDS, STATUS, ASYNC, CREDITS, COMMAND_TEXT)),
    MESSAGE(30409, RESPONSE, ASYNC_RESPONSE,
        ROLES(CONNECTION, MESSAGE_ID, IDS, STATUS, ASYNC, CREDITS, COMMAND_TEXT)),
    NOTED(30410), NOTED(30501), NOTED(30502), NOTED(30503), NOTED(30504), NOTED(30505),
    NOTED(30506), NOTED(30507), NOTED(30508),
    SMB(30600, OTHER, SINGLE, SESSION_STATE, ROLES(OBJECT, STATES, STATUS, SERVER_AS_OBJECT)),
    SMB(30601, OTHER, SINGLE, TREE_STATE, ROLES(OBJECT, STATES, STATUS, SHARE_AS_OBJECT)),
    SMB(30603, OTHER, SINGLE, FILE_STATE,
        ROLES(OBJECT, PERSISTENT_ID, VOLATILE_ID, STATES, STATUS, REASON, SHARE, OBJECT_NAME)),
    NOTED(30604),
    SMB(30611, FAILED, SINGLE, HANDLE_LOST,
        ROLES(OBJECT, PERSISTENT_ID, VOLATILE_ID, STATES, STATUS, REASON, SHARE, OBJECT_NAME)),
    SMB(30612, FAILED, SINGLE, HANDLE_LOST,
        ROLES(OBJECT, PERSISTENT_ID, VOLATILE_ID, STATES, STATUS, REASON, SHARE, OBJECT_NAME)),
    SMB(30613, FAILED, SINGLE, OPEN_FAILED,
        ROLES(OBJECT, PERSISTENT_ID, VOLATILE_ID, STATES, STATUS, REASON, SHARE, OBJECT_NAME)),
    NOTED(30701),
    SMB(30702, FAILED, SINGLE, CONNECT_FAILED, ROLES(LOCAL, REMOTE, STATUS, SERVER)),
    ROW(30703, FAILED, SINGLE, CONNECT_FAILED, smb_finish_rdma, ROLES(LOCAL, REMOTE, STATUS, SERVER)),
    SMB(30704, CONNECT, EXIT, CONNECTED, ROLES(LOCAL, REMOTE, STATUS, SERVER)),
    ROW(30705, CONNECT, EXIT, CONNECTED, smb_finish_rdma, ROLES(LOCAL, REMOTE, STATUS, SERVER)),
    SMB(30800, FAILED, SINGLE, NAME_FAILED, ROLES(STATUS, REASON, SERVER)),
    SMB(30801, FAILED, SINGLE, CONNECT_FAILED, ROLES(STATUS, REASON, SERVER)),
    SMB(30802, FAILED, SINGLE, CONNECT_FAILED, ROLES(STATUS, REASON, SERVER)),
    SMB(30803, FAILED, SINGLE, CONNECT_FAILED,
        ROLES(TRANSPORT, LOCAL, REMOTE, STATUS, REASON, SERVER)),
    SMB(30804, CLOSE, INDICATION, DISCONNECTED, ROLES(TRANSPORT, REMOTE, STATUS, REASON, SERVER)),
    SMB(30805, FAILED, SINGLE, SESSION_REFUSED, ROLES(REMOTE, STATUS, IDS, SERVER)),
    SMB(30806, OTHER, SINGLE, SESSION, ROLES(REMOTE, STATUS, IDS, SERVER)),
    SMB(30807, FAILED, SINGLE, TREE_REFUSED, ROLES(SERVER_AT, STATUS, IDS, SHARE_AS_SERVER)),
    SMB(30808, OTHER, SINGLE, TREE, ROLES(SERVER_AT, STATUS, IDS, SHARE_AS_SERVER)),
    SMB(30809, TIMEOUT, SINGLE, EXPIRED,
        ROLES(STATUS, COMMAND, MESSAGE_ID, IDS, SERVER, RETRIES, ELAPSED)),
    NOTED(30810), NOTED(30811), NOTED(30812), NOTED(30813), NOTED(30814), NOTED(30815),
    SMB(30816, FAILED, SINGLE, NEGOTIATE_FAILED, ROLES(STATUS, REASON, SERVER)),
    SMB(30817, FAILED, SINGLE, CLOSE_FAILED, ROLES(STATUS, REASON, SHARE, FILE_NAME)),
    SMB(30818, OTHER, SINGLE, RDMA_FALLBACK, ROLES(SERVER)),
    NOTED(30819), NOTED(30820), NOTED(30821),
    SMB(30822, FAILED, SINGLE, CONNECT_FAILED,
        ROLES(TRANSPORT, LOCAL, REMOTE, STATUS, REASON, SERVER)),
    SMB(30823, FAILED, SINGLE, CONNECTION_HUNG,
        ROLES(TRANSPORT, LOCAL, REMOTE, STATUS, REASON, SERVER)),
    SMB(30824, CLOSE, SINGLE, CLOSED, ROLES(TRANSPORT, LOCAL, REMOTE, STATUS, REASON, SERVER)),
    SMB(30825, OTHER, SINGLE, OTHER, ROLES(REASON, SERVER)),
    NOTED(30826), NOTED(30827),
    SMB(30828, OTHER, SINGLE, SESSION, ROLES(LOCAL, REMOTE, STATUS, SESSION_ID, SERVER)),
    SMB(30829, FAILED, SINGLE, SESSION_REFUSED, ROLES(LOCAL, REMOTE, STATUS, SESSION_ID, SERVER)),
    SMB(30830, CONNECT, EXIT, CONNECTED, ROLES(TRANSPORT, LOCAL, REMOTE, STATUS, SERVER)),
    SMB(30831, FAILED, SINGLE, CONNECT_FAILED, ROLES(TRANSPORT, LOCAL, REMOTE, SERVER)),
    SMB(30832, CONNECT, EXIT, CONNECTED, ROLES(TRANSPORT, LOCAL, REMOTE, SERVER)),
    SMB(30833, OTHER, SINGLE, TREE, ROLES(SERVER_AT, STATUS, IDS, SHARE_AS_SERVER)),
    SMB(30834, FAILED, SINGLE, CONNECT_FAILED, ROLES(TRANSPORT, LOCAL, REMOTE, SERVER)),
    SMB(30835, FAILED, SINGLE, CONNECT_FAILED, ROLES(TRANSPORT, LOCAL, REMOTE, SERVER)),
    SMB(30836, OTHER, SINGLE, ACCESS, ROLES(SESSION_ID, SHARE, FILE_NAME, ABOUT, FUNCTION)),
    NOTED(30837), NOTED(30838),
    SMB(30900, FAILED, SINGLE, HANDLE_LOST,
        ROLES(OBJECT, PERSISTENT_ID, VOLATILE_ID, STATES, STATUS, REASON, SHARE, OBJECT_NAME)),
    NOTED(30904), NOTED(30905),
    SMB(30906, FAILED, SINGLE, RETRY_FAILED,
        ROLES(STATUS, REASON, SHARE, FILE_NAME, RETRIES, FUNCTION)),
    NOTED(30907), NOTED(30908), NOTED(30909), NOTED(30910), NOTED(30911), NOTED(30912),
    NOTED(30913), NOTED(30914), NOTED(30915), NOTED(30916), NOTED(30917), NOTED(30918),
    NOTED(30950), NOTED(30951),
    SMB(30952, FAILED, SINGLE, CONNECT_FAILED, ROLES(TRANSPORT, REMOTE, STATUS, SERVER)),
    NOTED(30953), NOTED(30954), NOTED(30955),
    SMB(31000, FAILED, SINGLE, SESSION_REFUSED, ROLES(STATUS, REASON, SERVER, USER)),
    SMB(31001, FAILED, SINGLE, SESSION_REFUSED, ROLES(STATUS, REASON, SERVER, USER)),
    SMB(31002, FAILED, SINGLE, SESSION_REFUSED, ROLES(STATUS, REASON, SERVER)),
    NOTED(31003),
    SMB(31010, FAILED, SINGLE, TREE_REFUSED, ROLES(STATUS, REASON, SHARE, FILE_NAME)),
    SMB(31012, FAILED, SINGLE, NEGOTIATE_FAILED, ROLES(DIALECT)),
    SMB(31013, FAILED, SINGLE, SIGNING_FAILED,
        ROLES(LOCAL, REMOTE, STATUS, COMMAND, MESSAGE_ID, IDS, SERVER)),
    SMB(31014, FAILED, SINGLE, ENCRYPTION_FAILED,
        ROLES(LOCAL, REMOTE, STATUS, COMMAND, MESSAGE_ID, IDS, SERVER, RETRIES, ELAPSED)),
    SMB(31015, FAILED, SINGLE, ENCRYPTION_FAILED,
        ROLES(STATUS, COMMAND, MESSAGE_ID, IDS, SERVER, RETRIES, ELAPSED)),
    NOTED(31016),
    SMB(31017, FAILED, SINGLE, SESSION_REFUSED, ROLES(SERVER, USER)),
    NOTED(31018), NOTED(31019),
    SMB(31020, FAILED, SINGLE, SESSION_REFUSED, ROLES(SESSION_ID, SERVER, USER)),
    NOTED(31021), NOTED(31022),
    SMB(31023, FAILED, SINGLE, SESSION_REFUSED, ROLES(SERVER)),
    NOTED(31997), NOTED(31998), NOTED(31999),
    SMB(32000, FAILED, SINGLE, NEGOTIATE_FAILED, ROLES(REASON, SERVER, DIALECT)),
    NOTED(32002), NOTED(32003),
    SMB(32004, OTHER, SINGLE, ACCESS, ROLES(FILE_NAME, ABOUT, FUNCTION)),
    NOTED(32005), NOTED(32006), NOTED(32007), NOTED(32008), NOTED(32009), NOTED(32010),
    NOTED(32011), NOTED(32012), NOTED(32013), NOTED(32028), NOTED(32029), NOTED(32030),
    NOTED(32031), NOTED(32032), NOTED(32033), NOTED(32048), NOTED(32049), NOTED(32050),
    NOTED(32051), NOTED(32052), NOTED(32053), NOTED(32068),
    PACKET(40000, PACKET, ROLES(PEER, DATA_SIZE, DATA)),
};
/* clang-format on */

const struct provider_binding smb_client_provider = {
    .guid = GUID_OF(0x988c59c5, 0x0a1c, 0x45b6, 0xa5, 0x55, 0x0c, 0x62, 0x27, 0x6e, 0x32, 0x7d),
    .events = events,
    .event_count = COUNT_OF(events),
};
