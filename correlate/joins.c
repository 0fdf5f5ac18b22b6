/* SPDX-License-Identifier: MIT */
/*
 * joins.c - joins by what happens on one thread.
 *
 * An event of the stack that is logged on a thread inside a socket call is about the
 * socket of that call, unless an interrupt came in between, which is why something else
 * must agree too: the remote end, the local end, the byte count.
 *
 * To add a rule: a function and a row in `rules`.
 */
#include "correlate/joins.h"

#include <stdlib.h>

#include "correlate/address_joins.h"
#include "correlate/application_records.h"
#include "correlate/thread_calls.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

#define IP_TCP 6

struct joins {
    struct socket_table *table;              /* borrowed */
    struct application_history *application; /* borrowed */
    struct thread_table *threads;            /* owned */
    uint64_t joined, unjoined;
};

enum etw_status joins_new(struct socket_table *table, struct application_history *application,
                          struct joins **out, struct etw_error *error)
{
    struct joins *joins = calloc(1, sizeof(*joins));
    if (joins) {
        joins->threads = thread_table_new();
    }
    if (!joins || !joins->threads) {
        joins_free(joins);
        return etw_fail_memory(error, "the calls of threads");
    }
    joins->table = table;
    joins->application = application;
    *out = joins;
    return ETW_OK;
}

void joins_free(struct joins *joins)
{
    if (joins) {
        thread_table_free(joins->threads);
        free(joins);
    }
}

void joins_get_counts(const struct joins *joins, uint64_t *joined, uint64_t *unjoined)
{
    *joined = joins->joined;
    *unjoined = joins->unjoined;
}

/* An event on its thread. */
struct moment {
    struct thread_calls *thread;
    const struct etw_event *event;
    struct thread_note note;
    uint32_t row; /* of the stack's events */
};

static bool join(struct joins *joins, uint32_t record, uint32_t row, enum corr_rule rule,
                 const struct moment *now)
{
    return application_rows_join(joins->application, record, row, rule, now->event->record->offset);
}

static bool is_in_call(const struct moment *now, enum etw_action action)
{
    return now->row != CORR_NO_ROW && thread_note_is(&now->thread->call, action, now->note.time);
}

static bool is_remote_of(const struct thread_note *call, const struct thread_note *event)
{
    return call->remote.size > 0 && corr_endpoint_equal(&call->remote, &event->remote);
}

/* ---- connect and listen ---- */

static void join_connect(struct joins *joins, const struct moment *now)
{
    const struct thread_note *call = &now->thread->call;
    if (is_in_call(now, ETW_ACTION_CONNECT) && is_remote_of(call, &now->note)) {
        join(joins, call->subject, now->row, CORR_RULE_SAME_THREAD, now);
    }
}

static void join_listen(struct joins *joins, const struct moment *now)
{
    const struct thread_note *call = &now->thread->call;
    if (!is_in_call(now, ETW_ACTION_LISTEN)) {
        return;
    }
    const struct application_record *record =
        application_records_get(joins->application, call->subject);
    if (record->local.size == 0 || record->local.port == now->note.local.port) {
        join(joins, call->subject, now->row, CORR_RULE_SAME_THREAD, now);
    }
}

/* ---- datagram endpoints ---- */

static bool is_endpoint(const struct etw_event *event)
{
    enum etw_handle_space space = event->u.socket.handles[0].space;
    return space == ETW_HANDLE_UDP_ENDPOINT || space == ETW_HANDLE_RAW_ENDPOINT;
}

/* The stack makes its endpoint when the socket is created or bound. */
static void join_create(struct joins *joins, const struct moment *now)
{
    bool is_inside = is_in_call(now, ETW_ACTION_CREATE) || is_in_call(now, ETW_ACTION_BIND);
    if (is_inside && is_endpoint(now->event)) {
        join(joins, now->thread->call.subject, now->row, CORR_RULE_SAME_THREAD, now);
    }
}

static void join_bind(struct joins *joins, const struct moment *now)
{
    const struct thread_note *call = &now->thread->call;
    bool is_same_port = call->local.port == 0 || call->local.port == now->note.local.port;
    if (is_in_call(now, ETW_ACTION_BIND) && is_endpoint(now->event) && call->local.size > 0 &&
        is_same_port) {
        join(joins, call->subject, now->row, CORR_RULE_SAME_THREAD, now);
    }
}

static bool are_bytes_equal(const struct thread_note *a, const struct thread_note *b)
{
    return a->bytes != 0 && a->bytes == b->bytes;
}

