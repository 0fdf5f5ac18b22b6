/* SPDX-License-Identifier: MIT */
#include "etw/base/utc_time.h"
#include <stdio.h>

#include "pcapout/judgement_text.h"
#include "pcapout/socket_rows_format.h"
#include "pcapout/timeline_rows_format.h"

#define TICKS_PER_MICROSECOND 10

static void add_time(struct json_writer *j, const char *name, int64_t time)
{
    char text[UTC_TEXT_SIZE];
    (void)utc_format(time, 0, text);
    json_string(j, name, text);
}

static void add_owner(struct json_writer *j, const struct out_timeline_rows *rows,
                      const struct timeline_row *row)
{
    if (row->owner) {
        out_json_process(j, "owner", corr_ledger_processes(rows->options.ledger), row->owner);
        json_string(j, "confidence",
                    corr_confidence_name((enum corr_confidence)row->step->confidence));
    } else {
        json_null(j, "owner");
        json_string(j, "reason", corr_no_owner_name((enum corr_no_owner)row->step->reason));
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
    json_u64(j, "offset", step->offset);
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
        socket_status_format(step->status, &rows->sentence);
        json_string(j, "status", text_get(&rows->sentence));
    }
    if (step->has & CORR_STEP_HAS_DURATION) {
        char text[40];
        int64_t tenths = step->duration;
        (void)snprintf(text, sizeof(text), "%lld.%d", (long long)(tenths / TICKS_PER_MICROSECOND),
                       (int)(tenths % TICKS_PER_MICROSECOND));
        json_raw(j, "duration_us", text);
    }
    if (step->has & CORR_STEP_HAS_BYTES) {
        json_u64(j, "bytes", step->bytes);
    }
}

void timeline_json_add_row(struct out_timeline_rows *rows, const struct timeline_row *row)
{
    const struct corr_step *step = row->step;
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
    if (step->layer == CORR_STEP_WIRE) {
        json_string(&j, "direction", step->has & CORR_STEP_IS_INBOUND ? "in" : "out");
    }
    if (step->has & CORR_STEP_HAS_STATES) {
        add_states(&j, step);
    }
    add_folded(&j, step);
    add_owner(&j, rows, row);
    add_results(rows, &j, step);
    if (step->has & CORR_STEP_HAS_EVENT) {
        add_event(&j, row);
    }
    json_end_object(&j);
}

/* ---- sockets ---- */

void timeline_json_add_sockets(struct out_timeline_rows *rows, const struct corr_judge *judge)
{
    const struct corr_ledger *ledger = rows->options.ledger;
    struct json_writer j = json_writer_of(&rows->line);
    struct corr_judgement judgements[CORR_JUDGE_COUNT];
    const struct corr_socket *sockets = NULL;
    (void)corr_ledger_sockets(ledger, &sockets);
    json_begin_array(&j, NULL);
    for (size_t i = 0; i < rows->socket_count; i++) {
        const struct corr_socket *socket = &sockets[rows->sockets[i]];
        char local[OUT_SOCKET_END_SIZE];
        char remote[OUT_SOCKET_END_SIZE];
        out_socket_end_format(&socket->local, local);
        out_socket_end_format(&socket->remote, remote);
        json_begin_object(&j, NULL);
        json_u64(&j, "id", socket->id);
        json_string(&j, "role", out_role_name((enum corr_role)socket->role));
        json_string(&j, "local", local);
        json_string(&j, "remote", remote);
        if (socket->process != CORR_NO_ROW) {
            out_json_process(&j, "owner", corr_ledger_processes(ledger),
                             corr_processes_get(corr_ledger_processes(ledger), socket->process));
        }
        size_t count = judge ? corr_judge_list(judge, rows->sockets[i], judgements) : 0;
        out_json_judgements(&j, judgements, count, socket, &rows->sentence);
        json_end_object(&j);
    }
    json_end_array(&j);
}

/* Ends of packets that no socket had. */
static void add_orphans(struct out_timeline_rows *rows, const struct corr_judge *judge)
{
    struct json_writer j = json_writer_of(&rows->line);
    struct corr_judgement judgements[CORR_JUDGE_COUNT];
    json_begin_array(&j, NULL);
    for (size_t i = 0; i < rows->orphan_count && judge; i++) {
        struct corr_socket socket;
        char local[OUT_SOCKET_END_SIZE];
        char remote[OUT_SOCKET_END_SIZE];
        size_t count = corr_judge_orphan(judge, rows->orphans[i], &socket, judgements);
        out_socket_end_format(&socket.local, local);
        out_socket_end_format(&socket.remote, remote);
        json_begin_object(&j, NULL);
        json_string(&j, "role", out_role_name((enum corr_role)socket.role));
        json_string(&j, "local", local);
        json_string(&j, "remote", remote);
        out_json_judgements(&j, judgements, count, &socket, &rows->sentence);
        json_end_object(&j);
    }
    json_end_array(&j);
}

/* ---- the formats ---- */

static void ndjson_row(struct out_timeline_rows *rows, const struct timeline_row *row)
{
    timeline_json_add_row(rows, row);
    text_add_char(&rows->line, '\n');
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

static void json_end(struct out_timeline_rows *rows, const struct corr_judge *judge)
{
    text_add(&rows->line, "\n],\"sockets\":");
    timeline_json_add_sockets(rows, judge);
    if (rows->orphan_count > 0) {
        text_add(&rows->line, ",\"without_socket\":");
        add_orphans(rows, judge);
    }
    text_add(&rows->line, "}\n");
}

const struct timeline_format timeline_ndjson = {.row = ndjson_row};
const struct timeline_format timeline_json = {
    .begin = json_begin, .row = json_row, .end = json_end};
