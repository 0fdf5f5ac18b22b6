/* SPDX-License-Identifier: MIT */
/*
 * timeline_rows_csv.c - timeline rows as CSV: the members of the JSON row under dotted
 * names.
 */
#include <stdio.h>

#include "etw/base/utc_time.h"
#include "pcapout/escape.h"
#include "pcapout/judgement_text.h"
#include "pcapout/smb_control_codes.h"
#include "pcapout/socket_rows_format.h"
#include "pcapout/timeline_rows_format.h"

#define TICKS_PER_MICROSECOND 10

typedef void add_value_function(struct text *to, const struct timeline_row *row);

static void add_time(struct text *to, int64_t time)
{
    char text[UTC_TEXT_SIZE];
    text_add_bytes(to, text, (size_t)utc_format(time, 0, text));
}

static void time_of(struct text *to, const struct timeline_row *row)
{
    add_time(to, row->step->time);
}

static void layer(struct text *to, const struct timeline_row *row)
{
    text_add(to, corr_step_layer_name((enum corr_step_layer)row->step->layer));
}

static void what(struct text *to, const struct timeline_row *row)
{
    text_add(to, corr_step_what_name((enum corr_step_what)row->step->what));
}

static void sentence(struct text *to, const struct timeline_row *row)
{
    out_escape_csv(to, row->sentence);
}

static void connection(struct text *to, const struct timeline_row *row)
{
    if (row->socket && row->socket->id > 0) {
        text_add_u64(to, row->socket->id);
    }
}

static void frame(struct text *to, const struct timeline_row *row)
{
    if (row->step->frame > 0) {
        text_add_u64(to, row->step->frame);
    }
}

static void direction(struct text *to, const struct timeline_row *row)
{
    text_add(to, row->direction);
}

static void from(struct text *to, const struct timeline_row *row)
{
    if (row->step->has & CORR_STEP_HAS_STATES) {
        text_add(to, out_state_name((enum corr_tcp_state)row->step->from));
    }
}

static void to_state(struct text *to, const struct timeline_row *row)
{
    if (row->step->has & CORR_STEP_HAS_STATES) {
        text_add(to, out_state_name((enum corr_tcp_state)row->step->to));
    }
}

static void inferred(struct text *to, const struct timeline_row *row)
{
    text_add(to, row->step->has & CORR_STEP_IS_INFERRED ? "true" : "");
}

static void impossible(struct text *to, const struct timeline_row *row)
{
    text_add(to, row->step->has & CORR_STEP_IS_IMPOSSIBLE ? "true" : "");
}

static void count(struct text *to, const struct timeline_row *row)
{
    if (row->step->count > 1) {
        text_add_u64(to, row->step->count);
    }
}

static void last(struct text *to, const struct timeline_row *row)
{
    if (row->step->count > 1) {
        add_time(to, row->step->last_time);
    }
}

static void last_frame(struct text *to, const struct timeline_row *row)
{
    if (row->step->last_frame > row->step->frame) {
        text_add_u64(to, row->step->last_frame);
    }
}

static void owner_pid(struct text *to, const struct timeline_row *row)
{
    if (row->owner) {
        text_add_u64(to, row->owner->pid);
    }
}

static void owner_process(struct text *to, const struct timeline_row *row)
{
    out_escape_csv(to, row->owner ? row->owner->name : "");
}

static void owner_path(struct text *to, const struct timeline_row *row)
{
    out_escape_csv(to, row->owner ? row->owner->path : "");
}

static void reason(struct text *to, const struct timeline_row *row)
{
    text_add(to, row->reason);
}

static void confidence(struct text *to, const struct timeline_row *row)
{
    text_add(to, row->confidence);
}

static void status(struct text *to, const struct timeline_row *row)
{
    if (row->step->has & CORR_STEP_HAS_STATUS) {
        timeline_add_status(to, row->step);
    }
}

static void duration(struct text *to, const struct timeline_row *row)
{
    if (row->step->has & CORR_STEP_HAS_DURATION) {
        text_add_format(to, "%lld.%d", (long long)(row->step->duration / TICKS_PER_MICROSECOND),
                        (int)(row->step->duration % TICKS_PER_MICROSECOND));
    }
}

static void bytes(struct text *to, const struct timeline_row *row)
{
    if (row->step->has & CORR_STEP_HAS_BYTES) {
        text_add_u64(to, row->step->bytes);
    }
}

static void drop_reason(struct text *to, const struct timeline_row *row)
{
    text_add(to, row->drop.reason ? row->drop.reason : "");
}

