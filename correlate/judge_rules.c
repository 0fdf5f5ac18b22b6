/* SPDX-License-Identifier: MIT */
/*
 * judge_rules.c - the table of rules, and those that say how a connection ended. To add
 * one: a name in enum corr_judgement_rule with its numbers, a row below in the same
 * place, its sentence in pcapout/judgement_text.c.
 */
#include "correlate/judge_rules.h"

#include <string.h>

/* [documented: ntstatus.h] */
#define STATUS_TIMEOUT              0x00000102u
#define STATUS_IO_TIMEOUT           0xC00000B5u
#define STATUS_REMOTE_NOT_LISTENING 0xC00000BCu
#define STATUS_CONNECTION_RESET     0xC000020Du
#define STATUS_CONNECTION_REFUSED   0xC0000236u

/* The first SYN is repeated after 1 to 3 s: who waited less may still get an answer. */
#define FIRST_WAIT (3 * JUDGE_SECOND)
/* A FIN is answered after what the application still has to do; this is long for it. */
#define CLOSE_WAIT (10 * JUDGE_SECOND)

/* ---- what several rules ask ---- */

static bool is_connection(const struct judge_case *of)
{
    return of->socket->protocol == 6 &&
           (of->socket->role == CORR_CLIENT || of->socket->role == CORR_SERVER);
}

static bool is_client(const struct judge_case *of)
{
    return judge_has(of->seen, JUDGE_IS_CLIENT) ||
           (of->socket->role == CORR_CLIENT && !judge_has(of->seen, JUDGE_IS_SERVER));
}

static bool was_established(const struct judge_case *of)
{
    const struct judge_observation *o = of->seen;
    return o->established_time != JUDGE_NEVER || judge_has(o, JUDGE_IS_OLDER) ||
           o->fin_time[JUDGE_IN] != JUDGE_NEVER || (of->socket->flags & CORR_SOCKET_OLDER) != 0 ||
           of->socket->bytes_received > 0;
}

static bool is_attempt(const struct judge_case *of)
{
    return is_connection(of) && is_client(of) && !was_established(of);
}

static bool has_both_fins(const struct judge_observation *o)
{
    return o->fin_time[JUDGE_IN] != JUDGE_NEVER && o->fin_time[JUDGE_OUT] != JUDGE_NEVER;
}

static bool is_over(const struct judge_case *of)
{
    return of->socket->closed != CORR_NEVER || judge_has(of->seen, JUDGE_IS_CLOSED);
}

/* What the application got from connect(), else what the stack says. */
static uint32_t status_of(const struct judge_case *of)
{
    const struct judge_observation *o = of->seen;
    if (judge_has(o, JUDGE_HAS_CONNECT_STATUS) && o->connect_status != 0) {
        return o->connect_status;
    }
    return o->status ? o->status : of->socket->status;
}

static int64_t begin_of(const struct judge_case *of)
{
    const struct judge_observation *o = of->seen;
    if (o->syn_time != JUDGE_NEVER) {
        return o->syn_time;
    }
    return of->socket->opened != CORR_ALWAYS ? of->socket->opened : o->established_time;
}

static int64_t connecting(const struct judge_observation *o)
{
    return judge_ticks(o->syn_time != JUDGE_NEVER ? o->syn_time : o->connect_begin,
                       o->established_time);
}

static int64_t last_data(const struct judge_observation *o)
{
    int64_t sent = o->data_time[JUDGE_OUT];
    int64_t received = o->data_time[JUDGE_IN];
    return sent > received ? sent : received;
}

/* Payload of one way: as events say, else as the sequence numbers of its packets do. */
static int64_t payload_of(const struct judge_case *of, unsigned way)
{
    const struct judge_observation *o = of->seen;
    const uint32_t known = (uint32_t)(JUDGE_HAS_FIRST_OUT | JUDGE_HAS_NEXT_OUT) << way;
    if (of->socket->bytes_from != CORR_BYTES_NONE) {
        return (int64_t)(way == JUDGE_OUT ? of->socket->bytes_sent : of->socket->bytes_received);
    }
    if (!judge_has(o, known)) {
        return -1;
    }
    uint32_t flags = 1u + (o->fin_time[way] != JUDGE_NEVER);
    uint32_t numbers = o->next[way] - o->first[way];
    return numbers > flags ? (int64_t)numbers - flags : 0;
}

static int64_t state_at_end(const struct judge_observation *o)
{
    uint8_t state = o->state == CORR_CLOSED ? o->last_state : o->state;
    return state == CORR_STATE_COUNT ? -1 : state;
}

