/* SPDX-License-Identifier: MIT */
/* step_sentences_smb.c - what a client asked by SMB, what the server answered, what either tells
 * besides. */
#include <inttypes.h>

#include "pcapout/smb_condition_text.h"
#include "pcapout/smb_control_codes.h"
#include "pcapout/smb_rows_format.h"
#include "pcapout/step_parts.h"
#include "pcapout/step_sentences.h"

/* Behind "asks to"; what it is done to follows. */
static const char *const verbs[CORR_SMB_COMMAND_COUNT] = {
    [CORR_SMB_NEGOTIATE] = "agree on a dialect",
    [CORR_SMB_SESSION_SETUP] = "set up a session",
    [CORR_SMB_LOGOFF] = "log off",
    [CORR_SMB_TREE_CONNECT] = "connect to",
    [CORR_SMB_TREE_DISCONNECT] = "disconnect from",
    [CORR_SMB_CREATE] = "open",
    [CORR_SMB_CLOSE] = "close",
    [CORR_SMB_FLUSH] = "flush",
    [CORR_SMB_READ] = "read",
    [CORR_SMB_WRITE] = "write",
    [CORR_SMB_LOCK] = "lock",
    [CORR_SMB_IOCTL] = "send a control code to",
    [CORR_SMB_CANCEL] = "cancel a request",
    [CORR_SMB_ECHO] = "answer an echo",
    [CORR_SMB_QUERY_DIRECTORY] = "list",
    [CORR_SMB_CHANGE_NOTIFY] = "be told of changes of",
    [CORR_SMB_QUERY_INFO] = "query properties of",
    [CORR_SMB_SET_INFO] = "set properties of",
    [CORR_SMB_OPLOCK_BREAK] = "give up the oplock of",
};

/* These are about no file or share. */
static bool is_about_nothing(uint8_t command)
{
    return command == CORR_SMB_NEGOTIATE || command == CORR_SMB_SESSION_SETUP ||
           command == CORR_SMB_LOGOFF || command == CORR_SMB_CANCEL || command == CORR_SMB_ECHO;
}

static bool is_tree(uint8_t command)
{
    return command == CORR_SMB_TREE_CONNECT || command == CORR_SMB_TREE_DISCONNECT;
}

static bool moves_data(const struct corr_step *step)
{
    return step->command == CORR_SMB_READ || step->command == CORR_SMB_WRITE;
}

/* The row is its owner's; the other end is named. */
static void add_subject(struct text *to, const struct corr_step *step)
{
    bool is_other = step_is_inbound(step) || step_has(step, CORR_STEP_IS_UNDIRECTED);
    if (is_other) {
        text_add(to, step->what == CORR_STEP_RESPONSE ? "the server " : "the client ");
    }
}

static void add_of(struct text *to, const char *before, const char *path)
{
    if (path[0]) {
        text_add(to, before);
        text_add(to, path);
    }
}

static void add_command(struct text *to, const struct corr_step *step)
{
    const char *name = step->call ? step->call : step->other_name;
    if (step->command < CORR_SMB_OTHER) {
        text_add(to, corr_smb_command_name((enum corr_smb_command)step->command));
    } else if (name) {
        text_add(to, name);
    } else {
        text_add_format(to, "command 0x%02x", step->command_number);
    }
}

/* "14 reads, 0.9 MB of \\server\share\file, within 120.3 ms" */
static void add_folded(struct text *to, const struct corr_step *step, const char *path)
{
    text_add_format(to, "%" PRIu32 " %s, ", step->count,
                    step->command == CORR_SMB_READ ? "reads" : "writes");
    out_add_bytes(to, step->bytes);
    add_of(to, " of ", path);
    text_add(to, ", within ");
    out_add_duration(to, step->last_time - step->time);
}

/* "send FSCTL_PIPE_TRANSCEIVE to", by its number where it has no name. */
static void add_control(struct text *to, uint32_t code)
{
    const char *name = out_smb_control_name(code);
    text_add(to, "send ");
    if (name) {
        text_add(to, name);
    } else {
        text_add(to, "control code ");
        out_add_smb_control_code(to, code);
    }
    text_add(to, " to");
}

static void add_verb(struct text *to, const struct corr_step *step, bool is_rename)
{
    if (step->command == CORR_SMB_IOCTL && step_has(step, CORR_STEP_HAS_CONTROL_CODE)) {
        add_control(to, step->control_code);
    } else {
        text_add(to, is_rename ? "rename" : verbs[step->command]);
    }
}

