/* SPDX-License-Identifier: MIT */
#include "pcapout/timeline_rows.h"

#include <stdlib.h>

#include "etw/base/array.h"
#include "etw/provider_names.h"
#include "pcapout/smb_rows_format.h"
#include "pcapout/socket_rows_format.h"
#include "pcapout/step_sentences.h"
#include "pcapout/timeline_rows_format.h"

static const struct timeline_format *const formats[] = {
    [OUT_TEXT] = &timeline_text,
    [OUT_NDJSON] = &timeline_ndjson,
    [OUT_JSON] = &timeline_json,
    [OUT_CSV] = &timeline_csv,
};

static enum etw_status write_line(struct out_timeline_rows *rows, struct etw_error *error)
{
    if (rows->line.failed || rows->sentence.failed || rows->path.failed) {
        return etw_fail_memory(error, "a row of the output");
    }
    enum etw_status status = out_file_write(rows->file, rows->line.data, rows->line.size, error);
    text_clear(&rows->line);
    return status;
}

enum etw_status out_timeline_rows_new(struct out_file *file,
                                      const struct out_timeline_options *options,
                                      struct out_timeline_rows **out, struct etw_error *error)
{
    const struct corr_socket *sockets = NULL;
    size_t count = corr_ledger_sockets(options->ledger, &sockets);
    struct out_timeline_rows *rows = calloc(1, sizeof(*rows));
    if (rows) {
        rows->is_listed = calloc(count / 8 + 1, 1);
    }
    if (!rows || !rows->is_listed) {
        out_timeline_rows_free(rows);
        return etw_fail_memory(error, "the rows");
    }
    rows->file = file;
    rows->options = *options;
    rows->format = options->is_html ? &timeline_html : formats[options->format];
    rows->last_day = INT64_MIN;
    if (rows->format->begin) {
        rows->format->begin(rows);
    }
    enum etw_status status = write_line(rows, error);
    if (status) {
        out_timeline_rows_free(rows);
        return status;
    }
    *out = rows;
    return ETW_OK;
}

void out_timeline_rows_free(struct out_timeline_rows *rows)
{
    if (rows) {
        text_done(&rows->line);
        text_done(&rows->sentence);
        text_done(&rows->path);
        free(rows->sockets);
        free(rows->is_listed);
        free(rows->orphans);
        free(rows);
    }
}

static bool list_socket(struct out_timeline_rows *rows, uint32_t socket)
{
    uint8_t bit = (uint8_t)(1u << socket % 8);
    if (rows->is_listed[socket / 8] & bit) {
        return true;
    }
    if (!array_grow((void **)&rows->sockets, &rows->socket_capacity, rows->socket_count + 1,
                    sizeof(*rows->sockets))) {
        return false;
    }
    rows->is_listed[socket / 8] |= bit;
    rows->sockets[rows->socket_count++] = socket;
    return true;
}

/* ---- looking up ---- */

static const char *direction_of(const struct corr_step *step)
{
    if (step->layer != CORR_STEP_WIRE || (step->has & CORR_STEP_HAS_STATES)) {
        return "";
    }
    if (step->has & CORR_STEP_IS_UNDIRECTED) {
        return "unknown";
    }
    return step->has & CORR_STEP_IS_INBOUND ? "in" : "out";
}

/* Events about no socket say nothing of an owner. */
static const char *reason_of(const struct corr_process *owner, uint8_t reason)
{
    if (owner) {
        return "";
    }
    return corr_no_owner_name(reason == CORR_OWNED ? CORR_UNKNOWN : (enum corr_no_owner)reason);
}

void timeline_add_status(struct text *to, const struct corr_step *step)
{
    if (step->layer == CORR_STEP_SMB) {
        smb_add_status(to, step->status);
    } else {
        socket_status_format(step->status, to);
    }
}

static const char *name_of(const struct out_timeline_rows *rows, uint32_t number)
{
    const struct corr_smb_operations *names = rows->options.smb_names;
    return names ? corr_smb_operations_text(names, number) : "";
}

