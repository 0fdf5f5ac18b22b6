/* SPDX-License-Identifier: MIT */
#include "pcapout/smb_condition_text.h"

#include <inttypes.h>
#include <string.h>

#include "correlate/smb_operations.h"
#include "pcapout/names.h"
#include "pcapout/smb_rows_format.h"
#include "pcapout/socket_rows_format.h"
#include "pcapout/step_sentences.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

/* "": the condition says as much. [documented: the maps Smb2DiagReasonMap and
 * Srv2ConnectionDisconnectReasons] */
static const char *const client_reasons[] = {
    [0] = "",
    [1] = "", /* the name has no address */
    [2] = "the socket could not be secured",
    [3] = "IPsec failed",
    [4] = "", /* the connection failed in the network */
    [5] = "the negotiation is not valid",
    [6] = "a request was not answered in time",
    [7] = "", /* the network tells of the end */
    [8] = "the server was out of reach before, and was not tried again",
    [9] = "no credentials",
    [10] = "no security context",
    [11] = "", /* the server refused the session */
    [12] = "", /* the server refused the share */
    [13] = "the negotiation could not be validated",
    [14] = "", /* the handle was not reconnected */
    [15] = "", /* the server refused the create */
    [16] = "the client cancelled it",
    [17] = "the connection is suspended",
    [18] = "a user or program disconnected",
    [19] = "a program closed the file",
};

static const char *const server_reasons[] = {
    [0] = "",
    [1] = "it timed out",
    [2] = "it was idle",
};

const char *out_smb_reason(bool is_of_server, uint32_t reason)
{
    if (is_of_server) {
        return reason < COUNT_OF(server_reasons) ? server_reasons[reason] : NULL;
    }
    return reason < COUNT_OF(client_reasons) ? client_reasons[reason] : NULL;
}

/* ---- from a condition ---- */

#define TEXT_COUNT 5

void out_smb_condition_of(const struct corr_smb_condition *from, struct text *texts,
                          struct out_smb_condition *condition)
{
    const struct bytes *const utf16[TEXT_COUNT] = {&from->server, &from->share, &from->file,
                                                   &from->user, &from->client};
    size_t starts[TEXT_COUNT];
    text_clear(texts);
    for (size_t i = 0; i < TEXT_COUNT; i++) {
        starts[i] = texts->size;
        text_add_utf16(texts, utf16[i]->data, utf16[i]->size - utf16[i]->size % 2);
        text_add_char(texts, '\0');
    }
    const char *all = text_get(texts);
    bool is_whole = !texts->failed; /* else there are no names, and the caller sees why */
    *condition = (struct out_smb_condition){
        .kind = from->kind,
        .is_of_server = from->source == CORR_SMB_SERVER_EVENTS,
        .server = is_whole ? all + starts[0] : "",
        .share = is_whole ? all + starts[1] : "",
        .file = is_whole ? all + starts[2] : "",
        .user = is_whole ? all + starts[3] : "",
        .client = is_whole ? all + starts[4] : "",
        .command =
            from->has_command ? corr_smb_command_name((enum corr_smb_command)from->command) : "",
        .has_transport = from->has_transport,
        .transport = from->transport,
        .local = from->local,
        .remote = from->remote,
        .status = from->has & CORR_SMB_HAS_STATUS ? from->status : 0,
        .reason = from->reason,
        .retries = from->retries,
        .window_size = from->window_size,
        .window_limit = from->window_limit,
        .has_duration = from->has_duration,
        .duration = from->duration,
        .threshold = from->threshold,
    };
}

/* ---- words ---- */

static void add_kind(struct text *to, enum corr_smb_condition_kind kind)
{
    for (const char *at = corr_smb_condition_name(kind); *at; at++) {
        text_add_char(to, *at == '-' ? ' ' : *at);
    }
}

static void add_named(struct text *to, const char *what, const char *name)
{
    if (name[0]) {
        text_add(to, what);
        text_add(to, name);
    }
}

