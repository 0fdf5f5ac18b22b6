/* SPDX-License-Identifier: MIT */
/*
 * timeline_rows_format.h - what the formats of timeline rows share, inside pcapout only.
 */
#ifndef PCAPOUT_TIMELINE_ROWS_FORMAT_H
#define PCAPOUT_TIMELINE_ROWS_FORMAT_H

#include "etw/base/text.h"
#include "pcapout/names.h"
#include "pcapout/owners.h"
#include "pcapout/step_sentences.h"
#include "pcapout/timeline_rows.h"

/* One step with everything looked up. */
struct timeline_row {
    const struct corr_step *step;
    const struct corr_socket *socket;  /* NULL: none */
    const struct corr_process *owner;  /* NULL: none */
    const struct corr_process *behalf; /* whom the owner answers for; NULL: nobody is known */
    const char *provider;              /* name, or GUID in `guid`; NULL: no event */
    char guid[GUID_TEXT_SIZE];
    const char *sentence;
    struct out_smb_step_names smb; /* of other layers "" */
    const char *direction;         /* "in", "out", "unknown"; "": it is no packet */
    const char *reason;            /* why there is no owner; "": there is one */
    const char *confidence;        /* "": not said */
    struct out_drop_names drop;    /* of a dropped packet; else zeroed */
};

/* One socket behind the rows, or the ends of packets without one. */
struct timeline_socket {
    const struct corr_socket *socket;
    uint32_t row;                     /* of the ledger; CORR_NO_ROW: packets without socket */
    const struct corr_process *owner; /* NULL: none */
    const char *reason;               /* "": there is an owner, or nobody is asked for */
    const char *confidence;
    char protocol[CORR_PROTOCOL_TEXT_SIZE];
    char local[OUT_SOCKET_END_SIZE];
    char remote[OUT_SOCKET_END_SIZE];
    struct corr_judgement judgements[CORR_JUDGE_COUNT];
    size_t judgement_count;
    bool is_first; /* of its kind */
};

struct timeline_format;

struct out_timeline_rows {
    struct out_file *file; /* borrowed */
    struct out_timeline_options options;
    const struct timeline_format *format;
    const struct corr_timeline *timeline; /* borrowed while finishing; may be NULL */
    struct text line;                     /* of the row being made */
    struct text sentence;                 /* scratch */
    struct text path;                     /* of SMB */
    uint64_t count;
    int64_t first_time, last_time; /* of the rows written */
    int64_t last_day;              /* text: day of the row before, since 1601 */
    bool has_socket, has_more;     /* text: a socket is written; more than a line of it */
    /* sockets that had steps, in order of their first one */
    uint32_t *sockets; /* owned; rows of the ledger */
    size_t socket_count, socket_capacity;
    uint8_t *is_listed; /* owned; bit per row of the ledger */
    size_t *orphans;    /* owned; numbers of the judge's */
    size_t orphan_count, orphan_capacity;
};

/* Each adds to rows->line, which is written out after every call; each but row may be NULL. */
struct timeline_format {
    void (*begin)(struct out_timeline_rows *rows);
    void (*row)(struct out_timeline_rows *rows, const struct timeline_row *row);
    void (*end_rows)(struct out_timeline_rows *rows);
    /* The sockets that had steps, then the ends of packets without socket. */
    void (*socket)(struct out_timeline_rows *rows, const struct timeline_socket *socket);
    void (*end_sockets)(struct out_timeline_rows *rows);
    void (*orphan)(struct out_timeline_rows *rows, const struct timeline_socket *socket);
    void (*end)(struct out_timeline_rows *rows);
    size_t socket_maximum; /* of sockets that are given; 0: all */
};

extern const struct timeline_format timeline_text;
extern const struct timeline_format timeline_ndjson;
extern const struct timeline_format timeline_json;
extern const struct timeline_format timeline_csv;
extern const struct timeline_format timeline_html;

/* As the step's layer names it. */
void timeline_add_status(struct text *to, const struct corr_step *step);
/* Objects without line end, as docs/schemas/timeline.schema.json has them. */
void timeline_json_add_row(struct out_timeline_rows *rows, const struct timeline_row *row);
void timeline_json_add_socket(struct out_timeline_rows *rows, const struct timeline_socket *socket);

#endif
