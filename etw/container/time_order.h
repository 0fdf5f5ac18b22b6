/* SPDX-License-Identifier: MIT */
/*
 * time_order.h - the records of all buffers in one time order, also those of
 * several files; ties in file order, equal times of two files in order of the files.
 *
 * Every buffer is a sorted run. Buffers are opened in order of their first times
 * and merged while they are open, whatever wrote them: one CPU each, a relogger,
 * a circular file that wrapped, a private logger.
 */
#ifndef ETW_CONTAINER_TIME_ORDER_H
#define ETW_CONTAINER_TIME_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "etw/base/error.h"
#include "etw/container/buffer_index.h"
#include "etw/container/byte_source.h"
#include "etw/record.h"

struct time_order;

struct time_order_options {
    uint64_t memory; /* bytes of open buffers kept whole; beyond it piece by piece */
    bool use_thread; /* read ahead on a thread of its own */
};

/* `sources` are the files of the trace, one or as many as places in `index` number; both are
 * borrowed for the life of the object. */
enum etw_status time_order_new(const struct byte_source *sources, const struct buffer_index *index,
                               const struct time_order_options *options, struct time_order **out,
                               struct etw_error *error);
/* ETW_OK: the next record, borrowed until the next call, its time not yet set. */
enum etw_status time_order_next(struct time_order *order, struct etw_record **record,
                                struct etw_error *error);
/* How far the reading has come, 0 to 1. */
double time_order_share(const struct time_order *order);
void time_order_free(struct time_order *order);

#endif
