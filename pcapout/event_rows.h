/* SPDX-License-Identifier: MIT */
/*
 * event_rows.h - one row per event of any provider, decoded as far as its schema
 * goes, in the format the user asked for.
 *
 *     out_event_rows_new(file, &options, &rows, &error);
 *     out_event_rows_set_event(rows, &event);
 *     etw_trace_read_fields(trace, record, out_event_rows_visitor(rows), &result);
 *     out_event_rows_event(rows, record, &result, &error);
 *     out_event_rows_finish(rows, &error);
 */
#ifndef PCAPOUT_EVENT_ROWS_H
#define PCAPOUT_EVENT_ROWS_H

#include <stdbool.h>

#include "etw/base/error.h"
#include "etw/event.h"
#include "etw/fields.h"
#include "etw/record.h"
#include "pcapout/output_file.h"
#include "pcapout/rows.h"

struct out_event_rows;

struct out_event_rows_options {
    enum out_format format;
    bool use_colour;     /* text only */
    int width;           /* columns of the terminal, text only; 0: do not cut */
    bool use_local_time; /* text only */
    int bias_minutes;    /* of the trace, for local time */
    bool has_files;      /* csv: the trace has several files, and rows say which */
    bool with_schema;    /* say which layout was used and where it came from */
    /* Members of "trace" in --format json, already JSON: {"file":...}. */
    const char *trace_json;
};

/* `file` is borrowed for the life of the writer. */
enum etw_status out_event_rows_new(struct out_file *file,
                                   const struct out_event_rows_options *options,
                                   struct out_event_rows **out, struct etw_error *error);
/* What the next event says, as far as it is known: people get it as a sentence, and
 * then only the fields that are not in it. Other formats are the same without. The
 * event is borrowed until its row is written. */
void out_event_rows_set_event(struct out_event_rows *rows, const struct etw_event *event);
/* Takes the fields of the next event. */
const struct etw_fields_visitor *out_event_rows_visitor(struct out_event_rows *rows);
/* Writes the row of the event whose fields were given to the visitor since. */
enum etw_status out_event_rows_event(struct out_event_rows *rows, const struct etw_record *record,
                                     const struct etw_fields_result *result,
                                     struct etw_error *error);
enum etw_status out_event_rows_finish(struct out_event_rows *rows, struct etw_error *error);
void out_event_rows_free(struct out_event_rows *rows); /* NULL is allowed */

#endif
