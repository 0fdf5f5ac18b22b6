/* SPDX-License-Identifier: MIT */
/*
 * socket_rows_text.c - socket rows for people: columns of fixed width, more of them on
 * wider terminals.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "etw/base/utc_time.h"
#include "pcapout/ends_text.h"
#include "pcapout/escape.h"
#include "pcapout/socket_rows_format.h"

#define TICKS_PER_MILLISECOND 10000
#define CELL_MAXIMUM          1024
/* Fewer columns of a name than this say nothing. */
#define DNS_ROOM     8
#define ENDS_MINIMUM 20

enum layout { LAYOUT_80, LAYOUT_100, LAYOUT_120, LAYOUT_160, LAYOUT_COUNT };

/* Adds what the column says of a row; `room` columns are shown, the rest is cut off. */
typedef void cell_function(const struct out_socket_rows *rows, const struct socket_row *row,
                           size_t room, struct text *cell);

struct column {
    const char *title;
    uint8_t widths[LAYOUT_COUNT]; /* 0: not in this layout */
    bool is_right;
    bool takes_spare; /* gets what the terminal has more */
    cell_function *cell;
};

static void id_cell(const struct out_socket_rows *rows, const struct socket_row *row, size_t room,
                    struct text *cell)
{
    (void)rows, (void)room;
    text_add_u64(cell, row->socket->id);
}

static void protocol_cell(const struct out_socket_rows *rows, const struct socket_row *row,
                          size_t room, struct text *cell)
{
    (void)rows, (void)room;
    text_add(cell, row->protocol);
}

static void role_cell(const struct out_socket_rows *rows, const struct socket_row *row, size_t room,
                      struct text *cell)
{
    (void)rows, (void)room;
    text_add(cell, out_role_name((enum corr_role)row->socket->role));
}

static const char *const arrows[] = {
    [CORR_CLIENT] = " -> ",  [CORR_SERVER] = " <- ", [CORR_LISTENER] = " ",
    [CORR_DATAGRAM] = " - ", [CORR_RAW] = " - ",
};

/* "local -> remote": the arrow points away from who connected. */
static void ends_cell(const struct out_socket_rows *rows, const struct socket_row *row, size_t room,
                      struct text *cell)
{
    (void)rows;
    const char *local = row->local[0] ? row->local : "*";
    if (!row->remote[0]) {
        (void)out_add_end(cell, local, room);
        return;
    }
    (void)out_add_ends(cell, local, arrows[row->socket->role], row->remote, room);
    const char *name = row->http && row->http->host[0] ? row->http->host : row->dns;
    if (name && cell->size + DNS_ROOM < room) {
        text_add_format(cell, " %s", name);
    }
}

static void owner_cell(const struct out_socket_rows *rows, const struct socket_row *row,
                       size_t room, struct text *cell)
{
    (void)room;
    char name[OUT_PROCESS_TEXT_SIZE];
    if (!row->owner) {
        text_add(cell, row->reason);
        return;
    }
    out_process_format(row->owner, name);
    text_add(cell, name);
    text_add(cell, row->socket->confidence == CORR_LIKELY ? " ?" : "");
    const struct corr_behalf *behalf = corr_http_behalf(row->http);
    if (behalf) {
        const struct corr_processes *processes = corr_ledger_processes(rows->options.ledger);
        out_process_format(corr_processes_get(processes, behalf->process), name);
        text_add_format(cell, " for %s%s", name, behalf->confidence == CORR_LIKELY ? " ?" : "");
    }
}

static void opened_cell(const struct out_socket_rows *rows, const struct socket_row *row,
                        size_t room, struct text *cell)
{
    (void)room;
    char text[UTC_TEXT_SIZE];
    if (row->socket->opened == CORR_ALWAYS) {
        text_add(cell, "before");
        return;
    }
    (void)utc_format(row->socket->opened,
                     rows->options.use_local_time ? rows->options.bias_minutes : 0, text);
    text_add_bytes(cell, text + 11, 12);
}

static void duration_cell(const struct out_socket_rows *rows, const struct socket_row *row,
                          size_t room, struct text *cell)
{
    (void)rows, (void)room;
    const struct corr_socket *socket = row->socket;
    if (socket->closed == CORR_NEVER) {
        text_add(cell, "open");
    } else if (socket->opened != CORR_ALWAYS) {
        int64_t milliseconds = (socket->closed - socket->opened) / TICKS_PER_MILLISECOND;
        text_add_format(cell, "%" PRId64 ".%03d s", milliseconds / 1000,
                        (int)(milliseconds % 1000));
    } else {
        text_add(cell, "ended");
    }
}

static void sent_cell(const struct out_socket_rows *rows, const struct socket_row *row, size_t room,
                      struct text *cell)
{
    (void)rows, (void)room;
    if (row->bytes_from != CORR_BYTES_NONE) {
        text_add_u64(cell, row->bytes_sent);
    }
}

static void received_cell(const struct out_socket_rows *rows, const struct socket_row *row,
                          size_t room, struct text *cell)
{
    (void)rows, (void)room;
    if (row->bytes_from != CORR_BYTES_NONE) {
        text_add_u64(cell, row->bytes_received);
    }
}

