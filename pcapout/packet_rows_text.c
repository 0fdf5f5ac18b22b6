/* SPDX-License-Identifier: MIT */
/*
 * packet_rows_text.c - packet rows for people: columns of fixed width, written as
 * they come, so that the first row needs no knowledge of the last.
 */
#include <stdio.h>
#include <string.h>

#include "pcapout/day_lines.h"
#include "pcapout/ends_text.h"
#include "pcapout/escape.h"
#include "pcapout/http_rows.h"
#include "pcapout/number_text.h"
#include "pcapout/packet_rows.h"
#include "pcapout/wrapped_lines.h"

/* Fewer columns than this make a row nobody can read: it is wrapped instead. */
#define WIDTH_MINIMUM 60
#define CELL_SIZE     512
#define NOTE_MAXIMUM  4096

enum layout {
    LAYOUT_NARROW,
    LAYOUT_NARROW_OWNERS, /* of traces that have owners: instead of protocol, bytes and flags */
    LAYOUT_MEDIUM,
    LAYOUT_WIDE,
    LAYOUT_COUNT
};
enum alignment { ALIGN_LEFT, ALIGN_RIGHT };

/* One row's cell; returns how many columns it takes. `room` is what there is. */
typedef size_t cell_function(const struct out_packet_rows *rows, const struct packet_row *row,
                             enum layout layout, size_t room, struct text *to);

struct column {
    const char *title;
    uint8_t widths[LAYOUT_COUNT]; /* 0: not in this layout */
    enum alignment alignment;
    bool takes_spare; /* gets half of what the terminal has more */
    cell_function *cell;
};

/* ---- cells ---- */

static size_t add_number(struct text *to, uint64_t value)
{
    char digits[NUMBER_TEXT_SIZE];
    size_t size = number_text(value, digits);
    text_add_bytes(to, digits, size);
    return size;
}

static size_t frame_cell(const struct out_packet_rows *rows, const struct packet_row *row,
                         enum layout layout, size_t room, struct text *to)
{
    (void)rows, (void)layout, (void)room;
    return add_number(to, row->packet->frame);
}

/* What of 2013-01-08T09:18:57.5078058 is shown: first character and count. */
static const struct {
    uint8_t first, count;
} time_parts[LAYOUT_COUNT] = {
    [LAYOUT_NARROW] = {11, 12}, /* milliseconds */
    [LAYOUT_NARROW_OWNERS] = {11, 12},
    [LAYOUT_MEDIUM] = {11, 15}, /* microseconds */
    [LAYOUT_WIDE] = {0, 27},
};

static int bias_of(const struct out_packet_rows *rows)
{
    return rows->options.use_local_time ? rows->options.bias_minutes : 0;
}

static size_t time_cell(const struct out_packet_rows *rows, const struct packet_row *row,
                        enum layout layout, size_t room, struct text *to)
{
    (void)room;
    char time[UTC_TEXT_SIZE];
    (void)utc_format(row->packet->time, bias_of(rows), time);
    time[10] = ' ';
    text_add_bytes(to, time + time_parts[layout].first, time_parts[layout].count);
    return time_parts[layout].count;
}

static size_t direction_cell(const struct out_packet_rows *rows, const struct packet_row *row,
                             enum layout layout, size_t room, struct text *to)
{
    static const char *const arrows[] = {
        [ETW_DIRECTION_UNKNOWN] = "--",
        [ETW_DIRECTION_IN] = "<-",
        [ETW_DIRECTION_OUT] = "->",
    };
    (void)rows, (void)layout, (void)room;
    text_add(to, arrows[row->packet->direction]);
    return 2;
}

static size_t protocol_cell(const struct out_packet_rows *rows, const struct packet_row *row,
                            enum layout layout, size_t room, struct text *to)
{
    (void)rows, (void)layout, (void)room;
    /* at most 15 columns; the rare long ones go into the next column rather than be cut */
    return out_escape_terminal(to, row->protocol, SIZE_MAX);
}

/* "SOURCE > DESTINATION" */
static size_t ends_cell(const struct out_packet_rows *rows, const struct packet_row *row,
                        enum layout layout, size_t room, struct text *to)
{
    (void)rows, (void)layout;
    if (!row->source[0] && !row->destination[0]) {
        return 0;
    }
    return out_add_ends(to, row->source, " > ", row->destination, room);
}

