/* SPDX-License-Identifier: MIT */
#include "pcapout/ledger_text.h"

#include <inttypes.h>

#include "etw/base/utc_time.h"
#include "pcapout/escape.h"
#include "pcapout/http_rows.h"
#include "pcapout/owners.h"
#include "pcapout/places.h"

#define STATES_MAXIMUM 256

static void add_time(struct text *to, const char *before, int64_t time)
{
    char text[UTC_TEXT_SIZE];
    text_add(to, before);
    if (time == CORR_ALWAYS) {
        text_add(to, "before the trace");
    } else if (time == CORR_NEVER) {
        text_add(to, "open");
    } else {
        (void)utc_format(time, 0, text);
        text_add(to, text);
    }
}

static void add_known(struct text *to, const char *key, const char *value)
{
    if (value[0]) {
        text_add(to, key);
        out_escape_comment(to, value);
    }
}

static void add_process(struct text *to, const struct corr_processes *processes,
                        const struct corr_process *process)
{
    text_add_format(to, "process %" PRIu32, process->pid);
    add_known(to, " name=", process->name);
    add_known(to, " path=", process->path);
    add_time(to, process->has_start ? " started " : " there ", process->started);
    add_time(to, ", ended ", process->ended);
    if (process->parent_pid != 0) {
        text_add_format(to, " parent=%" PRIu32, process->parent_pid);
    }
    if (process->start_key != 0) {
        text_add_format(to, " key=0x%" PRIx64, process->start_key);
    }
    add_known(to, " user=", process->user);
    for (uint32_t i = 0; i < process->service_count; i++) {
        add_known(to, " service=", corr_processes_service(processes, process, i));
    }
    text_add_char(to, '\n');
}

static void add_range(struct text *to, const char *key, uint32_t first, uint32_t next)
{
    text_add_format(to, " %s=%" PRIu32 "..%" PRIu32, key, first, next);
}

static void add_numbers(struct text *to, const struct corr_socket *socket)
{
    text_add(to, "   ");
    if (socket->flags & CORR_SOCKET_LOCAL_SEQUENCE) {
        add_range(to, "sent", socket->local_first, socket->local_next);
    }
    if (socket->flags & CORR_SOCKET_REMOTE_SEQUENCE) {
        add_range(to, "received", socket->remote_first, socket->remote_next);
    }
    text_add_format(to, " bytes=%" PRIu64 "/%" PRIu64, socket->bytes_sent, socket->bytes_received);
    if (socket->bytes_from != CORR_BYTES_NONE) {
        text_add_format(to, " from %s",
                        out_bytes_from_name((enum corr_bytes_from)socket->bytes_from));
    }
    if (socket->retransmits > 0) {
        text_add_format(to, " retransmits=%" PRIu32, socket->retransmits);
    }
    text_add_format(to, " cause=%s", out_cause_name((enum corr_cause)socket->cause));
    if (socket->status != 0) {
        text_add_format(to, " status=0x%08" PRIX32, socket->status);
    }
    text_add_char(to, '\n');
}

static void add_evidence(struct text *to, const struct corr_socket *socket)
{
    for (int i = 0; i < CORR_EVIDENCE_MAXIMUM && socket->evidence[i] != 0; i++) {
        text_add_format(to, "    %s at ", corr_rule_name(corr_evidence_rule(socket->evidence[i])));
        out_add_place(to, corr_evidence_offset(socket->evidence[i]));
        text_add_char(to, '\n');
    }
}

static void add_states(struct text *to, const struct corr_ledger *ledger, uint32_t row)
{
    struct corr_state_change changes[STATES_MAXIMUM];
    size_t count = corr_ledger_states(ledger, row, changes, STATES_MAXIMUM);
    for (size_t i = 0; i < count; i++) {
        add_time(to, "    ", changes[i].time);
        text_add_format(to, " %s > %s\n", out_state_name((enum corr_tcp_state)changes[i].from),
                        out_state_name((enum corr_tcp_state)changes[i].to));
    }
    size_t total = corr_ledger_state_count(ledger, row);
    if (total > count) {
        text_add_format(to, "    and %zu more\n", total - count);
    }
}

static void add_owner(struct text *to, const struct corr_ledger *ledger,
                      const struct corr_socket *socket)
{
    if (socket->flags & CORR_SOCKET_CONTRADICTED) {
        text_add(to, " owner contradicted");
    } else if (socket->process == CORR_NO_ROW) {
        text_add(to, " owner unknown");
    } else {
        char name[OUT_PROCESS_TEXT_SIZE];
        out_process_format(corr_processes_get(corr_ledger_processes(ledger), socket->process),
                           name);
        text_add(to, " owner ");
        out_escape_comment(to, name);
        text_add_format(to, " %s", corr_confidence_name((enum corr_confidence)socket->confidence));
    }
}

