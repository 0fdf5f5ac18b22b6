/* SPDX-License-Identifier: MIT */
#include "cli/session.h"

#include <stdlib.h>
#include <string.h>

#include "cli/option_parser.h"
#include "cli/output.h"
#include "pcapout/output_file.h"

/* Of a long series not all are said. */
#define FILES_SAID 8u

static enum etw_status add_manifests(struct cli_session *session, struct etw_error *error)
{
    enum etw_status status = ETW_OK;
    const char *path = NULL;
    for (size_t n = 0;
         !status && (path = cli_arguments_value(session->arguments, CLI_OPTION_MANIFEST, n)); n++) {
        session->manifest = path;
        status = etw_trace_add_manifest(session->trace, path, error);
    }
    session->manifest = status ? session->manifest : NULL;
    return status;
}

/* ---- the files ---- */

static enum etw_status open_files(struct cli_session *session, struct etw_error *error)
{
    const struct etw_options options = {.progress = cli_progress_update,
                                        .progress_context = &session->progress};
    const char *path = NULL;
    while ((path = cli_arguments_input(session->arguments, session->file_count))) {
        if (strcmp(path, "-") == 0) {
            return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                            "a trace is read more than once, so it cannot come from standard input "
                            "(-); save it to a file first");
        }
        session->file_count++;
    }
    struct etw_input *inputs = calloc(session->file_count, sizeof(*inputs));
    if (!inputs) {
        return etw_fail_memory(error, "the names of the files");
    }
    for (size_t n = 0; n < session->file_count; n++) {
        inputs[n].path = cli_arguments_input(session->arguments, n);
    }
    enum etw_status status =
        etw_trace_open_inputs(inputs, session->file_count, &options, &session->trace, error);
    free(inputs);
    return status;
}

static void name_trace(struct cli_session *session)
{
    const struct etw_trace_file *files = NULL;
    size_t count = etw_trace_get_files(session->trace, &files);
    for (size_t i = 0; i < count && i < FILES_SAID; i++) {
        text_add(&session->name, i > 0 ? ", " : "");
        text_add(&session->name, cli_base_name(files[i].path));
    }
    if (count > FILES_SAID) {
        text_add_format(&session->name, " and %zu more", count - FILES_SAID);
    }
}

/* Rows and messages number the files, so that people are told which is which. */
static void say_files(const struct cli_session *session)
{
    struct text line = {.maximum = 1536};
    const struct etw_trace_file *files = NULL;
    size_t count = etw_trace_get_files(session->trace, &files);
    for (size_t i = 0; i < count; i++) {
        bool is_shown = i < FILES_SAID || i + 1 == count;
        if (is_shown) {
            text_add_format(&line, "%s%zu is %s", i > 0 ? ", " : "", i + 1,
                            cli_base_name(files[i].path));
        } else if (i == FILES_SAID) {
            text_add(&line, " ...");
        }
    }
    if (count > 1) {
        cli_say("%zu files are read as one trace: %s", count, text_get(&line));
    }
    text_done(&line);
}

enum etw_status cli_session_open(struct cli_session *session, const struct cli_arguments *arguments,
                                 const char *output_path, bool is_binary, struct etw_error *error)
{
    *session = (struct cli_session){.arguments = arguments,
                                    .input = cli_arguments_input(arguments, 0),
                                    .output_path = output_path};
    cli_progress_start(&session->progress, "reading the trace");
    enum etw_status status = open_files(session, error);
    if (!status) {
        name_trace(session);
        status = add_manifests(session, error);
    }
    if (!status && output_path) {
        status = cli_output_open(arguments, output_path, is_binary, &session->output, error);
    }
    if (!status) {
        status = cli_reading_init(&session->reading, session->trace, error);
        session->has_reading = !status;
    }
    if (!status) {
        say_files(session);
    }
    return status;
}

enum etw_status cli_session_commit(struct cli_session *session, struct etw_error *error)
{
    struct out_file *output = session->output;
    session->output = NULL;
    return out_file_commit(output, error);
}

enum cli_exit cli_session_say_error(const struct cli_session *session,
                                    const struct etw_error *error)
{
    bool is_input = error->status == ETW_ERR_INPUT || error->status == ETW_ERR_NOT_ETL ||
                    error->status == ETW_ERR_UNSUPPORTED;
    bool is_output = error->status == ETW_ERR_OUTPUT || error->status == ETW_ERR_EXISTS;
    bool is_stdout = session->output_path && strcmp(session->output_path, "-") == 0;
    const char *output = is_stdout ? NULL : session->output_path;
    /* Errors about one of several files name it. */
    const char *trace = session->file_count > 1 ? NULL : session->input;
    const char *input = session->manifest ? session->manifest : trace;
    return cli_say_error(is_input ? input : is_output ? output : NULL, error);
}

void cli_session_close(struct cli_session *session)
{
    cli_progress_clear();
    out_file_abort(session->output);
    if (session->has_reading) {
        cli_reading_done(&session->reading);
    }
    etw_trace_close(session->trace);
    text_done(&session->name);
}

enum cli_exit cli_session_run(const struct cli_arguments *arguments, cli_session_work *run)
{
    struct cli_session session;
    struct etw_error error = {.status = ETW_OK};
    const char *path = cli_arguments_value(arguments, CLI_OPTION_OUTPUT, 0);
    enum cli_exit result = CLI_FAILED;
    if (cli_session_open(&session, arguments, path ? path : "-", false, &error)) {
        result = cli_session_say_error(&session, &error);
    } else {
        result = run(&session, &error);
    }
    cli_session_close(&session);
    return result;
}
