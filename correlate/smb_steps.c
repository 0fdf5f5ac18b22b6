/* SPDX-License-Identifier: MIT */
#include "correlate/smb_steps.h"

#include "correlate/event_steps.h"

static bool moves_data(const struct corr_step *step)
{
    return step->what != CORR_STEP_CONDITION &&
           (step->command == CORR_SMB_READ || step->command == CORR_SMB_WRITE);
}

/* Without event: the packet. */
static void begin(const struct etw_event *event, const struct corr_smb_message *message,
                  struct corr_step *step)
{
    if (event) {
        event_step_begin(event, step);
        return;
    }
    *step = (struct corr_step){.socket = CORR_NO_ROW,
                               .process = CORR_NO_ROW,
                               .count = 1,
                               .offset = message->offset,
                               .header_pid = message->header_pid,
                               .header_tid = message->header_tid};
}

/* A client asks and is answered, a server is asked and answers. */
static uint32_t direction_of(const struct corr_ledger *ledger, uint32_t row, bool is_response)
{
    const struct corr_socket *sockets = NULL;
    size_t count = corr_ledger_sockets(ledger, &sockets);
    if (row >= count || (sockets[row].role != CORR_CLIENT && sockets[row].role != CORR_SERVER)) {
        return CORR_STEP_IS_UNDIRECTED;
    }
    return (sockets[row].role == CORR_SERVER) != is_response ? CORR_STEP_IS_INBOUND : 0;
}

/* The process in whose context the client logged the request. */
static void fill_behalf(const struct corr_ledger *ledger,
                        const struct corr_smb_operation *operation, struct corr_step *step)
{
    if (operation->asker_pid == 0) {
        return;
    }
    uint32_t row = corr_processes_find(corr_ledger_processes(ledger), operation->asker_pid, 0,
                                       operation->begin);
    if (row != CORR_NO_ROW) {
        step->has |= CORR_STEP_HAS_BEHALF;
        step->behalf = row;
        step->behalf_confidence = (uint8_t)corr_rule_worth(CORR_RULE_ASKED);
        step->behalf_offset = operation->asker_offset;
    }
}

static void fill_request(const struct corr_smb_operation *operation, struct corr_step *step)
{
    step->what = CORR_STEP_REQUEST;
    if (moves_data(step)) {
        step->has |= CORR_STEP_HAS_BYTES;
        step->bytes = operation->asked;
    }
}

static void fill_response(const struct corr_smb_operation *operation, struct corr_step *step)
{
    step->what = CORR_STEP_RESPONSE;
    if (operation->has & CORR_SMB_HAS_STATUS) {
        step->has |= CORR_STEP_HAS_STATUS;
        step->status = operation->status;
    }
    if (operation->has_request) {
        step->has |= CORR_STEP_HAS_DURATION;
        step->duration = operation->end > operation->begin ? operation->end - operation->begin : 0;
    }
    if (moves_data(step) && step->status == 0) {
        step->has |= CORR_STEP_HAS_BYTES;
        step->bytes = operation->moved;
    }
}

static int64_t time_of(const struct corr_smb_message *message, bool is_response, int64_t earliest)
{
    if (!is_response && message->time >= earliest) {
        return message->time;
    }
    return message->last_time > earliest ? message->last_time : earliest;
}

void smb_step_fill(const struct corr_ledger *ledger, const struct etw_event *event,
                   const struct corr_smb_news *news, int64_t earliest, struct corr_step *step)
{
    const struct corr_smb_operation *operation = news->operation;
    const struct corr_smb_message *message = news->message;
    bool is_response = (message->has & CORR_SMB_IS_RESPONSE) != 0;
    begin(event, message, step);
    step->time = time_of(message, is_response, earliest);
    step->last_time = step->time;
    step->layer = CORR_STEP_SMB;
    step->socket = operation->socket;
    step->frame = is_response ? message->last_frame : message->frame;
    step->last_frame = step->frame;
    step->command = operation->command;
    step->command_number = operation->command_number;
    step->other_name =
        operation->command == CORR_SMB_OTHER ? corr_smb_operation_command(operation) : NULL;
    step->call = operation->has & CORR_SMB_HAS_CALL ? corr_smb_call_name(operation->call) : NULL;
    step->operation = operation->number;
    step->share = operation->share;
    step->file = operation->file;
    step->new_name = operation->new_name;
    if (operation->has & CORR_SMB_HAS_CONTROL_CODE) {
        step->has |= CORR_STEP_HAS_CONTROL_CODE;
        step->control_code = operation->control_code;
    }
    step->has |= direction_of(ledger, operation->socket, is_response);
    if ((operation->has & CORR_SMB_HAS_OFFSET) && moves_data(step)) {
        step->has |= CORR_STEP_HAS_OFFSET;
        step->data_offset = operation->data_offset;
    }
    (is_response ? fill_response : fill_request)(operation, step);
    fill_behalf(ledger, operation, step);
}

/* ---- conditions ---- */