static void drop_code(struct text *to, const struct timeline_row *row)
{
    if (row->step->drop.is_dropped) {
        text_add_u64(to, row->step->drop.reason);
    }
}

static void drop_location(struct text *to, const struct timeline_row *row)
{
    text_add(to, row->drop.location ? row->drop.location : "");
}

static void drop_component(struct text *to, const struct timeline_row *row)
{
    out_escape_csv(to, row->drop.component ? row->drop.component : "");
}

static void provider(struct text *to, const struct timeline_row *row)
{
    out_escape_csv(to, row->provider ? row->provider : "");
}

static void event_id(struct text *to, const struct timeline_row *row)
{
    if (row->provider) {
        text_add_u64(to, row->step->id);
    }
}

static void event_offset(struct text *to, const struct timeline_row *row)
{
    if (row->provider) {
        text_add_u64(to, etw_place_offset(row->step->offset));
    }
}

static void event_file(struct text *to, const struct timeline_row *row)
{
    if (row->provider) {
        text_add_u64(to, etw_place_file(row->step->offset));
    }
}

static void event_version(struct text *to, const struct timeline_row *row)
{
    if (row->provider) {
        text_add_u64(to, row->step->version);
    }
}

static void header_pid(struct text *to, const struct timeline_row *row)
{
    if (row->provider && row->step->header_pid != RECORD_NO_ID) {
        text_add_u64(to, row->step->header_pid);
    }
}

static void header_tid(struct text *to, const struct timeline_row *row)
{
    if (row->provider && row->step->header_tid != RECORD_NO_ID) {
        text_add_u64(to, row->step->header_tid);
    }
}

static void http_host(struct text *to, const struct timeline_row *row)
{
    out_escape_csv(to, row->step->host);
}

static void http_request(struct text *to, const struct timeline_row *row)
{
    out_escape_csv(to, row->step->request);
}

static void http_status(struct text *to, const struct timeline_row *row)
{
    if (row->step->what == CORR_STEP_RESPONSE && row->step->number > 0) {
        text_add_u64(to, row->step->number);
    }
}

static bool is_condition(const struct timeline_row *row)
{
    return row->step->what == CORR_STEP_CONDITION;
}

static void smb_command(struct text *to, const struct timeline_row *row)
{
    bool has_command = !is_condition(row) || row->step->condition.has_command;
    if (row->step->layer == CORR_STEP_SMB && has_command) {
        const char *name = row->step->other_name;
        text_add(to,
                 name ? name : corr_smb_command_name((enum corr_smb_command)row->step->command));
    }
}

static void smb_path(struct text *to, const struct timeline_row *row)
{
    out_escape_csv(to, row->smb.path);
}

static void smb_offset(struct text *to, const struct timeline_row *row)
{
    if (row->step->has & CORR_STEP_HAS_OFFSET) {
        text_add_u64(to, row->step->data_offset);
    }
}

static void smb_new_name(struct text *to, const struct timeline_row *row)
{
    out_escape_csv(to, row->smb.new_name);
}

static void smb_control_code(struct text *to, const struct timeline_row *row)
{
    if (row->step->has & CORR_STEP_HAS_CONTROL_CODE) {
        out_add_smb_control_code(to, row->step->control_code);
    }
}

static void smb_condition(struct text *to, const struct timeline_row *row)
{
    if (is_condition(row)) {
        text_add(to,
                 corr_smb_condition_name((enum corr_smb_condition_kind)row->step->condition.kind));
    }
}

static void smb_server(struct text *to, const struct timeline_row *row)
{
    out_escape_csv(to, row->smb.server);
}

static void smb_client(struct text *to, const struct timeline_row *row)
{
    out_escape_csv(to, row->smb.client);
}

static void smb_user(struct text *to, const struct timeline_row *row)
{
    out_escape_csv(to, row->smb.user);
}

static void smb_reason(struct text *to, const struct timeline_row *row)
{
    if (row->step->condition.reason > 0) {
        text_add_u64(to, row->step->condition.reason);
    }
}

static void behalf_pid(struct text *to, const struct timeline_row *row)
{
    if (row->behalf) {
        text_add_u64(to, row->behalf->pid);
    }
}

static void behalf_process(struct text *to, const struct timeline_row *row)
{
    out_escape_csv(to, row->behalf ? row->behalf->name : "");
}

