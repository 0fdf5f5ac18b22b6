/* SPDX-License-Identifier: MIT */
/*
 * tcp_lives.c - where the life of a TCB begins and ends.
 *
 *   begins  state Closed -> SynSent, Closed or Listen -> SynRcvd; connect request;
 *           tuple inserted; accept complete. Several of them belong to one begin, in
 *           this order. Anything else of an unknown TCB begins a life that is older.
 *   ends    state -> Closed; abort complete; disconnect complete; tuple removed; timeout;
 *           reset by the peer; also state -> TimeWait, because nobody tells when that is
 *           over. A state change after one of them moves the end.
 *   after   what comes later with the same pointer is a straggler of the ended life,
 *           unless it begins one, names other ends, or does what only the living do.
 */
#include <string.h>

#include "correlate/tcp_lives.h"
#include "etw/base/array.h"

struct tcp_life *tcp_life_of(struct tcp_history *history, uint32_t row)
{
    if (row >= history->life_count || !tcp_has_sign(&history->lives[row], LIFE_IS_CONNECTION)) {
        return NULL;
    }
    return &history->lives[row];
}

static bool is_open(const struct tcp_history *history, uint32_t row)
{
    const struct corr_socket *shown = socket_table_get(history->table, row);
    return shown && shown->closed == CORR_NEVER;
}

/* ---- ends ---- */

/* Both ends with both ports. */
static bool read_ends(const struct etw_socket *socket, struct corr_endpoint *local,
                      struct corr_endpoint *remote)
{
    if (!tcp_has(socket, ETW_HAS_LOCAL | ETW_HAS_REMOTE)) {
        return false;
    }
    *local = corr_endpoint_of_event(&socket->local);
    *remote = corr_endpoint_of_event(&socket->remote);
    return local->size > 0 && remote->size > 0 && local->port != 0 && remote->port != 0;
}

struct tuple_key {
    uint8_t local[16], remote[16];
    uint16_t local_port, remote_port;
    uint8_t size, unused[3];
};

static uint64_t hash_tuple(const struct corr_endpoint *local, const struct corr_endpoint *remote)
{
    struct tuple_key key = {
        .local_port = local->port, .remote_port = remote->port, .size = local->size};
    memcpy(key.local, local->bytes, local->size);
    memcpy(key.remote, remote->bytes, remote->size);
    return hash_bytes(&key, sizeof(key));
}

static uint32_t find_tuple(const struct tcp_history *history, const struct corr_endpoint *local,
                           const struct corr_endpoint *remote)
{
    uint32_t at = 0;
    uint64_t hash = hash_tuple(local, remote);
    for (uint32_t row = hash_index_first(&history->tuples, hash, &at); row != HASH_INDEX_NONE;
         row = hash_index_next(&history->tuples, hash, &at)) {
        const struct corr_socket *shown = socket_table_get(history->table, row);
        if (corr_endpoint_equal(&shown->local, local) &&
            corr_endpoint_equal(&shown->remote, remote)) {
            return row;
        }
    }
    return CORR_NO_ROW;
}

uint32_t tcp_lives_find(const struct tcp_history *history, const struct etw_socket *socket)
{
    struct corr_endpoint local;
    struct corr_endpoint remote;
    return read_ends(socket, &local, &remote) ? find_tuple(history, &local, &remote) : CORR_NO_ROW;
}

/* Ports that differ are another connection; addresses that do, with the same ports, are a trace
 * in which somebody replaced them. Some events have the ends the other way round. */
static bool has_other_ports(const struct corr_socket *shown, const struct etw_socket *socket)
{
    struct corr_endpoint local;
    struct corr_endpoint remote;
    if (!read_ends(socket, &local, &remote) || shown->remote.size == 0) {
        return false;
    }
    bool is_same = local.port == shown->local.port && remote.port == shown->remote.port;
    bool is_swapped = local.port == shown->remote.port && remote.port == shown->local.port;
    return !is_same && !is_swapped;
}

/* ---- the end ---- */

static void close_row(struct tcp_history *history, uint32_t row, int64_t time)
{
    const struct tcp_life *life = tcp_life_of(history, row);
    enum corr_cause cause = life ? (enum corr_cause)life->cause : CORR_CAUSE_UNKNOWN;
    socket_table_close(history->table, row, time, cause);
}

void tcp_lives_close(struct tcp_step *step)
{
    if (step->shown->closed == CORR_NEVER) {
        close_row(step->history, step->row, step->time);
        tcp_set_sign(step->life, LIFE_MAY_GO_ON);
    }
}