static struct corr_step_condition condition_of(const struct corr_smb_condition *condition)
{
    return (struct corr_step_condition){
        .kind = (uint8_t)condition->kind,
        .is_of_server = condition->source == CORR_SMB_SERVER_EVENTS,
        .has_command = condition->has_command,
        .has_message = condition->has_message,
        .has_transport = condition->has_transport,
        .transport = condition->transport,
        .reason = condition->reason,
        .retries = condition->retries,
        .window_size = condition->window_size,
        .window_limit = condition->window_limit,
        .message_id = condition->message_id,
        .threshold = condition->threshold,
    };
}

static bool take_condition_names(const struct corr_smb_condition *condition,
                                 struct corr_smb_operations *names, struct corr_step *step)
{
    struct corr_step_condition *to = &step->condition;
    return corr_smb_operations_name(names, &condition->share, &step->share) &&
           corr_smb_operations_name(names, &condition->file, &step->file) &&
           corr_smb_operations_name(names, &condition->server, &to->server) &&
           corr_smb_operations_name(names, &condition->user, &to->user) &&
           corr_smb_operations_name(names, &condition->client, &to->client);
}

bool smb_step_fill_condition(const struct etw_event *event,
                             const struct corr_smb_condition *condition,
                             struct corr_smb_operations *names, struct corr_step *step)
{
    event_step_begin(event, step);
    step->layer = CORR_STEP_SMB;
    step->what = CORR_STEP_CONDITION;
    step->socket = condition->socket;
    step->has |= CORR_STEP_IS_UNDIRECTED;
    step->condition = condition_of(condition);
    step->command = condition->has_command ? condition->command : (uint8_t)CORR_SMB_OTHER;
    step->command_number = condition->command_number;
    step->local = condition->local;
    if (condition->remote.size > 0) {
        step->has |= CORR_STEP_HAS_REMOTE;
        step->remote = condition->remote;
    }
    if (condition->has & CORR_SMB_HAS_STATUS) {
        step->has |= CORR_STEP_HAS_STATUS;
        step->status = condition->status;
    }
    if (condition->has_duration) {
        step->has |= CORR_STEP_HAS_DURATION;
        step->duration = condition->duration;
    }
    return take_condition_names(condition, names, step);
}

/* ---- one step from several ---- */

static bool is_about_credits(const struct corr_step *step)
{
    return step->what == CORR_STEP_CONDITION && step->condition.kind >= CORR_SMB_CREDITS_BLOCKED &&
           step->condition.kind <= CORR_SMB_CREDITS_WAITED;
}

bool smb_step_is_same(const struct corr_step *a, const struct corr_step *b)
{
    return a->operation > 0 && a->operation == b->operation && a->what == b->what &&
           a->count == 1 && b->count == 1;
}

/* Of several events the first one is named. */
static void take_event(struct corr_step *step, const struct corr_step *from)
{
    if (step->has & CORR_STEP_HAS_EVENT || (from->has & CORR_STEP_HAS_EVENT) == 0) {
        return;
    }
    step->has |= CORR_STEP_HAS_EVENT;
    step->provider = from->provider;
    step->id = from->id;
    step->version = from->version;
    step->offset = from->offset;
    step->header_pid = from->header_pid;
    step->header_tid = from->header_tid;
}

static void take_behalf(struct corr_step *step, const struct corr_step *from)
{
    if (from->has & CORR_STEP_HAS_BEHALF) {
        step->has |= CORR_STEP_HAS_BEHALF;
        step->behalf = from->behalf;
        step->behalf_confidence = from->behalf_confidence;
        step->behalf_offset = from->behalf_offset;
    }
}

void smb_step_complete(struct corr_step *step, const struct corr_step *of_other)
{
    if (step->frame == 0) {
        step->frame = of_other->frame;
        step->last_frame = of_other->last_frame;
    }
    step->share = of_other->share;
    step->file = of_other->file;
    step->bytes = of_other->bytes;
    step->duration = of_other->duration; /* until the last source saw it */
    step->data_offset = of_other->data_offset;
    step->has |= of_other->has & (CORR_STEP_HAS_BYTES | CORR_STEP_HAS_DURATION |
                                  CORR_STEP_HAS_OFFSET | CORR_STEP_HAS_STATUS);
    step->status = of_other->status;
    take_event(step, of_other);
    take_behalf(step, of_other);
}

bool smb_step_is_bulk(const struct corr_step *step)
{
    return step->layer == CORR_STEP_SMB && step->status == 0 &&
           (moves_data(step) || is_about_credits(step));
}

bool smb_step_is_alike(const struct corr_step *a, const struct corr_step *b)
{
    bool has_behalf = ((a->has | b->has) & CORR_STEP_HAS_BEHALF) != 0;
    bool is_about_same = a->layer != CORR_STEP_SMB || (a->share == b->share && a->file == b->file &&
                                                       a->condition.server == b->condition.server);
    return is_about_same &&
           (!has_behalf || (a->has & b->has & CORR_STEP_HAS_BEHALF && a->behalf == b->behalf));
}
