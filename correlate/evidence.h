/* SPDX-License-Identifier: MIT */
/*
 * evidence.h - the rules by which sockets get processes and packets get sockets, as a
 * table: name, what the rule is worth, a sentence for people.
 *
 * To add a rule: a name in enum corr_rule, a row in evidence.c, and the place that
 * applies it. Names are stable output; sentences may change.
 */
#ifndef CORRELATE_EVIDENCE_H
#define CORRELATE_EVIDENCE_H

#include <stdint.h>

/* How sure an owner is; greater is surer. */
enum corr_confidence { CORR_NO_CONFIDENCE, CORR_LIKELY, CORR_STRONG, CORR_CERTAIN };

enum corr_rule {
    CORR_RULE_NONE,

    /* What names the process of a socket, strongest first. */
    CORR_RULE_ENDPOINT_CREATED, /* the application's socket was created by this pid */
    CORR_RULE_PROCESS_POINTER,  /* the socket's process pointer is known to be this pid */
    CORR_RULE_STACK_ENDPOINT,   /* the stack's endpoint was created for this pid */
    CORR_RULE_LISTENER,         /* the listener names it */
    CORR_RULE_ACCEPTED,         /* the accepted connection names it */
    CORR_RULE_CONNECTED,        /* an event of the connect names it */
    CORR_RULE_CONNECTION_EVENT, /* another event of the connection names it */
    CORR_RULE_RUNDOWN,          /* the list of older connections names it */
    CORR_RULE_DATAGRAM,         /* a datagram event of the socket names it */
    CORR_RULE_KERNEL_EVENT,     /* a kernel network event of the flow names it */
    CORR_RULE_CALLER,           /* record header of an event that is logged by the caller itself */

    /* What joins two views of one socket. */
    CORR_RULE_SAME_THREAD,    /* stack event inside the call of the same thread */
    CORR_RULE_SAME_BYTES,     /* the same, and the byte counts agree */
    CORR_RULE_SAME_ADDRESS,   /* addresses agree and nothing else fits */
    CORR_RULE_PORT_INHERITED, /* the connection took the port of the endpoint */
    CORR_RULE_ACCEPT_SOCKET,  /* accept() named the socket of the connection */

    /* What gives a packet its socket. */
    CORR_RULE_SEQUENCE,      /* addresses, and the sequence numbers of the connection */
    CORR_RULE_DATA_EVENT,    /* addresses, and an event about this very datagram */
    CORR_RULE_TUPLE,         /* both addresses and ports */
    CORR_RULE_LISTENER_PORT, /* a connection attempt to the port of a listener */
    CORR_RULE_LOCAL_PORT,    /* the only socket bound to the local port */
    CORR_RULE_ONLY_RECEIVER, /* the only socket that got this broadcast or multicast */
    CORR_RULE_FRAGMENT,      /* later fragment of an attributed packet */
    CORR_RULE_QUOTED,        /* ICMP error about an attributed flow */
    CORR_RULE_RAW_PROTOCOL,  /* the only raw socket of this protocol */

    /* What names a process that the owner of a socket serves. */
    CORR_RULE_ANSWERED, /* it sent an answer that went over the connection */
    CORR_RULE_ASKED,    /* a thread of it ran when the request was logged */

    /* What says that there is none. */
    CORR_RULE_PROTOCOL,         /* its protocol has no sockets */
    CORR_RULE_STACK_RESET,      /* a reset that a stack sends when nobody listens */
    CORR_RULE_ENDPOINT_MISSING, /* the stack says that nobody listens there */
    CORR_RULE_FOREIGN,          /* neither address belongs to this machine */
    CORR_RULE_SEVERAL,          /* several sockets fit */
    CORR_RULE_CONTRADICTION,    /* events name different processes */
    CORR_RULE_COUNT
};

/* "endpoint-created"; "" for CORR_RULE_NONE */
const char *corr_rule_name(enum corr_rule rule);
/* "the process created the socket": follows "because" */
const char *corr_rule_sentence(enum corr_rule rule);
/* What an owner by this rule is at best: the weakest rule of a chain bounds it. Rules that say
 * that there is no owner are worth CORR_NO_CONFIDENCE. */
enum corr_confidence corr_rule_worth(enum corr_rule rule);

/* Rule and record offset in 8 bytes. A zero is none. */
typedef uint64_t corr_evidence;

static inline corr_evidence corr_evidence_make(enum corr_rule rule, uint64_t offset)
{
    return (uint64_t)rule << 56 | (offset & ((UINT64_C(1) << 56) - 1));
}

static inline enum corr_rule corr_evidence_rule(corr_evidence evidence)
{
    return (enum corr_rule)(evidence >> 56);
}

static inline uint64_t corr_evidence_offset(corr_evidence evidence)
{
    return evidence & ((UINT64_C(1) << 56) - 1);
}

#endif