static size_t length_cell(const struct out_packet_rows *rows, const struct packet_row *row,
                          enum layout layout, size_t room, struct text *to)
{
    (void)rows, (void)layout, (void)room;
    return add_number(to, row->length);
}

/* Where there is no column for it, a drop is said instead of the flags. */
static size_t flags_cell(const struct out_packet_rows *rows, const struct packet_row *row,
                         enum layout layout, size_t room, struct text *to)
{
    (void)rows;
    bool is_drop = layout == LAYOUT_NARROW && row->packet->drop.is_dropped;
    return out_escape_terminal(to, is_drop ? "drop" : row->tcp_flags, room);
}

static size_t interface_cell(const struct out_packet_rows *rows, const struct packet_row *row,
                             enum layout layout, size_t room, struct text *to)
{
    (void)rows, (void)layout;
    return out_escape_terminal(to, row->interface, room);
}

/* Columns that a name with its pid usually fits in. */
#define OWNER_ROOM 24

/* "tcpserver.exe (2704)", in narrow columns the name alone. */
static void add_process(struct text *note, const struct corr_process *process, size_t room)
{
    char text[OUT_PROCESS_TEXT_SIZE];
    out_process_format(process, text);
    text_add(note, room < OWNER_ROOM && process->name[0] ? process->name : text);
}

/* Whom the owner sends or receives it for. */
static void add_behalf(const struct out_packet_rows *rows, struct text *note,
                       const struct packet_row *row, size_t room)
{
    const struct corr_ledger *ledger = rows->options.ledger;
    const struct corr_behalf *behalf = out_behalf_of(ledger, row->packet);
    if (behalf) {
        text_add(note, " for ");
        add_process(note, corr_processes_get(corr_ledger_processes(ledger), behalf->process), room);
        text_add(note, behalf->confidence == CORR_LIKELY ? " ?" : "");
    }
}

/* Behind an inferred one " ?". */
static void add_owner(struct text *note, const struct packet_row *row, enum layout layout,
                      size_t room)
{
    add_process(note, row->owner, room);
    if (layout == LAYOUT_WIDE) {
        text_add_format(note, " %s", row->confidence);
    } else if (row->packet->verdict.confidence == CORR_LIKELY) {
        text_add(note, " ?");
    }
}

static void add_drop(struct text *note, const struct packet_row *row, enum layout layout)
{
    char number[OUT_NAME_SIZE];
    const char *reason = out_drop_reason(&row->packet->drop, number);
    text_add_format(note, "%sdrop %s", note->size > 0 ? ", " : "", reason);
    if (layout == LAYOUT_WIDE) {
        text_add_format(note, " at %s by %s", row->drop.location, row->drop.component);
    }
}

static void collect_note(const struct out_packet_rows *rows, const struct packet_row *row,
                         enum layout layout, size_t room, struct text *note)
{
    if (row->owner) {
        add_owner(note, row, layout, room);
        add_behalf(rows, note, row, room);
    }
    if (row->packet->drop.is_dropped) {
        add_drop(note, row, layout);
    }
    if (note->size == 0) {
        text_add(note, row->reason);
    }
}

/* Whose it is, or why nobody's; and why it was dropped. */
static size_t note_cell(const struct out_packet_rows *rows, const struct packet_row *row,
                        enum layout layout, size_t room, struct text *to)
{
    struct text note = {.maximum = NOTE_MAXIMUM};
    collect_note(rows, row, layout, room, &note);
    size_t used = out_escape_terminal(to, text_get(&note), room);
    text_done(&note);
    return used;
}

/* ---- columns ---- */

/* The widths of a layout and one blank between columns fill 79, 119 and 159 columns:
 * consoles that wrap in the last one must not show an empty line after each row. */
/* clang-format off */
static const struct column columns[] = {
    /*               80  80o  120  160 */
    {"frame",       { 5,   5,   6,   7}, ALIGN_RIGHT, false, frame_cell},
    {"time",        {12,  12,  15,  27}, ALIGN_LEFT,  false, time_cell},
    {"",            { 2,   2,   2,   2}, ALIGN_LEFT,  false, direction_cell},
    {"proto",       { 5,   0,   7,   8}, ALIGN_LEFT,  false, protocol_cell},
    {"source > destination", {40, 39, 45, 47}, ALIGN_LEFT, true, ends_cell},
    {"bytes",       { 5,   0,   6,   6}, ALIGN_RIGHT, false, length_cell},
    {"tcp",         { 4,   0,   5,   5}, ALIGN_LEFT,  false, flags_cell},
    {"interface",   { 0,   0,   0,  16}, ALIGN_LEFT,  false, interface_cell},
    {"owner",       { 0,  17,  26,  33}, ALIGN_LEFT,  true,  note_cell},
};
/* clang-format on */

