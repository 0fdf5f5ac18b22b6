/* SPDX-License-Identifier: MIT */
/*
 * owner_rows_format.h - what the formats of owner rows share, inside pcapout only.
 */
#ifndef PCAPOUT_OWNER_ROWS_FORMAT_H
#define PCAPOUT_OWNER_ROWS_FORMAT_H

#include "etw/base/text.h"
#include "pcapout/owner_rows.h"
#include "pcapout/owners.h"

/* One group with everything looked up. */
struct owner_row {
    const struct out_owner_group *group;
    const struct corr_process *owner;                             /* NULL: none */
    const struct corr_socket *socket;                             /* NULL: none */
    enum corr_confidence confidence;                              /* the least of its packets */
    char local[OUT_SOCKET_END_SIZE], remote[OUT_SOCKET_END_SIZE]; /* of the socket; "" */
};

struct owner_rows {
    const struct corr_ledger *ledger; /* borrowed; NULL: none */
    const struct out_rows_options *options;
    struct text line;      /* what is to be written */
    struct text via;       /* scratch */
    size_t count;          /* of rows written */
    struct owner_row last; /* the row before; its group is NULL: none */
    /* over all groups */
    uint64_t packets, owned;
    uint64_t by_confidence[CORR_CERTAIN + 1];
};

struct owner_rows_format {
    void (*begin)(struct owner_rows *rows); /* may be NULL, like end */
    void (*row)(struct owner_rows *rows, const struct owner_row *row);
    void (*end)(struct owner_rows *rows);
};

extern const struct owner_rows_format owner_rows_text;
extern const struct owner_rows_format owner_rows_ndjson;
extern const struct owner_rows_format owner_rows_json;
extern const struct owner_rows_format owner_rows_csv;

#endif
