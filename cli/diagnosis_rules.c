/* SPDX-License-Identifier: MIT */
/*
 * diagnosis_rules.c - the rules, in the order of what matters most. The first rules look for
 * why there are no packets, from the most special reason to the most general.
 */
#include "cli/diagnosis.h"
#include "cli/display.h"
#include "cli/facts.h"
#include "cli/recording.h"

/* Records that every trace gets from the system itself: its header, partitions,
 * build strings. A trace with no more than these was empty. */
#define HOUSEKEEPING_EVENTS 8
/* 100 ns */
#define SECOND      INT64_C(10000000)
#define MILLISECOND INT64_C(10000)

/* EVENT_TRACE_FILE_MODE_* [documented: evntrace.h] */
#define MODE_CIRCULAR 0x2u
#define MODE_NEW_FILE 0x8u
#define MODE_RELOGGED 0x10000u

#define BUILD_WINDOWS_10 10240u

/* ---- no packets ---- */

static bool has_packets(const struct cli_facts *facts)
{
    return facts->ndis_packet_events + facts->pktmon_packet_events + facts->ras_packet_events +
               facts->wfp_packet_events >
           0;
}

static uint64_t count_events(const struct cli_facts *facts)
{
    uint64_t events = 0;
    for (int i = 0; i <= RECORD_IS_UNKNOWN; i++) {
        events += facts->by_class[i];
    }
    return events;
}

static bool has_only_pktmon(const struct cli_facts *facts)
{
    return !has_packets(facts) && facts->pktmon_provider_events > 0;
}

static bool pktmon_filtered_all(const struct cli_facts *facts)
{
    return has_only_pktmon(facts) && facts->filters > 0 && facts->points_nonzero == 0;
}

static bool pktmon_without_traffic(const struct cli_facts *facts)
{
    return has_only_pktmon(facts) && facts->points > 0 && facts->points_nonzero == 0;
}

static bool pktmon_counted_only(const struct cli_facts *facts)
{
    return has_only_pktmon(facts) && facts->points_nonzero > 0;
}

static bool ndis_filtered_all(const struct cli_facts *facts)
{
    return !has_packets(facts) && facts->rules > 0;
}

static bool ndis_without_packets(const struct cli_facts *facts)
{
    return !has_packets(facts) && facts->ndis_provider_events > 0;
}

static bool nothing_recorded(const struct cli_facts *facts)
{
    return !has_packets(facts) && count_events(facts) <= HOUSEKEEPING_EVENTS &&
           facts->by_class[RECORD_IS_MANIFEST] + facts->by_class[RECORD_IS_MESSAGE] == 0 &&
           facts->by_class[RECORD_IS_CLASSIC] == 0;
}

static bool damaged_and_empty(const struct cli_facts *facts)
{
    return nothing_recorded(facts) && facts->is_damaged;
}

static bool unfinished_and_empty(const struct cli_facts *facts)
{
    return nothing_recorded(facts) && facts->header.is_unfinished && !facts->header.is_private;
}

static bool has_messages(const struct cli_facts *facts)
{
    return facts->by_class[RECORD_IS_MESSAGE] > 0;
}

static bool messages_only(const struct cli_facts *facts)
{
    return !has_packets(facts) && has_messages(facts) && facts->by_class[RECORD_IS_MANIFEST] == 0;
}

static bool tracelogging_only(const struct cli_facts *facts)
{
    return !has_packets(facts) && facts->tracelogging_events > 0 &&
           facts->tracelogging_events == facts->by_class[RECORD_IS_MANIFEST];
}

static bool sockets_without_packets(const struct cli_facts *facts)
{
    return !has_packets(facts) && facts->has_socket_events;
}

static bool kernel_only(const struct cli_facts *facts)
{
    return !has_packets(facts) && facts->by_class[RECORD_IS_MANIFEST] == 0 &&
           facts->by_class[RECORD_IS_KERNEL] + facts->by_class[RECORD_IS_CLASSIC] > 0;
}

static bool kernel_half(const struct cli_facts *facts)
{
    return kernel_only(facts) && facts->header.is_kernel;
}

static bool no_packets(const struct cli_facts *facts)
{
    return !has_packets(facts);
}

static void tell_filters(const struct cli_facts *facts, struct text *why)
{
    uint64_t count = facts->filters > 0 ? facts->filters : facts->rules;
    const bool is_rule = facts->filters == 0;
    display_add_count(why, count, is_rule ? "capture rule" : "filter of the packet monitor",
                      is_rule ? "capture rules" : "filters of the packet monitor");
    text_add(why, count == 1 ? " was in force" : " were in force");
}

