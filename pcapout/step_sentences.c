/* SPDX-License-Identifier: MIT */
/*
 * step_sentences.c - a table from layer and kind of step to the function that
 * words it.
 */
#include "pcapout/step_sentences.h"

#include <inttypes.h>
#include <string.h>

#include "etw/event.h"
#include "pcapout/event_sentences.h"
#include "pcapout/owners.h"

#define TICKS_PER_MICROSECOND 10
#define TICKS_PER_MILLISECOND 10000
#define TICKS_PER_SECOND      INT64_C(10000000)

void out_add_bytes(struct text *to, uint64_t bytes)
{
    if (bytes < 100000) {
        text_add_format(to, "%" PRIu64 " byte%s", bytes, bytes == 1 ? "" : "s");
    } else if (bytes < 100000000) {
        text_add_format(to, "%.1f MB", (double)bytes / 1e6);
    } else {
        text_add_format(to, "%.2f GB", (double)bytes / 1e9);
    }
}

void out_add_duration(struct text *to, int64_t duration)
{
    if (duration < TICKS_PER_MILLISECOND) {
        text_add_format(to, "%.1f us", (double)duration / TICKS_PER_MICROSECOND);
    } else if (duration < TICKS_PER_SECOND) {
        text_add_format(to, "%.1f ms", (double)duration / TICKS_PER_MILLISECOND);
    } else if (duration < 120 * TICKS_PER_SECOND) {
        text_add_format(to, "%.3f s", (double)duration / TICKS_PER_SECOND);
    } else {
        text_add_format(to, "%" PRId64 " min %" PRId64 " s", duration / (60 * TICKS_PER_SECOND),
                        duration / TICKS_PER_SECOND % 60);
    }
}

/* ---- parts ---- */

static bool is_inbound(const struct corr_step *step)
{
    return (step->has & CORR_STEP_IS_INBOUND) != 0;
}

static bool has(const struct corr_step *step, enum corr_step_member member)
{
    return (step->has & member) != 0;
}

static void add_end(struct text *to, const char *before, const struct corr_endpoint *end)
{
    char text[OUT_SOCKET_END_SIZE];
    out_socket_end_format(end, text);
    if (text[0]) {
        text_add(to, before);
        text_add(to, text);
    }
}

/* The other end: as the step says, else the socket's. */
static void add_remote(struct text *to, const char *before, const struct corr_step *step,
                       const struct corr_socket *socket)
{
    if (has(step, CORR_STEP_HAS_REMOTE)) {
        add_end(to, before, &step->remote);
    } else if (socket) {
        add_end(to, before, &socket->remote);
    }
}

static void add_status(struct text *to, const struct corr_step *step)
{
    if (has(step, CORR_STEP_HAS_STATUS) && step->status != 0) {
        text_add(to, ": ");
        out_add_status(to, step->status);
    }
}

/* Calls that return at once need no duration. */
static void add_waited(struct text *to, const struct corr_step *step)
{
    if (has(step, CORR_STEP_HAS_DURATION) && step->duration >= TICKS_PER_MILLISECOND) {
        text_add(to, " after ");
        out_add_duration(to, step->duration);
    }
}

/* What became of a call. */
static void add_result(struct text *to, const struct corr_step *step)
{
    if (has(step, CORR_STEP_IS_PENDING)) {
        text_add(to, ", not ended yet");
    }
    if (has(step, CORR_STEP_HAS_STATUS) && step->status != 0) {
        text_add(to, "; returned ");
        out_add_status(to, step->status);
    }
    add_waited(to, step);
}

/* "214 segments, 2.1 MB in, 0.83 s" */
static bool add_folded(struct text *to, const struct corr_step *step, const char *things)
{
    if (step->count <= 1) {
        return false;
    }
    text_add_format(to, "%" PRIu32 " %s, ", step->count, things);
    if (has(step, CORR_STEP_HAS_BYTES) && step->what != CORR_STEP_ACK) {
        out_add_bytes(to, step->bytes);
        text_add(to, is_inbound(step) ? " in, " : " out, ");
    }
    text_add(to, "within ");
    out_add_duration(to, step->last_time - step->time);
    return true;
}

/* ---- the application ---- */

