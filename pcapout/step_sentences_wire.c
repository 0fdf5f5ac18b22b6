/* SPDX-License-Identifier: MIT */
/* step_sentences_wire.c - packets as the capture layer saw them. */
#include <inttypes.h>
#include <string.h>

#include "pcapout/names.h"
#include "pcapout/step_parts.h"
#include "pcapout/step_sentences.h"

/* Without a socket both ends are said. */
static void add_wire_end(struct text *to, const struct corr_step *step,
                         const struct corr_socket *socket)
{
    bool in = step_is_inbound(step);
    if (!socket) {
        step_add_end(to, " from ", in ? &step->remote : &step->local);
        step_add_end(to, " to ", in ? &step->local : &step->remote);
        return;
    }
    step_add_remote(to, in ? " from " : " to ", step, socket);
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
    if (!step_add_folded(to, step, step_is_inbound(step) ? "ACKs in" : "ACKs out")) {
        text_add(to, "ACK");
        add_wire_end(to, step, socket);
    }
}

/* "ICMPv6", "ARP"; "ip:89" and the like stay. */
static void add_protocol(struct text *to, const char *protocol)
{
    text_add(to, protocol[0] ? "" : "a packet");
    bool is_number = strchr(protocol, ':') != NULL;
    for (; *protocol; protocol++) {
        bool is_letter = *protocol >= 'a' && *protocol <= 'z' && !is_number;
        bool is_version = is_letter && *protocol == 'v' && protocol[1] == '6';
        text_add_char(to, is_letter && !is_version ? (char)(*protocol - 'a' + 'A') : *protocol);
    }
}

static void wire_data(struct text *to, const struct corr_step *step,
                      const struct corr_socket *socket)
{
    if (step_add_folded(to, step, step->what == CORR_STEP_DATA ? "data segments" : "packets")) {
        return;
    }
    if (step_has(step, CORR_STEP_IS_FRAGMENT)) {
        text_add(to, "a further fragment");
        return;
    }
    bool is_transport = strcmp(step->protocol, "tcp") == 0 || strcmp(step->protocol, "udp") == 0;
    if (is_transport) {
        out_add_bytes(to, step->bytes);
    } else {
        add_protocol(to, step->protocol);
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

/* Where and by whom is appended by who knows the names of components. */
static void wire_drop(struct text *to, const struct corr_step *step,
                      const struct corr_socket *socket)
{
    char number[OUT_NAME_SIZE];
    (void)socket;
    text_add(to, "dropped on this machine: ");
    text_add(to, out_drop_reason(&step->drop, number));
}

step_sentence *const step_wire_sentences[CORR_STEP_WHAT_COUNT] = {
    [CORR_STEP_SYN] = wire_flag,         [CORR_STEP_SYNACK] = wire_flag,
    [CORR_STEP_FIN] = wire_flag,         [CORR_STEP_RST] = wire_flag,
    [CORR_STEP_ACK] = wire_ack,          [CORR_STEP_DATA] = wire_data,
    [CORR_STEP_PACKET] = wire_data,      [CORR_STEP_RETRANSMIT] = wire_retransmit,
    [CORR_STEP_STATE] = step_add_states, [CORR_STEP_DROP] = wire_drop,
};
