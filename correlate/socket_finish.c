/* SPDX-License-Identifier: MIT */
/*
 * socket_finish.c - rows that turn out to be one, and the end of learning: order,
 * numbers, processes, best byte counts.
 */
#include <stdlib.h>

#include "correlate/socket_rows.h"

/* ---- merging ---- */

static void merge_sequence(struct corr_socket *to, const struct corr_socket *from)
{
    const uint8_t missing = (uint8_t)(from->flags & ~to->flags);
    if ((missing & CORR_SOCKET_LOCAL_SEQUENCE) != 0) {
        to->local_first = from->local_first;
        to->local_next = from->local_next;
    }
    if ((missing & CORR_SOCKET_REMOTE_SEQUENCE) != 0) {
        to->remote_first = from->remote_first;
        to->remote_next = from->remote_next;
    }
    to->flags |= (uint8_t)(missing & (CORR_SOCKET_LOCAL_SEQUENCE | CORR_SOCKET_REMOTE_SEQUENCE |
                                      CORR_SOCKET_WRAPPED));
}

/* Only the stack tells of a begin when it happens; what others tell late is as early as the
 * earliest of them. */
static void merge_begin(struct corr_socket *to, const struct corr_socket *from)
{
    if (to->handle == 0 && from->opened != CORR_ALWAYS && from->opened < to->opened) {
        to->opened = from->opened;
    }
}

static void merge_shown(struct corr_socket *to, const struct corr_socket *from)
{
    merge_begin(to, from);
    to->handle = to->handle ? to->handle : from->handle;
    to->application = to->application ? to->application : from->application;
    to->status = to->status ? to->status : from->status;
    to->retransmits += from->retransmits;
    if (to->first_state == CORR_STATE_COUNT) {
        to->first_state = from->first_state;
    }
    if (to->cause == CORR_CAUSE_UNKNOWN && from->cause != CORR_CAUSE_OPEN) {
        to->cause = from->cause;
    }
    merge_sequence(to, from);
}

static void merge_ends(struct socket_table *table, uint32_t to, uint32_t from)
{
    const struct corr_socket *source = &table->rows[from].shown;
    const struct corr_socket *target = &table->rows[to].shown;
    const struct corr_endpoint local = source->local;
    const struct corr_endpoint remote = source->remote;
    socket_table_set_ends(table, to, target->local.size > 0 ? NULL : &local,
                          target->remote.size > 0 ? NULL : &remote);
}

void socket_table_merge(struct socket_table *table, uint32_t to, uint32_t from)
{
    to = socket_table_resolve(table, to);
    from = socket_table_resolve(table, from);
    struct socket_row *target = socket_row_find(table, to);
    struct socket_row *source = socket_row_find(table, from);
    if (!target || !source || target == source) {
        return;
    }
    socket_table_hide(table, from);
    merge_ends(table, to, from);
    merge_shown(&target->shown, &source->shown);
    socket_owners_merge(table, to, from);
    socket_flows_merge(table, to, from);
    for (size_t i = 0; i < SOCKET_BYTE_SOURCES; i++) {
        target->bytes[i][false] += source->bytes[i][false];
        target->bytes[i][true] += source->bytes[i][true];
    }
    if (source->first_seen < target->first_seen) {
        target->first_seen = source->first_seen;
    }
    socket_row_see(target, source->last_seen);
    source->merged_into = to;
}

/* ---- processes ---- */

enum etw_status socket_table_mention(const struct socket_table *table,
                                     struct corr_processes *processes, struct etw_error *error)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct socket_owner *owner = &table->rows[i].owner;
        if (owner->pid == 0 || table->rows[i].merged_into != CORR_NO_ROW) {
            continue;
        }
        enum etw_status status =
            corr_processes_mention(processes, owner->pid, owner->start_key, owner->time, error);
        if (status) {
            return status;
        }
    }
    return ETW_OK;
}

static void find_process(struct socket_row *row, const struct corr_processes *processes,
                         bool has_loss)
{
    const struct socket_owner *owner = &row->owner;
    row->shown.process =
        owner->pid != 0 ? corr_processes_find(processes, owner->pid, owner->start_key, owner->time)
                        : CORR_NO_ROW;
    row->shown.confidence =
        (uint8_t)(row->shown.process != CORR_NO_ROW ? socket_owners_confidence(row, has_loss)
                                                    : CORR_NO_CONFIDENCE);
}

/* ---- roles of older connections ---- */

/* Windows gives clients no port below, unless told otherwise. [documented: RFC 6335] */
#define DYNAMIC_PORTS 49152

