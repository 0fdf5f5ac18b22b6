/* SPDX-License-Identifier: MIT */
/*
 * smb_rows_text.c - SMB for people: one block per file, share, server or process; or one
 * line per operation.
 */
#include <inttypes.h>
#include <stdio.h>

#include "etw/base/utc_time.h"
#include "pcapout/day_lines.h"
#include "pcapout/escape.h"
#include "pcapout/smb_condition_text.h"
#include "pcapout/smb_control_codes.h"
#include "pcapout/smb_rows_format.h"
#include "pcapout/socket_rows_format.h"
#include "pcapout/step_sentences.h"
#include "pcapout/wrapped_lines.h"

#define COLOUR_END     "\x1b[0m"
#define COLOUR_TITLE   "\x1b[1m"
#define COLOUR_TROUBLE "\x1b[31m"
#define INDENT         3
/* Columns of operations: where their names begin, with how many columns at least, and where what
 * became of them stands. */
#define NAME_COLUMN   60
#define NAME_MINIMUM  19
#define RESULT_COLUMN 21

static void add_colour(struct out_smb_rows *rows, const char *colour)
{
    text_add(&rows->line, rows->options.rows.use_colour ? colour : "");
}

static void end_line(struct out_smb_rows *rows, size_t start, size_t indent)
{
    out_wrap_line(&rows->line, start, rows->options.rows.width, indent);
    text_add_char(&rows->line, '\n');
}

static size_t begin_line(struct out_smb_rows *rows)
{
    size_t start = rows->line.size;
    text_add_format(&rows->line, "%*s", INDENT, "");
    return start;
}

static void add_count(struct text *to, uint64_t count, const char *one, const char *many)
{
    text_add_format(to, "%" PRIu64 " %s", count, count == 1 ? one : many);
}

static void add_process(struct out_smb_rows *rows, const struct corr_process *process, bool is_hint)
{
    char name[OUT_PROCESS_TEXT_SIZE];
    out_process_format(process, name);
    (void)out_escape_terminal(&rows->line, name, SIZE_MAX);
    text_add(&rows->line, is_hint ? " ?" : "");
}

/* ---- groups ---- */

static void add_title(struct out_smb_rows *rows, const struct smb_group_row *row)
{
    const struct out_smb_group *group = row->group;
    text_clear(&rows->scratch);
    switch (rows->options.by) {
    case OUT_SMB_BY_SERVER:
        text_add(&rows->scratch, group->server[0] ? group->server : "(server not known)");
        break;
    case OUT_SMB_BY_PROCESS:
        break;
    default:
        smb_add_path(&rows->scratch, row->share, row->file);
    }
    if (group->is_rest) {
        text_clear(&rows->scratch);
        text_add(&rows->scratch, "(all others together)");
    }
    (void)out_escape_terminal(&rows->line, text_get(&rows->scratch), SIZE_MAX);
}

static void title_line(struct out_smb_rows *rows, const struct smb_group_row *row)
{
    const struct out_smb_group *group = row->group;
    bool is_by_process = rows->options.by == OUT_SMB_BY_PROCESS;
    size_t start = rows->line.size;
    add_colour(rows, COLOUR_TITLE);
    add_title(rows, row);
    add_colour(rows, COLOUR_END);
    bool has_process = row->process || group->has_processes;
    text_add(&rows->line, is_by_process || group->is_rest || !has_process ? "" : "  ");
    if (group->has_processes && !group->is_rest) {
        text_add(&rows->line, "several processes");
    } else if (row->process) {
        add_process(rows, row->process, group->is_hint);
    } else if (is_by_process && !group->is_rest) {
        text_add(&rows->line, "(process not known)");
    }
    end_line(rows, start, INDENT);
}

/* "14 operations: 12 read, 1 create, 1 close" */
static void commands_line(struct out_smb_rows *rows, const struct out_smb_group *group)
{
    size_t start = begin_line(rows);
    const char *before = ": ";
    add_count(&rows->line, group->operations, "operation", "operations");
    for (int command = 0; command <= CORR_SMB_OTHER; command++) {
        if (group->commands[command] > 0) {
            text_add_format(&rows->line, "%s%" PRIu64 " %s", before, group->commands[command],
                            corr_smb_command_name((enum corr_smb_command)command));
            before = ", ";
        }
    }
    if (group->outstanding > 1) {
        text_add_format(&rows->line, "; up to %" PRIu32 " outstanding", group->outstanding);
    }
    end_line(rows, start, INDENT + 2);
}

