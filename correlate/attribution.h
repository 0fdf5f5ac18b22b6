/* SPDX-License-Identifier: MIT */
/*
 * attribution.h - which socket, and so which process, a packet belongs to.
 *
 *     corr_attribution_new(ledger, &attribution, &error);
 *     for packets in time order: corr_attribute(attribution, &layers, direction, time, &verdict);
 *     corr_attribution_free(attribution);
 *
 * A function of the packet and the ledger, but for two short memories: who owned the
 * first fragment of a datagram, and the last datagram events (which tie a datagram to
 * its very event).
 *
 * Rules, strongest first, are tables at the end of attribution_tcp.c,
 * attribution_datagram.c and attribution_other.c; what they are worth is in evidence.c.
 * Nothing is claimed on contradiction or doubt.
 */
#ifndef CORRELATE_ATTRIBUTION_H
#define CORRELATE_ATTRIBUTION_H

#include "correlate/evidence.h"
#include "correlate/packet_layers.h"
#include "correlate/processes.h"
#include "etw/base/error.h"
#include "etw/event.h"

struct corr_ledger;

/* Why a packet has no owner. */
enum corr_no_owner {
    CORR_OWNED,
    CORR_NO_SOCKET,   /* its protocol has none */
    CORR_NO_ENDPOINT, /* the stack answered or dropped: nobody listened */
    CORR_SHARED,      /* several sockets got it: all candidates are true */
    CORR_AMBIGUOUS,   /* one of the candidates */
    CORR_NOT_LOCAL,   /* neither end is this machine */
    CORR_NO_EVENTS,   /* the trace has no socket events */
    CORR_UNKNOWN,
    CORR_NO_OWNER_COUNT
};

/* "no-socket"; "" for CORR_OWNED */
const char *corr_no_owner_name(enum corr_no_owner reason);
/* "certain"; "" for CORR_NO_CONFIDENCE */
const char *corr_confidence_name(enum corr_confidence confidence);

#define CORR_CANDIDATES_MAXIMUM 8

/* 16 bytes a packet. */
struct corr_verdict {
    uint32_t socket;  /* row of the ledger, also of packets without owner; CORR_NO_ROW: none,
                         or one of several of the same process */
    uint32_t process; /* row of the processes; CORR_NO_ROW: no owner */
    /* Of the place of the event about this very packet; corr_verdict_match() puts it together. */
    uint32_t matched; /* low 32 bits; all three 0: there is none */
    uint32_t matched_high : 6;
    uint32_t matched_file : 11;
    uint32_t is_inbound : 1; /* to the local end, as the addresses say */
    uint32_t confidence : 2; /* enum corr_confidence */
    uint32_t reason : 4;     /* enum corr_no_owner */
    uint32_t rule : 8;       /* enum corr_rule that decided */
};

/* The place (etw/record.h) of the event about this very packet; false: there is none, or it stands
 * so far behind in a file, 256 GiB, that the verdict cannot say. */
static inline bool corr_verdict_match(const struct corr_verdict *verdict, uint64_t *place)
{
    uint64_t offset = (uint64_t)verdict->matched_high << 32 | verdict->matched;
    *place = etw_place_make(verdict->matched_file, offset);
    return *place != 0;
}

struct corr_attribution;

/* By the addresses: sent when the source alone is this machine's, received when the destination
 * alone is. */
enum etw_direction corr_attribution_direction(const struct corr_attribution *attribution,
                                              const struct corr_layers *layers);

/* `ledger` is finished and outlives the attribution. */
enum etw_status corr_attribution_new(const struct corr_ledger *ledger,
                                     struct corr_attribution **out, struct etw_error *error);
void corr_attribution_free(struct corr_attribution *attribution);

/* How far a packet and the event about it may be apart: an event of a send comes before
 * the packet, one of a receive after it. In 100 ns. */
#define CORR_EVENT_DELAY INT64_C(10000)

/* Events of the second pass, in time order with the packets: remembers datagrams. */
void corr_attribution_note(struct corr_attribution *attribution, const struct etw_event *event);

void corr_attribute(struct corr_attribution *attribution, const struct corr_layers *layers,
                    enum etw_direction direction, int64_t time, struct corr_verdict *verdict);

/* True: several sockets may have received the packet, and only an event that is still to
 * come within CORR_EVENT_DELAY can tell which. It is worth asking again then. */
bool corr_attribution_awaits(struct corr_attribution *attribution, const struct corr_layers *layers,
                             enum etw_direction direction, int64_t time);

/* False: it never does, for no two processes used the same port for datagrams. */
bool corr_attribution_may_await(const struct corr_attribution *attribution);

/* Processes that share a packet or between which it is undecided (reasons shared and
 * ambiguous), each once, ascending by row. Returns how many of `maximum` were written. */
size_t corr_candidates(struct corr_attribution *attribution, const struct corr_layers *layers,
                       enum etw_direction direction, int64_t time, uint32_t *processes,
                       size_t maximum);

#endif
