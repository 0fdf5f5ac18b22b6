/* SPDX-License-Identifier: MIT */
#include "etw/platform/windows/console.h"

#include <stdlib.h>
#include <windows.h>

#include "etw/platform/platform.h"

#ifndef ENABLE_VIRTUAL_TERMINAL_PROCESSING
#define ENABLE_VIRTUAL_TERMINAL_PROCESSING 0x0004
#endif

/* What was there before; written once by console_prepare(). */
static struct {
    HANDLE handle;
    DWORD mode;
    bool is_changed;
} streams[2];
static UINT code_page; /* 0: left alone */

static HANDLE handle_of(enum platform_stream stream)
{
    return GetStdHandle(stream == PLATFORM_STDOUT ? STD_OUTPUT_HANDLE : STD_ERROR_HANDLE);
}

bool console_is(void *handle)
{
    DWORD mode;
    return GetFileType(handle) == FILE_TYPE_CHAR && GetConsoleMode(handle, &mode) != 0;
}

static void restore(void)
{
    for (size_t i = 2; i-- > 0;) {
        if (streams[i].is_changed) {
            (void)SetConsoleMode(streams[i].handle, streams[i].mode);
        }
    }
    if (code_page != 0) {
        (void)SetConsoleOutputCP(code_page);
    }
}

/* Ctrl-C, a closed window, the end of the session: runs in a thread of its own, and the
 * program ends behind it. Unfinished files are Windows' to remove (output.c). */
static BOOL WINAPI restore_and_end(DWORD event)
{
    (void)event;
    restore();
    return FALSE;
}

void console_prepare(void)
{
    bool is_any = false;
    for (size_t i = 0; i < 2; i++) {
        HANDLE handle = handle_of((enum platform_stream)i);
        streams[i].handle = handle;
        if (!console_is(handle) || !GetConsoleMode(handle, &streams[i].mode)) {
            continue;
        }
        is_any = true;
        streams[i].is_changed = SetConsoleMode(handle, streams[i].mode | ENABLE_PROCESSED_OUTPUT |
                                                           ENABLE_VIRTUAL_TERMINAL_PROCESSING) != 0;
    }
    if (!is_any) {
        return;
    }
    UINT before = GetConsoleOutputCP();
    if (before != CP_UTF8 && SetConsoleOutputCP(CP_UTF8)) {
        code_page = before;
    }
    (void)atexit(restore);
    (void)SetConsoleCtrlHandler(restore_and_end, TRUE);
}

bool platform_is_terminal(enum platform_stream stream)
{
    return console_is(handle_of(stream));
}

bool platform_shows_colours(enum platform_stream stream)
{
    /* Before Windows 10 a console prints the sequences instead of following them. */
    return streams[stream].is_changed;
}

int platform_terminal_width(enum platform_stream stream)
{
    CONSOLE_SCREEN_BUFFER_INFO about;
    if (GetConsoleScreenBufferInfo(handle_of(stream), &about)) {
        int width = about.srWindow.Right - about.srWindow.Left + 1;
        if (width > 0) {
            return width;
        }
    }
    const char *columns = getenv("COLUMNS");
    long width = columns ? strtol(columns, NULL, 10) : 0;
    return width > 0 && width < 10000 ? (int)width : 0;
}
