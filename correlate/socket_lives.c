/* SPDX-License-Identifier: MIT */
/*
 * socket_lives.c - how long a connection lived, where its events do not say it all.
 *
 * Some traces hold no sequence numbers (Winsock, kernel events or a rundown alone), and
 * then nothing in a packet tells one use of two ends from the next. But a SYN begins a
 * use, and packets show it: a row without numbers lives from the last begin before its
 * first event to the next begin after its last one.
 */
#include "correlate/connection_begins.h"
#include "correlate/socket_rows.h"

#define TICKS_A_SECOND INT64_C(10000000)

/* A closed connection may still send and get segments for this long (TIME_WAIT: twice
 * the maximum segment lifetime of RFC 9293). */
#define LINGER_MAXIMUM 240

/* Kernel events and accepts come when the handshake is over, which took this long at
 * most: Windows gives up after 21 s. */
#define HANDSHAKE_MAXIMUM (30 * TICKS_A_SECOND)

/* A connect is logged before its SYN, by less than this. */
#define CALL_MAXIMUM (1 * TICKS_A_SECOND)

/* What is near the events that are left is still believed. */
#define LOSS_GRACE (TICKS_A_SECOND / 5)

static bool is_bounded_by_packets(const struct socket_row *row, bool has_loss)
{
    const struct corr_socket *shown = &row->shown;
    bool is_connection = shown->role == CORR_CLIENT || shown->role == CORR_SERVER;
    bool has_numbers =
        (shown->flags & (CORR_SOCKET_LOCAL_SEQUENCE | CORR_SOCKET_REMOTE_SEQUENCE)) != 0;
    return is_connection && (!has_numbers || has_loss) && row->merged_into == CORR_NO_ROW &&
           shown->local.port != 0 && shown->remote.size > 0;
}

/* The begin that the first event of the row followed. */
static void bound_begin(struct socket_row *row, const struct connection_begins *begins)
{
    struct corr_socket *shown = &row->shown;
    bool is_older = shown->opened == CORR_ALWAYS;
    bool is_logged_late =
        shown->role == CORR_SERVER || (shown->handle == 0 && shown->application == 0);
    int64_t time = 0;
    int64_t from = is_older ? CORR_ALWAYS : corr_time_shift(row->first_seen, -HANDSHAKE_MAXIMUM);
    if ((is_older || is_logged_late) &&
        connection_begins_last(begins, shown->local.port, &shown->remote, from, row->first_seen,
                               &time)) {
        shown->opened = time;
    }
    if (shown->opened != CORR_ALWAYS) {
        shown->flags |= CORR_SOCKET_EXACT;
    }
}

/* A begin in the middle of its events: those of two connections were taken for one, because what
 * lay between them is lost. Whose they are cannot be told. */
static bool is_mixed(const struct socket_row *row, const struct connection_begins *begins)
{
    const struct corr_socket *shown = &row->shown;
    int64_t time = 0;
    int64_t last = corr_time_shift(row->last_seen, CALL_MAXIMUM); /* a connect precedes its SYN */
    return connection_begins_first(begins, shown->local.port, &shown->remote,
                                   row->first_seen + CALL_MAXIMUM, last, &time);
}

static void disown(struct socket_row *row)
{
    row->shown.flags |= CORR_SOCKET_CONTRADICTED;
    row->owner = (struct socket_owner){.pid = 0};
}

/* The begin of the next use of its ends ends it. */
static void bound_end(struct socket_row *row, const struct connection_begins *begins)
{
    struct corr_socket *shown = &row->shown;
    int64_t last = row->last_seen;
    int64_t next = 0;
    if (shown->opened != CORR_ALWAYS && shown->opened + CALL_MAXIMUM > last) {
        last = shown->opened + CALL_MAXIMUM; /* its own SYN may come behind its only event */
    }
    if (last == CORR_NEVER || !connection_begins_first(begins, shown->local.port, &shown->remote,
                                                       last + 1, CORR_NEVER, &next)) {
        return;
    }
    if (shown->closed >= next) {
        shown->closed = next - 1;
        shown->lingers = 0;
        if (shown->cause == CORR_CAUSE_OPEN) {
            shown->cause = CORR_CAUSE_UNKNOWN;
        }
        return;
    }
    int64_t seconds = (next - 1 - shown->closed) / TICKS_A_SECOND;
    shown->lingers = (uint8_t)(seconds < LINGER_MAXIMUM ? seconds : LINGER_MAXIMUM);
}

/* Where events are lost, a datagram socket whose close was not seen may be gone: it is known to
 * have lived only as long as events tell of it. */
static void bound_datagrams(struct socket_row *row)
{
    struct corr_socket *shown = &row->shown;
    if (shown->role != CORR_DATAGRAM && shown->role != CORR_RAW) {
        return;
    }
    if (shown->opened == CORR_ALWAYS || (shown->flags & CORR_SOCKET_OLDER) != 0) {
        shown->opened = corr_time_shift(row->first_seen, -LOSS_GRACE);
    }
    shown->flags |= CORR_SOCKET_EXACT;
    if (shown->closed == CORR_NEVER) {
        shown->closed = corr_time_shift(row->last_seen, LOSS_GRACE);
        shown->cause = CORR_CAUSE_UNKNOWN;
    }
}

void socket_table_bound_lives(struct socket_table *table, const struct connection_begins *begins,
                              bool has_loss)
{
    for (size_t i = 0; i < table->count; i++) {
        struct socket_row *row = &table->rows[i];
        row->shown.lingers = LINGER_MAXIMUM;
        if (has_loss) {
            bound_datagrams(row);
        }
        if (is_bounded_by_packets(row, has_loss)) {
            bound_begin(row, begins);
            bound_end(row, begins);
        }
        if (has_loss && is_bounded_by_packets(row, has_loss) && is_mixed(row, begins)) {
            disown(row);
        }
    }
}
