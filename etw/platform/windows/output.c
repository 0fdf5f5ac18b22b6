/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "etw/platform/failures.h"
#include "etw/platform/platform.h"
#include "etw/platform/windows/console.h"
#include "etw/platform/windows/error_text.h"
#include "etw/platform/windows/wide_text.h"

/* Bytes of the final name that go into the temporary one, so that the whole stays
 * below the 255 characters of common file systems. */
#define NAME_PART_MAXIMUM 200
#define TEMPORARY_TRIES   100
/* Bytes written at once; one call takes a 32-bit size, and old consoles take little. */
#define WRITE_MAXIMUM   ((size_t)1 << 30)
#define CONSOLE_MAXIMUM ((size_t)8192)
/* A scanner that looks at every new file keeps it open for a moment. */
#define RENAME_TRIES        20
#define RENAME_MILLISECONDS 25

struct platform_output {
    HANDLE handle;
    bool is_standard; /* standard output: not ours to close */
    bool is_console;
    bool vanishes; /* until it is complete, its end is that of the handle */
    bool replace;
    char *path;         /* owned, as the user named it; NULL: standard output */
    wchar_t *final;     /* owned; where it is written, links to files resolved */
    wchar_t *temporary; /* owned; NULL: written directly */
    char split[4];      /* console: the first bytes of a character whose rest is to come */
    size_t split_size;
};

static char *copy_text(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    if (copy) {
        memcpy(copy, text, size);
    }
    return copy;
}

/* ---- what a name stands for ---- */

enum kind { KIND_NOTHING, KIND_FILE, KIND_FOLDER, KIND_SPECIAL, KIND_UNKNOWN };

/* NUL, CON and the like; to open a pipe would already use it up. */
static bool is_device_name(const wchar_t *path)
{
    return wcsncmp(path, L"\\\\.\\", 4) == 0;
}

static enum kind kind_of_open(HANDLE handle, DWORD *problem)
{
    if (GetFileType(handle) != FILE_TYPE_DISK) {
        return KIND_SPECIAL;
    }
    BY_HANDLE_FILE_INFORMATION about;
    if (!GetFileInformationByHandle(handle, &about)) {
        *problem = GetLastError();
        return KIND_UNKNOWN;
    }
    return about.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY ? KIND_FOLDER : KIND_FILE;
}

