/* SPDX-License-Identifier: MIT */
/*
 * trace_copies.h - whether files that were named together hold the same events. Inside
 * etw only.
 */
#ifndef ETW_TRACE_COPIES_H
#define ETW_TRACE_COPIES_H

#include "etw/base/error.h"
#include "etw/container/buffer_index.h"
#include "etw/trace_files.h"

/* ETW_ERR_INPUT when two files have a buffer in common, or when the events of one stand in another,
 * too: a copy, a part of one, or a merged trace beside what it was made of. `index` is finished.
 * What cannot be told at little cost is not refused. */
enum etw_status trace_copies_refuse(const struct trace_files *files,
                                    const struct buffer_index *index, struct etw_error *error);

#endif
