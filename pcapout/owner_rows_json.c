/* SPDX-License-Identifier: MIT */
#include "etw/base/utc_time.h"
#include "pcapout/http_rows.h"
#include "pcapout/owner_rows_format.h"

static void add_time(struct json_writer *j, const char *name, int64_t time)
{
    char text[UTC_TEXT_SIZE];
    (void)utc_format(time, 0, text);
    json_string(j, name, text);
}

static void add_processes(struct json_writer *j, const struct owner_rows *rows,
                          const struct out_owner_group *group)
{
    const struct corr_processes *processes = corr_ledger_processes(rows->ledger);
    json_begin_array(j, "candidates");
    for (size_t i = 0; i < group->candidate_count; i++) {
        out_json_process(j, NULL, processes, corr_processes_get(processes, group->candidates[i]));
    }
    json_end_array(j);
}

static void add_owner(struct json_writer *j, const struct owner_rows *rows,
                      const struct owner_row *row)
{
    if (!row->owner) {
        json_null(j, "owner");
        json_string(j, "reason", corr_no_owner_name((enum corr_no_owner)row->group->reason));
    } else {
        out_json_process(j, "owner", corr_ledger_processes(rows->ledger), row->owner);
        json_string(j, "confidence", corr_confidence_name(row->confidence));
    }
    if (row->group->candidate_count > 0) {
        add_processes(j, rows, row->group);
    }
}

static void add_socket(struct json_writer *j, const struct owner_row *row)
{
    json_string(j, "protocol", row->group->protocol);
    if (!row->socket) {
        return;
    }
    if (row->local[0]) {
        json_string(j, "local", row->local);
    }
    if (row->remote[0]) {
        json_string(j, "remote", row->remote);
    }
    if (row->socket->id > 0) {
        json_begin_array(j, "connections");
        json_u64(j, NULL, row->socket->id);
        json_end_array(j);
    }
}

static void add_frames(struct json_writer *j, const char *name, const uint64_t *frames,
                       size_t count)
{
    json_begin_array(j, name);
    for (size_t i = 0; i < count; i++) {
        json_u64(j, NULL, frames[i]);
    }
    json_end_array(j);
}

static void add_counts(struct json_writer *j, const struct out_owner_group *group)
{
    json_u64(j, "packets", group->packets);
    json_u64(j, "bytes", group->bytes);
    json_u64(j, "packets_in", group->in);
    json_u64(j, "packets_out", group->out);
    add_time(j, "first", group->first_time);
    add_time(j, "last", group->last_time);
    json_u64(j, "last_frame", group->last_frame);
    add_frames(j, "frames", group->frames, group->frame_count);
    if (group->packets > group->frame_count) {
        json_u64(j, "more_frames", group->packets - group->frame_count);
    }
}

static void add_claims(struct json_writer *j, const struct out_owner_group *group)
{
    if (group->claim_count == 0) {
        return;
    }
    json_begin_array(j, "header_pids");
    for (size_t i = 0; i < group->claim_count; i++) {
        const struct out_header_claim *claim = &group->claims[i];
        json_begin_object(j, NULL);
        json_u64(j, "pid", claim->pid);
        json_u64(j, "packets", claim->packets);
        add_frames(j, "frames", claim->frames, claim->frame_count);
        json_end_object(j);
    }
    json_end_array(j);
    if (group->other_claims > 0) {
        json_u64(j, "other_header_pids", group->other_claims);
    }
}

static void add_behalves(struct json_writer *j, const struct owner_rows *rows,
                         const struct out_owner_group *group)
{
    for (size_t i = 0; i < group->behalf_count; i++) {
        if (i == 0) {
            json_begin_array(j, "on_behalf_of");
        }
        out_json_behalf_element(j, corr_ledger_processes(rows->ledger), &group->behalves[i].behalf,
                                group->behalves[i].packets);
    }
    if (group->behalf_count > 0) {
        json_end_array(j);
    }
}

static void add_evidence(struct json_writer *j, const struct owner_row *row)
{
    enum corr_rule rule = out_owner_group_rule(row->group, 1);
    if (rule == CORR_RULE_NONE) {
        return;
    }
    json_begin_array(j, "evidence");
    for (; rule != CORR_RULE_NONE; rule = out_owner_group_rule(row->group, rule + 1)) {
        json_begin_object(j, NULL);
        json_string(j, "rule", corr_rule_name(rule));
        json_end_object(j);
    }
    if (row->socket) {
        out_json_evidence(j, row->socket);
    }
    json_end_array(j);
}

static void add_row(struct owner_rows *rows, const struct owner_row *row)
{
    struct json_writer j = json_writer_of(&rows->line);
    json_begin_object(&j, NULL);
    add_owner(&j, rows, row);
    add_socket(&j, row);
    add_counts(&j, row->group);
    add_behalves(&j, rows, row->group);
    add_claims(&j, row->group);
    if (row->owner) {
        const struct corr_verdict verdict = {.rule = row->group->rule};
        text_clear(&rows->via);
        out_add_packet_chain(&rows->via, &verdict, row->socket, row->owner);
        json_string(&j, "via", text_get(&rows->via));
    }
    add_evidence(&j, row);
    json_end_object(&j);
}

static void ndjson_row(struct owner_rows *rows, const struct owner_row *row)
{
    add_row(rows, row);
    text_add_char(&rows->line, '\n');
}

static void json_begin(struct owner_rows *rows)
{
    text_add(&rows->line, "{\"trace\":");
    text_add(&rows->line, rows->options->trace_json ? rows->options->trace_json : "{}");
    text_add(&rows->line, ",\"owners\":[");
}

static void json_row(struct owner_rows *rows, const struct owner_row *row)
{
    text_add(&rows->line, rows->count > 0 ? ",\n" : "\n");
    add_row(rows, row);
}

static void json_end(struct owner_rows *rows)
{
    text_add(&rows->line, "\n]}\n");
}

const struct owner_rows_format owner_rows_ndjson = {.row = ndjson_row};
const struct owner_rows_format owner_rows_json = {
    .begin = json_begin, .row = json_row, .end = json_end};
