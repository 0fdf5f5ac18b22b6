/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cli/event_filter.h"
#include "cli/event_stats.h"
#include "cli/losses.h"
#include "cli/messages.h"
#include "cli/option_parser.h"
#include "cli/output.h"
#include "cli/result.h"
#include "cli/session.h"
#include "cli/trace_object.h"
#include "cli/verbs.h"
#include "pcapout/event_rows.h"

/* Reasons that are counted one by one; there are fewer in all. */
#define REASONS_MAXIMUM 24

struct reason {
    const char *why; /* static */
    uint64_t count;
};

struct event_pass {
    struct etw_trace *trace;         /* borrowed */
    struct cli_event_filter *filter; /* borrowed */
    struct out_event_rows *rows;     /* NULL: statistics */
    bool with_models;                /* model events are made: of rows for people, of owners */
    struct cli_event_stats *stats;   /* NULL: rows */
    uint64_t seen, taken;
    uint64_t events[3]; /* of those taken, by enum etw_decoded */
    struct reason reasons[REASONS_MAXIMUM];
    size_t reason_count;
};

/* ---- what could not be decoded ---- */

static void count_result(struct event_pass *pass, const struct etw_fields_result *result)
{
    pass->taken++;
    pass->events[result->decoded]++;
    if (result->decoded == ETW_DECODED_WHOLLY) {
        return;
    }
    const char *why = result->why ? result->why : "not decoded";
    for (size_t i = 0; i < pass->reason_count; i++) {
        if (strcmp(pass->reasons[i].why, why) == 0) {
            pass->reasons[i].count++;
            return;
        }
    }
    if (pass->reason_count < REASONS_MAXIMUM) {
        pass->reasons[pass->reason_count++] = (struct reason){why, 1};
    }
}

static void say_undecoded(const struct event_pass *pass)
{
    struct text line = {.maximum = 65536};
    uint64_t not_at_all = pass->events[ETW_DECODED_NOT];
    uint64_t partly = pass->events[ETW_DECODED_PARTLY];
    if (not_at_all + partly == 0) {
        return;
    }
    text_add_format(&line, "of %llu events, ", (unsigned long long)pass->taken);
    if (not_at_all > 0) {
        text_add_format(&line, "%llu could not be decoded%s", (unsigned long long)not_at_all,
                        partly > 0 ? " and " : "");
    }
    if (partly > 0) {
        text_add_format(&line, "%llu only in part", (unsigned long long)partly);
    }
    for (size_t i = 0; i < pass->reason_count; i++) {
        text_add_format(&line, "%s%s (%llu)", i > 0 ? "; " : ": ", pass->reasons[i].why,
                        (unsigned long long)pass->reasons[i].count);
    }
    cli_say("%s", text_get(&line));
    text_done(&line);
}

/* ---- the pass ---- */

static enum etw_status take_event(struct event_pass *pass, const struct etw_event *event,
                                  struct etw_error *error)
{
    const struct etw_record *record = event->record;
    struct etw_fields_result result;
    if (!cli_event_filter_matches(pass->filter, pass->trace, event)) {
        return ETW_OK;
    }
    if (pass->rows) {
        out_event_rows_set_event(pass->rows, event);
        etw_trace_read_fields(pass->trace, record, out_event_rows_visitor(pass->rows), &result);
        count_result(pass, &result);
        return out_event_rows_event(pass->rows, record, &result, error);
    }
    static const struct etw_fields_visitor nobody = {.context = NULL};
    etw_trace_read_fields(pass->trace, record, &nobody, &result);
    count_result(pass, &result);
    return cli_event_stats_add(pass->stats, record, &result, error);
}

/* Only sentences and owners need more than the record. */
static enum etw_status next_event(struct event_pass *pass, struct etw_event *event,
                                  struct etw_error *error)
{
    if (pass->with_models) {
        return etw_trace_next(pass->trace, event, error);
    }
    *event = (struct etw_event){.kind = ETW_EVENT_OTHER};
    return etw_trace_next_record(pass->trace, &event->record, error);
}

