/* SPDX-License-Identifier: MIT */
#include "cli/verbs.h"

#include <string.h>

#include "cli/help.h"
#include "cli/messages.h"
#include "cli/option_parser.h"
#include "cli/spelling.h"

/* clang-format off */
const struct cli_verb cli_verbs[] = {
    {"convert", "TRACE.etl [FILTER] [-o OUT.pcapng]",
     "write the packets of a trace as pcapng",
     "Writes the packets of a trace as a pcapng file for Wireshark, tcpdump and\n"
     "others: times to 100 ns, directions, interface names, drop reasons, and in the\n"
     "section comment what was lost. Without -o the file stands beside the trace and\n"
     "has its name with .pcapng.\n",
     CLI_CONVERT, cli_verb_convert},
    {"packets", "TRACE.etl [FILTER]",
     "one row per packet, as text, JSON or CSV",
     "Prints one row per packet in time order. The rows of --format ndjson, json and\n"
     "csv are described by the schema docs/schemas/packets.schema.json.\n",
     CLI_PACKETS, cli_verb_packets},
    {"events", "TRACE.etl [FILTER]",
     "decoded events of any provider, as text, JSON or CSV",
     "Prints every event of a trace in time order with the fields of its payload, as\n"
     "far as the trace itself, a manifest or the built-in layouts describe them. The\n"
     "rows of --format ndjson, json and csv are described by the schema\n"
     "docs/schemas/events.schema.json, those of --stats by event-statistics beside\n"
     "it. Integers of 64 bits are plain JSON numbers.\n"
     "\n"
     "--pid looks at fields called ProcessId, PID, ClientPID and the like; --host,\n"
     "--port and --tuple at every address and port of the payload; --proto at a field\n"
     "with the IP protocol, or at the name of the event.\n",
     CLI_EVENTS, cli_verb_events},
    {"info", "TRACE.etl",
     "what is in a trace, what was lost, and what is missing",
     "Says which Windows recorded the trace and how, which providers and interfaces\n"
     "are in it, what was lost or damaged, and, where the trace cannot answer a\n"
     "question, the command that records one which can.\n",
     CLI_INFO, cli_verb_info},
    {"who", "", "owners of packets", "", 0, NULL},
    {"timeline", "", "the story of each socket", "", 0, NULL},
    {"sockets", "", "connections and listeners with their owners", "", 0, NULL},
};
/* clang-format on */
const size_t cli_verb_count = sizeof(cli_verbs) / sizeof(cli_verbs[0]);

const struct cli_verb *cli_verb_find(const char *name)
{
    for (size_t i = 0; i < cli_verb_count; i++) {
        if (strcmp(cli_verbs[i].name, name) == 0) {
            return &cli_verbs[i];
        }
    }
    return NULL;
}

const struct cli_verb *cli_verb_suggest(const char *name)
{
    const struct cli_verb *nearest = NULL;
    unsigned least = SPELLING_TOO_FAR;
    for (size_t i = 0; i < cli_verb_count; i++) {
        unsigned distance = spelling_distance(name, strlen(name), cli_verbs[i].name);
        if (cli_verbs[i].run && distance < least) {
            least = distance;
            nearest = &cli_verbs[i];
        }
    }
    return nearest;
}

static enum cli_exit refuse_word(const char *word)
{
    const struct cli_verb *planned = cli_verb_find(word);
    const struct cli_verb *near = cli_verb_suggest(word);
    if (planned) {
        cli_say("%s (%s) is planned but not part of this version; 'etwtrail --help' lists what is",
                word, planned->help);
    } else if (near) {
        cli_say("there is no verb \"%s\"; did you mean %s?", word, near->name);
    } else if (strchr(word, '.') || strchr(word, '/')) {
        cli_say("the verb comes before the file: 'etwtrail info %s', for instance", word);
    } else {
        cli_say("there is no verb \"%s\"; 'etwtrail --help' lists them", word);
    }
    return CLI_USAGE;
}

enum cli_exit cli_run(int argc, char **argv)
{
    if (argc < 2) {
        cli_say("say what to do, for instance 'etwtrail info TRACE.etl'; 'etwtrail --help' lists "
                "the verbs");
        return CLI_USAGE;
    }
    bool has_verb = argv[1][0] != '-';
    const struct cli_verb *verb = has_verb ? cli_verb_find(argv[1]) : NULL;
    if (has_verb && (!verb || !verb->run)) {
        return refuse_word(argv[1]);
    }

    int first = has_verb ? 2 : 1;
    struct cli_arguments *arguments = NULL;
    struct etw_error error = {.status = ETW_OK};
    enum cli_exit result = CLI_USAGE;
    if (cli_arguments_parse(verb, argc - first, argv + first, &arguments, &error)) {
        cli_say("%s", error.text);
    } else if (cli_arguments_has(arguments, CLI_OPTION_HELP)) {
        result = cli_help_print(verb);
    } else if (cli_arguments_has(arguments, CLI_OPTION_VERSION)) {
        result = cli_version_print();
    } else if (!verb) {
        cli_say("say what to do, for instance 'etwtrail info TRACE.etl'");
    } else if (!cli_arguments_input(arguments)) {
        cli_say("name the trace: etwtrail %s %s", verb->name, verb->synopsis);
    } else {
        result = verb->run(arguments);
    }
    cli_arguments_free(arguments);
    return result;
}
