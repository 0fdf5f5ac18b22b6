/* SPDX-License-Identifier: MIT */
/*
 * application_actions.c - what the actions of applications say about their sockets.
 *
 * To add an action: a function that takes it and a row in `takers`.
 */
#include "correlate/application_records.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

#define IP_TCP 6
#define IP_UDP 17

/* [documented: ntstatus.h] */
#define STATUS_PENDING              0x00000103u
#define STATUS_DEVICE_NOT_READY     0xC00000A3u
#define STATUS_CANT_WAIT            0xC00000D8u
#define STATUS_IO_TIMEOUT           0xC00000B5u
#define STATUS_REMOTE_NOT_LISTENING 0xC00000BCu
#define STATUS_CONNECTION_RESET     0xC000020Du
#define STATUS_CONNECTION_REFUSED   0xC0000236u
#define STATUS_TIMEOUT              0x00000102u

/* ---- what an event says ---- */

static struct corr_endpoint remote_of(const struct etw_socket *socket)
{
    const struct corr_endpoint none = {.size = 0};
    return (socket->has & ETW_HAS_REMOTE) != 0 ? corr_endpoint_of_event(&socket->remote) : none;
}

/* ---- uses ---- */

/* The connection of this record is over, so that another one may begin. */
static bool is_used_up(const struct application_history *history,
                       const struct application_record *record)
{
    const struct corr_socket *socket =
        socket_table_get(history->table, socket_table_resolve(history->table, record->row));
    bool has_ended = socket && socket->closed != CORR_NEVER;
    return has_ended || record->status != 0 || record->cause != CORR_CAUSE_OPEN;
}

/* A connection to or from `remote` begins: in this record or, when it had another one, in a
 * new one of the same endpoint. Returns the record. */
static uint32_t begin_use(struct application_history *history, uint32_t number,
                          enum application_use use, const struct corr_endpoint *remote,
                          const struct etw_event *event)
{
    struct application_record *record = application_records_get(history, number);
    bool is_same = record->remote.size == 0 || corr_endpoint_equal(&record->remote, remote);
    if (!is_same || (record->remote.size > 0 && is_used_up(history, record))) {
        struct application_record before = *record;
        record->closed = event->record->time;
        record->flags |= APPLICATION_CLOSED;
        number = application_records_begin(history, before.endpoint, before.life, event);
        record = application_records_get(history, number);
        if (!record) {
            socket_table_fail(history->table);
            return CORR_NO_ROW;
        }
        record->protocol = before.protocol;
        const uint16_t lasting = APPLICATION_CREATED | APPLICATION_CALLED | APPLICATION_SHARED;
        record->flags = (uint16_t)((before.flags & lasting) | APPLICATION_REUSED);
        record->offset = before.offset;
        if (use == APPLICATION_CLIENT) {
            record->local = before.local;
        }
    }
    record->remote = *remote;
    record->use = (uint8_t)use;
    return number;
}

/* ---- what actions say ---- */

static bool is_datagram(const struct application_record *record)
{
    return record->use == APPLICATION_DATAGRAM;
}

static void be_stream(struct application_record *record)
{
    if (record->protocol == 0 && record->use != APPLICATION_NOT_IP) {
        record->protocol = IP_TCP;
    }
}

static void be_listener(struct application_record *record)
{
    be_stream(record);
    if (record->use == APPLICATION_UNKNOWN && record->protocol == IP_TCP) {
        record->use = APPLICATION_LISTENER;
    }
}

static void end_by(struct application_record *record, enum corr_cause cause)
{
    if (record->cause == CORR_CAUSE_OPEN) {
        record->cause = (uint8_t)cause;
    }
}

/* A port of 0 is chosen by the time the call returns. Where the return was lost, the end that
 * was asked for counts: had it been refused, there would be nothing more to tell. */
static void take_bind(struct application_history *history, uint32_t number,
                      const struct etw_event *event)
{
    const struct etw_socket *socket = &event->u.socket;
    const struct corr_endpoint none = {.size = 0};
    struct application_record *record = application_records_get(history, number);
    if ((socket->has & ETW_HAS_LOCAL) == 0 || record->use == APPLICATION_NOT_IP) {
        return;
    }
    if (application_records_is_done(socket)) {
        record->local = corr_endpoint_of_event(&socket->local);
        application_rows_show_datagrams(history, number);
    } else if (application_records_has_failed(socket) && record->row == CORR_NO_ROW) {
        record->local = none;
    } else if (socket->phase == ETW_PHASE_ENTER && record->local.size == 0 &&
               socket->local.port != 0) {
        record->local = corr_endpoint_of_event(&socket->local);
    }
}

static void take_listen(struct application_history *history, uint32_t number,
                        const struct etw_event *event)
{
    struct application_record *record = application_records_get(history, number);
    if (!application_records_has_failed(&event->u.socket)) {
        be_listener(record);
    } else if (record->use == APPLICATION_LISTENER && record->row == CORR_NO_ROW) {
        record->use = APPLICATION_UNKNOWN;
    }
}

