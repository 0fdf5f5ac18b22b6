/* SPDX-License-Identifier: MIT */
#include "scenario.h"

#include <stdlib.h>
#include <string.h>

static const char *kind_of(const struct scenario *scenario, const struct scenario_line *line)
{
    return scenario_words(&scenario->text, line)[0].name;
}

bool scenario_is_played(const struct scenario *scenario, const struct scenario_line *line)
{
    return line->is_event && !line->is_lost &&
           !(scenario->without && strcmp(kind_of(scenario, line), scenario->without) == 0);
}

bool scenario_is_packet(const struct scenario *scenario, const struct scenario_line *line)
{
    const char *kind = kind_of(scenario, line);
    return line->is_event && (strcmp(kind, "in") == 0 || strcmp(kind, "out") == 0);
}

const char *scenario_argument(const struct scenario *scenario, const struct scenario_line *line,
                              size_t n)
{
    return n < line->word_count ? scenario_words(&scenario->text, line)[n].name : "";
}

int64_t scenario_number(struct scenario *scenario, const struct scenario_line *line,
                        const char *name, int64_t otherwise)
{
    const char *text = scenario_find(&scenario->text, line, name);
    uint64_t value = 0;
    if (text && !value_number(text, &value)) {
        (void)scenario_complain(&scenario->text, line, "not a number", name);
    }
    return text ? (int64_t)value : otherwise;
}

/* ---- lines about the trace ---- */

static bool set_title(struct scenario *scenario, const struct scenario_line *line)
{
    scenario->title = scenario_find(&scenario->text, line, "title");
    return scenario->title != NULL;
}

static bool set_windows(struct scenario *scenario, const struct scenario_line *line)
{
    unsigned major = 0, minor = 0;
    const char *text = scenario_argument(scenario, line, 1);
    if (!scenario_take_number(&text, '.', &major) || !scenario_take_number(&text, '.', &minor) ||
        !scenario_take_number(&text, '\0', &scenario->build)) {
        return false;
    }
    scenario->options.os_major = (uint8_t)major;
    scenario->options.os_minor = (uint8_t)minor;
    scenario->options.os_build = scenario->build;
    scenario->options.is_windows7 = scenario->build < 9200;
    return true;
}

static bool set_bits(struct scenario *scenario, const struct scenario_line *line)
{
    scenario->pointer_size = (unsigned)strtoul(scenario_argument(scenario, line, 1), NULL, 10) / 8;
    scenario->options.pointer_size = scenario->pointer_size;
    return scenario->pointer_size == 4 || scenario->pointer_size == 8;
}

static bool set_cpus(struct scenario *scenario, const struct scenario_line *line)
{
    scenario->options.cpu_count = (uint16_t)strtoul(scenario_argument(scenario, line, 1), NULL, 10);
    return scenario->options.cpu_count != 0;
}

static bool set_buffer(struct scenario *scenario, const struct scenario_line *line)
{
    scenario->options.buffer_size =
        (uint32_t)strtoul(scenario_argument(scenario, line, 1), NULL, 10);
    return scenario->options.buffer_size >= 1024 && scenario->options.buffer_size % 8 == 0;
}

static bool set_clock(struct scenario *scenario, const struct scenario_line *line)
{
    bool is_system = strcmp(scenario_argument(scenario, line, 1), "system") == 0;
    scenario->options.clock = is_system ? ETL_CLOCK_SYSTEM : ETL_CLOCK_QPC;
    scenario->options.frequency = strtoll(scenario_argument(scenario, line, 2), NULL, 10);
    return is_system || scenario->options.frequency > 0;
}

static bool set_start(struct scenario *scenario, const struct scenario_line *line)
{
    if (!scenario_parse_time(scenario_argument(scenario, line, 1), &scenario->options.start_time)) {
        return false;
    }
    scenario->options.boot_time = scenario->options.start_time - INT64_C(36000000000);
    return true;
}

static bool set_session(struct scenario *scenario, const struct scenario_line *line)
{
    scenario->options.session_name = scenario_argument(scenario, line, 1);
    return true;
}

