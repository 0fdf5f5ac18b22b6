/* SPDX-License-Identifier: MIT */
#include "correlate/evidence.h"

#include <stddef.h>

struct rule_row {
    const char *name;           /* stable: appears in output */
    enum corr_confidence worth; /* what it allows at best */
    const char *sentence;
};

/* One row per name of enum corr_rule, in its order. Sentences follow "because" and have
 * no full stop. */
/* clang-format off */
static const struct rule_row rules[CORR_RULE_COUNT] = {
    [CORR_RULE_NONE] = {"", CORR_NO_CONFIDENCE, ""},

    [CORR_RULE_ENDPOINT_CREATED] = {"endpoint-created", CORR_CERTAIN,
        "the process created the socket"},
    [CORR_RULE_PROCESS_POINTER] = {"process-pointer", CORR_CERTAIN,
        "the socket points to the process"},
    [CORR_RULE_STACK_ENDPOINT] = {"stack-endpoint", CORR_CERTAIN,
        "the stack created its endpoint for the process"},
    [CORR_RULE_LISTENER] = {"listener", CORR_CERTAIN,
        "the listener names the process"},
    [CORR_RULE_ACCEPTED] = {"accepted", CORR_CERTAIN,
        "the accepted connection names the process"},
    [CORR_RULE_CONNECTED] = {"connected", CORR_CERTAIN,
        "an event of the connection attempt names the process"},
    [CORR_RULE_CONNECTION_EVENT] = {"connection-event", CORR_CERTAIN,
        "an event of the connection names the process"},
    [CORR_RULE_RUNDOWN] = {"rundown", CORR_CERTAIN,
        "the list of connections that were there already names the process"},
    [CORR_RULE_DATAGRAM] = {"datagram", CORR_CERTAIN,
        "a datagram event of the socket names the process"},
    [CORR_RULE_KERNEL_EVENT] = {"kernel-event", CORR_STRONG,
        "a network event of the kernel names the process of the flow"},
    [CORR_RULE_CALLER] = {"caller", CORR_STRONG,
        "the process itself logged an event of the socket during its call"},

    [CORR_RULE_SAME_THREAD] = {"same-thread", CORR_CERTAIN,
        "the stack logged its event inside the socket call of the same thread"},
    [CORR_RULE_SAME_BYTES] = {"same-bytes", CORR_CERTAIN,
        "the stack logged its event inside the socket call of the same thread with as many bytes"},
    [CORR_RULE_SAME_ADDRESS] = {"same-address", CORR_LIKELY,
        "the addresses agree and no other socket fits"},
    [CORR_RULE_PORT_INHERITED] = {"port-inherited", CORR_CERTAIN,
        "the connection took over the port of the endpoint"},
    [CORR_RULE_ACCEPT_SOCKET] = {"accept-socket", CORR_CERTAIN,
        "accept() named the socket of the connection"},

    [CORR_RULE_SEQUENCE] = {"sequence", CORR_CERTAIN,
        "addresses, ports and sequence numbers are those of the connection"},
    [CORR_RULE_DATA_EVENT] = {"data-event", CORR_CERTAIN,
        "an event of the socket is about this very datagram"},
    [CORR_RULE_TUPLE] = {"tuple", CORR_STRONG,
        "both addresses and both ports are those of the socket"},
    [CORR_RULE_LISTENER_PORT] = {"listener-port", CORR_STRONG,
        "it is a connection attempt to the port of the listener"},
    [CORR_RULE_LOCAL_PORT] = {"local-port", CORR_STRONG,
        "no other socket is bound to the local port"},
    [CORR_RULE_ONLY_RECEIVER] = {"only-receiver", CORR_LIKELY,
        "no other socket received this broadcast or multicast"},
    [CORR_RULE_FRAGMENT] = {"fragment", CORR_CERTAIN,
        "the first fragment of the same datagram belongs to the socket"},
    [CORR_RULE_QUOTED] = {"quoted", CORR_STRONG,
        "it is an ICMP error that quotes a packet of the socket"},
    [CORR_RULE_RAW_PROTOCOL] = {"raw-protocol", CORR_LIKELY,
        "no other raw socket receives this protocol"},

    [CORR_RULE_ANSWERED] = {"answered", CORR_STRONG,
        "the process sent an answer that went over the connection"},
    [CORR_RULE_ASKED] = {"asked", CORR_LIKELY,
        "a thread of the process ran when the request was logged"},

    [CORR_RULE_PROTOCOL] = {"protocol", CORR_NO_CONFIDENCE,
        "its protocol has no sockets"},
    [CORR_RULE_STACK_RESET] = {"stack-reset", CORR_NO_CONFIDENCE,
        "it is the reset that a stack sends when nobody listens"},
    [CORR_RULE_ENDPOINT_MISSING] = {"endpoint-missing", CORR_NO_CONFIDENCE,
        "the stack reports that nobody listens there"},
    [CORR_RULE_FOREIGN] = {"foreign", CORR_NO_CONFIDENCE,
        "neither address belongs to this machine"},
    [CORR_RULE_SEVERAL] = {"several", CORR_NO_CONFIDENCE,
        "several sockets fit"},
    [CORR_RULE_CONTRADICTION] = {"contradiction", CORR_NO_CONFIDENCE,
        "events name different processes"},
};
/* clang-format on */

/* Rules also come out of packed evidence: an unknown one is none. */
static const struct rule_row *get_rule(enum corr_rule rule)
{
    return &rules[(size_t)rule < CORR_RULE_COUNT ? rule : CORR_RULE_NONE];
}

const char *corr_rule_name(enum corr_rule rule)
{
    return get_rule(rule)->name;
}

const char *corr_rule_sentence(enum corr_rule rule)
{
    return get_rule(rule)->sentence;
}

enum corr_confidence corr_rule_worth(enum corr_rule rule)
{
    return get_rule(rule)->worth;
}