static void join_send_to(struct joins *joins, const struct moment *now)
{
    const struct thread_note *call = &now->thread->call;
    bool is_same_size = are_bytes_equal(call, &now->note);
    if (is_in_call(now, ETW_ACTION_SEND_TO) && is_remote_of(call, &now->note) &&
        (is_same_size || call->bytes == 0 || now->note.bytes == 0)) {
        join(joins, call->subject, now->row,
             is_same_size ? CORR_RULE_SAME_BYTES : CORR_RULE_SAME_THREAD, now);
    }
}

/* The call returns after the stack has told of the datagram. The stack sometimes writes the two
 * ends of what it received in the other order. */
static void join_received(struct joins *joins, const struct moment *now, uint32_t record)
{
    struct thread_note *stack = &now->thread->stack;
    if (!thread_note_is(stack, ETW_ACTION_RECEIVE_FROM, now->note.time) ||
        !are_bytes_equal(stack, &now->note) || now->note.remote.size == 0) {
        return;
    }
    if (corr_endpoint_equal(&now->note.remote, &stack->remote) ||
        corr_endpoint_equal(&now->note.remote, &stack->local)) {
        join(joins, record, stack->subject, CORR_RULE_SAME_BYTES, now);
        thread_note_clear(stack);
    }
}

/* ---- connections that are older than the trace ---- */

/* One call with the same byte count may be chance, unless the pids agree as well. */
static void join_transfer(struct joins *joins, const struct moment *now)
{
    const struct thread_note *call = &now->thread->call;
    if (!is_in_call(now, now->event->u.socket.action) || !are_bytes_equal(call, &now->note)) {
        return;
    }
    bool is_same_pid = false;
    struct application_record *record = application_records_get(joins->application, call->subject);
    const struct corr_socket *socket = socket_table_get(joins->table, now->row);
    if (record->row != CORR_NO_ROW || socket->application != 0 ||
        !application_rows_agree(joins->application, call->subject, now->row) ||
        !application_rows_pids_agree(joins->application, call->subject, now->row, &is_same_pid)) {
        return;
    }
    if (is_same_pid || record->candidate == now->row) {
        join(joins, call->subject, now->row, CORR_RULE_SAME_BYTES, now);
    } else {
        record->candidate = now->row;
    }
}

/* ---- accept ---- */

/* The stack's connection `row` came in at the listening record. */
static void own_by_listener(struct joins *joins, uint32_t listener, uint32_t row,
                            const struct moment *now)
{
    enum corr_rule rule = CORR_RULE_NONE;
    uint64_t offset = 0;
    const struct application_record *record = application_records_get(joins->application, listener);
    const struct corr_socket *socket = socket_table_get(joins->table, row);
    uint32_t pid = application_records_pid(joins->application, listener, &rule, &offset);
    if (!socket || record->local.size == 0 || record->local.port != socket->local.port) {
        return;
    }
    rule = rule == CORR_RULE_CALLER ? rule : CORR_RULE_LISTENER;
    socket_table_own(joins->table, row, rule, pid, 0, now->note.time, offset);
}

/* The row of the connection that accept() has put into the record. */
static uint32_t find_accepted(const struct joins *joins, const struct moment *now, uint32_t record)
{
    const struct application_record *accepted = application_records_get(joins->application, record);
    const struct thread_note *stack = &now->thread->stack;
    const struct corr_endpoint local = {.port = accepted->local.port};
    if (thread_note_is(stack, ETW_ACTION_ACCEPT, now->note.time) &&
        corr_endpoint_equal(&stack->remote, &accepted->remote)) {
        return stack->subject;
    }
    return socket_table_find_ends(joins->table, IP_TCP, &local, &accepted->remote, now->note.time);
}

/* accept() names the socket of the connection. */
static void join_accepted(struct joins *joins, const struct moment *now, uint64_t endpoint)
{
    uint32_t number = application_records_find(joins->application, endpoint);
    const struct application_record *record = application_records_get(joins->application, number);
    if (!record || record->use != APPLICATION_SERVER || record->row != CORR_NO_ROW) {
        return;
    }
    uint32_t row = find_accepted(joins, now, number);
    if (row == CORR_NO_ROW || !join(joins, number, row, CORR_RULE_ACCEPT_SOCKET, now)) {
        now->thread->accept = now->note;
        now->thread->accept.remote = record->remote;
        now->thread->accept.subject = number;
    }
}

