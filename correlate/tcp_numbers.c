/* SPDX-License-Identifier: MIT */
/*
 * tcp_numbers.c - which sequence numbers went each way, and how many bytes.
 *
 * There are traces with an event for every segment, and traces without, where only
 * states, timers and calls have numbers; every source below is used when it is there.
 * A SYN and a FIN take one number each and are no payload.
 */
#include "correlate/tcp_lives.h"

static bool is_handshake(uint8_t state)
{
    return state == CORR_SYN_SENT || state == CORR_SYN_RECEIVED;
}

static uint32_t length_of(const struct etw_socket *socket)
{
    const uint32_t longest = UINT32_C(1) << 30; /* what a range takes at once */
    return tcp_has(socket, ETW_HAS_BYTES) && socket->bytes <= longest ? (uint32_t)socket->bytes : 0;
}

/* ---- sent ---- */

static void add_local(const struct tcp_step *step, uint32_t first, uint32_t next)
{
    socket_table_widen_local(step->history->table, step->row, first, next);
}

/* The number of the SYN. */
static void learn_isn(const struct tcp_step *step)
{
    uint32_t first = step->socket->sequence;
    add_local(step, first, first + 1);
    tcp_set_sign(step->life, LIFE_HAS_ISN);
}

static void learn_syn(const struct tcp_step *step)
{
    learn_isn(step);
}

/* The first measurement is that of the SYN. */
static void learn_measured(const struct tcp_step *step)
{
    if (is_handshake(step->life->state)) {
        learn_isn(step);
    } else {
        add_local(step, step->socket->sequence, step->socket->sequence);
    }
}

static void learn_data_out(const struct tcp_step *step)
{
    uint32_t first = step->socket->sequence;
    add_local(step, first, first + length_of(step->socket));
    if (is_handshake(step->life->state)) {
        tcp_set_sign(step->life, LIFE_HAS_ISN);
    }
}

static void learn_send(const struct tcp_step *step)
{
    uint32_t first = step->socket->sequence;
    if (step->socket->phase == ETW_PHASE_ENTER) {
        step->life->posted += step->socket->bytes;
        add_local(step, first, first + length_of(step->socket));
    } else {
        add_local(step, first, first);
    }
}

static void learn_retransmit(const struct tcp_step *step)
{
    if ((step->shown->flags & CORR_SOCKET_LOCAL_SEQUENCE) != 0) {
        add_local(step, step->socket->sequence, step->socket->sequence);
    }
}

void tcp_numbers_learn_state(struct tcp_step *step)
{
    uint32_t next = step->socket->sequence; /* SndNxt; 0 before the SYN */
    uint32_t to = step->socket->to;
    if (!tcp_has(step->socket, ETW_HAS_SEQUENCE) || next == 0) {
        return;
    }
    if (is_handshake((uint8_t)step->socket->from) &&
        (step->shown->flags & CORR_SOCKET_LOCAL_SEQUENCE) == 0) {
        add_local(step, next - 1, next);
        tcp_set_sign(step->life, LIFE_HAS_ISN);
    } else {
        add_local(step, next, next);
    }
    if ((to == CORR_FIN_WAIT_1 || to == CORR_LAST_ACK) &&
        !tcp_has_sign(step->life, LIFE_SENT_FIN)) {
        tcp_set_sign(step->life, LIFE_SENT_FIN);
        step->life->own_fin = next;
    }
}

/* ---- received ---- */

/* In a connection that was seen to begin, the first number is one behind the peer's SYN, of
 * which nobody tells. [measured: on both sides of a connection] */
static void add_remote(const struct tcp_step *step, uint32_t first, uint32_t next)
{
    const struct corr_socket *shown = step->shown;
    bool is_first = (shown->flags & CORR_SOCKET_REMOTE_SEQUENCE) == 0;
    if (is_first && (shown->flags & CORR_SOCKET_OLDER) == 0) {
        tcp_set_sign(step->life, LIFE_HAS_PEER_ISN);
        first--;
    }
    socket_table_widen_remote(step->history->table, step->row, first, next);
}

/* The SYN and ACK that a client gets counts as one byte, at the number behind its own. */
static bool is_syn_ack(const struct tcp_step *step)
{
    const struct corr_socket *shown = step->shown;
    bool is_young = step->life->state == CORR_SYN_SENT || step->life->state == CORR_ESTABLISHED;
    return shown->role == CORR_CLIENT && is_young && length_of(step->socket) == 1 &&
           (shown->flags & (CORR_SOCKET_OLDER | CORR_SOCKET_REMOTE_SEQUENCE)) == 0;
}

static void learn_data_in(const struct tcp_step *step)
{
    uint32_t first = step->socket->sequence;
    uint32_t length = is_syn_ack(step) ? 0 : length_of(step->socket);
    tcp_set_sign(step->life, LIFE_HAS_DATA_IN);
    step->life->received += length;
    add_remote(step, first, first + length);
}

