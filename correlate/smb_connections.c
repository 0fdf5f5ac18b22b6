/* SPDX-License-Identifier: MIT */
#include "correlate/smb_connections.h"

#include <stdlib.h>
#include <string.h>

#include "correlate/smb_store.h"
#include "correlate/socket_index.h"

#define PROTOCOL_TCP 6

/* An SMB event may come after the end of the connection it is about. */
#define AFTERWARDS (INT64_C(10) * 10000000)
/* Rows with one remote end that are looked at: more than one open is doubt anyway. */
#define LOOKED_AT 16
/* The same where the answer is what they have in common. */
#define WAYS_LOOKED_AT 256
/* How often a connection is looked for without success: its row may open after its first event. */
#define TRIES_MAXIMUM 8
/* A call into the stack answers at once. */
#define CALL_MAXIMUM (INT64_C(1) * 10000000)

/* The length before each message on TCP, which SMB may not have counted. */
#define TRANSPORT_SIZE 4

#define CONNECTIONS_MAXIMUM 65536u
#define THREADS_MAXIMUM     4096u

enum key_kind { KEY_CLIENT, KEY_SERVER, KEY_THREAD };

/* What the SMB client asked of the stack on a thread. */
struct call {
    uint64_t connection; /* its pointer */
    bool is_connect;
    uint64_t bytes;
    struct corr_endpoint remote;
    int64_t time;
};

/* A TCP connection, sorted by its remote end and begin. */
struct way {
    struct corr_endpoint remote;
    int64_t opened;
    uint32_t row;
};

struct smb_connections {
    const struct corr_socket *sockets; /* borrowed */
    struct corr_event_sockets *events; /* owned */
    struct way *ways;                  /* owned */
    size_t way_count;
    uint32_t only;     /* the only row to a server's SMB port; CORR_NO_ROW: none, or several */
    size_t only_count; /* such rows */
    struct smb_store *connections, *threads; /* owned */
    uint64_t count;
    size_t calls; /* threads with a call */
};

/* ---- ways to remote ends ---- */

static int compare_remotes(const struct corr_endpoint *a, const struct corr_endpoint *b)
{
    if (a->size != b->size) {
        return a->size < b->size ? -1 : 1;
    }
    int order = memcmp(a->bytes, b->bytes, sizeof(a->bytes));
    return order ? order : (a->port > b->port) - (a->port < b->port);
}

static int compare_ways(const void *left, const void *right)
{
    const struct way *a = left;
    const struct way *b = right;
    int order = compare_remotes(&a->remote, &b->remote);
    if (order) {
        return order;
    }
    if (a->opened != b->opened) {
        return a->opened < b->opened ? -1 : 1;
    }
    return (a->row > b->row) - (a->row < b->row);
}

static bool is_connection(const struct corr_socket *row)
{
    return (row->flags & CORR_SOCKET_HIDDEN) == 0 && row->protocol == PROTOCOL_TCP &&
           (row->role == CORR_CLIENT || row->role == CORR_SERVER) && row->remote.size > 0;
}

static void add_ways(struct smb_connections *c, size_t count)
{
    for (uint32_t row = 0; row < count; row++) {
        const struct corr_socket *socket = &c->sockets[row];
        if (!is_connection(socket)) {
            continue;
        }
        c->ways[c->way_count++] =
            (struct way){.remote = socket->remote, .opened = socket_earliest(socket), .row = row};
        if (corr_is_smb_port(socket->remote.port)) {
            c->only = row;
            c->only_count++;
        }
    }
    qsort(c->ways, c->way_count, sizeof(*c->ways), compare_ways);
}

enum etw_status smb_connections_new(const struct corr_ledger *ledger, struct smb_connections **out,
                                    struct etw_error *error)
{
    struct smb_connections *c = calloc(1, sizeof(*c));
    if (!c) {
        return etw_fail_memory(error, "SMB connections");
    }
    size_t count = corr_ledger_sockets(ledger, &c->sockets);
    c->only = CORR_NO_ROW;
    c->ways = malloc((count + 1) * sizeof(*c->ways));
    c->connections = smb_store_new(CONNECTIONS_MAXIMUM, SIZE_MAX / 2);
    c->threads = smb_store_new(THREADS_MAXIMUM, SIZE_MAX / 2);
    bool has_memory = c->ways && c->connections && c->threads;
    enum etw_status status = has_memory ? corr_event_sockets_new(ledger, &c->events, error)
                                        : etw_fail_memory(error, "SMB connections");
    if (status || !has_memory) {
        smb_connections_free(c);
        return status;
    }
    add_ways(c, count);
    *out = c;
    return ETW_OK;
}