/* The stack tells of a connection that it accepted; Winsock may have told of it before. */
static void join_accept(struct joins *joins, const struct moment *now)
{
    struct thread_calls *thread = now->thread;
    thread->stack = now->note;
    thread->stack.subject = now->row;
    if (thread_note_is(&thread->indication, ETW_ACTION_CONNECT, now->note.time) &&
        is_remote_of(&thread->indication, &now->note)) {
        own_by_listener(joins, thread->indication.subject, now->row, now);
        thread_note_clear(&thread->indication);
    }
    if (thread_note_is(&thread->accept, ETW_ACTION_ACCEPT, now->note.time) &&
        is_remote_of(&thread->accept, &now->note)) {
        join(joins, thread->accept.subject, now->row, CORR_RULE_ACCEPT_SOCKET, now);
        thread_note_clear(&thread->accept);
    }
}

/* The transport tells the listening record of a peer. */
static void take_indication(struct joins *joins, const struct moment *now, uint32_t record)
{
    const struct thread_note *stack = &now->thread->stack;
    if (thread_note_is(stack, ETW_ACTION_ACCEPT, now->note.time) &&
        is_remote_of(&now->note, stack)) {
        own_by_listener(joins, record, stack->subject, now);
        return;
    }
    now->thread->indication = now->note;
}

/* ---- events ---- */

static void note_received(struct joins *joins, const struct moment *now)
{
    (void)joins;
    now->thread->stack = now->note;
}

static const struct {
    enum etw_action action;
    enum etw_phase phase;
    void (*apply)(struct joins *joins, const struct moment *now);
} rules[] = {
    {ETW_ACTION_CONNECT, ETW_PHASE_ENTER, join_connect},
    {ETW_ACTION_LISTEN, ETW_PHASE_SINGLE, join_listen},
    {ETW_ACTION_CREATE, ETW_PHASE_SINGLE, join_create},
    {ETW_ACTION_BIND, ETW_PHASE_SINGLE, join_bind},
    {ETW_ACTION_SEND, ETW_PHASE_ENTER, join_transfer},
    {ETW_ACTION_RECEIVE, ETW_PHASE_ENTER, join_transfer},
    {ETW_ACTION_SEND_TO, ETW_PHASE_SINGLE, join_send_to},
    {ETW_ACTION_RECEIVE_FROM, ETW_PHASE_SINGLE, note_received},
    {ETW_ACTION_ACCEPT, ETW_PHASE_SINGLE, join_accept},
};

static void learn_stack(struct joins *joins, const struct moment *now)
{
    const struct etw_socket *socket = &now->event->u.socket;
    for (size_t i = 0; i < COUNT_OF(rules) && now->row != CORR_NO_ROW; i++) {
        if (rules[i].action == socket->action && rules[i].phase == socket->phase) {
            rules[i].apply(joins, now);
        }
    }
}

static uint64_t accept_handle(const struct etw_socket *socket)
{
    for (size_t i = 0; i < ETW_HANDLES_MAXIMUM; i++) {
        if (socket->handles[i].space == ETW_HANDLE_AFD_ACCEPT_ENDPOINT) {
            return socket->handles[i].value;
        }
    }
    return 0;
}

static void end_call(const struct moment *now, uint32_t record)
{
    struct thread_note *call = &now->thread->call;
    if (call->subject == record && call->action == now->note.action) {
        thread_note_clear(call);
    }
}

static void learn_application(struct joins *joins, const struct moment *now, uint32_t record)
{
    const struct etw_socket *socket = &now->event->u.socket;
    if (socket->action == ETW_ACTION_ACCEPT) {
        join_accepted(joins, now, accept_handle(socket));
    }
    switch (socket->phase) {
    case ETW_PHASE_ENTER:
        now->thread->call = now->note;
        break;
    case ETW_PHASE_EXIT:
        if (socket->action == ETW_ACTION_RECEIVE_FROM) {
            join_received(joins, now, record);
        }
        end_call(now, record);
        break;
    case ETW_PHASE_INDICATION:
        if (socket->action == ETW_ACTION_CONNECT) {
            take_indication(joins, now, record);
        }
        break;
    default:
        break;
    }
}

void joins_learn(struct joins *joins, const struct etw_event *event, uint32_t row)
{
    struct moment now = {
        .thread = thread_table_at(joins->threads, event->record), .event = event, .row = row};
    if (!now.thread) {
        return;
    }
    if (event->u.socket.layer == ETW_LAYER_STACK) {
        now.note = thread_note_of(event, row);
        learn_stack(joins, &now);
    } else if (event->u.socket.layer == ETW_LAYER_APPLICATION) {
        uint32_t record = application_records_of(joins->application, event);
        now.note = thread_note_of(event, record);
        if (record != CORR_NO_ROW) {
            learn_application(joins, &now, record);
        }
    }
}

void joins_finish(struct joins *joins)
{
    address_joins_apply(joins->table, joins->application, &joins->joined, &joins->unjoined);
}
