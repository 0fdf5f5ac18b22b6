/* SPDX-License-Identifier: MIT */
/*
 * attribution.c - which of the two ends of a packet is this machine's, and which rules
 * its protocol has. The first rule that answers decides.
 *
 * To add a rule: a function in attribution_tcp.c, attribution_datagram.c or
 * attribution_other.c and a line in the table at its end, in order of strength.
 */
#include "correlate/attribution.h"

#include <stdlib.h>
#include <string.h>

#include "correlate/attribution_rules.h"
#include "correlate/fragment_owners.h"

struct corr_attribution {
    struct attribution_view view;
    struct socket_index *index;        /* owned, as the next two */
    struct datagram_events *events;    /* what was sent last */
    struct fragment_owners *fragments; /* whose first fragments were */
    bool has_rivals;                   /* two processes used the same port for datagrams */
};

/* ---- the ledger as the rules see it ---- */

static bool ledger_has_flow(const void *context, uint32_t row, const struct corr_endpoint *remote)
{
    return corr_ledger_has_flow(context, row, remote);
}

static bool ledger_is_missing(const void *context, uint8_t protocol,
                              const struct corr_endpoint *local, const struct corr_endpoint *remote,
                              int64_t time)
{
    return corr_ledger_is_missing(context, protocol, local, remote, time);
}

static bool ledger_has_stray_flow(const void *context, const struct corr_endpoint *remote)
{
    return corr_ledger_has_stray_flow(context, remote);
}

static bool ledger_is_local(const void *context, const uint8_t *bytes, uint8_t size)
{
    return corr_local_addresses_has(corr_ledger_addresses(context), bytes, size);
}

static bool ledger_is_complete(const void *context, uint8_t size)
{
    return corr_local_addresses_is_complete(corr_ledger_addresses(context), size);
}

enum etw_status corr_attribution_new(const struct corr_ledger *ledger,
                                     struct corr_attribution **out, struct etw_error *error)
{
    struct attribution_view view = {
        .options = *corr_ledger_get_options(ledger),
        .context = ledger,
        .has_flow = ledger_has_flow,
        .has_stray_flow = ledger_has_stray_flow,
        .is_missing = ledger_is_missing,
        .is_local = ledger_is_local,
        .is_complete = ledger_is_complete,
    };
    view.count = corr_ledger_sockets(ledger, &view.rows);
    return attribution_new_of(&view, out, error);
}

static bool has_rivals(const struct attribution_view *view, const struct socket_index *index)
{
    for (size_t i = 0; i < view->count; i++) {
        const struct corr_socket *row = &view->rows[i];
        if (row->role != CORR_DATAGRAM || row->local.port == 0) {
            continue;
        }
        struct socket_span span = socket_index_datagrams(index, row->protocol, row->local.port);
        if (!socket_span_is_empty(span) &&
            view->rows[socket_span_row(index, span)].process != row->process) {
            return true;
        }
    }
    return false;
}

enum etw_status attribution_new_of(const struct attribution_view *view,
                                   struct corr_attribution **out, struct etw_error *error)
{
    struct corr_attribution *attribution = calloc(1, sizeof(*attribution));
    if (!attribution) {
        return etw_fail_memory(error, "the owners of packets");
    }
    attribution->view = *view;
    enum etw_status status = socket_index_new(view->rows, view->count, &attribution->index, error);
    if (!status) {
        status = datagram_events_new(&attribution->events, error);
    }
    if (!status) {
        status = fragment_owners_new(&attribution->fragments, error);
    }
    if (status) {
        corr_attribution_free(attribution);
        return status;
    }
    attribution->has_rivals = has_rivals(view, attribution->index);
    *out = attribution;
    return ETW_OK;
}

void corr_attribution_free(struct corr_attribution *attribution)
{
    if (attribution) {
        socket_index_free(attribution->index);
        datagram_events_free(attribution->events);
        fragment_owners_free(attribution->fragments);
        free(attribution);
    }
}

void corr_attribution_note(struct corr_attribution *attribution, const struct etw_event *event)
{
    datagram_events_note(attribution->events, event);
}

/* ---- facts ---- */

static void facts_of_layers(const struct corr_layers *layers, struct packet_facts *facts)
{
    *facts = (struct packet_facts){
        .source = corr_endpoint_of_packet(&layers->source, layers->source_port),
        .destination = corr_endpoint_of_packet(&layers->destination, layers->destination_port),
        .seq = layers->tcp_seq,
        .ack = layers->tcp_ack,
        .payload_size = layers->payload_size,
        .protocol = layers->ip_protocol,
        .tcp_flags = layers->tcp_flags,
        .icmp_type = layers->icmp_type,
        .cast = layers->cast,
        .has_ports = layers->has_ports,
        .has_seq = layers->has_tcp,
        .has_flags = layers->has_tcp,
        .has_icmp = layers->has_icmp,
    };
}