typedef void step_sentence(struct text *to, const struct corr_step *step,
                           const struct corr_socket *socket);

static void app_create(struct text *to, const struct corr_step *step,
                       const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, "opens a socket");
    add_result(to, step);
}

static void app_bind(struct text *to, const struct corr_step *step,
                     const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, "binds");
    add_end(to, " to ", &step->local);
    add_result(to, step);
}

static void app_listen(struct text *to, const struct corr_step *step,
                       const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, "listens");
    if (has(step, CORR_STEP_HAS_NUMBER)) {
        text_add_format(to, ", backlog %" PRIu32, step->number);
    }
    add_result(to, step);
}

static void app_connect(struct text *to, const struct corr_step *step,
                        const struct corr_socket *socket)
{
    text_add(to, has(step, CORR_STEP_IS_LATE_END) ? "connect ended" : "connects");
    add_remote(to, " to ", step, socket);
    add_result(to, step);
}

static void app_accept(struct text *to, const struct corr_step *step,
                       const struct corr_socket *socket)
{
    text_add(to, has(step, CORR_STEP_IS_INDICATION) ? "is told of a connection" : "accepts");
    add_remote(to, has(step, CORR_STEP_IS_INDICATION) ? " from " : " ", step, socket);
    if (!has(step, CORR_STEP_IS_INDICATION)) {
        add_result(to, step);
    }
}

static void app_send(struct text *to, const struct corr_step *step,
                     const struct corr_socket *socket)
{
    if (add_folded(to, step, "sends")) {
        return;
    }
    text_add(to, "sends ");
    out_add_bytes(to, step->bytes);
    if (step->what == CORR_STEP_SENDTO) {
        add_remote(to, " to ", step, socket);
    }
    add_result(to, step);
}

static void app_receive(struct text *to, const struct corr_step *step,
                        const struct corr_socket *socket)
{
    if (add_folded(to, step, "receives")) {
        return;
    }
    if (has(step, CORR_STEP_IS_PENDING)) {
        text_add(to, "waits to receive");
        return;
    }
    text_add(to, "receives ");
    out_add_bytes(to, step->bytes);
    if (step->what == CORR_STEP_RECV && step->bytes == 0 && step->status == 0) {
        add_waited(to, step);
        text_add(to, ": the peer has closed");
        return;
    }
    if (step->what == CORR_STEP_RECVFROM) {
        add_remote(to, " from ", step, socket);
    }
    add_result(to, step);
}

static void app_delivered(struct text *to, const struct corr_step *step,
                          const struct corr_socket *socket)
{
    (void)socket;
    if (!add_folded(to, step, "indications")) {
        text_add(to, "is told of ");
        out_add_bytes(to, step->bytes);
    }
}

static void app_shutdown(struct text *to, const struct corr_step *step,
                         const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, has(step, CORR_STEP_IS_INDICATION) ? "is told that the peer closed"
                                                    : "shuts the connection down");
    add_status(to, step);
}

static void app_close(struct text *to, const struct corr_step *step,
                      const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, "closes the socket");
    add_result(to, step);
}

/* [documented: Winsock-AFD's value map of its event 1032] */
static const char *const abort_reasons[] = {
    [1] = "waiting receives could not be flushed",
    [2] = "an abortive disconnect was asked for",
    [3] = "receiving was shut down while data waited",
    [4] = "the stack reported a reset",
    [5] = "the accepted connection failed",
    [6] = "the disconnect failed",
    [7] = "unread data at the disconnect",
    [8] = "the buffer to receive into was not valid",
    [9] = "accepting failed",
    [10] = "no buffer",
    [11] = "a counter overflowed",
    [12] = "data came after receiving was shut down",
    [13] = "data came while the socket was cleaned up",
    [14] = "receiving failed",
    [15] = "sending failed",
    [16] = "a send was cancelled",
    [17] = "a file transmission was cancelled",
    [18] = "aborted during the connect",
    [19] = "the network device went away",
};

const char *out_abort_reason(uint32_t reason)
{
    return reason < sizeof(abort_reasons) / sizeof(abort_reasons[0]) ? abort_reasons[reason] : NULL;
}

