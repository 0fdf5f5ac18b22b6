/* SPDX-License-Identifier: MIT */
#include "correlate/smb_operations.h"

#include <stdlib.h>
#include <string.h>

#include "correlate/smb_opened.h"
#include "correlate/smb_pending.h"
#include "correlate/smb_texts.h"

/* Another source may tell of the same response a little later: the client's event follows the
 * packet. 100 ms. */
#define HOLD INT64_C(1000000)

/* Without a message id of its own: the server tells that an oplock breaks. */
#define NO_MESSAGE UINT64_MAX
/* The file of the request before in a compound. */
#define FILE_OF_COMPOUND UINT64_MAX

struct corr_smb_operations {
    corr_smb_operation_sink *sink;
    void *context;
    corr_smb_news_sink *news; /* NULL: not wanted */
    void *news_context;
    struct smb_pending pending;
    struct smb_texts texts;
    struct smb_opened opened;
    struct corr_smb_totals totals;
    enum etw_status status;
    struct etw_error error;
};

/* ---- life ---- */

enum etw_status corr_smb_operations_new(corr_smb_operation_sink *sink, void *context,
                                        struct corr_smb_operations **out, struct etw_error *error)
{
    struct corr_smb_operations *operations = calloc(1, sizeof(*operations));
    if (!operations) {
        return etw_fail_memory(error, "the SMB operations");
    }
    operations->sink = sink;
    operations->context = context;
    smb_pending_init(&operations->pending);
    *out = operations;
    return ETW_OK;
}

void corr_smb_operations_free(struct corr_smb_operations *operations)
{
    if (operations) {
        smb_pending_done(&operations->pending);
        smb_texts_done(&operations->texts);
        smb_opened_done(&operations->opened);
        free(operations);
    }
}

void corr_smb_operations_set_news(struct corr_smb_operations *operations, corr_smb_news_sink *sink,
                                  void *context)
{
    operations->news = sink;
    operations->news_context = context;
}

static bool fail_memory(struct corr_smb_operations *operations)
{
    operations->status = etw_fail_memory(&operations->error, "the SMB operations");
    return false;
}

/* ---- connections ---- */

/* Sources name a connection by its socket where they know it; else each by a number of its own. */
static uint64_t connection_key(const struct corr_smb_message *message)
{
    if (message->socket != CORR_NO_ROW) {
        return message->socket;
    }
    return UINT64_C(1) << 63 | (uint64_t)message->source << 56 |
           (message->connection & UINT64_C(0xffffffffffffff));
}

/* The operation is over for us: it goes to the sink. */
static bool give(struct corr_smb_operations *operations, uint32_t row)
{
    const struct corr_smb_operation *operation = &operations->pending.entries[row].operation;
    smb_pending_remove(&operations->pending, row);
    operations->totals.operations++;
    operations->totals.without_response += !operation->has_response;
    operations->totals.without_request +=
        !operation->has_request && operation->message_id != NO_MESSAGE;
    if (operations->sink) {
        operations->status = operations->sink(operations->context, operation, &operations->error);
    }
    return operations->status == ETW_OK;
}

/* Makes room when there is none: those that ended go first. */
static bool make_room(struct corr_smb_operations *operations)
{
    const struct smb_list *lists = operations->pending.lists;
    if (!smb_pending_is_full(&operations->pending)) {
        return true;
    }
    if (lists[SMB_ENDED].first != SMB_NO_ROW) {
        return give(operations, lists[SMB_ENDED].first);
    }
    operations->totals.given_up++;
    return give(operations, lists[SMB_WAITING].first);
}

/* ---- names ---- */

static struct smb_opened_key tree_key(uint64_t connection, uint64_t session_id, uint32_t tree_id)
{
    return (struct smb_opened_key){
        .connection = connection, .first = session_id, .second = tree_id};
}

static struct smb_opened_key file_key(uint64_t connection, const struct corr_smb_file_id *id)
{
    return (struct smb_opened_key){.connection = connection,
                                   .first = id->persistent,
                                   .second = id->volatile_part,
                                   .is_file = 1};
}

static bool take_names(struct corr_smb_operations *operations,
                       const struct corr_smb_message *message, struct corr_smb_operation *operation)
{
    uint32_t share = 0;
    uint32_t file = 0;
    uint32_t new_name = 0;
    if (!smb_texts_add(&operations->texts, &message->share, &share) ||
        !smb_texts_add(&operations->texts, &message->file, &file) ||
        !smb_texts_add(&operations->texts, &message->new_name, &new_name)) {
        return false;
    }
    operation->share = share > 0 ? share : operation->share;
    operation->file = file > 0 ? file : operation->file;
    operation->new_name = new_name > 0 ? new_name : operation->new_name;
    return true;
}

