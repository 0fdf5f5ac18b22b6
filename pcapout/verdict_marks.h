/* SPDX-License-Identifier: MIT */
/*
 * verdict_marks.h - what is judged of sockets, at the packets where it shows: the
 * comment of such a packet ends with " verdict=connect-timeout", or " note=zero-window"
 * for what went wrong besides the end.
 *
 * Memory: 16 bytes per judgement that names a packet.
 */
#ifndef PCAPOUT_VERDICT_MARKS_H
#define PCAPOUT_VERDICT_MARKS_H

#include "correlate/judge.h"
#include "etw/base/text.h"

struct out_verdict_marks;

/* `judge` is finished and not needed afterwards. */
enum etw_status out_verdict_marks_new(const struct corr_ledger *ledger,
                                      const struct corr_judge *judge,
                                      struct out_verdict_marks **out, struct etw_error *error);
void out_verdict_marks_free(struct out_verdict_marks *marks); /* NULL is allowed */

/* Appends the marks of a packet; false: it has none. Frames are asked for in rising order; the
 * same one again gives the same. */
bool out_verdict_marks_add(struct out_verdict_marks *marks, uint64_t frame, struct text *to);

#endif
