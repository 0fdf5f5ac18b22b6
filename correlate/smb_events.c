/* SPDX-License-Identifier: MIT */
#include "correlate/smb_events.h"

#include <stdlib.h>

#include "correlate/event_sockets.h"
#include "correlate/smb_connections.h"
#include "correlate/smb_names.h"
#include "correlate/smb_servers.h"

#define PID_IDLE   0u
#define PID_SYSTEM 4u

#define MILLISECOND    INT64_C(10000)
#define STATUS_PENDING 0x00000103u

/* Of the SMB2 header. [documented: MS-SMB2 2.2.1] */
#define FLAG_RESPONSE 0x1u
#define FLAG_ASYNC    0x2u
#define FLAG_RELATED  0x4u
#define FLAG_SIGNED   0x8u

struct corr_smb_events {
    struct corr_smb_event_sinks sinks;
    struct smb_connections *connections; /* owned */
    struct smb_names *names;             /* owned */
    struct smb_store *servers;           /* owned */
    struct smb_packet_bytes *bytes;      /* owned; NULL: not wanted */
    struct corr_smb_event_counts counts;
};

/* Puts messages on their connection of the ledger. */
static bool take_bytes(void *context, const struct corr_smb_bytes *bytes, bool is_whole)
{
    const struct corr_smb_events *smb = context;
    struct corr_smb_bytes placed = *bytes;
    if (is_whole && placed.peer.size > 0 && placed.peer.port != 0) {
        struct smb_way way =
            smb_connections_way_to(smb->connections, placed.source, &placed.peer, placed.time);
        placed.socket = way.socket;
        placed.process = way.process;
        placed.local = way.local;
        placed.are_several = way.are_several;
    }
    return smb->sinks.bytes(smb->sinks.context, &placed, is_whole);
}

enum etw_status corr_smb_events_new(const struct corr_ledger *ledger,
                                    const struct corr_smb_event_sinks *sinks,
                                    struct corr_smb_events **out, struct etw_error *error)
{
    struct corr_smb_events *smb = calloc(1, sizeof(*smb));
    if (!smb) {
        return etw_fail_memory(error, "SMB events");
    }
    smb->sinks = *sinks;
    enum etw_status status = smb_connections_new(ledger, &smb->connections, error);
    status = status ? status : smb_names_new(&smb->names, error);
    smb->servers = smb_servers_new();
    if (!status && !smb->servers) {
        status = etw_fail_memory(error, "SMB events");
    }
    if (!status && sinks->bytes) {
        status = smb_packet_bytes_new(take_bytes, smb, &smb->bytes, error);
    }
    if (status) {
        corr_smb_events_free(smb);
        return status;
    }
    *out = smb;
    return ETW_OK;
}

void corr_smb_events_free(struct corr_smb_events *smb)
{
    if (smb) {
        smb_connections_free(smb->connections);
        smb_names_free(smb->names);
        smb_store_free(smb->servers);
        smb_packet_bytes_free(smb->bytes);
        free(smb);
    }
}

void corr_smb_events_get_counts(const struct corr_smb_events *smb,
                                struct corr_smb_event_counts *counts)
{
    *counts = smb->counts;
    counts->lost = smb->bytes ? smb_packet_bytes_lost(smb->bytes) : 0;
    counts->forgotten = smb_names_forgotten(smb->names);
}

/* ---- both ---- */

static enum corr_smb_source source_of(const struct etw_smb *smb)
{
    return smb->socket.layer == ETW_LAYER_SMB_SERVER ? CORR_SMB_SERVER_EVENTS
                                                     : CORR_SMB_CLIENT_EVENTS;
}

static uint8_t command_of(const struct etw_socket *socket)
{
    bool is_known = (socket->has & ETW_HAS_COMMAND) && socket->command < CORR_SMB_COMMAND_COUNT;
    return is_known ? (uint8_t)socket->command : (uint8_t)CORR_SMB_OTHER;
}

