/* SPDX-License-Identifier: MIT */
/*
 * judge.h - how the story of a socket ended and what went wrong in it: rules over what
 * events and packets showed, each with its evidence and its limits.
 *
 *     corr_judge_new(ledger, &judge, &error);
 *     for every event and packet in time order:
 *         corr_judge_event(judge, &event, socket, &error);
 *         corr_judge_packet(judge, &packet, &error);
 *     corr_judge_finish(judge);
 *     corr_judge_list(judge, socket, &judgements);
 *     corr_judge_free(judge);
 *
 * Memory: 320 bytes at most per socket that has events or packets, 168 more when something is
 * wrong with it, the same for CORR_JUDGE_ORPHANS pairs of ends that have no socket. One
 * trace is one vantage point: what is judged is what the capture layer and the stack of
 * this machine saw, never what was on the wire beyond.
 */
#ifndef CORRELATE_JUDGE_H
#define CORRELATE_JUDGE_H

#include "correlate/ledger.h"
#include "correlate/packets.h"

enum corr_judgement_rule {
    /* How it ended: at most one of these per socket, the first that applies. */
    CORR_JUDGE_CONNECT_TIMEOUT, /* SYNs without an answer */
    CORR_JUDGE_REFUSED_BY_PEER, /* RST answered the SYN */
    CORR_JUDGE_PORT_EXHAUSTION, /* no local port was free */
    CORR_JUDGE_CONNECT_FAILED,  /* for another reason, which the status names */
    CORR_JUDGE_NO_LISTENER,     /* the local stack answered a SYN with RST: nobody listened */
    CORR_JUDGE_BACKLOG_FULL,    /* the listener did not take the connection */
    CORR_JUDGE_FOREIGN_RESET,   /* a RST that does not look like the peer's packets */
    CORR_JUDGE_RESET_BY_PEER,
    CORR_JUDGE_LOCAL_ABORT, /* by the application or Winsock, with its reason */
    CORR_JUDGE_KEEP_ALIVE_TIMEOUT,
    CORR_JUDGE_RETRANSMIT_TIMEOUT,
    CORR_JUDGE_HALF_OPEN,       /* SYN received, never established */
    CORR_JUDGE_ONE_SIDED_CLOSE, /* one side closed, the other never did */
    CORR_JUDGE_CLEAN_CLOSE,
    CORR_JUDGE_STILL_OPEN,
    /* What else is worth knowing: any number. */
    CORR_JUDGE_DROPPED_HERE,  /* the packet monitor saw packets dropped on this machine */
    CORR_JUDGE_SLOW_RECEIVER, /* data were indicated, the application did not receive */
    CORR_JUDGE_ZERO_WINDOW,
    CORR_JUDGE_RETRANSMISSIONS,
    CORR_JUDGE_DELAYED_ACK,   /* together with Nagle: waits of about 200 ms */
    CORR_JUDGE_SILENCE,       /* a gap, with the silent side */
    CORR_JUDGE_BAD_CHECKSUMS, /* of received segments */
    CORR_JUDGE_OFFLOADED_CHECKSUMS,
    CORR_JUDGE_OFFLOADED_SEGMENTATION,
    CORR_JUDGE_LADDER, /* received data: captured, processed, indicated, returned */
    CORR_JUDGE_COUNT
};

