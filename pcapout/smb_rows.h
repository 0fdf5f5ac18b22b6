/* SPDX-License-Identifier: MIT */
/*
 * smb_rows.h - the rows of `smb`: groups of operations, or the operations themselves.
 *
 *     out_smb_rows_new(file, &options, &rows, &error);
 *     out_smb_rows_group(rows, &group, &error) ...      or out_smb_rows_operation()
 *     out_smb_rows_finish(rows, &seen, &error);
 *     out_smb_rows_free(rows);
 */
#ifndef PCAPOUT_SMB_ROWS_H
#define PCAPOUT_SMB_ROWS_H

#include "correlate/smb_conditions.h"
#include "correlate/smb_events.h"
#include "correlate/smb_streams.h"
#include "etw/base/text.h"
#include "pcapout/rows.h"
#include "pcapout/smb_groups.h"

#define OUT_SMB_CONDITIONS (4u << 20)

struct out_smb_options {
    struct out_rows_options rows;                 /* with a ledger */
    const struct corr_smb_operations *operations; /* borrowed; for names */
    enum out_smb_by by;
    bool has_operations; /* rows are operations, not groups */
};

/* Of the whole trace, before any filter. */
struct out_smb_seen {
    struct corr_smb_totals totals;         /* of operations */
    struct corr_smb_stream_counts streams; /* of packets */
    struct corr_smb_event_counts events;
};

struct out_smb_rows;

/* `file` is borrowed. */
enum etw_status out_smb_rows_new(struct out_file *file, const struct out_smb_options *options,
                                 struct out_smb_rows **out, struct etw_error *error);
enum etw_status out_smb_rows_group(struct out_smb_rows *rows, const struct out_smb_group *group,
                                   struct etw_error *error);
enum etw_status out_smb_rows_operation(struct out_smb_rows *rows,
                                       const struct corr_smb_operation *operation,
                                       struct etw_error *error);
/* What happened that is no operation; text and json list them behind the rows, as far as there is
 * room (OUT_SMB_CONDITIONS bytes); of others it is ignored. */
enum etw_status out_smb_rows_condition(struct out_smb_rows *rows,
                                       const struct corr_smb_condition *condition,
                                       struct etw_error *error);
/* `seen`: what was counted of the trace; what could not be told is in text and json. */
enum etw_status out_smb_rows_finish(struct out_smb_rows *rows, const struct out_smb_seen *seen,
                                    struct etw_error *error);
/* The same as a sentence without full stop, for formats that have no place for it; nothing when all
 * was told. */
void out_smb_add_untold(const struct out_smb_seen *seen, struct text *to);
void out_smb_rows_free(struct out_smb_rows *rows); /* NULL is allowed */

/* "file", "share", "server", "process" */
const char *out_smb_by_name(enum out_smb_by by);

#endif