void tcp_lives_move_end(struct tcp_step *step, enum corr_tcp_state to)
{
    if (tcp_has_sign(step->life, LIFE_MAY_GO_ON)) {
        step->shown->closed = CORR_NEVER;
    }
    tcp_lives_close(step);
    if (to == CORR_CLOSED) {
        tcp_clear_sign(step->life, LIFE_MAY_GO_ON);
    }
}

/* Its last event is missing: the pointer or the ends are in use again. */
static void close_unseen(struct tcp_history *history, uint32_t row, int64_t time)
{
    if (is_open(history, row)) {
        close_row(history, row, time);
        history->counts.missed_closes++;
    }
}

/* ---- the begin ---- */

enum beginning { BEGIN_NONE, BEGIN_STATE, BEGIN_CONNECT, BEGIN_TUPLE, BEGIN_ACCEPT };

static bool is_first_state(const struct etw_socket *socket)
{
    bool is_from_nothing = socket->from == CORR_CLOSED || socket->from == CORR_LISTEN;
    return tcp_has(socket, ETW_HAS_FROM | ETW_HAS_TO) && is_from_nothing &&
           (socket->to == CORR_SYN_SENT || socket->to == CORR_SYN_RECEIVED);
}

static enum beginning beginning_of(const struct etw_socket *socket)
{
    switch (socket->action) {
    case ETW_ACTION_STATE:
        return socket->phase == ETW_PHASE_SINGLE && is_first_state(socket) ? BEGIN_STATE
                                                                           : BEGIN_NONE;
    case ETW_ACTION_CONNECT:
        return socket->phase == ETW_PHASE_ENTER ? BEGIN_CONNECT : BEGIN_NONE;
    case ETW_ACTION_CREATE:
        return BEGIN_TUPLE;
    case ETW_ACTION_ACCEPT:
        return BEGIN_ACCEPT;
    default:
        return BEGIN_NONE;
    }
}

/* What a life must not have shown when this begins it, or else it begins another. */
static const uint16_t signs_of_another[] = {
    [BEGIN_NONE] = 0,
    [BEGIN_STATE] = LIFE_SAW_SYN | LIFE_SAW_ACCEPT | LIFE_SAW_LATER,
    [BEGIN_CONNECT] = LIFE_SAW_CONNECT | LIFE_SAW_ACCEPT | LIFE_SAW_LATER,
    [BEGIN_TUPLE] = 0,
    [BEGIN_ACCEPT] = LIFE_SAW_CONNECT | LIFE_SAW_ACCEPT,
};

static const uint16_t signs_of_beginning[] = {
    [BEGIN_NONE] = 0,
    [BEGIN_STATE] = LIFE_SAW_SYN | LIFE_HAS_ROLE,
    [BEGIN_CONNECT] = LIFE_SAW_CONNECT | LIFE_HAS_ROLE,
    [BEGIN_TUPLE] = 0,
    [BEGIN_ACCEPT] = LIFE_SAW_ACCEPT | LIFE_HAS_ROLE,
};

static bool is_server(const struct etw_socket *socket)
{
    return socket->action == ETW_ACTION_ACCEPT ||
           (tcp_has(socket, ETW_HAS_TO) && socket->to == CORR_SYN_RECEIVED);
}

/* The begin is seen, so that the role is known. Returns false for an event that begins nothing. */
static bool note_beginning(struct tcp_history *history, const struct etw_event *event, uint32_t row)
{
    struct tcp_life *life = tcp_life_of(history, row);
    struct corr_socket *shown = socket_table_get(history->table, row);
    enum beginning beginning = beginning_of(&event->u.socket);
    if (beginning == BEGIN_NONE) {
        return false;
    }
    if (!tcp_has_sign(life, LIFE_HAS_ROLE)) {
        shown->role = is_server(&event->u.socket) ? CORR_SERVER : CORR_CLIENT;
    }
    life->signs = (uint16_t)(life->signs | signs_of_beginning[beginning]);
    return true;
}

/* An older life turns out to be one that begins now: what came before was only out of order. */
static void note_late_beginning(struct tcp_history *history, const struct etw_event *event,
                                uint32_t row)
{
    struct tcp_life *life = tcp_life_of(history, row);
    struct corr_socket *shown = socket_table_get(history->table, row);
    const uint16_t old = LIFE_SAW_LATER | LIFE_SAW_RUNDOWN;
    if (!note_beginning(history, event, row) || (shown->flags & CORR_SOCKET_OLDER) == 0 ||
        (life->signs & old) != 0) {
        return;
    }
    shown->flags = (uint8_t)(shown->flags & ~CORR_SOCKET_OLDER);
    shown->opened = socket_table_first_seen(history->table, row);
    history->counts.missed_opens--;
    tcp_clear_sign(life, LIFE_MISSED_OPEN);
}

