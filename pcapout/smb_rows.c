/* SPDX-License-Identifier: MIT */
#include "pcapout/smb_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pcapout/smb_rows_format.h"
#include "pcapout/socket_rows_format.h"

#define TICKS_PER_MICROSECOND 10

static const struct smb_rows_format *const formats[] = {
    [OUT_TEXT] = &smb_rows_text,
    [OUT_NDJSON] = &smb_rows_ndjson,
    [OUT_JSON] = &smb_rows_json,
    [OUT_CSV] = &smb_rows_csv,
};

const char *out_smb_by_name(enum out_smb_by by)
{
    static const char *const names[] = {
        [OUT_SMB_BY_FILE] = "file",
        [OUT_SMB_BY_SHARE] = "share",
        [OUT_SMB_BY_SERVER] = "server",
        [OUT_SMB_BY_PROCESS] = "process",
    };
    return names[by];
}

void smb_add_path(struct text *to, const char *share, const char *file)
{
    text_add(to, share);
    text_add(to, share[0] && file[0] && file[0] != '\\' ? "\\" : ""); /* SMB1 begins with it */
    text_add(to, file);
    text_add(to, share[0] || file[0] ? "" : "(no file)");
}

void smb_add_status(struct text *to, uint32_t status)
{
    if (!corr_smb_is_dos_error(status)) {
        socket_status_format(status, to);
        return;
    }
    const char *name = corr_smb_dos_error_name(status);
    text_add_format(to, "0x%08" PRIX32, status);
    text_add(to, name ? " " : "");
    text_add(to, name ? name : "");
}

const char *smb_transport_name(unsigned transport, bool is_for_people)
{
    static const char *const names[][2] = {
        [ETW_SMB_OVER_TDI] = {"tdi", "TDI"},    [ETW_SMB_OVER_TCP] = {"tcp", "TCP"},
        [ETW_SMB_OVER_RDMA] = {"rdma", "RDMA"}, [ETW_SMB_OVER_VMBUS] = {"vmbus", "VMBus"},
        [ETW_SMB_OVER_QUIC] = {"quic", "QUIC"},
    };
    return transport < sizeof(names) / sizeof(names[0]) ? names[transport][is_for_people] : "other";
}

void smb_add_microseconds(struct text *to, int64_t duration)
{
    text_add_format(to, "%" PRId64 ".%d", duration / TICKS_PER_MICROSECOND,
                    (int)(duration % TICKS_PER_MICROSECOND));
}

static enum etw_status write_line(struct out_smb_rows *rows, struct etw_error *error)
{
    if (rows->line.failed || rows->scratch.failed || rows->phrase.failed) {
        return etw_fail_memory(error, "a row of the output");
    }
    enum etw_status status = out_file_write(rows->file, rows->line.data, rows->line.size, error);
    text_clear(&rows->line);
    return status;
}

enum etw_status out_smb_rows_new(struct out_file *file, const struct out_smb_options *options,
                                 struct out_smb_rows **out, struct etw_error *error)
{
    struct out_smb_rows *rows = calloc(1, sizeof(*rows));
    if (!rows) {
        return etw_fail_memory(error, "the rows");
    }
    rows->file = file;
    rows->options = *options;
    rows->format = formats[options->rows.format];
    rows->last_day = INT64_MIN;
    if (rows->format->begin) {
        rows->format->begin(rows);
    }
    enum etw_status status = write_line(rows, error);
    if (status) {
        out_smb_rows_free(rows);
        return status;
    }
    *out = rows;
    return ETW_OK;
}

void out_smb_rows_free(struct out_smb_rows *rows)
{
    if (rows) {
        text_done(&rows->line);
        text_done(&rows->scratch);
        text_done(&rows->phrase);
        text_done(&rows->conditions);
        free(rows);
    }
}

static const struct corr_process *process_of(const struct out_smb_rows *rows, uint32_t row)
{
    return row == CORR_NO_ROW
               ? NULL
               : corr_processes_get(corr_ledger_processes(rows->options.rows.ledger), row);
}

enum etw_status out_smb_rows_group(struct out_smb_rows *rows, const struct out_smb_group *group,
                                   struct etw_error *error)
{
    const struct corr_smb_operations *operations = rows->options.operations;
    const struct smb_group_row row = {
        .group = group,
        .process = process_of(rows, group->process),
        .share = corr_smb_operations_text(operations, group->share),
        .file = corr_smb_operations_text(operations, group->file),
        .span = group->last > group->first ? group->last - group->first : 0};
    rows->format->group(rows, &row);
    rows->count++;
    return write_line(rows, error);
}

