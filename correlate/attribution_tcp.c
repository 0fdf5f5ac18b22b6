/* SPDX-License-Identifier: MIT */
/*
 * attribution_tcp.c - rules for TCP segments.
 *
 * The same two ends are used again and again, one life after the other. Sequence numbers
 * tell the lives apart; where they cannot, time rules out what cannot be meant, and what
 * then is left of different processes is a tie.
 */
#include "correlate/tcp_fit.h"

/* Events of a connection may begin this long after its first packets: the handshake is
 * only logged when it is complete, the accept only when the application asks. */
#define EARLY_MAXIMUM (3 * TICKS_A_SECOND)

/* The stack tells of a SYN that it takes within this. */
#define SYN_NOTED (20 * TICKS_A_MILLISECOND)

#define LIVES_MAXIMUM 32

enum when { WHEN_BEFORE, WHEN_DURING, WHEN_AFTER, WHEN_LONG_AFTER, WHEN_NEVER };

struct life {
    uint32_t row;
    enum when when;
    struct tcp_fit fit;
    bool is_followed; /* another life began since */
};

struct lives {
    struct life rows[LIVES_MAXIMUM];
    uint32_t count;
    bool has_current; /* one is open now */
    bool has_begun;   /* one is, or was */
};

/* ---- which lives there are ---- */

static uint64_t time_between(int64_t from, int64_t to)
{
    return (uint64_t)to - (uint64_t)from;
}

static enum when when_is(const struct corr_socket *row, int64_t time)
{
    if (time < row->opened) {
        if (row->flags & CORR_SOCKET_EXACT) {
            return WHEN_NEVER;
        }
        bool is_early =
            time_between(time, row->opened) <= EARLY_MAXIMUM || socket_earliest(row) == CORR_ALWAYS;
        return is_early ? WHEN_BEFORE : WHEN_NEVER;
    }
    uint64_t late = time_between(row->closed, time);
    if (time <= row->closed || (late <= SLACK && row->lingers > 0)) {
        return WHEN_DURING;
    }
    return late <= (uint64_t)row->lingers * TICKS_A_SECOND ? WHEN_AFTER : WHEN_LONG_AFTER;
}

static void lives_add(const struct question *question, uint32_t row, struct lives *lives)
{
    struct life life = {.row = row,
                        .when = when_is(row_of(question, row), question->time),
                        .fit = tcp_fit(row_of(question, row), question),
                        .is_followed = lives->has_begun};
    lives->has_begun |= life.when != WHEN_BEFORE && life.when != WHEN_NEVER;
    if (life.when != WHEN_NEVER && !life.fit.is_contradiction) {
        lives->has_current |= life.when == WHEN_DURING;
        lives->rows[lives->count++] = life;
    }
}

/* The last one first. */
static void lives_collect(const struct question *question, struct socket_span span,
                          struct lives *lives)
{
    lives->count = 0;
    lives->has_current = false;
    lives->has_begun = false;
    if (span.end - span.first == 1) {
        lives_add(question, socket_span_row(question->index, span), lives);
        return;
    }
    int64_t latest =
        question->time > CORR_NEVER - EARLY_MAXIMUM ? CORR_NEVER : question->time + EARLY_MAXIMUM;
    struct socket_walk walk = socket_walk_begin(question->index, span, CORR_ALWAYS, latest);
    for (int i = 0; i < LIVES_MAXIMUM; i++) {
        uint32_t row = socket_walk_next(question->index, &walk);
        if (row == CORR_NO_ROW) {
            return;
        }
        lives_add(question, row, lives);
    }
}

/* ---- which of them cannot be meant ---- */

static bool is_syn_noted(const struct question *question, const struct life *life)
{
    return time_between(question->time, row_of(question, life->row)->opened) <= SYN_NOTED;
}

/* A SYN begins a life and never belongs to one that has ended. The stack logs a SYN that
 * it takes at once; one that it did not take belongs to a life that begins later, by a
 * repeated SYN, unless the stack said that nobody listened yet. */
