/* SPDX-License-Identifier: MIT */
#include "cli/verbs.h"

#include <string.h>

#include "cli/completion.h"
#include "cli/help.h"
#include "cli/messages.h"
#include "cli/option_parser.h"
#include "cli/spelling.h"

/* clang-format off */
const struct cli_verb cli_verbs[] = {
    {"convert", "TRACE.etl ... [FILTER] [-o OUT.pcapng]",
     "write the packets of a trace as pcapng",
     "Writes the packets of a trace as a pcapng file for Wireshark, tcpdump and\n"
     "others: times to 100 ns, directions, interface names, drop reasons, and in the\n"
     "section comment what was lost. Without -o the file stands beside the trace and\n"
     "has its name with .pcapng.\n",
     CLI_CONVERT, cli_verb_convert},
    {"packets", "TRACE.etl ... [FILTER]",
     "one row per packet, as text, JSON or CSV",
     "Prints one row per packet in time order. The rows of --format ndjson, json and\n"
     "csv are described by the schema docs/schemas/packets.schema.json.\n",
     CLI_PACKETS, cli_verb_packets},
    {"who", "TRACE.etl ... [FILTER]",
     "which process owns the packets, and how that is known",
     "Sums the packets up by owner and connection and says for each what its owner\n"
     "rests on: the chain of events from the packet to a process, with the place of\n"
     "each record in the file. Packets without owner follow, with the reason.\n"
     "\n"
     "The process id in the header of a packet's record is the thread that happened\n"
     "to run; it is never taken for an owner, and said where it differs. An owner is\n"
     "certain (a chain of events, and the packet lies in the connection's sequence\n"
     "numbers or has an event of its own), strong (the chain alone), or likely\n"
     "(inferred, with a single candidate).\n",
     CLI_WHO, cli_verb_who},
    {"sockets", "TRACE.etl ... [FILTER]",
     "connections, listeners and datagram sockets with owner, life and end",
     "Lists every TCP connection, listener and datagram socket that the events of a\n"
     "trace tell of: its ends, owner, when it was opened and how it ended, its states\n"
     "and the payload bytes both ways. The rows of --format ndjson, json and csv are\n"
     "described by the schema docs/schemas/sockets.schema.json.\n",
     CLI_SOCKETS, cli_verb_sockets},
    {"timeline", "TRACE.etl ... [FILTER]",
     "the story of sockets in time order, and why they ended",
     "Tells what happened to the sockets that match, in one order: application calls\n"
     "with duration and result, what the stack did, state changes, timers, drops,\n"
     "packets. Repetition is folded into one line unless --verbose. Behind the steps\n"
     "of text, json and html stands what is judged of each socket: how it ended, and\n"
     "what went wrong. --top lists the sockets most worth a look instead of steps;\n"
     "'sockets' has the judgements of all. --format html makes one page that needs\n"
     "nothing else. The rows of --format ndjson, json and csv are described by the\n"
     "schema docs/schemas/timeline.schema.json.\n"
     "\n"
     "app are calls that Winsock saw, stack what TCP/IP did, wire packets as the\n"
     "capture layer of this machine saw them. A step stands where it began; a state\n"
     "that only packets show is called inferred.\n",
     CLI_TIMELINE, cli_verb_timeline},
    {"smb", "TRACE.etl ... [FILTER]",
     "files on servers: operations, bytes, delays, errors, and who asked",
     "Brings SMB requests and their responses together, from packets and from the\n"
     "events of the SMB client and server, and sums them up by file, share, server or\n"
     "process: operations, bytes, sizes, the most that were outstanding, how long they\n"
     "took and where, what failed. --operations lists each of them. The rows of\n"
     "--format ndjson, json and csv are described by docs/schemas/smb.schema.json,\n"
     "those of --operations by smb-operations.schema.json beside it.\n"
     "\n"
     "Windows sends SMB as System (4). Where the client logged a request while a\n"
     "thread of another process ran, that process is named with a question mark: a\n"
     "hint, no proof. What is encrypted is counted.\n",
     CLI_SMB, cli_verb_smb},
    {"events", "TRACE.etl ... [FILTER]",
     "decoded events of any provider, as text, JSON or CSV",
     "Prints every event of a trace in time order with the fields of its payload, as\n"
     "far as the trace itself, a manifest or the built-in layouts describe them. The\n"
     "rows of --format ndjson, json and csv are described by the schema\n"
     "docs/schemas/events.schema.json, those of --stats by event-statistics beside\n"
     "it. Integers of 64 bits are plain JSON numbers.\n"
     "\n"
     "--pid, --process and --connection look for the socket that an event is about,\n"
     "and its owner; where that is not known, --pid and --process look at fields\n"
     "called ProcessId, PID, ClientPID and the like. --host, --port and --tuple look\n"
     "at every address and port of the payload; --proto at a field with the IP\n"
     "protocol, or at the name of the event.\n",
     CLI_EVENTS, cli_verb_events},
    {"info", "TRACE.etl ...",
     "what is in a trace, what was lost, and what is missing",
     "Says which Windows recorded the trace and how, which providers and interfaces\n"
     "are in it, what was lost or damaged, and, where the trace cannot answer a\n"
     "question, the command that records one which can.\n",
     CLI_INFO, cli_verb_info},
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
        if (distance < least) {
            least = distance;
            nearest = &cli_verbs[i];
        }
    }
    return nearest;
}

static enum cli_exit refuse_word(const char *word)
{
    const struct cli_verb *near = cli_verb_suggest(word);
    if (near) {
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
    if (has_verb && !verb) {
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
    } else if (cli_arguments_has(arguments, CLI_OPTION_COMPLETION)) {
        int shell = cli_arguments_choice(arguments, CLI_OPTION_COMPLETION, CLI_SHELL_BASH);
        result = cli_completion_print((enum cli_shell)shell);
    } else if (!verb) {
        cli_say("say what to do, for instance 'etwtrail info TRACE.etl'");
    } else if (!cli_arguments_input(arguments, 0)) {
        cli_say("name the trace: etwtrail %s %s", verb->name, verb->synopsis);
    } else {
        result = verb->run(arguments);
    }
    cli_arguments_free(arguments);
    return result;
}
