/* SPDX-License-Identifier: MIT */
/*
 * socket_rows_csv.c - socket rows as CSV: the members of the JSON row under dotted
 * names, lists joined with ";".
 */
#include "etw/base/utc_time.h"
#include "pcapout/escape.h"
#include "pcapout/socket_rows_format.h"

typedef void add_value_function(struct out_socket_rows *rows, const struct socket_row *row);

static void add_time(struct text *to, int64_t time)
{
    char text[UTC_TEXT_SIZE];
    if (time != CORR_ALWAYS && time != CORR_NEVER) {
        text_add_bytes(to, text, (size_t)utc_format(time, 0, text));
    }
}

static void id(struct out_socket_rows *rows, const struct socket_row *row)
{
    text_add_u64(&rows->line, row->socket->id);
}

static void protocol(struct out_socket_rows *rows, const struct socket_row *row)
{
    out_escape_csv(&rows->line, row->protocol);
}

static void role(struct out_socket_rows *rows, const struct socket_row *row)
{
    text_add(&rows->line, out_role_name((enum corr_role)row->socket->role));
}

static void local(struct out_socket_rows *rows, const struct socket_row *row)
{
    out_escape_csv(&rows->line, row->local);
}

static void remote(struct out_socket_rows *rows, const struct socket_row *row)
{
    out_escape_csv(&rows->line, row->remote);
}

static void dns(struct out_socket_rows *rows, const struct socket_row *row)
{
    out_escape_csv(&rows->line, row->dns ? row->dns : "");
}

static void owner_pid(struct out_socket_rows *rows, const struct socket_row *row)
{
    if (row->owner) {
        text_add_u64(&rows->line, row->owner->pid);
    }
}

static void owner_process(struct out_socket_rows *rows, const struct socket_row *row)
{
    out_escape_csv(&rows->line, row->owner ? row->owner->name : "");
}

static void owner_path(struct out_socket_rows *rows, const struct socket_row *row)
{
    out_escape_csv(&rows->line, row->owner ? row->owner->path : "");
}

static void reason(struct out_socket_rows *rows, const struct socket_row *row)
{
    text_add(&rows->line, row->reason);
}

static void confidence(struct out_socket_rows *rows, const struct socket_row *row)
{
    text_add(&rows->line, row->confidence);
}

static void via(struct out_socket_rows *rows, const struct socket_row *row)
{
    if (row->owner) {
        text_clear(&rows->via);
        out_add_socket_chain(&rows->via, row->socket, row->owner);
        out_escape_csv(&rows->line, text_get(&rows->via));
    }
}

static void evidence(struct out_socket_rows *rows, const struct socket_row *row)
{
    for (int i = 0; i < CORR_EVIDENCE_MAXIMUM && row->socket->evidence[i] != 0; i++) {
        text_add(&rows->line, i > 0 ? ";" : "");
        text_add(&rows->line, corr_rule_name(corr_evidence_rule(row->socket->evidence[i])));
    }
}

static void opened(struct out_socket_rows *rows, const struct socket_row *row)
{
    add_time(&rows->line, row->socket->opened);
}

static void closed(struct out_socket_rows *rows, const struct socket_row *row)
{
    add_time(&rows->line, row->socket->closed);
}

static void states(struct out_socket_rows *rows, const struct socket_row *row)
{
    for (size_t i = 0; i < row->state_count; i++) {
        text_add(&rows->line, i > 0 ? ";" : "");
        text_add(&rows->line, out_state_name((enum corr_tcp_state)row->states[i].to));
    }
}

static void cause(struct out_socket_rows *rows, const struct socket_row *row)
{
    text_add(&rows->line, out_cause_name((enum corr_cause)row->socket->cause));
}

static void status(struct out_socket_rows *rows, const struct socket_row *row)
{
    if (row->socket->status != 0) {
        socket_status_format(row->socket->status, &rows->line);
    }
}

static void judgements(struct out_socket_rows *rows, const struct socket_row *row)
{
    for (size_t i = 0; i < row->judgement_count; i++) {
        text_add(&rows->line, i > 0 ? ";" : "");
        text_add(&rows->line, corr_judgement_name(row->judgements[i].rule));
    }
}

