/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "cli/filter_options.h"
#include "cli/losses.h"
#include "cli/messages.h"
#include "cli/option_parser.h"
#include "cli/result.h"
#include "cli/row_options.h"
#include "cli/session.h"
#include "cli/smb_filter.h"
#include "cli/trace_object.h"
#include "cli/verbs.h"
#include "correlate/smb_events.h"
#include "correlate/smb_operations.h"
#include "correlate/smb_streams.h"
#include "pcapout/smb_rows.h"
#include "pcapout/smb_slowest.h"

struct smb_pass {
    struct cli_session *session;
    struct cli_filter *filter;
    struct cli_smb_filter smb;
    struct corr_smb_operations *operations;
    struct corr_smb_streams *streams;
    struct corr_smb_events *events;
    struct out_smb_rows *rows;
    struct out_smb_groups *groups;  /* NULL: operations are listed */
    struct out_smb_slowest slowest; /* with --slow and --operations */
    bool lists_slowest;
    int64_t from, to;
    uint64_t matched;
    struct out_smb_seen seen;
    /* of the sink of conditions, which can only say that it failed */
    enum etw_status status;
    struct etw_error error;
};

/* ---- what is wanted ---- */

static bool is_in_time(const struct smb_pass *pass, int64_t time)
{
    return time >= pass->from && time <= pass->to;
}

static enum etw_status take_operation(void *context, const struct corr_smb_operation *operation,
                                      struct etw_error *error)
{
    struct smb_pass *pass = context;
    if (!is_in_time(pass, operation->begin) || !cli_smb_filter_takes(&pass->smb, operation)) {
        return ETW_OK;
    }
    pass->matched++;
    if (pass->groups) {
        return out_smb_groups_add(pass->groups, operation, error);
    }
    if (pass->lists_slowest) {
        return out_smb_slowest_add(&pass->slowest, operation)
                   ? ETW_OK
                   : etw_fail_memory(error, "the slowest operations");
    }
    return out_smb_rows_operation(pass->rows, operation, error);
}

/* Whose connections conditions are shown of is known with the request, not with its end. */
static enum etw_status note_asker(void *context, const struct corr_smb_news *news,
                                  struct etw_error *error)
{
    struct smb_pass *pass = context;
    (void)error;
    (void)cli_smb_filter_takes(&pass->smb, news->operation);
    return ETW_OK;
}

/* A sink of conditions: false when the row could not be taken, and `failed` says why. */
static bool take_condition(void *context, const struct corr_smb_condition *condition)
{
    struct smb_pass *pass = context;
    if (is_in_time(pass, condition->time) &&
        cli_smb_filter_takes_condition(&pass->smb, condition)) {
        pass->status = out_smb_rows_condition(pass->rows, condition, &pass->error);
    }
    return pass->status == ETW_OK;
}

static bool take_message(void *context, const struct corr_smb_message *message)
{
    const struct smb_pass *pass = context;
    return corr_smb_operations_take(pass->operations, message);
}

/* ---- the pass ---- */

/* A stream without socket is read only when its ends are wanted; others are filtered by what
 * is known of their sockets. */
static enum etw_status take_packet(void *context, const struct corr_packet *packet,
                                   struct etw_error *error)
{
    struct smb_pass *pass = context;
    bool is_read = packet->verdict.socket != CORR_NO_ROW ||
                   cli_filter_matches_at_any_time(pass->filter, packet);
    return is_read ? corr_smb_streams_packet(pass->streams, packet, error) : ETW_OK;
}

static enum etw_status take_event(void *context, const struct etw_event *event, int64_t held_since,
                                  struct etw_error *error)
{
    struct smb_pass *pass = context;
    (void)held_since;
    return corr_smb_events_feed(pass->events, event, error);
}

/* `status`, else how the messages were taken: a sink of messages can only say that it failed. */
static enum etw_status end_of_pass(struct smb_pass *pass, enum etw_status status,
                                   struct etw_error *error)
{
    if (!status) {
        status = corr_smb_streams_finish(pass->streams, error);
    }
    if (!status) {
        status = corr_smb_events_finish(pass->events, error);
    }
    if (pass->status) {
        *error = pass->error;
        return pass->status;
    }
    struct etw_error of_operations;
    enum etw_status finished = corr_smb_operations_finish(pass->operations, &of_operations);
    if (finished) {
        *error = of_operations;
    }
    pass->seen.totals = *corr_smb_operations_totals(pass->operations);
    pass->seen.streams = *corr_smb_streams_counts(pass->streams);
    corr_smb_events_get_counts(pass->events, &pass->seen.events);
    return finished ? finished : status;
}

static enum etw_status read_trace(struct smb_pass *pass, struct etw_error *error)
{
    const struct corr_smb_event_sinks sinks = {
        .message = take_message, .condition = take_condition, .context = pass};
    struct cli_reading *reading = &pass->session->reading;
    enum etw_status status =
        corr_smb_streams_new(corr_smb_operations_take, pass->operations, &pass->streams, error);
    if (!status) {
        status = corr_smb_events_new(reading->ledger, &sinks, &pass->events, error);
    }
    if (!status) {
        status =
            cli_reading_packets_and_events(reading, false, take_packet, take_event, pass, error);
        status = end_of_pass(pass, status, error);
    }
    return status;
}

/* ---- writing ---- */