/* "917504 bytes read, 14 times, by 65536; 10.1 MB/s" */
static void data_line(struct out_smb_rows *rows, const struct smb_group_row *row)
{
    const struct out_smb_group *group = row->group;
    uint64_t together = group->bytes_read + group->bytes_written;
    const struct {
        uint64_t bytes, times;
        const char *what;
    } ways[] = {{group->bytes_read, group->read_operations, "read"},
                {group->bytes_written, group->write_operations, "written"}};
    if (together == 0) {
        return;
    }
    size_t start = begin_line(rows);
    const char *before = "";
    for (int i = 0; i < 2; i++) {
        if (ways[i].bytes > 0) {
            text_add(&rows->line, before);
            out_add_bytes(&rows->line, ways[i].bytes);
            text_add_format(&rows->line, " %s by ", ways[i].what);
            add_count(&rows->line, ways[i].times, "operation", "operations");
            before = ", ";
        }
    }
    text_add_format(&rows->line, ", asked for %" PRIu32, group->least_size);
    if (group->greatest_size > group->least_size) {
        text_add_format(&rows->line, " to %" PRIu32, group->greatest_size);
    }
    text_add(&rows->line, " at once");
    if (row->span > 0) {
        double rate = (double)together * 1e7 / (double)row->span;
        text_add_format(&rows->line, rate < 1e6 ? "; %.1f kB/s" : "; %.1f MB/s",
                        rate / (rate < 1e6 ? 1e3 : 1e6));
    }
    end_line(rows, start, INDENT + 2);
}

static void add_part(struct out_smb_rows *rows, const struct out_durations *durations,
                     const char *where)
{
    if (durations->count > 0) {
        text_add(&rows->line, ", ");
        out_add_duration(&rows->line, out_durations_mean(durations));
        text_add(&rows->line, where);
    }
}

/* "took 8.9 ms in the median, 95 % within 12.0 ms, 15.1 ms at most; of the mean 9.0 ms ..." */
static void durations_line(struct out_smb_rows *rows, const struct out_smb_group *group)
{
    const struct out_durations *total = &group->total;
    if (total->count == 0) {
        return;
    }
    size_t start = begin_line(rows);
    text_add(&rows->line, "took ");
    out_add_duration(&rows->line, out_durations_percentile(total, 50));
    if (total->count > 1) {
        text_add(&rows->line, " in the median, 95 % within ");
        out_add_duration(&rows->line, out_durations_percentile(total, 95));
        text_add(&rows->line, ", ");
        out_add_duration(&rows->line, total->greatest);
        text_add(&rows->line, " at most; mean ");
        out_add_duration(&rows->line, out_durations_mean(total));
    }
    add_part(rows, &group->client_part, " in the client");
    add_part(rows, &group->wait_part, " until the answer began");
    add_part(rows, &group->server_part, " in the server");
    end_line(rows, start, INDENT + 2);
}

/* Who can be slow when a response stops on its way, as far as packets tell. */
static const char *slow_side(bool is_acknowledged)
{
    return is_acknowledged ? "the client had acknowledged what had come: the server or the network "
                             "was slow"
                           : "the client had not acknowledged all that had come";
}

/* "3 of the answers stopped, 406.2 ms at most, each before its last 352 bytes; ..." */
static void pauses_line(struct out_smb_rows *rows, const struct out_smb_group *group)
{
    if (group->paused == 0) {
        return;
    }
    size_t start = begin_line(rows);
    add_colour(rows, COLOUR_TROUBLE);
    add_count(&rows->line, group->paused, "answer stopped", "answers stopped");
    text_add(&rows->line, " on the way, for ");
    out_add_duration(&rows->line, group->longest_pause);
    text_add(&rows->line, group->paused > 1 ? " at most" : "");
    if (group->pause_left > 0) {
        text_add_format(&rows->line, ", before the last %" PRIu32 " byte%s", group->pause_left,
                        group->pause_left == 1 ? "" : "s");
    }
    bool is_one_side =
        group->paused_acknowledged == group->paused || group->paused_acknowledged == 0;
    text_add(&rows->line, is_one_side ? "; " : "");
    text_add(&rows->line, is_one_side ? slow_side(group->paused_acknowledged > 0) : "");
    add_colour(rows, COLOUR_END);
    end_line(rows, start, INDENT + 2);
}

