/* SPDX-License-Identifier: MIT */
#include "cli/messages.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/display.h"
#include "etw/platform/platform.h"

#define MESSAGE_SIZE (ETW_ERROR_TEXT_SIZE + 512)

/* Seconds before the first progress line, and between two of them. */
#define PROGRESS_DELAY    1.0
#define PROGRESS_INTERVAL 0.2

static bool progress_is_shown;

static void put_line(const char *text)
{
    cli_progress_clear();
    /* Nothing can be done when standard error itself is gone. */
    (void)fprintf(stderr, "etwtrail: %s\n", text);
    (void)fflush(stderr);
}

void cli_say(const char *format, ...)
{
    char text[MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    display_make_safe(text);
    put_line(text);
}

enum cli_exit cli_say_error(const char *path, const struct etw_error *error)
{
    if (error->status == ETW_ERR_CLOSED) {
        cli_progress_clear();
        return CLI_DONE;
    }
    bool names_path = !path || strstr(error->text, path) != NULL;
    const char *before = names_path ? "" : path;
    const char *colon = names_path ? "" : ": ";
    /* An offset of 0 means the file as a whole. */
    if (error->offset == ETW_NO_OFFSET || error->offset == 0 || strstr(error->text, "offset")) {
        cli_say("%s%s%s", before, colon, error->text);
    } else {
        cli_say("%s%s%s (at offset %llu)", before, colon, error->text,
                (unsigned long long)error->offset);
    }
    return CLI_FAILED;
}

void cli_progress_start(struct cli_progress *progress, const char *what)
{
    *progress = (struct cli_progress){.what = what, .started = platform_seconds(), .percent = -1};
}

void cli_progress_update(void *context, double share)
{
    struct cli_progress *progress = context;
    double now = platform_seconds();
    if (now - progress->started < PROGRESS_DELAY || now - progress->shown < PROGRESS_INTERVAL ||
        !platform_is_terminal(PLATFORM_STDERR)) {
        return;
    }
    int percent = share <= 0 ? 0 : share >= 1 ? 100 : (int)(share * 100);
    progress->shown = now;
    if (percent == progress->percent) {
        return;
    }
    progress->percent = percent;
    progress_is_shown = true;
    (void)fprintf(stderr, "\r%s %3d %%", progress->what, percent);
    (void)fflush(stderr);
}

void cli_progress_clear(void)
{
    if (progress_is_shown) {
        progress_is_shown = false;
        /* Wider than any progress line. */
        (void)fprintf(stderr, "\r%40s\r", "");
        (void)fflush(stderr);
    }
}
