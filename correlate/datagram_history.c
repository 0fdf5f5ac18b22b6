/* SPDX-License-Identifier: MIT */
#include "correlate/datagram_history.h"

#include <stdlib.h>
#include <string.h>

#include "correlate/socket_table.h"
#include "etw/base/array.h"
#include "etw/base/hash_index.h"

#define IP_UDP 17

/* What is known of a pointer. */
struct endpoint {
    uint64_t value;
    int64_t closed;      /* when its last life ended; CORR_ALWAYS: none did */
    uint32_t row;        /* of its life, or of the last one; CORR_NO_ROW: none yet */
    uint32_t pid;        /* of this life, by payloads; 0: not stated */
    uint32_t last_pid;   /* of the life before, if that ended because the pid was another one */
    uint16_t other_port; /* of the remote end, while `is_unsure` */
    uint8_t space;
    bool is_open;
    bool is_bound;  /* the local end is what it was bound to */
    bool is_unsure; /* the local end comes from received datagrams only: may be the remote one */
};

struct datagram_history {
    struct socket_table *table; /* borrowed */
    struct endpoint *endpoints; /* owned */
    size_t count, capacity;
    struct hash_index index;
    bool has_creates; /* this Windows tells of every begin and end */
    struct datagram_history_counts counts;
};

enum etw_status datagram_history_new(struct socket_table *table, struct datagram_history **out,
                                     struct etw_error *error)
{
    *out = calloc(1, sizeof(**out));
    if (!*out) {
        return etw_fail_memory(error, "the datagram sockets");
    }
    (*out)->table = table;
    return ETW_OK;
}

void datagram_history_free(struct datagram_history *history)
{
    if (history) {
        hash_index_done(&history->index);
        free(history->endpoints);
        free(history);
    }
}

void datagram_history_get_counts(const struct datagram_history *history,
                                 struct datagram_history_counts *counts)
{
    *counts = history->counts;
}

/* ---- endpoints ---- */

static uint64_t hash_of(const struct etw_handle *handle)
{
    const uint64_t key[2] = {(uint64_t)handle->space, handle->value};
    return hash_bytes(key, sizeof(key));
}

static struct endpoint *find_endpoint(const struct datagram_history *history,
                                      const struct etw_handle *handle)
{
    uint32_t at = 0;
    uint64_t hash = hash_of(handle);
    for (uint32_t i = hash_index_first(&history->index, hash, &at); i != HASH_INDEX_NONE;
         i = hash_index_next(&history->index, hash, &at)) {
        struct endpoint *endpoint = &history->endpoints[i];
        if (endpoint->value == handle->value && endpoint->space == (uint8_t)handle->space) {
            return endpoint;
        }
    }
    return NULL;
}

static struct endpoint *add_endpoint(struct datagram_history *history,
                                     const struct etw_handle *handle)
{
    void *endpoints = history->endpoints;
    if (history->count >= HASH_INDEX_NONE ||
        !array_grow(&endpoints, &history->capacity, history->count + 1,
                    sizeof(*history->endpoints))) {
        return NULL;
    }
    history->endpoints = endpoints;
    if (!hash_index_add(&history->index, hash_of(handle), (uint32_t)history->count)) {
        return NULL;
    }
    struct endpoint *endpoint = &history->endpoints[history->count++];
    *endpoint = (struct endpoint){.value = handle->value,
                                  .closed = CORR_ALWAYS,
                                  .row = CORR_NO_ROW,
                                  .space = (uint8_t)handle->space};
    return endpoint;
}

/* ---- lives ---- */

static void close_life(struct datagram_history *history, struct endpoint *endpoint, int64_t time,
                       enum corr_cause cause)
{
    if (endpoint->is_open) {
        socket_table_close(history->table, endpoint->row, time, cause);
        endpoint->is_open = false;
        endpoint->closed = time;
    }
}

static void open_life(struct datagram_history *history, struct endpoint *endpoint,
                      const struct etw_event *event)
{
    const struct etw_socket *socket = &event->u.socket;
    bool is_raw = endpoint->space == ETW_HANDLE_RAW_ENDPOINT;
    if (endpoint->is_open) {
        history->counts.missed_closes++;
        close_life(history, endpoint, event->record->time, CORR_CAUSE_UNKNOWN);
    }
    endpoint->row = socket_table_add(history->table, is_raw ? CORR_RAW : CORR_DATAGRAM,
                                     is_raw ? socket->protocol : IP_UDP, event->record->time);
    struct corr_socket *row = socket_table_get(history->table, endpoint->row);
    if (row) {
        row->handle = endpoint->value;
    }
    endpoint->is_open = true;
    endpoint->is_bound = false;
    endpoint->is_unsure = false;
    endpoint->pid = 0;
    endpoint->last_pid = 0;
}

