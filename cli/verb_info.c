/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cli/info.h"
#include "cli/losses.h"
#include "cli/messages.h"
#include "cli/option_parser.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/verbs.h"
#include "pcapout/output_file.h"
#include "pcapout/rows.h"

/* Narrower or wider lines than these are hard to read. */
#define WIDTH_DEFAULT 80
#define WIDTH_MINIMUM 40
#define WIDTH_MAXIMUM 120

static size_t line_width(const char *path)
{
    int width = cli_text_width(path);
    if (width == 0) {
        width = WIDTH_DEFAULT;
    }
    width = width < WIDTH_MINIMUM ? WIDTH_MINIMUM : width > WIDTH_MAXIMUM ? WIDTH_MAXIMUM : width;
    return (size_t)width;
}

static enum etw_status write_info(const struct cli_session *session, const struct cli_info *info,
                                  struct etw_error *error)
{
    const struct cli_arguments *arguments = session->arguments;
    const struct cli_info_style style = {
        .use_colour = cli_use_colour(session->output_path),
        .use_local_time = cli_arguments_has(arguments, CLI_OPTION_LOCAL),
        .is_verbose = cli_arguments_has(arguments, CLI_OPTION_VERBOSE),
        .width = line_width(session->output_path),
    };
    struct text text = {.maximum = 0};
    if (cli_arguments_choice(arguments, CLI_OPTION_FORMAT, OUT_TEXT) == OUT_JSON) {
        cli_info_add_json(info, &text);
    } else {
        cli_info_add_text(info, &style, &text);
    }
    enum etw_status status = text.failed
                                 ? etw_fail_memory(error, "the description of the trace")
                                 : out_file_write(session->output, text.data, text.size, error);
    text_done(&text);
    return status;
}

static enum cli_exit run(struct cli_session *session, struct etw_error *error)
{
    struct cli_info info;
    enum etw_status status =
        cli_info_init(&info, &session->reading, text_get(&session->name), error);
    if (!status) {
        status = write_info(session, &info, error);
    }
    if (!status) {
        status = cli_session_commit(session, error);
    }
    cli_info_done(&info);
    return status ? cli_session_say_error(session, error) : cli_exit_of(session->trace);
}

enum cli_exit cli_verb_info(const struct cli_arguments *arguments)
{
    return cli_session_run(arguments, run);
}