static bool is_possible_for_syn(const struct question *question, const struct lives *lives,
                                const struct life *life)
{
    if (life->when == WHEN_DURING) {
        return true;
    }
    if (life->when != WHEN_BEFORE || lives->has_current) {
        return false;
    }
    return is_syn_noted(question, life) || !is_endpoint_missing(question);
}

static bool is_possible(const struct question *question, const struct lives *lives,
                        const struct life *life)
{
    bool is_told = life->fit.score > 0;
    switch (life->when) {
    case WHEN_BEFORE:
        return is_told || !lives->has_current;
    case WHEN_DURING:
        return true;
    case WHEN_AFTER:
        /* What is closed sends no more than resets when its ends are used again. */
        return is_told || !life->is_followed || question->is_inbound || is_rst(question->packet);
    case WHEN_LONG_AFTER:
        return life->fit.is_proven && !life->fit.is_far;
    default:
        return false;
    }
}

static void lives_keep_possible(const struct question *question, struct lives *lives)
{
    bool is_begin = is_syn(question->packet);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < lives->count; i++) {
        const struct life *life = &lives->rows[i];
        if (!(is_begin ? is_possible_for_syn : is_possible)(question, lives, life)) {
            continue;
        }
        /* They come the last one first: of two that begin later the nearer one counts. */
        if (is_begin && kept > 0 && life->when == WHEN_BEFORE) {
            kept = 0;
        }
        lives->rows[kept++] = *life;
    }
    lives->count = kept;
}

/* ---- which is meant ---- */

static void lives_keep_best(struct lives *lives)
{
    uint8_t best = 0;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < lives->count; i++) {
        struct life life = lives->rows[i];
        kept = life.fit.score > best ? 0 : kept;
        best = life.fit.score > best ? life.fit.score : best;
        if (life.fit.score == best) {
            lives->rows[kept++] = life;
        }
    }
    lives->count = kept;
}

static bool answer_life(const struct question *question, struct answer *answer,
                        const struct lives *lives)
{
    const struct life *life = &lives->rows[0];
    bool is_late = life->when == WHEN_AFTER || life->when == WHEN_LONG_AFTER;
    if (is_late && life->is_followed && life->fit.score == 0) {
        return false; /* time alone would decide */
    }
    if (!life->fit.is_proven || (is_late && life->fit.is_far)) {
        return answer_row(question, answer, life->row, CORR_RULE_TUPLE, CORR_STRONG);
    }
    /* A SYN is repeated: one that the stack did not take may have begun another attempt. */
    bool is_untaken =
        is_syn(question->packet) && life->when == WHEN_BEFORE && !is_syn_noted(question, life);
    bool is_sure = !is_untaken && life->when != WHEN_LONG_AFTER;
    return answer_row(question, answer, life->row, CORR_RULE_SEQUENCE,
                      is_sure ? CORR_CERTAIN : CORR_STRONG);
}

static bool decide_lives(const struct question *question, struct answer *answer,
                         struct socket_span span)
{
    if (socket_span_is_empty(span)) {
        return false;
    }
    struct lives lives;
    lives_collect(question, span, &lives);
    lives_keep_possible(question, &lives);
    lives_keep_best(&lives);
    if (lives.count == 0) {
        return false;
    }
    if (lives.count == 1) {
        return answer_life(question, answer, &lives);
    }
    struct contenders contenders = {.count = 0};
    for (uint32_t i = 0; i < lives.count; i++) {
        contenders_add(&contenders, lives.rows[i].row);
    }
    return answer_rows(question, answer, &contenders, CORR_RULE_TUPLE, CORR_AMBIGUOUS);
}

/* ---- rules ---- */

bool tcp_rule_lives(const struct question *question, struct answer *answer)
{
    return decide_lives(question, answer, question->lives) ||
           decide_lives(question, answer, question->port_lives);
}

/* A connect comes before its packets, an accept after the handshake. */
static bool is_too_early(const struct question *question, uint32_t row)
{
    const struct corr_socket *socket = row_of(question, row);
    return socket->role == CORR_CLIENT && question->time < socket->opened;
}

/* Connections of which only the remote end is known: of one alone it is likely, unless the
 * events of another may be lost. */
