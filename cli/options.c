/* SPDX-License-Identifier: MIT */
#include "cli/options.h"

#include <string.h>

#include "cli/spelling.h"

#define CLI_OF_PACKETS (CLI_CONVERT | CLI_PACKETS)
#define CLI_OWNED      (CLI_OF_PACKETS | CLI_WHO | CLI_SOCKETS | CLI_TIMELINE | CLI_SMB)
#define CLI_ROWS       (CLI_OWNED | CLI_EVENTS)
#define CLI_WRITE      (CLI_ROWS | CLI_INFO)
#define CLI_EVERY      (CLI_WRITE | CLI_WITHOUT_VERB)

const char *const cli_option_groups[CLI_GROUP_COUNT] = {
    [CLI_GROUP_FILTER] = "Filter (the same option again: any of them; different options: all)",
    [CLI_GROUP_OUTPUT] = "Output",
    [CLI_GROUP_GENERAL] = "General",
};

/* clang-format off */
const struct cli_option cli_options[CLI_OPTION_COUNT] = {
    {CLI_OPTION_HOST, "host", 0, "ADDR[/LEN]", CLI_TEXT, CLI_GROUP_FILTER, CLI_ROWS, true,
     "either side has this address, or one of this network"},
    {CLI_OPTION_PORT, "port", 0, "N[-M]", CLI_TEXT, CLI_GROUP_FILTER, CLI_ROWS, true,
     "either side has this port"},
    {CLI_OPTION_TUPLE, "tuple", 0, "A:P-B:Q", CLI_TEXT, CLI_GROUP_FILTER, CLI_ROWS, true,
     "between these two endpoints, in either direction"},
    {CLI_OPTION_PROTO, "proto", 0, "NAME", CLI_TEXT, CLI_GROUP_FILTER, CLI_ROWS, true,
     "tcp udp icmp icmpv6 igmp esp ah gre arp, ip:N, eth:0x88cc"},
    {CLI_OPTION_FROM, "from", 0, "T", CLI_TEXT, CLI_GROUP_FILTER, CLI_ROWS, false,
     "not before T: seconds from the start of the trace, or a time like 2026-03-02T08:00:00Z"},
    {CLI_OPTION_TO, "to", 0, "T", CLI_TEXT, CLI_GROUP_FILTER, CLI_ROWS, false,
     "not after T"},
    {CLI_OPTION_FRAME, "frame", 0, "N[-M]", CLI_TEXT, CLI_GROUP_FILTER, CLI_OF_PACKETS | CLI_WHO, true,
     "packets with these numbers"},
    {CLI_OPTION_INTERFACE, "interface", 0, "NAME|NUMBER", CLI_TEXT, CLI_GROUP_FILTER, CLI_OF_PACKETS | CLI_WHO, true,
     "packets of this interface, as 'info' lists them"},
    {CLI_OPTION_PROVIDER, "provider", 0, "NAME|GUID", CLI_TEXT, CLI_GROUP_FILTER, CLI_ROWS, true,
     "recorded by this provider"},
    {CLI_OPTION_PID, "pid", 0, "N", CLI_TEXT, CLI_GROUP_FILTER, CLI_ROWS, true,
     "owned by this process, or by one that sends and receives for it"},
    {CLI_OPTION_PROCESS, "process", 0, "NAME", CLI_TEXT, CLI_GROUP_FILTER, CLI_ROWS, true,
     "owned by processes with this file name (.exe may be left out) or path, or by one that sends and receives for such a process; * and ? stand for anything"},
    {CLI_OPTION_CONNECTION, "connection", 0, "ID", CLI_TEXT, CLI_GROUP_FILTER, CLI_ROWS, true,
     "of the connection with this number, as 'sockets' lists them"},
    {CLI_OPTION_HEADER_PID, "header-pid", 0, "N", CLI_TEXT, CLI_GROUP_FILTER, CLI_EVENTS, true,
     "events logged while a thread of this process ran"},
    {CLI_OPTION_ID, "id", 0, "N[-M]", CLI_TEXT, CLI_GROUP_FILTER, CLI_EVENTS, true,
     "events with this id, or an id of this range"},
    {CLI_OPTION_OUTPUT, "output", 'o', "FILE", CLI_FILE, CLI_GROUP_OUTPUT, CLI_WRITE, false,
     "write to this file, with gzip when it ends with .gz; - is standard output"},
    {CLI_OPTION_FORCE, "force", 0, NULL, CLI_FLAG, CLI_GROUP_OUTPUT, CLI_WRITE, false,
     "replace the output file if it exists"},
    {CLI_OPTION_FORMAT, "format", 0, "text|ndjson|json|csv|html", CLI_CHOICE, CLI_GROUP_OUTPUT,
     CLI_PACKETS | CLI_WHO | CLI_SOCKETS | CLI_TIMELINE | CLI_SMB | CLI_EVENTS | CLI_INFO, false,
     "text is for people, ndjson, json and csv are for programs"},
    {CLI_OPTION_LOCAL, "local", 0, NULL, CLI_FLAG, CLI_GROUP_OUTPUT,
     CLI_PACKETS | CLI_WHO | CLI_SOCKETS | CLI_TIMELINE | CLI_SMB | CLI_EVENTS | CLI_INFO, false,
     "text only: times in the time zone of the trace instead of UTC"},
    {CLI_OPTION_VERBOSE, "verbose", 0, NULL, CLI_FLAG, CLI_GROUP_OUTPUT, CLI_INFO | CLI_TIMELINE, false,
     "leave nothing out"},
    {CLI_OPTION_MANIFEST, "manifest", 0, "FILE", CLI_FILE, CLI_GROUP_OUTPUT, CLI_EVENTS, true,
     "instrumentation manifest for events that nothing else describes; may be repeated"},
    {CLI_OPTION_SCHEMA, "schema", 0, NULL, CLI_FLAG, CLI_GROUP_OUTPUT, CLI_EVENTS, false,
     "say which layout each event was read by and where it came from"},
    {CLI_OPTION_STATS, "stats", 0, NULL, CLI_FLAG, CLI_GROUP_OUTPUT, CLI_EVENTS, false,
     "instead of events: how many there are of each kind, and how far they were decoded"},
    {CLI_OPTION_LEDGER, "ledger", 0, NULL, CLI_FLAG, CLI_GROUP_OUTPUT, CLI_WHO, false,
     "instead of packets: everything the events say about processes and sockets"},
    {CLI_OPTION_TOP, "top", 0, NULL, CLI_FLAG, CLI_GROUP_OUTPUT, CLI_TIMELINE, false,
     "instead of steps: the ten sockets most worth a look, those that failed first"},
    {CLI_OPTION_BY, "by", 0, "file|share|server|process", CLI_CHOICE, CLI_GROUP_OUTPUT, CLI_SMB, false,
     "what operations are summed up by (default: file)"},
    {CLI_OPTION_OPERATIONS, "operations", 0, NULL, CLI_FLAG, CLI_GROUP_OUTPUT, CLI_SMB, false,
     "instead of sums: one row per request with its response"},
    {CLI_OPTION_SLOW, "slow", 0, NULL, CLI_FLAG, CLI_GROUP_OUTPUT, CLI_SMB, false,
     "what took longest first; with --operations the 1,000 slowest"},
    {CLI_OPTION_ALL_APPEARANCES, "all-appearances", 0, NULL, CLI_FLAG, CLI_GROUP_OUTPUT, CLI_OF_PACKETS, false,
     "every sighting of a packet by the packet monitor, not one per packet"},
    {CLI_OPTION_COMMENTS, "comments", 0, "all|first|none", CLI_CHOICE, CLI_GROUP_OUTPUT, CLI_CONVERT, false,
     "which packets of the pcapng get a comment: all (default), the first of each interface, none"},
    {CLI_OPTION_OWNERS, "owners", 0, "none", CLI_CHOICE, CLI_GROUP_OUTPUT, CLI_CONVERT, false,
     "a plain conversion that says nothing about owners"},
    {CLI_OPTION_PROCESS_BLOCKS, "process-blocks", 0, "darwin|pib|pktap|none", CLI_CHOICE, CLI_GROUP_OUTPUT, CLI_CONVERT, false,
     "how the pcapng names processes: blocks that Wireshark 4.6 reads (default), a newer kind, a header before each packet that every Wireshark reads, or none"},
    {CLI_OPTION_EVENTS, "events", 0, "bound|all", CLI_OPTIONAL_CHOICE, CLI_GROUP_OUTPUT, CLI_CONVERT, false,
     "events as rows between the packets: those about sockets and processes, or all that can be decoded"},
    {CLI_OPTION_SMB_MESSAGES, "smb-messages", 0, NULL, CLI_FLAG, CLI_GROUP_OUTPUT, CLI_CONVERT, false,
     "SMB messages that events carry, written as packets; also those that were encrypted on the wire"},
    {CLI_OPTION_KEEP_PROTECTED, "keep-protected", 0, NULL, CLI_FLAG, CLI_GROUP_OUTPUT, CLI_CONVERT, false,
     "leave the Protected bit of Wi-Fi frames that Windows handed over decrypted"},
    {CLI_OPTION_SNAPLEN, "snaplen", 0, "N", CLI_TEXT, CLI_GROUP_OUTPUT, CLI_CONVERT, false,
     "write the first N bytes of each packet; its length stays what it was"},
    {CLI_OPTION_SPLIT, "split", 0, NULL, CLI_FLAG, CLI_GROUP_OUTPUT, CLI_CONVERT, false,
     "a file for each link type, as tcpdump and others need it: OUT-ethernet.pcapng, OUT-wifi.pcapng and so on"},
    {CLI_OPTION_HELP, "help", 'h', NULL, CLI_FLAG, CLI_GROUP_GENERAL, CLI_EVERY, false,
     "print this help"},
    {CLI_OPTION_VERSION, "version", 0, NULL, CLI_FLAG, CLI_GROUP_GENERAL, CLI_EVERY, false,
     "print the version"},
    {CLI_OPTION_COMPLETION, "completion", 0, "bash|zsh", CLI_CHOICE, CLI_GROUP_GENERAL, CLI_WITHOUT_VERB, false,
     "print a script that completes command lines in this shell"},
};
/* clang-format on */