static void add_http(struct text *to, const struct corr_ledger *ledger, uint32_t row)
{
    const struct corr_http *http = corr_ledger_http(ledger, row);
    if (!http) {
        return;
    }
    struct text said = {.maximum = 2 * CORR_HTTP_LINE};
    out_add_http(&said, http);
    text_add(to, "    http ");
    out_escape_comment(to, text_get(&said));
    text_done(&said);
    text_add_format(to, " requests=%" PRIu32, http->requests);
    if (http->status > 0) {
        text_add_format(to, " status=%" PRIu32, http->status);
    }
    add_known(to, " queue=", http->queue);
    text_add_char(to, '\n');
    for (uint8_t i = 0; i < http->worker_count; i++) {
        const struct corr_behalf *worker = &http->workers[i];
        text_add_format(to, "    for %" PRIu32 " %s answers=%" PRIu32 " at %" PRIu64 "\n",
                        worker->pid, corr_confidence_name((enum corr_confidence)worker->confidence),
                        worker->answers, worker->offset);
    }
}

static void add_socket(struct text *to, const struct corr_ledger *ledger,
                       const struct corr_socket *socket, uint32_t row)
{
    char end[OUT_SOCKET_END_SIZE];
    text_add_format(to, "socket %" PRIu32 " protocol %u %s ", socket->id,
                    (unsigned)socket->protocol, out_role_name((enum corr_role)socket->role));
    out_socket_end_format(&socket->local, end);
    text_add(to, end[0] ? end : "*");
    out_socket_end_format(&socket->remote, end);
    text_add(to, end[0] ? " > " : "");
    text_add(to, end);
    add_owner(to, ledger, socket);
    text_add_char(to, '\n');
    add_time(to, "    opened ", socket->opened);
    add_time(to, ", closed ", socket->closed);
    text_add_format(to, ", handle 0x%" PRIx64 ", socket 0x%" PRIx64 "\n", socket->handle,
                    socket->application);
    add_numbers(to, socket);
    add_evidence(to, socket);
    add_http(to, ledger, row);
    add_states(to, ledger, row);
}

static void add_counts(struct text *to, const struct corr_ledger *ledger)
{
    struct corr_ledger_counts counts;
    corr_ledger_get_counts(ledger, &counts);
    const struct {
        const char *name;
        uint64_t count;
    } lines[] = {
        {"socket events", counts.events},
        {"without a socket", counts.unplaced},
        {"contradicted sockets", counts.contradictions},
        {"begins not seen", counts.missed_opens},
        {"ends not seen", counts.missed_closes},
        {"joined with Winsock", counts.joins},
        {"of Winsock alone", counts.unjoined},
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        text_add_format(to, "%-22s%" PRIu64 "\n", lines[i].name, lines[i].count);
    }
}

static enum etw_status flush(struct text *to, struct out_file *file, struct etw_error *error)
{
    if (to->failed) {
        return etw_fail_memory(error, "the text of the ledger");
    }
    enum etw_status status = out_file_write(file, to->data, to->size, error);
    text_clear(to);
    return status;
}

static enum etw_status write_processes(struct text *line, struct out_file *file,
                                       const struct corr_ledger *ledger, struct etw_error *error)
{
    const struct corr_processes *processes = corr_ledger_processes(ledger);
    const struct corr_process *rows = NULL;
    size_t count = corr_processes_list(processes, &rows);
    enum etw_status status = ETW_OK;
    for (size_t i = 0; i < count && !status; i++) {
        add_process(line, processes, &rows[i]);
        status = flush(line, file, error);
    }
    return status;
}

static enum etw_status write_sockets(struct text *line, struct out_file *file,
                                     const struct corr_ledger *ledger, struct etw_error *error)
{
    const struct corr_socket *rows = NULL;
    size_t count = corr_ledger_sockets(ledger, &rows);
    enum etw_status status = ETW_OK;
    for (size_t i = 0; i < count && !status; i++) {
        if (rows[i].flags & CORR_SOCKET_HIDDEN) {
            continue;
        }
        add_socket(line, ledger, &rows[i], (uint32_t)i);
        status = flush(line, file, error);
    }
    return status;
}

enum etw_status out_ledger_text(struct out_file *file, const struct corr_ledger *ledger,
                                struct etw_error *error)
{
    struct text line = {.maximum = 0};
    enum etw_status status = write_processes(&line, file, ledger, error);
    if (!status) {
        status = write_sockets(&line, file, ledger, error);
    }
    if (!status) {
        add_counts(&line, ledger);
        status = flush(&line, file, error);
    }
    text_done(&line);
    return status ? status : out_file_status(file, error);
}
