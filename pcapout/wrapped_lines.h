/* SPDX-License-Identifier: MIT */
/*
 * wrapped_lines.h - lines of prose that end where the terminal does.
 */
#ifndef PCAPOUT_WRAPPED_LINES_H
#define PCAPOUT_WRAPPED_LINES_H

#include "etw/base/text.h"

/* Breaks the last line of `to`, which begins at byte `start` and is not ended, into lines of
 * fewer than `width` columns, at blanks where there are any; the new ones begin with `indent`
 * blanks. Width 0: nothing is broken. Colours (ESC [ ... m) take no columns. */
void out_wrap_line(struct text *to, size_t start, int width, size_t indent);
/* Takes blanks off the end of the last line of `to`, which begins at byte `start`. */
void out_trim_line(struct text *to, size_t start);

#endif
