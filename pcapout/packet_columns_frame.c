/* SPDX-License-Identifier: MIT */
/*
 * packet_columns_frame.c - the columns of what every packet is, and of the sighting that its
 * row is of: where the packet monitor saw it, and why it was dropped.
 */
#include "etw/base/utc_time.h"
#include "pcapout/packet_columns.h"

static void frame(const struct out_packet_rows *rows, struct text *to, const struct packet_row *row)
{
    (void)rows;
    packet_column_number(to, row->packet->frame);
}

static void time_of(const struct out_packet_rows *rows, struct text *to,
                    const struct packet_row *row)
{
    (void)rows;
    char time[UTC_TEXT_SIZE];
    text_add_bytes(to, time, (size_t)utc_format(row->packet->time, 0, time));
}

static void interface_name(const struct out_packet_rows *rows, struct text *to,
                           const struct packet_row *row)
{
    (void)rows;
    packet_column_text(to, row->interface);
}

static void direction(const struct out_packet_rows *rows, struct text *to,
                      const struct packet_row *row)
{
    (void)rows;
    packet_column_text(to, row->direction);
}

static void length(const struct out_packet_rows *rows, struct text *to,
                   const struct packet_row *row)
{
    (void)rows;
    packet_column_number(to, row->length);
}

static void captured(const struct out_packet_rows *rows, struct text *to,
                     const struct packet_row *row)
{
    (void)rows;
    packet_column_number(to, row->packet->captured);
}

static void protocol(const struct out_packet_rows *rows, struct text *to,
                     const struct packet_row *row)
{
    (void)rows;
    packet_column_text(to, row->protocol);
}

static void source(const struct out_packet_rows *rows, struct text *to,
                   const struct packet_row *row)
{
    (void)rows;
    packet_column_text(to, row->source);
}

static void destination(const struct out_packet_rows *rows, struct text *to,
                        const struct packet_row *row)
{
    (void)rows;
    packet_column_text(to, row->destination);
}

static void tcp_flags(const struct out_packet_rows *rows, struct text *to,
                      const struct packet_row *row)
{
    (void)rows;
    packet_column_text(to, row->tcp_flags);
}

static void tcp_seq(const struct out_packet_rows *rows, struct text *to,
                    const struct packet_row *row)
{
    (void)rows;
    if (row->packet->layers.has_tcp) {
        packet_column_number(to, row->packet->layers.tcp_seq);
    }
}

static void tcp_ack(const struct out_packet_rows *rows, struct text *to,
                    const struct packet_row *row)
{
    (void)rows;
    if (row->packet->layers.has_tcp) {
        packet_column_number(to, row->packet->layers.tcp_ack);
    }
}

static void tcp_length(const struct out_packet_rows *rows, struct text *to,
                       const struct packet_row *row)
{
    (void)rows;
    if (row->packet->layers.has_tcp) {
        packet_column_number(to, row->packet->layers.tcp_length);
    }
}

/* ---- sightings and drops ---- */

static void appearances(const struct out_packet_rows *rows, struct text *to,
                        const struct packet_row *row)
{
    (void)rows;
    if (row->component) {
        packet_column_number(to, row->packet->appearances);
    }
}

static void component(const struct out_packet_rows *rows, struct text *to,
                      const struct packet_row *row)
{
    (void)rows;
    packet_column_text(to, row->component);
}

static void edge(const struct out_packet_rows *rows, struct text *to, const struct packet_row *row)
{
    (void)rows;
    if (row->component) {
        packet_column_number(to, row->packet->edge);
    }
}

static void appearance(const struct out_packet_rows *rows, struct text *to,
                       const struct packet_row *row)
{
    (void)rows;
    if (row->is_sighting) {
        packet_column_number(to, row->packet->appearance);
    }
}

static void group(const struct out_packet_rows *rows, struct text *to, const struct packet_row *row)
{
    (void)rows;
    if (row->is_sighting) {
        packet_column_number(to, row->packet->group);
    }
}

static void number(const struct out_packet_rows *rows, struct text *to,
                   const struct packet_row *row)
{
    (void)rows;
    if (row->is_sighting) {
        packet_column_number(to, row->packet->number);
    }
}

static void filter(const struct out_packet_rows *rows, struct text *to,
                   const struct packet_row *row)
{
    (void)rows;
    if (row->is_sighting) {
        packet_column_number(to, row->packet->filter);
    }
}

static void drop_reason(const struct out_packet_rows *rows, struct text *to,
                        const struct packet_row *row)
{
    (void)rows;
    packet_column_text(to, row->drop.reason);
}

static void drop_code(const struct out_packet_rows *rows, struct text *to,
                      const struct packet_row *row)
{
    (void)rows;
    if (row->packet->drop.is_dropped) {
        packet_column_number(to, row->packet->drop.reason);
    }
}

static void drop_location(const struct out_packet_rows *rows, struct text *to,
                          const struct packet_row *row)
{
    (void)rows;
    packet_column_text(to, row->drop.location);
}

static void drop_component(const struct out_packet_rows *rows, struct text *to,
                           const struct packet_row *row)
{
    (void)rows;
    packet_column_text(to, row->drop.component);
}

/* clang-format off */
static const struct packet_column frame_columns[] = {
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
};

static const struct packet_column sighting_columns[] = {
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

const struct packet_columns packet_columns_frame = {
    .columns = frame_columns, .count = sizeof(frame_columns) / sizeof(frame_columns[0])};

const struct packet_columns packet_columns_sighting = {
    .columns = sighting_columns, .count = sizeof(sighting_columns) / sizeof(sighting_columns[0])};
