/* SPDX-License-Identifier: MIT */
#include "correlate/event_sockets.h"

#include <stdlib.h>
#include <string.h>

#include "correlate/socket_index.h"

/* Pointers of one kind may equal those of another. */
enum pointer_kind {
    POINTER_NONE,
    POINTER_TCB,
    POINTER_LISTENER,
    POINTER_UDP,
    POINTER_RAW,
    POINTER_APPLICATION,
    RECORD /* that names only a pointer which the ledger does not keep */
};

/* A socket under one of its pointers, sorted by pointer and time. */
struct pointer {
    uint64_t value; /* of RECORD: its offset */
    int64_t opened;
    uint32_t row;
    uint8_t kind;
};

/* Calls on an application's endpoint begin before its connection does and end after it:
 * the nearest life counts within this time. */
#define NEAR (INT64_C(60) * 10000000)

struct corr_event_sockets {
    const struct corr_socket *sockets; /* borrowed */
    size_t socket_count;
    struct pointer *pointers; /* owned */
    size_t count;
    struct socket_index *ends; /* owned */
};

static const uint8_t kinds_of_roles[] = {
    [CORR_CLIENT] = POINTER_TCB,   [CORR_SERVER] = POINTER_TCB, [CORR_LISTENER] = POINTER_LISTENER,
    [CORR_DATAGRAM] = POINTER_UDP, [CORR_RAW] = POINTER_RAW,
};

static const uint8_t kinds_of_spaces[ETW_HANDLE_SPACE_COUNT] = {
    [ETW_HANDLE_AFD_ENDPOINT] = POINTER_APPLICATION,
    [ETW_HANDLE_AFD_ACCEPT_ENDPOINT] = POINTER_APPLICATION,
    [ETW_HANDLE_TCB] = POINTER_TCB,
    [ETW_HANDLE_LISTENER] = POINTER_LISTENER,
    [ETW_HANDLE_UDP_ENDPOINT] = POINTER_UDP,
    [ETW_HANDLE_RAW_ENDPOINT] = POINTER_RAW,
};

static int compare_pointers(const void *left, const void *right)
{
    const struct pointer *a = left;
    const struct pointer *b = right;
    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    if (a->value != b->value) {
        return a->value < b->value ? -1 : 1;
    }
    if (a->opened != b->opened) {
        return a->opened < b->opened ? -1 : 1;
    }
    return a->row < b->row ? -1 : a->row > b->row;
}

static void add_pointer(struct corr_event_sockets *index, uint32_t row, uint8_t kind,
                        uint64_t value)
{
    if (value != 0) {
        index->pointers[index->count++] = (struct pointer){
            .value = value, .opened = index->sockets[row].opened, .row = row, .kind = kind};
    }
}

/* The stack's TCP endpoints are not kept, but the record that told whose one was is evidence. */
static void add_endpoint_record(struct corr_event_sockets *index, uint32_t row)
{
    const corr_evidence *evidence = index->sockets[row].evidence;
    for (int i = 0; i < CORR_EVIDENCE_MAXIMUM && evidence[i]; i++) {
        if (corr_evidence_rule(evidence[i]) == CORR_RULE_STACK_ENDPOINT) {
            add_pointer(index, row, RECORD, corr_evidence_offset(evidence[i]));
            return;
        }
    }
}

enum etw_status corr_event_sockets_new(const struct corr_ledger *ledger,
                                       struct corr_event_sockets **out, struct etw_error *error)
{
    struct corr_event_sockets *index = calloc(1, sizeof(*index));
    if (!index) {
        return etw_fail_memory(error, "the sockets of events");
    }
    index->socket_count = corr_ledger_sockets(ledger, &index->sockets);
    index->pointers = malloc((3 * index->socket_count + 1) * sizeof(*index->pointers));
    if (!index->pointers) {
        free(index);
        return etw_fail_memory(error, "the sockets of events");
    }
    enum etw_status status =
        socket_index_new(index->sockets, index->socket_count, &index->ends, error);
    if (status) {
        corr_event_sockets_free(index);
        return status;
    }
    for (uint32_t row = 0; row < index->socket_count; row++) {
        const struct corr_socket *socket = &index->sockets[row];
        if ((socket->flags & CORR_SOCKET_HIDDEN) == 0) {
            add_pointer(index, row, kinds_of_roles[socket->role], socket->handle);
            add_pointer(index, row, POINTER_APPLICATION, socket->application);
            add_endpoint_record(index, row);
        }
    }
    qsort(index->pointers, index->count, sizeof(*index->pointers), compare_pointers);
    *out = index;
    return ETW_OK;
}

void corr_event_sockets_free(struct corr_event_sockets *index)
{
    if (index) {
        socket_index_free(index->ends);
        free(index->pointers);
        free(index);
    }
}

/* The first pointer of this kind and value that was opened after `time`; its predecessor is
 * the last one that was not. */
