/* SPDX-License-Identifier: MIT */
/*
 * socket_rows_format.h - what the formats of socket rows share, inside pcapout only.
 */
#ifndef PCAPOUT_SOCKET_ROWS_FORMAT_H
#define PCAPOUT_SOCKET_ROWS_FORMAT_H

#include "etw/base/text.h"
#include "pcapout/owners.h"
#include "pcapout/socket_rows.h"

#define SOCKET_PROTOCOL_SIZE 16

/* One socket with everything looked up. */
struct socket_row {
    uint32_t row; /* of the ledger */
    const struct corr_socket *socket;
    const struct corr_process *owner; /* NULL: none */
    const char *reason;               /* why there is none; "" with one */
    const char *confidence;           /* "" without owner */
    const struct out_traffic *traffic;
    uint64_t bytes_sent, bytes_received;
    enum corr_bytes_from bytes_from;
    const char *dns;              /* name of the remote end; NULL: not known */
    const struct corr_http *http; /* NULL: nothing is known of it */
    char protocol[SOCKET_PROTOCOL_SIZE];
    char local[OUT_SOCKET_END_SIZE], remote[OUT_SOCKET_END_SIZE];
    /* of what changed its state, the first ones */
    struct corr_state_change *states; /* borrowed from the writer */
    size_t state_count;
    struct corr_judgement judgements[CORR_JUDGE_COUNT];
    size_t judgement_count;
};

struct socket_rows_format;

struct out_socket_rows {
    struct out_file *file;                    /* borrowed */
    const struct out_socket_traffic *traffic; /* borrowed */
    const struct corr_judge *judge;           /* borrowed; may be NULL */
    struct out_rows_options options;
    const struct socket_rows_format *format;
    struct text line; /* of the row being made */
    struct text via;  /* scratch */
    uint64_t count;
    struct corr_state_change *states; /* owned */
    size_t state_capacity;
};

/* Each adds to rows->line; begin and end may be NULL. */
struct socket_rows_format {
    void (*begin)(struct out_socket_rows *rows);
    void (*row)(struct out_socket_rows *rows, const struct socket_row *row);
    void (*end)(struct out_socket_rows *rows);
};

extern const struct socket_rows_format socket_rows_text;
extern const struct socket_rows_format socket_rows_ndjson;
extern const struct socket_rows_format socket_rows_json;
extern const struct socket_rows_format socket_rows_csv;

/* "0xC00000B5 STATUS_IO_TIMEOUT" */
void socket_status_format(uint32_t status, struct text *to);

#endif
