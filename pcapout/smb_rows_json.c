/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "etw/base/utc_time.h"
#include "pcapout/http_rows.h"
#include "pcapout/places.h"
#include "pcapout/smb_control_codes.h"
#include "pcapout/smb_rows_format.h"
#include "pcapout/socket_rows_format.h"

static void add_time(struct json_writer *j, const char *name, int64_t time)
{
    char text[UTC_TEXT_SIZE];
    (void)utc_format(time, 0, text);
    json_string(j, name, text);
}

static void add_text(struct json_writer *j, const char *name, const char *value)
{
    if (value[0]) {
        json_string(j, name, value);
    }
}

static void add_hex(struct json_writer *j, const char *name, uint64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "0x%llx", (unsigned long long)value);
    json_string(j, name, text);
}

static void add_duration(struct out_smb_rows *rows, struct json_writer *j, const char *name,
                         int64_t duration)
{
    if (duration >= 0) {
        text_clear(&rows->scratch);
        smb_add_microseconds(&rows->scratch, duration);
        json_raw(j, name, text_get(&rows->scratch));
    }
}

static void add_status(struct out_smb_rows *rows, struct json_writer *j, uint32_t status)
{
    text_clear(&rows->scratch);
    smb_add_status(&rows->scratch, status);
    json_string(j, "status", text_get(&rows->scratch));
}

static void add_process(const struct out_smb_rows *rows, struct json_writer *j, const char *name,
                        const struct corr_process *process)
{
    out_json_process(j, name, corr_ledger_processes(rows->options.rows.ledger), process);
}

/* A process that one event, or the first of several, hints at. */
static void add_behalf(const struct out_smb_rows *rows, struct json_writer *j, uint32_t process,
                       uint64_t place)
{
    const struct corr_processes *processes = corr_ledger_processes(rows->options.rows.ledger);
    const struct corr_behalf behalf = {
        .process = process, .confidence = CORR_LIKELY, .rule = CORR_RULE_ASKED, .offset = place};
    out_json_behalf(j, processes, &behalf);
}

/* ---- groups ---- */

static void add_commands(struct json_writer *j, const struct out_smb_group *group)
{
    json_begin_object(j, "commands");
    for (int command = 0; command <= CORR_SMB_OTHER; command++) {
        if (group->commands[command] > 0) {
            json_u64(j, corr_smb_command_name((enum corr_smb_command)command),
                     group->commands[command]);
        }
    }
    json_end_object(j);
}

static void add_statuses(struct out_smb_rows *rows, struct json_writer *j,
                         const struct out_smb_group *group)
{
    json_u64(j, "failed", group->failed);
    if (group->failed == 0) {
        return;
    }
    json_begin_array(j, "statuses");
    for (size_t i = 0; i < OUT_SMB_STATUSES && group->statuses[i].count > 0; i++) {
        json_begin_object(j, NULL);
        add_status(rows, j, group->statuses[i].status);
        json_u64(j, "count", group->statuses[i].count);
        json_end_object(j);
    }
    json_end_array(j);
}

static void add_durations(struct out_smb_rows *rows, struct json_writer *j, const char *name,
                          const struct out_durations *durations)
{
    if (durations->count == 0) {
        return;
    }
    json_begin_object(j, name);
    json_u64(j, "count", durations->count);
    add_duration(rows, j, "mean", out_durations_mean(durations));
    add_duration(rows, j, "least", durations->least);
    add_duration(rows, j, "p50", out_durations_percentile(durations, 50));
    add_duration(rows, j, "p95", out_durations_percentile(durations, 95));
    add_duration(rows, j, "p99", out_durations_percentile(durations, 99));
    add_duration(rows, j, "greatest", durations->greatest);
    json_end_object(j);
}

static void add_sizes(struct json_writer *j, const struct out_smb_group *group)
{
    json_u64(j, "reads", group->read_operations);
    json_u64(j, "writes", group->write_operations);
    json_u64(j, "bytes_read", group->bytes_read);
    json_u64(j, "bytes_written", group->bytes_written);
    if (group->greatest_size > 0) {
        json_u64(j, "least_size", group->least_size);
        json_u64(j, "greatest_size", group->greatest_size);
    }
}

