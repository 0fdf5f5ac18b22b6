/* SPDX-License-Identifier: MIT */
#include "pcapout/owner_rows.h"

#include "pcapout/owner_rows_format.h"

static const struct owner_rows_format *const formats[] = {
    [OUT_TEXT] = &owner_rows_text,
    [OUT_NDJSON] = &owner_rows_ndjson,
    [OUT_JSON] = &owner_rows_json,
    [OUT_CSV] = &owner_rows_csv,
};

static const char *const reason_sentences[CORR_NO_OWNER_COUNT] = {
    [CORR_OWNED] = "",
    [CORR_NO_SOCKET] = "their protocol has no sockets",
    [CORR_NO_ENDPOINT] = "nobody listened there: the stack itself answered or dropped",
    [CORR_SHARED] = "several sockets received them",
    [CORR_AMBIGUOUS] = "one of several, and the trace does not say which",
    [CORR_NOT_LOCAL] = "neither end is this machine",
    [CORR_NO_EVENTS] = "the trace has no events of sockets",
    [CORR_UNKNOWN] = "no event of the trace names their socket",
};

const char *out_reason_sentence(enum corr_no_owner reason)
{
    return reason_sentences[reason];
}

static enum corr_confidence least_confidence(const struct out_owner_group *group)
{
    for (int confidence = CORR_LIKELY; confidence <= CORR_CERTAIN; confidence++) {
        if (group->by_confidence[confidence] > 0) {
            return (enum corr_confidence)confidence;
        }
    }
    return CORR_NO_CONFIDENCE;
}

static void fill_row(const struct owner_rows *rows, const struct out_owner_group *group,
                     struct owner_row *row)
{
    const struct corr_verdict verdict = {.socket = group->socket, .process = group->process};
    *row = (struct owner_row){.group = group,
                              .owner = out_owner_of(rows->ledger, &verdict),
                              .socket = out_socket_of(rows->ledger, &verdict),
                              .confidence = least_confidence(group)};
    if (row->socket) {
        out_socket_end_format(&row->socket->local, row->local);
        out_socket_end_format(&row->socket->remote, row->remote);
    }
}

static void add_up(struct owner_rows *rows, const struct out_owner_group *group)
{
    rows->packets += group->packets;
    rows->owned += group->process != CORR_NO_ROW ? group->packets : 0;
    for (int i = CORR_LIKELY; i <= CORR_CERTAIN; i++) {
        rows->by_confidence[i] += group->by_confidence[i];
    }
}

static enum etw_status write_line(struct owner_rows *rows, struct out_file *file,
                                  struct etw_error *error)
{
    if (rows->line.failed || rows->via.failed) {
        return etw_fail_memory(error, "a row of the output");
    }
    enum etw_status status = out_file_write(file, rows->line.data, rows->line.size, error);
    text_clear(&rows->line);
    return status;
}

static enum etw_status write_rows(struct owner_rows *rows, struct out_file *file,
                                  const struct out_owner_group *groups, size_t count,
                                  struct etw_error *error)
{
    const struct owner_rows_format *format = formats[rows->options->format];
    enum etw_status status = ETW_OK;
    if (format->begin) {
        format->begin(rows);
    }
    for (size_t i = 0; i < count && !status; i++) {
        struct owner_row row;
        fill_row(rows, &groups[i], &row);
        format->row(rows, &row);
        rows->last = row;
        rows->count++;
        status = write_line(rows, file, error);
    }
    if (!status && format->end) {
        format->end(rows);
    }
    return status ? status : write_line(rows, file, error);
}

enum etw_status out_owner_rows_write(struct out_file *file, struct out_owner_groups *groups,
                                     const struct out_rows_options *options,
                                     struct etw_error *error)
{
    const struct out_owner_group *list = NULL;
    size_t count = out_owner_groups_list(groups, &list);
    struct owner_rows rows = {.ledger = options->ledger, .options = options};
    for (size_t i = 0; i < count; i++) {
        add_up(&rows, &list[i]);
    }
    enum etw_status status = write_rows(&rows, file, list, count, error);
    text_done(&rows.line);
    text_done(&rows.via);
    return status ? status : out_file_status(file, error);
}
