/* SPDX-License-Identifier: MIT */
/*
 * event_rows_text.c - event rows for people: time, CPU, process and thread of the
 * header, provider and name in columns, then a sentence where there is one, and
 * name=value words, written as they come. Before a sentence, rows that are not wide go
 * without the event's name, narrow ones without the provider's too.
 */
#include <string.h>

#include "pcapout/day_lines.h"
#include "pcapout/escape.h"
#include "pcapout/event_rows_format.h"
#include "pcapout/number_text.h"

/* Fewer columns than this make a row nobody can read: it is wrapped instead. */
#define WIDTH_MINIMUM 60
#define CPU_WIDTH     3

enum layout { LAYOUT_NARROW, LAYOUT_MEDIUM, LAYOUT_WIDE, LAYOUT_COUNT };

/* What of 2013-01-08T09:18:57.5078058 is shown, and how wide the columns behind are.
 * A word that is wider than its column moves the rest of its row. */
static const struct layout_widths {
    int least; /* columns of the terminal */
    uint8_t time_first, time_count;
    uint8_t ids, provider, name;
} layouts[LAYOUT_COUNT] = {
    [LAYOUT_NARROW] = {0, 11, 12, 9, 0, 0},      /* milliseconds */
    [LAYOUT_MEDIUM] = {120, 11, 15, 11, 14, 24}, /* microseconds */
    [LAYOUT_WIDE] = {160, 0, 27, 11, 18, 24},
};

static const struct layout_widths *layout_of(const struct out_event_rows *rows)
{
    int width = rows->options.width;
    if (width <= 0 || width >= layouts[LAYOUT_WIDE].least) {
        return &layouts[LAYOUT_WIDE];
    }
    return &layouts[width >= layouts[LAYOUT_MEDIUM].least ? LAYOUT_MEDIUM : LAYOUT_NARROW];
}

static int bias_of(const struct out_event_rows *rows)
{
    return rows->options.use_local_time ? rows->options.bias_minutes : 0;
}

/* ---- words ---- */

static void add_number(struct text *to, uint64_t value)
{
    char digits[NUMBER_TEXT_SIZE];
    text_add_bytes(to, digits, number_text(value, digits));
}

static void add_cpu(struct text *to, uint16_t cpu)
{
    char digits[NUMBER_TEXT_SIZE];
    size_t size = number_text(cpu, digits);
    for (size_t used = size; used < CPU_WIDTH; used++) {
        text_add_char(to, ' ');
    }
    text_add_char(to, ' ');
    text_add_bytes(to, digits, size);
    text_add_char(to, ' ');
}

/* Blanks up to `width` columns behind `start`, and one more. */
static void fill_column(struct text *to, size_t start, size_t width)
{
    for (size_t used = to->size - start; used < width && !to->failed; used++) {
        text_add_char(to, ' ');
    }
    text_add_char(to, ' ');
}

static void add_id(struct text *to, uint32_t id)
{
    if (id == RECORD_NO_ID) {
        text_add_char(to, '-');
    } else {
        add_number(to, id);
    }
}

/* The long common beginning says nothing; a GUID alone is told by its first digits. */
static void add_provider(struct text *to, const struct event_row *row, bool is_wide)
{
    static const char common[] = "Microsoft-Windows-";
    if (row->provider) {
        bool is_common = strncmp(row->provider, common, sizeof(common) - 1) == 0 &&
                         row->provider[sizeof(common) - 1] != '\0';
        text_add(to, row->provider + (is_common ? sizeof(common) - 1 : 0));
    } else if (!row->guid) {
        text_add_char(to, '-');
    } else if (is_wide) {
        text_add(to, row->guid);
    } else {
        text_add_bytes(to, row->guid, 8);
        text_add_char(to, '~');
    }
}

static void add_name(struct text *to, const struct event_row *row)
{
    const struct etw_record *record = row->record;
    if (row->name) {
        text_add(to, row->name);
    } else if (record->class_of == RECORD_IS_MESSAGE) {
        text_add(to, "message-");
        add_number(to, record->id);
    } else if (row->has_id) {
        text_add(to, "event-");
        add_number(to, record->id);
    } else {
        text_add(to, "opcode-");
        add_number(to, record->opcode);
    }
}

static void add_payload(const struct out_event_rows *rows, const struct event_row *row,
                        struct text *to)
{
    if (row->undecoded) {
        text_add_char(to, '(');
        text_add(to, row->undecoded);
        text_add(to, ") ");
    }
    bool has_more = row->has_raw ? row->record->payload.size > 0 : rows->fields.text.size > 0;
    if (row->sentence) {
        text_add(to, row->sentence);
        text_add(to, has_more ? " | " : "");
    }
    if (!row->has_raw) {
        text_add_bytes(to, text_get(&rows->fields.text), rows->fields.text.size);
    } else if (has_more) {
        text_add(to, "raw=");
        event_add_hex(to, &row->record->payload);
    }
}

static void add_schema(struct text *to, const struct event_row *row)
{
    if (!row->schema) {
        return;
    }
    text_add(to, " [");
    text_add(to, row->schema);
    if (row->schema_name) {
        text_add_char(to, ' ');
        text_add(to, row->schema_name);
    }
    text_add(to, row->result->is_other_version ? ", another version]" : "]");
}

