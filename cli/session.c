/* SPDX-License-Identifier: MIT */
#include "cli/session.h"

#include <string.h>

#include "cli/option_parser.h"
#include "cli/output.h"
#include "pcapout/output_file.h"

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

enum etw_status cli_session_open(struct cli_session *session, const struct cli_arguments *arguments,
                                 const char *output_path, bool is_binary, struct etw_error *error)
{
    *session = (struct cli_session){.arguments = arguments,
                                    .input = cli_arguments_input(arguments),
                                    .output_path = output_path};
    cli_progress_start(&session->progress, "reading the trace");
    const struct etw_options options = {.progress = cli_progress_update,
                                        .progress_context = &session->progress};
    if (strcmp(session->input, "-") == 0) {
        return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                        "a trace is read more than once, so it cannot come from standard input "
                        "(-); save it to a file first");
    }
    enum etw_status status = etw_trace_open(session->input, &options, &session->trace, error);
    if (!status) {
        status = add_manifests(session, error);
    }
    if (!status && output_path) {
        status = cli_output_open(arguments, output_path, is_binary, &session->output, error);
    }
    if (!status) {
        status = cli_reading_init(&session->reading, session->trace, error);
        session->has_reading = !status;
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
    const char *input = session->manifest ? session->manifest : session->input;
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
