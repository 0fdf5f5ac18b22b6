/* SPDX-License-Identifier: MIT */
#include "cli/waiting_rows.h"

/* Bytes of rows that wait for packets; beyond it they are written, out of order. */
#define WAITING_MAXIMUM (16u << 20)

static struct cli_waiting_row *take_first(struct cli_waiting_rows *rows)
{
    struct cli_waiting_row *first = rows->first;
    rows->first = first->next;
    rows->last = rows->first ? rows->last : NULL;
    rows->size -= first->size;
    return first;
}

void cli_waiting_rows_done(struct cli_waiting_rows *rows)
{
    while (rows->first) {
        struct cli_waiting_row *row = take_first(rows);
        row->kind->free(row);
    }
}

static enum etw_status write_first(struct cli_waiting_rows *rows, struct etw_error *error)
{
    struct cli_waiting_row *row = take_first(rows);
    return row->kind->write(row, error);
}

static enum etw_status write_surplus(struct cli_waiting_rows *rows, struct etw_error *error)
{
    enum etw_status status = ETW_OK;
    while (!status && rows->size > WAITING_MAXIMUM) {
        status = write_first(rows, error);
    }
    return status;
}

enum etw_status cli_waiting_rows_add(struct cli_waiting_rows *rows, struct cli_waiting_row *row,
                                     struct etw_error *error)
{
    row->next = NULL;
    if (rows->last) {
        rows->last->next = row;
    } else {
        rows->first = row;
    }
    rows->last = row;
    rows->size += row->size;
    return write_surplus(rows, error);
}

enum etw_status cli_waiting_rows_grow(struct cli_waiting_rows *rows, struct cli_waiting_row *row,
                                      size_t size, struct etw_error *error)
{
    row->size += size;
    rows->size += size;
    return write_surplus(rows, error);
}

enum etw_status cli_waiting_rows_write(struct cli_waiting_rows *rows, int64_t time,
                                       struct etw_error *error)
{
    enum etw_status status = ETW_OK;
    while (!status && rows->first && rows->first->time <= time) {
        status = write_first(rows, error);
    }
    return status;
}