/* Which members of the event are members of messages and conditions. */
static const struct {
    uint32_t event; /* enum etw_socket_member */
    uint32_t has;   /* enum corr_smb_member */
} members[] = {
    {ETW_HAS_STATUS, CORR_SMB_HAS_STATUS},   {ETW_HAS_SESSION, CORR_SMB_HAS_SESSION},
    {ETW_HAS_TREE, CORR_SMB_HAS_TREE},       {ETW_HAS_FILE_ID, CORR_SMB_HAS_FILE_ID},
    {ETW_HAS_LENGTH, CORR_SMB_HAS_LENGTH},   {ETW_HAS_OFFSET, CORR_SMB_HAS_OFFSET},
    {ETW_HAS_CREDITS, CORR_SMB_HAS_CREDITS}, {ETW_HAS_DIALECT, CORR_SMB_HAS_DIALECT},
    {ETW_HAS_TIMES, CORR_SMB_HAS_TIMES},
};

static uint32_t has_of(const struct etw_socket *socket)
{
    uint32_t has = 0;
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        has |= socket->has & members[i].event ? members[i].has : 0;
    }
    return has;
}

/* Before it is known what the event becomes: both need them. */
struct placed {
    const struct etw_event *event;
    const struct smb_connection *connection; /* NULL: it names none */
    struct smb_naming naming;
};

static uint32_t row_of(const struct corr_smb_events *smb, const struct placed *placed)
{
    bool is_other = placed->connection && placed->connection->is_other;
    if (is_other || corr_event_is_without_socket(placed->event)) {
        return CORR_NO_ROW;
    }
    if (placed->connection && placed->connection->socket != CORR_NO_ROW) {
        return placed->connection->socket;
    }
    uint32_t row = smb_connections_row(smb->connections, placed->event);
    const struct corr_endpoint *remote = &placed->naming.remote;
    if (row == CORR_NO_ROW && remote->size > 0 && remote->port != 0) {
        row = smb_connections_row_to(smb->connections, source_of(&placed->event->u.smb), remote,
                                     placed->event->record->time);
    }
    return row;
}

/* ---- messages ---- */

static uint32_t flags_of(const struct etw_smb *smb)
{
    static const struct {
        uint32_t flag, has;
    } flags[] = {{FLAG_RESPONSE, CORR_SMB_IS_RESPONSE},
                 {FLAG_ASYNC, CORR_SMB_IS_ASYNC},
                 {FLAG_RELATED, CORR_SMB_IS_RELATED},
                 {FLAG_SIGNED, CORR_SMB_IS_SIGNED}};
    uint32_t has = smb->what == ETW_SMB_REQUEST ? 0 : CORR_SMB_IS_RESPONSE;
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        has |= smb->flags & flags[i].flag ? flags[i].has : 0;
    }
    if (smb->what == ETW_SMB_ASYNC_RESPONSE) {
        has |= CORR_SMB_IS_ASYNC;
    }
    if (smb->what == ETW_SMB_INTERIM ||
        (smb->what == ETW_SMB_RESPONSE && smb->socket.status == STATUS_PENDING)) {
        has |= CORR_SMB_IS_INTERIM | CORR_SMB_IS_ASYNC;
    }
    return has;
}

static uint32_t message_members(const struct etw_smb *smb)
{
    uint32_t has = has_of(&smb->socket) | flags_of(smb);
    if (has & CORR_SMB_IS_ASYNC) {
        has &= ~(uint32_t)CORR_SMB_HAS_TREE;
    }
    return has;
}

static struct corr_smb_times times_of(const struct etw_smb *smb)
{
    const struct etw_smb_times *times = &smb->times;
    return (struct corr_smb_times){
        .queue = times->queue,
        .process = times->process,
        .file_system = times->file_system_fast + times->file_system_slow,
        .send = times->transport_fast + times->transport_slow,
        .security = times->security,
        .total = times->total,
        .are_cycles = smb->socket.has & ETW_HAS_CYCLES,
    };
}