static void app_abort(struct text *to, const struct corr_step *step,
                      const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, "Winsock aborts the connection");
    if (has(step, CORR_STEP_HAS_NUMBER)) {
        bool is_known = step->number < sizeof(abort_reasons) / sizeof(abort_reasons[0]) &&
                        abort_reasons[step->number];
        text_add_format(to, is_known ? ": %s" : ": reason %s%" PRIu32,
                        is_known ? abort_reasons[step->number] : "", step->number);
    }
}

static void app_option(struct text *to, const struct corr_step *step,
                       const struct corr_socket *socket)
{
    (void)socket;
    text_add_format(to, "sets option %" PRIu32 " to %" PRIu32, step->number, step->value);
}

static void app_drop(struct text *to, const struct corr_step *step,
                     const struct corr_socket *socket)
{
    text_add(to, "Winsock drops a datagram of ");
    out_add_bytes(to, step->bytes);
    add_remote(to, " from ", step, socket);
}

/* ---- the stack ---- */

static void add_states(struct text *to, const struct corr_step *step,
                       const struct corr_socket *socket)
{
    (void)socket;
    if (has(step, CORR_STEP_IS_INDICATION)) {
        text_add_format(to, "was there already, in state %s",
                        out_state_name((enum corr_tcp_state)step->to));
        return;
    }
    text_add_format(to, "%s -> %s", out_state_name((enum corr_tcp_state)step->from),
                    out_state_name((enum corr_tcp_state)step->to));
    text_add(to, has(step, CORR_STEP_IS_INFERRED) ? " (inferred from packets)" : "");
    text_add(to, has(step, CORR_STEP_IS_IMPOSSIBLE) ? " - not a transition of RFC 793" : "");
}

static void stack_connect(struct text *to, const struct corr_step *step,
                          const struct corr_socket *socket)
{
    (void)socket;
    bool is_told = has(step, CORR_STEP_IS_INDICATION);
    bool is_refused = is_told && is_inbound(step);
    text_add(to, is_refused ? "the connect is refused" : is_told ? "is connected" : "connects");
    add_status(to, step);
}

static void stack_accept(struct text *to, const struct corr_step *step,
                         const struct corr_socket *socket)
{
    text_add(to, "the listener accepts");
    add_remote(to, " ", step, socket);
    add_status(to, step);
}

static void stack_listen(struct text *to, const struct corr_step *step,
                         const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, "the listener is active");
    add_end(to, " on ", &step->local);
    add_status(to, step);
}

static void stack_plain(struct text *to, const struct corr_step *step,
                        const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, corr_step_what_name((enum corr_step_what)step->what));
    add_end(to, " ", &step->local);
    add_status(to, step);
}

/* A SYN and a FIN count as one byte. */
static const char *flag_of(const struct corr_step *step, const struct corr_socket *socket)
{
    if (!socket || step->bytes != 1) {
        return NULL;
    }
    bool in = is_inbound(step);
    uint32_t first = in ? socket->remote_first : socket->local_first;
    uint32_t next = in ? socket->remote_next : socket->local_next;
    int known = in ? CORR_SOCKET_REMOTE_SEQUENCE : CORR_SOCKET_LOCAL_SEQUENCE;
    if ((socket->flags & known) == 0) {
        return NULL;
    }
    if (step->sequence == first || step->sequence == first + 1) {
        return step->sequence == first || in ? "SYN" : NULL;
    }
    return step->sequence + 1 == next ? "FIN" : NULL;
}