/* The clean ends come before a reset or abort that only throws away what is left. */
static bool is_after_both_fins(const struct judge_observation *o, int64_t time)
{
    return has_both_fins(o) && o->fin_time[JUDGE_IN] <= time && o->fin_time[JUDGE_OUT] <= time;
}

/* ---- attempts ---- */

static void fill_waits(const struct judge_observation *o, int64_t given_up, int64_t *waits)
{
    unsigned gaps = o->syn_count > 0 ? o->syn_count - 1u : 0;
    if (o->syn_count == 0 || gaps > JUDGE_GAPS || given_up == JUDGE_NEVER ||
        given_up < o->syn_last_time) {
        return;
    }
    for (unsigned i = 0; i < gaps; i++) {
        waits[i] = o->syn_gaps[i];
    }
    waits[gaps] = judge_ticks(o->syn_last_time, given_up);
}

static bool connect_timeout(const struct judge_case *of, struct corr_judgement *out)
{
    const struct judge_observation *o = of->seen;
    uint32_t status = status_of(of);
    bool is_said = judge_has(o, JUDGE_TIMED_OUT) || status == STATUS_IO_TIMEOUT ||
                   status == STATUS_TIMEOUT || of->socket->cause == CORR_CAUSE_TIMEOUT;
    bool is_silent = o->syn_count > 0 && o->answer_count == 0 && !is_over(of) &&
                     judge_ticks(o->syn_time, of->end) >= FIRST_WAIT &&
                     !judge_is_any(o, JUDGE_REFUSED | JUDGE_FAILED | JUDGE_ABORTED);
    if (!is_attempt(of) || judge_has(o, JUDGE_RESET_IN) || (!is_said && !is_silent)) {
        return false;
    }
    int64_t given_up = o->failed_time != JUDGE_NEVER ? o->failed_time : o->connect_end;
    out->time = given_up != JUDGE_NEVER ? given_up : of->end;
    out->frame = o->syn_frame;
    out->offset = o->failed_offset;
    out->status = status;
    out->numbers[0] = o->syn_count;
    out->numbers[1] = judge_ticks(begin_of(of), given_up);
    out->numbers[2] = judge_ticks(o->connect_begin, o->connect_end);
    fill_waits(o, given_up, &out->numbers[3]);
    return true;
}

static bool refused_by_peer(const struct judge_case *of, struct corr_judgement *out)
{
    const struct judge_observation *o = of->seen;
    uint32_t status = status_of(of);
    bool is_said = judge_is_any(o, JUDGE_REFUSED | JUDGE_RESET_IN) ||
                   status == STATUS_CONNECTION_REFUSED || status == STATUS_CONNECTION_RESET ||
                   status == STATUS_REMOTE_NOT_LISTENING;
    if (!is_attempt(of) || !is_said) {
        return false;
    }
    out->time = o->reset_time != JUDGE_NEVER ? o->reset_time : o->failed_time;
    out->frame = o->reset_frame;
    out->offset = o->failed_offset;
    out->status = status;
    out->numbers[0] = o->syn_count;
    out->numbers[1] = o->reset_frame ? judge_ticks(o->syn_last_time, o->reset_time) : -1;
    out->numbers[2] = judge_ticks(o->connect_begin, o->connect_end);
    return true;
}

static bool port_exhaustion(const struct judge_case *of, struct corr_judgement *out)
{
    const struct judge_observation *o = of->seen;
    out->time = o->connect_end != JUDGE_NEVER ? o->connect_end : o->failed_time;
    out->offset = o->failed_offset;
    out->status = o->status;
    return judge_has(o, JUDGE_NO_PORT) && !was_established(of);
}

static bool connect_failed(const struct judge_case *of, struct corr_judgement *out)
{
    const struct judge_observation *o = of->seen;
    bool has_failed = judge_has(o, JUDGE_FAILED) ||
                      (judge_has(o, JUDGE_HAS_CONNECT_STATUS) && o->connect_status != 0);
    out->time = o->connect_end != JUDGE_NEVER ? o->connect_end : o->failed_time;
    out->frame = o->syn_frame;
    out->offset = o->failed_offset;
    out->status = status_of(of);
    out->numbers[0] = o->syn_count;
    out->numbers[1] = judge_ticks(o->connect_begin, o->connect_end);
    return is_attempt(of) && has_failed;
}

/* ---- what comes ---- */

