/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "etw/platform/failures.h"
#include "etw/platform/platform.h"
#include "etw/platform/posix/error_text.h"

struct platform_file {
    int descriptor;
    uint64_t size;
};

static enum etw_status check_kind(const char *path, const struct stat *status,
                                  struct etw_error *error)
{
    if (S_ISREG(status->st_mode)) {
        return ETW_OK;
    }
    return S_ISDIR(status->st_mode) ? fail_directory(path, error) : fail_no_file(path, error);
}

enum etw_status platform_file_open(const char *path, struct platform_file **out,
                                   struct etw_error *error)
{
    enum etw_status result = ETW_OK;
    struct platform_file *file = NULL;
    struct stat status;
    /* O_NONBLOCK: opening a FIFO must not wait for its writer. */
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0 || fstat(descriptor, &status) != 0) {
        result = fail_open_input(path, error_text(errno, (char[ERROR_TEXT_SIZE]){0}), error);
        goto done;
    }
    result = check_kind(path, &status, error);
    if (result) {
        goto done;
    }
    file = malloc(sizeof(*file));
    if (!file) {
        result = etw_fail_memory(error, "an open file");
        goto done;
    }
    file->descriptor = descriptor;
    file->size = (uint64_t)status.st_size;
    *out = file;
    descriptor = -1;

done:
    if (descriptor >= 0) {
        (void)close(descriptor);
    }
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
        ssize_t count =
            pread(file->descriptor, (char *)to + done, size - done, (off_t)(offset + done));
        if (count == 0) {
            break;
        }
        if (count < 0) {
            if (errno == EINTR) {
                continue;
            }
            return fail_read(offset + done, error_text(errno, (char[ERROR_TEXT_SIZE]){0}), error);
        }
        done += (size_t)count;
    }
    *got = done;
    return ETW_OK;
}

void platform_file_close(struct platform_file *file)
{
    if (file) {
        (void)close(file->descriptor);
        free(file);
    }
}