static void cause_cell(const struct out_socket_rows *rows, const struct socket_row *row,
                       size_t room, struct text *cell)
{
    (void)rows, (void)room;
    enum corr_cause cause = (enum corr_cause)row->socket->cause;
    bool is_unsaid = cause == CORR_CAUSE_OPEN || cause == CORR_CAUSE_UNKNOWN;
    bool is_judged = row->judgement_count > 0 && row->judgements[0].rule < CORR_JUDGE_STILL_OPEN;
    /* Where no event says it, packets may have. */
    text_add(cell, is_unsaid && is_judged ? corr_judgement_name(row->judgements[0].rule)
                                          : out_cause_name(cause));
}

/* The cause of the end, by its judgement when that is trouble; else with the first trouble. */
static void trouble_cell(const struct out_socket_rows *rows, const struct socket_row *row,
                         size_t room, struct text *cell)
{
    size_t i = 0;
    while (i < row->judgement_count && !row->judgements[i].is_trouble) {
        i++;
    }
    bool has_trouble = i < row->judgement_count;
    bool is_end = has_trouble && row->judgements[i].rule <= CORR_JUDGE_STILL_OPEN;
    if (!is_end) {
        cause_cell(rows, row, room, cell);
        text_add(cell, has_trouble ? ", " : "");
    }
    text_add(cell, has_trouble ? corr_judgement_name(row->judgements[i].rule) : "");
}

/* The widths of a layout and one blank between columns fill 79, 99, 119 and 159 columns. */
/* clang-format off */
static const struct column columns[] = {
    /*           80  100 120  160 */
    {"id",     {  4,  4,   5,   6}, true,  false, id_cell},
    {"proto",  {  5,  5,   5,   5}, false, false, protocol_cell},
    {"role",   {  0,  0,   8,   8}, false, false, role_cell},
    {"local -> remote", {42, 47, 47, 46}, false, true, ends_cell},
    {"owner",  { 25, 28,  25,  24}, false, false, owner_cell},
    {"opened", {  0,  0,  12,  12}, false, false, opened_cell},
    {"lasted", {  0,  0,   0,   9}, true,  false, duration_cell},
    {"sent",   {  0,  0,   0,   9}, true,  false, sent_cell},
    {"received", { 0, 0,   0,   9}, true,  false, received_cell},
    {"ended by", { 0, 11, 11,   0}, false, false, cause_cell},
    {"ended by, trouble", {0, 0, 0, 22}, false, false, trouble_cell},
};
/* clang-format on */

#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]))

static const int nominal_widths[LAYOUT_COUNT] = {80, 100, 120, 160};

static enum layout layout_of(const struct out_socket_rows *rows)
{
    int width = rows->options.width;
    enum layout layout = LAYOUT_160;
    while (width > 0 && layout > LAYOUT_80 && width < nominal_widths[layout]) {
        layout--;
    }
    return layout;
}

static size_t width_of(const struct out_socket_rows *rows, const struct column *column,
                       enum layout layout)
{
    int width = column->widths[layout];
    int spare = rows->options.width - nominal_widths[layout];
    if (!column->takes_spare || rows->options.width <= 0) {
        return (size_t)width;
    }
    return (size_t)(width + spare < ENDS_MINIMUM ? ENDS_MINIMUM : width + spare);
}

static void add_padded(struct out_socket_rows *rows, const struct column *column, size_t width,
                       const char *text)
{
    struct text *to = &rows->line;
    struct text safe = {.maximum = CELL_MAXIMUM};
    size_t room = rows->options.width > 0 ? width : SIZE_MAX;
    size_t used = out_escape_terminal(&safe, text, room);
    size_t blanks = used < width ? width - used : 0;
    text_add_format(to, "%*s", column->is_right ? (int)blanks : 0, "");
    text_add(to, text_get(&safe));
    text_add_format(to, "%*s", column->is_right ? 0 : (int)blanks, "");
    text_done(&safe);
}

static void drop_trailing_blanks(struct text *to, size_t start)
{
    while (to->size > start && to->data[to->size - 1] == ' ') {
        to->size--;
    }
}

static void add_cells(struct out_socket_rows *rows, const struct socket_row *row)
{
    enum layout layout = layout_of(rows);
    size_t start = rows->line.size;
    struct text cell = {.maximum = CELL_MAXIMUM};
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        size_t width = width_of(rows, &columns[i], layout);
        size_t room = rows->options.width > 0 ? width : CELL_MAXIMUM;
        if (width == 0) {
            continue;
        }
        text_clear(&cell);
        if (row) {
            columns[i].cell(rows, row, room, &cell);
        } else {
            text_add(&cell, columns[i].title);
        }
        text_add(&rows->line, i > 0 ? " " : "");
        add_padded(rows, &columns[i], width, text_get(&cell));
    }
    text_done(&cell);
    drop_trailing_blanks(&rows->line, start);
}

static void text_begin(struct out_socket_rows *rows)
{
    text_add(&rows->line, rows->options.use_colour ? "\x1b[1m" : "");
    add_cells(rows, NULL);
    text_add(&rows->line, rows->options.use_colour ? "\x1b[0m\n" : "\n");
}

static void text_row(struct out_socket_rows *rows, const struct socket_row *row)
{
    add_cells(rows, row);
    text_add_char(&rows->line, '\n');
}

const struct socket_rows_format socket_rows_text = {.begin = text_begin, .row = text_row};
