/* SPDX-License-Identifier: MIT */
/* step_sentences_app.c - what the application did, as Winsock saw it. */
#include <inttypes.h>

#include "pcapout/step_parts.h"
#include "pcapout/step_sentences.h"

static void app_create(struct text *to, const struct corr_step *step,
                       const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, "opens a socket");
    step_add_result(to, step);
}

static void app_bind(struct text *to, const struct corr_step *step,
                     const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, "binds");
    step_add_end(to, " to ", &step->local);
    step_add_result(to, step);
}

static void app_listen(struct text *to, const struct corr_step *step,
                       const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, "listens");
    if (step_has(step, CORR_STEP_HAS_NUMBER)) {
        text_add_format(to, ", backlog %" PRIu32, step->number);
    }
    step_add_result(to, step);
}

static void app_connect(struct text *to, const struct corr_step *step,
                        const struct corr_socket *socket)
{
    bool is_late = step_has(step, CORR_STEP_IS_LATE_END);
    text_add(to, is_late ? "its connect" : "connects");
    step_add_remote(to, " to ", step, socket);
    text_add(to, is_late ? " ends" : "");
    step_add_result(to, step);
}

static void app_accept(struct text *to, const struct corr_step *step,
                       const struct corr_socket *socket)
{
    text_add(to, step_has(step, CORR_STEP_IS_INDICATION) ? "is told of a connection" : "accepts");
    step_add_remote(to, step_has(step, CORR_STEP_IS_INDICATION) ? " from " : " ", step, socket);
    if (!step_has(step, CORR_STEP_IS_INDICATION)) {
        step_add_result(to, step);
    }
}

static void app_send(struct text *to, const struct corr_step *step,
                     const struct corr_socket *socket)
{
    if (step_add_folded(to, step, "sends")) {
        return;
    }
    text_add(to, "sends ");
    out_add_bytes(to, step->bytes);
    if (step->what == CORR_STEP_SENDTO) {
        step_add_remote(to, " to ", step, socket);
    }
    step_add_result(to, step);
}

static void app_receive(struct text *to, const struct corr_step *step,
                        const struct corr_socket *socket)
{
    if (step_add_folded(to, step, "receives")) {
        return;
    }
    if (step_has(step, CORR_STEP_IS_PENDING)) {
        text_add(to, "waits to receive; the end of the call is not here");
        return;
    }
    /* The row stands where the call began. */
    bool has_waited =
        step_has(step, CORR_STEP_HAS_DURATION) && step->duration >= TICKS_PER_MILLISECOND;
    text_add(to, has_waited ? "waits " : "receives ");
    if (has_waited) {
        out_add_duration(to, step->duration);
        text_add(to, ", then receives ");
    }
    out_add_bytes(to, step->bytes);
    if (step->what == CORR_STEP_RECVFROM) {
        step_add_remote(to, " from ", step, socket);
    } else if (step->bytes == 0 && step->status == 0) {
        text_add(to, ": the peer has closed");
    }
    step_add_returned(to, step);
}

static void app_delivered(struct text *to, const struct corr_step *step,
                          const struct corr_socket *socket)
{
    (void)socket;
    if (!step_add_folded(to, step, "indications")) {
        text_add(to, "is told of ");
        out_add_bytes(to, step->bytes);
    }
}

static void app_shutdown(struct text *to, const struct corr_step *step,
                         const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, step_has(step, CORR_STEP_IS_INDICATION) ? "is told that the peer closed"
                                                         : "shuts the connection down");
    step_add_status(to, step);
}

static void app_close(struct text *to, const struct corr_step *step,
                      const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, "closes the socket");
    step_add_result(to, step);
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
    const char *reason =
        step_has(step, CORR_STEP_HAS_NUMBER) ? out_abort_reason(step->number) : NULL;
    if (reason) {
        text_add_format(to, ": %s", reason);
    } else if (step_has(step, CORR_STEP_HAS_NUMBER)) {
        text_add_format(to, ": reason %" PRIu32, step->number);
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
    step_add_remote(to, " from ", step, socket);
}

static void add_request(struct text *to, const char *before, const struct corr_step *step)
{
    if (step->request[0] != '\0') {
        text_add(to, before);
        text_add(to, step->request);
    }
}

static void app_request(struct text *to, const struct corr_step *step,
                        const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, step_is_inbound(step) ? "HTTP.sys is asked" : "asks by HTTP");
    add_request(to, ": ", step);
    if (step->host[0] != '\0') {
        text_add(to, " of ");
        text_add(to, step->host);
    }
}

static void app_response(struct text *to, const struct corr_step *step,
                         const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, step_is_inbound(step) ? "is answered by HTTP" : "HTTP.sys answers");
    if (step_has(step, CORR_STEP_HAS_NUMBER)) {
        text_add_format(to, " %" PRIu32, step->number);
    }
    add_request(to, step_has(step, CORR_STEP_HAS_NUMBER) ? " to " : " ", step);
}

step_sentence *const step_app_sentences[CORR_STEP_WHAT_COUNT] = {
    [CORR_STEP_CREATE] = app_create,     [CORR_STEP_BIND] = app_bind,
    [CORR_STEP_LISTEN] = app_listen,     [CORR_STEP_CONNECT] = app_connect,
    [CORR_STEP_ACCEPT] = app_accept,     [CORR_STEP_SEND] = app_send,
    [CORR_STEP_SENDTO] = app_send,       [CORR_STEP_RECV] = app_receive,
    [CORR_STEP_RECVFROM] = app_receive,  [CORR_STEP_DELIVERED] = app_delivered,
    [CORR_STEP_SHUTDOWN] = app_shutdown, [CORR_STEP_CLOSE] = app_close,
    [CORR_STEP_ABORT] = app_abort,       [CORR_STEP_OPTION] = app_option,
    [CORR_STEP_DROP] = app_drop,         [CORR_STEP_REQUEST] = app_request,
    [CORR_STEP_RESPONSE] = app_response,
};