static bool rule_remote_only(const struct question *question, struct answer *answer)
{
    if (!question->packet->has_ports || question->view->options.has_loss) {
        return false;
    }
    struct contenders contenders;
    contenders_of_span(question, socket_index_remote_only(question->index, question->remote),
                       EARLY_MAXIMUM, SLACK, &contenders);
    if (contenders.count != 1 || contenders.is_cut || is_too_early(question, contenders.rows[0]) ||
        tcp_fit(row_of(question, contenders.rows[0]), question).is_contradiction) {
        return false;
    }
    return answer_row(question, answer, contenders.rows[0], CORR_RULE_TUPLE, CORR_LIKELY);
}

static bool rule_endpoint_missing(const struct question *question, struct answer *answer)
{
    return question->is_inbound && question->packet->has_ports && is_endpoint_missing(question) &&
           answer_nobody(question, answer, CORR_RULE_ENDPOINT_MISSING, CORR_NO_ENDPOINT);
}

/* Also when somebody listens: the stack refuses in place of a listener whose backlog is
 * full, and no process of it sent anything. A reset with another number is the stack's
 * own when it said that the endpoint is missing; else it may be of a connection that no
 * event told of. */
static bool rule_stack_reset(const struct question *question, struct answer *answer)
{
    const struct packet_facts *packet = question->packet;
    if (question->is_inbound || !packet->has_ports || !is_rst(packet)) {
        return false;
    }
    bool is_plain = packet->seq == 0 && (packet->tcp_flags & CORR_TCP_ACK) != 0;
    return (is_plain || is_endpoint_missing(question)) &&
           answer_nobody(question, answer, CORR_RULE_STACK_RESET, CORR_NO_ENDPOINT);
}

static void find_listeners(const struct question *question, struct contenders *contenders)
{
    contenders_of_span(question, socket_index_listeners(question->index, question->local->port),
                       SLACK, SLACK, contenders);
    contenders_keep_exact(question, contenders);
}

/* A SYN to a listener and the stack's answer to it, when no event tells of a connection:
 * half open, dropped, or the event is lost. */
static bool rule_listener(const struct question *question, struct answer *answer)
{
    const struct packet_facts *packet = question->packet;
    if (!packet->has_ports || !(question->is_inbound ? is_syn(packet) : is_syn_ack(packet))) {
        return false;
    }
    struct contenders contenders;
    find_listeners(question, &contenders);
    return answer_rows(question, answer, &contenders, CORR_RULE_LISTENER_PORT, CORR_AMBIGUOUS);
}

/* A connection of which no event tells is older than the trace. It was accepted by the
 * listener of its port when that is as old; a listener that came later may be another's. */
static bool rule_older_listener(const struct question *question, struct answer *answer)
{
    const struct packet_facts *packet = question->packet;
    bool is_data = packet->has_ports && packet->has_flags &&
                   (packet->tcp_flags & (CORR_TCP_SYN | CORR_TCP_RST)) == 0;
    if (!is_data || tcp_is_known(question)) {
        return false;
    }
    struct contenders contenders;
    find_listeners(question, &contenders);
    for (uint32_t i = 0; i < contenders.count; i++) {
        if ((row_of(question, contenders.rows[i])->flags & CORR_SOCKET_OLDER) == 0) {
            return false;
        }
    }
    if (!answer_rows(question, answer, &contenders, CORR_RULE_LOCAL_PORT, CORR_AMBIGUOUS)) {
        return false;
    }
    struct corr_verdict *verdict = &answer->verdict;
    verdict->socket = CORR_NO_ROW; /* the listener's process, not the listener */
    if (verdict->confidence > CORR_LIKELY) {
        verdict->confidence = CORR_LIKELY;
    }
    return true;
}

static attribution_rule *const rules[] = {
    tcp_rule_lives,   rule_remote_only, rule_endpoint_missing,
    rule_stack_reset, rule_listener,    rule_older_listener,
};

const struct attribution_rules tcp_rules = {rules, sizeof(rules) / sizeof(rules[0])};