static void facts_of_flow(const struct corr_flow *flow, struct packet_facts *facts)
{
    bool has_ports = flow->has_ports;
    *facts = (struct packet_facts){
        .source = corr_endpoint_of_packet(&flow->source, has_ports ? flow->source_port : 0),
        .destination =
            corr_endpoint_of_packet(&flow->destination, has_ports ? flow->destination_port : 0),
        .seq = flow->has_tcp_seq ? flow->tcp_seq : 0,
        .protocol = flow->ip_protocol,
        .has_ports = has_ports,
        .has_seq = flow->has_tcp_seq,
    };
}

/* ---- one end ---- */

static void ask(const struct corr_attribution *attribution, const struct packet_facts *facts,
                int64_t time, bool is_inbound, struct question *question)
{
    question->view = &attribution->view;
    question->index = attribution->index;
    question->events = attribution->events;
    question->packet = facts;
    question->local = is_inbound ? &facts->destination : &facts->source;
    question->remote = is_inbound ? &facts->source : &facts->destination;
    question->time = time;
    question->is_inbound = is_inbound;
    question->lives = question->port_lives = (struct socket_span){0, 0};
    if (facts->protocol == PROTOCOL_TCP && facts->has_ports) {
        question->lives =
            socket_index_connection(attribution->index, question->local, question->remote);
        question->port_lives =
            socket_index_port_only(attribution->index, question->local->port, question->remote);
    }
}

static const struct attribution_rules *rules_of(const struct packet_facts *facts)
{
    if (facts->protocol == PROTOCOL_TCP) {
        return &tcp_rules;
    }
    return facts->has_ports || facts->protocol == PROTOCOL_UDP ? &datagram_rules : &other_rules;
}

static bool apply_rules(const struct question *question, struct answer *answer)
{
    const struct attribution_rules *rules = rules_of(question->packet);
    for (size_t i = 0; i < rules->count; i++) {
        if (rules->rules[i](question, answer)) {
            return true;
        }
    }
    return answer_nobody(question, answer, CORR_RULE_NONE, CORR_UNKNOWN) && false;
}

/* ---- which end ---- */

static bool is_local(const struct corr_attribution *attribution,
                     const struct corr_endpoint *endpoint)
{
    const struct attribution_view *view = &attribution->view;
    return endpoint->size != 0 && view->is_local(view->context, endpoint->bytes, endpoint->size);
}

enum etw_direction corr_attribution_direction(const struct corr_attribution *attribution,
                                              const struct corr_layers *layers)
{
    const struct attribution_view *view = &attribution->view;
    const struct corr_address *from = &layers->source;
    const struct corr_address *to = &layers->destination;
    bool is_from_here = from->size > 0 && view->is_local(view->context, from->bytes, from->size);
    bool is_to_here = to->size > 0 && view->is_local(view->context, to->bytes, to->size);
    if (is_from_here == is_to_here) {
        return ETW_DIRECTION_UNKNOWN;
    }
    return is_from_here ? ETW_DIRECTION_OUT : ETW_DIRECTION_IN;
}

/* No packet of this machine: all its addresses are known, and these are none of them. */
static bool is_foreign(const struct corr_attribution *attribution, const struct packet_facts *facts)
{
    const struct attribution_view *view = &attribution->view;
    return facts->cast == CORR_UNICAST && facts->source.size != 0 &&
           !is_any_endpoint(&facts->source) && !is_any_endpoint(&facts->destination) &&
           view->is_complete(view->context, facts->source.size) &&
           !is_local(attribution, &facts->source) && !is_local(attribution, &facts->destination);
}

/* A direction is stated as the recording adapter saw it: behind a virtual switch, and of
 * copies that are handed on, it may be the other one. */
static bool is_reversed(const struct corr_attribution *attribution, const struct question *stated,
                        const struct question *other)
{
    if (tcp_is_known(stated) || stated->packet->cast != CORR_UNICAST) {
        return false;
    }
    return tcp_is_known(other) ||
           (!is_local(attribution, stated->local) && is_local(attribution, other->local));
}

/* Nothing says which end is local: one of them alone must have an answer, or both the
 * same. */
static void try_both(const struct question *sender, const struct question *receiver,
                     struct answer *answer)
{
    struct answer received;
    bool is_sent = apply_rules(sender, answer);
    bool is_received = apply_rules(receiver, &received);
    if (is_sent && is_received) {
        if (answer->verdict.process == received.verdict.process) {
            return;
        }
        (void)answer_nobody(sender, answer, CORR_RULE_NONE, CORR_UNKNOWN);
    } else if (is_received) {
        *answer = received;
    }
}

