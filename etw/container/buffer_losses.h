/* SPDX-License-Identifier: MIT */
/*
 * buffer_losses.h - collects struct etw_losses from the headers of all buffers.
 */
#ifndef ETW_CONTAINER_BUFFER_LOSSES_H
#define ETW_CONTAINER_BUFFER_LOSSES_H

#include "etw/container/buffer_index.h"
#include "etw/container/byte_source.h"
#include "etw/container/clock.h"
#include "etw/losses.h"

/* One file of the trace. */
struct buffer_losses_file {
    const struct byte_source *source;
    const struct etw_trace_header *header;
    unsigned number; /* by which places name it */
};

/* What has been read of the trace before. */
struct buffer_losses_input {
    const struct buffer_losses_file *files;
    size_t file_count;
    const struct buffer_index *index; /* finished: the times of the buffers */
    const struct trace_clock *clock;
};

enum etw_status buffer_losses_read(const struct buffer_losses_input *input, struct etw_losses **out,
                                   struct etw_error *error);

#endif
