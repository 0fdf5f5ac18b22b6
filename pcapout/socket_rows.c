/* SPDX-License-Identifier: MIT */
#include "pcapout/socket_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "etw/base/array.h"
#include "etw/fields.h"
#include "pcapout/socket_rows_format.h"

static const struct socket_rows_format *const formats[] = {
    [OUT_TEXT] = &socket_rows_text,
    [OUT_NDJSON] = &socket_rows_ndjson,
    [OUT_JSON] = &socket_rows_json,
    [OUT_CSV] = &socket_rows_csv,
};

void socket_status_format(uint32_t status, struct text *to)
{
    const char *name = etw_ntstatus_name(status);
    text_add_format(to, "0x%08" PRIX32, status);
    if (name) {
        text_add_format(to, " %s", name);
    }
}

static enum etw_status write_line(struct out_socket_rows *rows, struct etw_error *error)
{
    if (rows->line.failed || rows->via.failed) {
        return etw_fail_memory(error, "a row of the output");
    }
    enum etw_status status = out_file_write(rows->file, rows->line.data, rows->line.size, error);
    text_clear(&rows->line);
    return status;
}

enum etw_status out_socket_rows_new(struct out_file *file, const struct out_socket_traffic *traffic,
                                    const struct corr_judge *judge,
                                    const struct out_rows_options *options,
                                    struct out_socket_rows **out, struct etw_error *error)
{
    struct out_socket_rows *rows = calloc(1, sizeof(*rows));
    if (!rows) {
        return etw_fail_memory(error, "the rows");
    }
    rows->file = file;
    rows->traffic = traffic;
    rows->judge = judge;
    rows->options = *options;
    rows->format = formats[options->format];
    if (rows->format->begin) {
        rows->format->begin(rows);
    }
    enum etw_status status = write_line(rows, error);
    if (status) {
        out_socket_rows_free(rows);
        return status;
    }
    *out = rows;
    return ETW_OK;
}

void out_socket_rows_free(struct out_socket_rows *rows)
{
    if (rows) {
        text_done(&rows->line);
        text_done(&rows->via);
        free(rows->states);
        free(rows);
    }
}

/* ---- looking up ---- */

static void fill_owner(const struct corr_ledger *ledger, struct socket_row *row)
{
    const struct corr_socket *socket = row->socket;
    bool is_contradicted = (socket->flags & CORR_SOCKET_CONTRADICTED) != 0;
    if (socket->process != CORR_NO_ROW && !is_contradicted) {
        row->owner = corr_processes_get(corr_ledger_processes(ledger), socket->process);
    }
    row->reason =
        row->owner ? "" : corr_no_owner_name(is_contradicted ? CORR_AMBIGUOUS : CORR_UNKNOWN);
    row->confidence =
        row->owner ? corr_confidence_name((enum corr_confidence)socket->confidence) : "";
}

/* Events know better than packets, of which some may be missing. */
static void fill_bytes(struct socket_row *row)
{
    const struct corr_socket *socket = row->socket;
    const struct out_traffic *traffic = row->traffic;
    if (socket->bytes_from != CORR_BYTES_NONE) {
        row->bytes_from = (enum corr_bytes_from)socket->bytes_from;
        row->bytes_sent = socket->bytes_sent;
        row->bytes_received = socket->bytes_received;
    } else if (traffic->packets_sent + traffic->packets_received > 0) {
        row->bytes_from = CORR_BYTES_PACKETS;
        row->bytes_sent = traffic->bytes_sent;
        row->bytes_received = traffic->bytes_received;
    }
}

static bool fill_states(struct out_socket_rows *rows, struct socket_row *row)
{
    const struct corr_ledger *ledger = rows->options.ledger;
    size_t count = corr_ledger_state_count(ledger, row->row);
    if (!array_grow((void **)&rows->states, &rows->state_capacity, count, sizeof(*rows->states))) {
        return false;
    }
    row->states = rows->states;
    row->state_count = corr_ledger_states(ledger, row->row, rows->states, count);
    return true;
}

static void fill_texts(const struct corr_ledger *ledger, struct socket_row *row)
{
    const struct corr_socket *socket = row->socket;
    const struct corr_layers layers = {.network = socket->local.size == 16 ? CORR_NETWORK_IPV6
                                                                           : CORR_NETWORK_IPV4,
                                       .ip_protocol = socket->protocol};
    corr_protocol_format(&layers, row->protocol);
    out_socket_end_format(&socket->local, row->local);
    out_socket_end_format(&socket->remote, row->remote);
    if (socket->remote.size > 0) {
        int64_t time = socket->opened == CORR_ALWAYS ? socket->closed : socket->opened;
        uint32_t pid = row->owner ? row->owner->pid : 0;
        row->dns = corr_name_history_find(corr_ledger_names(ledger), socket->remote.bytes,
                                          socket->remote.size, pid, time);
    }
}

enum etw_status out_socket_rows_socket(struct out_socket_rows *rows, uint32_t socket,
                                       struct etw_error *error)
{
    const struct corr_ledger *ledger = rows->options.ledger;
    const struct corr_socket *list = NULL;
    (void)corr_ledger_sockets(ledger, &list);
    struct socket_row row = {.row = socket,
                             .socket = &list[socket],
                             .traffic = out_socket_traffic_get(rows->traffic, socket)};
    row.http = corr_ledger_http(ledger, socket);
    fill_owner(ledger, &row);
    fill_bytes(&row);
    fill_texts(ledger, &row);
    if (rows->judge) {
        row.judgement_count = corr_judge_list(rows->judge, socket, row.judgements);
    }
    if (!fill_states(rows, &row)) {
        return etw_fail_memory(error, "the states of a socket");
    }
    rows->format->row(rows, &row);
    rows->count++;
    return write_line(rows, error);
}

enum etw_status out_socket_rows_finish(struct out_socket_rows *rows, struct etw_error *error)
{
    if (rows->format->end) {
        rows->format->end(rows);
    }
    enum etw_status status = write_line(rows, error);
    return status ? status : out_file_status(rows->file, error);
}
