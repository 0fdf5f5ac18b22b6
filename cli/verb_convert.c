/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cli/conversion.h"
#include "cli/display.h"
#include "cli/filter_options.h"
#include "cli/losses.h"
#include "cli/messages.h"
#include "cli/option_parser.h"
#include "cli/output.h"
#include "cli/result.h"
#include "cli/session.h"
#include "cli/verbs.h"

/* "108 packets (1,111 sightings) on 3 interfaces -> out.pcapng" */
static void say_summary(const struct cli_session *session, const struct cli_summary *summary)
{
    const struct cli_facts *facts = &session->reading.facts;
    struct text line = {.maximum = 8192};
    char number[DISPLAY_COUNT_SIZE];
    bool is_all = cli_arguments_has(session->arguments, CLI_OPTION_ALL_APPEARANCES);
    uint64_t total = is_all ? facts->sightings : facts->packets;
    if (summary->written < total) {
        text_add_format(&line, "%s of ", display_count(summary->written, number));
    }
    if (is_all) {
        display_add_count(&line, total, "sighting", "sightings");
        text_add(&line, " of ");
        display_add_count(&line, facts->packets, "packet", "packets");
    } else {
        display_add_count(&line, total, "packet", "packets");
        if (facts->sightings > facts->packets) {
            text_add_format(&line, " (%s sightings)", display_count(facts->sightings, number));
        }
    }
    text_add(&line, " on ");
    display_add_count(&line, summary->interfaces, "interface", "interfaces");
    if (summary->events > 0) {
        text_add(&line, " and ");
        display_add_count(&line, summary->events, "event", "events");
    }
    bool is_stdout = strcmp(session->output_path, "-") == 0;
    text_add_format(&line, " -> %s", is_stdout ? "standard output" : session->output_path);
    cli_say("%s", text_get(&line));
    text_done(&line);
}

static void say_all(const struct cli_session *session, const struct cli_summary *summary)
{
    say_summary(session, summary);
    if (summary->has_mixed_links) {
        cli_say("the interfaces have different link types: Wireshark reads that, tcpdump and "
                "other libpcap tools do not");
    }
    if (summary->unprotected > 0) {
        cli_say("the Protected bit was cleared in %llu Wi-Fi frames, because Windows logs them "
                "decrypted; --keep-protected leaves it",
                (unsigned long long)summary->unprotected);
    }
    const struct cli_facts *facts = &session->reading.facts;
    if (facts->truncated > 0) {
        cli_say("cut while recording: %llu of %llu packets; 'etwtrail info' says how to record "
                "whole ones",
                (unsigned long long)facts->truncated, (unsigned long long)facts->packets);
    }
    cli_say_result(&session->reading, summary->written);
}

static enum cli_exit convert(struct cli_session *session, struct cli_filter *filter,
                             struct etw_error *error)
{
    const struct cli_arguments *arguments = session->arguments;
    const struct cli_convert_options options = {
        .file_name = text_get(&session->name),
        .filter = filter,
        .comments = (enum out_comments)cli_arguments_choice(arguments, CLI_OPTION_COMMENTS,
                                                            OUT_COMMENTS_ALL),
        .all_appearances = cli_arguments_has(arguments, CLI_OPTION_ALL_APPEARANCES),
        .keep_protected = cli_arguments_has(arguments, CLI_OPTION_KEEP_PROTECTED),
        .events =
            (enum cli_events)cli_arguments_choice(arguments, CLI_OPTION_EVENTS, CLI_EVENTS_NONE),
        .process_blocks = (enum out_process_blocks)cli_arguments_choice(
            arguments, CLI_OPTION_PROCESS_BLOCKS, OUT_PROCESS_BLOCKS_DARWIN),
        .without_owners = cli_arguments_has(arguments, CLI_OPTION_OWNERS),
    };
    struct cli_summary summary;
    enum etw_status status =
        cli_convert(&session->reading, &options, session->output, &summary, error);
    if (!status) {
        status = cli_session_commit(session, error);
    }
    if (status) {
        return cli_session_say_error(session, error);
    }
    if (cli_filter_needs_owners(filter)) {
        cli_say_no_owners(&session->reading);
    }
    say_all(session, &summary);
    return cli_exit_of(session->trace);
}

static enum cli_exit run(struct cli_session *session, struct etw_error *error)
{
    struct cli_filter filter = {.filter = NULL};
    enum cli_exit result;
    if (cli_filter_init(&filter, session->arguments, session->trace, error)) {
        result = cli_refuse_filter(error);
    } else {
        result = convert(session, &filter, error);
    }
    cli_filter_done(&filter);
    return result;
}

enum cli_exit cli_verb_convert(const struct cli_arguments *arguments)
{
    struct cli_session session;
    struct etw_error error = {.status = ETW_OK};
    struct text name = {.maximum = 0};
    const char *path = cli_arguments_value(arguments, CLI_OPTION_OUTPUT, 0);
    enum cli_exit result = CLI_FAILED;
    if (!path) {
        cli_output_name(cli_arguments_input(arguments, 0), ".pcapng", &name);
        path = text_get(&name);
    }
    if (cli_session_open(&session, arguments, path, true, &error)) {
        result = cli_session_say_error(&session, &error);
    } else {
        result = run(&session, &error);
    }
    cli_session_close(&session);
    text_done(&name);
    return result;
}
