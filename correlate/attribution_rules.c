/* SPDX-License-Identifier: MIT */
/*
 * attribution_rules.c - what rules have in common: how sure an answer may be, and which
 * rows are bound to an end.
 */
#include "correlate/attribution_rules.h"

#include <string.h>

/* ---- answers ---- */

static enum corr_confidence weaker(enum corr_confidence a, enum corr_confidence b)
{
    return a < b ? a : b;
}

/* How sure the socket's process is; its strongest evidence stands first. */
static enum corr_confidence worth_of_owner(const struct corr_socket *row)
{
    if (row->confidence != CORR_STRONG && row->confidence != CORR_CERTAIN) {
        return CORR_LIKELY;
    }
    enum corr_confidence worth = corr_rule_worth(corr_evidence_rule(row->evidence[0]));
    return worth == CORR_NO_CONFIDENCE ? CORR_STRONG : worth;
}

/* Across a loss nothing is certain, unless an event is about this very packet. */
static enum corr_confidence limit_of(const struct question *question, enum corr_rule rule)
{
    bool is_open = question->view->options.has_loss && rule != CORR_RULE_DATA_EVENT;
    return weaker(corr_rule_worth(rule), is_open ? CORR_STRONG : CORR_CERTAIN);
}

static void begin_answer(const struct question *question, struct answer *answer,
                         enum corr_rule rule, enum corr_no_owner reason)
{
    answer->contenders.count = 0;
    answer->verdict = (struct corr_verdict){
        .socket = CORR_NO_ROW,
        .process = CORR_NO_ROW,
        .rule = (uint8_t)rule,
        .reason = reason & 15u,
        .is_inbound = question->is_inbound,
    };
}

bool answer_nobody(const struct question *question, struct answer *answer, enum corr_rule rule,
                   enum corr_no_owner reason)
{
    begin_answer(question, answer, rule, reason);
    return true;
}

static bool has_owner(const struct corr_socket *row)
{
    return row->process != CORR_NO_ROW && (row->flags & CORR_SOCKET_CONTRADICTED) == 0;
}

bool answer_row(const struct question *question, struct answer *answer, uint32_t row,
                enum corr_rule rule, enum corr_confidence confidence)
{
    const struct corr_socket *socket = row_of(question, row);
    bool is_contradicted = (socket->flags & CORR_SOCKET_CONTRADICTED) != 0;
    if (is_contradicted) {
        begin_answer(question, answer, CORR_RULE_CONTRADICTION, CORR_AMBIGUOUS);
    } else if (!has_owner(socket)) {
        begin_answer(question, answer, rule, CORR_UNKNOWN);
    } else {
        begin_answer(question, answer, rule, CORR_OWNED);
        confidence = weaker(confidence, weaker(limit_of(question, rule), worth_of_owner(socket)));
        answer->verdict.process = socket->process;
        answer->verdict.confidence = confidence & 3u;
    }
    answer->verdict.socket = row;
    return true;
}

/* Which of the sockets it is stays open, and so does the socket of the verdict. */
static void answer_process(const struct question *question, struct answer *answer,
                           const struct contenders *contenders, enum corr_rule rule)
{
    enum corr_confidence confidence = weaker(CORR_STRONG, limit_of(question, rule));
    for (uint32_t i = 0; i < contenders->count; i++) {
        confidence = weaker(confidence, worth_of_owner(row_of(question, contenders->rows[i])));
    }
    begin_answer(question, answer, rule, CORR_OWNED);
    answer->verdict.process = row_of(question, contenders->rows[0])->process;
    answer->verdict.confidence = confidence & 3u;
}

bool answer_rows(const struct question *question, struct answer *answer,
                 const struct contenders *contenders, enum corr_rule rule,
                 enum corr_no_owner reason)
{
    if (contenders->count == 0) {
        return false;
    }
    if (contenders->count == 1 && !contenders->is_cut) {
        return answer_row(question, answer, contenders->rows[0], rule, CORR_STRONG);
    }
    uint32_t process = row_of(question, contenders->rows[0])->process;
    bool is_same = !contenders->is_cut;
    bool is_named = false;
    for (uint32_t i = 0; i < contenders->count; i++) {
        const struct corr_socket *row = row_of(question, contenders->rows[i]);
        is_same = is_same && has_owner(row) && row->process == process;
        is_named = is_named || row->process != CORR_NO_ROW;
    }
    if (is_same) {
        answer_process(question, answer, contenders, rule);
        return true;
    }
    begin_answer(question, answer, CORR_RULE_SEVERAL, is_named ? reason : CORR_UNKNOWN);
    answer->contenders = *contenders;
    return true;
}

/* ---- ends ---- */

