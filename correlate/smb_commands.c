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
