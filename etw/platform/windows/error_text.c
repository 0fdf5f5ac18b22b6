/* SPDX-License-Identifier: MIT */
#include "etw/platform/windows/error_text.h"

#include <stddef.h>
#include <stdio.h>
#include <windows.h>

/* MinGW's headers lack it. [documented: "System Error Codes"] */
#define DISK_QUOTA_EXCEEDED 1295u

enum cause { OTHER, MISSING, EXISTING, CLOSED_PIPE };

/* The words are those of POSIX systems for the same cause; where they know none such, our own.
 * To add a code: a row. */
static const struct {
    uint32_t code;
    enum cause cause;
    const char *text;
} rows[] = {
    {ERROR_FILE_NOT_FOUND, MISSING, "No such file or directory"},
    {ERROR_PATH_NOT_FOUND, MISSING, "No such file or directory"},
    {ERROR_INVALID_DRIVE, MISSING, "No such file or directory"},
    {ERROR_BAD_NETPATH, MISSING, "No such file or directory"},
    {ERROR_BAD_NET_NAME, MISSING, "No such file or directory"},
    {ERROR_INVALID_NAME, MISSING, "No such file or directory"},
    {ERROR_BAD_PATHNAME, MISSING, "No such file or directory"},
    {ERROR_FILE_EXISTS, EXISTING, "File exists"},
    {ERROR_ALREADY_EXISTS, EXISTING, "File exists"},
    {ERROR_BROKEN_PIPE, CLOSED_PIPE, "Broken pipe"},
    {ERROR_NO_DATA, CLOSED_PIPE, "Broken pipe"},
    {ERROR_PIPE_NOT_CONNECTED, CLOSED_PIPE, "Broken pipe"},
    {ERROR_ACCESS_DENIED, OTHER, "Permission denied"},
    {ERROR_NETWORK_ACCESS_DENIED, OTHER, "Permission denied"},
    {ERROR_PRIVILEGE_NOT_HELD, OTHER, "Permission denied"},
    {ERROR_SHARING_VIOLATION, OTHER, "another program has it open"},
    {ERROR_LOCK_VIOLATION, OTHER, "another program has locked it"},
    {ERROR_USER_MAPPED_FILE, OTHER, "another program has it open"},
    {ERROR_DELETE_PENDING, OTHER, "it is being deleted"},
    {ERROR_DISK_FULL, OTHER, "No space left on device"},
    {ERROR_HANDLE_DISK_FULL, OTHER, "No space left on device"},
    {DISK_QUOTA_EXCEEDED, OTHER, "Disk quota exceeded"},
    {ERROR_FILE_TOO_LARGE, OTHER, "File too large"},
    {ERROR_WRITE_PROTECT, OTHER, "Read-only file system"},
    {ERROR_DIRECTORY, OTHER, "Not a directory"},
    {ERROR_FILENAME_EXCED_RANGE, OTHER, "File name too long"},
    {ERROR_BUFFER_OVERFLOW, OTHER, "File name too long"},
    {ERROR_TOO_MANY_OPEN_FILES, OTHER, "Too many open files"},
    {ERROR_NOT_ENOUGH_MEMORY, OTHER, "Cannot allocate memory"},
    {ERROR_OUTOFMEMORY, OTHER, "Cannot allocate memory"},
    {ERROR_INVALID_HANDLE, OTHER, "Bad file descriptor"},
    {ERROR_INVALID_PARAMETER, OTHER, "Invalid argument"},
    {ERROR_NOT_SUPPORTED, OTHER, "Operation not supported"},
    {ERROR_NOT_READY, OTHER, "No medium found"},
    {ERROR_CANT_RESOLVE_FILENAME, OTHER, "Too many levels of symbolic links"},
    {ERROR_CRC, OTHER, "Input/output error"},
    {ERROR_GEN_FAILURE, OTHER, "Input/output error"},
    {ERROR_IO_DEVICE, OTHER, "Input/output error"},
    {ERROR_FILE_CORRUPT, OTHER, "Input/output error"},
    {ERROR_DISK_CORRUPT, OTHER, "Input/output error"},
    {ERROR_READ_FAULT, OTHER, "Input/output error"},
    {ERROR_WRITE_FAULT, OTHER, "Input/output error"},
    {ERROR_UNEXP_NET_ERR, OTHER, "Input/output error"},
    {ERROR_NETNAME_DELETED, OTHER, "Network dropped connection on reset"},
    {ERROR_SEM_TIMEOUT, OTHER, "Connection timed out"},
};

static size_t find(uint32_t code)
{
    size_t i = 0;
    while (i < sizeof(rows) / sizeof(rows[0]) && rows[i].code != code) {
        i++;
    }
    return i;
}

static enum cause cause_of(uint32_t code)
{
    size_t i = find(code);
    return i < sizeof(rows) / sizeof(rows[0]) ? rows[i].cause : OTHER;
}

const char *error_text(uint32_t code, char text[ERROR_TEXT_SIZE])
{
    size_t i = find(code);
    if (i < sizeof(rows) / sizeof(rows[0])) {
        return rows[i].text;
    }
    (void)snprintf(text, ERROR_TEXT_SIZE, "Windows error %lu", (unsigned long)code);
    return text;
}

bool error_is_missing(uint32_t code)
{
    return cause_of(code) == MISSING;
}

bool error_is_existing(uint32_t code)
{
    return cause_of(code) == EXISTING;
}

bool error_is_closed_pipe(uint32_t code)
{
    return cause_of(code) == CLOSED_PIPE;
}