bool is_any_endpoint(const struct corr_endpoint *endpoint)
{
    static const uint8_t any[16] = {0};
    return memcmp(endpoint->bytes, any, endpoint->size) == 0;
}

enum binding binding_of(const struct corr_endpoint *bound, const struct corr_endpoint *local)
{
    if (bound->size == 0) {
        return BOUND_TO_UNKNOWN;
    }
    if (!is_any_endpoint(bound)) {
        return corr_endpoint_same_address(bound, local) ? BOUND_EXACTLY : BOUND_ELSEWHERE;
    }
    if (bound->size == local->size) {
        return BOUND_TO_ANY;
    }
    return bound->is_dual && bound->size == 16 ? BOUND_TO_BOTH : BOUND_ELSEWHERE;
}

/* ---- contenders ---- */

void contenders_add(struct contenders *contenders, uint32_t row)
{
    if (contenders->count == CONTENDERS_MAXIMUM) {
        contenders->is_cut = true;
        return;
    }
    contenders->rows[contenders->count++] = row;
}

/* Times of a trace may be anything: sums end at the ends. */
static int64_t time_add(int64_t time, int64_t by)
{
    if (by > 0) {
        return time > CORR_NEVER - by ? CORR_NEVER : time + by;
    }
    return time < CORR_ALWAYS - by ? CORR_ALWAYS : time + by;
}

/* A socket that is bound to an address of this machine gets groups and broadcasts too. */
static bool may_have(const struct question *question, const struct corr_endpoint *bound)
{
    bool is_for_many = question->is_inbound && question->packet->cast != CORR_UNICAST;
    if (is_for_many && bound->size == question->local->size) {
        return true;
    }
    return binding_of(bound, question->local) != BOUND_ELSEWHERE;
}

void contenders_of_span(const struct question *question, struct socket_span span, int64_t early,
                        int64_t late, struct contenders *contenders)
{
    contenders->count = 0;
    contenders->is_cut = false;
    if (socket_span_is_empty(span)) {
        return;
    }
    struct socket_walk walk = socket_walk_begin(
        question->index, span, time_add(question->time, -late), time_add(question->time, early));
    /* Rows bound elsewhere cost a step each; past this many the packet is undecided. */
    uint32_t steps = 4 * CONTENDERS_MAXIMUM;
    uint32_t row = socket_walk_next(question->index, &walk);
    while (row != CORR_NO_ROW && !contenders->is_cut) {
        if (may_have(question, &row_of(question, row)->local)) {
            contenders_add(contenders, row);
        }
        contenders->is_cut = contenders->is_cut || --steps == 0;
        row = socket_walk_next(question->index, &walk);
    }
}

void contenders_keep_exact(const struct question *question, struct contenders *contenders)
{
    enum binding best = BOUND_ELSEWHERE;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < contenders->count; i++) {
        uint32_t row = contenders->rows[i];
        enum binding binding = binding_of(&row_of(question, row)->local, question->local);
        kept = binding > best ? 0 : kept;
        best = binding > best ? binding : best;
        if (binding == best) {
            contenders->rows[kept++] = row;
        }
    }
    contenders->count = kept;
}

static bool has_flow(const struct question *question, uint32_t row)
{
    const struct attribution_view *view = question->view;
    return corr_endpoint_equal(&row_of(question, row)->remote, question->remote) ||
           view->has_flow(view->context, row, question->remote);
}

bool contenders_keep_flow(const struct question *question, struct contenders *contenders)
{
    uint32_t rows[CONTENDERS_MAXIMUM];
    uint32_t kept = 0;
    for (uint32_t i = 0; i < contenders->count; i++) {
        if (has_flow(question, contenders->rows[i])) {
            rows[kept++] = contenders->rows[i];
        }
    }
    if (kept > 0) {
        memcpy(contenders->rows, rows, kept * sizeof(rows[0]));
        contenders->count = kept;
    }
    return kept > 0;
}

/* ---- packets ---- */

bool is_endpoint_missing(const struct question *question)
{
    const struct attribution_view *view = question->view;
    return view->is_missing(view->context, question->packet->protocol, question->local,
                            question->remote, question->time);
}

bool is_rst(const struct packet_facts *packet)
{
    return packet->has_flags && (packet->tcp_flags & CORR_TCP_RST) != 0;
}

static bool has_syn_and(const struct packet_facts *packet, uint8_t other)
{
    const uint8_t both = CORR_TCP_SYN | CORR_TCP_ACK;
    return packet->has_flags && (packet->tcp_flags & both) == (CORR_TCP_SYN | other);
}

bool is_syn(const struct packet_facts *packet)
{
    return has_syn_and(packet, 0);
}

bool is_syn_ack(const struct packet_facts *packet)
{
    return has_syn_and(packet, CORR_TCP_ACK);
}