static void fill_operation(const struct out_smb_rows *rows,
                           const struct corr_smb_operation *operation,
                           struct smb_operation_row *row)
{
    const struct corr_smb_operations *operations = rows->options.operations;
    const struct corr_ledger *ledger = rows->options.rows.ledger;
    const struct corr_verdict verdict = {.socket = operation->socket, .process = CORR_NO_ROW};
    const char *call =
        operation->has & CORR_SMB_HAS_CALL ? corr_smb_call_name(operation->call) : NULL;
    bool is_hint = false;
    uint32_t asker = out_smb_asker(ledger, operation, &is_hint);
    *row = (struct smb_operation_row){
        .operation = operation,
        .socket = out_socket_of(ledger, &verdict),
        .asker = is_hint ? process_of(rows, asker) : NULL,
        .asker_row = asker,
        .share = corr_smb_operations_text(operations, operation->share),
        .file = corr_smb_operations_text(operations, operation->file),
        .new_name = corr_smb_operations_text(operations, operation->new_name),
        .call = call ? call : "",
        .has_failed = out_smb_has_failed(operation),
        .is_paused = out_smb_is_paused(operation)};
    row->owner = row->socket ? process_of(rows, row->socket->process) : NULL;
    corr_smb_operation_parts(operation, &row->parts);
    const char *command = corr_smb_operation_command(operation);
    if (command) {
        (void)snprintf(row->command, sizeof(row->command), "%s", command);
    } else {
        (void)snprintf(row->command, sizeof(row->command), "0x%02x", operation->command_number);
    }
}

enum etw_status out_smb_rows_operation(struct out_smb_rows *rows,
                                       const struct corr_smb_operation *operation,
                                       struct etw_error *error)
{
    struct smb_operation_row row;
    fill_operation(rows, operation, &row);
    rows->format->operation(rows, &row);
    rows->count++;
    return write_line(rows, error);
}

enum etw_status out_smb_rows_condition(struct out_smb_rows *rows,
                                       const struct corr_smb_condition *condition,
                                       struct etw_error *error)
{
    if (!rows->format->condition) {
        return ETW_OK;
    }
    rows->format->condition(rows, condition);
    if (rows->line.failed || rows->scratch.failed || rows->phrase.failed) {
        return etw_fail_memory(error, "a row of the output");
    }
    if (rows->conditions.size + rows->line.size > OUT_SMB_CONDITIONS) {
        rows->conditions_left_out += rows->line.size > 0;
    } else {
        rows->condition_count += rows->line.size > 0;
        text_add_bytes(&rows->conditions, rows->line.data, rows->line.size);
    }
    text_clear(&rows->line);
    return rows->conditions.failed ? etw_fail_memory(error, "a row of the output") : ETW_OK;
}

size_t smb_counts(const struct out_smb_seen *seen, struct smb_count counts[SMB_COUNTS])
{
    const struct smb_count all[] = {
        {"messages", NULL, NULL, seen->totals.messages},
        {"operations", NULL, NULL, seen->totals.operations},
        {"without_response", "request without response", "requests without response",
         seen->totals.without_response},
        {"without_request", "response without request", "responses without request",
         seen->totals.without_request},
        {"encrypted", "encrypted message", "encrypted messages", seen->totals.encrypted},
        {"compressed", "compressed message", "compressed messages", seen->totals.compressed},
        {"unknown_commands", "unknown command", "unknown commands", seen->totals.unknown_commands},
        {"cut", "message of which bytes are missing", "messages of which bytes are missing",
         seen->streams.cut},
        {"missing_bytes", "byte sent that is not in the trace",
         "bytes sent that are not in the trace", seen->streams.missing_bytes},
        {"skipped_bytes", "byte that is part of no message found",
         "bytes that are part of no message found", seen->streams.skipped_bytes},
        {"connections_ended", "connection ended for want of room",
         "connections ended for want of room", seen->streams.ended_early},
        {"given_up", "request given up for want of room", "requests given up for want of room",
         seen->totals.given_up},
        {"names_left_out", "name left out for want of room", "names left out for want of room",
         seen->totals.names_left_out + seen->events.forgotten},
        {"unplaced", "message of events on no known connection",
         "messages of events on no known connection", seen->events.unplaced},
        {"lost_fragments", "fragment without a beginning", "fragments without a beginning",
         seen->events.lost},
        {"unknown_dialects", "unknown dialect", "unknown dialects", seen->totals.unknown_dialects},
        {"events", NULL, NULL, seen->events.events},
        {"events_messages", NULL, NULL, seen->events.messages},
        {"events_conditions", NULL, NULL, seen->events.conditions},
        {"events_bytes", NULL, NULL, seen->events.bytes},
        {"events_learned", NULL, NULL, seen->events.learned},
        {"events_noted", NULL, NULL, seen->events.noted},
        {"events_unread", "event of SMB that could not be read",
         "events of SMB that could not be read", seen->events.unread},
    };
    _Static_assert(sizeof(all) / sizeof(all[0]) <= SMB_COUNTS, "room for all");
    memcpy(counts, all, sizeof(all));
    return sizeof(all) / sizeof(all[0]);
}

void out_smb_add_untold(const struct out_smb_seen *seen, struct text *to)
{
    struct smb_count counts[SMB_COUNTS];
    size_t count = smb_counts(seen, counts);
    const char *before = "";
    for (size_t i = 0; i < count; i++) {
        if (counts[i].one && counts[i].value > 0) {
            text_add_format(to, "%s%" PRIu64 " %s", before, counts[i].value,
                            counts[i].value == 1 ? counts[i].one : counts[i].many);
            before = ", ";
        }
    }
}

enum etw_status out_smb_rows_finish(struct out_smb_rows *rows, const struct out_smb_seen *seen,
                                    struct etw_error *error)
{
    if (rows->format->end) {
        rows->format->end(rows, seen);
    }
    enum etw_status status = write_line(rows, error);
    return status ? status : out_file_status(rows->file, error);
}
