/* SPDX-License-Identifier: MIT */
/*
 * timeline_rows_format.h - what the formats of timeline rows share, inside pcapout only.
 */
#ifndef PCAPOUT_TIMELINE_ROWS_FORMAT_H
#define PCAPOUT_TIMELINE_ROWS_FORMAT_H

#include "etw/base/text.h"
#include "pcapout/owners.h"
#include "pcapout/timeline_rows.h"

/* One step with everything looked up. */
struct timeline_row {
    const struct corr_step *step;
    const struct corr_socket *socket; /* NULL: none */
    const struct corr_process *owner; /* NULL: none */
    const char *provider;             /* name, or GUID in `guid`; NULL: no event */
    char guid[GUID_TEXT_SIZE];
    const char *sentence;
};

struct timeline_format;

struct out_timeline_rows {
    struct out_file *file; /* borrowed */
    struct out_timeline_options options;
    const struct timeline_format *format;
    struct text line;     /* of the row being made */
    struct text sentence; /* scratch */
    uint64_t count;
    int64_t first_time, last_time; /* of the rows written */
    int64_t last_day;              /* text: day of the row before, since 1601 */
    /* sockets that had steps, in order of their first one */
    uint32_t *sockets; /* owned; rows of the ledger */
    size_t socket_count, socket_capacity;
    uint8_t *is_listed; /* owned; bit per row of the ledger */
    size_t *orphans;    /* owned; numbers of the judge's */
    size_t orphan_count, orphan_capacity;
};

/* Each adds to rows->line; all but row may be NULL. */
struct timeline_format {
    void (*begin)(struct out_timeline_rows *rows);
    void (*row)(struct out_timeline_rows *rows, const struct timeline_row *row);
    /* Behind the rows. `judge` may be NULL. */
    void (*end)(struct out_timeline_rows *rows, const struct corr_judge *judge);
};

extern const struct timeline_format timeline_text;
extern const struct timeline_format timeline_ndjson;
extern const struct timeline_format timeline_json;
extern const struct timeline_format timeline_csv;
extern const struct timeline_format timeline_html;

/* One JSON object without line end: a row, as docs/schemas/timeline.schema.json has it. */
void timeline_json_add_row(struct out_timeline_rows *rows, const struct timeline_row *row);
/* The array of the sockets that had steps: members of `sockets` rows, and what is judged. */
void timeline_json_add_sockets(struct out_timeline_rows *rows, const struct corr_judge *judge);

#endif
