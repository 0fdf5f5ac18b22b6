/* SPDX-License-Identifier: MIT */
/*
 * read_ahead.h - buffers read and unpacked on a thread of their own, a few ahead
 * of the one who needs them, handed over in order.
 */
#ifndef ETW_CONTAINER_READ_AHEAD_H
#define ETW_CONTAINER_READ_AHEAD_H

#include <stdbool.h>

#include "etw/base/error.h"
#include "etw/container/buffer_image.h"

/* Fills the next image, reusing its memory. ETW_END: there is no next. */
typedef enum etw_status read_ahead_function(void *context, struct buffer_image *image,
                                            struct etw_error *error);

struct read_ahead;

#define READ_AHEAD_MAXIMUM 16u

/* `depth` images are made ahead (1 to READ_AHEAD_MAXIMUM). Without a thread, or
 * when none can be had, images are made when they are taken. */
enum etw_status read_ahead_start(read_ahead_function *produce, void *context, unsigned depth,
                                 bool use_thread, struct read_ahead **out, struct etw_error *error);

/* Exchanges the caller's image, whose memory will be reused, for the next one. */
enum etw_status read_ahead_take(struct read_ahead *ahead, struct buffer_image *image,
                                struct etw_error *error);

/* Ends the thread, also in the middle; NULL is allowed. */
void read_ahead_stop(struct read_ahead *ahead);

#endif
