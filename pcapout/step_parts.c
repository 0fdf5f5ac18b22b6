/* SPDX-License-Identifier: MIT */
#include "pcapout/step_parts.h"

#include <inttypes.h>

#include "pcapout/owners.h"
#include "pcapout/sentence_parts.h"
#include "pcapout/step_sentences.h"

void step_add_end(struct text *to, const char *before, const struct corr_endpoint *end)
{
    char text[OUT_SOCKET_END_SIZE];
    out_socket_end_format(end, text);
    if (text[0]) {
        text_add(to, before);
        text_add(to, text);
    }
}

void step_add_remote(struct text *to, const char *before, const struct corr_step *step,
                     const struct corr_socket *socket)
{
    if (step_has(step, CORR_STEP_HAS_REMOTE)) {
        step_add_end(to, before, &step->remote);
    } else if (socket) {
        step_add_end(to, before, &socket->remote);
    }
}

void step_add_status(struct text *to, const struct corr_step *step)
{
    if (step_has(step, CORR_STEP_HAS_STATUS) && step->status != 0) {
        text_add(to, ": ");
        out_add_status(to, step->status);
    }
}

/* Calls that return at once need no duration. */
static void add_waited(struct text *to, const struct corr_step *step)
{
    if (step_has(step, CORR_STEP_HAS_DURATION) && step->duration >= TICKS_PER_MILLISECOND) {
        text_add(to, " after ");
        out_add_duration(to, step->duration);
    }
}

void step_add_returned(struct text *to, const struct corr_step *step)
{
    if (step_has(step, CORR_STEP_HAS_STATUS) && step->status != 0) {
        text_add(to, "; returned ");
        out_add_status(to, step->status);
    }
}

void step_add_result(struct text *to, const struct corr_step *step)
{
    if (step_has(step, CORR_STEP_IS_PENDING)) {
        text_add(to, "; the end of the call is not here");
    }
    step_add_returned(to, step);
    add_waited(to, step);
}

bool step_add_folded(struct text *to, const struct corr_step *step, const char *things)
{
    if (step->count <= 1) {
        return false;
    }
    text_add_format(to, "%" PRIu32 " %s, ", step->count, things);
    if (step_has(step, CORR_STEP_HAS_BYTES) && step->what != CORR_STEP_ACK) {
        out_add_bytes(to, step->bytes);
        text_add(to, step_is_inbound(step) ? " in, " : " out, ");
    }
    text_add(to, "within ");
    out_add_duration(to, step->last_time - step->time);
    return true;
}

void step_add_states(struct text *to, const struct corr_step *step,
                     const struct corr_socket *socket)
{
    (void)socket;
    if (step_has(step, CORR_STEP_IS_INDICATION)) {
        text_add_format(to, "was there already, in state %s",
                        out_state_name((enum corr_tcp_state)step->to));
        return;
    }
    text_add_format(to, "%s -> %s", out_state_name((enum corr_tcp_state)step->from),
                    out_state_name((enum corr_tcp_state)step->to));
    text_add(to, step_has(step, CORR_STEP_IS_INFERRED) ? " (inferred from packets)" : "");
    text_add(to, step_has(step, CORR_STEP_IS_IMPOSSIBLE) ? " - not a transition of RFC 793" : "");
}

void step_add_name(struct text *to, const struct corr_step *step, const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, corr_step_what_name((enum corr_step_what)step->what));
    step_add_end(to, " ", &step->local);
    step_add_status(to, step);
}
