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

/* The image that the trace gives for a pid; NULL: it gives none. */
static const char *find_image(const struct scenario *scenario, const char *pid)
{
    for (size_t i = 0; i < scenario->text.line_count; i++) {
        const struct scenario_line *line = &scenario->text.lines[i];
        const char *found = scenario_find(&scenario->text, line, "pid");
        if (found && scenario_is_played(scenario, line) && strcmp(found, pid) == 0) {
            return scenario_find(&scenario->text, line, "image");
        }
    }
    return NULL;
}

static void print_owner(const struct scenario *scenario, const struct scenario_line *line, FILE *to)
{
    const char *owner = scenario_find(&scenario->text, line, "owner");
    bool has_owner = owner && strcmp(owner, "none") != 0;
    fprintf(to, ", \"pid\": %s", has_owner ? owner : "null");
    print_member(to, "process", has_owner ? find_image(scenario, owner) : NULL);
    print_member(to, "reason", scenario_find(&scenario->text, line, "why"));
}

static bool is_packet(const struct scenario *scenario, const struct scenario_line *line)
{
    const char *kind = scenario_words(&scenario->text, line)[0].name;
    return line->is_event && (strcmp(kind, "in") == 0 || strcmp(kind, "out") == 0);
}

static void print_packet(const struct scenario *scenario, const struct scenario_line *line,
                         unsigned number, FILE *to)
{
    const struct scenario_word *words = scenario_words(&scenario->text, line);
    bool is_udp = strcmp(words[4].name, "udp") == 0;
    fprintf(to, "%s\n    {\"number\": %u, \"time\": \"", number > 1 ? "," : "", number);
    scenario_print_time(
        to, etl_time_of_ticks(&scenario->options, scene_ticks(&scenario->scene, line->at)));
    fputc('"', to);
    print_member(to, "direction", words[0].name);
    print_member(to, "source", words[1].name);
    print_member(to, "destination", words[3].name);
    print_member(to, "flags", is_udp ? NULL : words[5].name);
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

bool scenario_print_truth(const struct scenario *scenario, FILE *to)
{
    unsigned packets = 0, connections = 0;
    fputs("{\"title\": ", to);
    print_text(to, scenario->title);
    fputs(",\n  \"packets\": [", to);
    for (size_t i = 0; i < scenario->text.line_count; i++) {
        const struct scenario_line *line = &scenario->text.lines[i];
        if (is_packet(scenario, line)) {
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
    return fputs("]}\n", to) >= 0 && !ferror(to);
}
