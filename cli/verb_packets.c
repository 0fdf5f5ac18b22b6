/* SPDX-License-Identifier: MIT */
#include "cli/filter_options.h"
#include "cli/losses.h"
#include "cli/messages.h"
#include "cli/result.h"
#include "cli/row_options.h"
#include "cli/session.h"
#include "cli/trace_object.h"
#include "cli/verbs.h"
#include "pcapout/rows.h"

struct row_pass {
    const struct cli_filter *filter;
    struct out_packet_rows *rows;
    uint64_t written;
};

static enum etw_status write_row(void *context, const struct corr_packet *packet,
                                 struct etw_error *error)
{
    struct row_pass *pass = context;
    if (!cli_filter_matches(pass->filter, packet)) {
        return ETW_OK;
    }
    pass->written++;
    return out_packet_rows_packet(pass->rows, packet, error);
}

static enum etw_status write_rows(struct cli_session *session, const struct cli_filter *filter,
                                  uint64_t *written, struct etw_error *error)
{
    struct text trace_json = {.maximum = 0};
    struct out_rows_options options;
    cli_trace_object_format(session, &trace_json);
    cli_row_options(session, text_get(&trace_json), &options);
    struct row_pass pass = {.filter = filter};
    struct out_interfaces *interfaces = NULL;
    enum etw_status status =
        out_interfaces_new(session->reading.adapters, options.all_appearances, &interfaces, error);
    if (!status) {
        status = out_packet_rows_new(session->output, interfaces, session->reading.adapters,
                                     &options, &pass.rows, error);
    }
    if (!status) {
        status = cli_reading_packets(&session->reading, options.all_appearances, write_row, &pass,
                                     error);
    }
    if (!status) {
        status = out_packet_rows_finish(pass.rows, error);
    }
    *written = pass.written;
    out_packet_rows_free(pass.rows);
    out_interfaces_free(interfaces);
    text_done(&trace_json);
    return status;
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
    session->reading.wants_askers = true;
    status = cli_reading_learn(&session->reading, error);
    if (!status) {
        status = cli_filter_bind(&filter, &session->reading, error);
    }
    if (!status) {
        status = write_rows(session, &filter, &written, error);
    }
    if (!status) {
        status = cli_session_commit(session, error);
    }
    bool needs_owners = cli_filter_needs_owners(&filter);
    cli_filter_done(&filter);
    if (status) {
        return cli_session_say_error(session, error);
    }
    if (needs_owners) {
        cli_say_no_owners(&session->reading);
    }
    cli_say_result(&session->reading, written);
    return cli_exit_of(session->trace);
}

enum cli_exit cli_verb_packets(const struct cli_arguments *arguments)
{
    return cli_session_run(arguments, run);
}