static void collect_listening(const struct socket_table *table, uint8_t ports[UINT16_MAX / 8 + 1])
{
    for (size_t i = 0; i < table->count; i++) {
        const struct corr_socket *socket = &table->rows[i].shown;
        if (socket->role == CORR_LISTENER) {
            ports[socket->local.port / 8] |= (uint8_t)(1u << socket->local.port % 8);
        }
    }
}

/* No event of an older connection tells which side opened it; its ports do. */
static bool is_older_server(const struct corr_socket *socket, const uint8_t *listening)
{
    uint16_t port = socket->local.port;
    bool is_listening = (listening[port / 8] >> port % 8 & 1) != 0;
    bool is_service = port != 0 && port < DYNAMIC_PORTS && port < socket->remote.port;
    return socket->role == CORR_CLIENT && (socket->flags & CORR_SOCKET_OLDER) != 0 &&
           (is_listening || is_service);
}

static void find_older_servers(struct socket_table *table)
{
    uint8_t listening[UINT16_MAX / 8 + 1] = {0};
    collect_listening(table, listening);
    for (size_t i = 0; i < table->count; i++) {
        struct corr_socket *socket = &table->rows[i].shown;
        if (is_older_server(socket, listening)) {
            socket->role = CORR_SERVER;
        }
    }
}

/* ---- order and numbers ---- */

struct row_order {
    int64_t first_seen;
    uint32_t row;
};

static int compare_order(const void *a, const void *b)
{
    const struct row_order *left = a;
    const struct row_order *right = b;
    if (left->first_seen != right->first_seen) {
        return left->first_seen < right->first_seen ? -1 : 1;
    }
    return (left->row > right->row) - (left->row < right->row);
}

static void choose_bytes(struct socket_row *row)
{
    for (int from = CORR_BYTES_APPLICATION; from < SOCKET_BYTE_SOURCES; from++) {
        const uint64_t *bytes = row->bytes[from];
        if (bytes[false] > 0 || bytes[true] > 0) {
            row->shown.bytes_received = bytes[false];
            row->shown.bytes_sent = bytes[true];
            row->shown.bytes_from = (uint8_t)from;
            return;
        }
    }
}

/* Rows in their final order; `place[row]` is where each went. */
static void place_rows(struct socket_table *table, const struct row_order *order, uint32_t *place)
{
    uint32_t last_id = 0;
    for (uint32_t i = 0; i < table->count; i++) {
        struct socket_row *row = &table->rows[order[i].row];
        struct corr_socket *socket = &row->shown;
        bool is_hidden = (socket->flags & CORR_SOCKET_HIDDEN) != 0 ||
                         (socket->local.size == 0 && socket->remote.size == 0);
        socket->flags |= is_hidden ? CORR_SOCKET_HIDDEN : 0;
        socket->id = is_hidden ? 0 : ++last_id;
        choose_bytes(row);
        table->sockets[i] = *socket;
        table->flow_groups[i] = row->flows.group;
        place[order[i].row] = i;
    }
}

static bool sort_rows(struct socket_table *table, struct row_order *order, uint32_t *place)
{
    table->sockets = calloc(table->count + 1, sizeof(*table->sockets));
    table->flow_groups = calloc(table->count + 1, sizeof(*table->flow_groups));
    if (!order || !place || !table->sockets || !table->flow_groups) {
        return false;
    }
    for (uint32_t i = 0; i < table->count; i++) {
        order[i] = (struct row_order){table->rows[i].first_seen, i};
    }
    qsort(order, table->count, sizeof(*order), compare_order);
    place_rows(table, order, place);
    return socket_states_pack(table, place);
}

/* What only learning needs. */
static void free_indexes(struct socket_table *table)
{
    for (size_t i = 0; i < CHAIN_COUNT; i++) {
        hash_index_done(&table->chains[i]);
    }
    hash_index_done(&table->handle_index);
    free(table->handles);
    table->handles = NULL;
}

enum etw_status socket_table_finish(struct socket_table *table,
                                    const struct corr_processes *processes, bool has_loss,
                                    struct etw_error *error)
{
    find_older_servers(table);
    for (size_t i = 0; i < table->count; i++) {
        find_process(&table->rows[i], processes, has_loss);
    }
    socket_flows_collect_strays(table);
    free_indexes(table);
    struct row_order *order = calloc(table->count + 1, sizeof(*order));
    uint32_t *place = calloc(table->count + 1, sizeof(*place));
    bool is_sorted = sort_rows(table, order, place);
    free(order);
    free(place);
    if (!is_sorted || table->has_failed) {
        return etw_fail_memory(error, "the sockets");
    }
    free(table->rows);
    table->rows = NULL;
    return ETW_OK;
}

const struct corr_socket *socket_table_rows(const struct socket_table *table, size_t *count)
{
    *count = table->count;
    return table->sockets;
}

uint64_t socket_table_contradictions(const struct socket_table *table)
{
    return table->contradictions;
}
