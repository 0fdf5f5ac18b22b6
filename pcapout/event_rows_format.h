/* SPDX-License-Identifier: MIT */
/*
 * event_rows_format.h - what the formats of event rows share, inside pcapout only: a
 * row with everything looked up, and the writer's state.
 *
 * To add a member to event rows: here, in fill_row() of event_rows.c, and in the
 * formats: event_rows_json.c, event_rows_csv.c (a column) and, where people want it,
 * event_rows_text.c; then in docs/schemas/events.schema.json. Names and order are part
 * of the interface.
 */
#ifndef PCAPOUT_EVENT_ROWS_FORMAT_H
#define PCAPOUT_EVENT_ROWS_FORMAT_H

#include "etw/base/guid.h"
#include "etw/base/text.h"
#include "etw/base/utc_time.h"
#include "pcapout/event_fields.h"
#include "pcapout/event_rows.h"

struct event_row {
    const struct etw_record *record;
    const struct etw_fields_result *result;
    const char *provider;  /* NULL: not known */
    const char *guid;      /* NULL: the record has none */
    const char *name;      /* NULL: not known */
    const char *sentence;  /* in words, what the event says; NULL: there are none */
    const char *undecoded; /* why something is left; NULL: nothing is */
    bool has_id;           /* manifest: event id; message: message number */
    bool has_level;
    bool has_keywords;
    bool has_raw;            /* nothing was decoded: the payload as it is */
    const char *schema;      /* where the layout came from; NULL: not asked for, or none */
    const char *schema_name; /* NULL: it has none */
};

struct event_row_format;

/* Text of a GUID, kept because few providers log most events. */
struct guid_text {
    bool is_used;
    struct guid guid;
    char text[GUID_TEXT_SIZE];
};

#define GUID_TEXTS 64

struct out_event_rows {
    struct out_file *file; /* borrowed */
    struct out_event_rows_options options;
    const struct event_row_format *format;
    struct out_fields fields;          /* of the event being read */
    struct text sentence;              /* of it; empty: none */
    const struct etw_event *event;     /* borrowed, of the sentence; NULL: none */
    unsigned depth;                    /* of structs and arrays in its fields */
    struct etw_fields_visitor visitor; /* leaves out what the sentence says */
    struct text line;                  /* of the row being made */
    struct text scratch;               /* of the format */
    uint64_t count;
    int64_t last_day; /* text: day of the row before, since 1601 */
    struct guid_text guids[GUID_TEXTS];
};

/* Each adds to rows->line; begin and end may be NULL. */
struct event_row_format {
    enum out_fields_style fields_style;
    void (*begin)(struct out_event_rows *rows);
    void (*row)(struct out_event_rows *rows, const struct event_row *row);
    void (*end)(struct out_event_rows *rows);
};

extern const struct event_row_format event_rows_text;
extern const struct event_row_format event_rows_ndjson;
extern const struct event_row_format event_rows_json;
extern const struct event_row_format event_rows_csv;

/* Two digits a byte. */
void event_add_hex(struct text *to, const struct bytes *payload);

#endif
