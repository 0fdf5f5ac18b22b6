/* SPDX-License-Identifier: MIT */
/*
 * packet_columns.h - the columns of packet rows as CSV, in groups that packet_rows_csv.c puts
 * one behind the other; inside pcapout only.
 *
 * To add a column: a function and a row in the table of its group. Names and order are part
 * of the interface: programs read columns by number, and one that comes in between moves them.
 */
#ifndef PCAPOUT_PACKET_COLUMNS_H
#define PCAPOUT_PACKET_COLUMNS_H

#include <stddef.h>
#include <stdint.h>

#include "etw/base/text.h"
#include "pcapout/packet_rows.h"

/* Bytes of a list in one field. */
#define PACKET_COLUMN_MAXIMUM 8192

struct packet_column {
    const char *name; /* as in the first line; the members of the JSON row under dotted names */
    /* Adds the value, or nothing where the row has none. */
    void (*add)(const struct out_packet_rows *rows, struct text *to, const struct packet_row *row);
};

struct packet_columns {
    const struct packet_column *columns;
    size_t count;
};

extern const struct packet_columns packet_columns_frame;    /* what every packet is */
extern const struct packet_columns packet_columns_owner;    /* whose it is, and the evidence */
extern const struct packet_columns packet_columns_sighting; /* where it was seen or dropped */
extern const struct packet_columns packet_columns_route;    /* radio, switch, remote access */
extern const struct packet_columns packet_columns_offload;  /* what the adapter does */
extern const struct packet_columns packet_columns_behalf;   /* for whom its owner works */
extern const struct packet_columns packet_columns_files;    /* where the evidence stands */

/* One field of a row. A text is quoted where CSV needs it; NULL is an empty field. */
void packet_column_number(struct text *to, uint64_t value);
void packet_column_text(struct text *to, const char *value);

#endif