static bool set_zone(struct scenario *scenario, const struct scenario_line *line)
{
    uint64_t bias = 0;
    bool is_good = value_number(scenario_argument(scenario, line, 1), &bias);
    scenario->options.zone = (struct etl_time_zone){.bias = (int32_t)(int64_t)bias,
                                                    .standard_name = "@tzres.dll,-262",
                                                    .daylight_name = "@tzres.dll,-261"};
    return is_good;
}

static bool set_compressed(struct scenario *scenario, const struct scenario_line *line)
{
    (void)line;
    scenario->options.mode |= ETL_MODE_COMPRESSED;
    return true;
}

static bool set_metadata(struct scenario *scenario, const struct scenario_line *line)
{
    (void)line;
    scenario->has_metadata = true;
    return true;
}

static bool set_without(struct scenario *scenario, const struct scenario_line *line)
{
    scenario->without = scenario_argument(scenario, line, 1);
    return true;
}

static bool add_host(struct scenario *scenario, const struct scenario_line *line)
{
    if (scenario->host_count == MOST_HOSTS) {
        return false;
    }
    struct scenario_host *host = &scenario->hosts[scenario->host_count++];
    return scenario_parse_address(scenario_argument(scenario, line, 1), &host->at,
                                  &host->is_ipv6) &&
           scenario_parse_mac(scenario_argument(scenario, line, 2), host->at.mac);
}

static bool set_gateway(struct scenario *scenario, const struct scenario_line *line)
{
    scenario->has_gateway = true;
    return scenario_parse_mac(scenario_argument(scenario, line, 1), scenario->gateway);
}

static bool set_lost(struct scenario *scenario, const struct scenario_line *line)
{
    scenario->options.events_lost = (uint32_t)scenario_number(scenario, line, "events", 0);
    scenario->options.buffers_lost = (uint32_t)scenario_number(scenario, line, "buffers", 0);
    return !scenario->text.problem[0];
}

/* Numbers and ranges: 3 7-9 */
static bool add_gaps(struct scenario *scenario, const struct scenario_line *line)
{
    for (size_t i = 1; i < line->word_count; i++) {
        struct scenario_gap *gap = &scenario->gaps[scenario->gap_count];
        const char *text = scenario_argument(scenario, line, i);
        bool is_range = strchr(text, '-') != NULL;
        if (scenario->gap_count == MOST_GAPS ||
            !scenario_take_number(&text, is_range ? '-' : '\0', &gap->first)) {
            return false;
        }
        gap->last = gap->first;
        if (is_range && !scenario_take_number(&text, '\0', &gap->last)) {
            return false;
        }
        scenario->gap_count++;
    }
    return true;
}

/* Only the truth has connections. */
static bool pass_connection(struct scenario *scenario, const struct scenario_line *line)
{
    return scenario_check_owner(scenario, line) && scenario_find(&scenario->text, line, "states") &&
           scenario_find(&scenario->text, line, "close");
}

static bool pass_operation(struct scenario *scenario, const struct scenario_line *line)
{
    return scenario_find(&scenario->text, line, "command") != NULL;
}

static bool pass_condition(struct scenario *scenario, const struct scenario_line *line)
{
    return scenario_find(&scenario->text, line, "kind") != NULL;
}

/* ---- the whole ---- */

struct line_kind {
    const char *name;
    bool is_event;
    bool (*run)(struct scenario *scenario, const struct scenario_line *line);
};

