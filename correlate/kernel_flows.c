/* SPDX-License-Identifier: MIT */
/*
 * kernel_flows.c - a connection is found by its ends, a datagram socket by process and
 * local end, because several processes may share a port.
 *
 * Sequence numbers of these events are not used: Windows leaves them 0.
 *
 * Windows 7 logs IPv6 datagrams that it sends as received ones, with the source first
 * as ever. [measured] They are recognised by their source, when that has been seen as
 * an address of this machine and the destination has not.
 */
#include "correlate/kernel_flows.h"

#include <stdlib.h>
#include <string.h>

#include "correlate/kernel_users.h"
#include "correlate/socket_table.h"
#include "etw/base/array.h"

#define IP_TCP 6
#define IP_UDP 17

/* By how much the clock of these events may differ from that of the stack's. */
#define CLOCK_SLACK INT64_C(50000000) /* 5 s */
/* And by how much when whole lives are compared. */
#define NEAR INT64_C(10000000) /* 1 s */

struct own_connection {
    uint32_t row;
    int64_t last; /* event */
};

struct kernel_flows {
    struct socket_table *table; /* borrowed */
    struct own_connection *own; /* owned; those that only these events told of, by row */
    size_t own_count, own_capacity;
    struct kernel_users users;
    bool has_recorder, counts_manifest; /* see is_counted() */
};

enum etw_status kernel_flows_new(struct socket_table *table, struct kernel_flows **out,
                                 struct etw_error *error)
{
    *out = calloc(1, sizeof(**out));
    if (!*out) {
        return etw_fail_memory(error, "the kernel's connections");
    }
    (*out)->table = table;
    return ETW_OK;
}

void kernel_flows_free(struct kernel_flows *flows)
{
    if (flows) {
        kernel_users_done(&flows->users);
        free(flows->own);
        free(flows);
    }
}

/* An event and its ends. */
struct sighting {
    const struct etw_socket *socket;
    const struct etw_record *record;
    struct corr_endpoint local, remote;
};

/* ---- both protocols ---- */

/* Filters judge a flow when it begins. */
static bool begins(const struct etw_socket *socket)
{
    return socket->action == ETW_ACTION_CONNECT || socket->action == ETW_ACTION_ACCEPT ||
           socket->action == ETW_ACTION_INSPECTED;
}

static bool read_sighting(const struct etw_event *event, struct sighting *seen)
{
    const struct etw_socket *socket = &event->u.socket;
    const uint32_t both = ETW_HAS_LOCAL | ETW_HAS_REMOTE;
    if ((socket->has & both) != both) {
        return false;
    }
    *seen = (struct sighting){
        .socket = socket,
        .record = event->record,
        .local = corr_endpoint_of_event(&socket->local),
        .remote = corr_endpoint_of_event(&socket->remote),
    };
    return seen->local.size > 0 && seen->remote.size > 0;
}

static uint32_t pid_of(const struct sighting *seen)
{
    return (seen->socket->has & ETW_HAS_PID) != 0 ? seen->socket->pid : 0;
}

static void own(struct kernel_flows *flows, uint32_t row, const struct sighting *seen)
{
    socket_table_own(flows->table, row, CORR_RULE_KERNEL_EVENT, pid_of(seen), 0, seen->record->time,
                     seen->record->offset);
}

/* The classic logger and the provider may both tell of one transfer: what the first of them says
 * in the trace counts. */
static bool is_counted(const struct kernel_flows *flows, const struct sighting *seen)
{
    return flows->counts_manifest == (seen->record->class_of == RECORD_IS_MANIFEST);
}

static void add_bytes(struct kernel_flows *flows, uint32_t row, const struct sighting *seen,
                      bool is_sent)
{
    if ((seen->socket->has & ETW_HAS_BYTES) != 0 && is_counted(flows, seen)) {
        socket_table_add_bytes(flows->table, row, CORR_BYTES_KERNEL, is_sent, seen->socket->bytes);
    }
}

/* A row that no other layer told of. */
static bool is_own(const struct corr_socket *shown)
{
    return shown->handle == 0 && shown->application == 0;
}

