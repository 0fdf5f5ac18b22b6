/* SPDX-License-Identifier: MIT */
/*
 * attribution_rules.h - what the rules of attribution work with. Inside correlate
 * only: attribution.c chooses the rules, attribution_tcp.c, attribution_datagram.c and
 * attribution_other.c are the rules.
 *
 * A rule looks at a question and either answers it (true) or leaves it to the next one.
 */
#ifndef CORRELATE_ATTRIBUTION_RULES_H
#define CORRELATE_ATTRIBUTION_RULES_H

#include "correlate/attribution.h"
#include "correlate/datagram_events.h"
#include "correlate/ledger.h"
#include "correlate/socket_index.h"

enum { PROTOCOL_ICMP = 1, PROTOCOL_TCP = 6, PROTOCOL_UDP = 17, PROTOCOL_ICMPV6 = 58 };

/* 100 ns */
#define TICKS_A_MILLISECOND INT64_C(10000)
#define TICKS_A_SECOND      INT64_C(10000000)

/* How far the times of packets and events that belong together may be apart, because
 * the packet is logged below the stack. */
#define SLACK (5 * TICKS_A_MILLISECOND)

/* What attribution asks of the ledger; tests answer without one. */
struct attribution_view {
    const struct corr_socket *rows; /* borrowed */
    size_t count;
    struct corr_ledger_options options;
    const void *context;
    bool (*has_flow)(const void *context, uint32_t row, const struct corr_endpoint *remote);
    bool (*has_stray_flow)(const void *context, const struct corr_endpoint *remote);
    bool (*is_missing)(const void *context, uint8_t protocol, const struct corr_endpoint *local,
                       const struct corr_endpoint *remote, int64_t time);
    bool (*is_local)(const void *context, const uint8_t *bytes, uint8_t size);
    bool (*is_complete)(const void *context, uint8_t size);
};

/* As corr_attribution_new(), of anything that answers like a ledger; `view` is copied. */
enum etw_status attribution_new_of(const struct attribution_view *view,
                                   struct corr_attribution **out, struct etw_error *error);

/* What the rules need of a packet, or of one that an ICMP error quotes. */
struct packet_facts {
    struct corr_endpoint source, destination;
    uint32_t seq, ack;     /* valid with has_seq; ack also wants the flag */
    uint32_t payload_size; /* of the whole datagram */
    uint8_t protocol, tcp_flags;
    uint8_t icmp_type;
    enum corr_cast cast;
    bool has_ports;
    bool has_seq;
    bool has_flags; /* tcp_flags are known */
    bool has_icmp;
    bool is_quoted; /* sent before the time asked of, by as much as the error took */
};

/* A packet seen from one of its ends. */
struct question {
    const struct attribution_view *view;
    const struct socket_index *index;
    const struct datagram_events *events;
    const struct packet_facts *packet;
    const struct corr_endpoint *local, *remote; /* of the packet */
    /* TCP with ports: connections between these ends, and those of which the local
     * address is not known. */
    struct socket_span lives, port_lives;
    int64_t time;
    bool is_inbound;
};

/* More than this at a time are too many to tell which is meant. */
#define CONTENDERS_MAXIMUM 64

struct contenders {
    uint32_t rows[CONTENDERS_MAXIMUM];
    uint32_t count;
    bool is_cut; /* there are more */
};

struct answer {
    struct corr_verdict verdict;
    struct contenders contenders; /* of shared and ambiguous packets */
};

/* ---- answering; each returns true, as the rule that ends with it ---- */

/* The packet is this socket's, as sure as `rule` allows and no surer than `confidence`. */
bool answer_row(const struct question *question, struct answer *answer, uint32_t row,
                enum corr_rule rule, enum corr_confidence confidence);
/* One of several: their process when it is the same, else `reason` with candidates. */
bool answer_rows(const struct question *question, struct answer *answer,
                 const struct contenders *contenders, enum corr_rule rule,
                 enum corr_no_owner reason);
bool answer_nobody(const struct question *question, struct answer *answer, enum corr_rule rule,
                   enum corr_no_owner reason);

/* ---- asking ---- */

static inline const struct corr_socket *row_of(const struct question *question, uint32_t row)
{
    return &question->view->rows[row];
}

bool is_any_endpoint(const struct corr_endpoint *endpoint);

/* How exactly a row is bound to the local address of the packet. */
enum binding { BOUND_ELSEWHERE, BOUND_TO_UNKNOWN, BOUND_TO_BOTH, BOUND_TO_ANY, BOUND_EXACTLY };
enum binding binding_of(const struct corr_endpoint *bound, const struct corr_endpoint *local);

void contenders_add(struct contenders *contenders, uint32_t row);
/* Rows of `span` that were open from `time` - `late` to `time` + `early` and bound so that
 * they may send or get the packet. */
void contenders_of_span(const struct question *question, struct socket_span span, int64_t early,
                        int64_t late, struct contenders *contenders);
/* Keeps those that are bound most exactly. */
void contenders_keep_exact(const struct question *question, struct contenders *contenders);
/* Keeps those that exchanged datagrams with the remote end, if any did. True: some did. */
bool contenders_keep_flow(const struct question *question, struct contenders *contenders);

/* The stack said that nobody listens for the packet. */
bool is_endpoint_missing(const struct question *question);
bool is_rst(const struct packet_facts *packet);
/* A SYN without or with ACK. */
bool is_syn(const struct packet_facts *packet);
bool is_syn_ack(const struct packet_facts *packet);

/* ---- the rules, strongest first ---- */

typedef bool attribution_rule(const struct question *question, struct answer *answer);

struct attribution_rules {
    attribution_rule *const *rules;
    size_t count;
};

extern const struct attribution_rules tcp_rules;
extern const struct attribution_rules datagram_rules;
extern const struct attribution_rules other_rules;

/* The first of them, alone: what most TCP packets need. */
attribution_rule tcp_rule_lives;
/* A connection between these ends is known, at whatever time. */
static inline bool tcp_is_known(const struct question *question)
{
    return !socket_span_is_empty(question->lives) || !socket_span_is_empty(question->port_lives);
}

#endif
