/* SPDX-License-Identifier: MIT */
/*
 * tcp_history.c - gives the stack's TCP events to connections and listeners, and
 * settles at the end what only the whole shows. See tcp_lives.h for its parts.
 */
#include "correlate/tcp_history.h"

#include <stdlib.h>

#include "correlate/tcp_lives.h"

enum etw_status tcp_history_new(struct socket_table *table, struct tcp_history **out,
                                struct etw_error *error)
{
    struct tcp_history *history = calloc(1, sizeof(*history));
    struct tcp_endpoints *endpoints = tcp_endpoints_new();
    if (!history || !endpoints) {
        free(history);
        tcp_endpoints_free(endpoints);
        return etw_fail_memory(error, "the connections");
    }
    history->table = table;
    history->endpoints = endpoints;
    *out = history;
    return ETW_OK;
}

void tcp_history_free(struct tcp_history *history)
{
    if (history) {
        hash_index_done(&history->tuples);
        tcp_endpoints_free(history->endpoints);
        free(history->lives);
        free(history);
    }
}

bool tcp_history_takes(const struct etw_event *event)
{
    const struct etw_socket *socket = &event->u.socket;
    return event->kind == ETW_EVENT_SOCKET && socket->layer == ETW_LAYER_STACK &&
           socket->protocol == IP_TCP;
}

/* ---- inherited owners ---- */

/* `object` has just taken over the port of an endpoint that was made for a process. */
static void inherit(struct tcp_history *history, uint32_t row, uint64_t object, int64_t time)
{
    const struct corr_socket *shown = socket_table_get(history->table, row);
    if (!shown || shown->local.port == 0 || shown->closed != CORR_NEVER) {
        return;
    }
    struct tcp_legacy legacy =
        tcp_endpoints_take(history->endpoints, object, shown->local.port, time);
    if (legacy.pid != 0) {
        socket_table_own(history->table, row, CORR_RULE_STACK_ENDPOINT, legacy.pid,
                         legacy.start_key, legacy.made, legacy.offset);
        socket_table_note(history->table, row, CORR_RULE_PORT_INHERITED, legacy.inherited_offset);
    }
}

/* ---- listeners ---- */

static uint32_t add_listener(struct tcp_history *history, const struct etw_event *event,
                             uint64_t listener)
{
    const struct corr_endpoint local = corr_endpoint_of_event(&event->u.socket.local);
    uint32_t row = socket_table_add(history->table, CORR_LISTENER, IP_TCP, event->record->time);
    struct corr_socket *shown = socket_table_get(history->table, row);
    if (!shown) {
        return CORR_NO_ROW;
    }
    shown->handle = listener;
    shown->first_state = CORR_LISTEN;
    socket_table_set_ends(history->table, row, &local, NULL);
    socket_table_bind(history->table, ETW_HANDLE_LISTENER, listener, row);
    return row;
}

static void own_listener(struct tcp_history *history, const struct etw_event *event, uint32_t row,
                         uint64_t listener)
{
    const struct etw_socket *socket = &event->u.socket;
    const struct etw_record *record = event->record;
    if (tcp_has(socket, ETW_HAS_PID)) {
        uint64_t start_key = tcp_has(socket, ETW_HAS_START_KEY) ? socket->start_key : 0;
        socket_table_own(history->table, row, CORR_RULE_LISTENER, socket->pid, start_key,
                         record->time, record->offset);
    }
    inherit(history, row, listener, record->time);
}

/* The row that this pointer is now, if it is bound where the event says. */
static uint32_t find_listener(const struct tcp_history *history, const struct etw_socket *socket,
                              uint64_t listener)
{
    uint32_t row = socket_table_find(history->table, ETW_HANDLE_LISTENER, listener);
    const struct corr_socket *shown = socket_table_get(history->table, row);
    bool is_there = shown && shown->closed == CORR_NEVER &&
                    (!tcp_has(socket, ETW_HAS_LOCAL) || socket->local.port == shown->local.port);
    return is_there ? row : CORR_NO_ROW;
}

static uint32_t open_listener(struct tcp_history *history, const struct etw_event *event,
                              uint64_t listener)
{
    const struct etw_socket *socket = &event->u.socket;
    uint32_t row = find_listener(history, socket, listener);
    uint32_t before = socket_table_find(history->table, ETW_HANDLE_LISTENER, listener);
    const struct corr_socket *earlier = socket_table_get(history->table, before);
    bool has_failed = tcp_has(socket, ETW_HAS_STATUS) && socket->status != 0;
    if (has_failed || !tcp_has(socket, ETW_HAS_LOCAL)) {
        return row;
    }
    if (row == CORR_NO_ROW && earlier && earlier->closed == CORR_NEVER) {
        socket_table_close(history->table, before, event->record->time, CORR_CAUSE_UNKNOWN);
        history->counts.missed_closes++;
    }
    if (row == CORR_NO_ROW) {
        row = add_listener(history, event, listener);
    }
    own_listener(history, event, row, listener);
    return row;
}

/* One whose begin nobody told of was there before. */
static uint32_t close_listener(struct tcp_history *history, const struct etw_event *event,
                               uint64_t listener)
{
    uint32_t row = find_listener(history, &event->u.socket, listener);
    if (row == CORR_NO_ROW && tcp_has(&event->u.socket, ETW_HAS_LOCAL)) {
        row = add_listener(history, event, listener);
        struct corr_socket *shown = socket_table_get(history->table, row);
        if (shown) {
            shown->opened = CORR_ALWAYS;
            shown->flags |= CORR_SOCKET_OLDER;
        }
    }
    own_listener(history, event, row, listener);
    socket_table_close(history->table, row, event->record->time, CORR_CAUSE_LOCAL_CLOSE);
    return row;
}