#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]))

enum { COLUMN_LENGTH = 5, COLUMN_NOTE = 8 };

static const int nominal_widths[LAYOUT_COUNT] = {80, 80, 120, 160};

static enum layout layout_of(const struct out_packet_rows *rows)
{
    int width = rows->options.width;
    if (width <= 0 || width >= nominal_widths[LAYOUT_WIDE]) {
        return LAYOUT_WIDE;
    }
    if (width >= nominal_widths[LAYOUT_MEDIUM]) {
        return LAYOUT_MEDIUM;
    }
    const struct corr_ledger *ledger = rows->options.ledger;
    bool has_owners = ledger && corr_ledger_get_options(ledger)->has_socket_events;
    return has_owners ? LAYOUT_NARROW_OWNERS : LAYOUT_NARROW;
}

/* The width of a column on this terminal; the ends of a packet may also shrink. */
static size_t width_of(const struct out_packet_rows *rows, const struct column *column,
                       enum layout layout)
{
    int width = column->widths[layout];
    int terminal = rows->options.width;
    if (width == 0 || terminal <= 0 || !column->takes_spare) {
        return (size_t)width;
    }
    terminal = terminal < WIDTH_MINIMUM ? WIDTH_MINIMUM : terminal;
    int spare = terminal - nominal_widths[layout];
    bool is_shared = layout != LAYOUT_NARROW;
    int wide = width + (is_shared ? spare / 2 : spare);
    return (size_t)wide;
}

static void add_blanks(struct text *to, size_t count)
{
    static const char blanks[] = "                                ";
    while (count > 0) {
        size_t part = count < sizeof(blanks) - 1 ? count : sizeof(blanks) - 1;
        text_add_bytes(to, blanks, part);
        count -= part;
    }
}

/* Moves the cell that begins at `start` to the right. */
static void align_right(struct text *to, size_t start, size_t blanks)
{
    size_t size = to->size - start;
    add_blanks(to, blanks);
    if (!to->failed) {
        memmove(to->data + start + blanks, to->data + start, size);
        memset(to->data + start, ' ', blanks);
    }
}

/* Blanks that will stand before a row's number of bytes: a long pair of ends may
 * reach into them, as a table set by hand would do it. */
static size_t blanks_before_length(const struct out_packet_rows *rows, const struct packet_row *row,
                                   const struct column *column, enum layout layout)
{
    char digits[NUMBER_TEXT_SIZE];
    size_t size = number_text(row->length, digits);
    size_t width = width_of(rows, column, layout);
    return size < width ? width - size : 0;
}

/* Blanks that a row's note will leave behind it, for the same purpose. */
static size_t blanks_of_note(const struct out_packet_rows *rows, const struct packet_row *row,
                             const struct column *column, enum layout layout)
{
    size_t width = width_of(rows, column, layout);
    struct text note = {.maximum = NOTE_MAXIMUM};
    collect_note(rows, row, layout, width, &note);
    size_t size = note.size;
    text_done(&note);
    return size < width ? width - size : 0;
}

/* Columns behind the ends of a packet that its row does not need. */
static size_t blanks_behind_ends(const struct out_packet_rows *rows, const struct packet_row *row,
                                 enum layout layout)
{
    if (layout == LAYOUT_NARROW_OWNERS) {
        return blanks_of_note(rows, row, &columns[COLUMN_NOTE], layout);
    }
    return blanks_before_length(rows, row, &columns[COLUMN_LENGTH], layout);
}

/* Adds one cell. What it takes more than its column has is a debt that is taken from
 * blanks behind it, or from the next column that can shrink, so that the end of the
 * row stays where it is. */
