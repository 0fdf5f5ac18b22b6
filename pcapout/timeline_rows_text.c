/* SPDX-License-Identifier: MIT */
/*
 * timeline_rows_text.c - a timeline as a page that a person would send to a colleague:
 * one line per step with its time, the time since the step before, layer, connection,
 * frame and a phrase; then each connection with its owner and what is judged of it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "etw/base/utc_time.h"
#include "pcapout/day_lines.h"
#include "pcapout/escape.h"
#include "pcapout/judgement_text.h"
#include "pcapout/step_sentences.h"
#include "pcapout/timeline_rows_format.h"
#include "pcapout/wrapped_lines.h"

#define COLOUR_END     "\x1b[0m"
#define COLOUR_TITLE   "\x1b[1m"
#define COLOUR_TROUBLE "\x1b[31m"
#define WIDE           110 /* columns from which the owner has a column of its own */
#define OWNER_WIDTH    24
#define SOCKET_INDENT  5 /* of lines that go on, below a socket */
#define STATES_SHOWN   16

static const char *const layer_colours[] = {
    [CORR_STEP_APP] = "\x1b[32m", [CORR_STEP_STACK] = "\x1b[36m",   [CORR_STEP_WIRE] = "\x1b[33m",
    [CORR_STEP_SMB] = "\x1b[35m", [CORR_STEP_PROCESS] = "\x1b[34m",
};

static bool is_wide(const struct out_timeline_rows *rows)
{
    return rows->options.width <= 0 || rows->options.width >= WIDE;
}

static void add_colour(struct out_timeline_rows *rows, const char *colour)
{
    text_add(&rows->line, rows->options.use_colour ? colour : "");
}

static int bias_of(const struct out_timeline_rows *rows)
{
    return rows->options.use_local_time ? rows->options.bias_minutes : 0;
}

/* ---- one step ---- */

/* "2010-11-16 UTC" before the first step of each day. */
static void add_date(struct out_timeline_rows *rows, int64_t time)
{
    if (out_is_new_day(time, bias_of(rows), &rows->last_day)) {
        add_colour(rows, COLOUR_TITLE);
        out_add_day(&rows->line, time, bias_of(rows));
        add_colour(rows, COLOUR_END);
        text_add_char(&rows->line, '\n');
    }
}

/* Time since the row before: "+0.000008", on narrow terminals "+8us", "+3.003s". */
static void add_delta(struct out_timeline_rows *rows, int64_t time)
{
    int64_t ticks = rows->count > 0 ? time - rows->last_time : 0;
    int64_t microseconds = ticks / 10;
    struct text *to = &rows->line;
    char text[32];
    if (is_wide(rows)) {
        text_add_format(to, " +%" PRId64 ".%06d", microseconds / 1000000,
                        (int)(microseconds % 1000000));
        return;
    }
    if (microseconds < 1000) {
        (void)snprintf(text, sizeof(text), "+%dus", (int)microseconds);
    } else if (microseconds < 1000000) {
        (void)snprintf(text, sizeof(text), "+%d.%dms", (int)(microseconds / 1000),
                       (int)(microseconds / 100 % 10));
    } else {
        (void)snprintf(text, sizeof(text), "+%" PRId64 ".%03ds", microseconds / 1000000,
                       (int)(microseconds / 1000 % 1000));
    }
    text_add_format(to, " %8s", text);
}

static const char *arrow_of(const struct corr_step *step)
{
    if (step->has & CORR_STEP_IS_UNDIRECTED) {
        return "--";
    }
    return step->has & CORR_STEP_IS_INBOUND ? "<-" : "->";
}

/* Returns how many columns it takes. */
static size_t add_prefix(struct out_timeline_rows *rows, const struct timeline_row *row)
{
    const struct corr_step *step = row->step;
    struct text *to = &rows->line;
    size_t start = to->size;
    char time[UTC_TEXT_SIZE];
    char connection[16] = "";
    char frame[32] = "";
    (void)utc_format(step->time, bias_of(rows), time);
    text_add_bytes(to, time + 11, is_wide(rows) ? 15 : 12);
    add_delta(rows, step->time);
    if (row->socket && row->socket->id > 0) {
        (void)snprintf(connection, sizeof(connection), "#%" PRIu32, row->socket->id);
    }
    if (row->direction[0]) {
        (void)snprintf(frame, sizeof(frame), "%" PRIu64 " %s", step->frame, arrow_of(step));
    } else if (step->frame > 0) {
        (void)snprintf(frame, sizeof(frame), "%" PRIu64 "   ", step->frame);
    }
    text_add_format(to, is_wide(rows) ? " %-4s %9s " : " %-3s %7s ", connection, frame);
    return to->size - start;
}

static void add_blanks(struct text *to, size_t count)
{
    text_add_format(to, "%*s", (int)count, "");
}

static void add_owner(struct out_timeline_rows *rows, const struct timeline_row *row)
{
    char name[OUT_PROCESS_TEXT_SIZE];
    /* Why events about no socket have no owner is nothing to say. */
    const char *text = row->step->reason == CORR_OWNED ? "" : row->reason;
    if (row->owner) {
        out_process_format(row->owner, name);
        text = name;
    }
    size_t used = out_escape_terminal(&rows->line, text, OWNER_WIDTH);
    add_blanks(&rows->line, OWNER_WIDTH - used + 1);
}

