/* SPDX-License-Identifier: MIT */
#include "cli/diagnosis.h"

#include <string.h>

#include "cli/facts.h"

/* The commands use documented options only.
 * [documented: Microsoft Learn, "pktmon start" and "netsh trace start"] */
#define NETSH_PACKETS  "netsh trace start capture=yes report=disabled tracefile=C:\\trace.etl"
#define NETSH_OWNERS   "netsh trace start scenario=InternetClient capture=yes tracefile=C:\\trace.etl"
#define PKTMON_PACKETS "pktmon start --capture --pkt-size 0 --file-name C:\\trace.etl"
#define PKTMON_OWNERS                                                                              \
    "pktmon start --capture --pkt-size 0 --trace -p Microsoft-Windows-TCPIP "                      \
    "-p Microsoft-Windows-Winsock-AFD --file-name C:\\trace.etl"

/* Records that every trace gets from the system itself: its header, partitions,
 * build strings. A trace with no more than these was empty. */
#define HOUSEKEEPING_EVENTS 8

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

static bool pktmon_without_traffic(const struct cli_facts *facts)
{
    return !has_packets(facts) && facts->pktmon_provider_events > 0 && facts->points > 0 &&
           facts->points_nonzero == 0;
}

static bool pktmon_counted_only(const struct cli_facts *facts)
{
    return !has_packets(facts) && facts->pktmon_provider_events > 0 && facts->points_nonzero > 0;
}

static bool pktmon_without_packets(const struct cli_facts *facts)
{
    return !has_packets(facts) && facts->pktmon_provider_events > 0;
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

static bool messages_only(const struct cli_facts *facts)
{
    return !has_packets(facts) && facts->by_class[RECORD_IS_MESSAGE] > 0 &&
           facts->by_class[RECORD_IS_MANIFEST] == 0;
}

static bool has_messages(const struct cli_facts *facts)
{
    return facts->by_class[RECORD_IS_MESSAGE] > 0;
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

static bool no_packets(const struct cli_facts *facts)
{
    return !has_packets(facts);
}

static bool pktmon_truncated(const struct cli_facts *facts)
{
    return facts->truncated > 0 && facts->pktmon_packet_events > 0;
}

static bool ndis_truncated(const struct cli_facts *facts)
{
    return facts->truncated > 0 && facts->ndis_packet_events > 0;
}

static bool pktmon_without_owners(const struct cli_facts *facts)
{
    return facts->pktmon_packet_events > 0 && !facts->has_socket_events;
}

static bool ndis_without_owners(const struct cli_facts *facts)
{
    return facts->ndis_packet_events + facts->ras_packet_events > 0 && !facts->has_socket_events;
}

/* clang-format off */
const struct cli_rule cli_rules[] = {
    {"packets", pktmon_without_traffic,
     "the packet monitor ran, but all its flow counters are 0: no traffic passed the components "
     "it watched while it recorded",
     PKTMON_PACKETS},
    {"packets", pktmon_counted_only,
     "the packet monitor counted packets but logged none: it ran with --counters-only, or its "
     "--flags left out the packet bytes",
     PKTMON_PACKETS},
    {"packets", pktmon_without_packets,
     "the packet monitor wrote events but no packets: it did not run with --capture, or it was "
     "stopped before any traffic passed its filters",
     PKTMON_PACKETS},
    {"packets", ndis_without_packets,
     "the capture driver was part of the session but logged no packet: no traffic passed, or the "
     "capture filters let none through",
     NETSH_PACKETS},
    {"packets", damaged_and_empty,
     "the file is damaged, and what can be read of it holds no events",
     NETSH_PACKETS},
    {"packets", nothing_recorded,
     "the trace holds nothing but its own header: no provider logged an event before it ended",
     NETSH_PACKETS},
    {"packets", messages_only,
     "the trace holds only WPP messages, which are debugging texts of one program and contain no "
     "packets",
     NETSH_PACKETS},
    {"packets", tracelogging_only,
     "the trace holds only TraceLogging events of programs, which contain no packets",
     NETSH_PACKETS},
    {"packets", kernel_only,
     "the trace holds only events of the kernel logger and of classic providers; they may name "
     "connections and processes but contain no packets",
     NETSH_PACKETS},
    {"packets", sockets_without_packets,
     "the trace has socket events, but no packet capture was part of the session",
     NETSH_OWNERS},
    {"packets", no_packets,
     "no provider of this trace records packets; Microsoft-Windows-NDIS-PacketCapture "
     "(netsh trace capture=yes) and Microsoft-Windows-PktMon (pktmon) do",
     NETSH_PACKETS},
    {"packets", pktmon_truncated,
     "packets were cut while recording: without --pkt-size 0 the packet monitor keeps only the "
     "first 128 bytes of each",
     PKTMON_PACKETS},
    {"packets", ndis_truncated,
     "packets were cut while recording, as the capture filter packettruncatebytes does",
     NETSH_PACKETS},
    {"messages", has_messages,
     "WPP messages can be read only with the private symbols (PDB files) of the program that "
     "wrote them",
     NULL},
    {"owners", pktmon_without_owners,
     "the trace has no socket events, so no packet can be traced to a process; the providers "
     "Microsoft-Windows-TCPIP and Microsoft-Windows-Winsock-AFD record them",
     PKTMON_OWNERS},
    {"owners", ndis_without_owners,
     "the trace has no socket events, so no packet can be traced to a process; the providers "
     "Microsoft-Windows-TCPIP and Microsoft-Windows-Winsock-AFD record them, and the scenario "
     "InternetClient turns both on",
     NETSH_OWNERS},
};
/* clang-format on */
const size_t cli_rule_count = sizeof(cli_rules) / sizeof(cli_rules[0]);

size_t cli_diagnose(const struct cli_facts *facts,
                    const struct cli_rule *out[CLI_DIAGNOSIS_MAXIMUM])
{
    size_t count = 0;
    for (size_t i = 0; i < cli_rule_count && count < CLI_DIAGNOSIS_MAXIMUM; i++) {
        bool is_answered = count > 0 && strcmp(out[count - 1]->what, cli_rules[i].what) == 0;
        if (!is_answered && cli_rules[i].applies(facts)) {
            out[count++] = &cli_rules[i];
        }
    }
    return count;
}