static void add_cell(struct out_packet_rows *rows, const struct packet_row *row, size_t number,
                     size_t *debt)
{
    struct text *to = &rows->line;
    const struct column *column = &columns[number];
    enum layout layout = layout_of(rows);
    size_t width = width_of(rows, column, layout);
    if (width == 0) {
        return;
    }
    if (column->takes_spare && *debt > 0) {
        width -= *debt < width ? *debt : width;
        *debt = 0;
    }
    size_t room = rows->options.width > 0 ? width : CELL_SIZE;
    if (column->cell == ends_cell) {
        room += blanks_behind_ends(rows, row, layout);
    }
    add_blanks(to, number > 0);
    size_t start = to->size;
    size_t used = column->cell(rows, row, layout, room, to);
    *debt += used > width ? used - width : 0;
    size_t blanks = used < width ? width - used : 0;
    size_t paid = *debt < blanks ? *debt : blanks;
    *debt -= paid;
    if (column->alignment == ALIGN_RIGHT) {
        align_right(to, start, blanks - paid);
    } else {
        add_blanks(to, blanks - paid);
    }
}

static void add_cells(struct out_packet_rows *rows, const struct packet_row *row)
{
    size_t row_start = rows->line.size;
    size_t debt = 0;
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        add_cell(rows, row, i, &debt);
    }
    out_trim_line(&rows->line, row_start);
}

/* ---- colours ---- */

#define COLOUR_END     "\x1b[0m"
#define COLOUR_TITLE   "\x1b[1m"
#define COLOUR_DROPPED "\x1b[31m"
#define COLOUR_DATE    "\x1b[2m"

static const struct {
    const char *protocol;
    const char *colour;
} colours[] = {
    {"udp", "\x1b[36m"},  {"icmp", "\x1b[35m"}, {"icmpv6", "\x1b[35m"},
    {"igmp", "\x1b[35m"}, {"arp", "\x1b[33m"},
};

/* NULL: the terminal's own. TCP has none, because most packets are TCP. */
static const char *colour_of(const struct packet_row *row)
{
    if (row->packet->drop.is_dropped) {
        return COLOUR_DROPPED;
    }
    for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++) {
        if (strcmp(row->protocol, colours[i].protocol) == 0) {
            return colours[i].colour;
        }
    }
    return NULL;
}

static void add_colour(struct out_packet_rows *rows, const char *colour)
{
    if (rows->options.use_colour && colour) {
        text_add(&rows->line, colour);
    }
}

static void end_line(struct out_packet_rows *rows, const char *colour)
{
    add_colour(rows, colour ? COLOUR_END : NULL);
    text_add_char(&rows->line, '\n');
}

/* ---- the format ---- */

/* Layouts without the date in each row say it, and the zone, when it changes. */
static void add_date(struct out_packet_rows *rows, int64_t time)
{
    if (layout_of(rows) == LAYOUT_WIDE || !out_is_new_day(time, bias_of(rows), &rows->last_day)) {
        return;
    }
    add_colour(rows, COLOUR_DATE);
    out_add_day(&rows->line, time, bias_of(rows));
    end_line(rows, COLOUR_DATE);
}

static void add_title(struct out_packet_rows *rows, const struct column *column, enum layout layout)
{
    struct text *to = &rows->line;
    size_t start = to->size;
    (void)out_escape_terminal(to, column->title, column->widths[layout]);
    if (layout == LAYOUT_WIDE && column->cell == time_cell) {
        text_add_char(to, ' ');
        out_add_zone(&rows->line, bias_of(rows));
    }
    size_t size = to->size - start;
    size_t width = width_of(rows, column, layout);
    size_t blanks = size < width ? width - size : 0;
    if (column->alignment == ALIGN_RIGHT) {
        align_right(to, start, blanks);
    } else {
        add_blanks(to, blanks);
    }
}

static void text_begin(struct out_packet_rows *rows)
{
    enum layout layout = layout_of(rows);
    add_colour(rows, COLOUR_TITLE);
    size_t start = rows->line.size;
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        if (columns[i].widths[layout] > 0) {
            add_blanks(&rows->line, i > 0);
            add_title(rows, &columns[i], layout);
        }
    }
    out_trim_line(&rows->line, start);
    end_line(rows, COLOUR_TITLE);
}

static void text_row(struct out_packet_rows *rows, const struct packet_row *row)
{
    const char *colour = colour_of(row);
    add_date(rows, row->packet->time);
    add_colour(rows, colour);
    add_cells(rows, row);
    end_line(rows, colour);
}

const struct row_format packet_rows_text = {.begin = text_begin, .row = text_row};