static const struct line_kind kinds[] = {{"title", false, set_title},
                                         {"windows", false, set_windows},
                                         {"bits", false, set_bits},
                                         {"cpus", false, set_cpus},
                                         {"buffer", false, set_buffer},
                                         {"clock", false, set_clock},
                                         {"start", false, set_start},
                                         {"session", false, set_session},
                                         {"zone", false, set_zone},
                                         {"compressed", false, set_compressed},
                                         {"metadata", false, set_metadata},
                                         {"without", false, set_without},
                                         {"lost", false, set_lost},
                                         {"lose", false, add_gaps},
                                         {"host", false, add_host},
                                         {"gateway", false, set_gateway},
                                         {"connection", false, pass_connection},
                                         {"operation", false, pass_operation},
                                         {"condition", false, pass_condition},
                                         {"TCPIP", true, scenario_play_event},
                                         {"AFD", true, scenario_play_event},
                                         {"NDIS", true, scenario_play_event},
                                         {"KERNEL-PROCESS", true, scenario_play_event},
                                         {"KERNEL-NETWORK", true, scenario_play_event},
                                         {"DNS-CLIENT", true, scenario_play_event},
                                         {"SMB-CLIENT", true, scenario_play_event},
                                         {"SMB-SERVER", true, scenario_play_event},
                                         {"SMB-DIRECT", true, scenario_play_event},
                                         {"NAME-RESOLUTION", true, scenario_play_event},
                                         {"HTTP", true, scenario_play_event},
                                         {"WEBIO", true, scenario_play_event},
                                         {"TcpIp", true, scenario_play_network},
                                         {"UdpIp", true, scenario_play_network},
                                         {"in", true, scenario_play_packet},
                                         {"out", true, scenario_play_packet},
                                         {"process", true, scenario_play_process},
                                         {"interface", true, scenario_play_interface}};

static bool run_line(struct scenario *scenario, const struct scenario_line *line)
{
    const char *name = kind_of(scenario, line);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i].is_event == line->is_event && strcmp(kinds[i].name, name) == 0) {
            return kinds[i].run(scenario, line) ||
                   scenario_complain(&scenario->text, line, "wrong values", name);
        }
    }
    return scenario_complain(&scenario->text, line, "unknown", name);
}

static bool play_line(struct scenario *scenario, const struct scenario_line *line)
{
    if (line->at < scenario->last_at || line->cpu >= scenario->options.cpu_count) {
        return scenario_complain(&scenario->text, line, "out of time order, or no such CPU", NULL);
    }
    scenario->last_at = line->at;
    if (!run_line(scenario, line)) {
        return false;
    }
    return !scenario->scene.failed ||
           scenario_complain(&scenario->text, line, "the record does not fit", NULL);
}

/* Packets stay, and so does what names processes and interfaces. */
static bool can_be_lost(const struct scenario *scenario, const struct scenario_line *line)
{
    static const char *const kept[] = {"in", "out", "process", "interface", "KERNEL-PROCESS"};
    bool can_be = line->is_event;
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        can_be = can_be && strcmp(kind_of(scenario, line), kept[i]) != 0;
    }
    return can_be;
}

static void lose_events(struct scenario *scenario)
{
    unsigned number = 0;
    for (size_t i = 0; i < scenario->text.line_count; i++) {
        struct scenario_line *line = &scenario->text.lines[i];
        number += can_be_lost(scenario, line);
        for (size_t k = 0; k < scenario->gap_count && can_be_lost(scenario, line); k++) {
            line->is_lost |= number >= scenario->gaps[k].first && number <= scenario->gaps[k].last;
        }
    }
}

static bool play(struct scenario *scenario)
{
    bool is_good = true;
    for (size_t i = 0; i < scenario->text.line_count && is_good; i++) {
        const struct scenario_line *line = &scenario->text.lines[i];
        is_good = !scenario_is_played(scenario, line) || play_line(scenario, line);
    }
    scenario_play_metadata(scenario);
    return is_good;
}

bool scenario_make(struct scenario *scenario, const char *path)
{
    *scenario = (struct scenario){.options = scene_options(), .pointer_size = 8, .build = 19045};
    bool is_good = scenario_text_read(&scenario->text, path);
    for (size_t i = 0; i < scenario->text.line_count && is_good; i++) {
        const struct scenario_line *line = &scenario->text.lines[i];
        is_good = line->is_event || run_line(scenario, line);
    }
    lose_events(scenario);
    is_good = is_good && scene_open(&scenario->scene, &scenario->options, NULL) && play(scenario) &&
              scene_finish(&scenario->scene);
    if (!is_good) {
        struct scenario_line line = {.file = path};
        (void)scenario_complain(&scenario->text, &line, "cannot be made", NULL);
    }
    return is_good;
}

void scenario_done(struct scenario *scenario)
{
    scene_done(&scenario->scene);
    scenario_text_done(&scenario->text);
}
