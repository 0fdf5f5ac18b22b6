/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "cli/filter_options.h"
#include "cli/losses.h"
#include "cli/messages.h"
#include "cli/option_parser.h"
#include "cli/output.h"
#include "cli/result.h"
#include "cli/session.h"
#include "cli/timeline_smb.h"
#include "cli/trace_object.h"
#include "cli/verbs.h"
#include "correlate/event_sockets.h"
#include "pcapout/timeline_rows.h"

/* --top lists so many sockets. */
#define TOP_COUNT      10u
#define UNTOLD_MAXIMUM 4096u

struct timeline_pass {
    const struct cli_filter *filter;
    const struct corr_ledger *ledger;
    const struct corr_socket *sockets;
    struct corr_event_sockets *index;
    struct corr_http_notes *http;
    struct cli_timeline_smb *smb; /* NULL: only judged */
    struct corr_judge *judge;
    struct corr_timeline *timeline; /* NULL: only judged */
    struct out_timeline_rows *rows;
    uint8_t *is_wanted;         /* by row of the sockets */
    uint8_t *is_wanted_process; /* by row of the processes */
    int64_t from, to;
    uint64_t steps;
    size_t listed;      /* sockets of --top, ends of packets without socket */
    struct text untold; /* of SMB */
};

/* ---- what is wanted ---- */

static enum etw_status choose(struct timeline_pass *pass, struct etw_error *error)
{
    const struct corr_process *processes = NULL;
    size_t socket_count = corr_ledger_sockets(pass->ledger, &pass->sockets);
    size_t process_count = corr_processes_list(corr_ledger_processes(pass->ledger), &processes);
    pass->is_wanted = calloc(socket_count + 1, 1);
    pass->is_wanted_process = calloc(process_count + 1, 1);
    if (!pass->is_wanted || !pass->is_wanted_process) {
        return etw_fail_memory(error, "the timeline");
    }
    for (size_t i = 0; i < socket_count; i++) {
        const struct corr_socket *socket = &pass->sockets[i];
        pass->is_wanted[i] = (socket->flags & CORR_SOCKET_HIDDEN) == 0 &&
                             cli_filter_matches_socket(pass->filter, socket);
        if (pass->is_wanted[i] && socket->process != CORR_NO_ROW) {
            pass->is_wanted_process[socket->process] = 1;
        }
    }
    return ETW_OK;
}

/* Drops name no socket: their ends are asked for instead. */
static bool is_wanted_drop(const struct timeline_pass *pass, const struct etw_event *event)
{
    const struct etw_socket *socket = &event->u.socket;
    const uint32_t both = ETW_HAS_LOCAL | ETW_HAS_REMOTE;
    if (socket->action != ETW_ACTION_DROP || (socket->has & both) != both) {
        return false;
    }
    const struct corr_socket ends = {.local = corr_endpoint_of_event(&socket->local),
                                     .remote = corr_endpoint_of_event(&socket->remote),
                                     .opened = event->record->time,
                                     .closed = event->record->time,
                                     .process = CORR_NO_ROW,
                                     .protocol = socket->protocol};
    return cli_filter_matches_socket(pass->filter, &ends);
}

static bool is_wanted_event(const struct timeline_pass *pass, const struct etw_event *event,
                            uint32_t socket)
{
    if (event->kind == ETW_EVENT_PROCESS) {
        uint32_t row =
            corr_processes_find(corr_ledger_processes(pass->ledger), event->u.process.pid,
                                event->u.process.start_key, event->record->time);
        return row != CORR_NO_ROW && pass->is_wanted_process[row];
    }
    if (event->kind != ETW_EVENT_SOCKET) {
        return false;
    }
    return socket != CORR_NO_ROW ? pass->is_wanted[socket] : is_wanted_drop(pass, event);
}

/* ---- the pass ---- */

/* What packets that are not shown tell of the states of those that are: of a connection of SMB only
 * some may be for the process that is asked for. */
static bool counts_unseen(const struct timeline_pass *pass, const struct corr_packet *packet)
{
    return cli_filter_is_before(pass->filter, packet) ||
           (cli_filter_has_process(pass->filter) && cli_timeline_smb_is_packet(packet));
}

static enum etw_status take_packet(void *context, const struct corr_packet *packet,
                                   struct etw_error *error)
{
    struct timeline_pass *pass = context;
    enum etw_status status = corr_judge_packet(pass->judge, packet, error);
    if (status || !pass->timeline) {
        return status;
    }
    bool is_shown = cli_filter_matches(pass->filter, packet);
    if (is_shown || counts_unseen(pass, packet)) {
        status = corr_timeline_packet(pass->timeline, packet, is_shown, error);
    }
    return status ? status : cli_timeline_smb_packet(pass->smb, packet, error);
}