static bool no_listener(const struct judge_case *of, struct corr_judgement *out)
{
    const struct judge_observation *o = of->seen;
    bool is_answered = o->answer_count > 0 || was_established(of);
    out->time = o->reset_time;
    out->frame = o->reset_frame;
    out->numbers[0] = o->syn_count;
    out->numbers[1] = judge_ticks(o->syn_last_time, o->reset_time);
    out->numbers[2] = of->is_missing;
    return of->is_orphan && judge_has(o, JUDGE_IS_SERVER | JUDGE_RESET_OUT) && !is_answered;
}

static bool backlog_full(const struct judge_case *of, struct corr_judgement *out)
{
    const struct judge_observation *o = of->seen;
    out->time = o->failed_time;
    out->frame = o->syn_frame;
    out->offset = o->failed_offset;
    out->status = o->status;
    out->numbers[0] = judge_ticks(o->syn_time, o->failed_time);
    return judge_has(o, JUDGE_REJECTED);
}

/* ---- resets and aborts ---- */

static int64_t mac_number(const uint8_t mac[6])
{
    int64_t number = 0;
    for (int i = 0; i < 6; i++) {
        number = number << 8 | mac[i];
    }
    return number;
}

static bool is_reset(const struct judge_case *of)
{
    const struct judge_observation *o = of->seen;
    bool is_said = judge_has(o, JUDGE_RESET_IN) || of->socket->cause == CORR_CAUSE_PEER_RESET;
    return is_connection(of) && is_said && !judge_is_any(o, JUDGE_TIMED_OUT) &&
           !is_after_both_fins(o, o->reset_time);
}

static bool foreign_reset(const struct judge_case *of, struct corr_judgement *out)
{
    const struct judge_observation *o = of->seen;
    const unsigned enough = CORR_DOUBT_HOP_LIMIT | CORR_DOUBT_MAC | CORR_DOUBT_TOO_FAST;
    out->time = o->reset_time;
    out->frame = o->reset_frame;
    out->offset = o->failed_offset;
    out->status = status_of(of);
    out->numbers[0] = o->doubts;
    out->numbers[1] = o->reset_hop;
    out->numbers[2] = o->hop_minimum;
    out->numbers[3] = o->hop_maximum;
    out->numbers[4] = mac_number(o->reset_mac);
    out->numbers[5] = mac_number(o->mac);
    out->numbers[6] = state_at_end(o);
    out->numbers[7] = judge_ticks(o->any_time[JUDGE_OUT], o->reset_time);
    return is_reset(of) && (o->doubts & enough) != 0;
}

/* Who has closed before may be reset for what still comes: nothing is lost by that. */
static bool reset_by_peer(const struct judge_case *of, struct corr_judgement *out)
{
    const struct judge_observation *o = of->seen;
    int64_t time = o->reset_time != JUDGE_NEVER ? o->reset_time : of->socket->closed;
    bool had_closed = o->fin_time[JUDGE_OUT] != JUDGE_NEVER && o->fin_time[JUDGE_OUT] <= time;
    out->time = time;
    out->frame = o->reset_frame;
    out->offset = o->failed_offset;
    out->status = status_of(of);
    out->is_trouble = !had_closed;
    out->numbers[0] = state_at_end(o);
    out->numbers[1] = judge_ticks(begin_of(of), time);
    out->numbers[2] = judge_ticks(last_data(o), time);
    out->numbers[3] = had_closed;
    return is_reset(of);
}

static bool local_abort(const struct judge_case *of, struct corr_judgement *out)
{
    const struct judge_observation *o = of->seen;
    bool is_said = judge_is_any(o, JUDGE_ABORTED | JUDGE_RESET_OUT);
    int64_t time = judge_has(o, JUDGE_RESET_OUT) ? o->reset_time : o->failed_time;
    out->time = time;
    out->frame = o->reset_frame;
    out->offset = o->failed_offset;
    out->status = status_of(of);
    out->numbers[0] = judge_has(o, JUDGE_HAS_ABORT_REASON) ? o->abort_reason : -1;
    out->numbers[1] = judge_ticks(begin_of(of), time);
    out->numbers[2] = o->unread;
    return is_connection(of) && is_said && !judge_has(o, JUDGE_TIMED_OUT) &&
           !is_after_both_fins(o, time);
}

/* ---- timeouts ---- */

