/* SPDX-License-Identifier: MIT */
/*
 * datagram_events.h - the last datagrams that sockets and stack told of, so that a packet
 * can be tied to the very event. Inside correlate only. Bounded: what is older or too much
 * is forgotten, and then a packet is merely less certain.
 */
#ifndef CORRELATE_DATAGRAM_EVENTS_H
#define CORRELATE_DATAGRAM_EVENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "correlate/sockets.h"
#include "etw/base/error.h"
#include "etw/event.h"

struct datagram_event {
    int64_t time;
    uint64_t offset; /* of the record */
    uint64_t bytes;
    struct etw_handle socket; /* who sent or received */
    bool is_received;
    struct corr_endpoint local, remote; /* local of size or port 0: not stated */
};

struct datagram_events;

enum etw_status datagram_events_new(struct datagram_events **out, struct etw_error *error);
void datagram_events_free(struct datagram_events *events); /* NULL is allowed */
/* Takes datagrams sent and received, and ignores the rest. */
void datagram_events_note(struct datagram_events *events, const struct etw_event *event);

#define DATAGRAM_EVENTS_FOUND 4
/* Sends of `bytes` bytes to `remote` shortly before `time`, or receives from it shortly
 * after, in no stated order. Borrowed until the next note. */
size_t datagram_events_find(const struct datagram_events *events, bool is_received,
                            const struct corr_endpoint *remote, uint64_t bytes, int64_t time,
                            const struct datagram_event *found[DATAGRAM_EVENTS_FOUND]);

#endif