/* The row as it is, before hidden characters are made visible. */
static void add_words(const struct out_event_rows *rows, const struct event_row *row,
                      struct text *to)
{
    const struct layout_widths *layout = layout_of(rows);
    const struct etw_record *record = row->record;
    char time[UTC_TEXT_SIZE];
    (void)utc_format(record->time, bias_of(rows), time);
    time[10] = ' ';
    text_add_bytes(to, time + layout->time_first, layout->time_count);
    add_cpu(to, record->cpu);
    size_t start = to->size;
    add_id(to, record->process_id);
    text_add_char(to, ':');
    add_id(to, record->thread_id);
    fill_column(to, start, layout->ids);
    if (!row->sentence || layout != &layouts[LAYOUT_NARROW]) {
        start = to->size;
        add_provider(to, row, layout == &layouts[LAYOUT_WIDE]);
        fill_column(to, start, layout->provider);
    }
    if (!row->sentence || layout == &layouts[LAYOUT_WIDE]) {
        start = to->size;
        add_name(to, row);
        fill_column(to, start, layout->name);
    }
    add_payload(rows, row, to);
    add_schema(to, row);
}

/* ---- colours ---- */

#define COLOUR_END       "\x1b[0m"
#define COLOUR_TITLE     "\x1b[1m"
#define COLOUR_DATE      "\x1b[2m"
#define COLOUR_UNDECODED "\x1b[2m"
#define COLOUR_KERNEL    "\x1b[35m"

/* By what a provider tells of. */
static const struct {
    const char *provider; /* the beginning of its name */
    const char *colour;
} colours[] = {
    {"Microsoft-Windows-TCPIP", "\x1b[32m"},  {"Microsoft-Windows-Winsock-", "\x1b[36m"},
    {"Microsoft-Windows-SMB", "\x1b[33m"},    {"Microsoft-Windows-NDIS-PacketCapture", "\x1b[34m"},
    {"Microsoft-Windows-PktMon", "\x1b[34m"}, {"Microsoft-Windows-Kernel-", COLOUR_KERNEL},
};

/* NULL: the terminal's own. */
static const char *colour_of(const struct event_row *row)
{
    if (row->has_raw) {
        return COLOUR_UNDECODED;
    }
    for (size_t i = 0; row->provider && i < sizeof(colours) / sizeof(colours[0]); i++) {
        if (strncmp(row->provider, colours[i].provider, strlen(colours[i].provider)) == 0) {
            return colours[i].colour;
        }
    }
    return row->record->class_of == RECORD_IS_KERNEL ? COLOUR_KERNEL : NULL;
}

static void add_colour(struct out_event_rows *rows, const char *colour)
{
    if (rows->options.use_colour && colour) {
        text_add(&rows->line, colour);
    }
}

static void end_line(struct out_event_rows *rows, const char *colour)
{
    add_colour(rows, colour ? COLOUR_END : NULL);
    text_add_char(&rows->line, '\n');
}

/* ---- the format ---- */

/* Layouts without the date in each row say it, and the zone, when it changes. */
static void add_date(struct out_event_rows *rows, int64_t time)
{
    if (layout_of(rows) == &layouts[LAYOUT_WIDE] ||
        !out_is_new_day(time, bias_of(rows), &rows->last_day)) {
        return;
    }
    add_colour(rows, COLOUR_DATE);
    out_add_day(&rows->line, time, bias_of(rows));
    end_line(rows, COLOUR_DATE);
}

static void text_begin(struct out_event_rows *rows)
{
    const struct layout_widths *layout = layout_of(rows);
    struct text *to = &rows->line;
    add_colour(rows, COLOUR_TITLE);
    size_t start = to->size;
    text_add(to, "time ");
    if (layout == &layouts[LAYOUT_WIDE]) {
        out_add_zone(&rows->line, bias_of(rows));
    }
    fill_column(to, start, layout->time_count);
    text_add(to, "cpu ");
    const struct {
        const char *title;
        size_t width;
    } titles[] = {
        {"pid:tid", layout->ids}, {"provider", layout->provider}, {"event", layout->name}};
    for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++) {
        start = to->size;
        text_add(to, titles[i].title);
        fill_column(to, start, titles[i].width);
    }
    text_add(to, "fields");
    end_line(rows, COLOUR_TITLE);
}

/* Quotes and backslashes are plain here, unlike in JSON. */
static bool is_plain(const char *value, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)value[i] < 0x20 || (unsigned char)value[i] >= 0x7F) {
            return false;
        }
    }
    return true;
}

static void text_row(struct out_event_rows *rows, const struct event_row *row)
{
    struct text *words = &rows->scratch;
    const char *colour = colour_of(row);
    int width = rows->options.width;
    size_t room = width <= 0 ? SIZE_MAX : (size_t)(width < WIDTH_MINIMUM ? WIDTH_MINIMUM : width);
    text_clear(words);
    add_words(rows, row, words);
    while (words->size > 0 && words->data[words->size - 1] == ' ') {
        words->data[--words->size] = '\0';
    }
    rows->line.failed = rows->line.failed || words->failed;
    add_date(rows, row->record->time);
    add_colour(rows, colour);
    size_t shown = words->size <= room ? words->size : room - 1;
    if (is_plain(text_get(words), shown)) {
        text_add_bytes(&rows->line, text_get(words), shown);
        text_add(&rows->line, shown < words->size ? "~" : "");
    } else {
        (void)out_escape_terminal(&rows->line, text_get(words), room);
    }
    end_line(rows, colour);
}

const struct event_row_format event_rows_text = {
    .fields_style = OUT_FIELDS_WORDS, .begin = text_begin, .row = text_row};