static bool keep_alive_timeout(const struct judge_case *of, struct corr_judgement *out)
{
    const struct judge_observation *o = of->seen;
    out->time = o->failed_time;
    out->offset = o->failed_offset;
    out->status = status_of(of);
    out->numbers[0] = judge_ticks(begin_of(of), o->failed_time);
    out->numbers[1] = judge_ticks(o->any_time[JUDGE_IN], o->failed_time);
    return judge_has(o, JUDGE_TIMED_OUT) && o->timer == ETW_TIMER_KEEP_ALIVE;
}

static bool retransmit_timeout(const struct judge_case *of, struct corr_judgement *out)
{
    const struct judge_observation *o = of->seen;
    bool is_said = judge_has(o, JUDGE_TIMED_OUT) || of->socket->cause == CORR_CAUSE_TIMEOUT;
    int64_t time = o->failed_time != JUDGE_NEVER ? o->failed_time : of->socket->closed;
    out->time = time;
    out->offset = o->failed_offset;
    out->status = status_of(of);
    out->numbers[0] = of->trouble ? of->trouble->retransmits[JUDGE_OUT] : 0;
    out->numbers[1] = judge_ticks(o->any_time[JUDGE_IN], time);
    out->numbers[2] = o->timer;
    return is_connection(of) && is_said && !has_both_fins(o) && o->timer != ETW_TIMER_DISCONNECT;
}

/* ---- halves ---- */

static bool half_open(const struct judge_case *of, struct corr_judgement *out)
{
    const struct judge_observation *o = of->seen;
    int64_t waited = judge_ticks(o->syn_time, of->socket->closed != CORR_NEVER && !of->is_orphan
                                                  ? of->socket->closed
                                                  : of->end);
    out->time = o->syn_time;
    out->frame = o->syn_frame;
    out->is_trouble = !of->is_orphan || o->answer_count > 0;
    out->numbers[0] = o->answer_count;
    out->numbers[1] = waited;
    return is_connection(of) && judge_has(o, JUDGE_IS_SERVER) && !was_established(of) &&
           waited >= FIRST_WAIT;
}

static bool one_sided_close(const struct judge_case *of, struct corr_judgement *out)
{
    const struct judge_observation *o = of->seen;
    int64_t ours = o->fin_time[JUDGE_OUT];
    int64_t theirs = o->fin_time[JUDGE_IN];
    bool is_ours = ours != JUDGE_NEVER;
    int64_t since = judge_ticks(is_ours ? ours : theirs, of->end);
    bool is_given_up = judge_has(o, JUDGE_TIMED_OUT) && o->timer == ETW_TIMER_DISCONNECT;
    /* who has let go of the socket, and logs no states, does not see the peer's FIN */
    bool can_tell =
        is_ours ? of->socket->closed == CORR_NEVER || o->state != CORR_STATE_COUNT : !is_over(of);
    out->time = is_ours ? ours : theirs;
    out->numbers[0] = is_ours;
    out->numbers[1] = is_given_up ? judge_ticks(out->time, o->failed_time) : since;
    out->numbers[2] = is_given_up;
    return is_connection(of) && is_ours != (theirs != JUDGE_NEVER) &&
           (is_given_up || since >= CLOSE_WAIT) && can_tell;
}

/* ---- the rest ---- */

static bool clean_close(const struct judge_case *of, struct corr_judgement *out)
{
    const struct judge_observation *o = of->seen;
    int64_t ours = o->fin_time[JUDGE_OUT];
    int64_t theirs = o->fin_time[JUDGE_IN];
    bool is_ours = ours != JUDGE_NEVER && (theirs == JUDGE_NEVER || ours <= theirs);
    bool is_known = ours != JUDGE_NEVER || theirs != JUDGE_NEVER;
    int64_t first = is_ours ? ours : theirs;
    uint8_t cause = of->socket->cause;
    if (!is_known && (cause == CORR_CAUSE_LOCAL_CLOSE || cause == CORR_CAUSE_PEER_CLOSE)) {
        is_ours = cause == CORR_CAUSE_LOCAL_CLOSE;
        is_known = true;
        first = of->socket->closed;
    }
    int64_t last = has_both_fins(o) ? (is_ours ? theirs : ours) : of->socket->closed;
    out->time = last == CORR_NEVER ? of->end : last;
    out->is_trouble = false;
    out->numbers[0] = is_known ? is_ours : -1;
    out->numbers[1] = connecting(o);
    out->numbers[2] = payload_of(of, JUDGE_OUT);
    out->numbers[3] = payload_of(of, JUDGE_IN);
    out->numbers[4] = is_known && last_data(o) <= first ? judge_ticks(last_data(o), first) : -1;
    out->numbers[5] = judge_ticks(begin_of(of), out->time);
    return is_connection(of) && (has_both_fins(o) || is_over(of)) && was_established(of);
}

