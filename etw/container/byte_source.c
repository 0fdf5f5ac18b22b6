/* SPDX-License-Identifier: MIT */
#include "etw/container/byte_source.h"

#include <string.h>

#include "etw/platform/platform.h"

enum etw_status byte_source_open(struct byte_source *source, const char *path,
                                 struct etw_error *error)
{
    struct platform_file *file = NULL;
    enum etw_status status = platform_file_open(path, &file, error);
    if (status) {
        return status;
    }
    *source = (struct byte_source){.file = file, .size = platform_file_size(file)};
    return ETW_OK;
}

void byte_source_open_memory(struct byte_source *source, const void *data, size_t size)
{
    *source = (struct byte_source){.memory = data, .size = size};
}

enum etw_status byte_source_read(const struct byte_source *source, uint64_t offset, void *to,
                                 size_t size, size_t *got, struct etw_error *error)
{
    uint64_t left = offset < source->size ? source->size - offset : 0;
    size_t wanted = size < left ? size : (size_t)left;
    if (source->file) {
        enum etw_status status = platform_file_read(source->file, offset, to, wanted, got, error);
        return status ? etw_fail_about(error, source->name, status) : ETW_OK;
    }
    if (wanted > 0) {
        memcpy(to, source->memory + offset, wanted);
    }
    *got = wanted;
    return ETW_OK;
}

void byte_source_close(struct byte_source *source)
{
    platform_file_close(source->file);
    *source = (struct byte_source){0};
}
