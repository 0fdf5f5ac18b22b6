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
 *     lost events=4 buffers=1           what the file header says was lost
 *     lose 3 7-9                        these of the events are not written, counted from 1;
 *                                       packets, processes and interfaces do not count
 *     host 192.0.2.1 02-00-00-00-00-01  hardware address of an address, IPv4 or IPv6
 *     gateway 02-00-00-00-00-02         that of all other addresses but multicast ones
 *     connection local=A:P remote=A:P owner=PID states=Closed>SynSent>... close=WHY
 *     operation command=... NAME=VALUE...   an SMB operation: for the truth alone, as it stands
 *     condition kind=... NAME=VALUE...      likewise what happened to its connection or session
 *     include FILE                      its lines stand here
 *
 * Events, in time order (seconds, CPU, process and thread of the record header):
 *
 *     1.5 c0 2704.3012 TCPIP 1051 TcpTcbStateChange Tcb=0x8921DD28 OldState=1(Listen) ...
 *         (likewise AFD, NDIS, KERNEL-PROCESS, KERNEL-NETWORK, DNS-CLIENT, NAME-RESOLUTION, HTTP,
 *         WEBIO, SMB-CLIENT, SMB-SERVER, SMB-DIRECT; keywords= says other keywords of the header
 *         than the event usually has)
 *     1.5 c0 2704.3012 UdpIp Send PID=2704 size=8 daddr=192.0.2.2 saddr=192.0.2.1 dport=53 sport=5
 *         (likewise TcpIp; SendIPV6 and so on for IPv6)
 *     1.5 c0 0.0 in 192.0.2.1:5000 > 192.0.2.2:80 tcp SYN seq=1 ack=0 win=8192 owner=2704
 *     1.5 c0 0.0 out [2001:db8::1]:5000 > [2001:db8::2]:53 udp data='...' owner=2704
 *     1.5 c0 0.0 out 192.0.2.1 > 192.0.2.2 icmp unreachable code=3 quotes=7 owner=none why=...
 *     1.5 c0 0.0 out 192.0.2.1 > 192.0.2.2 arp request owner=none why=no-socket
 *     1.5 c0 4.8 process DCStart pid=2704 parent=1 session=1 key=0x1 sid=S-1-5-18 image=a.exe
 *         command='...'                 (likewise Start, End with exit=, DCEnd)
 *     1.5 c0 4.8 interface index=11 alias=... description=... mac=02-... type=6
 *
 * Values of events: see event_payload.h. In addition @1.5 is the time 1.5 seconds after the start
 * of the trace. Ports of Kernel-Network are numbers, its addresses are written as addresses.
 * The events of the kernel logger (TcpIp, UdpIp) have no process and thread in their header;
 * `system` gives them one. Their version follows from that of Windows; version= says another.
 *
 * Words of every packet: id= ttl= mac= (of the sender) if= (interface), `raw` (no Ethernet
 * header), and data='...' or hex:..., then size= letters and zeros= zeros. `total=0`: the length
 * in the IPv4 header.
 *     tcp    flags, seq= ack= win= mss= ws= sack sum=right|partial|zero
 *     udp    sum=; fragment=OFFSET makes one fragment of the datagram: up to 1480 bytes from there
 *     icmp   and icmpv6: echo-request or echo-reply with sequence=, unreachable or time-exceeded
 *            with code= and quotes=N, the number of the packet it is about
 *     arp    request or reply
 *
 * The truth: owner=PID, and process=IMAGE where one pid is used by several processes one after the
 * other; or owner=none and why= no-socket, no-endpoint, shared, ambiguous, not-local, no-events or
 * unknown. The sockets of `shared` and `ambiguous` are those of candidates=PID,PID.
 */
#ifndef SAMPLES_WRITER_SCENARIO_H
#define SAMPLES_WRITER_SCENARIO_H

#include "event_payload.h"
#include "scenario_frames.h"
#include "scenario_text.h"
#include "scene.h"

struct scenario_host {
    struct endpoint at; /* without port */
    bool is_ipv6;
};

/* An event that occurs, and when it did first. */
struct scenario_schema {
    const struct event_layout *layout;
    int64_t at;
};

/* Events that are not written: numbers of the first and the last one. */
struct scenario_gap {
    unsigned first, last;
};

enum { MOST_HOSTS = 32, MOST_VALUES = 128, MOST_SCHEMAS = 256, MOST_GAPS = 64 };

struct scenario {
    struct scenario_text text;
    struct etl_options options;
    struct scene scene;
    const char *title;
    unsigned build, pointer_size;
    const char *without; /* kind of lines to leave out; NULL: none */
    struct scenario_host hosts[MOST_HOSTS];
    size_t host_count;
    bool has_gateway;
    uint8_t gateway[6];
    bool has_metadata;
    struct scenario_schema schemas[MOST_SCHEMAS];
    size_t schema_count;
    struct scenario_gap gaps[MOST_GAPS];
    size_t gap_count;
    int64_t last_at;
};

/* False: text.problem says why. */
bool scenario_make(struct scenario *scenario, const char *path);
bool scenario_print_truth(const struct scenario *scenario, FILE *to);
void scenario_done(struct scenario *scenario);

/* ---- between the files of the scenario ---- */

/* Events of the scenario that are not left out. */
bool scenario_is_played(const struct scenario *scenario, const struct scenario_line *line);
bool scenario_is_packet(const struct scenario *scenario, const struct scenario_line *line);
/* The n-th word behind the key word; "" when there is none. */
const char *scenario_argument(const struct scenario *scenario, const struct scenario_line *line,
                              size_t n);
/* A number of the line, or `otherwise`; complains about what is none. */
int64_t scenario_number(struct scenario *scenario, const struct scenario_line *line,
                        const char *name, int64_t otherwise);
/* Hardware address: 02-00-00-00-00-01. */
bool scenario_parse_mac(const char *text, uint8_t mac[6]);
/* 192.0.2.1, 192.0.2.1:80, 2001:db8::1 or [2001:db8::1]:80. */
bool scenario_parse_address(const char *text, struct endpoint *out, bool *is_ipv6);

/* Events of providers; `provider` is the first word of the line. */
bool scenario_play_event(struct scenario *scenario, const struct scenario_line *line);
/* The schemas of all events played so far. */
void scenario_play_metadata(struct scenario *scenario);
bool scenario_play_process(struct scenario *scenario, const struct scenario_line *line);
bool scenario_play_interface(struct scenario *scenario, const struct scenario_line *line);
/* TcpIp and UdpIp. */
bool scenario_play_network(struct scenario *scenario, const struct scenario_line *line);
bool scenario_play_packet(struct scenario *scenario, const struct scenario_line *line);

/* Are the words about the owner those that the list above has? Complains. */
bool scenario_check_owner(struct scenario *scenario, const struct scenario_line *line);
/* The line that tells of the owner of a packet or connection: of the process with that pid that
 * began last before the line, else of the first one after it. NULL: none does. */
const struct scenario_line *scenario_find_process(const struct scenario *scenario,
                                                  const struct scenario_line *line);
/* File name of a process line's image. */
const char *scenario_get_image(const struct scenario *scenario, const struct scenario_line *line);
/* The begin of a process, in 100 ns since the start of the trace; false: the line tells of one
 * that was there already. */
bool scenario_get_start(const struct scenario *scenario, const struct scenario_line *line,
                        int64_t *start);

#endif
