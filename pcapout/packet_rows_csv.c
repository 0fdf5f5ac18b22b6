/* SPDX-License-Identifier: MIT */
/*
 * packet_rows_csv.c - packet rows as CSV. The columns are the members of the JSON
 * row under dotted names, those of owners included: a program that reads the
 * columns by number need not change when a trace has owners.
 */
#include "pcapout/escape.h"
#include "pcapout/number_text.h"
#include "pcapout/packet_columns.h"
#include "pcapout/packet_rows.h"

/* In the order of the columns. */
/* clang-format off */
static const struct packet_columns *const groups[] = {
    &packet_columns_frame,
    &packet_columns_owner,
    &packet_columns_sighting,
    &packet_columns_route,
    &packet_columns_offload,
    &packet_columns_behalf,
    &packet_columns_files, /* the last: only where there are several files */
};
/* clang-format on */

void packet_column_number(struct text *to, uint64_t value)
{
    char digits[NUMBER_TEXT_SIZE];
    text_add_bytes(to, digits, number_text(value, digits));
}

void packet_column_text(struct text *to, const char *value)
{
    if (value) {
        out_escape_csv(to, value);
    }
}

static size_t group_count(const struct out_packet_rows *rows)
{
    return sizeof(groups) / sizeof(groups[0]) - !rows->options.has_files;
}

static void csv_begin(struct out_packet_rows *rows)
{
    for (size_t i = 0; i < group_count(rows); i++) {
        for (size_t k = 0; k < groups[i]->count; k++) {
            text_add(&rows->line, i + k > 0 ? "," : "");
            text_add(&rows->line, groups[i]->columns[k].name);
        }
    }
    text_add(&rows->line, "\n");
}

static void csv_row(struct out_packet_rows *rows, const struct packet_row *row)
{
    for (size_t i = 0; i < group_count(rows); i++) {
        for (size_t k = 0; k < groups[i]->count; k++) {
            if (i + k > 0) {
                text_add_char(&rows->line, ',');
            }
            groups[i]->columns[k].add(rows, &rows->line, row);
        }
    }
    text_add(&rows->line, "\n");
}

const struct row_format packet_rows_csv = {.begin = csv_begin, .row = csv_row};