static bool grow_lives(struct tcp_history *history, uint32_t row)
{
    void *lives = history->lives;
    size_t wanted = (size_t)row + 1;
    if (!array_grow(&lives, &history->life_capacity, wanted, sizeof(*history->lives))) {
        socket_table_set_failed(history->table);
        return false;
    }
    history->lives = lives;
    memset(&history->lives[history->life_count], 0,
           (wanted - history->life_count) * sizeof(*history->lives));
    history->life_count = wanted;
    return true;
}

/* Nothing is missed of a connection that is older than the trace. */
static void note_missed_open(struct tcp_history *history, const struct etw_event *event,
                             uint32_t row)
{
    if (event->u.socket.phase != ETW_PHASE_RUNDOWN) {
        tcp_set_sign(&history->lives[row], LIFE_MISSED_OPEN);
        history->counts.missed_opens++;
    }
}

/* `before`: the row that had this TCB last; CORR_NO_ROW. */
static uint32_t begin_life(struct tcp_history *history, const struct etw_event *event, uint64_t tcb,
                           uint32_t before)
{
    int64_t time = event->record->time;
    uint32_t row = socket_table_add(history->table, CORR_CLIENT, IP_TCP, time);
    if (row == CORR_NO_ROW || !grow_lives(history, row)) {
        return CORR_NO_ROW;
    }
    history->lives[row] = (struct tcp_life){
        .tcb = tcb,
        .resent = CORR_ALWAYS,
        .listener = CORR_NO_ROW,
        .signs = LIFE_IS_CONNECTION,
        .state = CORR_STATE_COUNT,
    };
    struct corr_socket *shown = socket_table_get(history->table, row);
    shown->handle = tcb;
    socket_table_bind(history->table, ETW_HANDLE_TCB, tcb, row);
    if (!note_beginning(history, event, row)) {
        const struct corr_socket *earlier = socket_table_get(history->table, before);
        shown->flags |= CORR_SOCKET_OLDER;
        shown->opened = earlier && earlier->closed <= time ? earlier->closed : CORR_ALWAYS;
        note_missed_open(history, event, row);
    }
    return row;
}

/* ---- whose event it is ---- */

/* States follow each other; one that was left behind belongs to another life. */
static bool is_behind(const struct tcp_life *life, const struct etw_socket *socket)
{
    return socket->action == ETW_ACTION_STATE && socket->phase == ETW_PHASE_SINGLE &&
           tcp_has(socket, ETW_HAS_FROM) && life->state < CORR_STATE_COUNT &&
           socket->from < life->state && socket->from != CORR_CLOSED;
}

static bool is_of_open_life(const struct tcp_life *life, const struct corr_socket *shown,
                            const struct etw_socket *socket)
{
    return (life->signs & signs_of_another[beginning_of(socket)]) == 0 &&
           !has_other_ports(shown, socket) && !is_behind(life, socket) &&
           !tcp_numbers_contradict(shown, socket);
}

/* Only a connection that lives changes its state, and to what it was. */
static bool is_late_state(const struct tcp_life *life, const struct etw_socket *socket)
{
    return socket->from == CORR_CLOSED || life->state == CORR_STATE_COUNT ||
           socket->from == life->state;
}

/* Received segments are told of after the state change they caused. */
static bool is_late_segment(const struct corr_socket *shown, const struct etw_socket *socket)
{
    const uint8_t flag = CORR_SOCKET_REMOTE_SEQUENCE;
    return (shown->flags & flag) == 0 || !tcp_has(socket, ETW_HAS_SEQUENCE) ||
           socket->sequence - shown->remote_first <= shown->remote_next - shown->remote_first;
}

static bool is_straggler(const struct tcp_life *life, const struct corr_socket *shown,
                         const struct etw_socket *socket)
{
    if (beginning_of(socket) != BEGIN_NONE || has_other_ports(shown, socket)) {
        return false;
    }
    switch (socket->action) {
    case ETW_ACTION_STATE:
        return socket->phase == ETW_PHASE_RUNDOWN ? shown->remote.size > 0
                                                  : is_late_state(life, socket);
    case ETW_ACTION_SYN:
    case ETW_ACTION_INSPECTED:
    case ETW_ACTION_CONNECT:
        return false;
    case ETW_ACTION_SEND:
    case ETW_ACTION_RECEIVE:
        return socket->phase != ETW_PHASE_ENTER;
    case ETW_ACTION_DATA_OUT:
    case ETW_ACTION_MEASURED:
    case ETW_ACTION_RETRANSMIT:
        return tcp_has_sign(life, LIFE_MAY_GO_ON) && !tcp_numbers_contradict(shown, socket);
    case ETW_ACTION_DATA_IN:
    case ETW_ACTION_DELIVERED:
        return is_late_segment(shown, socket);
    default:
        return true;
    }
}