static void add_pauses(struct out_smb_rows *rows, struct json_writer *j,
                       const struct out_smb_group *group)
{
    if (group->paused == 0) {
        return;
    }
    json_begin_object(j, "pauses");
    json_u64(j, "count", group->paused);
    add_duration(rows, j, "longest_us", group->longest_pause);
    if (group->pause_left > 0) {
        json_u64(j, "left_bytes", group->pause_left);
    }
    json_u64(j, "acknowledged", group->paused_acknowledged);
    json_end_object(j);
}

static void add_group(struct out_smb_rows *rows, const struct smb_group_row *row)
{
    const struct out_smb_group *group = row->group;
    struct json_writer j = json_writer_of(&rows->line);
    json_begin_object(&j, NULL);
    json_string(&j, "by", out_smb_by_name(rows->options.by));
    if (group->is_rest) {
        json_bool(&j, "rest", true);
    }
    add_text(&j, "server", group->server);
    add_text(&j, "share", row->share);
    add_text(&j, "file", row->file);
    if (row->process && !group->has_processes && !group->is_hint) {
        add_process(rows, &j, "owner", row->process);
    } else if (row->process && !group->has_processes) {
        add_behalf(rows, &j, group->process, group->hint_offset);
    }
    json_u64(&j, "operations", group->operations);
    add_commands(&j, group);
    add_sizes(&j, group);
    json_u64(&j, "outstanding", group->outstanding);
    if (group->fewest_credits != UINT32_MAX) {
        json_u64(&j, "fewest_credits", group->fewest_credits);
    }
    add_statuses(rows, &j, group);
    json_u64(&j, "without_response", group->without_response);
    add_time(&j, "first", group->first);
    add_time(&j, "last", group->last);
    add_durations(rows, &j, "duration_us", &group->total);
    add_durations(rows, &j, "client_us", &group->client_part);
    add_durations(rows, &j, "wait_us", &group->wait_part);
    add_durations(rows, &j, "server_us", &group->server_part);
    add_pauses(rows, &j, group);
    json_end_object(&j);
}

/* ---- operations ---- */

static void add_sources(struct json_writer *j, const struct corr_smb_operation *operation)
{
    static const char *const names[CORR_SMB_SOURCES] = {
        [CORR_SMB_PACKETS] = "packets",
        [CORR_SMB_CLIENT_EVENTS] = "client-events",
        [CORR_SMB_SERVER_EVENTS] = "server-events",
    };
    json_begin_array(j, "sources");
    for (int i = 0; i < CORR_SMB_SOURCES; i++) {
        const struct corr_smb_sight *sight = &operation->sights[i];
        if (sight->request != CORR_NEVER || sight->response != CORR_NEVER) {
            json_string(j, NULL, names[i]);
        }
    }
    json_end_array(j);
}

static void add_ids(struct json_writer *j, const struct corr_smb_operation *operation)
{
    json_u64(j, "message_id", operation->message_id);
    if (operation->has & CORR_SMB_HAS_SESSION) {
        add_hex(j, "session_id", operation->session_id);
    }
    if (operation->has & CORR_SMB_HAS_TREE) {
        add_hex(j, "tree_id", operation->tree_id);
    }
}

static void add_data(struct json_writer *j, const struct corr_smb_operation *operation)
{
    if (operation->has & CORR_SMB_HAS_OFFSET) {
        json_u64(j, "data_offset", operation->data_offset);
    }
    if (operation->has & CORR_SMB_HAS_LENGTH) {
        json_u64(j, "asked", operation->asked);
        json_u64(j, "moved", operation->moved);
    }
    if (operation->has & CORR_SMB_HAS_CREDITS) {
        json_u64(j, "credits_asked", operation->credits_asked);
        json_u64(j, "credits_granted", operation->credits_granted);
    }
}

static void add_place(struct json_writer *j, const char *name, uint64_t frame, uint64_t place)
{
    if (frame == 0 && place == 0) {
        return;
    }
    json_begin_object(j, name);
    if (frame > 0) {
        json_u64(j, "frame", frame);
    }
    if (place > 0) {
        out_json_place(j, place);
    }
    json_end_object(j);
}

