/* SPDX-License-Identifier: MIT */
/*
 * socket_flows.c - with which remote ends a datagram socket talked.
 *
 * Flows are found by (group, remote end), where a row's group is its own number until
 * rows are merged: then the smaller list moves to the larger, so that no flow moves
 * often.
 */
#include <string.h>

#include "correlate/socket_rows.h"
#include "etw/base/array.h"

/* Of sockets whose own port no event told: nobody can say which packets are theirs, but
 * packets of others may be. */
#define STRAY_GROUP CORR_NO_ROW

static uint64_t hash_flow(uint32_t group, const struct corr_endpoint *remote)
{
    struct {
        uint8_t bytes[16];
        uint32_t group;
        uint16_t port;
        uint16_t size;
    } key = {.group = group, .port = remote->port, .size = remote->size};
    memcpy(key.bytes, remote->bytes, remote->size);
    return hash_bytes(&key, sizeof(key));
}

static bool has_flow(const struct socket_table *table, uint32_t group,
                     const struct corr_endpoint *remote)
{
    uint32_t at = 0;
    uint64_t hash = hash_flow(group, remote);
    for (uint32_t i = hash_index_first(&table->flow_index, hash, &at); i != HASH_INDEX_NONE;
         i = hash_index_next(&table->flow_index, hash, &at)) {
        if (table->flows[i].group == group &&
            corr_endpoint_equal(&table->flows[i].remote, remote)) {
            return true;
        }
    }
    return false;
}

void socket_table_add_flow(struct socket_table *table, uint32_t row,
                           const struct corr_endpoint *remote)
{
    struct socket_row *found = socket_row_find(table, row);
    if (!found || remote->size == 0 || has_flow(table, found->flows.group, remote)) {
        return;
    }
    void *flows = table->flows;
    uint32_t number = (uint32_t)table->flow_count;
    bool is_full = table->flow_count >= CORR_NO_ROW;
    if (is_full ||
        !array_grow(&flows, &table->flow_capacity, table->flow_count + 1, sizeof(*table->flows))) {
        table->has_failed = true;
        return;
    }
    table->flows = flows;
    if (!hash_index_add(&table->flow_index, hash_flow(found->flows.group, remote), number)) {
        table->has_failed = true;
        return;
    }
    table->flows[table->flow_count++] = (struct socket_flow){
        .remote = *remote, .group = found->flows.group, .next = found->flows.first};
    found->flows.first = number;
    found->flows.count++;
}

bool socket_table_has_flow(const struct socket_table *table, uint32_t row,
                           const struct corr_endpoint *remote)
{
    if (row >= table->count || remote->size == 0) {
        return false;
    }
    uint32_t group = table->flow_groups ? table->flow_groups[row] : table->rows[row].flows.group;
    return has_flow(table, group, remote);
}

bool socket_table_has_stray_flow(const struct socket_table *table,
                                 const struct corr_endpoint *remote)
{
    return remote->size > 0 && has_flow(table, STRAY_GROUP, remote);
}

/* Moves one flow to another group, where it may be already. */
static void move_flow(struct socket_table *table, uint32_t number, struct socket_flows *target)
{
    struct socket_flow *flow = &table->flows[number];
    hash_index_remove(&table->flow_index, hash_flow(flow->group, &flow->remote), number);
    if (has_flow(table, target->group, &flow->remote)) {
        return;
    }
    flow->group = target->group;
    flow->next = target->first;
    target->first = number;
    target->count++;
    if (!hash_index_add(&table->flow_index, hash_flow(flow->group, &flow->remote), number)) {
        table->has_failed = true;
    }
}

void socket_flows_collect_strays(struct socket_table *table)
{
    struct socket_flows strays = {.group = STRAY_GROUP, .first = CORR_NO_ROW};
    for (size_t i = 0; i < table->count; i++) {
        struct socket_row *row = &table->rows[i];
        if (row->shown.role != CORR_DATAGRAM || row->shown.local.port != 0) {
            continue;
        }
        uint32_t next = row->flows.first;
        row->flows.first = CORR_NO_ROW;
        while (next != CORR_NO_ROW) {
            uint32_t number = next;
            next = table->flows[number].next;
            move_flow(table, number, &strays);
        }
    }
}

void socket_flows_merge(struct socket_table *table, uint32_t to, uint32_t from)
{
    struct socket_flows *target = &table->rows[to].flows;
    struct socket_flows source = table->rows[from].flows;
    table->rows[from].flows = (struct socket_flows){.group = from, .first = CORR_NO_ROW};
    if (source.count > target->count) {
        struct socket_flows larger = source;
        source = *target;
        *target = larger;
    }
    uint32_t next = source.first;
    while (next != CORR_NO_ROW) {
        uint32_t number = next;
        next = table->flows[number].next;
        move_flow(table, number, target);
    }
}