static bool is_removal(const struct etw_socket *socket)
{
    return socket->action == ETW_ACTION_CLOSE && tcp_has(socket, ETW_HAS_TO);
}

/* A tuple is removed by its ends: the pointer may be that of a TIME_WAIT object. */
static uint32_t place_removal(struct tcp_history *history, const struct etw_socket *socket,
                              uint32_t row)
{
    uint32_t by_ends = tcp_lives_find(history, socket);
    if (by_ends != CORR_NO_ROW) {
        return by_ends;
    }
    const struct corr_socket *shown = socket_table_get(history->table, row);
    return shown && !has_other_ports(shown, socket) ? row : CORR_NO_ROW;
}

uint32_t tcp_lives_place(struct tcp_history *history, const struct etw_event *event, uint64_t tcb)
{
    const struct etw_socket *socket = &event->u.socket;
    uint32_t row = socket_table_find(history->table, ETW_HANDLE_TCB, tcb);
    const struct tcp_life *life = tcp_life_of(history, row);
    if (is_removal(socket)) {
        return place_removal(history, socket, row);
    }
    if (!life) {
        return begin_life(history, event, tcb, CORR_NO_ROW);
    }
    const struct corr_socket *shown = socket_table_get(history->table, row);
    bool is_its = is_open(history, row) ? is_of_open_life(life, shown, socket)
                                        : is_straggler(life, shown, socket);
    if (is_its) {
        note_late_beginning(history, event, row);
        return row;
    }
    close_unseen(history, row, event->record->time);
    return begin_life(history, event, tcb, row);
}

/* ---- taking ends ---- */

/* The tuple had a life before, which is over now at the latest. A late entry of the list of older
 * connections cannot end one that was seen to begin: false, and it is over itself. */
static bool follow(struct tcp_step *step, uint32_t before)
{
    const struct corr_socket *earlier = socket_table_get(step->history->table, before);
    bool is_stale = step->socket->phase == ETW_PHASE_RUNDOWN && earlier->closed == CORR_NEVER &&
                    (earlier->flags & CORR_SOCKET_OLDER) == 0;
    if (is_stale) {
        close_row(step->history, step->row, step->time);
        return false;
    }
    close_unseen(step->history, before, step->time);
    int64_t since = earlier->closed;
    if ((step->shown->flags & CORR_SOCKET_OLDER) != 0 && since > step->shown->opened &&
        since <= socket_table_first_seen(step->history->table, step->row)) {
        step->shown->opened = since;
    }
    return true;
}

static void remember_tuple(struct tcp_step *step)
{
    struct tcp_history *history = step->history;
    const struct corr_endpoint *local = &step->shown->local;
    const struct corr_endpoint *remote = &step->shown->remote;
    uint64_t hash = hash_tuple(local, remote);
    uint32_t before = find_tuple(history, local, remote);
    tcp_set_sign(step->life, LIFE_HAS_ENDS);
    if (before != CORR_NO_ROW) {
        if (!follow(step, before)) {
            return;
        }
        hash_index_remove(&history->tuples, hash, before);
    }
    if (!hash_index_add(&history->tuples, hash, step->row)) {
        socket_table_set_failed(history->table);
    }
}

void tcp_lives_take_ends(struct tcp_step *step)
{
    struct corr_endpoint local;
    struct corr_endpoint remote;
    if (!read_ends(step->socket, &local, &remote)) {
        return;
    }
    if (tcp_has_sign(step->life, LIFE_HAS_ENDS)) {
        step->history->counts.odd_ends += !corr_endpoint_equal(&step->shown->local, &local) ||
                                          !corr_endpoint_equal(&step->shown->remote, &remote);
        return;
    }
    socket_table_set_ends(step->history->table, step->row, &local, &remote);
    if (corr_endpoint_is_any(&local)) {
        return; /* the address is chosen later */
    }
    remember_tuple(step);
    step->life->listener =
        socket_table_find_bound(step->history->table, CORR_LISTENER, IP_TCP, &local, step->time);
}
