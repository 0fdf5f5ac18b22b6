/* SPDX-License-Identifier: MIT */
/*
 * attribution_datagram.c - rules for UDP, and whatever else has ports and no
 * connections.
 */
#include "correlate/attribution_rules.h"

/* A datagram may leave, or be counted, this long after its socket was closed. */
#define CLOSED_MAXIMUM TICKS_A_SECOND

static void find_open(const struct question *question, int64_t late, struct contenders *contenders)
{
    contenders_of_span(
        question,
        socket_index_datagrams(question->index, question->packet->protocol, question->local->port),
        SLACK, late, contenders);
}

/* Sockets that are open, else those that were a moment ago. */
static bool find_senders(const struct question *question, struct contenders *contenders)
{
    if (question->is_inbound || !question->packet->has_ports) {
        return false;
    }
    find_open(question, question->packet->is_quoted ? CLOSED_MAXIMUM : SLACK, contenders);
    if (contenders->count == 0) {
        find_open(question, CLOSED_MAXIMUM, contenders);
    }
    return contenders->count > 0;
}

static bool find_receivers(const struct question *question, struct contenders *contenders)
{
    if (!question->is_inbound || !question->packet->has_ports) {
        return false;
    }
    find_open(question, SLACK, contenders);
    return contenders->count > 0;
}

/* ---- events about this very datagram ---- */

static bool is_from_local(const struct datagram_event *event, const struct corr_endpoint *local)
{
    if (event->local.port != 0 && event->local.port != local->port) {
        return false;
    }
    return binding_of(&event->local, local) != BOUND_ELSEWHERE;
}

/* The event names the socket, or, when it names none that is known, both ends. */
static bool is_socket_of(const struct corr_socket *row, const struct datagram_event *event)
{
    switch (event->socket.space) {
    case ETW_HANDLE_AFD_ENDPOINT:
        return row->application == event->socket.value;
    case ETW_HANDLE_UDP_ENDPOINT:
        return row->handle == event->socket.value || (row->handle == 0 && event->local.port != 0);
    default:
        return event->local.port != 0;
    }
}

/* The one of `sockets` that an event about this datagram names; NULL: none, or two. */
static const struct datagram_event *find_event(const struct question *question,
                                               const struct contenders *sockets, uint32_t *named)
{
    const struct datagram_event *events[DATAGRAM_EVENTS_FOUND];
    const struct datagram_event *latest = NULL;
    size_t count = datagram_events_find(question->events, question->is_inbound, question->remote,
                                        question->packet->payload_size, question->time, events);
    for (size_t i = 0; i < count * sockets->count; i++) {
        const struct datagram_event *event = events[i / sockets->count];
        uint32_t row = sockets->rows[i % sockets->count];
        if (!is_from_local(event, question->local) || !is_socket_of(row_of(question, row), event)) {
            continue;
        }
        if (latest && *named != row) {
            return NULL; /* two sockets had the same */
        }
        *named = row;
        latest = !latest || event->time > latest->time ? event : latest;
    }
    return sockets->is_cut ? NULL : latest;
}

static void keep_match(struct corr_verdict *verdict, uint64_t place)
{
    uint64_t offset = etw_place_offset(place);
    if (offset >> 38 == 0) {
        verdict->matched = (uint32_t)offset;
        verdict->matched_high = (uint32_t)(offset >> 32) & 63u;
        verdict->matched_file = etw_place_file(place) & ETW_FILES_MAXIMUM;
    }
}

/* A send of as many bytes to the same end was logged right before, or a receive right
 * after. What many may get, others may have received with another event. */
static bool rule_data_event(const struct question *question, struct answer *answer)
{
    struct contenders sockets;
    bool is_for_one = !question->is_inbound || question->packet->cast == CORR_UNICAST;
    if (!is_for_one ||
        !(question->is_inbound ? find_receivers : find_senders)(question, &sockets)) {
        return false;
    }
    uint32_t row = CORR_NO_ROW;
    const struct datagram_event *event = find_event(question, &sockets, &row);
    if (!event) {
        return false;
    }
    (void)answer_row(question, answer, row, CORR_RULE_DATA_EVENT, CORR_CERTAIN);
    keep_match(&answer->verdict, event->offset);
    return true;
}

/* ---- doubt ---- */

/* What goes to or comes from a group may be that of a socket that shares the port, and of which
 * no event told the port. */
