/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "etw/platform/platform.h"

static int descriptor_of(enum platform_stream stream)
{
    return stream == PLATFORM_STDOUT ? STDOUT_FILENO : STDERR_FILENO;
}

bool platform_is_terminal(enum platform_stream stream)
{
    return isatty(descriptor_of(stream)) == 1;
}

bool platform_shows_colours(enum platform_stream stream)
{
    return platform_is_terminal(stream);
}

int platform_terminal_width(enum platform_stream stream)
{
    struct winsize size;
    if (ioctl(descriptor_of(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        return size.ws_col;
    }
    const char *columns = getenv("COLUMNS");
    long width = columns ? strtol(columns, NULL, 10) : 0;
    return width > 0 && width < 10000 ? (int)width : 0;
}

void platform_prepare(int *argc, char ***argv)
{
    (void)argc; /* already UTF-8 bytes, whatever the locale */
    (void)argv;
    (void)signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error of write() */
}

bool platform_expand(const char *word, platform_name_function *found, void *context)
{
    return found(context, word); /* the shell has done it */
}

double platform_seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

uint64_t platform_peak_memory(void)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0) {
        return 0;
    }
    return (uint64_t)usage.ru_maxrss * 1024; /* Linux states KiB */
}