static uint32_t add_row(struct kernel_flows *flows, enum corr_role role, uint8_t protocol,
                        const struct sighting *seen)
{
    uint32_t row = socket_table_add(flows->table, role, protocol, seen->record->time);
    struct corr_socket *shown = socket_table_get(flows->table, row);
    bool is_begin = begins(seen->socket);
    if (shown && !is_begin) {
        shown->opened = CORR_ALWAYS;
        shown->flags |= CORR_SOCKET_OLDER;
    }
    return row;
}

/* ---- TCP ---- */

static enum corr_role role_of(const struct kernel_flows *flows, const struct sighting *seen)
{
    uint32_t listener = socket_table_find_bound(flows->table, CORR_LISTENER, IP_TCP, &seen->local,
                                                seen->record->time);
    switch (seen->socket->action) {
    case ETW_ACTION_CONNECT:
        return CORR_CLIENT;
    case ETW_ACTION_ACCEPT:
        return CORR_SERVER;
    case ETW_ACTION_INSPECTED:
        return seen->socket->phase == ETW_PHASE_INDICATION ? CORR_SERVER : CORR_CLIENT;
    default:
        return listener != CORR_NO_ROW ? CORR_SERVER : CORR_CLIENT;
    }
}

/* Rows were added in ascending order. NULL: the stack tells of it. */
static struct own_connection *find_own(const struct kernel_flows *flows, uint32_t row)
{
    size_t low = 0; /* all before it are of lower rows */
    size_t high = flows->own_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (flows->own[middle].row < row) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < flows->own_count && flows->own[low].row == row ? &flows->own[low] : NULL;
}

static uint32_t add_connection(struct kernel_flows *flows, const struct sighting *seen)
{
    void *own = flows->own;
    uint32_t row = add_row(flows, role_of(flows, seen), IP_TCP, seen);
    if (row == CORR_NO_ROW ||
        !array_grow(&own, &flows->own_capacity, flows->own_count + 1, sizeof(*flows->own))) {
        socket_table_set_failed(flows->table);
        return CORR_NO_ROW;
    }
    flows->own = own;
    flows->own[flows->own_count++] =
        (struct own_connection){.row = row, .last = seen->record->time};
    socket_table_set_ends(flows->table, row, &seen->local, &seen->remote);
    return row;
}

/* Pids that are both known and differ. */
static bool has_other_owner(const struct kernel_flows *flows, uint32_t row, uint32_t pid)
{
    uint32_t known = socket_table_pid(flows->table, row, NULL, NULL, NULL);
    return pid != 0 && known != 0 && pid != known;
}

/* The row has the ends of the event, and yet is another connection: a connect or accept begins one
 * unless the stack told of it just before; an end is not far enough to make up for another
 * process. The second recorder of a connect begins nothing. */
static bool is_another(const struct kernel_flows *flows, uint32_t row, const struct sighting *seen)
{
    const struct corr_socket *shown = socket_table_get(flows->table, row);
    int64_t time = seen->record->time;
    bool is_over = shown->closed < time;
    bool is_begin = begins(seen->socket);
    if (is_begin && is_own(shown)) {
        return is_counted(flows, seen);
    }
    if (is_begin && is_over && !corr_time_is_near(shown->opened, time, CLOCK_SLACK)) {
        return true;
    }
    return is_over && has_other_owner(flows, row, pid_of(seen));
}

static uint32_t find_connection(struct kernel_flows *flows, const struct sighting *seen)
{
    int64_t time = seen->record->time;
    uint32_t row = socket_table_find_ends(flows->table, IP_TCP, &seen->local, &seen->remote,
                                          corr_time_shift(time, -CLOCK_SLACK));
    if (row == CORR_NO_ROW) {
        return add_connection(flows, seen);
    }
    struct own_connection *own = find_own(flows, row);
    if (is_another(flows, row, seen)) {
        /* Where nobody told of an end: the next one began before its connect was complete. */
        socket_table_close(flows->table, row, own ? own->last : time, CORR_CAUSE_UNKNOWN);
        return add_connection(flows, seen);
    }
    if (own) {
        own->last = time;
    }
    return row;
}

