/* SPDX-License-Identifier: MIT */
#include "correlate/http_sockets.h"

#include <stdlib.h>
#include <string.h>

#include "correlate/socket_index.h"
#include "etw/base/hash_index.h"

#define PROTOCOL_TCP 6
/* A connect is logged before its socket is seen, a response behind its end. */
#define SLACK (INT64_C(1) * 10000000)
/* Sockets with one port or one remote end that are looked at. */
#define STEPS 64

/* A socket under its local port or its remote end, sorted by both and time. */
struct candidate {
    uint64_t key;
    int64_t opened;
    uint32_t row;
};

struct http_sockets {
    const struct corr_socket *sockets;      /* borrowed */
    const struct corr_processes *processes; /* borrowed */
    struct socket_index *ends;              /* owned */
    struct candidate *candidates;           /* owned */
    size_t count;
};

static uint64_t key_of_port(uint16_t port)
{
    return hash_bytes(&port, sizeof(port));
}

static uint64_t key_of_remote(const struct corr_endpoint *remote)
{
    uint8_t bytes[sizeof(remote->bytes) + sizeof(remote->port)];
    memcpy(bytes, remote->bytes, sizeof(remote->bytes));
    memcpy(bytes + sizeof(remote->bytes), &remote->port, sizeof(remote->port));
    return hash_bytes(bytes, sizeof(bytes));
}

static int compare(const void *left, const void *right)
{
    const struct candidate *a = left;
    const struct candidate *b = right;
    if (a->key != b->key) {
        return a->key < b->key ? -1 : 1;
    }
    if (a->opened != b->opened) {
        return a->opened < b->opened ? -1 : 1;
    }
    return a->row < b->row ? -1 : a->row > b->row;
}

static bool is_connection(const struct corr_socket *socket)
{
    return (socket->flags & CORR_SOCKET_HIDDEN) == 0 && socket->protocol == PROTOCOL_TCP &&
           (socket->role == CORR_CLIENT || socket->role == CORR_SERVER);
}

static void add_candidates(struct http_sockets *index, size_t count)
{
    for (uint32_t row = 0; row < count; row++) {
        const struct corr_socket *socket = &index->sockets[row];
        struct candidate candidate = {.opened = socket->opened, .row = row};
        if (!is_connection(socket)) {
            continue;
        }
        if (socket->local.port != 0) {
            candidate.key = key_of_port(socket->local.port);
            index->candidates[index->count++] = candidate;
        }
        if (socket->remote.size != 0) {
            candidate.key = key_of_remote(&socket->remote);
            index->candidates[index->count++] = candidate;
        }
    }
    if (index->count > 1) {
        qsort(index->candidates, index->count, sizeof(*index->candidates), compare);
    }
}

enum etw_status http_sockets_new(const struct corr_socket *sockets, size_t count,
                                 const struct corr_processes *processes, struct http_sockets **out,
                                 struct etw_error *error)
{
    struct http_sockets *index = calloc(1, sizeof(*index));
    if (index) {
        index->candidates = calloc(2 * count + 1, sizeof(*index->candidates));
    }
    if (!index || !index->candidates) {
        http_sockets_free(index);
        return etw_fail_memory(error, "the sockets of HTTP");
    }
    index->sockets = sockets;
    index->processes = processes;
    enum etw_status status = socket_index_new(sockets, count, &index->ends, error);
    if (status) {
        http_sockets_free(index);
        return status;
    }
    add_candidates(index, count);
    *out = index;
    return ETW_OK;
}

void http_sockets_free(struct http_sockets *index)
{
    if (index) {
        socket_index_free(index->ends);
        free(index->candidates);
        free(index);
    }
}

/* ---- finding ---- */

/* An end that is not known agrees with every one. */
static bool agrees(const struct corr_endpoint *known, const struct corr_endpoint *actual)
{
    return known->size == 0 || corr_endpoint_equal(known, actual);
}

static bool fits(const struct http_sockets *index, const struct http_ends *ends, uint32_t row)
{
    const struct corr_socket *socket = &index->sockets[row];
    bool is_there = corr_time_shift(ends->time, SLACK) >= socket_earliest(socket) &&
                    corr_time_shift(ends->time, -SLACK) <= socket->closed;
    if (!is_there || (socket->role == CORR_SERVER) != ends->is_server ||
        !agrees(&ends->local, &socket->local) || !agrees(&ends->remote, &socket->remote) ||
        (ends->local_port != 0 && ends->local_port != socket->local.port)) {
        return false;
    }
    return ends->pid == 0 || socket->process == CORR_NO_ROW ||
           corr_processes_get(index->processes, socket->process)->pid == ends->pid;
}

/* The first candidate of this key that opened later. */
static size_t find_later(const struct http_sockets *index, uint64_t key, int64_t time)
{
    const struct candidate wanted = {.key = key, .opened = time, .row = UINT32_MAX};
    size_t low = 0;
    size_t high = index->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(&index->candidates[middle], &wanted) <= 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static uint32_t find_only(const struct http_sockets *index, const struct http_ends *ends,
                          uint64_t key)
{
    size_t at = find_later(index, key, corr_time_shift(ends->time, SLACK));
    uint32_t found = CORR_NO_ROW;
    for (size_t steps = 0; steps < STEPS && at > 0 && index->candidates[at - 1].key == key;
         steps++, at--) {
        uint32_t row = index->candidates[at - 1].row;
        if (!fits(index, ends, row)) {
            continue;
        }
        if (found != CORR_NO_ROW) {
            return CORR_NO_ROW;
        }
        found = row;
    }
    return found;
}

uint32_t http_sockets_find(const struct http_sockets *index, const struct http_ends *ends)
{
    if (ends->local.size != 0 && ends->remote.size != 0) {
        struct socket_span span = socket_index_connection(index->ends, &ends->local, &ends->remote);
        struct socket_walk walk = socket_walk_begin(index->ends, span, ends->time, ends->time);
        uint32_t row = socket_walk_next(index->ends, &walk);
        if (row != CORR_NO_ROW) {
            return row;
        }
    }
    if (ends->remote.size != 0) {
        return find_only(index, ends, key_of_remote(&ends->remote));
    }
    uint16_t port = ends->local.size != 0 ? ends->local.port : ends->local_port;
    return port != 0 ? find_only(index, ends, key_of_port(port)) : CORR_NO_ROW;
}
