/* SPDX-License-Identifier: MIT */
/*
 * byte_source.h - where the bytes of a trace come from: a file or memory.
 * Reading is safe from several threads at once.
 */
#ifndef ETW_CONTAINER_BYTE_SOURCE_H
#define ETW_CONTAINER_BYTE_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "etw/base/error.h"

struct platform_file;

struct byte_source {
    struct platform_file *file; /* owned; NULL: memory */
    const uint8_t *memory;      /* borrowed */
    uint64_t size;
    const char *name; /* borrowed; goes before errors; NULL: the only file, which needs no name */
};

enum etw_status byte_source_open(struct byte_source *source, const char *path,
                                 struct etw_error *error);
void byte_source_open_memory(struct byte_source *source, const void *data, size_t size);
/* Fewer bytes than asked for only at the end. */
enum etw_status byte_source_read(const struct byte_source *source, uint64_t offset, void *to,
                                 size_t size, size_t *got, struct etw_error *error);
void byte_source_close(struct byte_source *source);

#endif
