/* SPDX-License-Identifier: MIT */
#include "world.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_CPUS = 64, MOST_PROCESSES = 20000, MOST_CONNECTIONS = 10000000 };

struct world_options world_options_default(void)
{
    return (struct world_options){.packets = 100000,
                                  .seed = 1,
                                  .connections = 2000,
                                  .processes = 200,
                                  .cpus = 8,
                                  .windows = WORLD_WIN10,
                                  .sources = WORLD_TCPIP | WORLD_AFD | WORLD_PROCESS,
                                  .ipv6_percent = 20};
}

static bool parse_number(const char *text, uint64_t least, uint64_t most, uint64_t *number)
{
    char *end = NULL;
    if (*text < '0' || *text > '9') {
        return false;
    }
    *number = strtoull(text, &end, 10);
    return *end == '\0' && *number >= least && *number <= most;
}

static bool set_packets(struct world_options *options, const char *text)
{
    return parse_number(text, 1, UINT32_MAX, &options->packets);
}

static bool set_seed(struct world_options *options, const char *text)
{
    return parse_number(text, 0, UINT64_MAX, &options->seed);
}

static bool set_connections(struct world_options *options, const char *text)
{
    uint64_t number = 0;
    bool is_good = parse_number(text, 1, MOST_CONNECTIONS, &number);
    options->connections = (unsigned)number;
    return is_good;
}

static bool set_processes(struct world_options *options, const char *text)
{
    uint64_t number = 0;
    bool is_good = parse_number(text, 1, MOST_PROCESSES, &number);
    options->processes = (unsigned)number;
    return is_good;
}

static bool set_cpus(struct world_options *options, const char *text)
{
    uint64_t number = 0;
    bool is_good = parse_number(text, 1, MOST_CPUS, &number);
    options->cpus = (uint16_t)number;
    return is_good;
}

/* Place of the text among the names, up to its end or a comma; `count`: none of them. */
static size_t find_name(const char *const *names, size_t count, const char *text, size_t length)
{
    size_t i = 0;
    while (i < count && (strlen(names[i]) != length || memcmp(names[i], text, length) != 0)) {
        i++;
    }
    return i;
}

static bool set_windows(struct world_options *options, const char *text)
{
    static const char *const names[] = {"win7-32", "win7", "win10", "win11"};
    enum { COUNT = sizeof(names) / sizeof(names[0]) };
    size_t found = find_name(names, COUNT, text, strlen(text));
    options->windows = (enum world_windows)found;
    return found < COUNT;
}

static bool set_events(struct world_options *options, const char *text)
{
    static const char *const names[] = {"tcpip",   "afd",     "kernel-network",
                                        "process", "rundown", "kernel"};
    enum { COUNT = sizeof(names) / sizeof(names[0]) };
    options->sources = 0;
    while (*text) {
        size_t length = strcspn(text, ",");
        size_t found = find_name(names, COUNT, text, length);
        if (found == COUNT && !(length == 4 && memcmp(text, "none", 4) == 0)) {
            return false;
        }
        options->sources |= found < COUNT ? 1u << found : 0;
        text += length + (text[length] == ',');
    }
    return true;
}

static bool set_flavour(struct world_options *options, const char *text)
{
    options->has_timers = strcmp(text, "timers") == 0;
    return options->has_timers || strcmp(text, "data") == 0;
}

/* Percent with up to two decimals. */
static bool set_lose(struct world_options *options, const char *text)
{
    char *end = NULL;
    double percent = strtod(text, &end);
    if (end == text || *end || !(percent >= 0 && percent <= 100)) {
        return false;
    }
    options->lost_per_10000 = (unsigned)(percent * 100 + 0.5);
    return true;
}

static bool set_ipv6(struct world_options *options, const char *text)
{
    uint64_t number = 0;
    bool is_good = parse_number(text, 0, 100, &number);
    options->ipv6_percent = (unsigned)number;
    return is_good;
}

static const struct {
    const char *name;
    bool (*set)(struct world_options *options, const char *text);
} rows[] = {{"--packets", set_packets}, {"--connections", set_connections},
            {"--seed", set_seed},       {"--processes", set_processes},
            {"--cpus", set_cpus},       {"--windows", set_windows},
            {"--events", set_events},   {"--flavour", set_flavour},
            {"--lose", set_lose},       {"--ipv6", set_ipv6}};

static bool set_row(struct world_options *options, const char *name, const char *text)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return rows[i].set(options, text);
        }
    }
    return false;
}

bool world_options_parse(struct world_options *options, int count, char **arguments,
                         const char **truth)
{
    *options = world_options_default();
    *truth = NULL;
    for (int i = 0; i < count; i++) {
        if (strcmp(arguments[i], "--compressed") == 0) {
            options->is_compressed = true;
            continue;
        }
        if (i + 1 == count) {
            return false;
        }
        if (strcmp(arguments[i], "--truth") == 0) {
            *truth = arguments[i + 1];
        } else if (!set_row(options, arguments[i], arguments[i + 1])) {
            return false;
        }
        i++;
    }
    return *truth != NULL;
}
