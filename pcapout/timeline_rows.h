/* SPDX-License-Identifier: MIT */
/*
 * timeline_rows.h - the steps of a timeline as text, ndjson, json, csv or one page of
 * HTML.
 *
 *     out_timeline_rows_new(file, &options, &rows, &error);
 *     out_timeline_rows_step(rows, &step, &error) ...
 *     out_timeline_rows_finish(rows, timeline, judge, &error);
 *     out_timeline_rows_free(rows);
 */
#ifndef PCAPOUT_TIMELINE_ROWS_H
#define PCAPOUT_TIMELINE_ROWS_H

#include "correlate/judge.h"
#include "correlate/timeline.h"
#include "pcapout/rows.h"

struct out_timeline_options {
    enum out_format format;
    bool is_html; /* then `format` does not count */
    bool is_top;  /* there are no steps: ndjson and csv list the sockets instead */
    bool use_colour;
    int width; /* columns of the terminal, text only; 0: do not cut */
    bool use_local_time;
    int bias_minutes;
    bool has_files;                              /* as in struct out_rows_options */
    const struct corr_ledger *ledger;            /* borrowed; finished */
    const struct corr_adapters *adapters;        /* borrowed; names components that drop */
    const struct corr_smb_operations *smb_names; /* borrowed; NULL: steps of SMB name no files */
    const char *title;                           /* of the page: the name of the trace */
    const char *trace_json;                      /* members of "trace", already JSON */
};

struct out_timeline_rows;

/* `file` is borrowed. */
enum etw_status out_timeline_rows_new(struct out_file *file,
                                      const struct out_timeline_options *options,
                                      struct out_timeline_rows **out, struct etw_error *error);
enum etw_status out_timeline_rows_step(struct out_timeline_rows *rows, const struct corr_step *step,
                                       struct etw_error *error);
/* Lists a socket as if it had a step. */
enum etw_status out_timeline_rows_socket(struct out_timeline_rows *rows, uint32_t socket,
                                         struct etw_error *error);
/* Packets without socket are judged, too: lists the ends with this number of
 * corr_judge_orphan() behind the sockets. */
enum etw_status out_timeline_rows_orphan(struct out_timeline_rows *rows, size_t orphan,
                                         struct etw_error *error);
/* The sockets that had steps, with their states and what is judged of them. `timeline` and `judge`
 * may be NULL: then nothing is inferred, or judged. */
enum etw_status out_timeline_rows_finish(struct out_timeline_rows *rows,
                                         const struct corr_timeline *timeline,
                                         const struct corr_judge *judge, struct etw_error *error);
void out_timeline_rows_free(struct out_timeline_rows *rows); /* NULL is allowed */

#endif