static void text_row(struct out_timeline_rows *rows, const struct timeline_row *row)
{
    struct text *to = &rows->line;
    enum corr_step_layer layer = (enum corr_step_layer)row->step->layer;
    add_date(rows, row->step->time);
    size_t start = to->size;
    size_t indent = add_prefix(rows, row);
    add_colour(rows, layer_colours[layer]);
    bool is_short = layer == CORR_STEP_PROCESS && !is_wide(rows);
    text_add_format(to, is_wide(rows) ? "%-7s " : "%-5s ",
                    is_short ? "proc" : corr_step_layer_name(layer));
    indent += is_wide(rows) ? 8 : 6;
    if (is_wide(rows)) {
        add_owner(rows, row);
        indent += OWNER_WIDTH + 1;
    }
    (void)out_escape_terminal(to, row->sentence, SIZE_MAX);
    out_wrap_line(to, start, rows->options.width, indent);
    add_colour(rows, COLOUR_END);
    text_add_char(to, '\n');
}

/* ---- the sockets ---- */

static void add_ends(struct text *to, const struct timeline_socket *socket)
{
    static const char *const arrows[] = {[CORR_CLIENT] = " -> ",
                                         [CORR_SERVER] = " <- ",
                                         [CORR_LISTENER] = "",
                                         [CORR_DATAGRAM] = " - ",
                                         [CORR_RAW] = " - "};
    text_add(to, socket->local[0] ? socket->local : "*");
    text_add(to, socket->remote[0] ? arrows[socket->socket->role] : "");
    text_add(to, socket->remote);
}

/* "#2 server 192.168.1.212:13000 <- 192.168.1.200:55908  tcpserver.exe (2704)" */
static void add_head(struct out_timeline_rows *rows, const struct timeline_socket *socket)
{
    char name[OUT_PROCESS_TEXT_SIZE];
    struct text *to = &rows->line;
    size_t start = to->size;
    add_colour(rows, COLOUR_TITLE);
    if (socket->row == CORR_NO_ROW) {
        text_add(to, "no socket ");
    } else {
        text_add_format(to, "#%" PRIu32 " %s ", socket->socket->id,
                        out_role_name((enum corr_role)socket->socket->role));
    }
    add_ends(to, socket);
    add_colour(rows, COLOUR_END);
    if (socket->owner) {
        out_process_format(socket->owner, name);
        text_add(to, "  ");
        (void)out_escape_terminal(to, name, SIZE_MAX);
    } else if (socket->row != CORR_NO_ROW) {
        text_add_format(to, "  no owner: %s", socket->reason);
    }
    out_wrap_line(to, start, rows->options.width, SOCKET_INDENT);
    text_add_char(to, '\n');
}

/* Events tell the states, or packets show them. */
static size_t states_of(const struct out_timeline_rows *rows, uint32_t socket,
                        struct corr_state_change changes[STATES_SHOWN])
{
    return rows->timeline ? corr_timeline_states(rows->timeline, socket, changes, STATES_SHOWN)
                          : corr_ledger_states(rows->options.ledger, socket, changes, STATES_SHOWN);
}

/* "states SynRcvd 1.2 ms, Established 2.072 s, ..." */
static void add_state_times(struct out_timeline_rows *rows, uint32_t socket,
                            const struct corr_state_change *changes, size_t count)
{
    struct text *to = &rows->line;
    size_t start = to->size;
    const char *before = "   states ";
    for (size_t i = 0; i < count; i++) {
        if (changes[i].from == changes[i].to) {
            continue;
        }
        text_add(to, before);
        text_add(to, out_state_name((enum corr_tcp_state)changes[i].to));
        if (i + 1 < count) {
            text_add_char(to, ' ');
            out_add_duration(to, changes[i + 1].time - changes[i].time);
        }
        before = ", ";
    }
    if (to->size == start) {
        return;
    }
    bool is_inferred = corr_ledger_state_count(rows->options.ledger, socket) == 0;
    text_add(to, is_inferred ? "; inferred from packets" : "");
    out_wrap_line(to, start, rows->options.width, SOCKET_INDENT);
    text_add_char(to, '\n');
}

static void add_judgements(struct out_timeline_rows *rows, const struct timeline_socket *socket)
{
    struct text *to = &rows->line;
    for (size_t i = 0; i < socket->judgement_count; i++) {
        const struct corr_judgement *judgement = &socket->judgements[i];
        size_t start = to->size;
        text_add(to, "   ");
        add_colour(rows, judgement->is_trouble ? COLOUR_TROUBLE : "");
        out_add_judgement(to, judgement, socket->socket);
        add_colour(rows, judgement->is_trouble ? COLOUR_END : "");
        out_wrap_line(to, start, rows->options.width, SOCKET_INDENT);
        text_add_char(to, '\n');
    }
}

/* Sockets of which nothing is said follow each other without an empty line. */
static void text_socket(struct out_timeline_rows *rows, const struct timeline_socket *socket)
{
    struct corr_state_change changes[STATES_SHOWN];
    size_t count = socket->row != CORR_NO_ROW ? states_of(rows, socket->row, changes) : 0;
    bool has_more = count + socket->judgement_count > 0;
    bool is_apart = has_more || rows->has_more || socket->is_first;
    bool is_at_top = rows->count == 0 && !rows->has_socket;
    text_add(&rows->line, is_apart && !is_at_top ? "\n" : "");
    add_head(rows, socket);
    add_state_times(rows, socket->row, changes, count);
    add_judgements(rows, socket);
    rows->has_socket = true;
    rows->has_more = has_more;
}

const struct timeline_format timeline_text = {
    .row = text_row, .socket = text_socket, .orphan = text_socket};