static enum etw_status read_events(struct event_pass *pass, struct etw_error *error)
{
    struct etw_event event;
    enum etw_status status = etw_trace_rewind(pass->trace, error);
    while (!status && !(status = next_event(pass, &event, error))) {
        pass->seen++;
        status = take_event(pass, &event, error);
    }
    return status == ETW_END ? ETW_OK : status;
}

static enum etw_status write_statistics(struct cli_session *session, struct event_pass *pass,
                                        enum out_format format, const char *trace_json,
                                        struct etw_error *error)
{
    enum etw_status status = cli_event_stats_new(&pass->stats, error);
    if (!status) {
        status = read_events(pass, error);
    }
    if (!status) {
        status = cli_event_stats_write(pass->stats, format, trace_json, session->output, error);
    }
    cli_event_stats_free(pass->stats);
    return status;
}

static enum etw_status write_rows(struct cli_session *session, struct event_pass *pass,
                                  enum out_format format, const char *trace_json,
                                  struct etw_error *error)
{
    const struct cli_arguments *arguments = session->arguments;
    const struct out_event_rows_options options = {
        .format = format,
        .use_colour = cli_use_colour(session->output_path),
        .width = cli_text_width(session->output_path),
        .use_local_time = cli_arguments_has(arguments, CLI_OPTION_LOCAL),
        .bias_minutes = etw_trace_get_header(session->trace)->bias_minutes,
        .has_files = session->file_count > 1,
        .with_schema = cli_arguments_has(arguments, CLI_OPTION_SCHEMA),
        .trace_json = trace_json,
    };
    pass->with_models = pass->with_models || format == OUT_TEXT;
    enum etw_status status = out_event_rows_new(session->output, &options, &pass->rows, error);
    if (!status) {
        status = read_events(pass, error);
    }
    if (!status) {
        status = out_event_rows_finish(pass->rows, error);
    }
    out_event_rows_free(pass->rows);
    return status;
}

static enum etw_status write_output(struct cli_session *session, struct event_pass *pass,
                                    struct etw_error *error)
{
    const struct cli_arguments *arguments = session->arguments;
    enum out_format format =
        (enum out_format)cli_arguments_choice(arguments, CLI_OPTION_FORMAT, OUT_TEXT);
    bool is_statistics = cli_arguments_has(arguments, CLI_OPTION_STATS);
    struct text trace_json = {.maximum = 0};
    cli_trace_object_format(session, &trace_json);
    enum etw_status status = (is_statistics ? write_statistics : write_rows)(
        session, pass, format, text_get(&trace_json), error);
    text_done(&trace_json);
    return status ? status : cli_session_commit(session, error);
}

static enum etw_status learn_owners(struct cli_session *session, struct event_pass *pass,
                                    struct etw_error *error)
{
    if (!cli_event_filter_needs_ledger(pass->filter)) {
        return ETW_OK;
    }
    pass->with_models = true;
    enum etw_status status = cli_reading_learn_all(&session->reading, error);
    return status ? status : cli_event_filter_bind(pass->filter, session->reading.ledger, error);
}

static void say_result(const struct event_pass *pass)
{
    if (pass->seen > 0 && pass->taken == 0) {
        cli_say("no event matches the filter; the trace has %llu", (unsigned long long)pass->seen);
    }
    say_undecoded(pass);
    cli_say_losses(pass->trace);
}

static enum cli_exit run(struct cli_session *session, struct etw_error *error)
{
    struct event_pass pass = {.trace = session->trace};
    enum etw_status status =
        cli_event_filter_new(session->arguments, session->trace, &pass.filter, error);
    if (status) {
        return cli_refuse_filter(error);
    }
    status = learn_owners(session, &pass, error);
    if (!status) {
        status = write_output(session, &pass, error);
    }
    cli_event_filter_free(pass.filter);
    if (status) {
        return cli_session_say_error(session, error);
    }
    say_result(&pass);
    return cli_exit_of(session->trace);
}

enum cli_exit cli_verb_events(const struct cli_arguments *arguments)
{
    return cli_session_run(arguments, run);
}