static void tell_filtered_all(const struct cli_facts *facts, struct text *why)
{
    tell_filters(facts, why);
    text_add(why, ", and nothing that they let through was seen");
}

/* ---- packets that are not whole, or not all ---- */

static bool pktmon_truncated(const struct cli_facts *facts)
{
    return facts->truncated > 0 && facts->pktmon_packet_events > 0;
}

static bool ndis_truncated(const struct cli_facts *facts)
{
    return facts->truncated > 0 && facts->ndis_packet_events > 0;
}

static void tell_truncated(const struct cli_facts *facts, struct text *why)
{
    char number[DISPLAY_COUNT_SIZE];
    text_add_format(why, "%s of ", display_count(facts->truncated, number));
    display_add_count(why, facts->packets, "packet", "packets");
    text_add(why, facts->truncated == 1 ? " was cut" : " were cut");
}

static void tell_pktmon_truncated(const struct cli_facts *facts, struct text *why)
{
    tell_truncated(facts, why);
    if (facts->cut_to > 0) {
        text_add_format(why, " to %lu bytes", (unsigned long)facts->cut_to);
    }
    text_add(why, " while recording; the packet monitor keeps 128 unless it is told otherwise");
}

static void tell_ndis_truncated(const struct cli_facts *facts, struct text *why)
{
    tell_truncated(facts, why);
    text_add(why, " while recording, as the capture filter packettruncatebytes does");
}

static bool was_filtered(const struct cli_facts *facts)
{
    return has_packets(facts) && facts->filters + facts->rules > 0;
}

static void tell_filtered(const struct cli_facts *facts, struct text *why)
{
    tell_filters(facts, why);
    text_add(why, ": packets that did not pass are not in the trace");
}

/* ---- the trace is not all of the recording ---- */

static bool is_circular(const struct cli_facts *facts)
{
    return (facts->header.mode & MODE_CIRCULAR) != 0;
}

/* The first data buffer has number 1. */
static bool has_wrapped(const struct cli_facts *facts)
{
    return is_circular(facts) && facts->first_number > 1;
}

static bool is_later_file(const struct cli_facts *facts)
{
    return (facts->header.mode & MODE_NEW_FILE) != 0 && facts->first_number > 1;
}

static bool is_first_file(const struct cli_facts *facts)
{
    return (facts->header.mode & MODE_NEW_FILE) != 0 && facts->first_number == 1;
}

static int64_t silence_before(const struct cli_facts *facts)
{
    const struct cli_header_facts *header = &facts->header;
    return header->start > 0 && header->first > header->start ? header->first - header->start : 0;
}

/* Merging numbers the buffers anew and takes the mode away; what stays is a file as large as
 * the recorder let it become, whose events begin late. */
static bool may_have_wrapped(const struct cli_facts *facts)
{
    uint64_t most = (uint64_t)facts->header.maximum_size << 20;
    return most > 0 && facts->header.bytes >= most / 4 * 3 && silence_before(facts) > 10 * SECOND;
}

static void tell_wrapped(const struct cli_facts *facts, struct text *why)
{
    display_add_count(why, facts->first_number - 1, "buffer was", "buffers were");
    text_add(why, " overwritten when the circular file was full");
    if (silence_before(facts) > 0) {
        text_add(why, "; the first event stands ");
        display_add_duration(why, silence_before(facts));
        text_add(why, " behind the start");
    }
}

static void tell_late(const struct cli_facts *facts, struct text *why)
{
    text_add(why, "the file is full, and its first event stands ");
    display_add_duration(why, silence_before(facts));
    text_add(why, " behind the start: older events were probably overwritten");
}

static void tell_earlier_files(const struct cli_facts *facts, struct text *why)
{
    text_add(why, "this is one of a row of files: ");
    display_add_count(why, facts->first_number - 1, "buffer stands", "buffers stand");
    text_add(why, " in those before it");
}

static bool is_unfinished(const struct cli_facts *facts)
{
    return facts->header.is_unfinished && !facts->header.is_private;
}

/* A file that went round holds fewer buffers than were written to it. */
static bool lacks_buffers(const struct cli_facts *facts)
{
    const struct cli_header_facts *header = &facts->header;
    return !header->is_unfinished && !header->is_private && !is_circular(facts) &&
           header->buffers_written > header->buffers;
}

