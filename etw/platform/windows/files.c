/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <windows.h>

#include "etw/platform/failures.h"
#include "etw/platform/platform.h"
#include "etw/platform/windows/error_text.h"
#include "etw/platform/windows/wide_text.h"

/* Bytes read at once; one call takes a 32-bit size. */
#define READ_MAXIMUM ((size_t)1 << 30)

struct platform_file {
    HANDLE handle;
    uint64_t size;
};

static enum etw_status fail_open(const char *path, DWORD problem, struct etw_error *error)
{
    return fail_open_input(path, error_text(problem, (char[ERROR_TEXT_SIZE]){0}), error);
}

/* Refuses what is no regular file; of one it takes the size. */
static enum etw_status check_kind(const char *path, HANDLE handle, uint64_t *size,
                                  struct etw_error *error)
{
    BY_HANDLE_FILE_INFORMATION about;
    if (GetFileType(handle) != FILE_TYPE_DISK) {
        return fail_no_file(path, error);
    }
    if (!GetFileInformationByHandle(handle, &about)) {
        return fail_open(path, GetLastError(), error);
    }
    if (about.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) {
        return fail_directory(path, error);
    }
    *size = (uint64_t)about.nFileSizeHigh << 32 | about.nFileSizeLow;
    return ETW_OK;
}

/* A trace that is being written, renamed or deleted can be read all the same. Backup
 * semantics: folders open, too, so that they can be told from files. */
static HANDLE open_to_read(const wchar_t *path)
{
    return CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                       NULL, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL | FILE_FLAG_BACKUP_SEMANTICS,
                       NULL);
}

/* A path that ends with a slash and is a file without it: Windows has several words for that. */
static bool is_file_as_folder(const wchar_t *path)
{
    size_t size = wcslen(path);
    wchar_t *file = size > 1 && path[size - 1] == L'\\' ? _wcsdup(path) : NULL;
    if (!file) {
        return false;
    }
    file[size - 1] = L'\0';
    DWORD attributes = GetFileAttributesW(file);
    free(file);
    return attributes != INVALID_FILE_ATTRIBUTES && !(attributes & FILE_ATTRIBUTE_DIRECTORY);
}

enum etw_status platform_file_open(const char *path, struct platform_file **out,
                                   struct etw_error *error)
{
    enum etw_status result = ETW_OK;
    struct platform_file *file = malloc(sizeof(*file));
    wchar_t *wide = wide_path(path);
    HANDLE handle = INVALID_HANDLE_VALUE;
    if (!file || !wide) {
        result = etw_fail_memory(error, "an open file");
        goto done;
    }
    handle = open_to_read(wide);
    if (handle == INVALID_HANDLE_VALUE) {
        DWORD problem = GetLastError();
        result = fail_open(path, is_file_as_folder(wide) ? ERROR_DIRECTORY : problem, error);
        goto done;
    }
    result = check_kind(path, handle, &file->size, error);
    if (result) {
        goto done;
    }
    file->handle = handle;
    *out = file;
    file = NULL;
    handle = INVALID_HANDLE_VALUE;

done:
    if (handle != INVALID_HANDLE_VALUE) {
        (void)CloseHandle(handle);
    }
    free(wide);
    free(file);
    return result;
}

uint64_t platform_file_size(const struct platform_file *file)
{
    return file->size;
}

enum etw_status platform_file_read(const struct platform_file *file, uint64_t offset, void *to,
                                   size_t size, size_t *got, struct etw_error *error)
{
    size_t done = 0;
    while (done < size) {
        size_t left = size - done;
        OVERLAPPED place = {0};
        place.Offset = (DWORD)(offset + done);
        place.OffsetHigh = (DWORD)((offset + done) >> 32);
        DWORD count = 0;
        bool is_read = ReadFile(file->handle, (char *)to + done,
                                (DWORD)(left < READ_MAXIMUM ? left : READ_MAXIMUM), &count, &place);
        DWORD problem = is_read ? 0 : GetLastError();
        if (problem != 0 && problem != ERROR_HANDLE_EOF) {
            return fail_read(offset + done, error_text(problem, (char[ERROR_TEXT_SIZE]){0}), error);
        }
        if (count == 0) {
            break;
        }
        done += count;
    }
    *got = done;
    return ETW_OK;
}

void platform_file_close(struct platform_file *file)
{
    if (file) {
        (void)CloseHandle(file->handle);
        free(file);
    }
}