static void fill_smb(struct out_timeline_rows *rows, const struct corr_step *step,
                     struct out_smb_step_names *smb)
{
    *smb = (struct out_smb_step_names){.new_name = name_of(rows, step->new_name),
                                       .share = name_of(rows, step->share),
                                       .file = name_of(rows, step->file),
                                       .server = name_of(rows, step->condition.server),
                                       .user = name_of(rows, step->condition.user),
                                       .client = name_of(rows, step->condition.client)};
    text_clear(&rows->path);
    if (smb->share[0] || smb->file[0]) {
        smb_add_path(&rows->path, smb->share, smb->file);
    }
    smb->path = text_get(&rows->path);
}

static void fill_row(struct out_timeline_rows *rows, const struct corr_step *step,
                     struct timeline_row *row)
{
    const struct corr_verdict verdict = {.socket = step->socket, .process = step->process};
    const struct corr_ledger *ledger = rows->options.ledger;
    *row = (struct timeline_row){.step = step,
                                 .socket = out_socket_of(ledger, &verdict),
                                 .owner = out_owner_of(ledger, &verdict),
                                 .direction = direction_of(step)};
    row->reason = reason_of(row->owner, step->reason);
    row->confidence =
        row->owner ? corr_confidence_name((enum corr_confidence)step->confidence) : "";
    if (step->has & CORR_STEP_HAS_EVENT) {
        row->provider = etw_provider_name(&step->provider);
        if (!row->provider) {
            guid_format(&step->provider, row->guid);
            row->provider = row->guid;
        }
    }
    text_clear(&rows->sentence);
    fill_smb(rows, step, &row->smb);
    if (step->layer == CORR_STEP_SMB) {
        out_add_smb_sentence(&rows->sentence, step, &row->smb);
    } else {
        out_add_step_sentence(&rows->sentence, step, row->socket);
    }
    if (step->drop.is_dropped) {
        out_drop_names_find(rows->options.adapters, &step->drop, &row->drop);
        text_add_format(&rows->sentence, " at %s by %s", row->drop.location, row->drop.component);
    }
    if (step->has & CORR_STEP_HAS_BEHALF) {
        char name[OUT_PROCESS_TEXT_SIZE];
        row->behalf = corr_processes_get(corr_ledger_processes(ledger), step->behalf);
        out_process_format(row->behalf, name);
        text_add(&rows->sentence, ", for ");
        text_add(&rows->sentence, name);
        text_add(&rows->sentence, step->behalf_confidence == CORR_LIKELY ? " ?" : "");
    }
    row->sentence = text_get(&rows->sentence);
}

static void fill_ends(struct timeline_socket *out)
{
    const struct corr_socket *socket = out->socket;
    const struct corr_layers layers = {.network = socket->local.size == 16 ? CORR_NETWORK_IPV6
                                                                           : CORR_NETWORK_IPV4,
                                       .ip_protocol = socket->protocol};
    corr_protocol_format(&layers, out->protocol);
    out_socket_end_format(&socket->local, out->local);
    out_socket_end_format(&socket->remote, out->remote);
}

static void fill_owner(const struct corr_ledger *ledger, struct timeline_socket *out)
{
    const struct corr_socket *socket = out->socket;
    bool is_contradicted = (socket->flags & CORR_SOCKET_CONTRADICTED) != 0;
    if (socket->process != CORR_NO_ROW && !is_contradicted) {
        out->owner = corr_processes_get(corr_ledger_processes(ledger), socket->process);
    }
    out->reason = reason_of(out->owner, is_contradicted ? CORR_AMBIGUOUS : CORR_UNKNOWN);
    out->confidence =
        out->owner ? corr_confidence_name((enum corr_confidence)socket->confidence) : "";
}