/* As logged: the trace does not say the unit of the newer ones. */
static void add_counters(struct json_writer *j, const struct corr_smb_operation *operation)
{
    const struct corr_smb_times *times = &operation->server;
    if ((operation->has & CORR_SMB_HAS_TIMES) == 0) {
        return;
    }
    json_begin_object(j, "server_counters");
    json_u64(j, "queue", times->queue);
    json_u64(j, "process", times->process);
    json_u64(j, "file_system", times->file_system);
    json_u64(j, "send", times->send);
    json_u64(j, "security", times->security);
    if (times->total > 0) {
        json_u64(j, "total", times->total);
    }
    if (times->are_cycles) {
        json_string(j, "unit", "cycles");
    }
    json_end_object(j);
}

static void add_places(struct json_writer *j, const struct smb_operation_row *row)
{
    const struct corr_smb_operation *operation = row->operation;
    if (row->socket && row->socket->id > 0) {
        json_u64(j, "connection", row->socket->id);
    }
    add_place(j, "request", operation->request_frame, operation->request_offset);
    add_place(j, "response", operation->response_frame, operation->response_offset);
}

static void add_owners(const struct out_smb_rows *rows, struct json_writer *j,
                       const struct smb_operation_row *row)
{
    if (row->owner) {
        add_process(rows, j, "owner", row->owner);
    }
    if (row->asker) {
        add_behalf(rows, j, row->asker_row, row->operation->asker_offset);
    }
}

static void add_pause(struct out_smb_rows *rows, struct json_writer *j,
                      const struct smb_operation_row *row)
{
    const struct corr_smb_pause *pause = &row->operation->pause;
    if (row->is_paused) {
        json_begin_object(j, "pause");
        add_duration(rows, j, "duration_us", pause->duration);
        json_u64(j, "before_bytes", pause->before);
        json_u64(j, "left_bytes", row->operation->response_size - pause->before);
        json_bool(j, "acknowledged", pause->is_acknowledged);
        json_end_object(j);
    }
}

/* What only some commands have. */
static void add_special(struct out_smb_rows *rows, struct json_writer *j,
                        const struct smb_operation_row *row)
{
    add_text(j, "new_name", row->new_name);
    if (row->operation->has & CORR_SMB_HAS_CONTROL_CODE) {
        text_clear(&rows->scratch);
        out_add_smb_control_code(&rows->scratch, row->operation->control_code);
        json_string(j, "control_code", text_get(&rows->scratch));
    }
}

static void add_operation(struct out_smb_rows *rows, const struct smb_operation_row *row)
{
    const struct corr_smb_operation *operation = row->operation;
    struct json_writer j = json_writer_of(&rows->line);
    json_begin_object(&j, NULL);
    json_u64(&j, "number", operation->number);
    add_time(&j, "time", operation->begin);
    json_string(&j, "command", row->command);
    add_text(&j, "share", row->share);
    add_text(&j, "file", row->file);
    add_special(rows, &j, row);
    add_text(&j, "call", row->call);
    add_ids(&j, operation);
    if (operation->has & CORR_SMB_HAS_STATUS) {
        add_status(rows, &j, operation->status);
    }
    add_data(&j, operation);
    json_bool(&j, "has_request", operation->has_request);
    json_bool(&j, "has_response", operation->has_response);
    if (operation->has_request) {
        json_u64(&j, "outstanding", operation->outstanding);
    }
    add_duration(rows, &j, "duration_us", row->parts.total);
    add_duration(rows, &j, "client_us", row->parts.client);
    add_duration(rows, &j, "wait_us", row->parts.wait);
    add_duration(rows, &j, "server_us", row->parts.server);
    add_pause(rows, &j, row);
    add_counters(&j, operation);
    add_places(&j, row);
    add_sources(&j, operation);
    add_owners(rows, &j, row);
    json_end_object(&j);
}

/* ---- what is no operation ---- */