/* It was there before its first event. */
static void open_older(struct datagram_history *history, struct endpoint *endpoint,
                       const struct etw_event *event)
{
    open_life(history, endpoint, event);
    struct corr_socket *row = socket_table_get(history->table, endpoint->row);
    if (row) {
        row->opened = endpoint->closed;
        row->flags |= CORR_SOCKET_OLDER;
    }
    history->counts.missed_opens++;
}

static uint32_t pid_of(const struct etw_socket *socket)
{
    return (socket->has & ETW_HAS_PID) != 0 ? socket->pid : 0;
}

static void own(struct datagram_history *history, struct endpoint *endpoint, enum corr_rule rule,
                const struct etw_event *event)
{
    const struct etw_socket *socket = &event->u.socket;
    uint64_t start_key = (socket->has & ETW_HAS_START_KEY) != 0 ? socket->start_key : 0;
    uint32_t pid = pid_of(socket);
    if (pid != 0) {
        endpoint->pid = endpoint->pid == 0 ? pid : endpoint->pid;
        socket_table_own(history->table, endpoint->row, rule, pid, start_key, event->record->time,
                         event->record->offset);
    }
}

static bool has_failed(const struct etw_socket *socket)
{
    return (socket->has & ETW_HAS_STATUS) != 0 && socket->status != 0;
}

/* ---- the two ends of an event ---- */

struct ends {
    struct corr_endpoint local, remote; /* size 0: not stated */
    bool is_mapped;                     /* the local end is an IPv4 address of an IPv6 socket */
};

static struct ends ends_of(const struct etw_socket *socket, bool is_raw)
{
    struct ends ends = {.is_mapped = false};
    if ((socket->has & ETW_HAS_LOCAL) != 0) {
        ends.local = corr_endpoint_of_event(&socket->local);
        ends.is_mapped = socket->local.size == 16 && ends.local.size == 4;
    }
    if ((socket->has & ETW_HAS_REMOTE) != 0) {
        ends.remote = corr_endpoint_of_event(&socket->remote);
    }
    if (is_raw) {
        ends.local.port = 0;
        ends.remote.port = 0;
    }
    return ends;
}

static bool is_multicast(const struct corr_endpoint *end)
{
    static const uint8_t broadcast[4] = {0xff, 0xff, 0xff, 0xff};
    if (end->size == 16) {
        return end->bytes[0] == 0xff;
    }
    return end->size == 4 && ((end->bytes[0] & 0xf0) == 0xe0 ||
                              memcmp(end->bytes, broadcast, sizeof(broadcast)) == 0);
}

static struct corr_endpoint local_of_row(const struct datagram_history *history,
                                         const struct endpoint *endpoint)
{
    const struct corr_endpoint none = {.size = 0};
    const struct corr_socket *row = socket_table_get(history->table, endpoint->row);
    return row ? row->local : none;
}

/* The ends of a received datagram sometimes stand in the other order; the local port tells,
 * and nobody receives from a multicast address. */
static void put_in_order(const struct corr_endpoint *known, bool is_open, struct ends *ends)
{
    bool is_known = is_open && known->size > 0;
    bool fits = is_known && ends->local.port == known->port;
    bool fits_swapped = is_known && ends->remote.port == known->port;
    bool is_swapped = fits_swapped && !fits;
    if (fits == fits_swapped) {
        is_swapped =
            is_multicast(&ends->remote) ||
            (is_known && corr_endpoint_same_address(known, &ends->remote) &&
             !corr_endpoint_same_address(known, &ends->local) && !is_multicast(&ends->local));
    }
    if (is_swapped) {
        struct corr_endpoint local = ends->local;
        ends->local = ends->remote;
        ends->remote = local;
    }
}

/* ---- the local end ---- */

static void set_local(struct datagram_history *history, struct endpoint *endpoint,
                      struct corr_endpoint local)
{
    local.is_dual = local.is_dual || (local.size == 16 && corr_endpoint_is_any(&local));
    socket_table_set_ends(history->table, endpoint->row, &local, NULL);
}