/* A datagram went to or came from this end. */
static void add_flow(struct application_history *history, uint32_t number,
                     const struct corr_endpoint *remote)
{
    struct application_record *record = application_records_get(history, number);
    if (remote->size == 0 || !is_datagram(record)) {
        return;
    }
    if (record->remote.size == 0) {
        record->remote = *remote;
    } else if (!corr_endpoint_equal(&record->remote, remote)) {
        record->flags |= APPLICATION_SEVERAL;
    }
    application_rows_show_datagrams(history, number);
    record = application_records_get(history, number);
    socket_table_add_flow(history->table, record->row, remote);
}

static const struct {
    uint32_t status;
    enum corr_cause cause;
} connect_results[] = {
    {STATUS_TIMEOUT, CORR_CAUSE_TIMEOUT},
    {STATUS_IO_TIMEOUT, CORR_CAUSE_TIMEOUT},
    {STATUS_REMOTE_NOT_LISTENING, CORR_CAUSE_REFUSED},
    {STATUS_CONNECTION_RESET, CORR_CAUSE_REFUSED},
    {STATUS_CONNECTION_REFUSED, CORR_CAUSE_REFUSED},
};

static bool is_under_way(uint32_t status)
{
    return status == STATUS_PENDING || status == STATUS_DEVICE_NOT_READY ||
           status == STATUS_CANT_WAIT;
}

static void finish_connect(struct application_record *record, const struct etw_socket *socket)
{
    uint32_t status = application_records_status(socket);
    if ((socket->has & ETW_HAS_STATUS) == 0 || is_under_way(status)) {
        return;
    }
    if (status == 0 || is_datagram(record)) {
        return;
    }
    record->status = status;
    for (size_t i = 0; i < COUNT_OF(connect_results); i++) {
        if (connect_results[i].status == status) {
            end_by(record, connect_results[i].cause);
        }
    }
    end_by(record, CORR_CAUSE_UNKNOWN);
}

static void take_connect(struct application_history *history, uint32_t number,
                         const struct etw_event *event)
{
    const struct etw_socket *socket = &event->u.socket;
    struct corr_endpoint remote = remote_of(socket);
    struct application_record *record = application_records_get(history, number);
    if (socket->phase == ETW_PHASE_INDICATION) {
        be_listener(record);
    } else if (socket->phase == ETW_PHASE_EXIT) {
        finish_connect(record, socket);
    } else if (is_datagram(record)) {
        add_flow(history, number, &remote);
    } else if (remote.size > 0 && record->use != APPLICATION_NOT_IP) {
        begin_use(history, number, APPLICATION_CLIENT, &remote, event);
    }
}

/* The record of the socket that accept() filled. */
static uint32_t place_accepted(struct application_history *history, uint64_t endpoint,
                               uint32_t life, const struct etw_event *event)
{
    uint32_t number = application_records_find(history, endpoint);
    const struct application_record *record = application_records_get(history, number);
    if (record && (record->flags & APPLICATION_CLOSED) == 0) {
        return number;
    }
    application_records_end(history, number, event->record->time);
    history->counts.missed_opens++;
    number = application_records_begin(history, endpoint, life, event);
    if (number == CORR_NO_ROW) {
        socket_table_fail(history->table);
    }
    return number;
}

static void take_accept(struct application_history *history, uint32_t number,
                        const struct etw_event *event)
{
    const struct etw_socket *socket = &event->u.socket;
    uint64_t accepted = application_records_handle(socket, ETW_HANDLE_AFD_ACCEPT_ENDPOINT);
    struct corr_endpoint remote = remote_of(socket);
    struct application_record *listener = application_records_get(history, number);
    be_listener(listener);
    if (accepted == 0 || remote.size == 0 || accepted == listener->endpoint ||
        application_records_has_failed(socket)) {
        return;
    }
    uint32_t server = place_accepted(history, accepted, listener->life, event);
    if (server != CORR_NO_ROW) {
        server = begin_use(history, server, APPLICATION_SERVER, &remote, event);
    }
    struct application_record *record = application_records_get(history, server);
    if (record) {
        record->local = application_records_get(history, number)->local;
        be_stream(record);
    }
}

/* Completions of sends that were buffered and whose bytes their own return has counted.
 * [documented] */
static bool is_repeated(const struct etw_socket *socket)
{
    const uint32_t buffered[] = {3024, 3073};
    for (size_t i = 0; i < COUNT_OF(buffered); i++) {
        if ((socket->has & ETW_HAS_LOCATION) != 0 && socket->location == buffered[i]) {
            return true;
        }
    }
    return false;
}

