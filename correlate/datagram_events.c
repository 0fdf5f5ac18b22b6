/* SPDX-License-Identifier: MIT */
/*
 * datagram_events.c - a table of sets by remote end and size; in a set the oldest
 * makes room.
 */
#include "correlate/datagram_events.h"

#include <stdlib.h>
#include <string.h>

#include "correlate/attribution.h"
#include "etw/base/hash_index.h"

#define SETS 1024u

struct set {
    struct datagram_event rows[DATAGRAM_EVENTS_FOUND]; /* CORR_ALWAYS: free */
};

struct datagram_events {
    struct set sets[SETS];
};

enum etw_status datagram_events_new(struct datagram_events **out, struct etw_error *error)
{
    struct datagram_events *events = calloc(1, sizeof(*events));
    if (!events) {
        return etw_fail_memory(error, "the datagrams that were sent last");
    }
    for (size_t i = 0; i < SETS * DATAGRAM_EVENTS_FOUND; i++) {
        events->sets[i / DATAGRAM_EVENTS_FOUND].rows[i % DATAGRAM_EVENTS_FOUND].time = CORR_ALWAYS;
    }
    *out = events;
    return ETW_OK;
}

void datagram_events_free(struct datagram_events *events)
{
    free(events);
}

static size_t set_of(bool is_received, const struct corr_endpoint *remote, uint64_t bytes)
{
    struct {
        uint8_t address[16];
        uint64_t bytes;
        uint32_t port;
        uint16_t size, is_received;
    } key = {
        .bytes = bytes, .port = remote->port, .size = remote->size, .is_received = is_received};
    memcpy(key.address, remote->bytes, sizeof(key.address));
    return hash_bytes(&key, sizeof(key)) % SETS;
}

/* A send is told when it is called, a receive when it is done. */
static bool is_datagram(const struct etw_socket *socket)
{
    const uint32_t needed = ETW_HAS_REMOTE | ETW_HAS_BYTES;
    enum etw_phase other;
    if (socket->action == ETW_ACTION_SEND_TO) {
        other = ETW_PHASE_EXIT;
    } else if (socket->action == ETW_ACTION_RECEIVE_FROM) {
        other = ETW_PHASE_ENTER;
    } else {
        return false;
    }
    return socket->phase != other && socket->phase != ETW_PHASE_RUNDOWN &&
           (socket->has & needed) == needed;
}

void datagram_events_note(struct datagram_events *events, const struct etw_event *event)
{
    const struct etw_socket *socket = &event->u.socket;
    if (event->kind != ETW_EVENT_SOCKET || !is_datagram(socket)) {
        return;
    }
    struct datagram_event row = {
        .time = event->record->time,
        .offset = event->record->offset,
        .bytes = socket->bytes,
        .socket = socket->handles[0],
        .is_received = socket->action == ETW_ACTION_RECEIVE_FROM,
        .remote = corr_endpoint_of_event(&socket->remote),
    };
    if ((socket->has & ETW_HAS_LOCAL) != 0) {
        row.local = corr_endpoint_of_event(&socket->local);
    }
    struct set *set = &events->sets[set_of(row.is_received, &row.remote, row.bytes)];
    size_t oldest = 0;
    for (size_t i = 1; i < DATAGRAM_EVENTS_FOUND; i++) {
        oldest = set->rows[i].time < set->rows[oldest].time ? i : oldest;
    }
    set->rows[oldest] = row;
}

static bool is_in_time(const struct datagram_event *row, int64_t time)
{
    int64_t earlier = row->is_received ? time : row->time;
    int64_t later = row->is_received ? row->time : time;
    return row->time != CORR_ALWAYS && earlier <= later &&
           (uint64_t)later - (uint64_t)earlier <= CORR_EVENT_DELAY;
}

static bool is_about(const struct datagram_event *row, bool is_received,
                     const struct corr_endpoint *remote, uint64_t bytes)
{
    return row->is_received == is_received && row->bytes == bytes &&
           row->remote.port == remote->port && row->remote.size == remote->size &&
           memcmp(row->remote.bytes, remote->bytes, sizeof(remote->bytes)) == 0;
}

size_t datagram_events_find(const struct datagram_events *events, bool is_received,
                            const struct corr_endpoint *remote, uint64_t bytes, int64_t time,
                            const struct datagram_event *found[DATAGRAM_EVENTS_FOUND])
{
    const struct set *set = &events->sets[set_of(is_received, remote, bytes)];
    size_t count = 0;
    for (size_t i = 0; i < DATAGRAM_EVENTS_FOUND; i++) {
        if (is_about(&set->rows[i], is_received, remote, bytes) &&
            is_in_time(&set->rows[i], time)) {
            found[count++] = &set->rows[i];
        }
    }
    return count;
}