static void stack_data(struct text *to, const struct corr_step *step,
                       const struct corr_socket *socket)
{
    if (add_folded(to, step, "segments")) {
        return;
    }
    const char *flag = flag_of(step, socket);
    text_add(to, is_inbound(step) ? "takes in " : "gives out ");
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
    if (has(step, CORR_STEP_HAS_NUMBER) && step->number > 0) {
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

static void stack_timer(struct text *to, const struct corr_step *step,
                        const struct corr_socket *socket)
{
    (void)socket;
    bool is_known = has(step, CORR_STEP_HAS_NUMBER) &&
                    step->number < sizeof(timer_names) / sizeof(timer_names[0]);
    const char *became = has(step, CORR_STEP_IS_PENDING) ? "starts"
                         : has(step, CORR_STEP_IS_STOP)  ? "is stopped"
                                                         : "expires";
    text_add_format(to, "%s timer %s", timer_names[is_known ? step->number : ETW_TIMER_UNKNOWN],
                    became);
}

static void stack_delivered(struct text *to, const struct corr_step *step,
                            const struct corr_socket *socket)
{
    (void)socket;
    if (!add_folded(to, step, "deliveries")) {
        text_add(to, "hands ");
        out_add_bytes(to, step->bytes);
        text_add(to, " to the socket");
    }
}

static void stack_shutdown(struct text *to, const struct corr_step *step,
                           const struct corr_socket *socket)
{
    (void)socket;
    if (has(step, CORR_STEP_IS_LATE_END)) {
        text_add(to, "puts the closed connection away; STATUS_CONNECTION_ABORTED is usual there");
        return;
    }
    text_add(to, has(step, CORR_STEP_IS_INDICATION) ? "tells the socket of the peer's FIN"
                                                    : "ends the connection");
    add_status(to, step);
}

static void stack_abort(struct text *to, const struct corr_step *step,
                        const struct corr_socket *socket)
{
    (void)socket;
    bool is_told = has(step, CORR_STEP_IS_INDICATION);
    text_add(to, is_told && is_inbound(step) ? "the peer's RST ends the connection"
                 : is_told                   ? "gives up, no answer in time"
                                             : "aborts");
    add_status(to, step);
}

static void stack_drop(struct text *to, const struct corr_step *step,
                       const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, "the stack drops a packet");
    if (has(step, CORR_STEP_HAS_REMOTE)) {
        add_end(to, " from ", &step->remote);
        add_end(to, " to ", &step->local);
    }
}

static void stack_datagram(struct text *to, const struct corr_step *step,
                           const struct corr_socket *socket)
{
    if (add_folded(to, step, "datagrams")) {
        return;
    }
    text_add(to, is_inbound(step) ? "takes in " : "gives out ");
    out_add_bytes(to, step->bytes);
    add_remote(to, is_inbound(step) ? " from " : " to ", step, socket);
}

/* ---- the wire ---- */

/* Without a socket both ends are said. */
static void add_wire_end(struct text *to, const struct corr_step *step,
                         const struct corr_socket *socket)
{
    bool in = is_inbound(step);
    if (!socket) {
        add_end(to, " from ", in ? &step->remote : &step->local);
        add_end(to, " to ", in ? &step->local : &step->remote);
        return;
    }
    add_remote(to, in ? " from " : " to ", step, socket);
}

static void wire_flag(struct text *to, const struct corr_step *step,
                      const struct corr_socket *socket)
{
    static const char *const names[CORR_STEP_WHAT_COUNT] = {
        [CORR_STEP_SYN] = "SYN",
        [CORR_STEP_SYNACK] = "SYN, ACK",
        [CORR_STEP_FIN] = "FIN",
        [CORR_STEP_RST] = "RST",
    };
    text_add(to, names[step->what]);
    if (step->bytes > 0) {
        text_add(to, " with ");
        out_add_bytes(to, step->bytes);
    }
    add_wire_end(to, step, socket);
}

static void wire_ack(struct text *to, const struct corr_step *step,
                     const struct corr_socket *socket)
{
    if (!add_folded(to, step, is_inbound(step) ? "ACKs in" : "ACKs out")) {
        text_add(to, "ACK");
        add_wire_end(to, step, socket);
    }
}

static void wire_data(struct text *to, const struct corr_step *step,
                      const struct corr_socket *socket)
{
    if (add_folded(to, step, step->what == CORR_STEP_DATA ? "data segments" : "packets")) {
        return;
    }
    if (has(step, CORR_STEP_IS_FRAGMENT)) {
        text_add(to, "a further fragment");
        return;
    }
    bool is_transport = strcmp(step->protocol, "tcp") == 0 || strcmp(step->protocol, "udp") == 0;
    if (is_transport) {
        out_add_bytes(to, step->bytes);
    } else {
        text_add(to, step->protocol);
    }
    add_wire_end(to, step, socket);
}

static void wire_retransmit(struct text *to, const struct corr_step *step,
                            const struct corr_socket *socket)
{
    bool is_syn = (step->tcp_flags & CORR_TCP_SYN) != 0;
    if (is_syn) {
        text_add_format(to, "SYN%s again, retry %" PRIu32,
                        step->tcp_flags & CORR_TCP_ACK ? ", ACK" : "", step->number);
    } else {
        out_add_bytes(to, step->bytes);
        text_add(to, " again");
    }
    add_wire_end(to, step, socket);
}

/* ---- processes ---- */

static void process_start(struct text *to, const struct corr_step *step,
                          const struct corr_socket *socket)
{
    (void)step, (void)socket;
    text_add(to, "the process starts");
}

static void process_exit(struct text *to, const struct corr_step *step,
                         const struct corr_socket *socket)
{
    (void)socket;
    text_add_format(to, "the process ends, exit status %" PRIu32, step->number);
}

/* ---- the tables ---- */

static step_sentence *const app_sentences[CORR_STEP_WHAT_COUNT] = {
    [CORR_STEP_CREATE] = app_create,     [CORR_STEP_BIND] = app_bind,
    [CORR_STEP_LISTEN] = app_listen,     [CORR_STEP_CONNECT] = app_connect,
    [CORR_STEP_ACCEPT] = app_accept,     [CORR_STEP_SEND] = app_send,
    [CORR_STEP_SENDTO] = app_send,       [CORR_STEP_RECV] = app_receive,
    [CORR_STEP_RECVFROM] = app_receive,  [CORR_STEP_DELIVERED] = app_delivered,
    [CORR_STEP_SHUTDOWN] = app_shutdown, [CORR_STEP_CLOSE] = app_close,
    [CORR_STEP_ABORT] = app_abort,       [CORR_STEP_OPTION] = app_option,
    [CORR_STEP_DROP] = app_drop,
};

static step_sentence *const stack_sentences[CORR_STEP_WHAT_COUNT] = {
    [CORR_STEP_STATE] = add_states,        [CORR_STEP_CONNECT] = stack_connect,
    [CORR_STEP_LISTEN] = stack_listen,     [CORR_STEP_ACCEPT] = stack_accept,
    [CORR_STEP_DATA] = stack_data,         [CORR_STEP_RETRANSMIT] = stack_retransmit,
    [CORR_STEP_TIMER] = stack_timer,       [CORR_STEP_DELIVERED] = stack_delivered,
    [CORR_STEP_SHUTDOWN] = stack_shutdown, [CORR_STEP_ABORT] = stack_abort,
    [CORR_STEP_DROP] = stack_drop,         [CORR_STEP_SENDTO] = stack_datagram,
    [CORR_STEP_RECVFROM] = stack_datagram, [CORR_STEP_SEND] = stack_data,
};

static step_sentence *const wire_sentences[CORR_STEP_WHAT_COUNT] = {
    [CORR_STEP_SYN] = wire_flag,    [CORR_STEP_SYNACK] = wire_flag,
    [CORR_STEP_FIN] = wire_flag,    [CORR_STEP_RST] = wire_flag,
    [CORR_STEP_ACK] = wire_ack,     [CORR_STEP_DATA] = wire_data,
    [CORR_STEP_PACKET] = wire_data, [CORR_STEP_RETRANSMIT] = wire_retransmit,
    [CORR_STEP_STATE] = add_states,
};

static step_sentence *const process_sentences[CORR_STEP_WHAT_COUNT] = {
    [CORR_STEP_START] = process_start,
    [CORR_STEP_EXIT] = process_exit,
};

static step_sentence *const *const sentences[] = {
    [CORR_STEP_APP] = app_sentences,         [CORR_STEP_STACK] = stack_sentences,
    [CORR_STEP_WIRE] = wire_sentences,       [CORR_STEP_SMB] = stack_sentences,
    [CORR_STEP_PROCESS] = process_sentences,
};

void out_add_step_sentence(struct text *to, const struct corr_step *step,
                           const struct corr_socket *socket)
{
    step_sentence *sentence = sentences[step->layer][step->what];
    (sentence ? sentence : stack_plain)(to, step, socket);
}
