/* SPDX-License-Identifier: MIT */
/*
 * escape.h - names out of a trace are data, whatever they hold: each output gets
 * them in a form that it cannot mistake for its own syntax, and that is valid
 * UTF-8. Input is UTF-8 in which lone surrogates may stand (WTF-8).
 */
#ifndef PCAPOUT_ESCAPE_H
#define PCAPOUT_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "etw/base/text.h"

#define OUT_UTF8_INVALID  UINT32_MAX
#define OUT_COMMENT_VALUE 255

/* The next code point, or OUT_UTF8_INVALID for one byte that is none. Lone
 * surrogates are given as they are. `*at` must be before `end`. */
uint32_t out_utf8_next(const char **at, const char *end);

/* True for what a reader cannot see or what changes how other text looks:
 * controls, bidirectional marks, zero-width and line-breaking characters. */
bool out_is_hidden(uint32_t code_point);

/* The inside of a JSON string: hidden characters and lone surrogates as \uXXXX,
 * invalid bytes as U+FFFD. */
void out_escape_json(struct text *to, const char *value);
/* Bytes at the front of `value` that need no escape; most values have no others. */
size_t out_json_plain_size(const char *value);
/* JSON that stands in `to` from `start` on, made fit for an element of HTML: no `<`, `>` or
 * `&` is left, and so nothing in it can end the element. Their places are strings only. */
void out_escape_json_in_html(struct text *to, size_t start);
/* A field of CSV (RFC 4180), in quotes where it needs them. */
void out_escape_csv(struct text *to, const char *value);
/* A value in a packet comment: as it is, or a JSON string when it is empty or
 * holds a blank, a quote, `=`, or anything that is hidden or invalid. */
void out_escape_comment(struct text *to, const char *value);
/* The key, which has its blank and "=", and such a value, cut at OUT_COMMENT_VALUE bytes. */
void out_add_comment_value(struct text *to, const char *key, const char *value);
/* For terminals: hidden characters as \x1b or \u{202e}, in at most `columns`
 * columns, the last one "~" when something is left out (SIZE_MAX: nothing is).
 * Returns the columns used. */
size_t out_escape_terminal(struct text *to, const char *value, size_t columns);
/* For names in pcapng: hidden and invalid characters become U+FFFD; at most
 * `maximum` bytes, cut between characters. Line feeds stay when `keep_lines`. */
void out_clean_utf8(struct text *to, const char *value, size_t maximum, bool keep_lines);
/* Copies what fits with its NUL into `size` bytes, cut between characters. */
void out_copy_cut(char *to, size_t size, const char *value);

#endif