static uint32_t learn_listener(struct tcp_history *history, const struct etw_event *event,
                               uint64_t listener)
{
    switch (event->u.socket.action) {
    case ETW_ACTION_LISTEN:
        return open_listener(history, event, listener);
    case ETW_ACTION_CLOSE:
        return close_listener(history, event, listener);
    default: /* it failed to be one */
        return find_listener(history, &event->u.socket, listener);
    }
}

/* ---- ports ---- */

/* The object may be any that holds ports; what it inherits counts once its ends are known. */
static uint32_t learn_port(struct tcp_history *history, const struct etw_event *event)
{
    uint64_t object = tcp_handle_of(&event->u.socket, ETW_HANDLE_PORT_ACQUIRER);
    uint32_t listener = socket_table_find(history->table, ETW_HANDLE_LISTENER, object);
    uint32_t connection = socket_table_find(history->table, ETW_HANDLE_TCB, object);
    uint32_t row = listener != CORR_NO_ROW ? listener : connection;
    const struct corr_socket *shown = socket_table_get(history->table, row);
    if (!shown || shown->local.port != event->u.socket.local.port) {
        return CORR_NO_ROW;
    }
    if (event->u.socket.phase == ETW_PHASE_ENTER) {
        inherit(history, row, object, event->record->time);
    } else if (row == listener) {
        socket_table_close(history->table, row, event->record->time, CORR_CAUSE_LOCAL_CLOSE);
    }
    return row;
}

/* ---- connections ---- */

static uint32_t learn_connection(struct tcp_history *history, const struct etw_event *event,
                                 uint64_t tcb)
{
    uint32_t row = tcp_lives_place(history, event, tcb);
    struct tcp_life *life = tcp_life_of(history, row);
    if (!life) {
        return CORR_NO_ROW;
    }
    struct tcp_step step = {
        .history = history,
        .event = event,
        .socket = &event->u.socket,
        .time = event->record->time,
        .row = row,
        .life = life,
        .shown = socket_table_get(history->table, row),
    };
    tcp_events_apply(&step);
    if (tcp_has(step.socket, ETW_HAS_LOCAL)) {
        inherit(history, row, tcb, step.time);
    }
    return row;
}

uint32_t tcp_history_learn(struct tcp_history *history, const struct etw_event *event)
{
    const struct etw_socket *socket = &event->u.socket;
    uint64_t tcb = tcp_handle_of(socket, ETW_HANDLE_TCB);
    uint64_t listener = tcp_handle_of(socket, ETW_HANDLE_LISTENER);
    if (!tcp_endpoints_learn(history->endpoints, event)) {
        socket_table_set_failed(history->table);
    }
    if (tcb != 0) {
        return learn_connection(history, event, tcb);
    }
    if (listener != 0) {
        return learn_listener(history, event, listener);
    }
    if (socket->action == ETW_ACTION_PORT) {
        return learn_port(history, event);
    }
    return tcp_lives_find(history, socket);
}

/* ---- the end ---- */

/* The listener that lived at the local port when the connection began. */
static uint32_t listener_of(const struct tcp_history *history, const struct corr_socket *shown,
                            const struct tcp_life *life)
{
    uint32_t row = life->listener;
    if (row == CORR_NO_ROW && shown->local.size > 0 && shown->opened != CORR_ALWAYS) {
        row = socket_table_find_bound(history->table, CORR_LISTENER, IP_TCP, &shown->local,
                                      shown->opened);
    }
    const struct corr_socket *listener = socket_table_get(history->table, row);
    return listener && (row == life->listener || listener->opened <= shown->opened) ? row
                                                                                    : CORR_NO_ROW;
}

/* A connection that was refused or reset before it was accepted belongs to whom it was for. */
static void finish_owner(struct tcp_history *history, uint32_t row, uint32_t listener)
{
    const struct tcp_life *life = tcp_life_of(history, row);
    const struct corr_socket *shown = socket_table_get(history->table, row);
    const struct corr_socket *owner = socket_table_get(history->table, listener);
    uint64_t start_key = 0;
    int64_t time = 0;
    uint32_t pid = socket_table_pid(history->table, listener, &start_key, &time, NULL);
    bool is_its = shown->role == CORR_SERVER && tcp_has_sign(life, LIFE_SAW_SYN);
    if (pid != 0 && is_its && socket_table_pid(history->table, row, NULL, NULL, NULL) == 0) {
        socket_table_own(history->table, row, CORR_RULE_LISTENER, pid, start_key, time,
                         corr_evidence_offset(owner->evidence[0]));
    }
}

static void finish_life(struct tcp_history *history, uint32_t row)
{
    const struct tcp_life *life = tcp_life_of(history, row);
    struct corr_socket *shown = socket_table_get(history->table, row);
    uint32_t listener = listener_of(history, shown, life);
    if (!tcp_has_sign(life, LIFE_HAS_ROLE) && listener != CORR_NO_ROW) {
        shown->role = CORR_SERVER;
    }
    finish_owner(history, row, listener);
    tcp_numbers_finish(history, row);
}

void tcp_history_finish(struct tcp_history *history)
{
    for (size_t row = 0; row < history->life_count; row++) {
        if (tcp_life_of(history, (uint32_t)row)) {
            finish_life(history, (uint32_t)row);
        }
    }
}

void tcp_history_get_counts(const struct tcp_history *history, struct tcp_history_counts *counts)
{
    *counts = history->counts;
}