static void tell_lacking(const struct cli_facts *facts, struct text *why)
{
    const struct cli_header_facts *header = &facts->header;
    char number[DISPLAY_COUNT_SIZE];
    text_add_format(why, "the file holds %s of the ", display_count(header->buffers, number));
    text_add(why, display_count(header->buffers_written, number));
    text_add(why, " buffers that the recorder wrote, as after an interrupted copy");
}

static bool lost_events(const struct cli_facts *facts)
{
    const struct cli_header_facts *header = &facts->header;
    return header->events_lost + header->buffers_lost + facts->marked_buffers +
               facts->lost_notices >
           0;
}

static void tell_lost(const struct cli_facts *facts, struct text *why)
{
    const struct cli_header_facts *header = &facts->header;
    bool has_both = header->events_lost > 0 && header->buffers_lost > 0;
    text_add(why, "the recorder lost ");
    if (header->events_lost > 0) {
        display_add_count(why, header->events_lost, "event", "events");
    }
    text_add(why, has_both ? " and " : "");
    if (header->buffers_lost > 0) {
        display_add_count(why, header->buffers_lost, "buffer", "buffers");
    }
    text_add(why, header->events_lost + header->buffers_lost == 0 ? "events" : "");
    text_add(why, " while it ran, so packets and owners may be missing; fewer providers or a "
                  "capture filter lose less");
}

/* ---- owners and what else belongs to packets ---- */

static bool pktmon_without_owners(const struct cli_facts *facts)
{
    return facts->pktmon_packet_events > 0 && !facts->has_socket_events;
}

static bool ndis_without_owners(const struct cli_facts *facts)
{
    return facts->ndis_packet_events + facts->ras_packet_events > 0 && !facts->has_socket_events;
}

static bool lacks_components(const struct cli_facts *facts)
{
    return facts->pktmon_packet_events > 0 && facts->components == 0;
}

static uint64_t from_application(const struct cli_facts *facts)
{
    return facts->socket_events[ETW_LAYER_APPLICATION];
}

static uint64_t from_stack(const struct cli_facts *facts)
{
    return facts->socket_events[ETW_LAYER_STACK];
}

static bool has_only_kernel_network(const struct cli_facts *facts)
{
    return facts->socket_events[ETW_LAYER_KERNEL] > 0 && from_stack(facts) == 0 &&
           from_application(facts) == 0;
}

static bool lacks_stack(const struct cli_facts *facts)
{
    return from_application(facts) > 0 && from_stack(facts) == 0;
}

static bool lacks_application(const struct cli_facts *facts)
{
    return from_stack(facts) > 0 && from_application(facts) == 0;
}

static bool lacks_connections(const struct cli_facts *facts)
{
    return from_stack(facts) > 0 && facts->connection_rundowns == 0 && has_packets(facts);
}

static bool lacks_processes(const struct cli_facts *facts)
{
    return facts->has_socket_events && facts->process_changes + facts->process_rundowns == 0;
}

static bool lacks_earlier_processes(const struct cli_facts *facts)
{
    return facts->has_socket_events && facts->process_changes > 0 && facts->process_rundowns == 0;
}

/* Earlier Windows versions log none of these events. [documented: manifests] */
static bool is_windows_10(const struct cli_facts *facts)
{
    return facts->header.os_build == 0 || facts->header.os_build >= BUILD_WINDOWS_10;
}

static bool lacks_hosts(const struct cli_facts *facts)
{
    return is_windows_10(facts) && has_packets(facts) && facts->names == 0;
}

static bool lacks_smb(const struct cli_facts *facts)
{
    return is_windows_10(facts) && facts->smb > 0 &&
           facts->socket_events[ETW_LAYER_SMB_CLIENT] +
                   facts->socket_events[ETW_LAYER_SMB_SERVER] ==
               0;
}

static void tell_smb(const struct cli_facts *facts, struct text *why)
{
    display_add_count(why, facts->smb, "packet is", "packets are");
    text_add(why, " SMB, and the trace has no events of it; the providers "
                  "Microsoft-Windows-SMBClient and -SMBServer record them");
}

static void tell_messages(const struct cli_facts *facts, struct text *why)
{
    uint64_t count = facts->by_class[RECORD_IS_MESSAGE];
    display_add_count(why, count, "WPP message", "WPP messages");
    text_add(why, " can be read only with the private symbols (TMF or PDB files) of the program "
                  "that wrote them");
}

/* ---- the clock ---- */

static bool is_of_interest(const struct cli_facts *facts)
{
    return has_packets(facts) || facts->has_socket_events;
}

