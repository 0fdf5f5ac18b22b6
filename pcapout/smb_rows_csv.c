/* SPDX-License-Identifier: MIT */
/*
 * smb_rows_csv.c - SMB rows as CSV: members of the JSON rows under dotted names.
 */
#include <inttypes.h>
#include <stdio.h>

#include "etw/base/utc_time.h"
#include "pcapout/escape.h"
#include "pcapout/smb_control_codes.h"
#include "pcapout/smb_rows_format.h"
#include "pcapout/socket_rows_format.h"

static void comma(struct out_smb_rows *rows)
{
    text_add_char(&rows->line, ',');
}

static void add_text(struct out_smb_rows *rows, const char *value)
{
    comma(rows);
    out_escape_csv(&rows->line, value);
}

static void add_number(struct out_smb_rows *rows, uint64_t value, bool is_known)
{
    comma(rows);
    if (is_known) {
        text_add_u64(&rows->line, value);
    }
}

static void add_hex(struct out_smb_rows *rows, uint64_t value, bool is_known)
{
    comma(rows);
    if (is_known) {
        text_add_format(&rows->line, "0x%" PRIx64, value);
    }
}

static void add_duration(struct out_smb_rows *rows, int64_t duration)
{
    comma(rows);
    if (duration >= 0) {
        smb_add_microseconds(&rows->line, duration);
    }
}

static void add_time(struct out_smb_rows *rows, int64_t time)
{
    char text[UTC_TEXT_SIZE];
    text_add_bytes(&rows->line, text, (size_t)utc_format(time, 0, text));
}

static void add_process(struct out_smb_rows *rows, const struct corr_process *process)
{
    add_number(rows, process ? process->pid : 0, process != NULL);
    add_text(rows, process ? process->name : "");
}

/* ---- groups ---- */

static const char group_head[] =
    "by,server,share,file,owner.pid,owner.process,on_behalf_of.pid,on_behalf_of.process,"
    "operations,reads,writes,bytes_read,bytes_written,least_size,greatest_size,outstanding,failed,"
    "statuses.status,without_response,first,last,duration_us.mean,duration_us.p50,duration_us.p95,"
    "duration_us.p99,duration_us.greatest,client_us.mean,wait_us.mean,server_us.mean,"
    "pauses.count,pauses.longest_us,pauses.left_bytes,pauses.acknowledged\n";

static void add_statuses(struct out_smb_rows *rows, const struct out_smb_group *group)
{
    comma(rows);
    text_clear(&rows->scratch);
    for (size_t i = 0; i < OUT_SMB_STATUSES && group->statuses[i].count > 0; i++) {
        text_add(&rows->scratch, i > 0 ? ";" : "");
        smb_add_status(&rows->scratch, group->statuses[i].status);
    }
    out_escape_csv(&rows->line, text_get(&rows->scratch));
}

static void add_group_durations(struct out_smb_rows *rows, const struct out_smb_group *group)
{
    add_duration(rows, out_durations_mean(&group->total));
    add_duration(rows, out_durations_percentile(&group->total, 50));
    add_duration(rows, out_durations_percentile(&group->total, 95));
    add_duration(rows, out_durations_percentile(&group->total, 99));
    add_duration(rows, group->total.count > 0 ? group->total.greatest : -1);
    add_duration(rows, out_durations_mean(&group->client_part));
    add_duration(rows, out_durations_mean(&group->wait_part));
    add_duration(rows, out_durations_mean(&group->server_part));
}

static void add_group_pauses(struct out_smb_rows *rows, const struct out_smb_group *group)
{
    bool has_pauses = group->paused > 0;
    add_number(rows, group->paused, has_pauses);
    add_duration(rows, has_pauses ? group->longest_pause : -1);
    add_number(rows, group->pause_left, group->pause_left > 0);
    add_number(rows, group->paused_acknowledged, has_pauses);
}

static void csv_group(struct out_smb_rows *rows, const struct smb_group_row *row)
{
    const struct out_smb_group *group = row->group;
    const struct corr_process *process = group->has_processes ? NULL : row->process;
    const uint64_t numbers[] = {group->operations, group->read_operations, group->write_operations,
                                group->bytes_read, group->bytes_written};
    text_add(&rows->line, group->is_rest ? "rest" : out_smb_by_name(rows->options.by));
    add_text(rows, group->server);
    add_text(rows, row->share);
    add_text(rows, row->file);
    add_process(rows, group->is_hint ? NULL : process);
    add_process(rows, group->is_hint ? process : NULL);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        add_number(rows, numbers[i], true);
    }
    add_number(rows, group->least_size, group->greatest_size > 0);
    add_number(rows, group->greatest_size, group->greatest_size > 0);
    add_number(rows, group->outstanding, true);
    add_number(rows, group->failed, true);
    add_statuses(rows, group);
    add_number(rows, group->without_response, true);
    comma(rows);
    add_time(rows, group->first);
    comma(rows);
    add_time(rows, group->last);
    add_group_durations(rows, group);
    add_group_pauses(rows, group);
    text_add_char(&rows->line, '\n');
}