static uint32_t learn_tcp(struct kernel_flows *flows, const struct sighting *seen)
{
    uint32_t row = find_connection(flows, seen);
    struct corr_socket *shown = socket_table_get(flows->table, row);
    if (!shown) {
        return CORR_NO_ROW;
    }
    own(flows, row, seen);
    switch (seen->socket->action) {
    case ETW_ACTION_DATA_OUT:
    case ETW_ACTION_DATA_IN:
        add_bytes(flows, row, seen, seen->socket->action == ETW_ACTION_DATA_OUT);
        break;
    case ETW_ACTION_RETRANSMIT:
        /* The stack tells of its own. */
        shown->retransmits += is_own(shown) && is_counted(flows, seen);
        break;
    case ETW_ACTION_CLOSE:
        if (is_own(shown)) {
            socket_table_close(flows->table, row, seen->record->time, CORR_CAUSE_UNKNOWN);
        }
        break;
    default:
        break;
    }
    return row;
}

/* ---- UDP ---- */

static bool is_group(const struct corr_endpoint *end)
{
    static const uint8_t broadcast[4] = {255, 255, 255, 255};
    if (end->size == 16) {
        return end->bytes[0] == 0xff;
    }
    return (end->bytes[0] & 0xf0) == 0xe0 || memcmp(end->bytes, broadcast, sizeof(broadcast)) == 0;
}

/* Who receives for a group is bound to any address, as far as anybody can tell. */
static struct corr_endpoint bound_end(const struct corr_endpoint *local)
{
    struct corr_endpoint bound = *local;
    if (is_group(local)) {
        memset(bound.bytes, 0, sizeof(bound.bytes));
    }
    return bound;
}

/* A socket bound there that belongs to this process, or to nobody yet. */
static uint32_t find_bound(const struct kernel_flows *flows, const struct sighting *seen,
                           const struct corr_endpoint *bound)
{
    int64_t time = corr_time_shift(seen->record->time, -CLOCK_SLACK);
    uint32_t row = socket_table_find_datagram_of(flows->table, pid_of(seen), IP_UDP, bound, time);
    if (row != CORR_NO_ROW) {
        return row;
    }
    row = socket_table_find_bound(flows->table, CORR_DATAGRAM, IP_UDP, bound, time);
    const struct corr_socket *shown = socket_table_get(flows->table, row);
    bool is_nobodys = shown && (shown->flags & CORR_SOCKET_CONTRADICTED) == 0 &&
                      socket_table_pid(flows->table, row, NULL, NULL, NULL) == 0;
    return is_nobodys ? row : CORR_NO_ROW;
}

/* The row that this process used last with this local end; it is not over after all. */
static uint32_t find_used(const struct kernel_flows *flows, const struct kernel_user *user,
                          int64_t time)
{
    uint32_t row = user ? socket_table_resolve(flows->table, user->row) : CORR_NO_ROW;
    struct corr_socket *shown = socket_table_get(flows->table, row);
    if (!shown || shown->closed < corr_time_shift(time, -CLOCK_SLACK)) {
        return CORR_NO_ROW;
    }
    if (is_own(shown)) {
        shown->closed = CORR_NEVER;
    }
    return row;
}

/* Nobody tells of the end of these sockets: a port of one address that another process uses now
 * is over for the one before. */
static void follow_datagram(struct kernel_flows *flows, uint32_t row, uint32_t before,
                            const struct corr_endpoint *bound)
{
    uint32_t pid = socket_table_pid(flows->table, before, NULL, NULL, NULL);
    const struct corr_socket *earlier = socket_table_get(flows->table, before);
    const struct kernel_user *user = kernel_users_find(&flows->users, pid, bound);
    struct corr_socket *shown = socket_table_get(flows->table, row);
    if (!earlier || !shown || !user || !is_own(earlier) || corr_endpoint_is_any(bound) ||
        !corr_endpoint_equal(&earlier->local, bound)) {
        return;
    }
    socket_table_close(flows->table, before, user->last, CORR_CAUSE_UNKNOWN);
    shown->opened = corr_time_shift(user->last, 1);
}

static uint32_t add_datagram(struct kernel_flows *flows, const struct sighting *seen,
                             const struct corr_endpoint *bound)
{
    uint32_t before =
        socket_table_find_bound(flows->table, CORR_DATAGRAM, IP_UDP, bound, seen->record->time);
    uint32_t row = add_row(flows, CORR_DATAGRAM, IP_UDP, seen);
    socket_table_set_ends(flows->table, row, bound, NULL);
    follow_datagram(flows, row, before, bound);
    return row;
}

