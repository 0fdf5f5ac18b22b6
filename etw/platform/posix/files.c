/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
    if (S_ISDIR(status->st_mode)) {
        return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                        "%s is a directory; name the .etl file in it", path);
    }
    return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                    "%s is a pipe or device; a trace is read more than once, so save it to a "
                    "file first",
                    path);
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
        result = etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET, "%s cannot be opened: %s", path,
                          error_text(errno, (char[ERROR_TEXT_SIZE]){0}));
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
            return etw_fail(error, ETW_ERR_INPUT, offset + done, "the file cannot be read: %s",
                            error_text(errno, (char[ERROR_TEXT_SIZE]){0}));
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
