/* SPDX-License-Identifier: MIT */
/*
 * tcp_events.c - what an event says about its connection: owner, state, end.
 *
 * To use a further action: a function and a row in `appliers`.
 */
#include "correlate/tcp_lives.h"

/* [documented: ntstatus.h] */
#define STATUS_PENDING            0x00000103u
#define STATUS_TIMEOUT            0x00000102u
#define STATUS_IO_TIMEOUT         0xC00000B5u
#define STATUS_CONNECTION_RESET   0xC000020Du
#define STATUS_CONNECTION_REFUSED 0xC0000236u
#define STATUS_CONNECTION_ABORTED 0xC0000241u

/* ---- owners ---- */

static enum corr_rule rule_of(const struct etw_socket *socket)
{
    if (socket->phase == ETW_PHASE_RUNDOWN) {
        return CORR_RULE_RUNDOWN;
    }
    switch (socket->action) {
    case ETW_ACTION_ACCEPT:
        return CORR_RULE_ACCEPTED;
    case ETW_ACTION_CONNECT:
        return CORR_RULE_CONNECTED;
    default:
        return CORR_RULE_CONNECTION_EVENT;
    }
}

static void learn_owner(const struct tcp_step *step)
{
    const struct etw_socket *socket = step->socket;
    const struct etw_record *record = step->event->record;
    struct socket_table *table = step->history->table;
    if (tcp_has(socket, ETW_HAS_PID)) {
        uint64_t start_key = tcp_has(socket, ETW_HAS_START_KEY) ? socket->start_key : 0;
        socket_table_own(table, step->row, rule_of(socket), socket->pid, start_key, record->time,
                         record->offset);
    } else if (socket->is_header_pid_true && record->process_id != RECORD_NO_ID) {
        socket_table_own(table, step->row, CORR_RULE_CALLER, record->process_id, 0, record->time,
                         record->offset);
    }
}

/* ---- ends ---- */

/* What ended it is what came first. */
static void set_cause(const struct tcp_step *step, enum corr_cause cause)
{
    if (step->life->cause == CORR_CAUSE_OPEN) {
        step->life->cause = (uint8_t)cause;
    }
}

static bool is_clean(const struct tcp_life *life)
{
    return life->cause == CORR_CAUSE_LOCAL_CLOSE || life->cause == CORR_CAUSE_PEER_CLOSE;
}

/* The stack says "aborted" also when a connection that ended well is thrown away. */
static void take_status(const struct tcp_step *step)
{
    uint32_t status = step->socket->status;
    bool is_none = !tcp_has(step->socket, ETW_HAS_STATUS) || status == 0 ||
                   status == STATUS_PENDING ||
                   (status == STATUS_CONNECTION_ABORTED && is_clean(step->life));
    if (!is_none && step->shown->status == 0) {
        step->shown->status = status;
    }
}

static enum corr_cause cause_of_status(uint32_t status)
{
    switch (status) {
    case STATUS_TIMEOUT:
    case STATUS_IO_TIMEOUT:
        return CORR_CAUSE_TIMEOUT;
    case STATUS_CONNECTION_RESET:
        return CORR_CAUSE_PEER_RESET;
    case STATUS_CONNECTION_REFUSED:
        return CORR_CAUSE_REFUSED;
    case STATUS_CONNECTION_ABORTED:
        return CORR_CAUSE_LOCAL_ABORT;
    default:
        return CORR_CAUSE_OPEN;
    }
}

/* A connection that never was ends with its failure. */
static void end_attempt(struct tcp_step *step)
{
    uint8_t state = step->life->state;
    if (state == CORR_STATE_COUNT || state < CORR_ESTABLISHED) {
        tcp_lives_close(step);
    }
}

/* ---- states ---- */

static void note_fin(struct tcp_step *step)
{
    switch (step->socket->to) {
    case CORR_FIN_WAIT_1:
        set_cause(step, CORR_CAUSE_LOCAL_CLOSE);
        break;
    case CORR_CLOSE_WAIT:
        set_cause(step, CORR_CAUSE_PEER_CLOSE);
        tcp_set_sign(step->life, LIFE_GOT_FIN);
        break;
    case CORR_CLOSING:
    case CORR_TIME_WAIT:
        tcp_set_sign(step->life, LIFE_GOT_FIN);
        break;
    default:
        break;
    }
}

static void move_end(struct tcp_step *step)
{
    uint32_t to = step->socket->to;
    if (to == CORR_CLOSED || to == CORR_TIME_WAIT || step->shown->closed != CORR_NEVER) {
        tcp_lives_move_end(step, (enum corr_tcp_state)to);
    }
}

static void apply_change(struct tcp_step *step)
{
    const struct etw_socket *socket = step->socket;
    if (!tcp_has(socket, ETW_HAS_FROM | ETW_HAS_TO) || socket->from >= CORR_STATE_COUNT ||
        socket->to >= CORR_STATE_COUNT) {
        return;
    }
    tcp_numbers_learn_state(step);
    socket_table_add_state(step->history->table, step->row, step->time,
                           (enum corr_tcp_state)socket->from, (enum corr_tcp_state)socket->to);
    note_fin(step);
    step->life->state = (uint8_t)socket->to;
    if (socket->to > CORR_SYN_RECEIVED) {
        tcp_set_sign(step->life, LIFE_SAW_LATER);
    }
    move_end(step);
}

