/* SPDX-License-Identifier: MIT */
/*
 * filter_wishes.h - what a filter keeps: one list of wanted values per option. Inside
 * correlate only; filter.c fills it, filter_match.c asks it.
 *
 * To add an option: a kind below, a function in filter.c that reads its value, one in
 * filter_match.c that matches it, and a row in `matchers` there.
 */
#ifndef CORRELATE_FILTER_WISHES_H
#define CORRELATE_FILTER_WISHES_H

#include "correlate/filter.h"

enum wish_kind {
    WISH_HOST,
    WISH_PORT,
    WISH_TUPLE,
    WISH_PROTOCOL,
    WISH_FRAME,
    WISH_CAPTURE,
    WISH_PID,
    WISH_PROCESS,
    WISH_CONNECTION,
    WISH_KIND_COUNT
};

/* Kinds that are one look into a bitmap, made when the ledger is known. */
#define OWNER_KINDS  (1u << WISH_PID | 1u << WISH_PROCESS)
#define LEDGER_KINDS (OWNER_KINDS | 1u << WISH_CONNECTION)

struct range {
    uint64_t from, to;
};

struct tuple {
    struct corr_address addresses[2];
    uint16_t ports[2];
};

struct host {
    struct corr_address address;
    uint8_t bits;
};

enum protocol_kind { PROTOCOL_IP, PROTOCOL_NETWORK, PROTOCOL_ANY_IP, PROTOCOL_ETHER };

struct protocol {
    enum protocol_kind kind;
    uint16_t number; /* IP protocol, enum corr_network or EtherType */
};

struct wish {
    union {
        struct host host;
        struct range range; /* ports, frames, pids, connections */
        struct tuple tuple;
        struct protocol protocol;
        enum etw_capture capture;
        char *name; /* owned */
    } u;
};

struct wishes {
    struct wish *rows; /* owned */
    size_t count, capacity;
};

/* Which rows are meant, a bit each. */
struct meant {
    uint8_t *bits; /* owned */
    size_t count;  /* rows */
};

struct corr_filter {
    struct wishes wishes[WISH_KIND_COUNT];
    uint32_t kinds; /* those that have wishes, a bit each */
    int64_t from, to;
    struct meant processes, sockets;
    /* Connections whose HTTP processes that are meant answered: rows of those with no other such
     * process, for packets; ids of all, for sockets. */
    struct meant answered_alone, answered;
};

#endif