enum etw_status out_timeline_rows_step(struct out_timeline_rows *rows, const struct corr_step *step,
                                       struct etw_error *error)
{
    struct timeline_row row;
    if (step->socket != CORR_NO_ROW && !list_socket(rows, step->socket)) {
        return etw_fail_memory(error, "the sockets of the timeline");
    }
    if (rows->count == 0) {
        rows->first_time = rows->last_time = step->time;
    }
    fill_row(rows, step, &row);
    rows->format->row(rows, &row);
    rows->last_time = step->time;
    rows->count++;
    return write_line(rows, error);
}

enum etw_status out_timeline_rows_socket(struct out_timeline_rows *rows, uint32_t socket,
                                         struct etw_error *error)
{
    return list_socket(rows, socket) ? ETW_OK
                                     : etw_fail_memory(error, "the sockets of the timeline");
}

enum etw_status out_timeline_rows_orphan(struct out_timeline_rows *rows, size_t orphan,
                                         struct etw_error *error)
{
    if (!array_grow((void **)&rows->orphans, &rows->orphan_capacity, rows->orphan_count + 1,
                    sizeof(*rows->orphans))) {
        return etw_fail_memory(error, "the sockets of the timeline");
    }
    rows->orphans[rows->orphan_count++] = orphan;
    return ETW_OK;
}

/* ---- behind the rows ---- */

/* One step of the end, which may be none. */
static enum etw_status write_part(struct out_timeline_rows *rows,
                                  void (*part)(struct out_timeline_rows *rows),
                                  struct etw_error *error)
{
    if (part) {
        part(rows);
    }
    return write_line(rows, error);
}

static enum etw_status write_sockets(struct out_timeline_rows *rows, const struct corr_judge *judge,
                                     struct etw_error *error)
{
    const struct timeline_format *format = rows->format;
    const struct corr_socket *sockets = NULL;
    (void)corr_ledger_sockets(rows->options.ledger, &sockets);
    size_t count = rows->socket_count;
    if (format->socket_maximum > 0 && count > format->socket_maximum) {
        count = format->socket_maximum;
    }
    enum etw_status status = ETW_OK;
    for (size_t i = 0; i < count && format->socket && !status; i++) {
        struct timeline_socket socket = {
            .row = rows->sockets[i], .socket = &sockets[rows->sockets[i]], .is_first = i == 0};
        fill_ends(&socket);
        fill_owner(rows->options.ledger, &socket);
        if (judge) {
            socket.judgement_count = corr_judge_list(judge, socket.row, socket.judgements);
        }
        format->socket(rows, &socket);
        status = write_line(rows, error);
    }
    return status;
}

static enum etw_status write_orphans(struct out_timeline_rows *rows, const struct corr_judge *judge,
                                     struct etw_error *error)
{
    enum etw_status status = ETW_OK;
    for (size_t i = 0; i < rows->orphan_count && rows->format->orphan && !status; i++) {
        struct corr_socket ends;
        struct timeline_socket socket = {.row = CORR_NO_ROW,
                                         .socket = &ends,
                                         .reason = "",
                                         .confidence = "",
                                         .is_first = i == 0};
        socket.judgement_count =
            corr_judge_orphan(judge, rows->orphans[i], &ends, socket.judgements);
        fill_ends(&socket);
        rows->format->orphan(rows, &socket);
        status = write_line(rows, error);
    }
    return status;
}

enum etw_status out_timeline_rows_finish(struct out_timeline_rows *rows,
                                         const struct corr_timeline *timeline,
                                         const struct corr_judge *judge, struct etw_error *error)
{
    const struct timeline_format *format = rows->format;
    rows->timeline = timeline;
    enum etw_status status = write_part(rows, format->end_rows, error);
    if (!status) {
        status = write_sockets(rows, judge, error);
    }
    if (!status) {
        status = write_part(rows, format->end_sockets, error);
    }
    if (!status) {
        status = write_orphans(rows, judge, error);
    }
    if (!status) {
        status = write_part(rows, format->end, error);
    }
    return status ? status : out_file_status(rows->file, error);
}