/* The list of older connections tells the state that holds while nobody tells another. */
static void apply_rundown(struct tcp_step *step)
{
    struct tcp_life *life = step->life;
    uint32_t state = step->socket->to;
    step->history->counts.missed_opens -= tcp_has_sign(life, LIFE_MISSED_OPEN);
    tcp_clear_sign(life, LIFE_MISSED_OPEN);
    tcp_set_sign(life, LIFE_SAW_RUNDOWN);
    if (tcp_has(step->socket, ETW_HAS_TO) && state < CORR_STATE_COUNT &&
        life->state == CORR_STATE_COUNT) {
        life->state = (uint8_t)state;
        step->shown->first_state = (uint8_t)state;
    }
}

static void apply_state(struct tcp_step *step)
{
    if (step->socket->phase == ETW_PHASE_RUNDOWN) {
        apply_rundown(step);
    } else {
        apply_change(step);
    }
}

/* ---- the other actions ---- */

static void apply_data(struct tcp_step *step)
{
    tcp_set_sign(step->life, LIFE_SAW_LATER);
}

static void apply_connect(struct tcp_step *step)
{
    if (step->socket->phase != ETW_PHASE_ENTER && !tcp_has_sign(step->life, LIFE_HAS_ROLE)) {
        step->shown->role = CORR_CLIENT;
        tcp_set_sign(step->life, LIFE_HAS_ROLE);
    }
    if (step->socket->phase == ETW_PHASE_EXIT) {
        take_status(step);
    }
}

/* A disconnect is complete when the peer has acknowledged it: the state goes on. */
static void apply_shutdown(struct tcp_step *step)
{
    if (step->socket->phase == ETW_PHASE_EXIT) {
        take_status(step);
        tcp_lives_close(step);
    } else if (step->socket->phase == ETW_PHASE_SINGLE) {
        if (tcp_has(step->socket, ETW_HAS_STATUS)) {
            set_cause(step, cause_of_status(step->socket->status));
        }
        take_status(step);
    }
}

static void apply_abort(struct tcp_step *step)
{
    enum etw_phase phase = step->socket->phase;
    bool is_peer = phase == ETW_PHASE_INDICATION;
    set_cause(step, is_peer ? CORR_CAUSE_PEER_RESET : CORR_CAUSE_LOCAL_ABORT);
    take_status(step);
    if (is_peer || phase == ETW_PHASE_EXIT) {
        tcp_lives_close(step);
    }
}

static void apply_close(struct tcp_step *step)
{
    if (tcp_has(step->socket, ETW_HAS_TO)) { /* its tuple is removed */
        tcp_lives_close(step);
    }
}

static void apply_refused(struct tcp_step *step)
{
    set_cause(step, CORR_CAUSE_REFUSED);
    take_status(step);
    end_attempt(step);
}

static void apply_timeout(struct tcp_step *step)
{
    set_cause(step, CORR_CAUSE_TIMEOUT);
    take_status(step);
    tcp_lives_close(step);
}

/* Failures with a byte count are those of one transfer. */
static void apply_failed(struct tcp_step *step)
{
    if (tcp_has(step->socket, ETW_HAS_BYTES)) {
        return;
    }
    if (tcp_has(step->socket, ETW_HAS_STATUS)) {
        set_cause(step, cause_of_status(step->socket->status));
    }
    take_status(step);
    end_attempt(step);
}

/* One retransmission is told by up to three events at once: the timer's, the round's, that of the
 * segment. Those of other sequence numbers are other segments. */
static void apply_retransmit(struct tcp_step *step)
{
    const int64_t moment = 10000; /* 1 ms */
    const struct etw_socket *socket = step->socket;
    struct tcp_life *life = step->life;
    uint32_t sequence = tcp_has(socket, ETW_HAS_SEQUENCE) ? socket->sequence : 0;
    bool is_now =
        life->resent != CORR_ALWAYS && corr_time_is_near(step->time, life->resent, moment);
    bool is_same = sequence == 0 || life->resent_sequence == 0 || sequence == life->resent_sequence;
    if (is_now && is_same) {
        life->resent_sequence = sequence ? sequence : life->resent_sequence;
        return;
    }
    life->resent = step->time;
    life->resent_sequence = sequence;
    step->shown->retransmits++;
}

static void (*const appliers[ETW_ACTION_COUNT])(struct tcp_step *step) = {
    [ETW_ACTION_STATE] = apply_state,
    [ETW_ACTION_CONNECT] = apply_connect,
    [ETW_ACTION_SEND] = apply_data,
    [ETW_ACTION_RECEIVE] = apply_data,
    [ETW_ACTION_DATA_IN] = apply_data,
    [ETW_ACTION_DELIVERED] = apply_data,
    [ETW_ACTION_SHUTDOWN] = apply_shutdown,
    [ETW_ACTION_ABORT] = apply_abort,
    [ETW_ACTION_CLOSE] = apply_close,
    [ETW_ACTION_REFUSED] = apply_refused,
    [ETW_ACTION_TIMEOUT] = apply_timeout,
    [ETW_ACTION_FAILED] = apply_failed,
    [ETW_ACTION_RETRANSMIT] = apply_retransmit,
};

void tcp_events_apply(struct tcp_step *step)
{
    enum etw_action action = step->socket->action;
    tcp_lives_take_ends(step);
    learn_owner(step);
    tcp_numbers_learn(step);
    if (appliers[action]) {
        appliers[action](step);
    }
    if (step->shown->closed != CORR_NEVER) { /* a straggler may know why */
        socket_table_close(step->history->table, step->row, step->time,
                           (enum corr_cause)step->life->cause);
    }
}
