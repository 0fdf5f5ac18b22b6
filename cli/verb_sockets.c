/* SPDX-License-Identifier: MIT */
#include "cli/filter_options.h"
#include "cli/losses.h"
#include "cli/messages.h"
#include "cli/result.h"
#include "cli/row_options.h"
#include "cli/session.h"
#include "cli/trace_object.h"
#include "cli/verbs.h"
#include "correlate/event_sockets.h"
#include "pcapout/socket_rows.h"

/* What the second pass gathers of every socket. */
struct sockets_pass {
    struct out_socket_traffic *traffic;
    struct corr_event_sockets *index;
    struct corr_judge *judge;
};

static enum etw_status take_packet(void *context, const struct corr_packet *packet,
                                   struct etw_error *error)
{
    struct sockets_pass *pass = context;
    out_socket_traffic_add(pass->traffic, packet);
    return corr_judge_packet(pass->judge, packet, error);
}

static enum etw_status take_event(void *context, const struct etw_event *event, int64_t held_since,
                                  struct etw_error *error)
{
    struct sockets_pass *pass = context;
    (void)held_since;
    return corr_judge_event(pass->judge, event, corr_event_sockets_find(pass->index, event), error);
}

static enum etw_status write_sockets(const struct corr_ledger *ledger,
                                     const struct cli_filter *filter, struct out_socket_rows *rows,
                                     uint64_t *written, struct etw_error *error)
{
    const struct corr_socket *sockets = NULL;
    size_t count = corr_ledger_sockets(ledger, &sockets);
    enum etw_status status = ETW_OK;
    for (uint32_t row = 0; row < count && !status; row++) {
        bool is_shown = (sockets[row].flags & CORR_SOCKET_HIDDEN) == 0 &&
                        cli_filter_matches_socket(filter, &sockets[row]);
        if (is_shown) {
            status = out_socket_rows_socket(rows, row, error);
            (*written)++;
        }
    }
    return status;
}

static enum etw_status write_rows(struct cli_session *session, const struct cli_filter *filter,
                                  const struct sockets_pass *pass, uint64_t *written,
                                  struct etw_error *error)
{
    struct text trace_json = {.maximum = 65536};
    struct out_rows_options options;
    struct out_socket_rows *rows = NULL;
    cli_trace_object_format(session, &trace_json);
    cli_row_options(session, text_get(&trace_json), &options);
    enum etw_status status =
        out_socket_rows_new(session->output, pass->traffic, pass->judge, &options, &rows, error);
    if (!status) {
        status = write_sockets(options.ledger, filter, rows, written, error);
    }
    if (!status) {
        status = out_socket_rows_finish(rows, error);
    }
    out_socket_rows_free(rows);
    text_done(&trace_json);
    return status;
}

static enum etw_status open_pass(const struct corr_ledger *ledger, struct sockets_pass *pass,
                                 struct etw_error *error)
{
    enum etw_status status = out_socket_traffic_new(ledger, &pass->traffic, error);
    if (!status) {
        status = corr_event_sockets_new(ledger, &pass->index, error);
    }
    return status ? status : corr_judge_new(ledger, &pass->judge, error);
}

static void close_pass(struct sockets_pass *pass)
{
    corr_judge_free(pass->judge);
    corr_event_sockets_free(pass->index);
    out_socket_traffic_free(pass->traffic);
}

static enum etw_status write_output(struct cli_session *session, struct cli_filter *filter,
                                    uint64_t *written, struct etw_error *error)
{
    struct sockets_pass pass = {.judge = NULL};
    enum etw_status status = cli_reading_learn(&session->reading, error);
    if (!status) {
        status = cli_filter_bind(filter, &session->reading, error);
    }
    if (!status) {
        status = open_pass(session->reading.ledger, &pass, error);
    }
    if (!status) {
        status = cli_reading_packets_and_events(&session->reading, false, take_packet, take_event,
                                                &pass, error);
    }
    if (!status) {
        corr_judge_finish(pass.judge);
        status = write_rows(session, filter, &pass, written, error);
    }
    close_pass(&pass);
    return status ? status : cli_session_commit(session, error);
}

static enum cli_exit run(struct cli_session *session, struct etw_error *error)
{
    struct cli_filter filter = {.filter = NULL};
    uint64_t written = 0;
    enum etw_status status = cli_filter_init(&filter, session->arguments, session->trace, error);
    if (status) {
        cli_filter_done(&filter);
        return cli_refuse_filter(error);
    }
    status = write_output(session, &filter, &written, error);
    cli_filter_done(&filter);
    if (status) {
        return cli_session_say_error(session, error);
    }
    cli_say_no_owners(&session->reading);
    if (session->reading.facts.has_socket_events && written == 0) {
        cli_say("no socket matches the filter");
    }
    cli_say_losses(session->trace);
    return cli_exit_of(session->trace);
}

enum cli_exit cli_verb_sockets(const struct cli_arguments *arguments)
{
    return cli_session_run(arguments, run);
}