/* What the ids of the operation stand for, as far as the trace has shown. */
static void look_up_names(const struct corr_smb_operations *operations,
                          struct corr_smb_operation *operation)
{
    if ((operation->has & CORR_SMB_HAS_TREE) && operation->share == 0) {
        struct smb_opened_key key =
            tree_key(operation->connection, operation->session_id, operation->tree_id);
        const struct smb_opened_row *tree = smb_opened_find(&operations->opened, &key);
        operation->share = tree ? tree->share : 0;
    }
    if ((operation->has & CORR_SMB_HAS_FILE_ID) && operation->file == 0) {
        struct smb_opened_key key = file_key(operation->connection, &operation->file_id);
        const struct smb_opened_row *file = smb_opened_find(&operations->opened, &key);
        operation->file = file ? file->file : 0;
        operation->share = file && operation->share == 0 ? file->share : operation->share;
    }
}

/* What opened or closed tells names that later operations ask for. */
static bool note_open(struct corr_smb_operations *operations,
                      const struct corr_smb_operation *operation)
{
    struct smb_opened_key tree =
        tree_key(operation->connection, operation->session_id, operation->tree_id);
    struct smb_opened_key file = file_key(operation->connection, &operation->file_id);
    bool has_tree = (operation->has & CORR_SMB_HAS_TREE) != 0;
    bool has_file = (operation->has & CORR_SMB_HAS_FILE_ID) != 0;
    if (operation->status != 0) {
        return true;
    }
    switch (operation->command) {
    case CORR_SMB_TREE_CONNECT:
        return !has_tree || operation->share == 0 ||
               smb_opened_set(&operations->opened, &tree, operation->share, 0);
    case CORR_SMB_CREATE:
        return !has_file || operation->file == 0 ||
               smb_opened_set(&operations->opened, &file, operation->share, operation->file);
    case CORR_SMB_TREE_DISCONNECT:
        smb_opened_remove(&operations->opened, &tree);
        return true;
    case CORR_SMB_CLOSE:
        smb_opened_remove(&operations->opened, &file);
        return true;
    default:
        return true;
    }
}

/* ---- messages ---- */

/* Ids that both messages may state; those of an asynchronous response have no tree. */
static void take_ids(const struct corr_smb_message *message, struct corr_smb_operation *operation)
{
    operation->has |= message->has;
    if (message->has & CORR_SMB_HAS_SESSION) {
        operation->session_id = message->session_id;
    }
    if (message->has & CORR_SMB_HAS_TREE) {
        operation->tree_id = message->tree_id;
    }
    if (message->has & CORR_SMB_HAS_FILE_ID) {
        operation->file_id = message->file_id;
    }
    if (message->has & CORR_SMB_HAS_OFFSET) {
        operation->data_offset = message->data_offset;
    }
    if (message->has & CORR_SMB_HAS_CONTROL_CODE) {
        operation->control_code = message->control_code;
    }
    if (message->has & CORR_SMB_HAS_TIMES) {
        operation->server = message->times;
    }
    operation->call = message->has & CORR_SMB_HAS_CALL ? message->call : operation->call;
    if (operation->command == CORR_SMB_OTHER && message->command != CORR_SMB_OTHER) {
        operation->command = message->command;
        operation->command_number = message->command_number;
    }
}

/* A related request has the ids of the one before it. */
static void inherit(const struct smb_connection *connection, const struct corr_smb_message *message,
                    struct corr_smb_operation *operation)
{
    if ((message->has & CORR_SMB_IS_RELATED) == 0) {
        return;
    }
    if (operation->session_id == 0 || operation->session_id == UINT64_MAX) {
        operation->session_id = connection->session_id;
    }
    if (operation->tree_id == 0 || operation->tree_id == UINT32_MAX) {
        operation->tree_id = connection->tree_id;
    }
    operation->share = operation->share ? operation->share : connection->share;
    bool is_same_file = (operation->has & CORR_SMB_HAS_FILE_ID) != 0 &&
                        operation->file_id.volatile_part == FILE_OF_COMPOUND;
    if (is_same_file) {
        operation->file_id = connection->file_id;
        operation->file = operation->file ? operation->file : connection->file;
    }
}

