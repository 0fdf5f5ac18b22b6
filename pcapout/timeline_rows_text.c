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
#include "pcapout/escape.h"
#include "pcapout/judgement_text.h"
#include "pcapout/step_sentences.h"
#include "pcapout/timeline_rows_format.h"

#define COLOUR_END     "\x1b[0m"
#define COLOUR_TITLE   "\x1b[1m"
#define COLOUR_TROUBLE "\x1b[31m"
#define TICKS_PER_DAY  (INT64_C(86400) * UTC_TICKS_PER_SECOND)
#define WIDTH_DEFAULT  160
#define WIDTH_MINIMUM  60
#define WIDE           110 /* columns from which the owner has a column of its own */
#define OWNER_WIDTH    24
#define CELL_MAXIMUM   1024

static const char *const layer_colours[] = {
    [CORR_STEP_APP] = "\x1b[32m", [CORR_STEP_STACK] = "\x1b[36m",   [CORR_STEP_WIRE] = "\x1b[33m",
    [CORR_STEP_SMB] = "\x1b[35m", [CORR_STEP_PROCESS] = "\x1b[34m",
};

static size_t width_of(const struct out_timeline_rows *rows)
{
    int width = rows->options.width > 0 ? rows->options.width : WIDTH_DEFAULT;
    return (size_t)(width < WIDTH_MINIMUM ? WIDTH_MINIMUM : width) - 1;
}

static bool is_wide(const struct out_timeline_rows *rows)
{
    return width_of(rows) >= WIDE;
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
    char text[UTC_TEXT_SIZE];
    int bias = bias_of(rows);
    int64_t day = (time - (int64_t)bias * 60 * UTC_TICKS_PER_SECOND) / TICKS_PER_DAY;
    if (day == rows->last_day) {
        return;
    }
    rows->last_day = day;
    (void)utc_format(time, bias, text);
    add_colour(rows, COLOUR_TITLE);
    text_add_bytes(&rows->line, text, 10);
    if (bias == 0) {
        text_add(&rows->line, " UTC");
    } else {
        unsigned minutes = (unsigned)(bias < 0 ? -bias : bias);
        text_add_format(&rows->line, " UTC%c%02u:%02u", bias < 0 ? '+' : '-', minutes / 60,
                        minutes % 60);
    }
    add_colour(rows, COLOUR_END);
    text_add_char(&rows->line, '\n');
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
    if (step->frame > 0) {
        (void)snprintf(frame, sizeof(frame), "%" PRIu64 "%s", step->frame,
                       step->has & CORR_STEP_IS_INBOUND ? " <-" : " ->");
    }
    text_add_format(to, is_wide(rows) ? " %-4s %9s " : " %-3s %7s ", connection, frame);
    return to->size - start;
}

static void add_blanks(struct text *to, size_t count)
{
    text_add_format(to, "%*s", (int)count, "");
}

/* Where a line of `size` bytes is broken so that it takes `room` columns; every byte counts as a
 * column, which makes lines of other scripts shorter than they need be. */
static size_t break_at(const char *words, size_t size, size_t room)
{
    if (size <= room) {
        return size;
    }
    size_t at = room;
    while (at > 0 && words[at] != ' ') {
        at--;
    }
    return at > 0 ? at : room;
}

/* Words in as many lines as they need, later ones indented. */
static void add_wrapped(struct out_timeline_rows *rows, const char *words, size_t indent,
                        size_t room)
{
    struct text *to = &rows->line;
    size_t left = strlen(words);
    while (true) {
        size_t part = break_at(words, left, room);
        text_add_bytes(to, words, part);
        words += part;
        left -= part;
        while (left > 0 && *words == ' ') {
            words++;
            left--;
        }
        if (left == 0) {
            return;
        }
        text_add_char(to, '\n');
        add_blanks(to, indent);
    }
}

static void add_owner(struct out_timeline_rows *rows, const struct timeline_row *row)
{
    char name[OUT_PROCESS_TEXT_SIZE];
    struct text *to = &rows->line;
    const char *text = corr_no_owner_name((enum corr_no_owner)row->step->reason);
    if (row->owner) {
        out_process_format(row->owner, name);
        text = name;
    }
    size_t used = out_escape_terminal(to, text, OWNER_WIDTH);
    add_blanks(to, OWNER_WIDTH - used + 1);
}

static void text_row(struct out_timeline_rows *rows, const struct timeline_row *row)
{
    struct text *to = &rows->line;
    struct text words = {.maximum = CELL_MAXIMUM};
    enum corr_step_layer layer = (enum corr_step_layer)row->step->layer;
    add_date(rows, row->step->time);
    size_t indent = add_prefix(rows, row);
    add_colour(rows, layer_colours[layer]);
    text_add_format(to, is_wide(rows) ? "%-7s " : "%-5s ", corr_step_layer_name(layer));
    indent += is_wide(rows) ? 8 : 6;
    if (is_wide(rows)) {
        add_owner(rows, row);
        indent += OWNER_WIDTH + 1;
    }
    (void)out_escape_terminal(&words, row->sentence, SIZE_MAX);
    size_t width = width_of(rows);
    add_wrapped(rows, text_get(&words), indent, width > indent + 20 ? width - indent : 20);
    add_colour(rows, COLOUR_END);
    text_add_char(to, '\n');
    text_done(&words);
}