/* Without a stated direction the addresses tell it. Between two local ends the sender's
 * socket counts, else the receiver's. */
static void decide_by_addresses(const struct corr_attribution *attribution,
                                const struct question *sender, const struct question *receiver,
                                struct answer *answer)
{
    bool is_sender = is_local(attribution, sender->local) || tcp_is_known(sender);
    bool is_receiver = is_local(attribution, receiver->local) || tcp_is_known(receiver);
    if (is_sender == is_receiver && !is_sender) {
        try_both(sender, receiver, answer);
    } else if ((!is_sender || !apply_rules(sender, answer)) && is_receiver) {
        (void)apply_rules(receiver, answer);
    }
}

static void decide_packet(const struct corr_attribution *attribution,
                          const struct packet_facts *facts, enum etw_direction direction,
                          int64_t time, struct answer *answer)
{
    struct question stated;
    ask(attribution, facts, time, direction == ETW_DIRECTION_IN, &stated);
    if (tcp_rule_lives(&stated, answer)) {
        return; /* what most packets need */
    }
    struct question other;
    ask(attribution, facts, time, !stated.is_inbound, &other);
    bool is_known = tcp_is_known(&stated) || tcp_is_known(&other);
    if (!is_known && is_foreign(attribution, facts)) {
        (void)answer_nobody(&stated, answer, CORR_RULE_FOREIGN, CORR_NOT_LOCAL);
    } else if (direction == ETW_DIRECTION_UNKNOWN) {
        decide_by_addresses(attribution, &stated, &other, answer);
    } else if (is_reversed(attribution, &stated, &other)) {
        (void)apply_rules(&other, answer);
    } else {
        (void)apply_rules(&stated, answer);
    }
}

/* ---- ICMP errors, fragments, frames without IP ---- */

/* RFC 792, RFC 4443: destination unreachable because of the port. */
static bool is_port_unreachable(const struct corr_layers *layers)
{
    return layers->ip_protocol == PROTOCOL_ICMP ? layers->icmp_type == 3 && layers->icmp_code == 3
                                                : layers->icmp_type == 1 && layers->icmp_code == 4;
}

/* An error belongs to whom the packet belongs that it quotes: one of ours when the error
 * is inbound, one that we received when we sent it. False: to nobody. */
static bool decide_quoted(const struct corr_attribution *attribution,
                          const struct corr_layers *layers, enum etw_direction direction,
                          int64_t time, struct answer *answer)
{
    static const enum etw_direction quoted_directions[] = {
        [ETW_DIRECTION_UNKNOWN] = ETW_DIRECTION_UNKNOWN,
        [ETW_DIRECTION_IN] = ETW_DIRECTION_OUT,
        [ETW_DIRECTION_OUT] = ETW_DIRECTION_IN,
    };
    struct packet_facts facts;
    facts_of_flow(&layers->quoted, &facts);
    facts.is_quoted = true;
    decide_packet(attribution, &facts, quoted_directions[direction], time, answer);
    struct corr_verdict *verdict = &answer->verdict;
    verdict->is_inbound = !verdict->is_inbound; /* the error goes the other way */
    verdict->matched = 0;
    verdict->matched_high = 0;
    verdict->matched_file = 0;
    if (verdict->process != CORR_NO_ROW) {
        verdict->rule = CORR_RULE_QUOTED;
        if (verdict->confidence > (uint8_t)corr_rule_worth(CORR_RULE_QUOTED)) {
            verdict->confidence = corr_rule_worth(CORR_RULE_QUOTED) & 3u;
        }
    }
    if (verdict->reason != CORR_UNKNOWN || verdict->socket != CORR_NO_ROW) {
        return verdict->reason != CORR_NO_SOCKET;
    }
    if (!verdict->is_inbound && is_port_unreachable(layers)) {
        /* Our own stack says so, with this very packet. */
        verdict->reason = CORR_NO_ENDPOINT;
        verdict->rule = CORR_RULE_ENDPOINT_MISSING;
        return true;
    }
    return false;
}

static void decide_frame(const struct corr_layers *layers, enum etw_direction direction,
                         struct answer *answer)
{
    const uint16_t ipv4 = 0x0800;
    const uint16_t ipv6 = 0x86DD;
    bool is_cut_ip = layers->network == CORR_NETWORK_NONE &&
                     (layers->ether_type == ipv4 || layers->ether_type == ipv6);
    const struct question question = {.is_inbound = direction == ETW_DIRECTION_IN};
    (void)answer_nobody(&question, answer, is_cut_ip ? CORR_RULE_NONE : CORR_RULE_PROTOCOL,
                        is_cut_ip ? CORR_UNKNOWN : CORR_NO_SOCKET);
}

