/* SPDX-License-Identifier: MIT */
/*
 * make_samples.c - the program etwtrail-samples: makes traces, prints the truth about
 * them.
 */
#include "samples.h"
#include "scenario.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "Usage: etwtrail-samples session OUT.etl\n"
    "       etwtrail-samples pktmon OUT.etl\n"
    "       etwtrail-samples wifi|vmswitch|ras|mixed OUT.etl\n"
    "       etwtrail-samples offload OUT.etl\n"
    "       etwtrail-samples wfp OUT.etl\n"
    "       etwtrail-samples variant NAME OUT.etl\n"
    "       etwtrail-samples variants\n"
    "       etwtrail-samples big OUT.etl --bytes N [--frame N] [--cpus N]\n"
    "                            [--record-size N] [--compressed] [--events] [--owner]\n"
    "       etwtrail-samples scenario FILE.txt OUT.etl [--truth OUT.json]\n"
    "       etwtrail-samples world OUT.etl --truth OUT.ndjson [--packets N] [--connections N]\n"
    "                            [--processes N] [--cpus N] [--seed N] [--ipv6 PERCENT]\n"
    "                            [--windows win7-32|win7|win10|win11] [--flavour data|timers]\n"
    "                            [--events none|tcpip,afd,kernel-network,process,rundown,kernel]\n"
    "                            [--compressed] [--lose PERCENT]\n"
    "\n"
    "Writes a trace and prints what is in it. --bytes takes k, M or G behind the number.\n"
    "--record-size makes events of that size instead of packets, --events those of sockets;\n"
    "--owner adds an event that names the process of all packets. A scenario is a text of events;\n"
    "its truth says whose each packet is. A world is a busy host with many processes; rows of the\n"
    "connections older than the trace stand at its start with an odd seed, else at its end.\n"
    "--lose leaves socket events out and says so in the header.\n";

enum { EXIT_USAGE = 2 };

static int fail(const char *path)
{
    fprintf(stderr, "etwtrail-samples: %s: cannot be made\n", path);
    return EXIT_FAILURE;
}

static int make(const char *path, const struct etl_options *options, void (*play)(struct scene *),
                void (*damage)(struct scene *))
{
    struct scene scene = {0};
    bool is_good = scene_open(&scene, options, NULL);
    if (is_good) {
        play(&scene);
        is_good = scene_finish(&scene);
    }
    if (is_good && damage) {
        damage(&scene);
        is_good = !scene.failed;
    }
    is_good = is_good && scene_save(&scene, path) && scene_print_truth(&scene, stdout);
    scene_done(&scene);
    return is_good ? EXIT_SUCCESS : fail(path);
}

static int command_session(int count, char **arguments)
{
    struct etl_options options = sample_session_options();
    return count == 1 ? make(arguments[0], &options, sample_session, NULL) : EXIT_USAGE;
}

static int command_pktmon(int count, char **arguments)
{
    struct etl_options options = sample_pktmon_options();
    return count == 1 ? make(arguments[0], &options, sample_pktmon, NULL) : EXIT_USAGE;
}

static int make_kind(int count, char **arguments, void (*play)(struct scene *))
{
    struct etl_options options = sample_kinds_options();
    return count == 1 ? make(arguments[0], &options, play, NULL) : EXIT_USAGE;
}

static int command_wifi(int count, char **arguments)
{
    return make_kind(count, arguments, sample_wifi);
}

static int command_vmswitch(int count, char **arguments)
{
    return make_kind(count, arguments, sample_vmswitch);
}

static int command_ras(int count, char **arguments)
{
    return make_kind(count, arguments, sample_ras);
}

static int command_mixed(int count, char **arguments)
{
    return make_kind(count, arguments, sample_mixed);
}

static int command_offload(int count, char **arguments)
{
    struct etl_options options = sample_pktmon_options();
    return count == 1 ? make(arguments[0], &options, sample_offload, NULL) : EXIT_USAGE;
}

static int command_wfp(int count, char **arguments)
{
    struct etl_options options = sample_session_options();
    return count == 1 ? make(arguments[0], &options, sample_wfp, NULL) : EXIT_USAGE;
}

static int command_variant(int count, char **arguments)
{
    const struct variant *variant = count == 2 ? variant_find(arguments[0]) : NULL;
    if (!variant) {
        return EXIT_USAGE;
    }
    struct etl_options options = scene_options();
    if (variant->options) {
        variant->options(&options);
    }
    return make(arguments[1], &options, variant->make, variant->damage);
}

static const struct variant_list *const lists[] = {&variants_of_files,   &variants_of_records,
                                                   &variants_of_packets, &variants_of_monitor,
                                                   &variants_of_kinds,   &variants_of_diagnoses};

const struct variant *variant_find(const char *name)
{
    for (size_t list = 0; list < sizeof(lists) / sizeof(lists[0]); list++) {
        for (size_t i = 0; i < lists[list]->count; i++) {
            if (strcmp(lists[list]->rows[i].name, name) == 0) {
                return &lists[list]->rows[i];
            }
        }
    }
    return NULL;
}