static void remember(struct smb_connection *connection, const struct corr_smb_operation *operation)
{
    connection->share = operation->share;
    connection->file = operation->file;
    connection->tree_id = operation->tree_id;
    connection->session_id = operation->session_id;
    connection->file_id = operation->file_id;
}

static void note_earliest(int64_t *at, int64_t time)
{
    *at = time < *at ? time : *at;
}

static bool take_request(struct corr_smb_operations *operations, struct smb_connection *connection,
                         const struct corr_smb_message *message, uint32_t row)
{
    struct smb_entry *entry = &operations->pending.entries[row];
    struct corr_smb_operation *operation = &entry->operation;
    struct corr_smb_sight *sight = &operation->sights[message->source];
    entry->requests |= (uint8_t)(1u << message->source);
    sight->request = message->time;
    sight->request_end = message->last_time;
    note_earliest(&operation->begin, message->time);
    operation->has_request = true;
    take_ids(message, operation);
    operation->asked = message->has & CORR_SMB_HAS_LENGTH ? message->length : operation->asked;
    operation->credits_asked =
        message->has & CORR_SMB_HAS_CREDITS ? message->credits : operation->credits_asked;
    operation->credit_charge =
        message->credit_charge > 0 ? message->credit_charge : operation->credit_charge;
    operation->request_frame = message->frame > 0 ? message->frame : operation->request_frame;
    operation->request_offset =
        operation->request_offset > 0 ? operation->request_offset : message->offset;
    if (message->is_header_pid_true) {
        operation->asker_pid = message->header_pid;
        operation->asker_offset = message->offset;
    }
    if (!take_names(operations, message, operation)) {
        return false;
    }
    inherit(connection, message, operation);
    look_up_names(operations, operation);
    remember(connection, operation);
    return smb_pending_wait(&operations->pending, connection, entry);
}

static bool take_response(struct corr_smb_operations *operations,
                          const struct corr_smb_message *message, uint32_t row)
{
    struct smb_entry *entry = &operations->pending.entries[row];
    struct corr_smb_operation *operation = &entry->operation;
    struct corr_smb_sight *sight = &operation->sights[message->source];
    entry->responses |= (uint8_t)(1u << message->source);
    sight->response = message->time;
    sight->response_end = message->last_time;
    note_earliest(&operation->begin, message->time);
    take_ids(message, operation);
    operation->end = operation->has_response && operation->end > message->last_time
                         ? operation->end
                         : message->last_time;
    operation->status = message->has & CORR_SMB_HAS_STATUS ? message->status : operation->status;
    operation->moved = message->has & CORR_SMB_HAS_LENGTH ? message->length : operation->moved;
    operation->credits_granted =
        message->has & CORR_SMB_HAS_CREDITS ? message->credits : operation->credits_granted;
    operation->response_frame = message->frame > 0 ? message->frame : operation->response_frame;
    operation->response_offset =
        operation->response_offset > 0 ? operation->response_offset : message->offset;
    if (message->source == CORR_SMB_PACKETS) {
        operation->pause = message->pause;
        operation->response_size = message->size;
    }
    operation->has_response = true;
    entry->ended = message->last_time;
    if (!take_names(operations, message, operation)) {
        return false;
    }
    look_up_names(operations, operation);
    if (entry->state == SMB_WAITING) {
        smb_pending_end(&operations->pending, row);
    }
    return note_open(operations, operation);
}

/* The same source tells of a new request under an id that was used before. */
static bool is_reused(const struct smb_entry *entry, const struct corr_smb_message *message)
{
    unsigned bit = 1u << message->source;
    bool is_response = (message->has & CORR_SMB_IS_RESPONSE) != 0;
    return message->message_id == NO_MESSAGE ||
           (is_response ? (entry->responses & bit) != 0
                        : ((entry->requests | entry->responses) & bit) != 0);
}

/* Of SMB1 none but one has a number here. [documented: MS-SMB2 2.2.4] */
static bool is_dialect(uint16_t dialect)
{
    static const uint16_t dialects[] = {0x0001, 0x0202, 0x0210, 0x02FF, 0x0300, 0x0302, 0x0311};
    for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++) {
        if (dialects[i] == dialect) {
            return true;
        }
    }
    return false;
}

static void count_message(struct corr_smb_totals *totals, const struct corr_smb_message *message)
{
    totals->messages++;
    totals->encrypted += message->kind == CORR_SMB_ENCRYPTED;
    totals->compressed += message->kind == CORR_SMB_COMPRESSED;
    totals->unknown_commands += !corr_smb_is_known(message);
    totals->unknown_dialects +=
        (message->has & CORR_SMB_HAS_DIALECT) != 0 && !is_dialect(message->dialect);
}