/* `\\server\share` begins with the server. */
static bool is_named_by_share(const char *server, const char *share)
{
    size_t size = strlen(server);
    return strncmp(share, "\\\\", 2) == 0 && strncmp(share + 2, server, size) == 0 &&
           (share[2 + size] == '\\' || share[2 + size] == '\0');
}

static void add_names(struct text *to, const struct out_smb_condition *condition)
{
    if (condition->command[0]) {
        text_add(to, ", ");
        text_add(to, condition->command);
    }
    if (condition->share[0] || condition->file[0]) {
        text_add(to, condition->command[0] ? " of " : ", ");
        smb_add_path(to, condition->share, condition->file);
    }
    if (!is_named_by_share(condition->server, condition->share)) {
        add_named(to, ", server ", condition->server);
    }
    add_named(to, ", client ", condition->client);
    add_named(to, ", user ", condition->user);
}

static void add_end(struct text *to, const char *before, const struct corr_endpoint *end)
{
    char words[OUT_SOCKET_END_SIZE];
    if (end->size > 0) {
        out_socket_end_format(end, words);
        text_add(to, before);
        text_add(to, words);
    }
}

static bool is_of_tcp(const struct out_smb_condition *condition)
{
    return !condition->has_transport || condition->transport <= ETW_SMB_OVER_TCP;
}

/* ", 192.0.2.7:0 - 198.51.100.77:445": no row of a socket tells these ends. */
static void add_ends(struct text *to, const struct out_smb_condition *condition)
{
    add_end(to, ", ", &condition->local);
    add_end(to, condition->local.size > 0 ? " - " : ", ", &condition->remote);
}

static void add_remote(struct text *to, const struct out_smb_condition *condition)
{
    bool is_named = condition->client[0] || condition->share[0];
    if (!is_of_tcp(condition)) {
        add_ends(to, condition);
    } else if (!is_named) {
        add_end(to, condition->is_of_server ? ", from " : ", at ", &condition->remote);
    }
}

static void add_repetition(struct text *to, const struct out_smb_condition *condition)
{
    if (condition->count > 1) {
        text_add_format(to, ", %" PRIu32 " times within ", condition->count);
        out_add_duration(to, condition->span);
    }
}

static void add_times(struct text *to, const struct out_smb_condition *condition)
{
    const char *before = condition->kind == CORR_SMB_CREDITS_WAITED ? ", for " : ", after ";
    if (condition->has_duration) {
        text_add(to, condition->count > 1 ? ", the longest " : before);
        out_add_duration(to, condition->duration);
    }
    if (condition->threshold > 0) {
        text_add(to, " (threshold ");
        out_add_duration(to, condition->threshold);
        text_add_char(to, ')');
    }
}

static void add_numbers(struct text *to, const struct out_smb_condition *condition)
{
    if (condition->window_limit > 0) {
        text_add_format(to, ", %" PRIu32 " of %" PRIu32 " in use", condition->window_size,
                        condition->window_limit);
    }
    if (condition->retries > 0) {
        text_add_format(to, ", %" PRIu32 " %s", condition->retries,
                        condition->retries == 1 ? "retry" : "retries");
    }
}

static void add_reason(struct text *to, const struct out_smb_condition *condition)
{
    const char *words = out_smb_reason(condition->is_of_server, condition->reason);
    if (!words) {
        text_add_format(to, " (reason %" PRIu32 ")", condition->reason);
    } else if (words[0]) {
        text_add_format(to, " (%s)", words);
    }
}

void out_add_smb_condition(struct text *to, const struct out_smb_condition *condition)
{
    add_kind(to, condition->kind);
    if (!is_of_tcp(condition)) {
        text_add_format(to, " over %s", smb_transport_name(condition->transport, true));
    }
    add_names(to, condition);
    add_remote(to, condition);
    add_repetition(to, condition);
    add_times(to, condition);
    add_numbers(to, condition);
    add_reason(to, condition);
    if (condition->status != 0) {
        text_add(to, ": ");
        smb_add_status(to, condition->status);
    }
}
