/* SPDX-License-Identifier: MIT */
/*
 * packet_rows.h - what the formats of packet rows share, inside pcapout only: a
 * row with everything looked up, and the writer's state.
 *
 * To add a member to packet rows: here, in fill_row() of rows.c, and in the
 * formats: packet_rows_json.c, packet_columns_*.c (a column of CSV) and, where
 * people want it, packet_rows_text.c. Names and order are part of the interface.
 */
#ifndef PCAPOUT_PACKET_ROWS_H
#define PCAPOUT_PACKET_ROWS_H

#include "etw/base/text.h"
#include "etw/base/utc_time.h"
#include "pcapout/names.h"
#include "pcapout/owners.h"
#include "pcapout/rows.h"

#define ROW_FLAGS_SIZE 9 /* FSRPAUEC */

struct packet_row {
    const struct corr_packet *packet;
    const char *interface;
    const char *direction;
    const struct corr_process *owner;             /* NULL: none */
    const struct corr_socket *socket;             /* NULL: none */
    const char *confidence;                       /* "" without owner */
    const char *reason;                           /* why there is no owner; "" with one */
    uint32_t candidates[CORR_CANDIDATES_MAXIMUM]; /* rows of processes */
    size_t candidate_count;                       /* of shared and ambiguous packets */
    const char *component;                        /* of the packet monitor; NULL: none */
    bool is_sighting;           /* one of several of its packet: all appearances are written */
    struct out_drop_names drop; /* of dropped packets; else NULL */
    uint32_t length;
    char protocol[CORR_PROTOCOL_TEXT_SIZE];
    char source[CORR_ENDPOINT_TEXT_SIZE];
    char destination[CORR_ENDPOINT_TEXT_SIZE];
    char tcp_flags[ROW_FLAGS_SIZE];     /* "" when it is not TCP or has none */
    char component_text[OUT_NAME_SIZE]; /* where the name stands when it is a number */
};

struct row_format;

struct out_packet_rows {
    struct out_file *file;                /* borrowed */
    struct out_interfaces *interfaces;    /* borrowed */
    const struct corr_adapters *adapters; /* borrowed */
    struct out_rows_options options;
    const struct row_format *format;
    struct text line; /* of the row being made */
    struct text via;  /* scratch: a chain */
    uint64_t count;
    int64_t last_day; /* text: day of the row before, since 1601 */
};

/* Each adds to rows->line; begin and end may be NULL. */
struct row_format {
    void (*begin)(struct out_packet_rows *rows);
    void (*row)(struct out_packet_rows *rows, const struct packet_row *row);
    void (*end)(struct out_packet_rows *rows);
};

extern const struct row_format packet_rows_text;
extern const struct row_format packet_rows_ndjson;
extern const struct row_format packet_rows_json;
extern const struct row_format packet_rows_csv;

#endif
