/* SPDX-License-Identifier: MIT */
/*
 * session.h - what every verb holds open while it works: the trace, of one file or
 * several, what the index pass learned, and the output.
 */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <stdbool.h>

#include "cli/messages.h"
#include "cli/reading.h"
#include "etw/base/text.h"

struct cli_arguments;
struct out_file;

struct cli_session {
    const struct cli_arguments *arguments; /* borrowed */
    const char *input;                     /* path of the first file named, borrowed */
    size_t file_count;
    struct text name;        /* of the trace: names of its files, in their order, without folders;
                         of many not all */
    const char *output_path; /* borrowed; NULL: the verb opens its own */
    const char *manifest;    /* the one being read, borrowed; else NULL */
    struct etw_trace *trace;
    struct cli_reading reading;
    bool has_reading;
    struct out_file *output;
    struct cli_progress progress;
};

/* Opens the files of the trace, then the output (so that an output that cannot be written is
 * noticed before the work; with NULL the verb sees to it), then indexes the trace. Ended with
 * cli_session_close() in every case; `session` must not move in between. */
enum etw_status cli_session_open(struct cli_session *session, const struct cli_arguments *arguments,
                                 const char *output_path, bool is_binary, struct etw_error *error);
/* The output gets its final name. */
enum etw_status cli_session_commit(struct cli_session *session, struct etw_error *error);
/* Says what stopped the work, with the name of the file that it is about. */
enum cli_exit cli_session_say_error(const struct cli_session *session,
                                    const struct etw_error *error);
/* Removes an output that was not committed. */
void cli_session_close(struct cli_session *session);

/* Opens a session whose output is -o or standard output, lets `run` do the verb's work
 * in it, and closes it; what cannot be opened has been said. */
typedef enum cli_exit cli_session_work(struct cli_session *session, struct etw_error *error);
enum cli_exit cli_session_run(const struct cli_arguments *arguments, cli_session_work *run);

#endif
