/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cli/filter_options.h"
#include "cli/losses.h"
#include "cli/option_parser.h"
#include "cli/output.h"
#include "cli/result.h"
#include "cli/row_options.h"
#include "cli/session.h"
#include "cli/trace_object.h"
#include "cli/verbs.h"
#include "pcapout/ledger_text.h"
#include "pcapout/owner_rows.h"
#include "pcapout/packet_story.h"

struct group_pass {
    const struct cli_filter *filter;
    struct out_owner_groups *groups;
    uint64_t taken;
};

static enum etw_status take_packet(void *context, const struct corr_packet *packet,
                                   struct etw_error *error)
{
    struct group_pass *pass = context;
    if (!cli_filter_matches(pass->filter, packet)) {
        return ETW_OK;
    }
    pass->taken++;
    return out_owner_groups_add(pass->groups, packet, error);
}

static enum etw_status write_groups(struct cli_session *session, struct group_pass *pass,
                                    struct etw_error *error)
{
    struct text trace_json = {.maximum = 0};
    struct out_rows_options options;
    cli_trace_object_format(session, &trace_json);
    cli_row_options(session, text_get(&trace_json), &options);
    session->reading.wants_askers = true;
    enum etw_status status = out_owner_groups_new(options.ledger, &pass->groups, error);
    if (!status) {
        status = cli_reading_packets(&session->reading, false, take_packet, pass, error);
    }
    if (!status) {
        status = out_owner_rows_write(session->output, pass->groups, &options, error);
    }
    out_owner_groups_free(pass->groups);
    text_done(&trace_json);
    return status;
}

/* ---- one packet in full ---- */

struct story_pass {
    const struct cli_filter *filter;
    const struct corr_ledger *ledger;
    struct out_story *story; /* NULL until the packet was met */
};

static enum etw_status take_story(void *context, const struct corr_packet *packet,
                                  struct etw_error *error)
{
    struct story_pass *pass = context;
    if (pass->story || !cli_filter_matches(pass->filter, packet)) {
        return ETW_OK;
    }
    return out_story_new(pass->ledger, packet, &pass->story, error);
}

/* The records that the story rests on may stand anywhere. */
static enum etw_status read_steps(struct cli_session *session, struct out_story *story,
                                  struct etw_error *error)
{
    struct findings *findings = etw_trace_get_findings(session->trace);
    const struct findings before = *findings; /* what this pass finds was counted before */
    struct etw_event event;
    enum etw_status status = etw_trace_rewind(session->trace, error);
    while (!status && (status = etw_trace_next(session->trace, &event, error)) == ETW_OK) {
        out_story_event(story, &event);
    }
    *findings = before;
    return status == ETW_END ? ETW_OK : status;
}

static enum etw_status write_story(struct cli_session *session, struct group_pass *groups,
                                   struct etw_error *error)
{
    struct out_rows_options options;
    cli_row_options(session, NULL, &options);
    struct story_pass pass = {.filter = groups->filter, .ledger = options.ledger};
    session->reading.wants_askers = true;
    enum etw_status status =
        cli_reading_packets(&session->reading, false, take_story, &pass, error);
    if (!status && pass.story) {
        groups->taken = 1;
        status = read_steps(session, pass.story, error);
    }
    if (!status && pass.story) {
        status = out_story_write(pass.story, session->output, &options, error);
    }
    out_story_free(pass.story);
    return status;
}

/* --frame N, for people: one packet is explained rather than summed up. */
static bool is_about_one_packet(const struct cli_arguments *arguments)
{
    const char *frame = cli_arguments_value(arguments, CLI_OPTION_FRAME, 0);
    bool is_text = cli_arguments_choice(arguments, CLI_OPTION_FORMAT, OUT_TEXT) == OUT_TEXT;
    return is_text && frame && !strchr(frame, '-') &&
           !cli_arguments_value(arguments, CLI_OPTION_FRAME, 1);
}

static enum etw_status write_output(struct cli_session *session, struct cli_filter *filter,
                                    struct group_pass *pass, struct etw_error *error)
{
    enum etw_status status = cli_reading_learn(&session->reading, error);
    if (!status) {
        status = cli_filter_bind(filter, &session->reading, error);
    }
    if (status) {
        return status;
    }
    if (cli_arguments_has(session->arguments, CLI_OPTION_LEDGER)) {
        return out_ledger_text(session->output, session->reading.ledger, error);
    }
    return (is_about_one_packet(session->arguments) ? write_story : write_groups)(session, pass,
                                                                                  error);
}

static enum cli_exit run(struct cli_session *session, struct etw_error *error)
{
    struct cli_filter filter = {.filter = NULL};
    struct group_pass pass = {.filter = &filter};
    enum etw_status status = cli_filter_init(&filter, session->arguments, session->trace, error);
    if (status) {
        cli_filter_done(&filter);
        return cli_refuse_filter(error);
    }
    status = write_output(session, &filter, &pass, error);
    if (!status) {
        status = cli_session_commit(session, error);
    }
    cli_filter_done(&filter);
    if (status) {
        return cli_session_say_error(session, error);
    }
    cli_say_no_owners(&session->reading);
    if (!cli_arguments_has(session->arguments, CLI_OPTION_LEDGER)) {
        cli_say_result(&session->reading, pass.taken);
    }
    return cli_exit_of(session->trace);
}

enum cli_exit cli_verb_who(const struct cli_arguments *arguments)
{
    return cli_session_run(arguments, run);
}