static void failures_line(struct out_smb_rows *rows, const struct out_smb_group *group)
{
    if (group->failed + group->without_response == 0) {
        return;
    }
    size_t start = begin_line(rows);
    add_colour(rows, COLOUR_TROUBLE);
    if (group->failed > 0) {
        text_add_format(&rows->line, "%" PRIu64 " failed: ", group->failed);
    }
    for (size_t i = 0; i < OUT_SMB_STATUSES && group->statuses[i].count > 0; i++) {
        text_add(&rows->line, i > 0 ? ", " : "");
        smb_add_status(&rows->line, group->statuses[i].status);
        text_add_format(&rows->line, " (%" PRIu64 ")", group->statuses[i].count);
    }
    if (group->without_response > 0) {
        text_add_format(&rows->line, "%s%" PRIu64 " without response",
                        group->failed > 0 ? "; " : "", group->without_response);
    }
    add_colour(rows, COLOUR_END);
    end_line(rows, start, INDENT + 2);
}

static void text_group(struct out_smb_rows *rows, const struct smb_group_row *row)
{
    text_add(&rows->line, rows->count > 0 ? "\n" : "");
    title_line(rows, row);
    commands_line(rows, row->group);
    data_line(rows, row);
    durations_line(rows, row->group);
    pauses_line(rows, row->group);
    failures_line(rows, row->group);
}

/* ---- operations ---- */

static int bias_of(const struct out_smb_rows *rows)
{
    return rows->options.rows.use_local_time ? rows->options.rows.bias_minutes : 0;
}

static void add_date(struct out_smb_rows *rows, int64_t time)
{
    if (out_is_new_day(time, bias_of(rows), &rows->last_day)) {
        add_colour(rows, COLOUR_TITLE);
        out_add_day(&rows->line, time, bias_of(rows));
        add_colour(rows, COLOUR_END);
        text_add_char(&rows->line, '\n');
    }
}

/* A number of bytes, or nothing. */
static void format_size(const struct corr_smb_operation *operation, char text[24])
{
    uint32_t size = operation->has_response ? operation->moved : operation->asked;
    text[0] = '\0';
    if (operation->has & CORR_SMB_HAS_LENGTH) {
        (void)snprintf(text, 24, "%" PRIu32, size);
    }
}

/* What fits of the end of a path, which says most; whole characters behind a "~". */
static void add_path(struct out_smb_rows *rows, const struct smb_operation_row *row)
{
    int width = rows->options.rows.width;
    size_t room =
        width > NAME_COLUMN + NAME_MINIMUM ? (size_t)width - NAME_COLUMN - 1 : NAME_MINIMUM;
    text_clear(&rows->scratch);
    if (row->share[0] || row->file[0]) {
        smb_add_path(&rows->scratch, row->share, row->file);
    }
    if (row->call[0]) {
        text_add_format(&rows->scratch, " %s", row->call);
    }
    const char *path = text_get(&rows->scratch);
    size_t start = rows->scratch.size;
    for (size_t left = room; start > 0 && left > 0; start--) {
        left -= (path[start - 1] & 0xC0) != 0x80;
    }
    if (width > 0 && start > 0) {
        start++; /* its place is for the sign */
        while ((path[start] & 0xC0) == 0x80) {
            start++;
        }
        text_add_char(&rows->line, '~');
        path += start;
    }
    (void)out_escape_terminal(&rows->line, path, SIZE_MAX);
}

/* What a command does besides naming a file. */
static void add_special(struct out_smb_rows *rows, const struct smb_operation_row *row)
{
    if (row->new_name[0]) {
        text_add(&rows->line, "rename to ");
        (void)out_escape_terminal(&rows->line, row->new_name, SIZE_MAX);
    } else if (row->operation->has & CORR_SMB_HAS_CONTROL_CODE) {
        out_add_smb_control_code(&rows->line, row->operation->control_code);
    }
}

/* On a line of its own: a new name or a control code, why it failed, who asked. */
static void add_result(struct out_smb_rows *rows, const struct smb_operation_row *row)
{
    bool is_special = row->new_name[0] || (row->operation->has & CORR_SMB_HAS_CONTROL_CODE) != 0;
    if (!row->has_failed && !row->asker && !is_special) {
        return;
    }
    text_add_char(&rows->line, '\n');
    size_t start = rows->line.size;
    text_add_format(&rows->line, "%*s", RESULT_COLUMN, "");
    add_special(rows, row);
    if (row->has_failed) {
        text_add(&rows->line, is_special ? ", " : "");
        add_colour(rows, COLOUR_TROUBLE);
        text_add(&rows->line, "failed: ");
        smb_add_status(&rows->line, row->operation->status);
        add_colour(rows, COLOUR_END);
    }
    if (row->asker) {
        text_add(&rows->line, is_special || row->has_failed ? ", for " : "for ");
        add_process(rows, row->asker, true);
    }
    out_wrap_line(&rows->line, start, rows->options.rows.width, RESULT_COLUMN);
}