static bool may_be_strays(const struct question *question)
{
    const struct attribution_view *view = question->view;
    return question->packet->cast != CORR_UNICAST &&
           view->has_stray_flow(view->context, question->remote);
}

/* Where events are lost, so may be the close of one socket and the begin of the next: another
 * process that used the port a while before or after may be meant. */
#define LOSS_SPAN (5 * TICKS_A_SECOND)

static bool has_rival_near(const struct question *question, const struct contenders *chosen)
{
    struct contenders near;
    if (!question->view->options.has_loss) {
        return false;
    }
    contenders_of_span(
        question,
        socket_index_datagrams(question->index, question->packet->protocol, question->local->port),
        LOSS_SPAN, LOSS_SPAN, &near);
    uint32_t process = row_of(question, chosen->rows[0])->process;
    for (uint32_t i = 0; i < near.count; i++) {
        if (row_of(question, near.rows[i])->process != process) {
            return true;
        }
    }
    return near.is_cut;
}

/* ---- sent ---- */

/* A socket that is bound to any address may send from each, so all with the port are
 * meant alike. */
static bool rule_sent(const struct question *question, struct answer *answer)
{
    struct contenders senders;
    if (!find_senders(question, &senders)) {
        return false;
    }
    bool is_by_flow = senders.count > 1 && contenders_keep_flow(question, &senders);
    if (may_be_strays(question) || has_rival_near(question, &senders)) {
        return false;
    }
    return answer_rows(question, answer, &senders,
                       is_by_flow ? CORR_RULE_TUPLE : CORR_RULE_LOCAL_PORT, CORR_AMBIGUOUS);
}

/* ---- received ---- */

/* Who is bound to the port may have joined the group; who was seen to receive from this sender
 * has. */
static bool rule_received_by_many(const struct question *question, struct answer *answer)
{
    struct contenders receivers;
    if (question->packet->cast == CORR_UNICAST || !find_receivers(question, &receivers)) {
        return false;
    }
    /* With lost events nobody knows who else received it. */
    if (!contenders_keep_flow(question, &receivers) || may_be_strays(question) ||
        (receivers.count == 1 && question->view->options.has_loss)) {
        return false;
    }
    return answer_rows(question, answer, &receivers, CORR_RULE_ONLY_RECEIVER, CORR_SHARED);
}

/* Events of a socket say with whom it talks; after that the most exact binding gets it. */
static bool rule_received(const struct question *question, struct answer *answer)
{
    struct contenders receivers;
    if (question->packet->cast != CORR_UNICAST || !find_receivers(question, &receivers)) {
        return false;
    }
    uint32_t count = receivers.count;
    bool has_flow = contenders_keep_flow(question, &receivers);
    if (!has_flow && is_endpoint_missing(question)) {
        return false; /* open, but to others alone */
    }
    bool is_by_flow = receivers.count < count;
    contenders_keep_exact(question, &receivers);
    if (has_rival_near(question, &receivers)) {
        return false;
    }
    return answer_rows(question, answer, &receivers,
                       is_by_flow ? CORR_RULE_TUPLE : CORR_RULE_LOCAL_PORT, CORR_AMBIGUOUS);
}

static bool rule_endpoint_missing(const struct question *question, struct answer *answer)
{
    return question->is_inbound && question->packet->has_ports && is_endpoint_missing(question) &&
           answer_nobody(question, answer, CORR_RULE_ENDPOINT_MISSING, CORR_NO_ENDPOINT);
}

/* It was sent to a socket that had just been closed. */
static bool rule_received_late(const struct question *question, struct answer *answer)
{
    struct contenders receivers;
    if (!question->is_inbound || !question->packet->has_ports ||
        question->packet->cast != CORR_UNICAST) {
        return false;
    }
    find_open(question, CLOSED_MAXIMUM, &receivers);
    if (receivers.count != 1 || receivers.is_cut || has_rival_near(question, &receivers)) {
        return false;
    }
    return answer_row(question, answer, receivers.rows[0], CORR_RULE_LOCAL_PORT, CORR_LIKELY);
}

static attribution_rule *const rules[] = {
    rule_data_event,       rule_sent,          rule_received_by_many, rule_received,
    rule_endpoint_missing, rule_received_late,
};

const struct attribution_rules datagram_rules = {rules, sizeof(rules) / sizeof(rules[0])};
