/* SPDX-License-Identifier: MIT */
/*
 * judge_observations.h - what events and packets have shown of one socket, as far as
 * rules ask for it. Inside correlate only.
 *
 *     judge_events.c      takes events
 *     judge_packets.c     takes packets
 *     judge_rules.c       how it ended
 *     judge_notes.c       what else is worth knowing
 *
 * Times are JUDGE_NEVER when nothing happened. Numbers of the wire are raw.
 */
#ifndef CORRELATE_JUDGE_OBSERVATIONS_H
#define CORRELATE_JUDGE_OBSERVATIONS_H

#include "correlate/judge.h"
#include "correlate/packets.h"
#include "correlate/sockets.h"

#define JUDGE_NEVER       INT64_MIN
#define JUDGE_MILLISECOND INT64_C(10000)
#define JUDGE_SECOND      INT64_C(10000000)
#define JUDGE_GAPS        4

enum { JUDGE_OUT, JUDGE_IN, JUDGE_WAYS };

enum judge_sign {
    JUDGE_IS_CLIENT = 0x1, /* we sent the SYN */
    JUDGE_IS_SERVER = 0x2, /* it came */
    JUDGE_IS_OLDER = 0x4,  /* seen first in the middle of its life */
    JUDGE_HAS_PACKETS = 0x8,
    JUDGE_TIMED_OUT = 0x10, /* the stack says so */
    JUDGE_REFUSED = 0x20,   /* the stack says so */
    JUDGE_FAILED = 0x40,    /* the stack names another failure */
    JUDGE_REJECTED = 0x80,  /* the listener did not take it */
    JUDGE_NO_PORT = 0x100,  /* no free local port */
    JUDGE_ASKED_ANY_PORT = 0x200,
    JUDGE_ABORTED = 0x400,  /* by this side */
    JUDGE_RESET_IN = 0x800, /* by the peer, or in its name */
    JUDGE_RESET_OUT = 0x1000,
    JUDGE_HAS_CONNECT_STATUS = 0x2000,
    JUDGE_HAS_ABORT_REASON = 0x4000,
    JUDGE_IS_CLOSED = 0x8000,     /* the application, or the kernel's events, let it go */
    JUDGE_HAS_NEXT_OUT = 0x40000, /* next[]: is set, and shifted for the other way */
    JUDGE_HAS_NEXT_IN = 0x80000,
    JUDGE_HAS_LAST_OUT = 0x100000, /* last_*[]: are set, the same */
    JUDGE_HAS_LAST_IN = 0x200000,
    JUDGE_HAS_FIRST_OUT = 0x400000, /* first[]: are set, the same */
    JUDGE_HAS_FIRST_IN = 0x800000
};

/* Only of sockets that something went wrong with. */
struct judge_trouble {
    uint64_t frame;                 /* of the first retransmission */
    int64_t retransmit_time;        /* of the last */
    int64_t silence_start, silence; /* the longest; how long */
    int64_t zero_since[JUDGE_WAYS]; /* the window that this side offers is 0 since then */
    int64_t zero_longest[JUDGE_WAYS];
    int64_t slow_longest;  /* data waited for a receive */
    int64_t delayed_total; /* waits for delayed ACKs */
    uint64_t slow_unread;  /* bytes that waited then */
    int64_t drop_time;     /* of the first packet that was dropped on this machine */
    uint64_t drop_frame;
    uint64_t zero_frame, silence_frame, bad_checksum_frame, large_frame;
    uint32_t low[JUDGE_WAYS], high[JUDGE_WAYS]; /* sequence range sent again */
    uint32_t retransmits[JUDGE_WAYS];
    uint32_t zeros[JUDGE_WAYS];
    uint32_t drops[JUDGE_WAYS]; /* at most UINT32_MAX */
    uint32_t drop_reason;       /* of the first, as logged */
    uint32_t delayed;
    uint32_t large, largest; /* segments that the adapter had yet to cut; payload of the largest */
    bool is_silence_of_peer, is_silence_unacknowledged;
};

