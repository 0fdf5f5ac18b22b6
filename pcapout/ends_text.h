/* SPDX-License-Identifier: MIT */
/*
 * ends_text.h - the two ends of a packet or a socket in a column that may be too narrow.
 */
#ifndef PCAPOUT_ENDS_TEXT_H
#define PCAPOUT_ENDS_TEXT_H

#include <stddef.h>

#include "etw/base/text.h"

/* `end` (ASCII) in at most `room` columns, at least 1. What is too long is cut in the middle, at
 * a "~", since both the network and the port tell ends apart. Returns the columns used. */
size_t out_add_end(struct text *to, const char *end, size_t room);

/* `left`, `arrow` and `right` in at most `room` columns; the shorter end leaves its room to the
 * longer one. Each end gets one column at least. Returns the columns used. */
size_t out_add_ends(struct text *to, const char *left, const char *arrow, const char *right,
                    size_t room);

#endif
