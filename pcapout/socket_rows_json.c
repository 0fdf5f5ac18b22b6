/* SPDX-License-Identifier: MIT */
#include "etw/base/utc_time.h"
#include "pcapout/http_rows.h"
#include "pcapout/judgement_text.h"
#include "pcapout/socket_rows_format.h"

static void add_time(struct json_writer *j, const char *name, int64_t time)
{
    char text[UTC_TEXT_SIZE];
    if (time != CORR_ALWAYS && time != CORR_NEVER) {
        (void)utc_format(time, 0, text);
        json_string(j, name, text);
    }
}

static void add_owner(struct out_socket_rows *rows, struct json_writer *j,
                      const struct socket_row *row)
{
    if (!row->owner) {
        json_null(j, "owner");
        json_string(j, "reason", row->reason);
    } else {
        out_json_process(j, "owner", corr_ledger_processes(rows->options.ledger), row->owner);
        json_string(j, "confidence", row->confidence);
        text_clear(&rows->via);
        out_add_socket_chain(&rows->via, row->socket, row->owner);
        json_string(j, "via", text_get(&rows->via));
    }
    if (row->socket->evidence[0] != 0) {
        json_begin_array(j, "evidence");
        out_json_evidence(j, row->socket);
        json_end_array(j);
    }
}

static void add_states(struct json_writer *j, const struct socket_row *row)
{
    if (row->state_count == 0) {
        return;
    }
    json_begin_array(j, "states");
    for (size_t i = 0; i < row->state_count; i++) {
        json_begin_object(j, NULL);
        add_time(j, "time", row->states[i].time);
        json_string(j, "from", out_state_name((enum corr_tcp_state)row->states[i].from));
        json_string(j, "to", out_state_name((enum corr_tcp_state)row->states[i].to));
        json_end_object(j);
    }
    json_end_array(j);
}

static void add_close(struct out_socket_rows *rows, struct json_writer *j,
                      const struct corr_socket *socket)
{
    json_begin_object(j, "close");
    json_string(j, "cause", out_cause_name((enum corr_cause)socket->cause));
    if (socket->status != 0) {
        text_clear(&rows->via);
        socket_status_format(socket->status, &rows->via);
        json_string(j, "status", text_get(&rows->via));
    }
    json_end_object(j);
}

static void add_traffic(struct json_writer *j, const struct socket_row *row)
{
    if (row->bytes_from != CORR_BYTES_NONE) {
        json_u64(j, "bytes_sent", row->bytes_sent);
        json_u64(j, "bytes_received", row->bytes_received);
        json_string(j, "bytes_from", out_bytes_from_name(row->bytes_from));
    }
    if (row->socket->role == CORR_CLIENT || row->socket->role == CORR_SERVER) {
        json_u64(j, "retransmits", row->socket->retransmits);
    }
    json_u64(j, "packets_sent", row->traffic->packets_sent);
    json_u64(j, "packets_received", row->traffic->packets_received);
}

static void add_row(struct out_socket_rows *rows, const struct socket_row *row)
{
    struct json_writer j = json_writer_of(&rows->line);
    json_begin_object(&j, NULL);
    json_u64(&j, "id", row->socket->id);
    json_string(&j, "protocol", row->protocol);
    json_string(&j, "role", out_role_name((enum corr_role)row->socket->role));
    if (row->local[0]) {
        json_string(&j, "local", row->local);
    }
    if (row->remote[0]) {
        json_string(&j, "remote", row->remote);
    }
    if (row->dns) {
        json_string(&j, "dns", row->dns);
    }
    add_owner(rows, &j, row);
    out_json_http(&j, corr_ledger_processes(rows->options.ledger), row->http);
    add_time(&j, "opened", row->socket->opened);
    add_time(&j, "closed", row->socket->closed);
    add_states(&j, row);
    add_close(rows, &j, row->socket);
    out_json_judgements(&j, row->judgements, row->judgement_count, row->socket, &rows->via);
    add_traffic(&j, row);
    json_end_object(&j);
}

static void ndjson_row(struct out_socket_rows *rows, const struct socket_row *row)
{
    add_row(rows, row);
    text_add_char(&rows->line, '\n');
}

static void json_begin(struct out_socket_rows *rows)
{
    text_add(&rows->line, "{\"trace\":");
    text_add(&rows->line, rows->options.trace_json ? rows->options.trace_json : "{}");
    text_add(&rows->line, ",\"connections\":[");
}

static void json_row(struct out_socket_rows *rows, const struct socket_row *row)
{
    text_add(&rows->line, rows->count > 0 ? ",\n" : "\n");
    add_row(rows, row);
}

static void json_end(struct out_socket_rows *rows)
{
    text_add(&rows->line, "\n]}\n");
}

const struct socket_rows_format socket_rows_ndjson = {.row = ndjson_row};
const struct socket_rows_format socket_rows_json = {
    .begin = json_begin, .row = json_row, .end = json_end};
