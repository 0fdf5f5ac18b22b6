/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>
#include <windows.h>

/* Behind the header that it needs. */
#include <psapi.h>

#include "etw/platform/platform.h"
#include "etw/platform/windows/console.h"
#include "etw/platform/windows/wide_text.h"

/* Large enough for every message; the program flushes after each. */
#define MESSAGE_BUFFER 4096

/* ---- the command line ---- */

static bool is_blank(wchar_t character)
{
    return character == L' ' || character == L'\t';
}

static const wchar_t *skip_blanks(const wchar_t *at)
{
    while (is_blank(*at)) {
        at++;
    }
    return at;
}

/* The program's own name has no escapes: quotes only keep blanks in it. */
static const wchar_t *take_program(const wchar_t *at, wchar_t *to)
{
    bool is_quoted = false;
    for (; *at && (is_quoted || !is_blank(*at)); at++) {
        if (*at == L'"') {
            is_quoted = !is_quoted;
        } else {
            *to++ = *at;
        }
    }
    *to = L'\0';
    return at;
}

/* The rules of Microsoft's C runtime: of backslashes before a quote, and only there, each two
 * are one; one more makes the quote a character; "" within quotes is a quote.
 * [documented: "Parsing C command-line arguments"] */
static const wchar_t *take_word(const wchar_t *at, wchar_t *to)
{
    bool is_quoted = false;
    while (*at && (is_quoted || !is_blank(*at))) {
        size_t slashes = wcsspn(at, L"\\");
        bool is_quote = at[slashes] == L'"';
        for (size_t i = is_quote ? slashes / 2 : slashes; i > 0; i--) {
            *to++ = L'\\';
        }
        at += slashes;
        if (is_quote && slashes % 2 == 0 && is_quoted && at[1] == L'"') {
            *to++ = L'"';
            at += 2;
        } else if (is_quote && slashes % 2 == 0) {
            is_quoted = !is_quoted;
            at++;
        } else if (is_quote || slashes == 0) {
            *to++ = *at++;
        }
    }
    *to = L'\0';
    return at;
}

/* `line` as words in UTF-8. They live as long as the program. NULL: no memory. */
static char **words_of(const wchar_t *line, int *count)
{
    size_t size = wcslen(line);
    wchar_t *word = malloc((size + 1) * sizeof(*word));
    /* Each word but the last has a blank behind it. */
    char **words = calloc(size / 2 + 3, sizeof(*words));
    int taken = 0;
    bool is_good = word && words;
    const wchar_t *at = is_good ? take_program(line, word) : L"";
    while (is_good) {
        words[taken] = utf8_of(word);
        is_good = words[taken++] != NULL;
        at = skip_blanks(at);
        if (*at == L'\0') {
            break;
        }
        at = take_word(at, word);
    }
    free(word);
    if (!is_good) {
        free((void *)words);
        return NULL;
    }
    *count = taken;
    return words;
}

void platform_prepare(int *argc, char ***argv)
{
    int count = 0;
    char **words = words_of(GetCommandLineW(), &count);
    if (words) {
        *argc = count;
        *argv = words;
    }
    (void)_setmode(_fileno(stdin), _O_BINARY);
    (void)_setmode(_fileno(stdout), _O_BINARY);
    (void)_setmode(_fileno(stderr), _O_BINARY);
    /* Without a buffer each byte of a message would be a write of its own. */
    (void)setvbuf(stderr, NULL, _IOFBF, MESSAGE_BUFFER);
    /* No window that asks for a disk in a drive. */
    (void)SetErrorMode(SEM_FAILCRITICALERRORS);
    console_prepare();
}

/* ---- time and memory ---- */

double platform_seconds(void)
{
    LARGE_INTEGER frequency, now;
    (void)QueryPerformanceFrequency(&frequency);
    (void)QueryPerformanceCounter(&now);
    return (double)now.QuadPart / (double)frequency.QuadPart;
}

uint64_t platform_peak_memory(void)
{
    PROCESS_MEMORY_COUNTERS counters = {.cb = sizeof(counters)};
    if (!K32GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof(counters))) {
        return 0;
    }
    return counters.PeakWorkingSetSize;
}
