/* SPDX-License-Identifier: MIT */
#include "etw/base/utc_time.h"
#include <stdio.h>

#include "pcapout/http_rows.h"
#include "pcapout/judgement_text.h"
#include "pcapout/places.h"
#include "pcapout/smb_control_codes.h"
#include "pcapout/smb_rows_format.h"
#include "pcapout/socket_rows_format.h"
#include "pcapout/timeline_rows_format.h"

#define TICKS_PER_MICROSECOND 10

static void add_time(struct json_writer *j, const char *name, int64_t time)
{
    char text[UTC_TEXT_SIZE];
    (void)utc_format(time, 0, text);
    json_string(j, name, text);
}

static void add_microseconds(struct json_writer *j, const char *name, int64_t ticks)
{
    char text[40];
    (void)snprintf(text, sizeof(text), "%lld.%d", (long long)(ticks / TICKS_PER_MICROSECOND),
                   (int)(ticks % TICKS_PER_MICROSECOND));
    json_raw(j, name, text);
}

static void add_owner(struct json_writer *j, const struct corr_ledger *ledger,
                      const struct corr_process *owner, const char *reason, const char *confidence)
{
    if (owner) {
        out_json_process(j, "owner", corr_ledger_processes(ledger), owner);
    } else {
        json_null(j, "owner");
        json_string(j, "reason", reason);
    }
    if (confidence[0]) {
        json_string(j, "confidence", confidence);
    }
}

static void add_states(struct json_writer *j, const struct corr_step *step)
{
    json_string(j, "from", out_state_name((enum corr_tcp_state)step->from));
    json_string(j, "to", out_state_name((enum corr_tcp_state)step->to));
    if (step->has & CORR_STEP_IS_INFERRED) {
        json_bool(j, "inferred", true);
    }
    if (step->has & CORR_STEP_IS_IMPOSSIBLE) {
        json_bool(j, "impossible", true);
    }
}

static void add_event(struct json_writer *j, const struct timeline_row *row)
{
    const struct corr_step *step = row->step;
    json_begin_object(j, "event");
    json_string(j, "provider", row->provider);
    json_u64(j, "id", step->id);
    json_u64(j, "version", step->version);
    out_json_place(j, step->offset);
    if (step->header_pid != RECORD_NO_ID) {
        json_u64(j, "header_pid", step->header_pid);
    }
    if (step->header_tid != RECORD_NO_ID) {
        json_u64(j, "header_tid", step->header_tid);
    }
    json_end_object(j);
}

static void add_folded(struct json_writer *j, const struct corr_step *step)
{
    if (step->count <= 1) {
        return;
    }
    json_u64(j, "count", step->count);
    add_time(j, "last", step->last_time);
    if (step->last_frame > step->frame) {
        json_u64(j, "last_frame", step->last_frame);
    }
}

static void add_results(struct out_timeline_rows *rows, struct json_writer *j,
                        const struct corr_step *step)
{
    if (step->has & CORR_STEP_HAS_STATUS) {
        text_clear(&rows->sentence);
        timeline_add_status(&rows->sentence, step);
        json_string(j, "status", text_get(&rows->sentence));
    }
    if (step->has & CORR_STEP_HAS_DURATION) {
        add_microseconds(j, "duration_us", step->duration);
    }
    if (step->has & CORR_STEP_HAS_BYTES) {
        json_u64(j, "bytes", step->bytes);
    }
}

static void add_http(struct json_writer *j, const struct corr_step *step)
{
    json_begin_object(j, "http");
    if (step->host[0]) {
        json_string(j, "host", step->host);
    }
    json_string(j, "request", step->request);
    if (step->what == CORR_STEP_RESPONSE && step->number > 0) {
        json_u64(j, "status", step->number);
    }
    json_end_object(j);
}

static void add_known(struct json_writer *j, const char *name, const char *value)
{
    if (value[0]) {
        json_string(j, name, value);
    }
}

