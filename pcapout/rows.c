/* SPDX-License-Identifier: MIT */
#include "pcapout/rows.h"

#include <stdlib.h>
#include <string.h>

#include "etw/trace.h"
#include "pcapout/packet_rows.h"

static const struct row_format *const formats[] = {
    [OUT_TEXT] = &packet_rows_text,
    [OUT_NDJSON] = &packet_rows_ndjson,
    [OUT_JSON] = &packet_rows_json,
    [OUT_CSV] = &packet_rows_csv,
};

static const char *const direction_names[] = {
    [ETW_DIRECTION_UNKNOWN] = "unknown",
    [ETW_DIRECTION_IN] = "in",
    [ETW_DIRECTION_OUT] = "out",
};

/* The bits of the TCP header from the lowest on, as CORR_TCP_*. */
static void fill_flags(uint8_t flags, char text[ROW_FLAGS_SIZE])
{
    static const char letters[] = "FSRPAUEC";
    for (int i = 0; i < 8; i++) {
        *text = letters[i];
        text += flags >> i & 1;
    }
    *text = '\0';
}

static void fill_owner(const struct out_packet_rows *rows, const struct corr_packet *packet,
                       struct packet_row *row)
{
    const struct corr_verdict *verdict = &packet->verdict;
    row->owner = out_owner_of(rows->options.ledger, verdict);
    row->socket = out_socket_of(rows->options.ledger, verdict);
    row->confidence = corr_confidence_name(verdict->confidence);
    row->reason = corr_no_owner_name(verdict->reason);
    row->candidate_count = 0;
    bool has_candidates = verdict->reason == CORR_SHARED || verdict->reason == CORR_AMBIGUOUS;
    if (has_candidates && packet->attribution) {
        row->candidate_count =
            corr_candidates(packet->attribution, &packet->layers, packet->direction, packet->time,
                            row->candidates, CORR_CANDIDATES_MAXIMUM);
    }
}

static void fill_row(const struct out_packet_rows *rows, const struct corr_packet *packet,
                     struct packet_row *row)
{
    row->packet = packet;
    row->direction = direction_names[packet->direction];
    fill_owner(rows, packet, row);
    row->component = NULL;
    row->is_sighting = false;
    row->drop.reason = row->drop.location = row->drop.component = NULL;
    row->length = out_original_size(packet);
    row->tcp_flags[0] = '\0';
    corr_protocol_format(&packet->layers, row->protocol);
    corr_endpoint_format(&packet->layers, true, row->source);
    corr_endpoint_format(&packet->layers, false, row->destination);
    if (packet->layers.has_tcp) {
        fill_flags(packet->layers.tcp_flags, row->tcp_flags);
    }
    if (packet->capture == ETW_CAPTURE_PKTMON) {
        row->component = out_component_name(rows->adapters, packet->component, row->component_text);
        row->is_sighting = rows->options.all_appearances;
    }
    if (packet->drop.is_dropped) {
        out_drop_names_find(rows->adapters, &packet->drop, &row->drop);
    }
}

/* Moves what was added to the line to the output. */
static enum etw_status write_line(struct out_packet_rows *rows, struct etw_error *error)
{
    if (rows->line.failed) {
        return etw_fail_memory(error, "a row of the output");
    }
    enum etw_status status = out_file_write(rows->file, rows->line.data, rows->line.size, error);
    text_clear(&rows->line);
    return status;
}

enum etw_status out_packet_rows_new(struct out_file *file, struct out_interfaces *interfaces,
                                    const struct corr_adapters *adapters,
                                    const struct out_rows_options *options,
                                    struct out_packet_rows **out, struct etw_error *error)
{
    struct out_packet_rows *rows = calloc(1, sizeof(*rows));
    if (!rows) {
        return etw_fail_memory(error, "the rows");
    }
    rows->file = file;
    rows->interfaces = interfaces;
    rows->adapters = adapters;
    rows->options = *options;
    rows->format = formats[options->format];
    rows->last_day = INT64_MIN;
    if (rows->format->begin) {
        rows->format->begin(rows);
    }
    enum etw_status status = write_line(rows, error);
    if (status) {
        out_packet_rows_free(rows);
        return status;
    }
    *out = rows;
    return ETW_OK;
}

enum etw_status out_packet_rows_packet(struct out_packet_rows *rows,
                                       const struct corr_packet *packet, struct etw_error *error)
{
    const struct out_interface *interface = out_interfaces_of(rows->interfaces, packet, NULL);
    if (!interface) {
        return etw_fail_memory(error, "the interfaces");
    }
    struct packet_row row;
    row.interface = interface->name;
    fill_row(rows, packet, &row);
    rows->format->row(rows, &row);
    rows->count++;
    return write_line(rows, error);
}

enum etw_status out_packet_rows_finish(struct out_packet_rows *rows, struct etw_error *error)
{
    if (rows->format->end) {
        rows->format->end(rows);
    }
    enum etw_status status = write_line(rows, error);
    return status ? status : out_file_status(rows->file, error);
}

void out_packet_rows_free(struct out_packet_rows *rows)
{
    if (rows) {
        text_done(&rows->line);
        text_done(&rows->via);
        free(rows);
    }
}