static struct corr_endpoint any_address(uint8_t size, uint16_t port)
{
    return (struct corr_endpoint){.port = port, .size = size, .is_dual = size == 16};
}

/* A local port that only received datagrams told of is perhaps the remote one. */
static bool was_swapped(const struct datagram_history *history, const struct endpoint *endpoint,
                        const struct ends *ends)
{
    return endpoint->is_unsure && ends->local.port == endpoint->other_port &&
           ends->local.port != local_of_row(history, endpoint).port;
}

/* Datagrams of several addresses and one port: the endpoint is bound to any. What came to a
 * multicast address says the same. */
static void learn_local(struct datagram_history *history, struct endpoint *endpoint,
                        const struct ends *ends)
{
    struct corr_endpoint known = local_of_row(history, endpoint);
    const struct corr_endpoint *seen = &ends->local;
    if (endpoint->is_bound || seen->size == 0) {
        return;
    }
    uint8_t wider = known.size == 16 || seen->size == 16 || ends->is_mapped ? 16 : 4;
    bool is_first = known.size == 0 || was_swapped(history, endpoint, ends);
    bool is_other = !corr_endpoint_is_any(&known) && !corr_endpoint_same_address(&known, seen);
    if (ends->is_mapped || is_multicast(seen) || (!is_first && is_other)) {
        set_local(history, endpoint, any_address(wider, seen->port));
    } else if (is_first) {
        set_local(history, endpoint, *seen);
    }
}

/* ---- whose event it is ---- */

static bool is_port_another(const struct datagram_history *history, const struct endpoint *endpoint,
                            const struct ends *ends)
{
    struct corr_endpoint known = local_of_row(history, endpoint);
    return known.port != 0 && ends->local.port != 0 && known.port != ends->local.port &&
           !was_swapped(history, endpoint, ends);
}

/* Where every close is told of, another pid is a contradiction, and so is the pid of two lives
 * ago: two processes share the endpoint. */
static bool is_pid_another(const struct datagram_history *history, const struct endpoint *endpoint,
                           uint32_t pid)
{
    return pid != 0 && endpoint->pid != 0 && pid != endpoint->pid && !history->has_creates &&
           pid != endpoint->last_pid;
}

static bool is_protocol_another(const struct datagram_history *history,
                                const struct endpoint *endpoint, const struct etw_socket *socket)
{
    const struct corr_socket *row = socket_table_get(history->table, endpoint->row);
    return endpoint->space == ETW_HANDLE_RAW_ENDPOINT && row && socket->protocol != 0 &&
           row->protocol != 0 && row->protocol != socket->protocol;
}

/* Makes sure that the endpoint has an open life which the event does not contradict. False: the
 * event is late, about a life that is over. */
static bool open_for(struct datagram_history *history, struct endpoint *endpoint,
                     const struct ends *ends, const struct etw_event *event)
{
    const struct etw_socket *socket = &event->u.socket;
    uint32_t pid = pid_of(socket);
    bool is_other_pid = is_pid_another(history, endpoint, pid);
    bool is_another = is_port_another(history, endpoint, ends) || is_other_pid ||
                      is_protocol_another(history, endpoint, socket);
    if (endpoint->is_open && !is_another) {
        return true;
    }
    bool is_late = history->has_creates && endpoint->row != CORR_NO_ROW && !is_another &&
                   (pid == 0 || pid == endpoint->pid);
    if (is_late) {
        return false;
    }
    uint32_t last_pid = is_other_pid ? endpoint->pid : 0;
    open_older(history, endpoint, event);
    endpoint->last_pid = last_pid;
    return true;
}

/* ---- actions ---- */

static void take_create(struct datagram_history *history, struct endpoint *endpoint,
                        const struct etw_event *event)
{
    if (!has_failed(&event->u.socket)) {
        history->has_creates = true;
        open_life(history, endpoint, event);
        own(history, endpoint, CORR_RULE_STACK_ENDPOINT, event);
    }
}