/* Those that ended long enough before, and cannot be told of again. */
static bool drain(struct corr_smb_operations *operations, int64_t now)
{
    const struct smb_list *ended = &operations->pending.lists[SMB_ENDED];
    while (ended->first != SMB_NO_ROW &&
           corr_time_shift(operations->pending.entries[ended->first].ended, HOLD) < now) {
        if (!give(operations, ended->first)) {
            return false;
        }
    }
    return true;
}

/* Behind the first command of a chain the id of SMB1 is not enough: all commands share it. */
static uint64_t id_of(const struct corr_smb_message *message)
{
    bool is_chained = message->kind == CORR_SMB_1 && (message->has & CORR_SMB_IS_RELATED) != 0;
    return is_chained ? message->message_id | (uint64_t)(message->command_number + 1u) << 32
                      : message->message_id;
}

/* The operation that the message is part of; SMB_NO_ROW: no memory, or the sink failed. */
static uint32_t entry_of(struct corr_smb_operations *operations, uint64_t key,
                         const struct corr_smb_message *message)
{
    struct smb_pending *pending = &operations->pending;
    uint32_t row = smb_pending_find(pending, key, id_of(message));
    if (row != SMB_NO_ROW && !is_reused(&pending->entries[row], message)) {
        return row;
    }
    if ((row != SMB_NO_ROW && !give(operations, row)) || !make_room(operations)) {
        return SMB_NO_ROW;
    }
    row = smb_pending_add(pending, key, id_of(message), message);
    if (row == SMB_NO_ROW) {
        (void)fail_memory(operations);
    }
    return row;
}

static bool tell(struct corr_smb_operations *operations, const struct corr_smb_message *message,
                 uint32_t row)
{
    const struct smb_entry *entry = &operations->pending.entries[row];
    unsigned seen =
        message->has & CORR_SMB_IS_RESPONSE ? entry->responses : (unsigned)entry->requests;
    const struct corr_smb_news news = {.operation = &entry->operation,
                                       .message = message,
                                       .is_first = seen == 1u << message->source};
    if (operations->news) {
        operations->status = operations->news(operations->news_context, &news, &operations->error);
    }
    return operations->status == ETW_OK;
}

bool corr_smb_operations_take(void *context, const struct corr_smb_message *message)
{
    struct corr_smb_operations *operations = context;
    bool is_response = (message->has & CORR_SMB_IS_RESPONSE) != 0;
    bool is_closed = message->kind == CORR_SMB_ENCRYPTED || message->kind == CORR_SMB_COMPRESSED;
    uint64_t key = connection_key(message);
    if (operations->status) {
        return false;
    }
    count_message(&operations->totals, message);
    if (!drain(operations, message->time)) {
        return false;
    }
    /* What cannot be read is counted; an interim response ends nothing, a cancel has none. */
    if (is_closed || (message->has & CORR_SMB_IS_INTERIM) || message->command == CORR_SMB_CANCEL) {
        return true;
    }
    struct smb_connection *connection = smb_pending_connection(&operations->pending, key);
    if (!connection) {
        return fail_memory(operations);
    }
    uint32_t row = entry_of(operations, key, message);
    if (row == SMB_NO_ROW) {
        return false;
    }
    bool is_done = is_response ? take_response(operations, message, row)
                               : take_request(operations, connection, message, row);
    return is_done ? tell(operations, message, row) : fail_memory(operations);
}

enum etw_status corr_smb_operations_finish(struct corr_smb_operations *operations,
                                           struct etw_error *error)
{
    for (int state = SMB_ENDED; state >= SMB_WAITING; state--) {
        const struct smb_list *list = &operations->pending.lists[state];
        while (!operations->status && list->first != SMB_NO_ROW) {
            (void)give(operations, list->first);
        }
    }
    operations->totals.names_left_out = operations->texts.left_out + operations->opened.left_out;
    if (operations->status && error) {
        *error = operations->error;
    }
    return operations->status;
}

bool corr_smb_operations_name(struct corr_smb_operations *operations, const struct bytes *utf16,
                              uint32_t *number)
{
    return smb_texts_add(&operations->texts, utf16, number);
}

const char *corr_smb_operations_text(const struct corr_smb_operations *operations, uint32_t number)
{
    return smb_texts_get(&operations->texts, number);
}

const struct corr_smb_totals *
corr_smb_operations_totals(const struct corr_smb_operations *operations)
{
    return &operations->totals;
}
