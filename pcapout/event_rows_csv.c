/* SPDX-License-Identifier: MIT */
/*
 * event_rows_csv.c - event rows as CSV. The columns are the members of the JSON row;
 * events differ in their fields, so these are one cell that holds JSON.
 */
#include "pcapout/escape.h"
#include "pcapout/event_rows_format.h"
#include "pcapout/number_text.h"

/* Adds the value of one column, or nothing where the row has none. */
typedef void add_value_function(struct text *to, const struct out_event_rows *rows,
                                const struct event_row *row);

static void add_number(struct text *to, uint64_t value)
{
    char digits[NUMBER_TEXT_SIZE];
    text_add_bytes(to, digits, number_text(value, digits));
}

static void add_text(struct text *to, const char *value)
{
    if (value) {
        out_escape_csv(to, value);
    }
}

/* JSON as it was written here: valid UTF-8 in one line, so only quotes need care. */
static void add_quoted(struct text *to, const char *json, size_t size)
{
    char *start = text_reserve(to, 2 * size + 2);
    char *at = start;
    if (!at) {
        return;
    }
    *at++ = '"';
    for (size_t i = 0; i < size; i++) {
        *at = '"';
        at += json[i] == '"';
        *at++ = json[i];
    }
    *at++ = '"';
    *at = '\0';
    to->size += (size_t)(at - start);
}

static void time_of(struct text *to, const struct out_event_rows *rows, const struct event_row *row)
{
    (void)rows;
    char time[UTC_TEXT_SIZE];
    text_add_bytes(to, time, (size_t)utc_format(row->record->time, 0, time));
}

static void provider(struct text *to, const struct out_event_rows *rows,
                     const struct event_row *row)
{
    (void)rows;
    add_text(to, row->provider);
}

static void provider_guid(struct text *to, const struct out_event_rows *rows,
                          const struct event_row *row)
{
    (void)rows;
    add_text(to, row->guid);
}

static void id(struct text *to, const struct out_event_rows *rows, const struct event_row *row)
{
    (void)rows;
    if (row->has_id) {
        add_number(to, row->record->id);
    }
}

static void version(struct text *to, const struct out_event_rows *rows, const struct event_row *row)
{
    (void)rows;
    add_number(to, row->record->version);
}

static void name(struct text *to, const struct out_event_rows *rows, const struct event_row *row)
{
    (void)rows;
    add_text(to, row->name);
}

static void level(struct text *to, const struct out_event_rows *rows, const struct event_row *row)
{
    (void)rows;
    if (row->has_level) {
        add_number(to, row->record->level);
    }
}

static void opcode(struct text *to, const struct out_event_rows *rows, const struct event_row *row)
{
    (void)rows;
    add_number(to, row->record->opcode);
}

static void keywords(struct text *to, const struct out_event_rows *rows,
                     const struct event_row *row)
{
    (void)rows;
    if (row->has_keywords) {
        char hex[OUT_HEX_TEXT_SIZE];
        text_add(to, out_hex_text(row->record->keywords, hex));
    }
}

static void header_pid(struct text *to, const struct out_event_rows *rows,
                       const struct event_row *row)
{
    (void)rows;
    if (row->record->process_id != RECORD_NO_ID) {
        add_number(to, row->record->process_id);
    }
}

static void header_tid(struct text *to, const struct out_event_rows *rows,
                       const struct event_row *row)
{
    (void)rows;
    if (row->record->thread_id != RECORD_NO_ID) {
        add_number(to, row->record->thread_id);
    }
}

static void cpu(struct text *to, const struct out_event_rows *rows, const struct event_row *row)
{
    (void)rows;
    add_number(to, row->record->cpu);
}

static void offset(struct text *to, const struct out_event_rows *rows, const struct event_row *row)
{
    (void)rows;
    add_number(to, etw_place_offset(row->record->offset));
}

static void file(struct text *to, const struct out_event_rows *rows, const struct event_row *row)
{
    (void)rows;
    add_number(to, etw_place_file(row->record->offset));
}

static void fields(struct text *to, const struct out_event_rows *rows, const struct event_row *row)
{
    if (!row->has_raw) {
        add_quoted(to, text_get(&rows->fields.text), rows->fields.text.size);
    }
}

static void raw(struct text *to, const struct out_event_rows *rows, const struct event_row *row)
{
    (void)rows;
    if (row->has_raw) {
        event_add_hex(to, &row->record->payload);
    }
}

static void undecoded(struct text *to, const struct out_event_rows *rows,
                      const struct event_row *row)
{
    (void)rows;
    add_text(to, row->undecoded);
}

static void schema_source(struct text *to, const struct out_event_rows *rows,
                          const struct event_row *row)
{
    (void)rows;
    add_text(to, row->schema);
}

static void schema_name(struct text *to, const struct out_event_rows *rows,
                        const struct event_row *row)
{
    (void)rows;
    add_text(to, row->schema_name);
}

struct csv_column {
    const char *name;
    add_value_function *add;
};

/* clang-format off */
static const struct csv_column columns[] = {
    {"time", time_of},
    {"provider", provider},
    {"provider_guid", provider_guid},
    {"id", id},
    {"version", version},
    {"name", name},
    {"level", level},
    {"opcode", opcode},
    {"keywords", keywords},
    {"header_pid", header_pid},
    {"header_tid", header_tid},
    {"cpu", cpu},
    {"offset", offset},
    {"fields", fields},
    {"raw", raw},
    {"undecoded", undecoded},
    {"schema.source", schema_source},
    {"schema.name", schema_name},
    {"file", file}, /* the last: only where there are several files */
};
/* clang-format on */

static size_t column_count(const struct out_event_rows *rows)
{
    return sizeof(columns) / sizeof(columns[0]) - !rows->options.has_files;
}

static void csv_begin(struct out_event_rows *rows)
{
    for (size_t i = 0; i < column_count(rows); i++) {
        text_add(&rows->line, i > 0 ? "," : "");
        text_add(&rows->line, columns[i].name);
    }
    text_add(&rows->line, "\n");
}

static void csv_row(struct out_event_rows *rows, const struct event_row *row)
{
    for (size_t i = 0; i < column_count(rows); i++) {
        text_add(&rows->line, i > 0 ? "," : "");
        columns[i].add(&rows->line, rows, row);
    }
    text_add(&rows->line, "\n");
}

const struct event_row_format event_rows_csv = {
    .fields_style = OUT_FIELDS_JSON, .begin = csv_begin, .row = csv_row};
