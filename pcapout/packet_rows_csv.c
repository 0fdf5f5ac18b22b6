/* SPDX-License-Identifier: MIT */
/*
 * packet_rows_csv.c - packet rows as CSV. The columns are the members of the JSON
 * row under dotted names, those of owners included: a program that reads the
 * columns by number need not change when a trace has owners.
 */
#include "pcapout/escape.h"
#include "pcapout/number_text.h"
#include "pcapout/packet_rows.h"

/* Adds the value of one column, or nothing where the row has none. */
typedef void add_value_function(struct text *to, const struct packet_row *row);

static void add_number(struct text *to, uint64_t value)
{
    char digits[NUMBER_TEXT_SIZE];
    text_add_bytes(to, digits, number_text(value, digits));
}

static void add_text(struct text *to, const char *value)
{
    if (value) {
        out_escape_csv(to, value);
    }
}

static void frame(struct text *to, const struct packet_row *row)
{
    add_number(to, row->packet->frame);
}

static void time_of(struct text *to, const struct packet_row *row)
{
    char time[UTC_TEXT_SIZE];
    text_add_bytes(to, time, (size_t)utc_format(row->packet->time, 0, time));
}

static void interface_name(struct text *to, const struct packet_row *row)
{
    add_text(to, row->interface);
}

static void direction(struct text *to, const struct packet_row *row)
{
    add_text(to, row->direction);
}

static void length(struct text *to, const struct packet_row *row)
{
    add_number(to, row->length);
}

static void captured(struct text *to, const struct packet_row *row)
{
    add_number(to, row->packet->captured);
}

static void protocol(struct text *to, const struct packet_row *row)
{
    add_text(to, row->protocol);
}

static void source(struct text *to, const struct packet_row *row)
{
    add_text(to, row->source);
}

static void destination(struct text *to, const struct packet_row *row)
{
    add_text(to, row->destination);
}

static void tcp_flags(struct text *to, const struct packet_row *row)
{
    add_text(to, row->tcp_flags);
}

static void tcp_seq(struct text *to, const struct packet_row *row)
{
    if (row->packet->layers.has_tcp) {
        add_number(to, row->packet->layers.tcp_seq);
    }
}

static void tcp_ack(struct text *to, const struct packet_row *row)
{
    if (row->packet->layers.has_tcp) {
        add_number(to, row->packet->layers.tcp_ack);
    }
}

static void tcp_length(struct text *to, const struct packet_row *row)
{
    if (row->packet->layers.has_tcp) {
        add_number(to, row->packet->layers.tcp_length);
    }
}

static void reason(struct text *to, const struct packet_row *row)
{
    add_text(to, row->reason);
}

static void header_pid(struct text *to, const struct packet_row *row)
{
    if (row->packet->header_pid != RECORD_NO_ID) {
        add_number(to, row->packet->header_pid);
    }
}

static void appearances(struct text *to, const struct packet_row *row)
{
    if (row->component) {
        add_number(to, row->packet->appearances);
    }
}

static void component(struct text *to, const struct packet_row *row)
{
    add_text(to, row->component);
}

static void edge(struct text *to, const struct packet_row *row)
{
    if (row->component) {
        add_number(to, row->packet->edge);
    }
}

static void appearance(struct text *to, const struct packet_row *row)
{
    if (row->is_sighting) {
        add_number(to, row->packet->appearance);
    }
}

static void group(struct text *to, const struct packet_row *row)
{
    if (row->is_sighting) {
        add_number(to, row->packet->group);
    }
}

static void number(struct text *to, const struct packet_row *row)
{
    if (row->is_sighting) {
        add_number(to, row->packet->number);
    }
}

static void filter(struct text *to, const struct packet_row *row)
{
    if (row->is_sighting) {
        add_number(to, row->packet->filter);
    }
}

static void drop_reason(struct text *to, const struct packet_row *row)
{
    add_text(to, row->drop_reason);
}

static void drop_code(struct text *to, const struct packet_row *row)
{
    if (row->packet->drop.is_dropped) {
        add_number(to, row->packet->drop.reason);
    }
}

static void drop_location(struct text *to, const struct packet_row *row)
{
    add_text(to, row->drop_location);
}

static void drop_component(struct text *to, const struct packet_row *row)
{
    add_text(to, row->drop_component);
}

struct csv_column {
    const char *name;
    add_value_function *add; /* NULL: always empty so far */
};

/* clang-format off */
static const struct csv_column columns[] = {
    {"frame", frame},
    {"time", time_of},
    {"interface", interface_name},
    {"direction", direction},
    {"length", length},
    {"captured", captured},
    {"protocol", protocol},
    {"source", source},
    {"destination", destination},
    {"tcp.flags", tcp_flags},
    {"tcp.seq", tcp_seq},
    {"tcp.ack", tcp_ack},
    {"tcp.length", tcp_length},
    {"owner.pid", NULL},
    {"owner.process", NULL},
    {"owner.path", NULL},
    {"owner.started", NULL},
    {"owner.services", NULL},
    {"owner.user", NULL},
    {"reason", reason},
    {"candidates.pid", NULL},
    {"candidates.process", NULL},
    {"confidence", NULL},
    {"via", NULL},
    {"evidence.rule", NULL},
    {"evidence.offset", NULL},
    {"connection", NULL},
    {"header_pid", header_pid},
    {"appearances", appearances},
    {"component", component},
    {"edge", edge},
    {"appearance", appearance},
    {"group", group},
    {"number", number},
    {"filter", filter},
    {"drop.reason", drop_reason},
    {"drop.code", drop_code},
    {"drop.location", drop_location},
    {"drop.component", drop_component},
};
/* clang-format on */

#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]))

static void csv_begin(struct out_packet_rows *rows)
{
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        text_add(&rows->line, i > 0 ? "," : "");
        text_add(&rows->line, columns[i].name);
    }
    text_add(&rows->line, "\n");
}

static void csv_row(struct out_packet_rows *rows, const struct packet_row *row)
{
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        if (i > 0) {
            text_add_char(&rows->line, ',');
        }
        if (columns[i].add) {
            columns[i].add(&rows->line, row);
        }
    }
    text_add(&rows->line, "\n");
}

const struct row_format packet_rows_csv = {.begin = csv_begin, .row = csv_row};
