/* SPDX-License-Identifier: MIT */
#include "scenario_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_TEXT = 1 << 20, MOST_FILES = 8 };

static bool grow(void **rows, size_t count, size_t *capacity, size_t row_size)
{
    if (count < *capacity) {
        return true;
    }
    size_t wanted = *capacity ? *capacity * 2 : 64;
    void *grown = realloc(*rows, wanted * row_size);
    if (!grown) {
        return false;
    }
    *rows = grown;
    *capacity = wanted;
    return true;
}

bool scenario_complain(struct scenario_text *text, const struct scenario_line *line,
                       const char *what, const char *word)
{
    if (!text->problem[0]) {
        (void)snprintf(text->problem, sizeof(text->problem), "%s:%u: %s%s%s", line->file,
                       line->number, what, word ? ": " : "", word ? word : "");
    }
    return false;
}

/* ---- words ---- */

static bool add_word(struct scenario_text *text, char *name, char *value)
{
    void *words = text->words;
    bool has_room =
        grow(&words, text->word_count, &text->word_capacity, sizeof(struct scenario_word));
    text->words = words;
    if (has_room) {
        text->words[text->word_count++] = (struct scenario_word){name, value};
    }
    return has_room;
}

static char *skip_mark(char *value)
{
    return *value == '~' ? value + 1 : value;
}

/* Ends the word at `at` with a zero and returns what follows it. */
static char *end_word(char *at)
{
    if (*at) {
        *at++ = '\0';
    }
    return at;
}

static char *skip_blanks(char *at)
{
    return at + strspn(at, " \t\r");
}

static bool is_quote(char character)
{
    return character == '"' || character == '\'';
}

/* Cuts the next word off; NULL: something is wrong with it. */
static char *split_word(struct scenario_text *text, const struct scenario_line *line, char *at)
{
    char *name = skip_mark(at), *value = NULL;
    at += strcspn(at, " \t\r=");
    if (*at == '=') {
        *at++ = '\0';
        value = skip_mark(at);
        if (is_quote(*value)) {
            char *end = strchr(value + 1, *value);
            if (!end) {
                (void)scenario_complain(text, line, "a quotation does not end", name);
                return NULL;
            }
            at = end;
            value++;
        } else {
            at += strcspn(at, " \t\r");
        }
    }
    at = end_word(at);
    if (!add_word(text, name, value)) {
        (void)scenario_complain(text, line, "no memory", NULL);
        return NULL;
    }
    return skip_blanks(at);
}

/* ---- the front of an event: seconds, CPU, process and thread ---- */

bool scenario_parse_seconds(const char *text, int64_t *ticks)
{
    bool is_negative = *text == '-';
    const char *digits = text + (is_negative ? 1 : 0);
    char *end = NULL;
    if (*digits < '0' || *digits > '9') {
        return false;
    }
    int64_t value = strtoll(digits, &end, 10) * 10000000;
    if (*end == '.') {
        int64_t unit = 1000000;
        for (end++; *end >= '0' && *end <= '9' && unit; end++, unit /= 10) {
            value += (*end - '0') * unit;
        }
    }
    *ticks = is_negative ? -value : value;
    return *end == '\0';
}

static bool parse_front(struct scenario_text *text, struct scenario_line *line)
{
    struct scenario_word *words = text->words + line->first_word;
    if (line->word_count < 4 || !scenario_parse_seconds(words[0].name, &line->at) ||
        words[1].name[0] != 'c') {
        return scenario_complain(text, line, "an event begins with seconds, CPU, process.thread",
                                 NULL);
    }
    char *end = NULL;
    line->cpu = (uint16_t)strtoul(words[1].name + 1, &end, 10);
    line->process_id = (uint32_t)strtoul(words[2].name, &end, 10);
    if (*end != '.') {
        return scenario_complain(text, line, "process.thread is missing", words[2].name);
    }
    const char *thread = end + 1;
    line->thread_id = (uint32_t)strtoul(*thread == '~' ? thread + 1 : thread, &end, 10);
    line->first_word += 3;
    line->word_count -= 3;
    line->is_event = true;
    return *end == '\0' || scenario_complain(text, line, "not a thread id", thread);
}

/* ---- lines and files ---- */

static bool add_line(struct scenario_text *text, const struct scenario_line *line)
{
    void *lines = text->lines;
    bool has_room =
        grow(&lines, text->line_count, &text->line_capacity, sizeof(struct scenario_line));
    text->lines = lines;
    if (has_room) {
        text->lines[text->line_count++] = *line;
    }
    return has_room || scenario_complain(text, line, "no memory", NULL);
}

static bool read_file(struct scenario_text *text, const char *path);

/* The path is that of the including file with the name replaced. */
static bool include(struct scenario_text *text, const struct scenario_line *line)
{
    const char *name = text->words[line->first_word + 1].name;
    const char *slash = strrchr(line->file, '/');
    size_t folder = slash ? (size_t)(slash - line->file) + 1 : 0;
    size_t size = folder + strlen(name) + 1;
    char *path = malloc(size);
    if (!path) {
        return scenario_complain(text, line, "no memory", NULL);
    }
    (void)snprintf(path, size, "%.*s%s", (int)folder, line->file, name);
    bool is_good = read_file(text, path);
    free(path);
    return is_good || scenario_complain(text, line, "cannot be included", name);
}