static bool counts_cycles(const struct cli_facts *facts)
{
    return is_of_interest(facts) && facts->header.clock == ETW_CLOCK_CPU_CYCLES;
}

static void tell_cycles(const struct cli_facts *facts, struct text *why)
{
    text_add_format(why,
                    "times count cycles of a CPU and are worked out with the %lu MHz that the "
                    "header states; a CPU that changed its speed makes them wrong",
                    (unsigned long)facts->header.cpu_mhz);
}

/* Real sessions end at most 54 s after their last event and at most 1.8 s before it, and the
 * latter only after hours. Merging may add events from behind the end. [measured] */
static bool runs_past_end(const struct cli_facts *facts)
{
    const struct cli_header_facts *header = &facts->header;
    if ((header->mode & MODE_RELOGGED) || header->start <= 0 || header->end <= 0 ||
        header->last <= header->end) {
        return false;
    }
    int64_t past = header->last - header->end;
    return past > 2 * SECOND && past > (header->last - header->start) / 1000;
}

static void tell_past_end(const struct cli_facts *facts, struct text *why)
{
    text_add(why, "the last event stands ");
    display_add_duration(why, facts->header.last - facts->header.end);
    text_add(why, " behind the end of the session: times of the header and of the events do not "
                  "agree, as with a wrong clock rate");
}

static bool is_coarse(const struct cli_facts *facts)
{
    return is_of_interest(facts) && facts->header.clock == ETW_CLOCK_SYSTEM_TIME &&
           facts->smallest_step >= MILLISECOND / 2;
}

static void tell_coarse(const struct cli_facts *facts, struct text *why)
{
    text_add(why, "times come from the system clock and move in steps of ");
    display_add_step(why, facts->smallest_step);
    text_add(why, " or more: what stands in one step keeps the order of the file");
}

/* ---- all rules ---- */

#define OWNERS (CLI_NEED_SOCKETS | CLI_NEED_PROCESSES)