static void take_bind(struct datagram_history *history, struct endpoint *endpoint,
                      const struct etw_event *event)
{
    struct ends ends = ends_of(&event->u.socket, endpoint->space == ETW_HANDLE_RAW_ENDPOINT);
    if (has_failed(&event->u.socket) || ends.local.size == 0) {
        return;
    }
    if (!endpoint->is_open || is_port_another(history, endpoint, &ends)) {
        open_older(history, endpoint, event);
    }
    struct corr_endpoint local = ends.is_mapped && corr_endpoint_is_any(&ends.local)
                                     ? any_address(16, ends.local.port)
                                     : ends.local;
    endpoint->is_bound = true;
    endpoint->is_unsure = false;
    set_local(history, endpoint, local);
    own(history, endpoint, CORR_RULE_STACK_ENDPOINT, event);
}

/* The close of a bound endpoint is logged in the context of its process. */
static void take_close(struct datagram_history *history, struct endpoint *endpoint,
                       const struct etw_event *event)
{
    const struct etw_socket *socket = &event->u.socket;
    const struct etw_record *record = event->record;
    struct ends ends = ends_of(socket, endpoint->space == ETW_HANDLE_RAW_ENDPOINT);
    if (endpoint->row != CORR_NO_ROW && !endpoint->is_open) {
        return;
    }
    if (!endpoint->is_open || is_port_another(history, endpoint, &ends)) {
        open_older(history, endpoint, event);
    }
    if (!endpoint->is_bound && ends.local.port != 0) {
        learn_local(history, endpoint, &ends);
    }
    if (socket->is_header_pid_true && record->process_id != RECORD_NO_ID) {
        socket_table_own(history->table, endpoint->row, CORR_RULE_CALLER, record->process_id, 0,
                         record->time, record->offset);
    }
    close_life(history, endpoint, record->time, CORR_CAUSE_LOCAL_CLOSE);
}

static void take_datagram(struct datagram_history *history, struct endpoint *endpoint,
                          const struct etw_event *event)
{
    const struct etw_socket *socket = &event->u.socket;
    bool is_sent = socket->action == ETW_ACTION_SEND_TO;
    struct ends ends = ends_of(socket, endpoint->space == ETW_HANDLE_RAW_ENDPOINT);
    struct corr_endpoint known = local_of_row(history, endpoint);
    if (!is_sent) {
        put_in_order(&known, endpoint->is_open, &ends);
    }
    if (open_for(history, endpoint, &ends, event)) {
        bool is_first = local_of_row(history, endpoint).size == 0;
        learn_local(history, endpoint, &ends);
        endpoint->is_unsure = !is_sent && (is_first || endpoint->is_unsure);
        endpoint->other_port = is_first ? ends.remote.port : endpoint->other_port;
        own(history, endpoint, CORR_RULE_DATAGRAM, event);
    }
    if (ends.remote.size > 0) {
        socket_table_add_flow(history->table, endpoint->row, &ends.remote);
    }
    if ((socket->has & ETW_HAS_BYTES) != 0) {
        socket_table_add_bytes(history->table, endpoint->row, CORR_BYTES_STACK, is_sent,
                               socket->bytes);
    }
}

typedef void take(struct datagram_history *history, struct endpoint *endpoint,
                  const struct etw_event *event);

static take *const takers[ETW_ACTION_COUNT] = {
    [ETW_ACTION_CREATE] = take_create,         [ETW_ACTION_BIND] = take_bind,
    [ETW_ACTION_CLOSE] = take_close,           [ETW_ACTION_SEND_TO] = take_datagram,
    [ETW_ACTION_RECEIVE_FROM] = take_datagram,
};

uint32_t datagram_history_learn(struct datagram_history *history, const struct etw_event *event)
{
    const struct etw_socket *socket = &event->u.socket;
    const struct etw_handle *handle = &socket->handles[0];
    take *taker = socket->action < ETW_ACTION_COUNT ? takers[socket->action] : NULL;
    if ((handle->space != ETW_HANDLE_UDP_ENDPOINT && handle->space != ETW_HANDLE_RAW_ENDPOINT) ||
        handle->value == 0) {
        return CORR_NO_ROW;
    }
    struct endpoint *endpoint = find_endpoint(history, handle);
    if (!endpoint && taker) {
        endpoint = add_endpoint(history, handle);
        if (!endpoint) {
            socket_table_fail(history->table);
        }
    }
    if (!endpoint) {
        return CORR_NO_ROW;
    }
    if (taker) {
        taker(history, endpoint, event);
    }
    return socket_table_resolve(history->table, endpoint->row);
}
