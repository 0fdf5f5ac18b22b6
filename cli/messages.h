/* SPDX-License-Identifier: MIT */
/*
 * messages.h - everything that goes to standard error. No other file writes
 * there. Lines are plain text, never coloured; control characters in names that
 * come from outside are replaced, because a terminal would obey them.
 */
#ifndef CLI_MESSAGES_H
#define CLI_MESSAGES_H

#include <stdbool.h>

#include "cli/exit_status.h"
#include "etw/base/error.h"

/* Prints `etwtrail: ` and one sentence or line. */
void cli_say(const char *format, ...) ETW_PRINTF(1, 2);

/* Says why the work stopped. `path` (may be NULL), the file that it is about,
 * goes before a text that does not name it itself. Says nothing about a closed pipe. Returns the
 * exit status. */
enum cli_exit cli_say_error(const char *path, const struct etw_error *error);

/* One line on a terminal that is rewritten while long work goes on. It appears
 * only after a second and only when standard error is a terminal. */
struct cli_progress {
    const char *what; /* "counting", "writing" */
    double started;   /* platform_seconds() */
    double shown;     /* when the line was written last; 0: never */
    int percent;      /* as shown last */
};

void cli_progress_start(struct cli_progress *progress, const char *what);
/* Has the type of etw_options.progress; `context` is a struct cli_progress. */
void cli_progress_update(void *context, double share);
/* Clears the line. cli_say() does it too, so that no line is written into it. */
void cli_progress_clear(void);

#endif