static void fill_record(const struct etw_record *record, struct corr_smb_message *message)
{
    message->time = message->last_time = record->time;
    message->offset = record->offset;
    message->header_pid = record->process_id;
    message->header_tid = record->thread_id;
    message->is_header_pid_true =
        message->source == CORR_SMB_CLIENT_EVENTS && (message->has & CORR_SMB_IS_RESPONSE) == 0 &&
        record->process_id != PID_IDLE && record->process_id != PID_SYSTEM &&
        record->process_id != RECORD_NO_ID;
}

static void fill_numbers(const struct etw_smb *smb, struct corr_smb_message *message)
{
    const struct etw_socket *socket = &smb->socket;
    message->command = command_of(socket);
    message->command_number = socket->command;
    message->status = socket->status;
    message->message_id = socket->message_id;
    message->async_id = smb->async_id;
    message->session_id = socket->session_id;
    message->tree_id = message->has & CORR_SMB_HAS_TREE ? socket->tree_id : 0;
    message->file_id = (struct corr_smb_file_id){smb->persistent_id, smb->file_id};
    message->length = smb->length;
    message->data_offset = smb->data_offset;
    message->credit_charge = smb->credit_charge;
    message->credits = smb->credits;
    message->dialect = smb->dialect;
    message->size =
        socket->has & ETW_HAS_BYTES && socket->bytes <= UINT32_MAX ? (uint32_t)socket->bytes : 0;
    message->times = times_of(smb);
    message->connection_guid = smb->connection_guid;
    message->session_guid = smb->session_guid;
    message->tree_guid = smb->tree_guid;
    message->file_guid = smb->file_guid;
}

static enum etw_status tell_message(struct corr_smb_events *smb, const struct placed *placed,
                                    struct etw_error *error)
{
    const struct etw_smb *from = &placed->event->u.smb;
    struct corr_smb_message message = {
        .source = source_of(from),
        .kind = CORR_SMB_2,
        .has = message_members(from),
        .socket = row_of(smb, placed),
        .connection = placed->connection ? placed->connection->number : 0,
        .share = placed->naming.share,
        .file = placed->naming.file,
        .user = placed->naming.user,
    };
    fill_record(placed->event->record, &message);
    fill_numbers(from, &message);
    smb->counts.messages++;
    bool is_other = placed->connection && placed->connection->is_other;
    smb->counts.unplaced += message.socket == CORR_NO_ROW && !is_other;
    if (smb->sinks.message && !smb->sinks.message(smb->sinks.context, &message)) {
        return etw_fail_memory(error, "SMB messages");
    }
    return ETW_OK;
}

/* ---- conditions ---- */

#define NO_CONDITION CORR_SMB_CONDITION_COUNT

struct meaning {
    uint8_t kind;    /* enum corr_smb_condition_kind + 1; 0: none */
    bool is_success; /* only with a status that is none or a success */
};