/* clang-format off */
static const struct {
    const char *name;
    add_value_function *add;
} columns[] = {
    {"time", time_of},
    {"layer", layer},
    {"what", what},
    {"text", sentence},
    {"connection", connection},
    {"frame", frame},
    {"direction", direction},
    {"from", from},
    {"to", to_state},
    {"inferred", inferred},
    {"impossible", impossible},
    {"count", count},
    {"last", last},
    {"last_frame", last_frame},
    {"owner.pid", owner_pid},
    {"owner.process", owner_process},
    {"owner.path", owner_path},
    {"reason", reason},
    {"confidence", confidence},
    {"status", status},
    {"duration_us", duration},
    {"bytes", bytes},
    {"drop.reason", drop_reason},
    {"drop.code", drop_code},
    {"drop.location", drop_location},
    {"drop.component", drop_component},
    {"event.provider", provider},
    {"event.id", event_id},
    {"event.version", event_version},
    {"event.offset", event_offset},
    {"event.header_pid", header_pid},
    {"event.header_tid", header_tid},
    {"http.host", http_host},
    {"http.request", http_request},
    {"http.status", http_status},
    {"on_behalf_of.pid", behalf_pid},
    {"on_behalf_of.process", behalf_process},
    {"smb.command", smb_command},
    {"smb.path", smb_path},
    {"smb.offset", smb_offset},
    {"smb.new_name", smb_new_name},
    {"smb.control_code", smb_control_code},
    {"smb.condition", smb_condition},
    {"smb.server", smb_server},
    {"smb.client", smb_client},
    {"smb.user", smb_user},
    {"smb.reason_number", smb_reason},
    {"event.file", event_file}, /* the last: only where there are several files */
};
/* clang-format on */

static size_t column_count(const struct out_timeline_rows *rows)
{
    return sizeof(columns) / sizeof(columns[0]) - !rows->options.has_files;
}

/* Of --top, which lists sockets; rules are joined with ";", their sentences with " | ". */
static const char socket_head[] =
    "id,protocol,role,local,remote,owner.pid,owner.process,owner.path,reason,confidence,"
    "judgements.rule,judgements.text\n";

static void csv_begin(struct out_timeline_rows *rows)
{
    for (size_t i = 0; i < column_count(rows) && !rows->options.is_top; i++) {
        text_add(&rows->line, i > 0 ? "," : "");
        text_add(&rows->line, columns[i].name);
    }
    text_add(&rows->line, rows->options.is_top ? socket_head : "\n");
}

static void csv_row(struct out_timeline_rows *rows, const struct timeline_row *row)
{
    for (size_t i = 0; i < column_count(rows); i++) {
        text_add(&rows->line, i > 0 ? "," : "");
        columns[i].add(&rows->line, row);
    }
    text_add_char(&rows->line, '\n');
}

static void add_cell(struct text *to, const char *value)
{
    text_add_char(to, ',');
    out_escape_csv(to, value);
}

static void add_socket_owner(struct text *to, const struct corr_process *owner)
{
    text_add_char(to, ',');
    if (owner) {
        text_add_u64(to, owner->pid);
    }
    add_cell(to, owner ? owner->name : "");
    add_cell(to, owner ? owner->path : "");
}

static void add_socket_judgements(struct out_timeline_rows *rows,
                                  const struct timeline_socket *socket)
{
    struct text *to = &rows->line;
    text_clear(&rows->sentence);
    text_add_char(to, ',');
    for (size_t i = 0; i < socket->judgement_count; i++) {
        text_add(to, i > 0 ? ";" : "");
        text_add(to, corr_judgement_name(socket->judgements[i].rule));
        text_add(&rows->sentence, i > 0 ? " | " : "");
        out_add_judgement(&rows->sentence, &socket->judgements[i], socket->socket);
    }
    add_cell(to, text_get(&rows->sentence));
}

static void csv_socket(struct out_timeline_rows *rows, const struct timeline_socket *socket)
{
    struct text *to = &rows->line;
    if (!rows->options.is_top) {
        return;
    }
    if (socket->row != CORR_NO_ROW) {
        text_add_u64(to, socket->socket->id);
    }
    add_cell(to, socket->protocol);
    add_cell(to, out_role_name((enum corr_role)socket->socket->role));
    add_cell(to, socket->local);
    add_cell(to, socket->remote);
    add_socket_owner(to, socket->owner);
    add_cell(to, socket->reason);
    add_cell(to, socket->confidence);
    add_socket_judgements(rows, socket);
    text_add_char(to, '\n');
}

const struct timeline_format timeline_csv = {
    .begin = csv_begin, .row = csv_row, .socket = csv_socket, .orphan = csv_socket};
