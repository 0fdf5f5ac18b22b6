/* SPDX-License-Identifier: MIT */
/*
 * scenario_truth.c - the truth of a scenario as JSON: every packet with its owner, every
 * connection with its states and why it ended.
 */
#include "event_payload.h"
#include "scenario.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void print_text(FILE *to, const char *text)
{
    if (!text) {
        fputs("null", to);
        return;
    }
    fputc('"', to);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') {
            fputc('\\', to);
        }
        fputc(*text, to);
    }
    fputc('"', to);
}

static void print_member(FILE *to, const char *name, const char *text)
{
    fprintf(to, ", \"%s\": ", name);
    print_text(to, text);
}

static void print_time(const struct scenario *scenario, int64_t at, FILE *to)
{
    scenario_print_time(to,
                        etl_time_of_ticks(&scenario->options, scene_ticks(&scenario->scene, at)));
}

/* When the process began; a time from the payload is exact, one of a record what its clock has. */
static void print_start(const struct scenario *scenario, const struct scenario_line *line, FILE *to)
{
    int64_t start = 0;
    if (line && scenario_get_start(scenario, line, &start)) {
        fputs(", \"started\": \"", to);
        if (scenario_find(&scenario->text, line, "CreateTime")) {
            scenario_print_time(to, scenario->options.start_time + start);
        } else {
            print_time(scenario, start, to);
        }
        fputc('"', to);
    }
}

static void print_owner(const struct scenario *scenario, const struct scenario_line *line, FILE *to)
{
    const char *owner = scenario_find(&scenario->text, line, "owner");
    const char *candidates = scenario_find(&scenario->text, line, "candidates");
    bool has_owner = owner && strcmp(owner, "none") != 0;
    const struct scenario_line *process = has_owner ? scenario_find_process(scenario, line) : NULL;
    fprintf(to, ", \"pid\": %s", has_owner ? owner : "null");
    print_member(to, "process", process ? scenario_get_image(scenario, process) : NULL);
    print_start(scenario, process, to);
    print_member(to, "reason", scenario_find(&scenario->text, line, "why"));
    if (candidates) {
        fprintf(to, ", \"candidates\": [%s]", candidates);
    }
}

/* Fragments behind the first have no ports. */
static void print_address(FILE *to, const char *name, const char *text, bool has_ports)
{
    size_t length = has_ports ? strlen(text) : strcspn(text, ":");
    fprintf(to, ", \"%s\": \"%.*s\"", name, (int)length, text);
}

static void print_packet(const struct scenario *scenario, const struct scenario_line *line,
                         unsigned number, FILE *to)
{
    const struct scenario_word *words = scenario_words(&scenario->text, line);
    const char *fragment = scenario_find(&scenario->text, line, "fragment");
    bool has_ports = !fragment || strcmp(fragment, "0") == 0;
    fprintf(to, "%s\n    {\"number\": %u, \"time\": \"", number > 1 ? "," : "", number);
    print_time(scenario, line->at, to);
    fputc('"', to);
    print_member(to, "direction", words[0].name);
    print_address(to, "source", words[1].name, has_ports);
    print_address(to, "destination", words[3].name, has_ports);
    if (strcmp(words[4].name, "tcp") == 0) {
        print_member(to, "flags", words[5].name);
    }
    print_owner(scenario, line, to);
    fprintf(to, ", \"header_pid\": %" PRIu32 "}", line->process_id);
}

/* States are joined by > in the text. */
static void print_states(const char *states, FILE *to)
{
    fputs(", \"states\": [", to);
    while (states && *states) {
        size_t length = strcspn(states, ">");
        fprintf(to, "\"%.*s\"", (int)length, states);
        states += length;
        if (*states) {
            fputs(", ", to);
            states++;
        }
    }
    fputc(']', to);
}

static void print_connection(const struct scenario *scenario, const struct scenario_line *line,
                             bool is_first, FILE *to)
{
    fprintf(to, "%s\n    {\"local\": ", is_first ? "" : ",");
    print_text(to, scenario_find(&scenario->text, line, "local"));
    print_member(to, "remote", scenario_find(&scenario->text, line, "remote"));
    print_owner(scenario, line, to);
    print_states(scenario_find(&scenario->text, line, "states"), to);
    print_member(to, "close", scenario_find(&scenario->text, line, "close"));
    fputc('}', to);
}

static bool is_number(const char *text)
{
    return *text && strspn(text, "0123456789") == strlen(text);
}

/* Numbers as numbers, times of the trace (@1.5) as times, all else as text. */
static void print_value(const struct scenario *scenario, const char *text, FILE *to)
{
    int64_t at = 0;
    if (is_number(text)) {
        fputs(text, to);
    } else if (text[0] == '@' && scenario_parse_seconds(text + 1, &at)) {
        fputc('"', to);
        print_time(scenario, at, to);
        fputc('"', to);
    } else {
        print_text(to, text);
    }
}

static void print_story(const struct scenario *scenario, const struct scenario_line *line,
                        bool is_first, FILE *to)
{
    const struct scenario_word *words = scenario_words(&scenario->text, line);
    fputs(is_first ? "\n    {" : ",\n    {", to);
    for (size_t i = 1; i < line->word_count; i++) {
        fprintf(to, "%s\"%s\": ", i > 1 ? ", " : "", words[i].name);
        print_value(scenario, words[i].value ? words[i].value : "", to);
    }
    fputc('}', to);
}

/* Lines of a kind, only of traces that have some. */
static void print_stories(const struct scenario *scenario, const char *kind, FILE *to)
{
    unsigned count = 0;
    for (size_t i = 0; i < scenario->text.line_count; i++) {
        const struct scenario_line *line = &scenario->text.lines[i];
        if (!line->is_event && strcmp(scenario_words(&scenario->text, line)[0].name, kind) == 0) {
            if (count == 0) {
                fprintf(to, ",\n  \"%ss\": [", kind);
            }
            print_story(scenario, line, count++ == 0, to);
        }
    }
    fputs(count > 0 ? "]" : "", to);
}

bool scenario_print_truth(const struct scenario *scenario, FILE *to)
{
    unsigned packets = 0, connections = 0;
    fputs("{\"title\": ", to);
    print_text(to, scenario->title);
    fputs(",\n  \"packets\": [", to);
    for (size_t i = 0; i < scenario->text.line_count; i++) {
        const struct scenario_line *line = &scenario->text.lines[i];
        if (scenario_is_packet(scenario, line)) {
            print_packet(scenario, line, ++packets, to);
        }
    }
    fputs("],\n  \"connections\": [", to);
    for (size_t i = 0; i < scenario->text.line_count; i++) {
        const struct scenario_line *line = &scenario->text.lines[i];
        const char *kind = scenario_words(&scenario->text, line)[0].name;
        if (!line->is_event && strcmp(kind, "connection") == 0) {
            print_connection(scenario, line, connections++ == 0, to);
        }
    }
    fputc(']', to);
    print_stories(scenario, "operation", to);
    print_stories(scenario, "condition", to);
    return fputs("}\n", to) >= 0 && !ferror(to);
}
