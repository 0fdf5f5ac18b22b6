/* SPDX-License-Identifier: MIT */
/*
 * smb_commands.c - names of commands, and where the time of an operation went.
 */
#include "correlate/smb_operations.h"

static const char *const names[] = {
    [CORR_SMB_NEGOTIATE] = "negotiate",
    [CORR_SMB_SESSION_SETUP] = "session-setup",
    [CORR_SMB_LOGOFF] = "logoff",
    [CORR_SMB_TREE_CONNECT] = "tree-connect",
    [CORR_SMB_TREE_DISCONNECT] = "tree-disconnect",
    [CORR_SMB_CREATE] = "create",
    [CORR_SMB_CLOSE] = "close",
    [CORR_SMB_FLUSH] = "flush",
    [CORR_SMB_READ] = "read",
    [CORR_SMB_WRITE] = "write",
    [CORR_SMB_LOCK] = "lock",
    [CORR_SMB_IOCTL] = "ioctl",
    [CORR_SMB_CANCEL] = "cancel",
    [CORR_SMB_ECHO] = "echo",
    [CORR_SMB_QUERY_DIRECTORY] = "query-directory",
    [CORR_SMB_CHANGE_NOTIFY] = "change-notify",
    [CORR_SMB_QUERY_INFO] = "query-info",
    [CORR_SMB_SET_INFO] = "set-info",
    [CORR_SMB_OPLOCK_BREAK] = "oplock-break",
    [CORR_SMB_OTHER] = "other",
};

const char *corr_smb_command_name(enum corr_smb_command command)
{
    return names[command <= CORR_SMB_OTHER ? command : CORR_SMB_OTHER];
}

struct numbered {
    uint16_t number;
    const char *name;
};

/* Those that are mapped to commands of SMB2 have no row. [documented: MS-CIFS 2.2.2.1] */
static const struct numbered smb1_names[] = {
    {0x00, "create-directory"},
    {0x01, "delete-directory"},
    {0x06, "delete"},
    {0x07, "rename"},
    {0x0C, "lock-range"},
    {0x0D, "unlock-range"},
    {0x0E, "create-temporary"},
    {0x0F, "create-new"},
    {0x10, "check-directory"},
    {0x11, "process-exit"},
    {0x12, "seek"},
    {0x13, "lock-and-read"},
    {0x14, "write-and-unlock"},
    {0x1A, "read-raw"},
    {0x1B, "read-multiplexed"},
    {0x1D, "write-raw"},
    {0x1E, "write-multiplexed"},
    {0x20, "write-complete"},
    {0x22, "set-information2"},
    {0x23, "query-information2"},
    {0x25, "transaction"},
    {0x26, "transaction-more"},
    {0x27, "device-control"},
    {0x29, "copy"},
    {0x2A, "move"},
    {0x2C, "write-and-close"},
    {0x31, "close-and-tree-disconnect"},
    {0x32, "transaction2"},
    {0x33, "transaction2-more"},
    {0x34, "find-close2"},
    {0x70, "tree-connect1"},
    {0x80, "query-disk"},
    {0x81, "search"},
    {0x82, "find"},
    {0x83, "find-unique"},
    {0x84, "find-close"},
    {0xA0, "nt-transaction"},
    {0xA1, "nt-transaction-more"},
    {0xA5, "nt-rename"},
    {0xC0, "print-open"},
    {0xC1, "print-write"},
    {0xC2, "print-close"},
};

/* [documented: MS-RAP 2.5.1] */
static const struct numbered call_names[] = {
    {0x00, "NetShareEnum"},      {0x01, "NetShareGetInfo"},    {0x0D, "NetServerGetInfo"},
    {0x38, "NetUserGetInfo"},    {0x3F, "NetWkstaGetInfo"},    {0x45, "NetPrintQEnum"},
    {0x46, "NetPrintQGetInfo"},  {0x4C, "NetPrintJobEnum"},    {0x4D, "NetPrintJobGetInfo"},
    {0x51, "NetPrintJobDelete"}, {0x52, "NetPrintJobPause"},   {0x53, "NetPrintJobContinue"},
    {0x5B, "NetRemoteTOD"},      {0x68, "NetServerEnum2"},     {0x73, "NetUserPasswordSet2"},
    {0x84, "NetWkstaUserLogon"}, {0x85, "NetWkstaUserLogoff"}, {0x93, "NetPrintJobSetInfo"},
    {0xD7, "NetServerEnum3"},
};

static const char *find_name(const struct numbered *rows, size_t count, uint16_t number)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].number == number) {
            return rows[i].name;
        }
    }
    return NULL;
}

const char *corr_smb1_command_name(uint16_t number)
{
    return find_name(smb1_names, sizeof(smb1_names) / sizeof(smb1_names[0]), number);
}

const char *corr_smb_call_name(uint16_t number)
{
    return find_name(call_names, sizeof(call_names) / sizeof(call_names[0]), number);
}

const char *corr_smb_operation_command(const struct corr_smb_operation *operation)
{
    if (operation->command < CORR_SMB_OTHER) {
        return corr_smb_command_name((enum corr_smb_command)operation->command);
    }
    return operation->kind == CORR_SMB_1 ? corr_smb1_command_name(operation->command_number) : NULL;
}

bool corr_smb_is_known(const struct corr_smb_message *message)
{
    if (message->command != CORR_SMB_OTHER || message->kind == CORR_SMB_ENCRYPTED ||
        message->kind == CORR_SMB_COMPRESSED) {
        return true;
    }
    return message->kind == CORR_SMB_1 && corr_smb1_command_name(message->command_number) != NULL;
}

/* -1: one of them is not known, or they are in the wrong order. */
static int64_t between(int64_t from, int64_t to)
{
    return from == CORR_NEVER || to == CORR_NEVER || to < from ? -1 : to - from;
}

static int64_t sum(int64_t a, int64_t b)
{
    return a < 0 || b < 0 ? -1 : a + b;
}

void corr_smb_operation_parts(const struct corr_smb_operation *operation,
                              struct corr_smb_parts *parts)
{
    const struct corr_smb_sight *packets = &operation->sights[CORR_SMB_PACKETS];
    const struct corr_smb_sight *client = &operation->sights[CORR_SMB_CLIENT_EVENTS];
    const struct corr_smb_sight *server = &operation->sights[CORR_SMB_SERVER_EVENTS];
    bool is_whole = operation->has_request && operation->has_response;
    parts->total = is_whole ? between(operation->begin, operation->end) : -1;
    parts->client = sum(between(client->request, packets->request),
                        between(packets->response_end, client->response));
    parts->request = between(packets->request, packets->request_end);
    parts->wait = between(packets->request_end, packets->response);
    parts->response = between(packets->response, packets->response_end);
    parts->server = between(server->request, server->response);
}