/* KIND_UNKNOWN: `*problem` says why. */
static enum kind kind_of(const wchar_t *path, DWORD *problem)
{
    if (is_device_name(path)) {
        return KIND_SPECIAL;
    }
    HANDLE handle = CreateFileW(path, FILE_READ_ATTRIBUTES,
                                FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                                OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    if (handle == INVALID_HANDLE_VALUE) {
        *problem = GetLastError();
        return error_is_missing(*problem) ? KIND_NOTHING : KIND_UNKNOWN;
    }
    enum kind kind = kind_of_open(handle, problem);
    (void)CloseHandle(handle);
    return kind;
}

bool platform_is_special(const char *path)
{
    DWORD problem = 0;
    wchar_t *wide = wide_path(path);
    enum kind kind = wide ? kind_of(wide, &problem) : KIND_UNKNOWN;
    free(wide);
    return kind == KIND_FOLDER || kind == KIND_SPECIAL;
}

/* The file that a link leads to is what gets replaced, and the link stays. What cannot be
 * followed is taken as it is. */
static wchar_t *follow_link(wchar_t *path)
{
    DWORD attributes = GetFileAttributesW(path);
    if (attributes == INVALID_FILE_ATTRIBUTES || !(attributes & FILE_ATTRIBUTE_REPARSE_POINT)) {
        return path;
    }
    HANDLE handle = CreateFileW(path, FILE_READ_ATTRIBUTES,
                                FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                                OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    if (handle == INVALID_HANDLE_VALUE) {
        return path;
    }
    DWORD size = GetFinalPathNameByHandleW(handle, NULL, 0, 0);
    wchar_t *target = size > 0 ? malloc((size_t)size * sizeof(*target)) : NULL;
    DWORD got = target ? GetFinalPathNameByHandleW(handle, target, size, 0) : 0;
    (void)CloseHandle(handle);
    if (got == 0 || got >= size) {
        free(target);
        return path;
    }
    free(path);
    return target;
}

/* ---- opening ---- */

static enum etw_status fail_creating(const char *path, DWORD problem, struct etw_error *error)
{
    char text[ERROR_TEXT_SIZE] = {0};
    if (problem == ERROR_NOT_ENOUGH_MEMORY) {
        return fail_output_memory(error);
    }
    return fail_create(path, error_is_missing(problem) ? NULL : error_text(problem, text), error);
}

static size_t folder_size(const wchar_t *path)
{
    const wchar_t *slash = wcsrchr(path, L'\\');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* FOLDER\.NAME.part-PID, with a number behind it from the second try on. */
static wchar_t *temporary_name(const wchar_t *path, int attempt)
{
    size_t folder = folder_size(path);
    size_t name = wcslen(path + folder);
    if (name > NAME_PART_MAXIMUM) {
        name = NAME_PART_MAXIMUM;
    }
    char end[64];
    (void)snprintf(end, sizeof(end), attempt == 0 ? ".part-%lu" : ".part-%lu-%d",
                   (unsigned long)GetCurrentProcessId(), attempt);
    size_t end_size = strlen(end) + 1;
    wchar_t *temporary = malloc((folder + 1 + name + end_size) * sizeof(*temporary));
    if (!temporary) {
        return NULL;
    }
    memcpy(temporary, path, folder * sizeof(*temporary));
    temporary[folder] = L'.';
    memcpy(temporary + folder + 1, path + folder, name * sizeof(*temporary));
    for (size_t i = 0; i < end_size; i++) {
        temporary[folder + 1 + name + i] = (wchar_t)(unsigned char)end[i];
    }
    return temporary;
}

/* Whether Windows removes the file when its handle is closed, however this process ends. */
static bool set_vanishing(HANDLE handle, bool vanishes)
{
    FILE_DISPOSITION_INFO disposition = {.DeleteFile = vanishes};
    return SetFileInformationByHandle(handle, FileDispositionInfo, &disposition,
                                      sizeof(disposition)) != 0;
}

/* Returns 0 or an error number of Windows. */
static DWORD create_temporary(struct platform_output *output)
{
    DWORD problem = ERROR_FILE_EXISTS;
    for (int i = 0; error_is_existing(problem) && i < TEMPORARY_TRIES; i++) {
        wchar_t *temporary = temporary_name(output->final, i);
        if (!temporary) {
            return ERROR_NOT_ENOUGH_MEMORY;
        }
        output->handle = CreateFileW(temporary, GENERIC_WRITE | DELETE, FILE_SHARE_DELETE, NULL,
                                     CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
        if (output->handle != INVALID_HANDLE_VALUE) {
            output->temporary = temporary;
            output->vanishes = set_vanishing(output->handle, true);
            return 0;
        }
        problem = GetLastError();
        free(temporary);
    }
    return problem;
}

static enum etw_status open_file(struct platform_output *output, struct etw_error *error)
{
    output->final = follow_link(output->final);
    const char *path = output->path;
    size_t size = strlen(path);
    if (size == 0 || path[size - 1] == '/' || path[size - 1] == '\\') {
        return fail_no_name(path, error);
    }
    DWORD problem = create_temporary(output);
    return problem ? fail_creating(path, problem, error) : ETW_OK;
}

static enum etw_status open_direct(bool is_binary, struct platform_output *output,
                                   struct etw_error *error)
{
    output->handle = CreateFileW(output->final, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                 NULL, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
    if (output->handle == INVALID_HANDLE_VALUE) {
        return fail_open_output(output->path,
                                error_text(GetLastError(), (char[ERROR_TEXT_SIZE]){0}), error);
    }
    output->is_console = console_is(output->handle);
    return is_binary && output->is_console ? fail_terminal(error) : ETW_OK;
}

static enum etw_status open_path(const char *path, bool is_binary, struct platform_output *output,
                                 struct etw_error *error)
{
    output->path = copy_text(path);
    output->final = output->path ? wide_path(path) : NULL;
    if (!output->final) {
        return fail_output_memory(error);
    }
    DWORD problem = 0;
    switch (kind_of(output->final, &problem)) {
    case KIND_FOLDER:
        return fail_folder(path, error);
    case KIND_SPECIAL:
        return open_direct(is_binary, output, error);
    case KIND_FILE:
        return output->replace ? open_file(output, error) : fail_exists(path, error);
    case KIND_UNKNOWN:
        return fail_creating(path, problem, error);
    case KIND_NOTHING:
        break;
    }
    return open_file(output, error);
}

static enum etw_status open_standard(bool is_binary, struct platform_output *output,
                                     struct etw_error *error)
{
    output->handle = GetStdHandle(STD_OUTPUT_HANDLE);
    output->is_standard = true;
    output->is_console = console_is(output->handle);
    return is_binary && output->is_console ? fail_terminal(error) : ETW_OK;
}

enum etw_status platform_output_open(const char *path, bool replace, bool is_binary,
                                     struct platform_output **out, struct etw_error *error)
{
    struct platform_output *output = malloc(sizeof(*output));
    if (!output) {
        return etw_fail_memory(error, "the output");
    }
    *output = (struct platform_output){.handle = INVALID_HANDLE_VALUE, .replace = replace};
    enum etw_status result = strcmp(path, "-") == 0 ? open_standard(is_binary, output, error)
                                                    : open_path(path, is_binary, output, error);
    if (result) {
        platform_output_abort(output);
        return result;
    }
    *out = output;
    return ETW_OK;
}

/* ---- writing and the end ---- */

static enum etw_status fail_writing(const struct platform_output *output, DWORD problem,
                                    struct etw_error *error)
{
    char text[ERROR_TEXT_SIZE] = {0};
    return fail_write(output->path,
                      error_is_closed_pipe(problem) ? NULL : error_text(problem, text), error);
}

static enum etw_status write_all(struct platform_output *output, const char *from, size_t size,
                                 struct etw_error *error)
{
    while (size > 0) {
        DWORD count = 0;
        if (!WriteFile(output->handle, from, (DWORD)(size < WRITE_MAXIMUM ? size : WRITE_MAXIMUM),
                       &count, NULL)) {
            return fail_writing(output, GetLastError(), error);
        }
        if (count == 0) {
            Sleep(1); /* a full pipe that its owner made non-blocking */
        }
        from += count;
        size -= count;
    }
    return ETW_OK;
}

/* Of a character of UTF-8, by its first byte. */
static size_t character_size(unsigned char first)
{
    if (first < 0xC0) {
        return 1;
    }
    return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/* Bytes of the text up to a character that it holds only a part of. */
static size_t whole_characters(const char *text, size_t size)
{
    size_t start = size;
    while (start > 0 && size - start < 3 && ((unsigned char)text[start - 1] & 0xC0) == 0x80) {
        start--;
    }
    if (start == 0) {
        return size;
    }
    start--;
    return size - start < character_size((unsigned char)text[start]) ? start : size;
}

/* In pieces that a console takes, and never a part of a character, which it would garble. */
static enum etw_status write_console(struct platform_output *output, const char *from, size_t size,
                                     struct etw_error *error)
{
    enum etw_status status = ETW_OK;
    while (!status && size > 0) {
        char piece[CONSOLE_MAXIMUM];
        size_t before = output->split_size;
        size_t room = sizeof(piece) - before;
        size_t taken = size < room ? size : room;
        memcpy(piece, output->split, before);
        memcpy(piece + before, from, taken);
        from += taken;
        size -= taken;
        size_t whole = whole_characters(piece, before + taken);
        output->split_size = before + taken - whole;
        memcpy(output->split, piece + whole, output->split_size);
        status = write_all(output, piece, whole, error);
    }
    return status;
}

enum etw_status platform_output_write(struct platform_output *output, const void *data, size_t size,
                                      struct etw_error *error)
{
    return output->is_console ? write_console(output, data, size, error)
                              : write_all(output, data, size, error);
}

/* Gives the finished file its name. Without permission to replace, a file that
 * appeared meanwhile wins. */
static enum etw_status publish(struct platform_output *output, struct etw_error *error)
{
    DWORD flags = output->replace ? MOVEFILE_REPLACE_EXISTING : 0;
    DWORD problem = 0;
    for (int i = 0; i < RENAME_TRIES; i++) {
        problem = MoveFileExW(output->temporary, output->final, flags) ? 0 : GetLastError();
        if (problem != ERROR_ACCESS_DENIED && problem != ERROR_SHARING_VIOLATION) {
            break;
        }
        Sleep(RENAME_MILLISECONDS);
    }
    if (!output->replace && error_is_existing(problem)) {
        return fail_exists(output->path, error);
    }
    return problem ? fail_creating(output->path, problem, error) : ETW_OK;
}

static void free_output(struct platform_output *output)
{
    free(output->temporary);
    free(output->final);
    free(output->path);
    free(output);
}

enum etw_status platform_output_commit(struct platform_output *output, struct etw_error *error)
{
    enum etw_status result = write_all(output, output->split, output->split_size, error);
    if (!result && output->vanishes && !set_vanishing(output->handle, false)) {
        result = fail_writing(output, GetLastError(), error);
    }
    if (!result && !output->is_standard) {
        HANDLE handle = output->handle;
        output->handle = INVALID_HANDLE_VALUE;
        if (!CloseHandle(handle)) {
            result = fail_writing(output, GetLastError(), error);
        }
    }
    if (!result && output->temporary) {
        result = publish(output, error);
    }
    if (result) {
        platform_output_abort(output);
    } else {
        free_output(output);
    }
    return result;
}

void platform_output_abort(struct platform_output *output)
{
    if (!output) {
        return;
    }
    if (output->handle != INVALID_HANDLE_VALUE && !output->is_standard) {
        (void)CloseHandle(output->handle);
    }
    if (output->temporary) {
        (void)DeleteFileW(output->temporary);
    }
    free_output(output);
}