static size_t find_after(const struct corr_event_sockets *index, uint8_t kind, uint64_t value,
                         int64_t time)
{
    const struct pointer wanted = {.kind = kind, .value = value, .opened = time, .row = UINT32_MAX};
    size_t low = 0;
    size_t high = index->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_pointers(&index->pointers[middle], &wanted) <= 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_pointer_to(const struct corr_event_sockets *index, size_t at, uint8_t kind,
                          uint64_t value)
{
    return at < index->count && index->pointers[at].kind == kind &&
           index->pointers[at].value == value;
}

/* Of a connection that is yet to begin there can only be calls that prepare it; what moves data or
 * ends is of a socket before, which had the same pointer. */
static bool may_precede(uint8_t kind, enum etw_action action)
{
    static const bool is_later[ETW_ACTION_COUNT] = {
        [ETW_ACTION_SEND] = true,      [ETW_ACTION_RECEIVE] = true,
        [ETW_ACTION_SEND_TO] = true,   [ETW_ACTION_RECEIVE_FROM] = true,
        [ETW_ACTION_SHUTDOWN] = true,  [ETW_ACTION_CLOSE] = true,
        [ETW_ACTION_ABORT] = true,     [ETW_ACTION_CLEANUP] = true,
        [ETW_ACTION_DELIVERED] = true,
    };
    return kind != POINTER_APPLICATION || !is_later[action];
}

static uint32_t find_pointer(const struct corr_event_sockets *index, uint8_t kind, uint64_t value,
                             enum etw_action action, int64_t time)
{
    size_t after = find_after(index, kind, value, time);
    bool has_before = after > 0 && is_pointer_to(index, after - 1, kind, value);
    bool has_after = may_precede(kind, action) && is_pointer_to(index, after, kind, value);
    uint32_t before = has_before ? index->pointers[after - 1].row : CORR_NO_ROW;
    int64_t closed = has_before ? index->sockets[before].closed : CORR_ALWAYS;
    if (has_before && time <= closed) {
        return before;
    }
    int64_t until = has_after ? index->pointers[after].opened - time : INT64_MAX;
    int64_t since = has_before ? time - closed : INT64_MAX;
    if (since <= until && since < NEAR) {
        return before;
    }
    return until < NEAR ? index->pointers[after].row : CORR_NO_ROW;
}

/* The datagram socket that is bound to this end, or else to any address with its port. */
static uint32_t find_bound(const struct corr_event_sockets *index, uint8_t protocol,
                           const struct corr_endpoint *local, int64_t time)
{
    struct socket_span span = socket_index_datagrams(index->ends, protocol, local->port);
    struct socket_walk walk = socket_walk_begin(index->ends, span, time, time);
    uint32_t any = CORR_NO_ROW;
    uint32_t row = socket_walk_next(index->ends, &walk);
    for (; row != CORR_NO_ROW; row = socket_walk_next(index->ends, &walk)) {
        const struct corr_endpoint *bound = &index->sockets[row].local;
        if (corr_endpoint_same_address(bound, local)) {
            return row;
        }
        if (bound->size == local->size && corr_endpoint_is_any(bound)) {
            any = row;
        }
    }
    return any;
}

#define PROTOCOL_UDP 17

/* What was there at the time between the event's ends, or at its local one. */
static uint32_t find_ends(const struct corr_event_sockets *index, const struct etw_socket *socket,
                          int64_t time)
{
    const uint32_t both = ETW_HAS_LOCAL | ETW_HAS_REMOTE;
    if ((socket->has & both) != both) {
        return CORR_NO_ROW;
    }
    struct corr_endpoint local = corr_endpoint_of_event(&socket->local);
    struct corr_endpoint remote = corr_endpoint_of_event(&socket->remote);
    if (socket->protocol == PROTOCOL_UDP) {
        return find_bound(index, socket->protocol, &local, time);
    }
    struct socket_span span = socket_index_connection(index->ends, &local, &remote);
    struct socket_walk walk = socket_walk_begin(index->ends, span, time, time);
    return socket_walk_next(index->ends, &walk);
}

/* The first socket that the record is evidence of. */
static uint32_t find_record(const struct corr_event_sockets *index, uint64_t offset)
{
    size_t first = offset > 0 ? find_after(index, RECORD, offset - 1, INT64_MAX) : index->count;
    return is_pointer_to(index, first, RECORD, offset) ? index->pointers[first].row : CORR_NO_ROW;
}

bool corr_event_is_smb(const struct etw_event *event)
{
    enum etw_layer layer = event->u.socket.layer;
    return event->kind == ETW_EVENT_SOCKET &&
           (layer == ETW_LAYER_SMB_CLIENT || layer == ETW_LAYER_SMB_SERVER ||
            layer == ETW_LAYER_SMB_DIRECT);
}

bool corr_event_is_without_socket(const struct etw_event *event)
{
    return corr_event_is_smb(event) && (event->u.socket.has & ETW_HAS_TRANSPORT) &&
           event->u.smb.transport > ETW_SMB_OVER_TCP;
}

uint32_t corr_event_sockets_find(const struct corr_event_sockets *index,
                                 const struct etw_event *event)
{
    if (event->kind != ETW_EVENT_SOCKET || corr_event_is_without_socket(event)) {
        return CORR_NO_ROW;
    }
    const struct etw_socket *socket = &event->u.socket;
    uint32_t row = CORR_NO_ROW;
    for (int i = 0; i < ETW_HANDLES_MAXIMUM && row == CORR_NO_ROW; i++) {
        uint8_t kind = kinds_of_spaces[socket->handles[i].space];
        if (kind != POINTER_NONE) {
            row = find_pointer(index, kind, socket->handles[i].value, socket->action,
                               event->record->time);
        }
    }
    if (row == CORR_NO_ROW) {
        row = find_ends(index, socket, event->record->time);
    }
    return row != CORR_NO_ROW ? row : find_record(index, event->record->offset);
}