/* ---- the sockets ---- */

static void add_ends(struct out_timeline_rows *rows, const struct corr_socket *socket)
{
    static const char *const arrows[] = {[CORR_CLIENT] = " -> ",
                                         [CORR_SERVER] = " <- ",
                                         [CORR_LISTENER] = "",
                                         [CORR_DATAGRAM] = " - ",
                                         [CORR_RAW] = " - "};
    char end[OUT_SOCKET_END_SIZE];
    struct text *to = &rows->line;
    out_socket_end_format(&socket->local, end);
    text_add(to, end[0] ? end : "*");
    out_socket_end_format(&socket->remote, end);
    text_add(to, end[0] ? arrows[socket->role] : "");
    text_add(to, end);
}

static void add_socket_head(struct out_timeline_rows *rows, const struct corr_socket *socket)
{
    char name[OUT_PROCESS_TEXT_SIZE];
    struct text *to = &rows->line;
    const struct corr_processes *processes = corr_ledger_processes(rows->options.ledger);
    add_colour(rows, COLOUR_TITLE);
    text_add_format(to, "#%" PRIu32 " %s ", socket->id,
                    out_role_name((enum corr_role)socket->role));
    add_ends(rows, socket);
    add_colour(rows, COLOUR_END);
    bool is_owned = socket->process != CORR_NO_ROW;
    if (is_owned) {
        out_process_format(corr_processes_get(processes, socket->process), name);
    }
    text_add(to, "  ");
    (void)out_escape_terminal(to, is_owned ? name : "owner unknown", SIZE_MAX);
    text_add_char(to, '\n');
}

/* "Listen 0.4 ms, SynRcvd 1.2 ms, ..." */
static void add_state_times(struct out_timeline_rows *rows, uint32_t socket)
{
    enum { SHOWN_MAXIMUM = 16 };
    struct corr_state_change changes[SHOWN_MAXIMUM];
    struct text words = {.maximum = CELL_MAXIMUM};
    size_t count = corr_ledger_states(rows->options.ledger, socket, changes, SHOWN_MAXIMUM);
    for (size_t i = 0; i < count; i++) {
        bool is_last = i + 1 == count;
        if (changes[i].from == changes[i].to) {
            continue;
        }
        text_add(&words, words.size > 0 ? ", " : "states ");
        text_add(&words, out_state_name((enum corr_tcp_state)changes[i].to));
        if (!is_last) {
            text_add_char(&words, ' ');
            out_add_duration(&words, changes[i + 1].time - changes[i].time);
        }
    }
    if (words.size > 0) {
        text_add(&rows->line, "   ");
        add_wrapped(rows, text_get(&words), 5, width_of(rows) - 5);
        text_add_char(&rows->line, '\n');
    }
    text_done(&words);
}

static void add_judgements(struct out_timeline_rows *rows, const struct corr_judgement *judgements,
                           size_t count, const struct corr_socket *row)
{
    for (size_t i = 0; i < count; i++) {
        struct text words = {.maximum = CELL_MAXIMUM};
        out_add_judgement(&words, &judgements[i], row);
        text_add(&rows->line, "   ");
        add_colour(rows, judgements[i].is_trouble ? COLOUR_TROUBLE : "");
        add_wrapped(rows, text_get(&words), 5, width_of(rows) - 5);
        add_colour(rows, judgements[i].is_trouble ? COLOUR_END : "");
        text_add_char(&rows->line, '\n');
        text_done(&words);
    }
}

/* Packets that no socket had, by their ends. */
static void add_orphans(struct out_timeline_rows *rows, const struct corr_judge *judge)
{
    struct corr_judgement judgements[CORR_JUDGE_COUNT];
    for (size_t i = 0; i < rows->orphan_count; i++) {
        struct corr_socket socket;
        size_t count = corr_judge_orphan(judge, rows->orphans[i], &socket, judgements);
        text_add_char(&rows->line, '\n');
        add_colour(rows, COLOUR_TITLE);
        text_add(&rows->line, "no socket ");
        add_ends(rows, &socket);
        add_colour(rows, COLOUR_END);
        text_add_char(&rows->line, '\n');
        add_judgements(rows, judgements, count, &socket);
    }
}

static void text_end(struct out_timeline_rows *rows, const struct corr_judge *judge)
{
    struct corr_judgement judgements[CORR_JUDGE_COUNT];
    const struct corr_socket *sockets = NULL;
    (void)corr_ledger_sockets(rows->options.ledger, &sockets);
    for (size_t i = 0; i < rows->socket_count; i++) {
        uint32_t socket = rows->sockets[i];
        text_add_char(&rows->line, '\n');
        add_socket_head(rows, &sockets[socket]);
        add_state_times(rows, socket);
        size_t count = judge ? corr_judge_list(judge, socket, judgements) : 0;
        add_judgements(rows, judgements, count, &sockets[socket]);
    }
    if (judge) {
        add_orphans(rows, judge);
    }
}

const struct timeline_format timeline_text = {.row = text_row, .end = text_end};