static bool split_line(struct scenario_text *text, const char *file, unsigned number, char *at)
{
    struct scenario_line line = {.file = file, .number = number, .first_word = text->word_count};
    bool is_event = (*at >= '0' && *at <= '9') || *at == '~';
    while (*at && *at != '#') {
        at = split_word(text, &line, at);
        if (!at) {
            return false;
        }
    }
    line.word_count = text->word_count - line.first_word;
    if (line.word_count == 0) {
        return true;
    }
    if (is_event && !parse_front(text, &line)) {
        return false;
    }
    if (line.word_count == 2 && strcmp(text->words[line.first_word].name, "include") == 0) {
        return include(text, &line);
    }
    return add_line(text, &line);
}

static char *load(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *bytes = file ? malloc(LARGEST_TEXT) : NULL;
    if (bytes) {
        bytes[fread(bytes, 1, LARGEST_TEXT - 1, file)] = '\0';
    }
    if (file) {
        (void)fclose(file);
    }
    return bytes;
}

static bool read_file(struct scenario_text *text, const char *path)
{
    char *bytes = text->file_count < MOST_FILES ? load(path) : NULL;
    size_t size = strlen(path) + 1;
    char *name = bytes ? malloc(size) : NULL;
    if (!name) {
        free(bytes);
        return false;
    }
    memcpy(name, path, size);
    text->names[text->file_count] = name;
    text->files[text->file_count++] = bytes;
    bool is_good = true;
    unsigned number = 0;
    for (char *at = bytes; *at && is_good;) {
        char *next = at + strcspn(at, "\n");
        if (*next) {
            *next++ = '\0';
        }
        is_good = split_line(text, name, ++number, skip_blanks(at));
        at = next;
    }
    return is_good;
}

bool scenario_text_read(struct scenario_text *text, const char *path)
{
    *text = (struct scenario_text){0};
    if (!read_file(text, path)) {
        struct scenario_line line = {.file = path};
        return scenario_complain(text, &line, "cannot be read", NULL);
    }
    return true;
}

void scenario_text_done(struct scenario_text *text)
{
    for (size_t i = 0; i < text->file_count; i++) {
        free(text->files[i]);
        free(text->names[i]);
    }
    free(text->lines);
    free(text->words);
    *text = (struct scenario_text){0};
}

const struct scenario_word *scenario_words(const struct scenario_text *text,
                                           const struct scenario_line *line)
{
    return text->words + line->first_word;
}

const char *scenario_find(const struct scenario_text *text, const struct scenario_line *line,
                          const char *name)
{
    const struct scenario_word *words = scenario_words(text, line);
    for (size_t i = 0; i < line->word_count; i++) {
        if (words[i].value && strcmp(words[i].name, name) == 0) {
            return words[i].value;
        }
    }
    return NULL;
}

bool scenario_has(const struct scenario_text *text, const struct scenario_line *line,
                  const char *word)
{
    const struct scenario_word *words = scenario_words(text, line);
    for (size_t i = 0; i < line->word_count; i++) {
        if (!words[i].value && strcmp(words[i].name, word) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- times ---- */

/* Days from 1601-01-01 to the first of March of a year, whose February then ends it. */
static int64_t days_of_march(int64_t year)
{
    return year * 365 + year / 4 - year / 100 + year / 400 - 584694;
}

/* Days from the first of March to the first of a month, March being 0. */
static int64_t days_of_month(int64_t month)
{
    return (month * 153 + 2) / 5;
}

bool scenario_take_number(const char **text, char separator, unsigned *number)
{
    char *end = NULL;
    unsigned long value = strtoul(*text, &end, 10);
    if (**text < '0' || **text > '9' || *end != separator || value > 0x7FFFFFFF) {
        return false;
    }
    *number = (unsigned)value;
    *text = end + (separator ? 1 : 0);
    return true;
}

bool scenario_parse_time(const char *text, int64_t *time)
{
    static const char separators[] = {'-', '-', 'T', ':', ':'};
    unsigned parts[5] = {0};
    char seconds[16] = "";
    int64_t rest = 0;
    for (size_t i = 0; i < sizeof(separators); i++) {
        if (!scenario_take_number(&text, separators[i], &parts[i])) {
            return false;
        }
    }
    size_t length = strcspn(text, "Z");
    if (length >= sizeof(seconds) || text[length] != 'Z' || text[length + 1]) {
        return false;
    }
    memcpy(seconds, text, length);
    if (!scenario_parse_seconds(seconds, &rest)) {
        return false;
    }
    int64_t year = parts[0], month = parts[1], day = parts[2];
    int64_t shifted = month > 2 ? month - 3 : month + 9;
    int64_t days = days_of_march(month > 2 ? year : year - 1) + days_of_month(shifted) + day - 1;
    *time = ((days * 24 + parts[3]) * 60 + parts[4]) * INT64_C(600000000) + rest;
    return true;
}

void scenario_print_time(FILE *to, int64_t time)
{
    int64_t days = time / INT64_C(864000000000), rest = time % INT64_C(864000000000);
    int64_t year = 1601 + days / 365 + 1, month = 11;
    while (days_of_march(year) > days) {
        year--;
    }
    days -= days_of_march(year);
    while (days_of_month(month) > days) {
        month--;
    }
    fprintf(to,
            "%04" PRId64 "-%02" PRId64 "-%02" PRId64 "T%02" PRId64 ":%02" PRId64 ":%02" PRId64
            ".%07" PRId64 "Z",
            month < 10 ? year : year + 1, month < 10 ? month + 3 : month - 9,
            days - days_of_month(month) + 1, rest / INT64_C(36000000000), rest / 600000000 % 60,
            rest / 10000000 % 60, rest % 10000000);
}
