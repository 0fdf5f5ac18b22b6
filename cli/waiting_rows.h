/* SPDX-License-Identifier: MIT */
/*
 * waiting_rows.h - what stands between the packets of a pcapng file, waiting until the packets
 * before it are written, which may be held back.
 *
 *     cli_waiting_rows_add(&rows, &row->base, &error);        in the order of times
 *     cli_waiting_rows_write(&rows, packet->time, &error);    before each packet
 *     cli_waiting_rows_done(&rows);
 */
#ifndef CLI_WAITING_ROWS_H
#define CLI_WAITING_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "etw/base/error.h"

struct cli_waiting_row;

struct cli_waiting_kind {
    /* Writes the row; it is free afterwards, but for what the kind keeps of it itself. */
    enum etw_status (*write)(struct cli_waiting_row *row, struct etw_error *error);
    void (*free)(struct cli_waiting_row *row);
};

/* Begins each row. */
struct cli_waiting_row {
    struct cli_waiting_row *next;
    const struct cli_waiting_kind *kind;
    void *context; /* borrowed, of the kind */
    int64_t time;
    size_t size; /* bytes of memory */
};

/* Zeroed: empty. */
struct cli_waiting_rows {
    struct cli_waiting_row *first, *last; /* owned */
    size_t size;
};

void cli_waiting_rows_done(struct cli_waiting_rows *rows);
/* Takes the row, which is not earlier than those before. Of more than 16 MiB the first are written
 * at once, before packets that are still held back. */
enum etw_status cli_waiting_rows_add(struct cli_waiting_rows *rows, struct cli_waiting_row *row,
                                     struct etw_error *error);
/* Writes what is not later than `time`. */
enum etw_status cli_waiting_rows_write(struct cli_waiting_rows *rows, int64_t time,
                                       struct etw_error *error);
/* A row that waits has grown. */
enum etw_status cli_waiting_rows_grow(struct cli_waiting_rows *rows, struct cli_waiting_row *row,
                                      size_t size, struct etw_error *error);

#endif
