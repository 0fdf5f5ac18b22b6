/* SPDX-License-Identifier: MIT */
/* step_sentences_stack.c - what TCP/IP did, or the kernel's network events say. */
#include <inttypes.h>

#include "etw/event.h"
#include "pcapout/step_parts.h"
#include "pcapout/step_sentences.h"

static void stack_connect(struct text *to, const struct corr_step *step,
                          const struct corr_socket *socket)
{
    (void)socket;
    bool is_told = step_has(step, CORR_STEP_IS_INDICATION);
    bool is_refused = is_told && step_is_inbound(step);
    text_add(to, is_refused ? "the connect is refused" : is_told ? "is connected" : "connects");
    step_add_status(to, step);
}

static void stack_accept(struct text *to, const struct corr_step *step,
                         const struct corr_socket *socket)
{
    text_add(to, "the listener accepts");
    step_add_remote(to, " ", step, socket);
    step_add_status(to, step);
}

static void stack_listen(struct text *to, const struct corr_step *step,
                         const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, "the listener is active");
    step_add_end(to, " on ", &step->local);
    step_add_status(to, step);
}

/* Endpoints, ports, requests: notes that only --verbose tells. */
static void stack_create(struct text *to, const struct corr_step *step,
                         const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, "makes the endpoint");
    step_add_end(to, " ", &step->local);
    step_add_status(to, step);
}

static void stack_bind(struct text *to, const struct corr_step *step,
                       const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, "settles the local end");
    step_add_end(to, " ", &step->local);
    step_add_status(to, step);
}

static void stack_syn(struct text *to, const struct corr_step *step,
                      const struct corr_socket *socket)
{
    (void)socket;
    text_add_format(to, "numbers its bytes from %" PRIu32 " on", step->sequence);
}

static void stack_request(struct text *to, const struct corr_step *step,
                          const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, "is asked to ");
    text_add(to, step_is_inbound(step) ? "receive" : "send");
    if (step->bytes > 0) {
        text_add(to, step_is_inbound(step) ? " up to " : " ");
        out_add_bytes(to, step->bytes);
    }
}

static void stack_close(struct text *to, const struct corr_step *step,
                        const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, "closes");
    step_add_status(to, step);
}

/* A SYN and a FIN count as one byte. What is received is numbered from behind the SYN on, the SYN
 * too: when no data came, it has the number of the FIN. Servers tell nothing of the SYN. */
static const char *flag_received(const struct corr_step *step, const struct corr_socket *socket)
{
    bool is_client = socket->role == CORR_CLIENT;
    bool is_last = step->sequence + 1 == socket->remote_next;
    bool is_first = step->sequence == socket->remote_first ||
                    (is_client && step->sequence == socket->remote_first + 1);
    if (is_first && is_last) {
        return is_client ? "SYN, ACK or FIN" : "FIN";
    }
    return is_first ? (is_client ? "SYN, ACK" : "SYN") : is_last ? "FIN" : NULL;
}

static const char *flag_sent(const struct corr_step *step, const struct corr_socket *socket)
{
    if (step->sequence == socket->local_first) {
        return socket->role == CORR_SERVER ? "SYN, ACK" : "SYN";
    }
    return step->sequence + 1 == socket->local_next ? "FIN" : NULL;
}

static const char *flag_of(const struct corr_step *step, const struct corr_socket *socket)
{
    bool in = step_is_inbound(step);
    int known = in ? CORR_SOCKET_REMOTE_SEQUENCE : CORR_SOCKET_LOCAL_SEQUENCE;
    if (!socket || step->bytes != 1 || (socket->flags & known) == 0) {
        return NULL;
    }
    return in ? flag_received(step, socket) : flag_sent(step, socket);
}

static void stack_data(struct text *to, const struct corr_step *step,
                       const struct corr_socket *socket)
{
    if (step_add_folded(to, step, "segments")) {
        return;
    }
    const char *flag = flag_of(step, socket);
    text_add(to, step_is_inbound(step) ? "takes in " : "gives out ");
    if (flag) {
        text_add(to, flag);
    } else if (step->bytes == 0) {
        text_add(to, "an ACK");
    } else {
        out_add_bytes(to, step->bytes);
    }
}

static void stack_retransmit(struct text *to, const struct corr_step *step,
                             const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, "retransmits");
    if (step_has(step, CORR_STEP_HAS_NUMBER) && step->number > 0) {
        text_add_format(to, ", number %" PRIu32, step->number);
    }
}