static enum etw_status take_http(struct timeline_pass *pass, const struct etw_event *event,
                                 struct etw_error *error)
{
    struct corr_http_note note;
    int64_t time = event->record->time;
    enum etw_status status = corr_http_notes_take(pass->http, event, &note, error);
    bool is_shown = pass->timeline && note.socket != CORR_NO_ROW && time >= pass->from &&
                    time <= pass->to && pass->is_wanted[note.socket];
    return status || !is_shown ? status : corr_timeline_http(pass->timeline, event, &note, error);
}

static enum etw_status take_event(void *context, const struct etw_event *event, int64_t held_since,
                                  struct etw_error *error)
{
    struct timeline_pass *pass = context;
    int64_t time = event->record->time;
    uint32_t socket = corr_event_sockets_find(pass->index, event);
    enum etw_status status = corr_judge_event(pass->judge, event, socket, error);
    bool is_shown = pass->timeline && time >= pass->from && time <= pass->to &&
                    is_wanted_event(pass, event, socket);
    if (!status && pass->timeline) {
        corr_timeline_hold(pass->timeline, held_since);
    }
    if (!status && is_shown) {
        status = corr_timeline_event(pass->timeline, event, socket, error);
    }
    if (!status && pass->smb) {
        status = cli_timeline_smb_event(pass->smb, event, error);
    }
    return status ? status : take_http(pass, event, error);
}

static enum etw_status write_step(void *context, const struct corr_step *step,
                                  struct etw_error *error)
{
    struct timeline_pass *pass = context;
    pass->steps++;
    return out_timeline_rows_step(pass->rows, step, error);
}

/* ---- --top ---- */

/* The sockets that are most worth a look, the worst first. */
static enum etw_status list_top(struct timeline_pass *pass, struct etw_error *error)
{
    size_t count = corr_ledger_sockets(pass->ledger, &pass->sockets);
    enum etw_status status = ETW_OK;
    while (pass->listed < TOP_COUNT && !status) {
        uint32_t worst = CORR_NO_ROW;
        uint32_t most = 0;
        for (uint32_t row = 0; row < count; row++) {
            uint32_t severity = pass->is_wanted[row] ? corr_judge_severity(pass->judge, row) : 0;
            if (severity > most) {
                most = severity;
                worst = row;
            }
        }
        if (worst == CORR_NO_ROW) {
            break;
        }
        pass->is_wanted[worst] = 0;
        pass->listed++;
        status = out_timeline_rows_socket(pass->rows, worst, error);
    }
    return status;
}

/* Ends of packets without socket that something went wrong with; as many as --top has room for. */
static enum etw_status list_orphans(struct timeline_pass *pass, struct etw_error *error)
{
    struct corr_judgement judgements[CORR_JUDGE_COUNT];
    size_t count = corr_judge_orphans(pass->judge);
    enum etw_status status = ETW_OK;
    for (size_t i = 0; i < count && !status; i++) {
        if (!pass->timeline && pass->listed >= TOP_COUNT) {
            break;
        }
        struct corr_socket ends;
        size_t judged = corr_judge_orphan(pass->judge, i, &ends, judgements);
        bool is_trouble = false;
        for (size_t j = 0; j < judged; j++) {
            is_trouble = is_trouble || judgements[j].is_trouble;
        }
        if (is_trouble && cli_filter_matches_socket(pass->filter, &ends)) {
            pass->listed++;
            status = out_timeline_rows_orphan(pass->rows, i, error);
        }
    }
    return status;
}

/* ---- putting it together ---- */

static enum etw_status open_rows(struct cli_session *session, struct timeline_pass *pass,
                                 const char *trace_json, struct etw_error *error)
{
    const struct cli_arguments *arguments = session->arguments;
    int format = cli_arguments_choice(arguments, CLI_OPTION_FORMAT, OUT_TEXT);
    const struct out_timeline_options options = {
        .format = format == CLI_FORMAT_HTML ? OUT_JSON : (enum out_format)format,
        .is_html = format == CLI_FORMAT_HTML,
        .is_top = cli_arguments_has(arguments, CLI_OPTION_TOP),
        .use_colour = cli_use_colour(session->output_path),
        .width = cli_text_width(session->output_path),
        .use_local_time = cli_arguments_has(arguments, CLI_OPTION_LOCAL),
        .bias_minutes = etw_trace_get_header(session->trace)->bias_minutes,
        .has_files = session->file_count > 1,
        .ledger = pass->ledger,
        .adapters = session->reading.adapters,
        .title = text_get(&session->name),
        .trace_json = trace_json,
        .smb_names = pass->smb ? cli_timeline_smb_names(pass->smb) : NULL,
    };
    return out_timeline_rows_new(session->output, &options, &pass->rows, error);
}

static enum etw_status open_smb(struct timeline_pass *pass, struct etw_error *error)
{
    const struct cli_smb_wanted wanted = {.ledger = pass->ledger,
                                          .filter = pass->filter,
                                          .from = pass->from,
                                          .to = pass->to,
                                          .timeline = pass->timeline};
    return cli_timeline_smb_new(&wanted, &pass->smb, error);
}