/* What some verbs say otherwise than the row above. */
static const struct {
    enum cli_option_id id;
    unsigned verbs;
    const char *value_name; /* words of the row's; NULL: all of them */
    const char *help;
} variants[] = {
    {CLI_OPTION_FORMAT, CLI_PACKETS | CLI_WHO | CLI_SOCKETS | CLI_SMB | CLI_EVENTS,
     "text|ndjson|json|csv", "text is for people, ndjson, json and csv are for programs"},
    {CLI_OPTION_FORMAT, CLI_INFO, "text|json", "text is for people, json is for programs"},
    {CLI_OPTION_FORMAT, CLI_TIMELINE, NULL,
     "text is for people, ndjson, json and csv are for programs; html is one page for a "
     "browser, with 50,000 steps at most"},
    {CLI_OPTION_PID, CLI_EVENTS, NULL,
     "owned by this process; of events without owner: named by the payload"},
    {CLI_OPTION_PROCESS, CLI_EVENTS, NULL,
     "owned by processes with this file name (.exe may be left out) or path; * and ? stand for "
     "anything"},
    {CLI_OPTION_VERBOSE, CLI_INFO, NULL, "leave nothing out of the text"},
    {CLI_OPTION_VERBOSE, CLI_TIMELINE, NULL,
     "fold nothing, and tell what the stack notes of ports, timers and calls, too"},
};