static int command_variants(int count, char **arguments)
{
    (void)arguments;
    if (count) {
        return EXIT_USAGE;
    }
    for (size_t list = 0; list < sizeof(lists) / sizeof(lists[0]); list++) {
        for (size_t i = 0; i < lists[list]->count; i++) {
            printf("%-28s %s\n", lists[list]->rows[i].name, lists[list]->rows[i].about);
        }
    }
    return EXIT_SUCCESS;
}

/* 0: not a number above 0. */
static uint64_t parse_number(const char *text)
{
    static const char units[] = "kMG";
    char *end = NULL;
    uint64_t value = *text >= '0' && *text <= '9' ? strtoull(text, &end, 10) : 0;
    if (!end) {
        return 0;
    }
    const char *unit = *end ? strchr(units, *end) : NULL;
    if (unit) {
        value <<= 10 * (unit - units + 1);
        end++;
    }
    return *end ? 0 : value;
}

static bool set_big_option(const char *name, uint64_t value, struct big_options *options)
{
    if (strcmp(name, "--bytes") == 0) {
        options->bytes = value;
    } else if (strcmp(name, "--frame") == 0 && value <= 0xFFFF) {
        options->frame_size = (size_t)value;
    } else if (strcmp(name, "--record-size") == 0 && value <= 0xFFFF) {
        options->record_size = (size_t)value;
    } else if (strcmp(name, "--cpus") == 0 && value <= 2047) {
        options->cpu_count = (uint16_t)value;
    } else {
        return false;
    }
    return true;
}

static bool set_big_flag(const char *name, struct big_options *options)
{
    bool is_compressed = strcmp(name, "--compressed") == 0;
    bool has_events = strcmp(name, "--events") == 0;
    options->is_compressed |= is_compressed;
    options->has_events |= has_events;
    bool has_owner = strcmp(name, "--owner") == 0;
    options->has_owner |= has_owner;
    return is_compressed || has_events || has_owner;
}

static bool parse_big(int count, char **arguments, struct big_options *options)
{
    for (int i = 0; i < count; i++) {
        if (set_big_flag(arguments[i], options)) {
            continue;
        }
        uint64_t value = i + 1 < count ? parse_number(arguments[i + 1]) : 0;
        if (!value || !set_big_option(arguments[i], value, options)) {
            return false;
        }
        i++;
    }
    return options->bytes != 0;
}

static int command_big(int count, char **arguments)
{
    struct big_options options = {.frame_size = 1400, .cpu_count = 4};
    if (count < 1 || !parse_big(count - 1, arguments + 1, &options)) {
        return EXIT_USAGE;
    }
    bool is_good = options.has_events ? sample_events(arguments[0], &options, stdout)
                                      : sample_big(arguments[0], &options, stdout);
    return is_good ? EXIT_SUCCESS : fail(arguments[0]);
}

static bool save_truth(const struct scenario *scenario, const char *path)
{
    FILE *file = fopen(path, "wb");
    if (!file) {
        return false;
    }
    bool is_good = scenario_print_truth(scenario, file);
    return fclose(file) == 0 && is_good;
}

static int command_scenario(int count, char **arguments)
{
    bool has_truth = count == 4 && strcmp(arguments[2], "--truth") == 0;
    if (count != 2 && !has_truth) {
        return EXIT_USAGE;
    }
    struct scenario scenario;
    int status = EXIT_SUCCESS;
    if (!scenario_make(&scenario, arguments[0])) {
        fprintf(stderr, "etwtrail-samples: %s\n", scenario.text.problem);
        status = EXIT_FAILURE;
    } else if (!scene_save(&scenario.scene, arguments[1])) {
        status = fail(arguments[1]);
    } else if (has_truth && !save_truth(&scenario, arguments[3])) {
        status = fail(arguments[3]);
    } else if (!scene_print_truth(&scenario.scene, stdout)) {
        status = EXIT_FAILURE;
    }
    scenario_done(&scenario);
    return status;
}

static int command_world(int count, char **arguments)
{
    struct world_options options;
    const char *truth = NULL;
    if (count < 1 || !world_options_parse(&options, count - 1, arguments + 1, &truth)) {
        return EXIT_USAGE;
    }
    FILE *file = fopen(truth, "wb");
    if (!file) {
        return fail(truth);
    }
    bool is_good = world_make(arguments[0], &options, file, stdout);
    is_good = fclose(file) == 0 && is_good;
    return is_good ? EXIT_SUCCESS : fail(arguments[0]);
}

static const struct {
    const char *name;
    int (*run)(int count, char **arguments);
} commands[] = {
    {"session", command_session}, {"pktmon", command_pktmon},     {"offload", command_offload},
    {"wfp", command_wfp},         {"variant", command_variant},   {"variants", command_variants},
    {"big", command_big},         {"scenario", command_scenario}, {"world", command_world},
    {"wifi", command_wifi},       {"vmswitch", command_vmswitch}, {"ras", command_ras},
    {"mixed", command_mixed}};

int main(int count, char **arguments)
{
    for (size_t i = 0; count > 1 && i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(arguments[1], commands[i].name) == 0) {
            int status = commands[i].run(count - 2, arguments + 2);
            if (status == EXIT_USAGE) {
                fputs(usage, stderr);
            }
            return status;
        }
    }
    fputs(usage, stderr);
    return EXIT_USAGE;
}