static void add_known_number(struct json_writer *j, const char *name, uint64_t value)
{
    if (value > 0) {
        json_u64(j, name, value);
    }
}

static void add_end(struct json_writer *j, const char *name, const struct corr_endpoint *end)
{
    char text[OUT_SOCKET_END_SIZE];
    if (end->size > 0) {
        out_socket_end_format(end, text);
        json_string(j, name, text);
    }
}

static void add_command(struct json_writer *j, const struct corr_step *step)
{
    const char *name = step->other_name;
    json_string(j, "command",
                name ? name : corr_smb_command_name((enum corr_smb_command)step->command));
    if (!name && step->command == CORR_SMB_OTHER) {
        json_u64(j, "command_number", step->command_number);
    }
    if (step->call) {
        json_string(j, "call", step->call);
    }
}

static void add_condition(struct json_writer *j, const struct timeline_row *row)
{
    const struct corr_step *step = row->step;
    const struct corr_step_condition *condition = &step->condition;
    json_string(j, "condition",
                corr_smb_condition_name((enum corr_smb_condition_kind)condition->kind));
    if (condition->has_command) {
        add_command(j, step);
    }
    add_known(j, "path", row->smb.path);
    add_known(j, "server", row->smb.server);
    add_known(j, "client", row->smb.client);
    add_known(j, "user", row->smb.user);
    if (condition->has_transport) {
        json_string(j, "transport", smb_transport_name(condition->transport, false));
    }
    add_end(j, "local", &step->local);
    add_end(j, "remote", &step->remote);
    if (condition->has_message) {
        json_u64(j, "message_id", condition->message_id);
    }
    if (condition->threshold > 0) {
        add_microseconds(j, "threshold_us", condition->threshold);
    }
    add_known_number(j, "reason_number", condition->reason);
    add_known_number(j, "retries", condition->retries);
    if (condition->window_limit > 0) {
        json_u64(j, "window_size", condition->window_size);
        json_u64(j, "window_limit", condition->window_limit);
    }
}

static void add_message(struct out_timeline_rows *rows, struct json_writer *j,
                        const struct timeline_row *row)
{
    const struct corr_step *step = row->step;
    add_command(j, step);
    add_known(j, "path", row->smb.path);
    add_known(j, "new_name", row->smb.new_name);
    if (step->has & CORR_STEP_HAS_CONTROL_CODE) {
        text_clear(&rows->sentence);
        out_add_smb_control_code(&rows->sentence, step->control_code);
        json_string(j, "control_code", text_get(&rows->sentence));
    }
    if (step->has & CORR_STEP_HAS_OFFSET) {
        json_u64(j, "offset", step->data_offset);
    }
}

static void add_smb(struct out_timeline_rows *rows, struct json_writer *j,
                    const struct timeline_row *row)
{
    json_begin_object(j, "smb");
    if (row->step->what == CORR_STEP_CONDITION) {
        add_condition(j, row);
    } else {
        add_message(rows, j, row);
    }
    json_end_object(j);
}