static void add_pause(struct out_smb_rows *rows, const struct smb_operation_row *row)
{
    const struct corr_smb_pause *pause = &row->operation->pause;
    uint32_t left = row->operation->response_size - pause->before;
    if (!row->is_paused) {
        return;
    }
    text_add_char(&rows->line, '\n');
    size_t start = rows->line.size;
    text_add_format(&rows->line, "%*s", RESULT_COLUMN, "");
    add_colour(rows, COLOUR_TROUBLE);
    text_add(&rows->line, "stopped for ");
    out_add_duration(&rows->line, pause->duration);
    text_add_format(&rows->line, " before the last %" PRIu32 " byte%s; %s", left,
                    left == 1 ? "" : "s", slow_side(pause->is_acknowledged));
    add_colour(rows, COLOUR_END);
    out_wrap_line(&rows->line, start, rows->options.rows.width, RESULT_COLUMN);
}

static void text_operation(struct out_smb_rows *rows, const struct smb_operation_row *row)
{
    const struct corr_smb_operation *operation = row->operation;
    char time[UTC_TEXT_SIZE];
    char frame[24] = "";
    char size[24];
    add_date(rows, operation->begin);
    size_t start = rows->line.size;
    (void)utc_format(operation->begin, bias_of(rows), time);
    text_add_bytes(&rows->line, time + 11, 12);
    if (operation->request_frame > 0) {
        (void)snprintf(frame, sizeof(frame), "%" PRIu64, operation->request_frame);
    }
    format_size(operation, size);
    text_clear(&rows->scratch);
    if (row->parts.total >= 0) {
        out_add_duration(&rows->scratch, row->parts.total);
    } else {
        text_add(&rows->scratch, operation->has_request ? "no answer" : "no request");
    }
    text_add_format(&rows->line, " %7s %-15s %9s %10s  ", frame, row->command, size,
                    text_get(&rows->scratch));
    add_path(rows, row);
    out_trim_line(&rows->line, start);
    add_pause(rows, row);
    add_result(rows, row);
    text_add_char(&rows->line, '\n');
}

/* ---- what is no operation ---- */

/* "08:00:02.500 session lost, server files.example: 0xC000020C ..."; that all went well is left
 * out. */
static void text_condition(struct out_smb_rows *rows, const struct corr_smb_condition *condition)
{
    struct out_smb_condition words;
    char time[UTC_TEXT_SIZE];
    if (condition->kind == CORR_SMB_SESSION_ESTABLISHED ||
        condition->kind == CORR_SMB_TREE_ESTABLISHED) {
        return;
    }
    (void)utc_format(condition->time, bias_of(rows), time);
    text_add_format(&rows->line, "%*s", INDENT, "");
    text_add_bytes(&rows->line, time + 11, 12);
    text_add_char(&rows->line, ' ');
    out_smb_condition_of(condition, &rows->scratch, &words);
    text_clear(&rows->phrase);
    out_add_smb_condition(&rows->phrase, &words);
    (void)out_escape_terminal(&rows->line, text_get(&rows->phrase), SIZE_MAX);
    end_line(rows, 0, INDENT + 13);
}

static void add_conditions(struct out_smb_rows *rows)
{
    if (rows->condition_count == 0) {
        return;
    }
    add_colour(rows, COLOUR_TITLE);
    text_add(&rows->line, rows->count > 0 ? "\nWhat the events tell besides" : "What events tell");
    add_colour(rows, COLOUR_END);
    text_add_char(&rows->line, '\n');
    text_add_bytes(&rows->line, rows->conditions.data, rows->conditions.size);
    if (rows->conditions_left_out > 0) {
        text_add_format(&rows->line, "   and %" PRIu64 " more, for want of room\n",
                        rows->conditions_left_out);
    }
}

static void text_begin(struct out_smb_rows *rows)
{
    if (rows->options.has_operations) {
        text_add_format(&rows->line, "%-12s %7s %-15s %9s %10s  %s\n", "time", "frame", "command",
                        "bytes", "took", "file");
    }
}

/* What could not be told, in one line. */
static void text_end(struct out_smb_rows *rows, const struct out_smb_seen *seen)
{
    bool has_rows = rows->count > 0 || rows->condition_count > 0;
    add_conditions(rows);
    text_clear(&rows->scratch);
    out_smb_add_untold(seen, &rows->scratch);
    if (rows->scratch.size > 0) {
        text_add(&rows->line, has_rows ? "\n" : "");
        size_t start = rows->line.size;
        text_add(&rows->line, text_get(&rows->scratch));
        end_line(rows, start, INDENT);
    }
}

const struct smb_rows_format smb_rows_text = {.begin = text_begin,
                                              .group = text_group,
                                              .operation = text_operation,
                                              .condition = text_condition,
                                              .end = text_end};
