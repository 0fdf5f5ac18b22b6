/* SPDX-License-Identifier: MIT */
/*
 * socket_table.c - the rows themselves, which kernel object is which row, and what
 * is known of their life. The rest of socket_table.h: socket_ends.c, socket_owners.c,
 * socket_states.c, socket_flows.c, socket_finish.c.
 */
#include "correlate/socket_table.h"

#include <stdlib.h>
#include <string.h>

#include "correlate/socket_rows.h"
#include "etw/base/array.h"

enum etw_status socket_table_new(struct socket_table **out, struct etw_error *error)
{
    *out = calloc(1, sizeof(**out));
    return *out ? ETW_OK : etw_fail_memory(error, "the sockets");
}

void socket_table_free(struct socket_table *table)
{
    if (!table) {
        return;
    }
    for (size_t i = 0; i < CHAIN_COUNT; i++) {
        hash_index_done(&table->chains[i]);
    }
    hash_index_done(&table->handle_index);
    hash_index_done(&table->flow_index);
    free(table->rows);
    free(table->handles);
    free(table->flows);
    free(table->changes);
    free(table->sockets);
    free(table->packed);
    free(table->first_change);
    free(table->flow_groups);
    free(table);
}

/* ---- rows ---- */

static const struct corr_socket new_socket = {
    .closed = CORR_NEVER,
    .process = CORR_NO_ROW,
    .first_state = CORR_STATE_COUNT,
};

uint32_t socket_table_add(struct socket_table *table, enum corr_role role, uint8_t protocol,
                          int64_t time)
{
    void *rows = table->rows;
    bool is_full = table->count >= CORR_NO_ROW;
    if (is_full || !array_grow(&rows, &table->capacity, table->count + 1, sizeof(*table->rows))) {
        table->has_failed = true;
        return CORR_NO_ROW;
    }
    table->rows = rows;
    uint32_t number = (uint32_t)table->count++;
    struct socket_row *row = &table->rows[number];
    *row = (struct socket_row){.shown = new_socket, .first_seen = time, .last_seen = time};
    row->shown.role = (uint8_t)role;
    row->shown.protocol = protocol;
    row->shown.opened = time;
    row->flows = (struct socket_flows){.group = number, .first = CORR_NO_ROW};
    row->merged_into = CORR_NO_ROW;
    return number;
}

bool socket_table_failed(const struct socket_table *table)
{
    return table->has_failed;
}

void socket_table_set_failed(struct socket_table *table)
{
    table->has_failed = true;
}

void socket_table_fail(struct socket_table *table)
{
    table->has_failed = true;
}

size_t socket_table_count(const struct socket_table *table)
{
    return table->count;
}

struct socket_row *socket_row_find(const struct socket_table *table, uint32_t row)
{
    return row < table->count ? &table->rows[row] : NULL;
}

struct corr_socket *socket_table_get(struct socket_table *table, uint32_t row)
{
    struct socket_row *found = socket_row_find(table, row);
    return found ? &found->shown : NULL;
}

void socket_table_see(struct socket_table *table, uint32_t row, int64_t time)
{
    struct socket_row *found = socket_row_find(table, row);
    if (found) {
        socket_row_see(found, time);
    }
}

int64_t socket_table_first_seen(const struct socket_table *table, uint32_t row)
{
    const struct socket_row *found = socket_row_find(table, row);
    return found ? found->first_seen : CORR_NEVER;
}

/* Rows that were merged away are skipped for good, so that the way stays short. */
uint32_t socket_table_resolve(const struct socket_table *table, uint32_t row)
{
    uint32_t end = row;
    while (end < table->count && table->rows[end].merged_into != CORR_NO_ROW) {
        end = table->rows[end].merged_into;
    }
    while (row != end) {
        uint32_t next = table->rows[row].merged_into;
        table->rows[row].merged_into = end;
        row = next;
    }
    return end;
}

void socket_table_hide(struct socket_table *table, uint32_t row)
{
    struct socket_row *found = socket_row_find(table, row);
    if (found) {
        found->shown.flags |= CORR_SOCKET_HIDDEN;
        socket_ends_unlink(table, row);
    }
}

/* ---- kernel objects ---- */

static uint64_t hash_handle(enum etw_handle_space space, uint64_t value)
{
    const uint64_t key[2] = {(uint64_t)space, value};
    return hash_bytes(key, sizeof(key));
}

static struct socket_handle *find_handle(const struct socket_table *table,
                                         enum etw_handle_space space, uint64_t value)
{
    uint32_t at = 0;
    uint64_t hash = hash_handle(space, value);
    for (uint32_t i = hash_index_first(&table->handle_index, hash, &at); i != HASH_INDEX_NONE;
         i = hash_index_next(&table->handle_index, hash, &at)) {
        if (table->handles[i].space == (uint8_t)space && table->handles[i].value == value) {
            return &table->handles[i];
        }
    }
    return NULL;
}