void timeline_json_add_row(struct out_timeline_rows *rows, const struct timeline_row *row)
{
    const struct corr_step *step = row->step;
    bool is_smb = step->layer == CORR_STEP_SMB;
    struct json_writer j = json_writer_of(&rows->line);
    json_begin_object(&j, NULL);
    add_time(&j, "time", step->time);
    json_string(&j, "layer", corr_step_layer_name((enum corr_step_layer)step->layer));
    json_string(&j, "what", corr_step_what_name((enum corr_step_what)step->what));
    json_string(&j, "text", row->sentence);
    if (row->socket && row->socket->id > 0) {
        json_u64(&j, "connection", row->socket->id);
    }
    if (step->frame > 0) {
        json_u64(&j, "frame", step->frame);
    }
    if (row->direction[0]) {
        json_string(&j, "direction", row->direction);
    }
    if (step->has & CORR_STEP_HAS_STATES) {
        add_states(&j, step);
    }
    add_folded(&j, step);
    add_owner(&j, rows->options.ledger, row->owner, row->reason, row->confidence);
    if (row->behalf) {
        const struct corr_behalf behalf = {.rule = step->layer == CORR_STEP_APP ? CORR_RULE_ANSWERED
                                                                                : CORR_RULE_ASKED,
                                           .process = step->behalf,
                                           .pid = row->behalf->pid,
                                           .confidence = step->behalf_confidence,
                                           .offset = step->behalf_offset};
        out_json_behalf(&j, corr_ledger_processes(rows->options.ledger), &behalf);
    }
    if (step->request[0]) {
        add_http(&j, step);
    }
    if (is_smb) {
        add_smb(rows, &j, row);
    }
    add_results(rows, &j, step);
    if (step->drop.is_dropped) {
        out_json_drop(&j, &step->drop, &row->drop);
    }
    if (step->has & CORR_STEP_HAS_EVENT) {
        add_event(&j, row);
    }
    json_end_object(&j);
}

/* ---- sockets ---- */

void timeline_json_add_socket(struct out_timeline_rows *rows, const struct timeline_socket *socket)
{
    struct json_writer j = json_writer_of(&rows->line);
    json_begin_object(&j, NULL);
    if (socket->row != CORR_NO_ROW) {
        json_u64(&j, "id", socket->socket->id);
    }
    json_string(&j, "protocol", socket->protocol);
    json_string(&j, "role", out_role_name((enum corr_role)socket->socket->role));
    if (socket->local[0]) {
        json_string(&j, "local", socket->local);
    }
    if (socket->remote[0]) {
        json_string(&j, "remote", socket->remote);
    }
    if (socket->row != CORR_NO_ROW) {
        add_owner(&j, rows->options.ledger, socket->owner, socket->reason, socket->confidence);
    }
    out_json_judgements(&j, socket->judgements, socket->judgement_count, socket->socket,
                        &rows->sentence);
    json_end_object(&j);
}

/* ---- the formats ---- */

static void ndjson_row(struct out_timeline_rows *rows, const struct timeline_row *row)
{
    timeline_json_add_row(rows, row);
    text_add_char(&rows->line, '\n');
}

static void ndjson_socket(struct out_timeline_rows *rows, const struct timeline_socket *socket)
{
    if (rows->options.is_top) {
        timeline_json_add_socket(rows, socket);
        text_add_char(&rows->line, '\n');
    }
}

static void json_begin(struct out_timeline_rows *rows)
{
    text_add(&rows->line, "{\"trace\":");
    text_add(&rows->line, rows->options.trace_json ? rows->options.trace_json : "{}");
    text_add(&rows->line, ",\"timeline\":[");
}

static void json_row(struct out_timeline_rows *rows, const struct timeline_row *row)
{
    text_add(&rows->line, rows->count > 0 ? ",\n" : "\n");
    timeline_json_add_row(rows, row);
}

static void json_end_rows(struct out_timeline_rows *rows)
{
    text_add(&rows->line, "\n],\n\"sockets\":[");
}

static void json_socket(struct out_timeline_rows *rows, const struct timeline_socket *socket)
{
    text_add(&rows->line, socket->is_first ? "\n" : ",\n");
    timeline_json_add_socket(rows, socket);
}

static void json_end_sockets(struct out_timeline_rows *rows)
{
    text_add(&rows->line, "\n],\n\"without_socket\":[");
}

static void json_end(struct out_timeline_rows *rows)
{
    text_add(&rows->line, "\n]}\n");
}

const struct timeline_format timeline_ndjson = {
    .row = ndjson_row, .socket = ndjson_socket, .orphan = ndjson_socket};
const struct timeline_format timeline_json = {.begin = json_begin,
                                              .row = json_row,
                                              .end_rows = json_end_rows,
                                              .socket = json_socket,
                                              .end_sockets = json_end_sockets,
                                              .orphan = json_socket,
                                              .end = json_end};