static uint32_t find_datagram(struct kernel_flows *flows, const struct sighting *seen)
{
    const struct corr_endpoint bound = bound_end(&seen->local);
    uint32_t pid = pid_of(seen);
    int64_t time = seen->record->time;
    uint32_t row = find_used(flows, kernel_users_find(&flows->users, pid, &bound), time);
    if (row == CORR_NO_ROW) {
        row = find_bound(flows, seen, &bound);
    }
    if (row == CORR_NO_ROW) {
        row = add_datagram(flows, seen, &bound);
    }
    if (row != CORR_NO_ROW && !kernel_users_set(&flows->users, pid, &bound, row, time)) {
        socket_table_set_failed(flows->table);
    }
    return row;
}

static void note_address(struct kernel_flows *flows, const struct corr_endpoint *local)
{
    if (!kernel_users_add_address(&flows->users, local)) {
        socket_table_set_failed(flows->table);
    }
}

static bool is_sent(const struct kernel_flows *flows, const struct sighting *seen)
{
    return seen->socket->action == ETW_ACTION_SEND_TO ||
           (seen->remote.size == 16 && kernel_users_has_address(&flows->users, &seen->remote) &&
            !kernel_users_has_address(&flows->users, &seen->local) && !is_group(&seen->local));
}

static uint32_t learn_udp(struct kernel_flows *flows, struct sighting *seen)
{
    bool was_sent = is_sent(flows, seen);
    if (was_sent && seen->socket->action != ETW_ACTION_SEND_TO) {
        const struct corr_endpoint local = seen->remote;
        seen->remote = seen->local;
        seen->local = local;
    }
    uint32_t row = find_datagram(flows, seen);
    if (row == CORR_NO_ROW) {
        return CORR_NO_ROW;
    }
    if (was_sent) {
        note_address(flows, &seen->local);
    }
    own(flows, row, seen);
    add_bytes(flows, row, seen, was_sent);
    socket_table_add_flow(flows->table, row, &seen->remote);
    return row;
}

/* ---- all ---- */

uint32_t kernel_flows_learn(struct kernel_flows *flows, const struct etw_event *event)
{
    struct sighting seen;
    if (!read_sighting(event, &seen)) {
        return CORR_NO_ROW;
    }
    if (!flows->has_recorder) {
        flows->has_recorder = true;
        flows->counts_manifest = event->record->class_of == RECORD_IS_MANIFEST;
    }
    switch (seen.socket->protocol) {
    case IP_TCP:
        note_address(flows, &seen.local);
        return learn_tcp(flows, &seen);
    case IP_UDP:
        return learn_udp(flows, &seen);
    default:
        return CORR_NO_ROW;
    }
}

/* Lives that overlap, but for a little: these events come when a connect is complete. */
static bool overlaps(const struct corr_socket *shown, int64_t first, int64_t last)
{
    return shown->opened <= corr_time_shift(last, NEAR) &&
           shown->closed >= corr_time_shift(first, -NEAR);
}

/* Another layer may have told the ends of a connection only after these events did. */
static void merge_with_stack(struct kernel_flows *flows, const struct own_connection *own)
{
    struct corr_socket *shown = socket_table_get(flows->table, own->row);
    int64_t first = socket_table_first_seen(flows->table, own->row);
    if ((shown->flags & CORR_SOCKET_HIDDEN) != 0) {
        return;
    }
    uint32_t other = socket_table_find_ends(flows->table, IP_TCP, &shown->local, &shown->remote,
                                            corr_time_shift(first, -NEAR));
    const struct corr_socket *stack = socket_table_get(flows->table, other);
    uint32_t pid = socket_table_pid(flows->table, own->row, NULL, NULL, NULL);
    if (!stack || is_own(stack) || !overlaps(stack, first, own->last) ||
        has_other_owner(flows, other, pid)) {
        return;
    }
    shown->retransmits = 0; /* the stack counted them */
    socket_table_merge(flows->table, other, own->row);
}

void kernel_flows_finish(struct kernel_flows *flows)
{
    for (size_t i = 0; i < flows->own_count; i++) {
        merge_with_stack(flows, &flows->own[i]);
    }
}
