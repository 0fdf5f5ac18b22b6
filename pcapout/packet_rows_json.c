/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "pcapout/http_rows.h"
#include "pcapout/json_writer.h"
#include "pcapout/offload_text.h"
#include "pcapout/packet_rows.h"
#include "pcapout/places.h"
#include "pcapout/route_text.h"

static void add_optional(struct json_writer *j, const char *name, const char *value)
{
    if (value && value[0]) {
        json_string(j, name, value);
    }
}

static void add_tcp(struct json_writer *j, const struct packet_row *row)
{
    const struct corr_layers *layers = &row->packet->layers;
    json_begin_object(j, "tcp");
    json_string(j, "flags", row->tcp_flags);
    json_u64(j, "seq", layers->tcp_seq);
    json_u64(j, "ack", layers->tcp_ack);
    json_u64(j, "length", layers->tcp_length);
    json_end_object(j);
}

static void add_offload_names(struct json_writer *j, const struct etw_offload *offload)
{
    const char *names[OUT_OFFLOAD_MAXIMUM];
    size_t count = out_offload_names(offload, names);
    if (count > 0) {
        json_begin_array(j, "offload");
        for (size_t i = 0; i < count; i++) {
            json_string(j, NULL, names[i]);
        }
        json_end_array(j);
    }
}

static void add_offload(struct json_writer *j, const struct etw_offload *offload)
{
    add_offload_names(j, offload);
    if (offload->segment_size > 0) {
        json_u64(j, "segment_size", offload->segment_size);
    }
    if (offload->coalesced > 0) {
        json_u64(j, "segments", offload->coalesced);
    }
    add_optional(j, "checksum", out_offload_checksum(offload));
    if (offload->has_vlan) {
        json_u64(j, "vlan", offload->vlan);
        json_u64(j, "priority", offload->priority);
    }
    if (offload->has_hash) {
        char hash[11];
        (void)snprintf(hash, sizeof(hash), "0x%" PRIx32, offload->hash);
        json_string(j, "hash", hash);
    }
    if (offload->virtual_subnet > 0) {
        json_u64(j, "virtual_subnet", offload->virtual_subnet);
    }
}

static void add_sighting(struct json_writer *j, const struct corr_packet *packet)
{
    json_u64(j, "appearance", packet->appearance);
    json_u64(j, "group", packet->group);
    json_u64(j, "number", packet->number);
    json_u64(j, "filter", packet->filter);
}

static void add_monitor(struct json_writer *j, const struct packet_row *row)
{
    json_u64(j, "appearances", row->packet->appearances);
    json_string(j, "component", row->component);
    json_u64(j, "edge", row->packet->edge);
    if (row->is_sighting) {
        add_sighting(j, row->packet);
    }
}

static void add_candidates(struct json_writer *j, const struct corr_processes *processes,
                           const struct packet_row *row)
{
    json_begin_array(j, "candidates");
    for (size_t i = 0; i < row->candidate_count; i++) {
        out_json_process(j, NULL, processes, corr_processes_get(processes, row->candidates[i]));
    }
    json_end_array(j);
}

static void add_evidence(struct json_writer *j, const struct packet_row *row)
{
    const struct corr_verdict *verdict = &row->packet->verdict;
    uint64_t offset = 0;
    json_begin_array(j, "evidence");
    json_begin_object(j, NULL);
    json_string(j, "rule", corr_rule_name((enum corr_rule)verdict->rule));
    if (corr_verdict_match(&row->packet->verdict, &offset)) {
        out_json_place(j, offset);
    }
    json_end_object(j);
    if (row->socket) {
        out_json_evidence(j, row->socket);
    }
    json_end_array(j);
}

static void add_via(struct out_packet_rows *rows, struct json_writer *j,
                    const struct packet_row *row)
{
    text_clear(&rows->via);
    out_add_packet_chain(&rows->via, &row->packet->verdict, row->socket, row->owner);
    json_string(j, "confidence", row->confidence);
    json_string(j, "via", text_get(&rows->via));
}

static void add_owner(struct out_packet_rows *rows, struct json_writer *j,
                      const struct packet_row *row)
{
    const struct corr_ledger *ledger = rows->options.ledger;
    if (row->owner) {
        out_json_process(j, "owner", corr_ledger_processes(ledger), row->owner);
        add_via(rows, j, row);
    } else {
        json_null(j, "owner");
        json_string(j, "reason", row->reason);
    }
    if (row->candidate_count > 0) {
        add_candidates(j, corr_ledger_processes(ledger), row);
    }
    if (row->packet->verdict.rule != CORR_RULE_NONE) {
        add_evidence(j, row);
    }
    const struct corr_behalf *behalf = out_behalf_of(ledger, row->packet);
    if (behalf) {
        out_json_behalf(j, corr_ledger_processes(ledger), behalf);
    }
    if (row->socket && row->socket->id > 0) {
        json_u64(j, "connection", row->socket->id);
    }
}

static void add_row(struct out_packet_rows *rows, const struct packet_row *row)
{
    struct text *to = &rows->line;
    const struct corr_packet *packet = row->packet;
    struct json_writer j = json_writer_of(to);
    char time[UTC_TEXT_SIZE];
    (void)utc_format(packet->time, 0, time);
    json_begin_object(&j, NULL);
    json_u64(&j, "frame", packet->frame);
    json_string(&j, "time", time);
    json_string(&j, "interface", row->interface);
    json_string(&j, "direction", row->direction);
    json_u64(&j, "length", row->length);
    json_u64(&j, "captured", packet->captured);
    add_optional(&j, "protocol", row->protocol);
    add_optional(&j, "source", row->source);
    add_optional(&j, "destination", row->destination);
    if (packet->layers.has_tcp) {
        add_tcp(&j, row);
    }
    add_owner(rows, &j, row);
    if (packet->header_pid != RECORD_NO_ID) {
        json_u64(&j, "header_pid", packet->header_pid);
    }
    if (row->component) {
        add_monitor(&j, row);
    }
    if (packet->drop.is_dropped) {
        out_json_drop(&j, &packet->drop, &row->drop);
    }
    out_route_add_members(&j, packet);
    if (!out_offload_is_empty(&packet->offload)) {
        add_offload(&j, &packet->offload);
    }
    json_end_object(&j);
}

static void ndjson_row(struct out_packet_rows *rows, const struct packet_row *row)
{
    add_row(rows, row);
    text_add_char(&rows->line, '\n');
}

/* One row a line, so that the document can also be read by eye and by line tools. */
static void json_begin(struct out_packet_rows *rows)
{
    const char *trace = rows->options.trace_json;
    text_add(&rows->line, "{\"trace\":");
    text_add(&rows->line, trace ? trace : "{}");
    text_add(&rows->line, ",\"packets\":[");
}

static void json_row(struct out_packet_rows *rows, const struct packet_row *row)
{
    text_add(&rows->line, rows->count > 0 ? ",\n" : "\n");
    add_row(rows, row);
}

static void json_end(struct out_packet_rows *rows)
{
    text_add(&rows->line, "\n]}\n");
}

const struct row_format packet_rows_ndjson = {.row = ndjson_row};
const struct row_format packet_rows_json = {.begin = json_begin, .row = json_row, .end = json_end};