static const char *const timer_names[] = {
    [ETW_TIMER_UNKNOWN] = "a",
    [ETW_TIMER_RETRANSMIT] = "the retransmission",
    [ETW_TIMER_CONNECT] = "the connect",
    [ETW_TIMER_DELAYED_ACK] = "the delayed ACK",
    [ETW_TIMER_PUSH] = "the push",
    [ETW_TIMER_KEEP_ALIVE] = "the keep-alive",
    [ETW_TIMER_PACING] = "the pacing",
    [ETW_TIMER_DISCONNECT] = "the disconnect",
    [ETW_TIMER_SILLY_WINDOW] = "the silly window",
    [ETW_TIMER_REASSEMBLY_RATE] = "the reassembly rate",
    [ETW_TIMER_SYN_VALIDATION] = "the SYN validation",
};

static bool is_known_timer(const struct corr_step *step)
{
    return step->number != ETW_TIMER_UNKNOWN &&
           step->number < sizeof(timer_names) / sizeof(timer_names[0]);
}

static void stack_timer(struct text *to, const struct corr_step *step,
                        const struct corr_socket *socket)
{
    (void)socket;
    bool is_known = step_has(step, CORR_STEP_HAS_NUMBER) && is_known_timer(step);
    const char *became = step_has(step, CORR_STEP_IS_PENDING) ? "starts"
                         : step_has(step, CORR_STEP_IS_STOP)  ? "is stopped"
                                                              : "expires";
    text_add_format(to, "%s timer %s", timer_names[is_known ? step->number : ETW_TIMER_UNKNOWN],
                    became);
}

static void stack_delivered(struct text *to, const struct corr_step *step,
                            const struct corr_socket *socket)
{
    (void)socket;
    if (!step_add_folded(to, step, "deliveries")) {
        text_add(to, "hands ");
        out_add_bytes(to, step->bytes);
        text_add(to, " to the socket");
    }
}

static void stack_shutdown(struct text *to, const struct corr_step *step,
                           const struct corr_socket *socket)
{
    (void)socket;
    if (step_has(step, CORR_STEP_IS_LATE_END)) {
        text_add(to, "puts the connection away, which had a clean end: ");
        text_add(to, "STATUS_CONNECTION_ABORTED is usual then");
        return;
    }
    text_add(to, step_has(step, CORR_STEP_IS_INDICATION) ? "tells the socket of the peer's FIN"
                                                         : "ends the connection");
    step_add_status(to, step);
}

static void stack_abort(struct text *to, const struct corr_step *step,
                        const struct corr_socket *socket)
{
    (void)socket;
    bool is_told = step_has(step, CORR_STEP_IS_INDICATION);
    bool has_failed = step_has(step, CORR_STEP_HAS_STATUS) && step->status != 0;
    bool has_timer = step_has(step, CORR_STEP_HAS_NUMBER) && is_known_timer(step);
    if (is_told && step_is_inbound(step)) {
        text_add(to, "the peer's RST ends the connection");
    } else if (is_told && has_timer) {
        text_add_format(to, "gives up: %s timer ran out for good", timer_names[step->number]);
    } else if (is_told && !has_failed) {
        text_add(to, "gives up, no answer in time");
    } else {
        text_add(to, has_failed ? "the attempt failed" : "aborts the connection");
    }
    step_add_status(to, step);
}

static void stack_drop(struct text *to, const struct corr_step *step,
                       const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, "drops a packet");
    if (step_has(step, CORR_STEP_HAS_REMOTE)) {
        step_add_end(to, " from ", &step->remote);
        step_add_end(to, " to ", &step->local);
    }
}

static void stack_datagram(struct text *to, const struct corr_step *step,
                           const struct corr_socket *socket)
{
    if (step_add_folded(to, step, "datagrams")) {
        return;
    }
    text_add(to, step_is_inbound(step) ? "takes in " : "gives out ");
    out_add_bytes(to, step->bytes);
    step_add_remote(to, step_is_inbound(step) ? " from " : " to ", step, socket);
}

step_sentence *const step_stack_sentences[CORR_STEP_WHAT_COUNT] = {
    [CORR_STEP_STATE] = step_add_states,   [CORR_STEP_CONNECT] = stack_connect,
    [CORR_STEP_LISTEN] = stack_listen,     [CORR_STEP_ACCEPT] = stack_accept,
    [CORR_STEP_DATA] = stack_data,         [CORR_STEP_RETRANSMIT] = stack_retransmit,
    [CORR_STEP_TIMER] = stack_timer,       [CORR_STEP_DELIVERED] = stack_delivered,
    [CORR_STEP_SHUTDOWN] = stack_shutdown, [CORR_STEP_ABORT] = stack_abort,
    [CORR_STEP_DROP] = stack_drop,         [CORR_STEP_SENDTO] = stack_datagram,
    [CORR_STEP_RECVFROM] = stack_datagram, [CORR_STEP_SEND] = stack_request,
    [CORR_STEP_RECV] = stack_request,      [CORR_STEP_CREATE] = stack_create,
    [CORR_STEP_BIND] = stack_bind,         [CORR_STEP_SYN] = stack_syn,
    [CORR_STEP_CLOSE] = stack_close,
};