static enum etw_status open_stages(struct cli_session *session, struct timeline_pass *pass,
                                   struct etw_error *error)
{
    const struct cli_arguments *arguments = session->arguments;
    const struct corr_timeline_options options = {
        .is_verbose = cli_arguments_has(arguments, CLI_OPTION_VERBOSE)};
    enum etw_status status = corr_event_sockets_new(pass->ledger, &pass->index, error);
    if (!status) {
        status = corr_http_notes_new(pass->ledger, &pass->http, error);
    }
    if (!status) {
        status = corr_judge_new(pass->ledger, &pass->judge, error);
    }
    if (!status) {
        status = cli_parse_times(arguments, session->trace, &pass->from, &pass->to, error);
    }
    if (!status && !cli_arguments_has(arguments, CLI_OPTION_TOP)) {
        status =
            corr_timeline_new(pass->ledger, &options, write_step, pass, &pass->timeline, error);
        status = status ? status : open_smb(pass, error);
    }
    return status;
}

static enum etw_status run_pass(struct cli_session *session, struct timeline_pass *pass,
                                struct etw_error *error)
{
    session->reading.wants_askers = cli_filter_has_process(pass->filter);
    enum etw_status status = cli_reading_packets_and_events(&session->reading, false, take_packet,
                                                            take_event, pass, error);
    corr_judge_finish(pass->judge);
    if (!status && pass->smb) {
        status = cli_timeline_smb_finish(pass->smb, error);
    }
    if (!status) {
        status =
            pass->timeline ? corr_timeline_finish(pass->timeline, error) : list_top(pass, error);
    }
    if (!status) {
        status = list_orphans(pass, error);
    }
    if (!status && pass->smb) {
        cli_timeline_smb_add_untold(pass->smb, &pass->untold);
    }
    return status ? status
                  : out_timeline_rows_finish(pass->rows, pass->timeline, pass->judge, error);
}

static void close_pass(struct timeline_pass *pass)
{
    out_timeline_rows_free(pass->rows);
    cli_timeline_smb_free(pass->smb);
    corr_timeline_free(pass->timeline);
    corr_judge_free(pass->judge);
    corr_http_notes_free(pass->http);
    corr_event_sockets_free(pass->index);
    free(pass->is_wanted);
    free(pass->is_wanted_process);
}

static enum etw_status write_timeline(struct cli_session *session, struct cli_filter *filter,
                                      struct timeline_pass *pass, struct etw_error *error)
{
    struct text trace_json = {.maximum = 0};
    cli_trace_object_format(session, &trace_json);
    enum etw_status status = cli_reading_learn(&session->reading, error);
    pass->ledger = session->reading.ledger;
    if (!status) {
        status = cli_filter_bind(filter, &session->reading, error);
    }
    if (!status) {
        status = choose(pass, error);
    }
    if (!status) {
        status = open_stages(session, pass, error);
    }
    if (!status) {
        status = open_rows(session, pass, text_get(&trace_json), error);
    }
    if (!status) {
        status = run_pass(session, pass, error);
    }
    close_pass(pass);
    text_done(&trace_json);
    return status ? status : cli_session_commit(session, error);
}

static void say_nothing(const struct cli_session *session)
{
    const struct cli_facts *facts = &session->reading.facts;
    if (facts->packets == 0 && !facts->has_socket_events) {
        cli_say("the trace has neither packets nor events of sockets; 'etwtrail info' says how to "
                "record them");
    } else if (cli_arguments_has(session->arguments, CLI_OPTION_TOP)) {
        cli_say("no socket of this trace stands out");
    } else {
        cli_say("nothing in this trace matches the filter");
    }
}

static enum cli_exit run(struct cli_session *session, struct etw_error *error)
{
    struct cli_filter filter = {.filter = NULL};
    struct timeline_pass pass = {.filter = &filter, .untold = {.maximum = UNTOLD_MAXIMUM}};
    enum etw_status status = cli_filter_init(&filter, session->arguments, session->trace, error);
    if (status) {
        cli_filter_done(&filter);
        return cli_refuse_filter(error);
    }
    status = write_timeline(session, &filter, &pass, error);
    cli_filter_done(&filter);
    if (status) {
        text_done(&pass.untold);
        return cli_session_say_error(session, error);
    }
    if (pass.steps == 0 && pass.listed == 0) {
        say_nothing(session);
    }
    if (pass.untold.size > 0) {
        cli_say("of the SMB of the whole trace: %s", text_get(&pass.untold));
    }
    text_done(&pass.untold);
    cli_say_losses(session->trace);
    return cli_exit_of(session->trace);
}

enum cli_exit cli_verb_timeline(const struct cli_arguments *arguments)
{
    return cli_session_run(arguments, run);
}