static bool still_open(const struct judge_case *of, struct corr_judgement *out)
{
    const struct judge_observation *o = of->seen;
    out->time = of->end;
    out->is_trouble = false;
    out->numbers[0] = (of->socket->flags & CORR_SOCKET_OLDER) || judge_has(o, JUDGE_IS_OLDER)
                          ? -1
                          : judge_ticks(begin_of(of), of->end);
    out->numbers[1] = judge_ticks(last_data(o), of->end);
    out->numbers[2] = connecting(o);
    out->numbers[3] = payload_of(of, JUDGE_OUT);
    out->numbers[4] = payload_of(of, JUDGE_IN);
    return is_connection(of) && !is_over(of) && !has_both_fins(o);
}

/* ---- the table ---- */

/* clang-format off */
#define ROW(rule, severity, name, applies) [rule] = {rule, severity, name, applies}

const struct judge_rule_row judge_rules[CORR_JUDGE_COUNT] = {
    ROW(CORR_JUDGE_CONNECT_TIMEOUT, JUDGE_LOST, "connect-timeout", connect_timeout),
    ROW(CORR_JUDGE_REFUSED_BY_PEER, JUDGE_LOST, "refused-by-peer", refused_by_peer),
    ROW(CORR_JUDGE_PORT_EXHAUSTION, JUDGE_LOST, "port-exhaustion", port_exhaustion),
    ROW(CORR_JUDGE_CONNECT_FAILED, JUDGE_LOST, "connect-failed", connect_failed),
    ROW(CORR_JUDGE_NO_LISTENER, JUDGE_LOST, "no-listener", no_listener),
    ROW(CORR_JUDGE_BACKLOG_FULL, JUDGE_LOST, "backlog-full", backlog_full),
    ROW(CORR_JUDGE_FOREIGN_RESET, JUDGE_LOST, "foreign-reset", foreign_reset),
    ROW(CORR_JUDGE_RESET_BY_PEER, JUDGE_LOST, "reset-by-peer", reset_by_peer),
    ROW(CORR_JUDGE_LOCAL_ABORT, JUDGE_LOST, "local-abort", local_abort),
    ROW(CORR_JUDGE_KEEP_ALIVE_TIMEOUT, JUDGE_LOST, "keep-alive-timeout", keep_alive_timeout),
    ROW(CORR_JUDGE_RETRANSMIT_TIMEOUT, JUDGE_LOST, "retransmit-timeout", retransmit_timeout),
    ROW(CORR_JUDGE_HALF_OPEN, JUDGE_LOST, "half-open", half_open),
    ROW(CORR_JUDGE_ONE_SIDED_CLOSE, JUDGE_SLOW, "one-sided-close", one_sided_close),
    ROW(CORR_JUDGE_CLEAN_CLOSE, JUDGE_NOTHING, "clean-close", clean_close),
    ROW(CORR_JUDGE_STILL_OPEN, JUDGE_NOTHING, "still-open", still_open),
    ROW(CORR_JUDGE_DROPPED_HERE, JUDGE_SLOW, "dropped-here", judge_dropped_here),
    ROW(CORR_JUDGE_SLOW_RECEIVER, JUDGE_SLOW, "slow-receiver", judge_slow_receiver),
    ROW(CORR_JUDGE_ZERO_WINDOW, JUDGE_SLOW, "zero-window", judge_zero_window),
    ROW(CORR_JUDGE_RETRANSMISSIONS, JUDGE_AGAIN, "retransmissions", judge_retransmissions),
    ROW(CORR_JUDGE_DELAYED_ACK, JUDGE_SLOW, "delayed-ack", judge_delayed_ack),
    ROW(CORR_JUDGE_SILENCE, JUDGE_SLOW, "silence", judge_silence),
    ROW(CORR_JUDGE_BAD_CHECKSUMS, JUDGE_SLOW, "bad-checksums", judge_checksums_bad),
    ROW(CORR_JUDGE_OFFLOADED_CHECKSUMS, JUDGE_NOTHING, "offloaded-checksums",
        judge_checksums_offloaded),
    ROW(CORR_JUDGE_OFFLOADED_SEGMENTATION, JUDGE_NOTHING, "offloaded-segmentation",
        judge_segmentation),
    ROW(CORR_JUDGE_LADDER, JUDGE_NOTHING, "ladder", judge_ladder),
};
/* clang-format on */
