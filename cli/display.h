/* SPDX-License-Identifier: MIT */
/*
 * display.h - values as people like to read them.
 */
#ifndef CLI_DISPLAY_H
#define CLI_DISPLAY_H

#include <stddef.h>
#include <stdint.h>

struct text;

#define DISPLAY_COUNT_SIZE 32
/* 168298 as 168,298. Returns `out`. */
const char *display_count(uint64_t count, char out[DISPLAY_COUNT_SIZE]);
/* "1 packet", "2,000 packets". */
void display_add_count(struct text *out, uint64_t count, const char *singular, const char *plural);

/* A text from outside without anything that a terminal takes as a command. */
void display_add_safe(struct text *out, const char *value);
/* The same in place. */
void display_make_safe(char *value);

/* Words broken into lines of at most `width` columns; lines after the first begin
 * with `indent` blanks, and `column` is where the first one begins. Ends the line. */
void display_add_wrapped(struct text *out, const char *words, size_t column, size_t indent,
                         size_t width);

/* Ticks of 100 ns as "1.500 s", "2 min 3.5 s", "1 h 2 min 3 s". */
void display_add_duration(struct text *out, int64_t duration_100ns);
/* A short one as "15.6 ms" or "0.1 us". */
void display_add_step(struct text *out, int64_t duration_100ns);

#endif