void smb_connections_free(struct smb_connections *connections)
{
    if (connections) {
        corr_event_sockets_free(connections->events);
        smb_store_free(connections->connections);
        smb_store_free(connections->threads);
        free(connections->ways);
        free(connections);
    }
}

/* The first way behind all of this remote end that begin until `time`. */
static size_t find_behind(const struct smb_connections *c, const struct corr_endpoint *remote,
                          int64_t time)
{
    const struct way wanted = {.remote = *remote, .opened = time, .row = UINT32_MAX};
    size_t low = 0;
    size_t high = c->way_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_ways(&c->ways[middle], &wanted) <= 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_role_of(const struct corr_socket *socket, enum corr_smb_source source)
{
    return source == CORR_SMB_SERVER_EVENTS
               ? socket->role == CORR_SERVER && corr_is_smb_port(socket->local.port)
               : socket->role == CORR_CLIENT;
}

uint32_t smb_connections_row_to(const struct smb_connections *c, enum corr_smb_source source,
                                const struct corr_endpoint *remote, int64_t time)
{
    uint32_t open = CORR_NO_ROW;
    uint32_t closed = CORR_NO_ROW; /* the last one */
    size_t at = find_behind(c, remote, time);
    for (size_t i = 0; at > 0 && i < LOOKED_AT; at--, i++) {
        const struct way *way = &c->ways[at - 1];
        const struct corr_socket *socket = &c->sockets[way->row];
        if (compare_remotes(&way->remote, remote) != 0) {
            break;
        }
        if (!is_role_of(socket, source)) {
            continue;
        }
        if (socket->closed >= time) {
            if (open != CORR_NO_ROW) {
                return CORR_NO_ROW;
            }
            open = way->row;
        } else if (closed == CORR_NO_ROW && socket->closed >= corr_time_shift(time, -AFTERWARDS)) {
            closed = way->row;
        }
    }
    return open != CORR_NO_ROW ? open : closed;
}

static void join_way(struct smb_way *way, const struct corr_socket *socket, bool is_first)
{
    struct corr_endpoint *local = &way->local;
    if (is_first) {
        way->process = socket->process;
        *local = socket->local;
        return;
    }
    way->are_several = true;
    way->process = way->process == socket->process ? way->process : CORR_NO_ROW;
    local->port = local->port == socket->local.port ? local->port : 0;
    bool is_same = local->size == socket->local.size &&
                   memcmp(local->bytes, socket->local.bytes, sizeof(local->bytes)) == 0;
    local->size = is_same ? local->size : 0;
}

/* Further rows than are looked at may have another owner. */
static void doubt_way(struct smb_way *way)
{
    *way = (struct smb_way){
        .socket = CORR_NO_ROW, .process = CORR_NO_ROW, .are_several = way->are_several};
}

struct smb_way smb_connections_way_to(const struct smb_connections *c, enum corr_smb_source source,
                                      const struct corr_endpoint *remote, int64_t time)
{
    struct smb_way found = {.socket = smb_connections_row_to(c, source, remote, time),
                            .process = CORR_NO_ROW};
    if (found.socket != CORR_NO_ROW) {
        join_way(&found, &c->sockets[found.socket], true);
        return found;
    }
    bool is_first = true;
    size_t at = find_behind(c, remote, time);
    for (size_t i = 0; at > 0 && compare_remotes(&c->ways[at - 1].remote, remote) == 0; at--, i++) {
        const struct corr_socket *socket = &c->sockets[c->ways[at - 1].row];
        if (i == WAYS_LOOKED_AT) {
            doubt_way(&found);
            break;
        }
        if (is_role_of(socket, source) && socket->closed >= time) {
            join_way(&found, socket, is_first);
            is_first = false;
        }
    }
    return found;
}

/* ---- connections ---- */

static bool is_server(const struct etw_event *event)
{
    return event->u.socket.layer == ETW_LAYER_SMB_SERVER;
}

static enum corr_smb_source source_of(const struct etw_event *event)
{
    return is_server(event) ? CORR_SMB_SERVER_EVENTS : CORR_SMB_CLIENT_EVENTS;
}

/* False: the event names no connection. */
static bool make_key(const struct etw_event *event, struct smb_key *key)
{
    const struct etw_smb *smb = &event->u.smb;
    if (is_server(event)) {
        *key = (struct smb_key){KEY_SERVER, load_u64(smb->connection_guid.bytes),
                                load_u64(smb->connection_guid.bytes + 8)};
        return (key->first | key->second) != 0;
    }
    *key = (struct smb_key){KEY_CLIENT, smb->socket.handles[0].value, 0};
    return smb->socket.handles[0].space == ETW_HANDLE_SMB_CONNECTION;
}

static struct smb_connection *get(const struct smb_connections *c, const struct smb_key *key)
{
    return smb_store_get(c->connections, key, NULL);
}

static enum etw_status begin(struct smb_connections *c, const struct smb_key *key,
                             const struct etw_event *event, struct etw_error *error)
{
    const struct smb_connection fresh = {
        .number = ++c->count,
        .socket = CORR_NO_ROW,
        .is_other = corr_event_is_without_socket(event),
        .remote = corr_endpoint_of_event(&event->u.socket.remote),
    };
    return smb_store_set(c->connections, key, &fresh, sizeof(fresh))
               ? ETW_OK
               : etw_fail_memory(error, "SMB connections");
}

static void infer(struct smb_connections *c, struct smb_connection *connection,
                  const struct etw_event *event)
{
    int64_t time = event->record->time;
    if (connection->socket != CORR_NO_ROW || connection->tries >= TRIES_MAXIMUM ||
        connection->is_other) {
        return;
    }
    connection->tries++;
    if (connection->remote.size > 0) {
        connection->socket = smb_connections_row_to(c, source_of(event), &connection->remote, time);
    } else if (c->only_count == 1 && !is_server(event) && c->sockets[c->only].closed >= time &&
               socket_earliest(&c->sockets[c->only]) <= time) {
        connection->socket = c->only;
    }
}

enum etw_status smb_connections_find(struct smb_connections *c, const struct etw_event *event,
                                     const struct corr_endpoint *remote,
                                     const struct smb_connection **out, struct etw_error *error)
{
    struct smb_key key;
    *out = NULL;
    if (!make_key(event, &key)) {
        return ETW_OK;
    }
    struct smb_connection *connection = get(c, &key);
    if (!connection) {
        enum etw_status status = begin(c, &key, event, error);
        if (status) {
            return status;
        }
        connection = get(c, &key);
    }
    if (connection && connection->remote.size == 0 && remote && remote->size > 0) {
        connection->remote = *remote;
        connection->tries = 0;
    }
    if (connection) {
        infer(c, connection, event);
    }
    *out = connection;
    return ETW_OK;
}

uint32_t smb_connections_row(const struct smb_connections *c, const struct etw_event *event)
{
    const struct etw_socket *socket = &event->u.socket;
    if (corr_event_is_without_socket(event)) {
        return CORR_NO_ROW;
    }
    uint32_t row = corr_event_sockets_find(c->events, event);
    if (row == CORR_NO_ROW && (socket->has & ETW_HAS_REMOTE)) {
        struct corr_endpoint remote = corr_endpoint_of_event(&socket->remote);
        row = remote.size && remote.port
                  ? smb_connections_row_to(c, source_of(event), &remote, event->record->time)
                  : CORR_NO_ROW;
    }
    return row;
}

/* ---- calls into the stack ---- */

static struct smb_key thread_key(const struct etw_event *event)
{
    return (struct smb_key){KEY_THREAD, event->record->thread_id, 0};
}

static enum etw_status note_call(struct smb_connections *c, const struct etw_event *event,
                                 struct etw_error *error)
{
    const struct etw_smb *smb = &event->u.smb;
    struct smb_key key = thread_key(event);
    if (event->record->thread_id == 0 || event->record->thread_id == RECORD_NO_ID) {
        return ETW_OK; /* several CPUs idle at a time */
    }
    const struct call call = {
        .connection = smb->socket.handles[0].value,
        .is_connect = smb->what == ETW_SMB_CONNECT,
        .bytes = smb->socket.bytes,
        .remote = corr_endpoint_of_event(&smb->socket.remote),
        .time = event->record->time,
    };
    c->calls += smb_store_get(c->threads, &key, NULL) == NULL;
    return smb_store_set(c->threads, &key, &call, sizeof(call))
               ? ETW_OK
               : etw_fail_memory(error, "SMB connections");
}

static bool is_answer(const struct call *call, const struct etw_socket *socket, int64_t time)
{
    if (!corr_time_is_near(time, call->time, CALL_MAXIMUM)) {
        return false;
    }
    if (!call->is_connect) {
        return socket->action == ETW_ACTION_SEND && call->bytes > 0 &&
               (socket->has & ETW_HAS_BYTES) &&
               (socket->bytes == call->bytes || socket->bytes == call->bytes + TRANSPORT_SIZE);
    }
    struct corr_endpoint remote = corr_endpoint_of_event(&socket->remote);
    return socket->action == ETW_ACTION_CONNECT && (socket->has & ETW_HAS_REMOTE) &&
           corr_endpoint_equal(&remote, &call->remote);
}

/* A connection whose row has ended and that goes on elsewhere is another one: that the client
 * asked for it was not logged. */
static void set_told(struct smb_connections *c, struct smb_connection *connection, uint32_t row,
                     int64_t time)
{
    bool is_over = connection->is_told && c->sockets[connection->socket].closed < time;
    if (row == CORR_NO_ROW || (connection->is_told && !is_over)) {
        return;
    }
    if (is_over && row != connection->socket) {
        connection->number = ++c->count;
    }
    connection->socket = row;
    connection->is_told = true;
}

/* The stack's event on the thread of a call says which connection it is. */
static void take_answer(struct smb_connections *c, const struct etw_event *event)
{
    struct smb_key key = thread_key(event);
    const struct call *call = c->calls > 0 ? smb_store_get(c->threads, &key, NULL) : NULL;
    if (!call || !is_answer(call, &event->u.socket, event->record->time)) {
        return;
    }
    struct smb_key connection_key = {KEY_CLIENT, call->connection, 0};
    struct smb_connection *connection = get(c, &connection_key);
    uint32_t row = corr_event_sockets_find(c->events, event);
    if (connection) {
        set_told(c, connection, row, event->record->time);
    }
    smb_store_remove(c->threads, &key);
    c->calls--;
}

static enum etw_status learn_client(struct smb_connections *c, const struct etw_event *event,
                                    struct etw_error *error)
{
    struct smb_key key;
    enum etw_smb_what what = event->u.smb.what;
    enum etw_status status = ETW_OK;
    if ((what != ETW_SMB_CONNECT && what != ETW_SMB_SEND) || !make_key(event, &key)) {
        return ETW_OK;
    }
    if (what == ETW_SMB_CONNECT || !get(c, &key)) {
        status = begin(c, &key, event, error);
    }
    const struct smb_connection *connection = get(c, &key);
    bool is_call = !connection || !connection->is_other;
    return status || !is_call ? status : note_call(c, event, error);
}

static enum etw_status learn_server(struct smb_connections *c, const struct etw_event *event,
                                    struct etw_error *error)
{
    struct smb_key key;
    if (event->u.smb.what != ETW_SMB_CONNECTED || !make_key(event, &key) || get(c, &key)) {
        return ETW_OK;
    }
    return begin(c, &key, event, error);
}

enum etw_status smb_connections_feed(struct smb_connections *c, const struct etw_event *event,
                                     struct etw_error *error)
{
    switch (event->u.socket.layer) {
    case ETW_LAYER_STACK:
        take_answer(c, event);
        return ETW_OK;
    case ETW_LAYER_SMB_CLIENT:
        return learn_client(c, event, error);
    case ETW_LAYER_SMB_SERVER:
        return learn_server(c, event, error);
    default:
        return ETW_OK;
    }
}