static void add_utf16(struct out_smb_rows *rows, struct json_writer *j, const char *name,
                      const struct bytes *utf16)
{
    if (utf16->size >= 2) {
        text_clear(&rows->scratch);
        text_add_utf16(&rows->scratch, utf16->data, utf16->size - utf16->size % 2);
        json_string(j, name, text_get(&rows->scratch));
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

static void add_condition_numbers(struct out_smb_rows *rows, struct json_writer *j,
                                  const struct corr_smb_condition *condition)
{
    if (condition->has_command && condition->command < CORR_SMB_OTHER) {
        json_string(j, "command", corr_smb_command_name((enum corr_smb_command)condition->command));
    }
    if (condition->has_duration) {
        add_duration(rows, j, "duration_us", condition->duration);
    }
    if (condition->threshold > 0) {
        add_duration(rows, j, "threshold_us", condition->threshold);
    }
    if (condition->reason > 0) {
        json_u64(j, "reason_number", condition->reason);
    }
    if (condition->retries > 0) {
        json_u64(j, "retries", condition->retries);
    }
    if (condition->window_limit > 0) {
        json_u64(j, "window_size", condition->window_size);
        json_u64(j, "window_limit", condition->window_limit);
    }
}

static void json_condition(struct out_smb_rows *rows, const struct corr_smb_condition *condition)
{
    text_add(&rows->line, rows->condition_count > 0 ? ",\n" : "\n");
    struct json_writer j = json_writer_of(&rows->line);
    json_begin_object(&j, NULL);
    add_time(&j, "time", condition->time);
    json_string(&j, "what", corr_smb_condition_name(condition->kind));
    if (condition->has & CORR_SMB_HAS_STATUS) {
        add_status(rows, &j, condition->status);
    }
    add_utf16(rows, &j, "server", &condition->server);
    add_utf16(rows, &j, "share", &condition->share);
    add_utf16(rows, &j, "file", &condition->file);
    add_utf16(rows, &j, "user", &condition->user);
    add_utf16(rows, &j, "client", &condition->client);
    if (condition->has_transport) {
        json_string(&j, "transport", smb_transport_name(condition->transport, false));
    }
    add_end(&j, "local", &condition->local);
    add_end(&j, "remote", &condition->remote);
    if (condition->has_message) {
        json_u64(&j, "message_id", condition->message_id);
    }
    add_condition_numbers(rows, &j, condition);
    add_place(&j, "event", 0, condition->offset);
    json_end_object(&j);
}

/* ---- the formats ---- */

static void ndjson_group(struct out_smb_rows *rows, const struct smb_group_row *row)
{
    add_group(rows, row);
    text_add_char(&rows->line, '\n');
}

static void ndjson_operation(struct out_smb_rows *rows, const struct smb_operation_row *row)
{
    add_operation(rows, row);
    text_add_char(&rows->line, '\n');
}

static void json_begin(struct out_smb_rows *rows)
{
    const char *trace = rows->options.rows.trace_json;
    text_add(&rows->line, "{\"trace\":");
    text_add(&rows->line, trace ? trace : "{}");
    text_add(&rows->line, rows->options.has_operations ? ",\"operations\":[" : ",\"groups\":[");
}

static void json_group(struct out_smb_rows *rows, const struct smb_group_row *row)
{
    text_add(&rows->line, rows->count > 0 ? ",\n" : "\n");
    add_group(rows, row);
}

static void json_operation(struct out_smb_rows *rows, const struct smb_operation_row *row)
{
    text_add(&rows->line, rows->count > 0 ? ",\n" : "\n");
    add_operation(rows, row);
}

static void json_end(struct out_smb_rows *rows, const struct out_smb_seen *seen)
{
    struct smb_count counts[SMB_COUNTS];
    size_t count = smb_counts(seen, counts);
    text_add(&rows->line, "\n],\n\"conditions\":[");
    text_add_bytes(&rows->line, text_get(&rows->conditions), rows->conditions.size);
    text_add(&rows->line, "\n],\n\"totals\":");
    struct json_writer j = json_writer_of(&rows->line);
    json_begin_object(&j, NULL);
    json_u64(&j, "conditions_left_out", rows->conditions_left_out);
    for (size_t i = 0; i < count; i++) {
        json_u64(&j, counts[i].name, counts[i].value);
    }
    json_end_object(&j);
    text_add(&rows->line, "}\n");
}

const struct smb_rows_format smb_rows_ndjson = {.group = ndjson_group,
                                                .operation = ndjson_operation};
const struct smb_rows_format smb_rows_json = {.begin = json_begin,
                                              .group = json_group,
                                              .operation = json_operation,
                                              .condition = json_condition,
                                              .end = json_end};