/* RcvNxt */
static void learn_received(const struct tcp_step *step)
{
    add_remote(step, step->socket->sequence, step->socket->sequence);
}

static void learn_shutdown(const struct tcp_step *step)
{
    if (step->socket->phase == ETW_PHASE_INDICATION) {
        learn_received(step);
        tcp_set_sign(step->life, LIFE_GOT_FIN);
        tcp_set_sign(step->life, LIFE_GOT_FIN_NUMBER);
    }
}

/* ---- by action; one that is not here has no number of the connection ---- */

static void (*const learners[ETW_ACTION_COUNT])(const struct tcp_step *step) = {
    [ETW_ACTION_SYN] = learn_syn,
    [ETW_ACTION_MEASURED] = learn_measured,
    [ETW_ACTION_DATA_OUT] = learn_data_out,
    [ETW_ACTION_SEND] = learn_send,
    [ETW_ACTION_RETRANSMIT] = learn_retransmit,
    [ETW_ACTION_DATA_IN] = learn_data_in,
    [ETW_ACTION_RECEIVE] = learn_received,
    [ETW_ACTION_DELIVERED] = learn_received,
    [ETW_ACTION_SHUTDOWN] = learn_shutdown,
};

void tcp_numbers_learn(struct tcp_step *step)
{
    const struct etw_socket *socket = step->socket;
    bool is_known = tcp_has(socket, ETW_HAS_SEQUENCE) && socket->sequence != 0;
    if (is_known && learners[socket->action]) {
        learners[socket->action](step);
    }
}

bool tcp_numbers_contradict(const struct corr_socket *shown, const struct etw_socket *socket)
{
    const uint32_t far = UINT32_C(1) << 30;
    bool is_data = socket->action == ETW_ACTION_DATA_OUT ||
                   (socket->action == ETW_ACTION_SEND && socket->phase == ETW_PHASE_ENTER);
    const uint8_t known = CORR_SOCKET_LOCAL_SEQUENCE | CORR_SOCKET_WRAPPED;
    if (!is_data || !tcp_has(socket, ETW_HAS_SEQUENCE) || socket->sequence == 0 ||
        (shown->flags & known) != CORR_SOCKET_LOCAL_SEQUENCE) {
        return false;
    }
    bool is_behind = shown->local_first - socket->sequence <= far;
    bool is_ahead = socket->sequence - shown->local_next <= far;
    bool is_inside =
        socket->sequence - shown->local_first <= shown->local_next - shown->local_first;
    return !is_behind && !is_ahead && !is_inside;
}

/* ---- a whole life ---- */

static uint64_t less_one(uint64_t bytes, bool is_less)
{
    return bytes - (is_less && bytes > 0);
}

/* Bytes posted are exact while no event is lost; the range also knows what was lost, and may be
 * off by one for a FIN that nobody told of. */
static uint64_t count_sent(const struct corr_socket *shown, const struct tcp_life *life)
{
    const uint64_t control = 2;
    const uint8_t known = CORR_SOCKET_LOCAL_SEQUENCE | CORR_SOCKET_WRAPPED;
    if ((shown->flags & known) != CORR_SOCKET_LOCAL_SEQUENCE) {
        return life->posted;
    }
    uint64_t bytes = shown->local_next - shown->local_first;
    bool has_fin = tcp_has_sign(life, LIFE_SENT_FIN) && shown->local_next != life->own_fin;
    bytes = less_one(bytes, tcp_has_sign(life, LIFE_HAS_ISN));
    bytes = less_one(bytes, has_fin);
    return life->posted > 0 && bytes <= life->posted + control ? life->posted : bytes;
}

static uint64_t count_received(const struct corr_socket *shown, const struct tcp_life *life)
{
    const uint16_t logged = LIFE_HAS_DATA_IN | LIFE_GOT_FIN_NUMBER;
    const uint8_t known = CORR_SOCKET_REMOTE_SEQUENCE | CORR_SOCKET_WRAPPED;
    bool has_fin = tcp_has_sign(life, LIFE_GOT_FIN) && (life->signs & logged) != 0;
    if ((shown->flags & known) != CORR_SOCKET_REMOTE_SEQUENCE) {
        return less_one(life->received, has_fin);
    }
    uint64_t bytes = shown->remote_next - shown->remote_first;
    bytes = less_one(bytes, tcp_has_sign(life, LIFE_HAS_PEER_ISN));
    return less_one(bytes, has_fin);
}

void tcp_numbers_finish(struct tcp_history *history, uint32_t row)
{
    const struct tcp_life *life = tcp_life_of(history, row);
    const struct corr_socket shown = *socket_table_get(history->table, row);
    socket_table_add_bytes(history->table, row, CORR_BYTES_STACK, true, count_sent(&shown, life));
    socket_table_add_bytes(history->table, row, CORR_BYTES_STACK, false,
                           count_received(&shown, life));
}