/*
 * What the numbers are; durations in 100 ns, -1: not known.
 *
 * connect-timeout      SYNs; until the stack gave up; connect() took; waits after each SYN,
 *                      5 at most, 0: no more; only seen up to the end of the trace: -1 in the
 *                      second
 * refused-by-peer      SYNs; from the last of them to the RST; connect() took
 * port-exhaustion      none
 * connect-failed       SYNs; connect() took
 * no-listener          SYNs; from the last of them to the RST; 1: the stack said so
 * backlog-full         from the SYN to the rejection
 * foreign-reset        CORR_DOUBT_*; hop limit of the RST; least and greatest of the peer's
 *                      other packets; MACs of the RST and of those, as numbers; state; from
 *                      what we sent last to the RST
 * reset-by-peer        state; age of the connection; since the last data; 1: we had closed
 * local-abort          Winsock's reason, -1: none; age; bytes that nobody had received
 * keep-alive-timeout   age; since the peer's last segment
 * retransmit-timeout   retransmissions; since the peer's last segment; enum etw_timer
 * half-open            SYN-ACKs; since the SYN
 * one-sided-close      1: we closed; since then; 1: the connection was let go after
 * clean-close          1: we closed first, 0: the peer, -1: not known; connecting took; bytes
 *                      sent; received; from the last data to the first FIN; age
 * still-open           age; since the last data; connecting took; bytes sent; received
 * dropped-here         packets on their way in; out; the first one's reason, as logged
 * slow-receiver        longest wait; bytes that waited; 1: nobody ever received them
 * zero-window          1: ours; how often; longest
 * retransmissions      by us; by the peer; first and last byte, counted from the connection's
 *                      first, -1: not known
 * delayed-ack          how often; together
 * silence              how long; 1: the peer; 1: with data unacknowledged; start, counted from
 *                      the connection's begin
 * bad-checksums        wrong; checked
 * offloaded-checksums  wrong; checked
 * offloaded-segmentation  segments; bytes of the largest
 * ladder               bytes of the last data; from their capture to the stack; to Winsock;
 *                      to the application; where it stopped: enum corr_station; 1: Winsock's events
 *                      of the socket are in the trace
 */
#define CORR_JUDGEMENT_NUMBERS 8

/* What speaks against a RST from the peer. */
enum corr_doubt {
    CORR_DOUBT_HOP_LIMIT = 0x1,
    CORR_DOUBT_MAC = 0x2,
    CORR_DOUBT_TOO_FAST = 0x4, /* it acknowledges what could not have reached the peer yet */
    CORR_DOUBT_IP_ID = 0x8     /* supports the others, proves nothing */
};

enum corr_station {
    CORR_STATION_CAPTURED,
    CORR_STATION_STACK,
    CORR_STATION_WINSOCK,
    CORR_STATION_APPLICATION
};

struct corr_judgement {
    enum corr_judgement_rule rule;
    int64_t time;    /* when it happened, or the end of the story */
    uint64_t frame;  /* the packet that shows it best; 0: none */
    uint64_t offset; /* the record that shows it best; 0: none */
    uint32_t status; /* NTSTATUS that goes with it; 0: none */
    bool is_trouble; /* something failed, was slow or was lost */
    int64_t numbers[CORR_JUDGEMENT_NUMBERS];
};

struct corr_judge;

/* TCP packets without socket are judged by their ends, up to so many pairs. */
#define CORR_JUDGE_ORPHANS 4096

/* `ledger` is finished and borrowed. Give it everything, also what nobody asks for: the
 * last event or packet is the end of the trace, up to which what is still open lasts. */
enum etw_status corr_judge_new(const struct corr_ledger *ledger, struct corr_judge **out,
                               struct etw_error *error);
void corr_judge_free(struct corr_judge *judge); /* NULL is allowed */
/* `socket`: row of the ledger that the event is about, or CORR_NO_ROW. */
enum etw_status corr_judge_event(struct corr_judge *judge, const struct etw_event *event,
                                 uint32_t socket, struct etw_error *error);
enum etw_status corr_judge_packet(struct corr_judge *judge, const struct corr_packet *packet,
                                  struct etw_error *error);
void corr_judge_finish(struct corr_judge *judge);
/* Judgements of one socket, how it ended first; written into the caller's array, at most
 * CORR_JUDGE_COUNT. After finishing. */
size_t corr_judge_list(const struct corr_judge *judge, uint32_t socket,
                       struct corr_judgement judgements[CORR_JUDGE_COUNT]);
/* How many pairs of ends without socket there were, in order of appearance, and what is
 * judged of one. `*socket` becomes what can be said of it: ends, protocol, role, first and last
 * packet; no process, no id. */
size_t corr_judge_orphans(const struct corr_judge *judge);
size_t corr_judge_orphan(const struct corr_judge *judge, size_t index, struct corr_socket *socket,
                         struct corr_judgement judgements[CORR_JUDGE_COUNT]);
/* Greater is more worth a look: failed, then slow, then retransmitting; 0: nothing to see. */
uint32_t corr_judge_severity(const struct corr_judge *judge, uint32_t socket);
/* What the rule is when it is trouble: "failed", "slow", "repeated"; "": it never is. */
const char *corr_judgement_severity(enum corr_judgement_rule rule);

/* "connect-timeout" */
const char *corr_judgement_name(enum corr_judgement_rule rule);

#endif
