/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cli/convert_options.h"
#include "cli/display.h"
#include "cli/filter_options.h"
#include "cli/losses.h"
#include "cli/messages.h"
#include "cli/option_parser.h"
#include "cli/output.h"
#include "cli/result.h"
#include "cli/session.h"
#include "cli/split_files.h"
#include "cli/verbs.h"

/* One conversion, to one file or several. */
struct work {
    struct cli_session *session;
    struct cli_convert_options *options;
    struct cli_split_files *split; /* NULL: one file */
};

static void add_target(struct text *line, const struct work *work)
{
    const char *path = work->session->output_path;
    if (!work->split) {
        bool is_stdout = strcmp(path, "-") == 0;
        text_add_format(line, " -> %s", is_stdout ? "standard output" : path);
        return;
    }
    for (size_t i = 0; i < work->split->count; i++) {
        text_add(line, i > 0 ? ", " : " -> ");
        text_add(line, text_get(&work->split->names[i]));
    }
    text_add(line, work->split->count > 0 ? "" : "; no file was written");
}

/* " and 48 of 51 SMB messages" */
static void add_messages(struct text *line, const struct cli_message_counts *messages)
{
    char number[DISPLAY_COUNT_SIZE];
    uint64_t total = messages->written + messages->unmatched;
    text_add(line, " and ");
    if (messages->unmatched > 0) {
        text_add_format(line, "%s of ", display_count(messages->written, number));
    }
    display_add_count(line, total, "SMB message", "SMB messages");
}

/* "108 packets (1,111 sightings) on 3 interfaces -> out.pcapng" */
static void say_summary(const struct work *work, const struct cli_summary *summary)
{
    const struct cli_session *session = work->session;
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
    if (summary->messages.written > 0) {
        add_messages(&line, &summary->messages);
    }
    add_target(&line, work);
    cli_say("%s", text_get(&line));
    text_done(&line);
}

static void say_all(const struct work *work, const struct cli_summary *summary)
{
    const struct cli_session *session = work->session;
    say_summary(work, summary);
    if (summary->has_mixed_links) {
        cli_say("the interfaces have different link types: Wireshark reads that, tcpdump and "
                "other libpcap tools do not; --split makes one file of each");
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
    if (work->options->smb_messages) {
        bool has_packets_alone = cli_arguments_has(session->arguments, CLI_OPTION_FRAME) ||
                                 cli_arguments_has(session->arguments, CLI_OPTION_INTERFACE);
        cli_say_messages(&session->reading, &summary->messages, has_packets_alone);
    }
    cli_say_result(&session->reading, summary->written);
}

static enum etw_status commit(const struct work *work, struct etw_error *error)
{
    return work->split ? cli_split_files_commit(work->split, error)
                       : cli_session_commit(work->session, error);
}

static enum cli_exit convert(const struct work *work, struct etw_error *error)
{
    struct cli_session *session = work->session;
    struct cli_summary summary;
    enum etw_status status =
        cli_convert(&session->reading, work->options, session->output, &summary, error);
    if (!status) {
        status = commit(work, error);
    }
    if (status) {
        return cli_session_say_error(session, error);
    }
    if (cli_filter_needs_owners(work->options->filter)) {
        cli_say_no_owners(&session->reading);
    }
    say_all(work, &summary);
    return cli_exit_of(session->trace);
}

static enum cli_exit run(const struct work *work, struct etw_error *error)
{
    const struct cli_session *session = work->session;
    struct cli_filter filter = {.filter = NULL};
    enum cli_exit result;
    if (cli_filter_init(&filter, session->arguments, session->trace, error)) {
        result = cli_refuse_filter(error);
    } else {
        work->options->file_name = text_get(&session->name);
        work->options->filter = &filter;
        result = convert(work, error);
    }
    cli_filter_done(&filter);
    return result;
}

static enum cli_exit run_to(const char *path, const struct cli_arguments *arguments,
                            const struct cli_convert_options *given, struct etw_error *error)
{
    struct cli_convert_options options = *given;
    struct cli_session session;
    struct cli_split_files split = {.arguments = arguments, .path = path};
    struct work work = {.session = &session, .options = &options};
    enum cli_exit result;
    if (cli_arguments_has(arguments, CLI_OPTION_SPLIT)) {
        work.split = &split;
        options.open = cli_split_files_open;
        options.open_context = &split;
    }
    if (cli_session_open(&session, arguments, work.split ? NULL : path, true, error)) {
        result = cli_session_say_error(&session, error);
    } else {
        result = run(&work, error);
    }
    cli_split_files_done(&split);
    cli_session_close(&session);
    return result;
}

enum cli_exit cli_verb_convert(const struct cli_arguments *arguments)
{
    struct etw_error error = {.status = ETW_OK};
    struct cli_convert_options options;
    struct text name = {.maximum = 0};
    const char *path = cli_arguments_value(arguments, CLI_OPTION_OUTPUT, 0);
    if (cli_convert_options_read(arguments, &options, &error)) {
        cli_say("%s", error.text);
        return CLI_USAGE;
    }
    if (!path) {
        cli_output_name(cli_arguments_input(arguments, 0), ".pcapng", &name);
        path = text_get(&name);
    }
    enum cli_exit result = CLI_FAILED;
    if (cli_arguments_has(arguments, CLI_OPTION_SPLIT) && cli_split_files_check(path, &error)) {
        result = cli_say_error(path, &error);
    } else {
        result = run_to(path, arguments, &options, &error);
    }
    text_done(&name);
    return result;
}