struct judge_observation {
    int64_t syn_time, syn_last_time; /* of the opening SYN and its repetitions */
    int64_t answer_time;             /* SYN-ACK */
    int64_t established_time;
    int64_t connect_begin, connect_end; /* the application's call */
    int64_t failed_time;                /* the stack gave up */
    int64_t fin_time[JUDGE_WAYS];
    int64_t reset_time;
    int64_t data_time[JUDGE_WAYS];                                    /* last segment with data */
    int64_t any_time[JUDGE_WAYS];                                     /* last segment */
    int64_t captured_time, taken_time, indicated_time, returned_time; /* received data */
    int64_t waiting_since;           /* data that nobody receives */
    uint64_t syn_frame, reset_frame; /* 0: none */
    uint64_t failed_offset;
    uint32_t signs;                /* enum judge_sign */
    uint32_t syn_gaps[JUDGE_GAPS]; /* between SYNs, ticks, at most UINT32_MAX */
    uint32_t round_trip;           /* of the handshake, ticks; 0: not known */
    uint32_t connect_status, status;
    uint32_t first[JUDGE_WAYS];    /* sequence number of the SYN */
    uint32_t next[JUDGE_WAYS];     /* sequence number behind the last byte sent by this side */
    uint32_t acknowledged;         /* of what we sent */
    uint32_t segments[JUDGE_WAYS]; /* with data */
    uint32_t captured_size;        /* bytes of the last data */
    uint32_t unread;               /* bytes indicated and not received, at most UINT32_MAX */
    uint32_t small_end;            /* sequence number behind a small segment, see delayed ACK */
    uint32_t last_seq[JUDGE_WAYS];
    uint32_t trouble; /* place in the list + 1; 0: none */
    uint16_t last_id[JUDGE_WAYS];
    uint16_t largest_segment;
    uint8_t last_flags[JUDGE_WAYS];
    uint8_t syn_count, answer_count; /* at most UINT8_MAX */
    uint8_t timer;                   /* enum etw_timer of the timeout */
    uint8_t abort_reason;
    uint8_t state;      /* enum corr_tcp_state by events; CORR_STATE_COUNT: not known */
    uint8_t last_state; /* the one before Closed */
    uint8_t receives;   /* posted, not returned */
    uint8_t id_steps;   /* of the peer's IP identifications, up and by little, in a row */
    uint8_t hop_minimum, hop_maximum, reset_hop;    /* of the peer's packets */
    uint8_t doubts;                                 /* enum corr_doubt */
    uint8_t checked[JUDGE_WAYS], wrong[JUDGE_WAYS]; /* checksums */
    uint8_t mac[6], reset_mac[6];                   /* of the peer's packets; all zero: none */
    uint8_t small_stage;                            /* of a delayed ACK, see judge_packets.c */
    uint8_t severity;
};

_Static_assert(sizeof(struct judge_observation) <= 320, "five cache lines per socket");

/* Whom something is about, and where troubles live. */
struct judge_scene {
    struct judge_observation *observation;
    struct judge_troubles *troubles;
    const struct corr_socket *socket; /* NULL: there is none */
    int64_t time;
};

struct judge_troubles {
    struct judge_trouble *rows; /* owned */
    size_t count, capacity;
    bool has_failed; /* no memory for one */
};

extern const struct judge_observation judge_nothing;

static inline bool judge_has(const struct judge_observation *o, uint32_t signs)
{
    return (o->signs & signs) == signs;
}

static inline bool judge_is_any(const struct judge_observation *o, uint32_t signs)
{
    return (o->signs & signs) != 0;
}

/* Of times that may be any number; neither is JUDGE_NEVER. */
static inline int64_t judge_between(int64_t from, int64_t to)
{
    return corr_time_shift(to, from == INT64_MIN ? INT64_MAX : -from);
}

/* NULL: no memory, and `has_failed` says so. */
struct judge_trouble *judge_trouble_get(struct judge_scene *scene);
/* A SYN was sent or came, as an event or a packet told: both tell of the same one.
 * `is_exact`: it is about the SYN itself. */
void judge_note_syn(struct judge_observation *o, int64_t time, bool is_exact);

/* Takes an event about the socket. */
void judge_take_event(struct judge_scene *scene, const struct etw_event *event);
/* Takes a TCP segment of it. */
void judge_take_packet(struct judge_scene *scene, const struct corr_packet *packet,
                       bool is_inbound);
/* Nothing more comes: what still lasts is as long as until `time`. */
void judge_take_end(struct judge_scene *scene);

#endif
