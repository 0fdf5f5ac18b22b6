/* SPDX-License-Identifier: MIT */
/*
 * scenario.h - a trace made from a readable text (samples/scenarios/), and the truth about it:
 * whose packet each one is, what states each connection passed and why it ended.
 *
 * Lines about the trace, before the first event:
 *
 *     title="..."                       what happens in it
 *     windows 6.1.7601                  version and build
 *     bits 32                           of Windows: 32 or 64
 *     cpus 2
 *     buffer 2048                       bytes of a buffer; a full one is written at once
 *     clock qpc 10000000                or `clock system`
 *     start 2013-01-08T09:07:04Z        UTC
 *     zone -120                         minutes; UTC = local time + zone
 *     session NAME
 *     compressed                        with XPRESS
 *     metadata                          the schemas of the events stand behind them
 *     without process                   leave lines of this kind out
 *     host 192.0.2.1 02-00-00-00-00-01  hardware address of an address
 *     connection local=A:P remote=A:P owner=PID states=Closed>SynSent>... close=WHY
 *     include FILE                      its lines stand here
 *
 * Events, in time order (seconds, CPU, process and thread of the record header):
 *
 *     1.5 c0 2704.3012 TCPIP 1051 TcpTcbStateChange Tcb=0x8921DD28 OldState=1(Listen) ...
 *         (likewise AFD, NDIS, KERNEL-PROCESS)
 *     1.5 c0 0.0 in 192.0.2.1:5000 > 192.0.2.2:80 tcp SYN seq=1 ack=0 win=8192 owner=2704
 *     1.5 c0 4.8 process DCStart pid=2704 parent=1 session=1 key=0x1 sid=S-1-5-18 image=a.exe
 *         command='...'
 *     1.5 c0 4.8 interface index=11 alias=... description=... mac=02-...
 *
 * Words of a packet: mss= ws= sack id= ttl= data='...' (or hex:...), sum=right|partial|zero,
 * owner=PID or owner=none, why='...' when nobody owns it.
 */
#ifndef SAMPLES_WRITER_SCENARIO_H
#define SAMPLES_WRITER_SCENARIO_H

#include "event_payload.h"
#include "scenario_frames.h"
#include "scenario_text.h"
#include "scene.h"

struct scenario_host {
    uint8_t ipv4[4], mac[6];
};

/* An event that occurs, and when it did first. */
struct scenario_schema {
    const struct event_layout *layout;
    int64_t at;
};

enum { MOST_HOSTS = 32, MOST_VALUES = 128, MOST_SCHEMAS = 256 };

struct scenario {
    struct scenario_text text;
    struct etl_options options;
    struct scene scene;
    const char *title;
    unsigned build, pointer_size;
    const char *without; /* kind of lines to leave out; NULL: none */
    struct scenario_host hosts[MOST_HOSTS];
    size_t host_count;
    bool has_metadata;
    struct scenario_schema schemas[MOST_SCHEMAS];
    size_t schema_count;
    int64_t last_at;
};

/* False: text.problem says why. */
bool scenario_make(struct scenario *scenario, const char *path);
bool scenario_print_truth(const struct scenario *scenario, FILE *to);
void scenario_done(struct scenario *scenario);

/* Events of the scenario that are not left out. */
bool scenario_is_played(const struct scenario *scenario, const struct scenario_line *line);
/* Hardware address: 02-00-00-00-00-01. */
bool scenario_parse_mac(const char *text, uint8_t mac[6]);

/* One line of each kind into the scene. */
bool scenario_play_packet(struct scenario *scenario, const struct scenario_line *line);

#endif