static const struct meaning meanings[ETW_SMB_WHAT_COUNT] = {
    [ETW_SMB_DISCONNECTED] = {1 + CORR_SMB_DISCONNECTED, false},
    [ETW_SMB_CLOSED] = {1 + CORR_SMB_CONNECTION_CLOSED, false},
    [ETW_SMB_SESSION] = {1 + CORR_SMB_SESSION_ESTABLISHED, true},
    [ETW_SMB_TREE] = {1 + CORR_SMB_TREE_ESTABLISHED, true},
    [ETW_SMB_WINDOW_BLOCKED] = {1 + CORR_SMB_CREDITS_BLOCKED, false},
    [ETW_SMB_NAME_FAILED] = {1 + CORR_SMB_NAME_FAILED, false},
    [ETW_SMB_CONNECT_FAILED] = {1 + CORR_SMB_CONNECT_FAILED, false},
    [ETW_SMB_CONNECTION_HUNG] = {1 + CORR_SMB_CONNECTION_HUNG, false},
    [ETW_SMB_NEGOTIATE_FAILED] = {1 + CORR_SMB_NEGOTIATE_FAILED, false},
    [ETW_SMB_SESSION_REFUSED] = {1 + CORR_SMB_SESSION_REFUSED, false},
    [ETW_SMB_SESSION_EXPIRED] = {1 + CORR_SMB_SESSION_EXPIRED, false},
    [ETW_SMB_TREE_REFUSED] = {1 + CORR_SMB_TREE_REFUSED, false},
    [ETW_SMB_OPEN_FAILED] = {1 + CORR_SMB_OPEN_FAILED, false},
    [ETW_SMB_HANDLE_LOST] = {1 + CORR_SMB_HANDLE_LOST, false},
    [ETW_SMB_RECONNECT] = {1 + CORR_SMB_RECONNECTING, false},
    [ETW_SMB_REOPEN_FAILED] = {1 + CORR_SMB_REOPEN_FAILED, false},
    [ETW_SMB_RETRY_FAILED] = {1 + CORR_SMB_RETRY_FAILED, false},
    [ETW_SMB_CLOSE_FAILED] = {1 + CORR_SMB_CLOSE_FAILED, false},
    [ETW_SMB_EXPIRED] = {1 + CORR_SMB_EXCHANGE_EXPIRED, false},
    [ETW_SMB_SIGNING_FAILED] = {1 + CORR_SMB_SIGNING_FAILED, false},
    [ETW_SMB_ENCRYPTION_FAILED] = {1 + CORR_SMB_ENCRYPTION_FAILED, false},
    [ETW_SMB_COMPRESSION_FAILED] = {1 + CORR_SMB_COMPRESSION_FAILED, false},
    [ETW_SMB_SLOW] = {1 + CORR_SMB_SLOW, false},
    [ETW_SMB_RDMA_FALLBACK] = {1 + CORR_SMB_RDMA_FALLBACK, false},
    [ETW_SMB_TRANSFER_FAILED] = {1 + CORR_SMB_TRANSFER_FAILED, false},
    [ETW_SMB_VIOLATED] = {1 + CORR_SMB_PROTOCOL_VIOLATED, false},
};

static bool is_failure(const struct etw_socket *socket)
{
    return (socket->has & ETW_HAS_STATUS) && (socket->status & 0x80000000u) != 0;
}

/* States of the client's objects. [documented: Smb2ObjectStateMap] */
enum object_state {
    STATE_ACTIVE,
    STATE_DISCONNECTED,
    STATE_SUSPENDED,
    STATE_RECOVERY = 4,
    STATE_INVALID = 7
};

/* `lost` is followed by what it is to be recovered. */
static unsigned kind_of_state(const struct etw_smb *smb, enum corr_smb_condition_kind lost)
{
    bool is_down = smb->old_state == STATE_DISCONNECTED || smb->old_state == STATE_SUSPENDED ||
                   smb->old_state == STATE_RECOVERY;
    if (smb->new_state == STATE_ACTIVE && is_down) {
        return lost + 1u;
    }
    bool is_lost = smb->new_state == STATE_DISCONNECTED ||
                   (smb->new_state == STATE_INVALID && is_failure(&smb->socket));
    return is_lost && smb->new_state != smb->old_state ? (unsigned)lost : NO_CONDITION;
}

/* Of TCP the stack tells it. */
static unsigned kind_of_connected(const struct etw_smb *smb)
{
    bool is_rdma = (smb->socket.has & ETW_HAS_TRANSPORT) && smb->transport == ETW_SMB_OVER_RDMA;
    if (is_failure(&smb->socket)) {
        return CORR_SMB_CONNECT_FAILED;
    }
    return is_rdma ? (unsigned)CORR_SMB_CONNECTED : NO_CONDITION;
}

