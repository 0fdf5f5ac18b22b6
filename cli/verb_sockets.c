/* SPDX-License-Identifier: MIT */
#include "cli/filter_options.h"
#include "cli/judging.h"
#include "cli/losses.h"
#include "cli/messages.h"
#include "cli/result.h"
#include "cli/row_options.h"
#include "cli/session.h"
#include "cli/trace_object.h"
#include "cli/verbs.h"
#include "pcapout/socket_rows.h"

static enum etw_status count_traffic(void *context, const struct corr_packet *packet,
                                     struct etw_error *error)
{
    (void)error;
    out_socket_traffic_add(context, packet);
    return ETW_OK;
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
                                  const struct out_socket_traffic *traffic,
                                  const struct corr_judge *judge, uint64_t *written,
                                  struct etw_error *error)
{
    struct text trace_json = {.maximum = 0};
    struct out_rows_options options;
    struct out_socket_rows *rows = NULL;
    cli_trace_object_format(session, &trace_json);
    cli_row_options(session, text_get(&trace_json), &options);
    enum etw_status status =
        out_socket_rows_new(session->output, traffic, judge, &options, &rows, error);
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

static enum etw_status write_output(struct cli_session *session, struct cli_filter *filter,
                                    uint64_t *written, struct etw_error *error)
{
    struct out_socket_traffic *traffic = NULL;
    struct corr_judge *judge = NULL;
    enum etw_status status = cli_reading_learn(&session->reading, error);
    if (!status) {
        status = cli_filter_bind(filter, &session->reading, error);
    }
    if (!status) {
        status = out_socket_traffic_new(session->reading.ledger, &traffic, error);
    }
    if (!status) {
        status = cli_judge(&session->reading, count_traffic, traffic, &judge, error);
    }
    if (!status) {
        status = write_rows(session, filter, traffic, judge, written, error);
    }
    corr_judge_free(judge);
    out_socket_traffic_free(traffic);
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
