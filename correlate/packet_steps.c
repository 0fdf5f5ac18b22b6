/* SPDX-License-Identifier: MIT */
#include "correlate/packet_steps.h"

static void fill_ends(const struct corr_layers *layers, struct corr_step *step)
{
    struct corr_endpoint source = corr_endpoint_of_packet(&layers->source, layers->source_port);
    struct corr_endpoint destination =
        corr_endpoint_of_packet(&layers->destination, layers->destination_port);
    bool is_inbound = (step->has & CORR_STEP_IS_INBOUND) != 0;
    step->has |= CORR_STEP_HAS_REMOTE;
    step->local = is_inbound ? destination : source;
    step->remote = is_inbound ? source : destination;
    corr_protocol_format(layers, step->protocol);
}

/* By the flags; the first that fits counts. */
static const struct {
    uint8_t mask, flags;
    uint8_t what;
} tcp_whats[] = {
    {CORR_TCP_RST, CORR_TCP_RST, CORR_STEP_RST},
    {CORR_TCP_SYN | CORR_TCP_ACK, CORR_TCP_SYN | CORR_TCP_ACK, CORR_STEP_SYNACK},
    {CORR_TCP_SYN, CORR_TCP_SYN, CORR_STEP_SYN},
    {CORR_TCP_FIN, CORR_TCP_FIN, CORR_STEP_FIN},
};

static uint8_t tcp_what(const struct corr_step *step)
{
    for (size_t i = 0; i < sizeof(tcp_whats) / sizeof(tcp_whats[0]); i++) {
        if ((step->tcp_flags & tcp_whats[i].mask) == tcp_whats[i].flags) {
            return tcp_whats[i].what;
        }
    }
    return step->bytes > 0 ? CORR_STEP_DATA : CORR_STEP_ACK;
}

/* A socket's packets have the direction that its ends tell, others the recorded one. */
static uint32_t direction_of(const struct corr_packet *packet)
{
    if (packet->verdict.socket != CORR_NO_ROW) {
        return packet->verdict.is_inbound ? CORR_STEP_IS_INBOUND : 0;
    }
    static const uint32_t members[] = {
        [ETW_DIRECTION_UNKNOWN] = CORR_STEP_IS_UNDIRECTED,
        [ETW_DIRECTION_IN] = CORR_STEP_IS_INBOUND,
        [ETW_DIRECTION_OUT] = 0,
    };
    return members[packet->direction];
}

void packet_step_fill(const struct corr_packet *packet, struct corr_step *step)
{
    const struct corr_layers *layers = &packet->layers;
    *step = (struct corr_step){.time = packet->time,
                               .last_time = packet->time,
                               .layer = CORR_STEP_WIRE,
                               .what = CORR_STEP_PACKET,
                               .has = CORR_STEP_HAS_BYTES,
                               .socket = packet->verdict.socket,
                               .process = packet->verdict.process,
                               .confidence = packet->verdict.confidence,
                               .reason = packet->verdict.reason,
                               .count = 1,
                               .frame = packet->frame,
                               .last_frame = packet->frame,
                               .offset = packet->offset,
                               .header_pid = packet->header_pid,
                               .header_tid = packet->header_tid};
    step->has |= direction_of(packet);
    fill_ends(layers, step);
    step->bytes = layers->has_tcp ? layers->tcp_length : layers->payload_size;
    step->has |= layers->is_fragment ? CORR_STEP_IS_FRAGMENT : 0;
    if (packet->behalf) {
        step->has |= CORR_STEP_HAS_BEHALF;
        step->behalf = packet->behalf->process;
        step->behalf_confidence = packet->behalf->confidence;
        step->behalf_offset = packet->behalf->offset;
    }
    step->tcp_flags = layers->tcp_flags;
    step->sequence = layers->tcp_seq;
    step->acknowledged = layers->tcp_ack;
    if (layers->has_tcp) {
        step->what = tcp_what(step);
    }
}

bool packet_step_fill_drop(const struct corr_packet *packet, const struct corr_step *of,
                           struct corr_step *step)
{
    *step = *of;
    step->what = CORR_STEP_DROP;
    step->drop = packet->drop;
    return packet->drop.is_dropped;
}