static enum etw_status write_groups(struct smb_pass *pass, bool is_slow, struct etw_error *error)
{
    const struct out_smb_group *groups = NULL;
    size_t count = out_smb_groups_list(pass->groups, is_slow, &groups);
    enum etw_status status = ETW_OK;
    for (size_t i = 0; i < count && !status; i++) {
        status = out_smb_rows_group(pass->rows, &groups[i], error);
    }
    return status;
}

static enum etw_status write_slowest(struct smb_pass *pass, struct etw_error *error)
{
    const struct corr_smb_operation *operations = NULL;
    size_t count = out_smb_slowest_list(&pass->slowest, &operations);
    enum etw_status status = ETW_OK;
    for (size_t i = 0; i < count && !status; i++) {
        status = out_smb_rows_operation(pass->rows, &operations[i], error);
    }
    return status;
}

static enum etw_status open_rows(struct smb_pass *pass, const char *trace_json,
                                 struct etw_error *error)
{
    const struct cli_arguments *arguments = pass->session->arguments;
    struct out_smb_options options = {
        .operations = pass->operations,
        .by = (enum out_smb_by)cli_arguments_choice(arguments, CLI_OPTION_BY, OUT_SMB_BY_FILE),
        .has_operations = cli_arguments_has(arguments, CLI_OPTION_OPERATIONS)};
    cli_row_options(pass->session, trace_json, &options.rows);
    pass->lists_slowest = options.has_operations && cli_arguments_has(arguments, CLI_OPTION_SLOW);
    enum etw_status status = out_smb_rows_new(pass->session->output, &options, &pass->rows, error);
    if (!status && !options.has_operations) {
        status = out_smb_groups_new(options.by, options.rows.ledger, pass->operations,
                                    &pass->groups, error);
    }
    return status;
}

static enum etw_status write_rows(struct smb_pass *pass, struct etw_error *error)
{
    bool is_slow = cli_arguments_has(pass->session->arguments, CLI_OPTION_SLOW);
    enum etw_status status = ETW_OK;
    if (pass->groups) {
        status = write_groups(pass, is_slow, error);
    } else if (pass->lists_slowest) {
        status = write_slowest(pass, error);
    }
    return status ? status : out_smb_rows_finish(pass->rows, &pass->seen, error);
}

static void close_pass(struct smb_pass *pass)
{
    out_smb_rows_free(pass->rows);
    out_smb_groups_free(pass->groups);
    out_smb_slowest_done(&pass->slowest);
    corr_smb_events_free(pass->events);
    corr_smb_streams_free(pass->streams);
    corr_smb_operations_free(pass->operations);
    cli_smb_filter_done(&pass->smb);
}

static enum etw_status write_output(struct smb_pass *pass, struct etw_error *error)
{
    struct cli_session *session = pass->session;
    struct text trace_json = {.maximum = 65536};
    cli_trace_object_format(session, &trace_json);
    enum etw_status status = cli_reading_learn_all(&session->reading, error);
    if (!status) {
        status = cli_filter_bind(pass->filter, &session->reading, error);
    }
    if (!status) {
        status = cli_smb_filter_init(&pass->smb, pass->filter, session->reading.ledger, error);
    }
    if (!status) {
        status = corr_smb_operations_new(take_operation, pass, &pass->operations, error);
    }
    if (!status && cli_filter_has_process(pass->filter)) {
        corr_smb_operations_set_news(pass->operations, note_asker, pass);
    }
    if (!status) {
        status = open_rows(pass, text_get(&trace_json), error);
    }
    if (!status) {
        status = read_trace(pass, error);
    }
    if (!status) {
        status = write_rows(pass, error);
    }
    close_pass(pass);
    text_done(&trace_json);
    return status ? status : cli_session_commit(session, error);
}

/* Rows for programs have no place for it, but for json. */
static void say_untold(const struct smb_pass *pass)
{
    int format = cli_arguments_choice(pass->session->arguments, CLI_OPTION_FORMAT, OUT_TEXT);
    struct text untold = {.maximum = 4096};
    out_smb_add_untold(&pass->seen, &untold);
    if (untold.size > 0 && (format == OUT_NDJSON || format == OUT_CSV)) {
        cli_say("of the whole trace, not in the rows: %s", text_get(&untold));
    }
    text_done(&untold);
}

static enum cli_exit run(struct cli_session *session, struct etw_error *error)
{
    struct cli_filter filter = {.filter = NULL};
    struct smb_pass pass = {.session = session, .filter = &filter};
    enum etw_status status = cli_filter_init(&filter, session->arguments, session->trace, error);
    if (!status) {
        status = cli_parse_times(session->arguments, session->trace, &pass.from, &pass.to, error);
    }
    if (status) {
        cli_filter_done(&filter);
        return cli_refuse_filter(error);
    }
    status = write_output(&pass, error);
    cli_filter_done(&filter);
    if (status) {
        return cli_session_say_error(session, error);
    }
    if (pass.matched == 0) {
        cli_say("no SMB request or response %s",
                session->reading.facts.packets == 0 && !session->reading.facts.has_socket_events
                    ? "is in the trace; 'etwtrail info' says what it has"
                    : "matches, or could be read");
    }
    say_untold(&pass);
    cli_say_losses(session->trace);
    return cli_exit_of(session->trace);
}

enum cli_exit cli_verb_smb(const struct cli_arguments *arguments)
{
    return cli_session_run(arguments, run);
}