static void decide_later_fragment(const struct first_fragment *first, enum etw_direction direction,
                                  struct answer *answer)
{
    const struct question question = {.is_inbound = direction == ETW_DIRECTION_IN};
    (void)answer_nobody(&question, answer, CORR_RULE_NONE, CORR_UNKNOWN);
    if (first) {
        answer->verdict = first->verdict;
        if (first->verdict.process != CORR_NO_ROW) {
            answer->verdict.rule = CORR_RULE_FRAGMENT;
        }
    }
}

static void decide(const struct corr_attribution *attribution, const struct corr_layers *layers,
                   enum etw_direction direction, int64_t time, struct answer *answer)
{
    if (!attribution->view.options.has_socket_events) {
        const struct question question = {.is_inbound = direction == ETW_DIRECTION_IN};
        (void)answer_nobody(&question, answer, CORR_RULE_NONE, CORR_NO_EVENTS);
        return;
    }
    if (layers->network != CORR_NETWORK_IPV4 && layers->network != CORR_NETWORK_IPV6) {
        decide_frame(layers, direction, answer);
        return;
    }
    if (layers->is_fragment) {
        decide_later_fragment(fragment_owners_find(attribution->fragments, layers, time), direction,
                              answer);
        return;
    }
    if (layers->has_quoted && decide_quoted(attribution, layers, direction, time, answer)) {
        return;
    }
    struct packet_facts facts;
    facts_of_layers(layers, &facts);
    decide_packet(attribution, &facts, direction, time, answer);
}

void corr_attribute(struct corr_attribution *attribution, const struct corr_layers *layers,
                    enum etw_direction direction, int64_t time, struct corr_verdict *verdict)
{
    struct answer answer;
    decide(attribution, layers, direction, time, &answer);
    *verdict = answer.verdict;
    if (layers->is_first_fragment) {
        fragment_owners_remember(attribution->fragments, layers, direction, time, verdict);
    }
}

bool corr_attribution_awaits(struct corr_attribution *attribution, const struct corr_layers *layers,
                             enum etw_direction direction, int64_t time)
{
    bool is_datagram = layers->has_ports && layers->ip_protocol == PROTOCOL_UDP;
    if (direction != ETW_DIRECTION_IN || !is_datagram || layers->cast != CORR_UNICAST) {
        return false;
    }
    struct answer answer;
    decide(attribution, layers, direction, time, &answer);
    return answer.verdict.reason == CORR_AMBIGUOUS && answer.verdict.rule == CORR_RULE_SEVERAL;
}

bool corr_attribution_may_await(const struct corr_attribution *attribution)
{
    return attribution->has_rivals;
}

/* ---- candidates ---- */

/* A later fragment's are those of the first one, which must be asked again. */
static void decide_first_of(const struct corr_attribution *attribution,
                            const struct corr_layers *layers, const struct first_fragment *first,
                            struct answer *answer)
{
    struct packet_facts facts;
    facts_of_layers(layers, &facts);
    facts.protocol = first->protocol;
    facts.has_ports = first->has_ports;
    facts.source.port = first->source_port;
    facts.destination.port = first->destination_port;
    facts.payload_size = first->payload_size;
    decide_packet(attribution, &facts, (enum etw_direction)first->direction, first->time, answer);
}

/* Puts a number into an ascending list of those that are there once. */
static size_t insert(uint32_t *list, size_t count, uint32_t number)
{
    size_t at = count;
    while (at > 0 && list[at - 1] > number) {
        at--;
    }
    if (at > 0 && list[at - 1] == number) {
        return count;
    }
    memmove(list + at + 1, list + at, (count - at) * sizeof(*list));
    list[at] = number;
    return count + 1;
}

size_t corr_candidates(struct corr_attribution *attribution, const struct corr_layers *layers,
                       enum etw_direction direction, int64_t time, uint32_t *processes,
                       size_t maximum)
{
    struct answer answer;
    decide(attribution, layers, direction, time, &answer);
    const struct first_fragment *first =
        layers->is_fragment ? fragment_owners_find(attribution->fragments, layers, time) : NULL;
    if (first && attribution->view.options.has_socket_events) {
        decide_first_of(attribution, layers, first, &answer);
    }
    uint32_t found[CONTENDERS_MAXIMUM + 1];
    size_t count = 0;
    for (uint32_t i = 0; i < answer.contenders.count; i++) {
        uint32_t process = attribution->view.rows[answer.contenders.rows[i]].process;
        count = process == CORR_NO_ROW ? count : insert(found, count, process);
    }
    count = count < maximum ? count : maximum;
    memcpy(processes, found, count * sizeof(*processes));
    return count;
}