/* ---- operations ---- */

static const char operation_head[] =
    "number,time,command,share,file,message_id,session_id,tree_id,status,data_offset,asked,moved,"
    "credits_asked,credits_granted,has_request,has_response,outstanding,duration_us,client_us,"
    "wait_us,server_us,connection,request.frame,response.frame,request.offset,response.offset,"
    "owner.pid,"
    "owner.process,on_behalf_of.pid,on_behalf_of.process,new_name,control_code,call,"
    "pause.duration_us,pause.before_bytes,pause.acknowledged\n";

static void add_ids(struct out_smb_rows *rows, const struct corr_smb_operation *operation)
{
    add_number(rows, operation->message_id, true);
    add_hex(rows, operation->session_id, (operation->has & CORR_SMB_HAS_SESSION) != 0);
    add_hex(rows, operation->tree_id, (operation->has & CORR_SMB_HAS_TREE) != 0);
    comma(rows);
    if (operation->has & CORR_SMB_HAS_STATUS) {
        smb_add_status(&rows->line, operation->status);
    }
}

static void add_data(struct out_smb_rows *rows, const struct corr_smb_operation *operation)
{
    bool has_length = (operation->has & CORR_SMB_HAS_LENGTH) != 0;
    bool has_credits = (operation->has & CORR_SMB_HAS_CREDITS) != 0;
    add_number(rows, operation->data_offset, (operation->has & CORR_SMB_HAS_OFFSET) != 0);
    add_number(rows, operation->asked, has_length);
    add_number(rows, operation->moved, has_length);
    add_number(rows, operation->credits_asked, has_credits);
    add_number(rows, operation->credits_granted, has_credits);
    text_add(&rows->line, operation->has_request ? ",true" : ",false");
    text_add(&rows->line, operation->has_response ? ",true" : ",false");
    add_number(rows, operation->outstanding, operation->has_request);
}

static void add_pause(struct out_smb_rows *rows, const struct smb_operation_row *row)
{
    const struct corr_smb_pause *pause = &row->operation->pause;
    add_duration(rows, row->is_paused ? pause->duration : -1);
    add_number(rows, pause->before, row->is_paused);
    text_add(&rows->line, !row->is_paused ? "," : pause->is_acknowledged ? ",true" : ",false");
}

static void csv_operation(struct out_smb_rows *rows, const struct smb_operation_row *row)
{
    const struct corr_smb_operation *operation = row->operation;
    const struct corr_socket *socket = row->socket;
    text_add_u64(&rows->line, operation->number);
    comma(rows);
    add_time(rows, operation->begin);
    add_text(rows, row->command);
    add_text(rows, row->share);
    add_text(rows, row->file);
    add_ids(rows, operation);
    add_data(rows, operation);
    add_duration(rows, row->parts.total);
    add_duration(rows, row->parts.client);
    add_duration(rows, row->parts.wait);
    add_duration(rows, row->parts.server);
    add_number(rows, socket ? socket->id : 0, socket && socket->id > 0);
    add_number(rows, operation->request_frame, operation->request_frame > 0);
    add_number(rows, operation->response_frame, operation->response_frame > 0);
    add_number(rows, etw_place_offset(operation->request_offset), operation->request_offset > 0);
    add_number(rows, etw_place_offset(operation->response_offset), operation->response_offset > 0);
    add_process(rows, row->owner);
    add_process(rows, row->asker);
    add_text(rows, row->new_name);
    comma(rows);
    if (operation->has & CORR_SMB_HAS_CONTROL_CODE) {
        out_add_smb_control_code(&rows->line, operation->control_code);
    }
    add_text(rows, row->call);
    add_pause(rows, row);
    text_add_char(&rows->line, '\n');
}

static void csv_begin(struct out_smb_rows *rows)
{
    text_add(&rows->line, rows->options.has_operations ? operation_head : group_head);
}

const struct smb_rows_format smb_rows_csv = {
    .begin = csv_begin, .group = csv_group, .operation = csv_operation};