static unsigned kind_of(const struct etw_smb *smb, const struct smb_naming *naming)
{
    const struct meaning *meaning = &meanings[smb->what];
    switch (smb->what) {
    case ETW_SMB_SESSION_STATE:
        return kind_of_state(smb, CORR_SMB_SESSION_LOST);
    case ETW_SMB_TREE_STATE:
        return kind_of_state(smb, CORR_SMB_TREE_LOST);
    case ETW_SMB_FILE_STATE:
        return kind_of_state(smb, CORR_SMB_HANDLE_LOST);
    case ETW_SMB_CONNECTED:
        return kind_of_connected(smb);
    case ETW_SMB_WINDOW_STATE:
        return naming->is_newly_full ? (unsigned)CORR_SMB_CREDITS_USED_UP : NO_CONDITION;
    case ETW_SMB_CREDITS_GOT:
        return naming->has_waited ? (unsigned)CORR_SMB_CREDITS_WAITED : NO_CONDITION;
    default:
        break;
    }
    if (meaning->kind == 0 || (meaning->is_success && is_failure(&smb->socket))) {
        return NO_CONDITION;
    }
    return meaning->kind - 1u;
}

static int64_t ticks_of_milliseconds(uint64_t count)
{
    return count < (uint64_t)(INT64_MAX / MILLISECOND) ? (int64_t)count * MILLISECOND : INT64_MAX;
}

static void fill_duration(const struct placed *placed, struct corr_smb_condition *condition)
{
    const struct etw_smb *smb = &placed->event->u.smb;
    if (placed->naming.has_waited) {
        int64_t now = placed->event->record->time;
        uint64_t waited = (uint64_t)now - (uint64_t)placed->naming.waited_since;
        condition->has_duration = now >= placed->naming.waited_since && waited <= INT64_MAX;
        condition->duration = condition->has_duration ? (int64_t)waited : 0;
    } else if (smb->socket.has & ETW_HAS_DURATION) {
        condition->has_duration = true;
        condition->duration = ticks_of_milliseconds(smb->duration);
        condition->threshold = ticks_of_milliseconds(smb->threshold);
    }
}

/* "\\server", as the client names it, is "server". */
static struct bytes without_backslashes(struct bytes utf16)
{
    while (utf16.size >= 2 && utf16.data[0] == '\\' && utf16.data[1] == 0) {
        utf16.data += 2;
        utf16.size -= 2;
    }
    return utf16;
}

static void fill_condition(const struct etw_smb *from, struct corr_smb_condition *condition)
{
    const struct etw_socket *socket = &from->socket;
    condition->status = socket->status;
    condition->reason = socket->reason;
    condition->has_command = socket->has & ETW_HAS_COMMAND;
    condition->command = command_of(socket);
    condition->command_number = socket->command;
    condition->has_message = (socket->has & ETW_HAS_MESSAGE) && from->what != ETW_SMB_WINDOW_STATE;
    condition->message_id = socket->message_id;
    condition->session_id = socket->session_id;
    condition->tree_id = socket->tree_id;
    condition->file_id = (struct corr_smb_file_id){from->persistent_id, from->file_id};
    condition->local = corr_endpoint_of_event(&socket->local);
    condition->remote = corr_endpoint_of_event(&socket->remote);
    condition->client = without_backslashes(from->client);
    condition->has_transport = (socket->has & ETW_HAS_TRANSPORT) != 0;
    condition->transport = (uint8_t)from->transport;
    condition->retries = from->retries;
    condition->window_size = from->window_size;
    condition->window_limit = from->window_limit;
}

/* Many conditions name the server alone. */
static uint32_t row_of_condition(const struct corr_smb_events *smb, const struct placed *placed)
{
    uint32_t row = row_of(smb, placed);
    bool is_by_name = row == CORR_NO_ROW && !corr_event_is_without_socket(placed->event) &&
                      source_of(&placed->event->u.smb) == CORR_SMB_CLIENT_EVENTS;
    const struct corr_endpoint *remote =
        is_by_name ? smb_servers_find(smb->servers, &placed->naming) : NULL;
    return remote ? smb_connections_row_to(smb->connections, CORR_SMB_CLIENT_EVENTS, remote,
                                           placed->event->record->time)
                  : row;
}