/* A return says how many bytes went, its begin only how many were wanted. */
static void count_bytes(struct application_record *record, const struct etw_socket *socket,
                        bool is_sent)
{
    if ((socket->has & ETW_HAS_BYTES) == 0 || !application_records_is_done(socket) ||
        is_repeated(socket)) {
        return;
    }
    if (is_sent) {
        record->bytes_sent += socket->bytes;
    } else {
        record->bytes_received += socket->bytes;
    }
}

static void take_send(struct application_history *history, uint32_t number,
                      const struct etw_event *event)
{
    struct application_record *record = application_records_get(history, number);
    be_stream(record);
    count_bytes(record, &event->u.socket, true);
}

static void take_receive(struct application_history *history, uint32_t number,
                         const struct etw_event *event)
{
    struct application_record *record = application_records_get(history, number);
    be_stream(record);
    count_bytes(record, &event->u.socket, false);
}

/* An older socket shows by its calls that it is one of datagrams. Without a port it is a raw
 * one, of which only the begin tells the protocol. */
static void be_datagram(struct application_record *record, const struct corr_endpoint *remote)
{
    bool has_port = remote->port != 0 || record->remote.port != 0;
    bool is_free = record->use == APPLICATION_UNKNOWN || record->use == APPLICATION_CLIENT;
    if (record->protocol == 0 && is_free && has_port) {
        record->protocol = IP_UDP;
        record->use = APPLICATION_DATAGRAM;
    }
}

static void take_datagram(struct application_history *history, uint32_t number,
                          const struct etw_event *event, bool is_sent)
{
    const struct etw_socket *socket = &event->u.socket;
    struct corr_endpoint remote = remote_of(socket);
    struct application_record *record = application_records_get(history, number);
    bool has_remote =
        is_sent ? socket->phase == ETW_PHASE_ENTER : application_records_is_done(socket);
    be_datagram(record, &remote);
    count_bytes(record, socket, is_sent);
    if (has_remote) {
        add_flow(history, number, &remote);
    }
}

static void take_send_to(struct application_history *history, uint32_t number,
                         const struct etw_event *event)
{
    take_datagram(history, number, event, true);
}

static void take_receive_from(struct application_history *history, uint32_t number,
                              const struct etw_event *event)
{
    take_datagram(history, number, event, false);
}

static void take_shutdown(struct application_history *history, uint32_t number,
                          const struct etw_event *event)
{
    struct application_record *record = application_records_get(history, number);
    be_stream(record);
    if (event->u.socket.phase == ETW_PHASE_INDICATION) {
        end_by(record, CORR_CAUSE_PEER_CLOSE);
    }
}

/* The transport said so; every other reason is this side's. [documented: AFD's map] */
#define ABORT_BY_TRANSPORT   4
#define ABORT_DURING_CONNECT 0x12

static void take_abort(struct application_history *history, uint32_t number,
                       const struct etw_event *event)
{
    const struct etw_socket *socket = &event->u.socket;
    bool is_peer = (socket->has & ETW_HAS_REASON) != 0 &&
                   (socket->reason == ABORT_BY_TRANSPORT || socket->reason == ABORT_DURING_CONNECT);
    end_by(application_records_get(history, number),
           is_peer ? CORR_CAUSE_PEER_RESET : CORR_CAUSE_LOCAL_ABORT);
}

static void take_cleanup(struct application_history *history, uint32_t number,
                         const struct etw_event *event)
{
    struct application_record *record = application_records_get(history, number);
    end_by(record, CORR_CAUSE_LOCAL_CLOSE);
    record->closed = event->record->time;
}

static void take_close(struct application_history *history, uint32_t number,
                       const struct etw_event *event)
{
    take_cleanup(history, number, event);
    application_records_get(history, number)->flags |= APPLICATION_CLOSED;
}

typedef void take(struct application_history *history, uint32_t number,
                  const struct etw_event *event);

static take *const takers[ETW_ACTION_COUNT] = {
    [ETW_ACTION_BIND] = take_bind,         [ETW_ACTION_LISTEN] = take_listen,
    [ETW_ACTION_CONNECT] = take_connect,   [ETW_ACTION_ACCEPT] = take_accept,
    [ETW_ACTION_SEND] = take_send,         [ETW_ACTION_RECEIVE] = take_receive,
    [ETW_ACTION_SEND_TO] = take_send_to,   [ETW_ACTION_RECEIVE_FROM] = take_receive_from,
    [ETW_ACTION_SHUTDOWN] = take_shutdown, [ETW_ACTION_ABORT] = take_abort,
    [ETW_ACTION_CLEANUP] = take_cleanup,   [ETW_ACTION_CLOSE] = take_close,
};

void application_actions_take(struct application_history *history, uint32_t number,
                              const struct etw_event *event)
{
    enum etw_action action = event->u.socket.action;
    if (action < ETW_ACTION_COUNT && takers[action]) {
        takers[action](history, number, event);
    }
}
