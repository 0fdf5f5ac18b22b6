/* SPDX-License-Identifier: MIT */
#include "cli/row_options.h"

#include "cli/option_parser.h"
#include "cli/output.h"
#include "cli/session.h"

void cli_row_options(const struct cli_session *session, const char *trace_json,
                     struct out_rows_options *out)
{
    const struct cli_arguments *arguments = session->arguments;
    *out = (struct out_rows_options){
        .format = (enum out_format)cli_arguments_choice(arguments, CLI_OPTION_FORMAT, OUT_TEXT),
        .use_colour = cli_use_colour(session->output_path),
        .width = cli_text_width(session->output_path),
        .use_local_time = cli_arguments_has(arguments, CLI_OPTION_LOCAL),
        .bias_minutes = etw_trace_get_header(session->trace)->bias_minutes,
        .all_appearances = cli_arguments_has(arguments, CLI_OPTION_ALL_APPEARANCES),
        .has_files = session->file_count > 1,
        .ledger = session->reading.ledger,
        .trace_json = trace_json,
    };
}