struct cli_option cli_option_of(const struct cli_option *option, unsigned verb)
{
    struct cli_option of = *option;
    for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
        if (variants[i].id == option->id && (variants[i].verbs & verb) != 0) {
            of.value_name = variants[i].value_name ? variants[i].value_name : of.value_name;
            of.help = variants[i].help;
        }
    }
    return of;
}

const struct cli_option *cli_option_find(const char *name, size_t name_size)
{
    for (size_t i = 0; i < CLI_OPTION_COUNT; i++) {
        if (strlen(cli_options[i].name) == name_size &&
            memcmp(cli_options[i].name, name, name_size) == 0) {
            return &cli_options[i];
        }
    }
    return NULL;
}

const struct cli_option *cli_option_find_short(char short_name)
{
    for (size_t i = 0; i < CLI_OPTION_COUNT; i++) {
        if (short_name != 0 && cli_options[i].short_name == short_name) {
            return &cli_options[i];
        }
    }
    return NULL;
}

const struct cli_option *cli_option_suggest(const char *name, size_t name_size)
{
    const struct cli_option *nearest = NULL;
    unsigned least = SPELLING_TOO_FAR;
    for (size_t i = 0; i < CLI_OPTION_COUNT; i++) {
        unsigned distance = spelling_distance(name, name_size, cli_options[i].name);
        if (distance < least) {
            least = distance;
            nearest = &cli_options[i];
        }
    }
    return nearest;
}

int cli_option_choice(const struct cli_option *option, const char *word)
{
    size_t size = strlen(word);
    const char *choice = option->value_name;
    for (int number = 0; choice; number++) {
        const char *end = strchr(choice, '|');
        size_t choice_size = end ? (size_t)(end - choice) : strlen(choice);
        if (choice_size == size && memcmp(choice, word, size) == 0) {
            return number;
        }
        choice = end ? end + 1 : NULL;
    }
    return -1;
}
