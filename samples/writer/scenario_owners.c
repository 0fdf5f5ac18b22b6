/* SPDX-License-Identifier: MIT */
/*
 * scenario_owners.c - whose a packet or connection of a scenario is: which process had a pid at
 * that time, and whether the words about it are good.
 */
#include "event_payload.h"
#include "scenario.h"

#include <stdlib.h>
#include <string.h>

/* What a line about a process tells. Rows end with one that has no word. */
enum process_news { PROCESS_STARTS, PROCESS_IS_THERE, PROCESS_ENDS };

static const struct {
    const char *kind, *word; /* the first and the second word */
    enum process_news news;
} lines_of_processes[] = {
    {"process", "Start", PROCESS_STARTS},    {"process", "DCStart", PROCESS_IS_THERE},
    {"process", "DCEnd", PROCESS_IS_THERE},  {"process", "End", PROCESS_ENDS},
    {"KERNEL-PROCESS", "1", PROCESS_STARTS}, {"KERNEL-PROCESS", "15", PROCESS_IS_THERE},
    {"KERNEL-PROCESS", "2", PROCESS_ENDS},
};

enum { KINDS_OF_LINES = sizeof(lines_of_processes) / sizeof(lines_of_processes[0]) };

/* False: not a line about a process, or left out. */
static bool get_news(const struct scenario *scenario, const struct scenario_line *line,
                     enum process_news *news)
{
    const char *kind = scenario_argument(scenario, line, 0);
    const char *word = scenario_argument(scenario, line, 1);
    size_t length = strcspn(word, "."); /* of the version */
    for (size_t i = 0; i < KINDS_OF_LINES && scenario_is_played(scenario, line); i++) {
        const char *wanted = lines_of_processes[i].word;
        if (strcmp(lines_of_processes[i].kind, kind) == 0 && strlen(wanted) == length &&
            strncmp(wanted, word, length) == 0) {
            *news = lines_of_processes[i].news;
            return true;
        }
    }
    return false;
}

static const char *find_either(const struct scenario *scenario, const struct scenario_line *line,
                               const char *first, const char *second)
{
    const char *text = scenario_find(&scenario->text, line, first);
    return text ? text : scenario_find(&scenario->text, line, second);
}

const char *scenario_get_image(const struct scenario *scenario, const struct scenario_line *line)
{
    const char *image = find_either(scenario, line, "image", "ImageName");
    const char *slash = image ? strrchr(image, '\\') : NULL;
    return slash ? slash + 1 : image;
}

bool scenario_get_start(const struct scenario *scenario, const struct scenario_line *line,
                        int64_t *start)
{
    enum process_news news = PROCESS_IS_THERE;
    if (!get_news(scenario, line, &news) || news != PROCESS_STARTS) {
        return false;
    }
    const char *created = scenario_find(&scenario->text, line, "CreateTime");
    *start = line->at;
    return !created || *created != '@' || scenario_parse_seconds(created + 1, start);
}

/* Is it about that process? `image` NULL: any. */
static bool is_about(const struct scenario *scenario, const struct scenario_line *line,
                     const char *pid, const char *image)
{
    const char *found = find_either(scenario, line, "pid", "ProcessID");
    const char *name = scenario_get_image(scenario, line);
    return found && strcmp(found, pid) == 0 && (!image || (name && strcmp(name, image) == 0));
}

const struct scenario_line *scenario_find_process(const struct scenario *scenario,
                                                  const struct scenario_line *line)
{
    const struct scenario_line *best = NULL;
    const char *pid = scenario_find(&scenario->text, line, "owner");
    const char *image = scenario_find(&scenario->text, line, "process");
    for (size_t i = 0; pid && i < scenario->text.line_count; i++) {
        const struct scenario_line *row = &scenario->text.lines[i];
        enum process_news news = PROCESS_ENDS;
        if (!get_news(scenario, row, &news) || !is_about(scenario, row, pid, image)) {
            continue;
        }
        bool is_first = !best;
        bool is_newer = row->at <= line->at && news != PROCESS_ENDS;
        best = is_first || is_newer ? row : best;
    }
    return best;
}

/* ---- the words ---- */

static bool is_listed(const char *text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(text, list[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* PID,PID */
static bool are_pids(const char *text)
{
    while (*text >= '0' && *text <= '9') {
        text += strspn(text, "0123456789");
        if (*text == '\0') {
            return true;
        }
        text += *text == ',';
    }
    return false;
}

static bool check_reason(struct scenario *scenario, const struct scenario_line *line,
                         const char *reason)
{
    static const char *const reasons[] = {"no-socket", "no-endpoint", "not-local", "no-events",
                                          "unknown",   "shared",      "ambiguous"};
    const char *candidates = scenario_find(&scenario->text, line, "candidates");
    bool needs_candidates =
        reason && (strcmp(reason, "shared") == 0 || strcmp(reason, "ambiguous") == 0);
    if (!reason || !is_listed(reason, reasons, sizeof(reasons) / sizeof(reasons[0]))) {
        return scenario_complain(&scenario->text, line, "why= is not one of the reasons", reason);
    }
    if ((candidates != NULL) != needs_candidates || (candidates && !are_pids(candidates))) {
        return scenario_complain(&scenario->text, line, "candidates= belongs to shared, ambiguous",
                                 candidates);
    }
    return true;
}

bool scenario_check_owner(struct scenario *scenario, const struct scenario_line *line)
{
    const char *owner = scenario_find(&scenario->text, line, "owner");
    const char *image = scenario_find(&scenario->text, line, "process");
    const char *reason = scenario_find(&scenario->text, line, "why");
    uint64_t pid = 0;
    if (owner && strcmp(owner, "none") == 0) {
        return check_reason(scenario, line, reason);
    }
    if (!owner || reason || !value_number(owner, &pid) || pid == 0) {
        return scenario_complain(&scenario->text, line, "owner= a pid, or none and why=", owner);
    }
    return !image || scenario_find_process(scenario, line) ||
           scenario_complain(&scenario->text, line, "no such process", image);
}
