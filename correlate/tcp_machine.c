/* SPDX-License-Identifier: MIT */
#include "correlate/tcp_machine.h"

#include "correlate/packet_layers.h"

#define BIT(state) (1u << (state))

/* By the state left: the states that follow. Every state may be aborted to Closed. */
static const uint16_t followers[CORR_STATE_COUNT] = {
    [CORR_CLOSED] = BIT(CORR_LISTEN) | BIT(CORR_SYN_SENT),
    [CORR_LISTEN] = BIT(CORR_SYN_RECEIVED) | BIT(CORR_SYN_SENT),
    [CORR_SYN_SENT] = BIT(CORR_SYN_RECEIVED) | BIT(CORR_ESTABLISHED),
    [CORR_SYN_RECEIVED] = BIT(CORR_ESTABLISHED) | BIT(CORR_FIN_WAIT_1) | BIT(CORR_LISTEN),
    [CORR_ESTABLISHED] = BIT(CORR_FIN_WAIT_1) | BIT(CORR_CLOSE_WAIT),
    [CORR_FIN_WAIT_1] = BIT(CORR_FIN_WAIT_2) | BIT(CORR_CLOSING) | BIT(CORR_TIME_WAIT),
    [CORR_FIN_WAIT_2] = BIT(CORR_TIME_WAIT),
    [CORR_CLOSE_WAIT] = BIT(CORR_LAST_ACK),
    [CORR_CLOSING] = BIT(CORR_TIME_WAIT),
};

bool corr_tcp_is_possible(enum corr_tcp_state from, enum corr_tcp_state to)
{
    return from == to || to == CORR_CLOSED || (followers[from] >> to & 1) != 0;
}

/* ---- packets ---- */

static bool is_after(uint32_t sequence, uint32_t other)
{
    return (int32_t)(sequence - other) >= 0;
}

static uint8_t state_of_syn(const struct corr_tcp_machine *machine, bool is_inbound, uint8_t flags)
{
    bool is_ack = (flags & CORR_TCP_ACK) != 0;
    bool is_attempt = machine->state == CORR_SYN_SENT || machine->state == CORR_SYN_RECEIVED;
    if (!is_ack && is_inbound) {
        /* Listen: somebody knocks; only the answer shows whether anybody listens. */
        return is_attempt ? CORR_SYN_RECEIVED : CORR_LISTEN;
    }
    if (!is_ack) {
        return CORR_SYN_SENT;
    }
    /* SYN and ACK: from the peer it completes our attempt, from us it answers theirs */
    if (is_inbound) {
        return CORR_ESTABLISHED;
    }
    return machine->state == CORR_ESTABLISHED ? CORR_ESTABLISHED : CORR_SYN_RECEIVED;
}

static void note_fin(struct corr_tcp_machine *machine, bool is_inbound, uint32_t behind)
{
    if (is_inbound) {
        machine->has_remote_fin = true;
        machine->remote_fin = behind;
    } else {
        machine->has_local_fin = true;
        machine->local_fin = behind;
    }
}

/* The state that the two ends' FINs and what is acknowledged of them mean. */
static uint8_t state_of_fins(const struct corr_tcp_machine *machine, bool is_inbound,
                             uint32_t acknowledged)
{
    bool is_ours_acknowledged =
        machine->has_local_fin &&
        (machine->state == CORR_FIN_WAIT_2 || machine->state == CORR_TIME_WAIT ||
         (is_inbound && is_after(acknowledged, machine->local_fin)));
    if (!machine->has_local_fin) {
        return machine->has_remote_fin ? CORR_CLOSE_WAIT : CORR_ESTABLISHED;
    }
    if (machine->state == CORR_LAST_ACK || machine->state == CORR_CLOSE_WAIT) {
        return is_ours_acknowledged ? CORR_CLOSED : CORR_LAST_ACK;
    }
    if (machine->has_remote_fin) {
        return is_ours_acknowledged ? CORR_TIME_WAIT : CORR_CLOSING;
    }
    return is_ours_acknowledged ? CORR_FIN_WAIT_2 : CORR_FIN_WAIT_1;
}

static uint8_t next_state(struct corr_tcp_machine *machine, bool is_inbound, uint8_t flags,
                          uint32_t acknowledged)
{
    if (flags & CORR_TCP_RST) {
        return CORR_CLOSED;
    }
    if (flags & CORR_TCP_SYN) {
        *machine = (struct corr_tcp_machine){.state = machine->state, .is_known = true};
        return state_of_syn(machine, is_inbound, flags);
    }
    bool awaits_ack = machine->state == CORR_SYN_RECEIVED;
    if (machine->state == CORR_CLOSED && machine->is_known) {
        return CORR_CLOSED;
    }
    if (awaits_ack && !is_inbound && (flags & CORR_TCP_FIN) == 0) {
        return CORR_SYN_RECEIVED;
    }
    return state_of_fins(machine, is_inbound, acknowledged);
}

/* The state before, also when the packets that led there are missing. */
static enum corr_tcp_state state_before(uint8_t before, uint8_t after)
{
    if (before == CORR_LISTEN && after == CORR_ESTABLISHED) {
        return CORR_SYN_RECEIVED; /* our answer was not captured */
    }
    if (before != CORR_CLOSED) {
        return (enum corr_tcp_state)before;
    }
    return after == CORR_SYN_RECEIVED  ? CORR_LISTEN
           : after == CORR_ESTABLISHED ? CORR_SYN_SENT
                                       : CORR_CLOSED;
}

/* That somebody knocks, or is sent away, is no change of state. */
static bool is_change(uint8_t before, uint8_t after)
{
    return before != after && after != CORR_LISTEN &&
           !(before == CORR_LISTEN && after == CORR_CLOSED);
}

bool corr_tcp_machine_step(struct corr_tcp_machine *machine, bool is_inbound, uint8_t tcp_flags,
                           uint32_t sequence, uint32_t length, uint32_t acknowledged,
                           enum corr_tcp_state *from)
{
    uint8_t before = machine->state;
    bool was_known = machine->is_known;
    if ((tcp_flags & CORR_TCP_FIN) && (tcp_flags & CORR_TCP_RST) == 0) {
        note_fin(machine, is_inbound, sequence + length + 1);
    }
    machine->state = next_state(machine, is_inbound, tcp_flags, acknowledged);
    machine->is_known = true;
    *from = state_before(before, machine->state);
    /* the first packet of an older connection shows a state, not a change */
    bool is_begin = (tcp_flags & CORR_TCP_SYN) != 0;
    return is_change(before, machine->state) && (was_known || is_begin);
}