static void add_request(struct text *to, const struct corr_step *step,
                        const struct out_smb_step_names *names)
{
    const char *path = names->path;
    bool is_rename = names->new_name[0] != '\0';
    if (step->count > 1) {
        text_add(to, "asks for ");
        add_folded(to, step, path);
        return;
    }
    if (step->command >= CORR_SMB_OTHER && !is_rename) {
        text_add(to, "asks for ");
        add_command(to, step);
        add_of(to, " on ", path);
        return;
    }
    text_add(to, "asks to ");
    add_verb(to, step, is_rename);
    if (moves_data(step)) {
        text_add_format(to, " %" PRIu64 " byte%s", step->bytes, step->bytes == 1 ? "" : "s");
        if (step_has(step, CORR_STEP_HAS_OFFSET)) {
            text_add_format(to, " at %" PRIu64, step->data_offset);
        }
        add_of(to, " of ", path);
    } else if (!is_about_nothing(step->command)) {
        text_add_char(to, ' ');
        text_add(to, path[0] ? path : is_tree(step->command) ? "a share" : "a file");
        add_of(to, " to ", names->new_name);
    }
}

/* Without the error of Winsock that it would be: no socket returns it. */
static void add_status(struct text *to, const struct corr_step *step)
{
    if (step_has(step, CORR_STEP_HAS_STATUS) && step->status != 0) {
        text_add(to, ": ");
        smb_add_status(to, step->status);
    }
}

/* What is answered: a control code and a rename say more than their commands. */
static void add_answered(struct text *to, const struct corr_step *step, bool is_rename)
{
    const char *name = step_has(step, CORR_STEP_HAS_CONTROL_CODE)
                           ? out_smb_control_name(step->control_code)
                           : NULL;
    if (name) {
        text_add(to, name);
    } else if (is_rename) {
        text_add(to, "rename");
    } else {
        add_command(to, step);
    }
}

static void add_response(struct text *to, const struct corr_step *step,
                         const struct out_smb_step_names *names)
{
    const char *path = names->path;
    bool has_data = moves_data(step) && step_has(step, CORR_STEP_HAS_BYTES);
    if (step->count > 1) {
        text_add(to, "answers ");
        add_folded(to, step, path);
        return;
    }
    if (step->command == CORR_SMB_OPLOCK_BREAK && !step_has(step, CORR_STEP_HAS_DURATION)) {
        text_add(to, "tells that an oplock breaks");
        add_of(to, ", of ", path);
        return;
    }
    text_add(to, has_data ? "answers" : "answers the ");
    if (!has_data) {
        add_answered(to, step, names->new_name[0] != '\0');
        add_of(to, " of ", is_about_nothing(step->command) ? "" : path);
    } else {
        text_add_format(to,
                        step->command == CORR_SMB_READ ? " with %" PRIu64 " byte%s"
                                                       : " that it wrote %" PRIu64 " byte%s",
                        step->bytes, step->bytes == 1 ? "" : "s");
    }
    if (step_has(step, CORR_STEP_HAS_DURATION)) {
        text_add(to, " after ");
        out_add_duration(to, step->duration);
    } else {
        text_add(to, "; the request is not here");
    }
    add_status(to, step);
}

/* Where the connection is known, its ends are. */
static void add_condition(struct text *to, const struct corr_step *step,
                          const struct out_smb_step_names *names)
{
    const struct corr_step_condition *from = &step->condition;
    bool has_no_socket = step->socket == CORR_NO_ROW;
    struct out_smb_condition condition = {
        .kind = (enum corr_smb_condition_kind)from->kind,
        .is_of_server = from->is_of_server,
        .server = names->server,
        .share = names->share,
        .file = names->file,
        .user = names->user,
        .client = names->client,
        .command =
            from->has_command ? corr_smb_command_name((enum corr_smb_command)step->command) : "",
        .status = step_has(step, CORR_STEP_HAS_STATUS) ? step->status : 0,
        .reason = from->reason,
        .retries = from->retries,
        .window_size = from->window_size,
        .window_limit = from->window_limit,
        .has_transport = from->has_transport,
        .transport = from->transport,
        .count = step->count,
        .span = step->last_time - step->time,
        .has_duration = step_has(step, CORR_STEP_HAS_DURATION),
        .duration = step->duration,
        .threshold = from->threshold,
    };
    if (has_no_socket) {
        condition.local = step->local;
        condition.remote = step->remote;
    }
    out_add_smb_condition(to, &condition);
}

void out_add_smb_sentence(struct text *to, const struct corr_step *step,
                          const struct out_smb_step_names *names)
{
    if (step->what == CORR_STEP_CONDITION) {
        add_condition(to, step, names);
        return;
    }
    add_subject(to, step);
    (step->what == CORR_STEP_REQUEST ? add_request : add_response)(to, step, names);
}