static void add_handle(struct socket_table *table, const struct socket_handle *handle)
{
    void *handles = table->handles;
    uint64_t hash = hash_handle((enum etw_handle_space)handle->space, handle->value);
    bool is_full = table->handle_count >= HASH_INDEX_NONE;
    if (is_full || !array_grow(&handles, &table->handle_capacity, table->handle_count + 1,
                               sizeof(*table->handles))) {
        table->has_failed = true;
        return;
    }
    table->handles = handles;
    if (!hash_index_add(&table->handle_index, hash, (uint32_t)table->handle_count)) {
        table->has_failed = true;
        return;
    }
    table->handles[table->handle_count++] = *handle;
}

void socket_table_bind(struct socket_table *table, enum etw_handle_space space, uint64_t value,
                       uint32_t row)
{
    struct socket_handle *handle = find_handle(table, space, value);
    if (handle) {
        handle->row = row;
    } else if (value != 0 && row != CORR_NO_ROW) {
        add_handle(table,
                   &(struct socket_handle){.value = value, .row = row, .space = (uint8_t)space});
    }
}

uint32_t socket_table_find(const struct socket_table *table, enum etw_handle_space space,
                           uint64_t value)
{
    const struct socket_handle *handle = find_handle(table, space, value);
    return handle ? socket_table_resolve(table, handle->row) : CORR_NO_ROW;
}

void socket_table_unbind(struct socket_table *table, enum etw_handle_space space, uint64_t value)
{
    struct socket_handle *handle = find_handle(table, space, value);
    if (handle) {
        handle->row = CORR_NO_ROW;
    }
}

/* ---- life ---- */

void socket_table_close(struct socket_table *table, uint32_t row, int64_t time,
                        enum corr_cause cause)
{
    struct socket_row *found = socket_row_find(table, row);
    if (!found) {
        return;
    }
    struct corr_socket *socket = &found->shown;
    if (socket->closed == CORR_NEVER) {
        socket->closed = time;
    }
    if (socket->cause == CORR_CAUSE_OPEN || socket->cause == CORR_CAUSE_UNKNOWN) {
        socket->cause = (uint8_t)(cause == CORR_CAUSE_OPEN ? CORR_CAUSE_UNKNOWN : cause);
    }
}

void socket_table_add_bytes(struct socket_table *table, uint32_t row, enum corr_bytes_from from,
                            bool is_sent, uint64_t bytes)
{
    struct socket_row *found = socket_row_find(table, row);
    if (found && from < SOCKET_BYTE_SOURCES) {
        found->bytes[from][is_sent] += bytes;
    }
}

/* ---- sequence numbers ---- */

#define SEQUENCE_FAR  (UINT32_C(1) << 30)
#define SEQUENCE_HALF (UINT32_C(1) << 31)

struct sequence_range {
    uint32_t first, next;
};

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* Numbers are those of a ring. `*is_wrapped`: the range became too long to say where in it
 * another number lies, and only its end moves on. */
static bool widen(struct sequence_range *range, uint32_t first, uint32_t next, bool *is_wrapped)
{
    uint32_t span = range->next - range->first;
    uint32_t behind = range->first - first;
    uint32_t start = first - range->first;
    if (*is_wrapped) {
        if (next - range->next < SEQUENCE_FAR) {
            range->next = next;
        }
        return true;
    }
    if (start > span && start - span > SEQUENCE_FAR && behind > SEQUENCE_FAR) {
        return false;
    }
    if (start > span && behind <= SEQUENCE_FAR &&
        (start - span > SEQUENCE_FAR || behind < start - span)) {
        range->first = first;
        span += behind;
        start = 0;
    }
    span = larger(span, start + (next - first));
    range->next = range->first + span;
    *is_wrapped = span > SEQUENCE_HALF;
    return true;
}

static bool widen_side(struct corr_socket *socket, uint32_t *first, uint32_t *next, uint8_t flag,
                       const struct sequence_range *more)
{
    if (more->next - more->first > SEQUENCE_FAR) {
        return false;
    }
    if ((socket->flags & flag) == 0) {
        socket->flags |= flag;
        *first = more->first;
        *next = more->next;
        return true;
    }
    struct sequence_range range = {*first, *next};
    bool is_wrapped = (socket->flags & CORR_SOCKET_WRAPPED) != 0;
    bool is_near = widen(&range, more->first, more->next, &is_wrapped);
    *first = range.first;
    *next = range.next;
    if (is_wrapped) {
        socket->flags |= CORR_SOCKET_WRAPPED;
    }
    return is_near;
}

bool socket_table_widen_local(struct socket_table *table, uint32_t row, uint32_t first,
                              uint32_t next)
{
    struct corr_socket *socket = socket_table_get(table, row);
    return socket && widen_side(socket, &socket->local_first, &socket->local_next,
                                CORR_SOCKET_LOCAL_SEQUENCE, &(struct sequence_range){first, next});
}

bool socket_table_widen_remote(struct socket_table *table, uint32_t row, uint32_t first,
                               uint32_t next)
{
    struct corr_socket *socket = socket_table_get(table, row);
    return socket && widen_side(socket, &socket->remote_first, &socket->remote_next,
                                CORR_SOCKET_REMOTE_SEQUENCE, &(struct sequence_range){first, next});
}
