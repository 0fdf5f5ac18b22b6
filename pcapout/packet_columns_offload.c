/* SPDX-License-Identifier: MIT */
/* packet_columns_offload.c - the columns of what the adapter does to a packet. */
#include <inttypes.h>

#include "pcapout/offload_text.h"
#include "pcapout/packet_columns.h"

static void offload(const struct out_packet_rows *rows, struct text *to,
                    const struct packet_row *row)
{
    (void)rows;
    const char *names[OUT_OFFLOAD_MAXIMUM];
    size_t count = out_offload_names(&row->packet->offload, names);
    for (size_t i = 0; i < count; i++) {
        text_add(to, i > 0 ? ";" : "");
        text_add(to, names[i]);
    }
}

static void segment_size(const struct out_packet_rows *rows, struct text *to,
                         const struct packet_row *row)
{
    (void)rows;
    if (row->packet->offload.segment_size > 0) {
        packet_column_number(to, row->packet->offload.segment_size);
    }
}

static void segments(const struct out_packet_rows *rows, struct text *to,
                     const struct packet_row *row)
{
    (void)rows;
    if (row->packet->offload.coalesced > 0) {
        packet_column_number(to, row->packet->offload.coalesced);
    }
}

static void checksum(const struct out_packet_rows *rows, struct text *to,
                     const struct packet_row *row)
{
    (void)rows;
    packet_column_text(to, out_offload_checksum(&row->packet->offload));
}

static void vlan(const struct out_packet_rows *rows, struct text *to, const struct packet_row *row)
{
    (void)rows;
    if (row->packet->offload.has_vlan) {
        packet_column_number(to, row->packet->offload.vlan);
    }
}

static void priority(const struct out_packet_rows *rows, struct text *to,
                     const struct packet_row *row)
{
    (void)rows;
    if (row->packet->offload.has_vlan) {
        packet_column_number(to, row->packet->offload.priority);
    }
}

static void hash(const struct out_packet_rows *rows, struct text *to, const struct packet_row *row)
{
    (void)rows;
    if (row->packet->offload.has_hash) {
        text_add_format(to, "0x%" PRIx32, row->packet->offload.hash);
    }
}

static void virtual_subnet(const struct out_packet_rows *rows, struct text *to,
                           const struct packet_row *row)
{
    (void)rows;
    if (row->packet->offload.virtual_subnet > 0) {
        packet_column_number(to, row->packet->offload.virtual_subnet);
    }
}

/* clang-format off */
static const struct packet_column offload_columns[] = {
    {"offload", offload},
    {"segment_size", segment_size},
    {"segments", segments},
    {"checksum", checksum},
    {"vlan", vlan},
    {"priority", priority},
    {"hash", hash},
    {"virtual_subnet", virtual_subnet},
};
/* clang-format on */

const struct packet_columns packet_columns_offload = {
    .columns = offload_columns, .count = sizeof(offload_columns) / sizeof(offload_columns[0])};