static enum etw_status tell_condition(struct corr_smb_events *smb, const struct placed *placed,
                                      unsigned kind, struct etw_error *error)
{
    const struct etw_smb *from = &placed->event->u.smb;
    const struct etw_record *record = placed->event->record;
    const uint32_t kept =
        CORR_SMB_HAS_STATUS | CORR_SMB_HAS_SESSION | CORR_SMB_HAS_TREE | CORR_SMB_HAS_FILE_ID;
    struct corr_smb_condition condition = {
        .kind = (enum corr_smb_condition_kind)kind,
        .source = source_of(from),
        .has = has_of(&from->socket) & kept,
        .time = record->time,
        .offset = record->offset,
        .socket = row_of_condition(smb, placed),
        .connection = placed->connection ? placed->connection->number : 0,
        .server = without_backslashes(placed->naming.server),
        .share = placed->naming.share,
        .file = placed->naming.file,
        .user = placed->naming.user,
        .header_pid = record->process_id,
        .header_tid = record->thread_id,
    };
    fill_condition(from, &condition);
    fill_duration(placed, &condition);
    return smb->sinks.condition(smb->sinks.context, &condition) ? ETW_OK
                                                                : etw_fail_memory(error, "SMB");
}

/* ---- events ---- */

static bool is_message(const struct etw_smb *smb)
{
    return smb->what >= ETW_SMB_REQUEST && smb->what <= ETW_SMB_ASYNC_RESPONSE;
}

static enum etw_status tell(struct corr_smb_events *smb, const struct etw_event *event,
                            struct etw_error *error)
{
    struct placed placed = {.event = event};
    smb_names_find(smb->names, event, &placed.naming);
    enum etw_status status = smb_connections_find(smb->connections, event, &placed.naming.remote,
                                                  &placed.connection, error);
    if (status) {
        return status;
    }
    if (is_message(&event->u.smb)) {
        return tell_message(smb, &placed, error);
    }
    unsigned kind = kind_of(&event->u.smb, &placed.naming);
    smb->counts.conditions += kind != NO_CONDITION;
    smb->counts.learned += kind == NO_CONDITION;
    return kind != NO_CONDITION && smb->sinks.condition ? tell_condition(smb, &placed, kind, error)
                                                        : ETW_OK;
}

static enum etw_status feed_smb(struct corr_smb_events *smb, const struct etw_event *event,
                                struct etw_error *error)
{
    enum etw_smb_what what = event->u.smb.what;
    smb->counts.events++;
    if (what == ETW_SMB_PACKET || what == ETW_SMB_FRAGMENT) {
        smb->counts.bytes++;
        return smb->bytes ? smb_packet_bytes_feed(smb->bytes, event, error) : ETW_OK;
    }
    enum etw_status status = smb_names_learn(smb->names, event, error);
    if (!status && !smb_servers_learn(smb->servers, &event->u.smb)) {
        status = etw_fail_memory(error, "SMB events");
    }
    if (!status) {
        status = tell(smb, event, error);
    }
    smb_names_forget(smb->names, event);
    return status;
}

/* Events of SMB that the model has nothing of. */
static void count_unused(struct corr_smb_events *smb, const struct etw_event *event)
{
    bool is_noted = event->kind == ETW_EVENT_NOTED;
    if ((is_noted || event->kind == ETW_EVENT_OTHER) && etw_is_smb_record(event->record)) {
        smb->counts.events++;
        smb->counts.noted += is_noted;
        smb->counts.unread += !is_noted;
    }
}

enum etw_status corr_smb_events_feed(struct corr_smb_events *smb, const struct etw_event *event,
                                     struct etw_error *error)
{
    enum etw_status status = ETW_OK;
    if (smb->bytes) {
        status = smb_packet_bytes_pass(smb->bytes, event->record->time, error);
    }
    if (status) {
        return status;
    }
    if (event->kind != ETW_EVENT_SOCKET) {
        count_unused(smb, event);
        return ETW_OK;
    }
    status = smb_connections_feed(smb->connections, event, error);
    return status || !corr_event_is_smb(event) ? status : feed_smb(smb, event, error);
}

enum etw_status corr_smb_events_finish(struct corr_smb_events *smb, struct etw_error *error)
{
    return smb->bytes ? smb_packet_bytes_finish(smb->bytes, error) : ETW_OK;
}