static void bytes_sent(struct out_socket_rows *rows, const struct socket_row *row)
{
    if (row->bytes_from != CORR_BYTES_NONE) {
        text_add_u64(&rows->line, row->bytes_sent);
    }
}

static void bytes_received(struct out_socket_rows *rows, const struct socket_row *row)
{
    if (row->bytes_from != CORR_BYTES_NONE) {
        text_add_u64(&rows->line, row->bytes_received);
    }
}

static void bytes_from(struct out_socket_rows *rows, const struct socket_row *row)
{
    text_add(&rows->line, out_bytes_from_name(row->bytes_from));
}

static void retransmits(struct out_socket_rows *rows, const struct socket_row *row)
{
    if (row->socket->role == CORR_CLIENT || row->socket->role == CORR_SERVER) {
        text_add_u64(&rows->line, row->socket->retransmits);
    }
}

static void packets_sent(struct out_socket_rows *rows, const struct socket_row *row)
{
    text_add_u64(&rows->line, row->traffic->packets_sent);
}

static void packets_received(struct out_socket_rows *rows, const struct socket_row *row)
{
    text_add_u64(&rows->line, row->traffic->packets_received);
}

static void http_host(struct out_socket_rows *rows, const struct socket_row *row)
{
    out_escape_csv(&rows->line, row->http ? row->http->host : "");
}

static void http_request(struct out_socket_rows *rows, const struct socket_row *row)
{
    out_escape_csv(&rows->line, row->http ? row->http->request : "");
}

static void http_requests(struct out_socket_rows *rows, const struct socket_row *row)
{
    if (row->http) {
        text_add_u64(&rows->line, row->http->requests);
    }
}

static void http_status(struct out_socket_rows *rows, const struct socket_row *row)
{
    if (row->http && row->http->status > 0) {
        text_add_u64(&rows->line, row->http->status);
    }
}

static void behalf_pids(struct out_socket_rows *rows, const struct socket_row *row)
{
    for (uint8_t i = 0; row->http && i < row->http->worker_count; i++) {
        text_add(&rows->line, i > 0 ? ";" : "");
        text_add_u64(&rows->line, row->http->workers[i].pid);
    }
}

static void behalf_processes(struct out_socket_rows *rows, const struct socket_row *row)
{
    const struct corr_processes *processes = corr_ledger_processes(rows->options.ledger);
    text_clear(&rows->via);
    for (uint8_t i = 0; row->http && i < row->http->worker_count; i++) {
        text_add(&rows->via, i > 0 ? ";" : "");
        text_add(&rows->via, corr_processes_get(processes, row->http->workers[i].process)->name);
    }
    out_escape_csv(&rows->line, text_get(&rows->via));
}

/* clang-format off */
static const struct {
    const char *name;
    add_value_function *add;
} columns[] = {
    {"id", id},
    {"protocol", protocol},
    {"role", role},
    {"local", local},
    {"remote", remote},
    {"dns", dns},
    {"owner.pid", owner_pid},
    {"owner.process", owner_process},
    {"owner.path", owner_path},
    {"reason", reason},
    {"confidence", confidence},
    {"via", via},
    {"evidence.rule", evidence},
    {"opened", opened},
    {"closed", closed},
    {"states.to", states},
    {"close.cause", cause},
    {"close.status", status},
    {"judgements.rule", judgements},
    {"bytes_sent", bytes_sent},
    {"bytes_received", bytes_received},
    {"bytes_from", bytes_from},
    {"retransmits", retransmits},
    {"packets_sent", packets_sent},
    {"packets_received", packets_received},
    {"http.host", http_host},
    {"http.request", http_request},
    {"http.requests", http_requests},
    {"http.status", http_status},
    {"on_behalf_of.pid", behalf_pids},
    {"on_behalf_of.process", behalf_processes},
};
/* clang-format on */

#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]))

static void csv_begin(struct out_socket_rows *rows)
{
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        text_add(&rows->line, i > 0 ? "," : "");
        text_add(&rows->line, columns[i].name);
    }
    text_add_char(&rows->line, '\n');
}

static void csv_row(struct out_socket_rows *rows, const struct socket_row *row)
{
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        text_add(&rows->line, i > 0 ? "," : "");
        columns[i].add(rows, row);
    }
    text_add_char(&rows->line, '\n');
}

const struct socket_rows_format socket_rows_csv = {.begin = csv_begin, .row = csv_row};
