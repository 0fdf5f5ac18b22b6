/* SPDX-License-Identifier: MIT */
/*
 * row_options.h - how rows are to look, from the command line and the output.
 */
#ifndef CLI_ROW_OPTIONS_H
#define CLI_ROW_OPTIONS_H

#include "pcapout/rows.h"

struct cli_session;

/* `trace_json` is borrowed. The ledger is that of the session's reading. */
void cli_row_options(const struct cli_session *session, const char *trace_json,
                     struct out_rows_options *out);

#endif