/* clang-format off */
const struct cli_rule cli_rules[] = {
    {"packets", pktmon_filtered_all, "", tell_filtered_all, CLI_REMEDY_RECORD, OWNERS | CLI_NEED_NO_FILTERS},
    {"packets", pktmon_without_traffic,
     "the packet monitor ran, but all its flow counters are 0: no traffic passed the components "
     "it watched while it recorded", NULL, CLI_REMEDY_RECORD, OWNERS},
    {"packets", pktmon_counted_only,
     "the packet monitor counted packets but logged none: it ran with --counters-only, or its "
     "--flags left out the packet bytes", NULL, CLI_REMEDY_RECORD, OWNERS},
    {"packets", has_only_pktmon,
     "the packet monitor wrote events but no packets: it did not run with --capture, or it was "
     "stopped before any traffic passed its filters", NULL, CLI_REMEDY_RECORD, OWNERS},
    {"packets", ndis_filtered_all, "", tell_filtered_all, CLI_REMEDY_RECORD, OWNERS},
    {"packets", ndis_without_packets,
     "the capture driver was part of the session but logged no packet: no traffic passed, or the "
     "capture filters let none through", NULL, CLI_REMEDY_RECORD, OWNERS},
    {"packets", damaged_and_empty,
     "the file is damaged, and what can be read of it holds no events", NULL,
     CLI_REMEDY_RECORD, OWNERS},
    {"packets", unfinished_and_empty,
     "the trace holds nothing but its own header, and the session was not stopped: what it "
     "recorded had not been written yet", NULL, CLI_REMEDY_RECORD, OWNERS},
    {"packets", nothing_recorded,
     "the trace holds nothing but its own header: no provider logged an event before it ended",
     NULL, CLI_REMEDY_RECORD, OWNERS},
    {"packets", messages_only,
     "the trace holds only WPP messages, which are debugging texts of one program and contain no "
     "packets", NULL, CLI_REMEDY_RECORD, OWNERS},
    {"packets", tracelogging_only,
     "the trace holds only TraceLogging events of programs, which contain no packets", NULL,
     CLI_REMEDY_RECORD, OWNERS},
    {"packets", kernel_half,
     "this is the file of the kernel's session; packets, if any were recorded, stand in the file "
     "of the other session that ran at the same time", NULL, CLI_REMEDY_RECORD, OWNERS},
    {"packets", kernel_only,
     "the trace holds only events of the kernel logger and of classic providers; they may name "
     "connections and processes but contain no packets", NULL, CLI_REMEDY_RECORD, OWNERS},
    {"packets", sockets_without_packets,
     "the trace has socket events, but no packet capture was part of the session", NULL,
     CLI_REMEDY_RECORD, OWNERS},
    {"packets", no_packets,
     "no provider of this trace records packets; Microsoft-Windows-NDIS-PacketCapture "
     "(netsh trace capture=yes) and Microsoft-Windows-PktMon (pktmon) do", NULL,
     CLI_REMEDY_RECORD, OWNERS},
    {"packets", pktmon_truncated, "", tell_pktmon_truncated, CLI_REMEDY_RECORD, 0},
    {"packets", ndis_truncated, "", tell_ndis_truncated, CLI_REMEDY_RECORD, 0},
    {"events", lost_events, "", tell_lost, CLI_REMEDY_NONE, 0},
    {"beginning", has_wrapped, "", tell_wrapped, CLI_REMEDY_LARGER, 0},
    {"beginning", is_later_file, "", tell_earlier_files, CLI_REMEDY_NONE, 0},
    {"beginning", may_have_wrapped, "", tell_late, CLI_REMEDY_LARGER, 0},
    {"end", is_unfinished,
     "the session was not stopped: its last events had not been written, and what its header says "
     "of losses is not final", NULL, CLI_REMEDY_STOP, 0},
    {"end", lacks_buffers, "", tell_lacking, CLI_REMEDY_NONE, 0},
    {"end", is_first_file,
     "the session wrote a row of files, of which this is the first: later ones may stand beside it",
     NULL, CLI_REMEDY_NONE, 0},
    {"filtered", was_filtered, "", tell_filtered, CLI_REMEDY_RECORD, CLI_NEED_NO_FILTERS},
    {"owners", pktmon_without_owners,
     "the trace has no socket events, so no packet can be traced to a process; the providers "
     "Microsoft-Windows-TCPIP and Microsoft-Windows-Winsock-AFD record them", NULL,
     CLI_REMEDY_RECORD, OWNERS},
    {"owners", ndis_without_owners,
     "the trace has no socket events, so no packet can be traced to a process; the providers "
     "Microsoft-Windows-TCPIP and Microsoft-Windows-Winsock-AFD record them", NULL,
     CLI_REMEDY_RECORD, OWNERS},
    {"processes", lacks_processes,
     "the trace has no process records, so owners are pids without names; the provider "
     "Microsoft-Windows-Kernel-Process records them", NULL, CLI_REMEDY_RECORD, CLI_NEED_PROCESSES},
    {"processes", lacks_earlier_processes,
     "the trace tells of processes that began or ended in it, but does not list those that ran "
     "before: their pids have no names", NULL, CLI_REMEDY_NONE, 0},
    {"connections", lacks_connections,
     "the trace does not list the connections that were open before it: one that no later event "
     "names has no owner", NULL, CLI_REMEDY_NONE, 0},
    {"timelines", has_only_kernel_network,
     "only the kernel's network events tell of sockets: states and calls are not among them", NULL,
     CLI_REMEDY_RECORD, CLI_NEED_SOCKETS},
    {"timelines", lacks_stack,
     "the trace has no events of Microsoft-Windows-TCPIP: states, retransmissions and drops are "
     "not told", NULL, CLI_REMEDY_RECORD, CLI_NEED_SOCKETS},
    {"timelines", lacks_application,
     "the trace has no events of Microsoft-Windows-Winsock-AFD: what programs asked of their "
     "sockets is not told", NULL, CLI_REMEDY_RECORD, CLI_NEED_SOCKETS},
    {"components", lacks_components,
     "the packet monitor did not describe the components of its stack, as it does when it is "
     "stopped: packets have no names of adapters and no counters to compare with", NULL,
     CLI_REMEDY_NONE, 0},
    {"smb", lacks_smb, "", tell_smb, CLI_REMEDY_RECORD, CLI_NEED_SMB},
    {"hosts", lacks_hosts,
     "addresses have no names, as no event tells what was looked up; the provider "
     "Microsoft-Windows-DNS-Client records it", NULL, CLI_REMEDY_RECORD, CLI_NEED_HOSTS},
    {"messages", has_messages, "", tell_messages, CLI_REMEDY_NONE, 0},
    {"clock", counts_cycles, "", tell_cycles, CLI_REMEDY_RECORD, 0},
    {"clock", runs_past_end, "", tell_past_end, CLI_REMEDY_NONE, 0},
    {"clock", is_coarse, "", tell_coarse, CLI_REMEDY_RECORD, 0},
};
/* clang-format on */
const size_t cli_rule_count = sizeof(cli_rules) / sizeof(cli_rules[0]);
