/* SPDX-License-Identifier: MIT */
/*
 * scenario_text.h - reads the text of a scenario into lines of words.
 *
 *     # a comment
 *     include other.txt                     the lines of that file stand here
 *     windows 6.1.7601                      a line about the trace: a key word and more words
 *     0.4121000 c1 2704.3012 in ... seq=5   an event: seconds, CPU, process and thread id, words
 *
 * A word is NAME=VALUE or stands alone. Values with blanks stand in "..." or '...', without
 * escapes. A ~ before a value or a time says that it was invented; it changes nothing.
 */
#ifndef SAMPLES_WRITER_SCENARIO_TEXT_H
#define SAMPLES_WRITER_SCENARIO_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct scenario_word {
    const char *name;  /* or the whole word */
    const char *value; /* NULL: the word stands alone */
};

struct scenario_line {
    const char *file;
    unsigned number;
    bool is_event;
    bool is_lost; /* not written */
    int64_t at;   /* 100 ns since the start */
    uint16_t cpu;
    uint32_t process_id, thread_id;
    size_t first_word, word_count;
};

struct scenario_text {
    struct scenario_line *lines; /* owned */
    size_t line_count, line_capacity;
    struct scenario_word *words; /* owned */
    size_t word_count, word_capacity;
    char *files[8], *names[8]; /* owned */
    size_t file_count;
    char problem[256]; /* FILE:LINE: what is wrong */
};

bool scenario_text_read(struct scenario_text *text, const char *path);
void scenario_text_done(struct scenario_text *text);

const struct scenario_word *scenario_words(const struct scenario_text *text,
                                           const struct scenario_line *line);
/* Value of a word of the line; NULL: there is none. */
const char *scenario_find(const struct scenario_text *text, const struct scenario_line *line,
                          const char *name);
/* A word that stands alone. */
bool scenario_has(const struct scenario_text *text, const struct scenario_line *line,
                  const char *word);
/* Notes what is wrong with a line. Always false. */
bool scenario_complain(struct scenario_text *text, const struct scenario_line *line,
                       const char *what, const char *word);

/* Digits and the character behind them ('\0': the end); moves `text` behind both. */
bool scenario_take_number(const char **text, char separator, unsigned *number);
/* 1.5 or -3 as a count of 100 ns. */
bool scenario_parse_seconds(const char *text, int64_t *ticks);
/* 2013-01-08T09:07:04.5Z as FILETIME and back; printing gives seven digits. */
bool scenario_parse_time(const char *text, int64_t *time);
void scenario_print_time(FILE *to, int64_t time);

#endif
