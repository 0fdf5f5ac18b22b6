/* SPDX-License-Identifier: MIT */
/*
 * socket_states.c - TCP state changes: a log in time order while learning, packed by
 * row once finished.
 */
#include <stdlib.h>

#include "correlate/socket_rows.h"
#include "etw/base/array.h"

void socket_table_add_state(struct socket_table *table, uint32_t row, int64_t time,
                            enum corr_tcp_state from, enum corr_tcp_state to)
{
    struct socket_row *found = socket_row_find(table, row);
    if (!found || from >= CORR_STATE_COUNT || to >= CORR_STATE_COUNT || from == to) {
        return;
    }
    void *changes = table->changes;
    socket_row_see(found, time);
    if (!array_grow(&changes, &table->change_capacity, table->change_count + 1,
                    sizeof(*table->changes))) {
        table->has_failed = true;
        return;
    }
    table->changes = changes;
    table->changes[table->change_count++] =
        (struct socket_change){.time = time, .row = row, .from = (uint8_t)from, .to = (uint8_t)to};
    if (found->shown.first_state == CORR_STATE_COUNT) {
        found->shown.first_state = (uint8_t)from;
    }
}

/* ---- packing: a counting sort by row, which keeps the order of time ---- */

static struct packed_change pack(const struct socket_change *change)
{
    return (struct packed_change){
        .time_low = (uint32_t)(uint64_t)change->time,
        .time_high = (uint32_t)((uint64_t)change->time >> 32),
        .from = change->from,
        .to = change->to,
    };
}

static int64_t time_of(const struct packed_change *change)
{
    return (int64_t)((uint64_t)change->time_high << 32 | change->time_low);
}

/* Where the row of a change stands once sorted. */
static uint32_t place_of(const struct socket_table *table, const uint32_t *place,
                         const struct socket_change *change)
{
    return place[socket_table_resolve(table, change->row)];
}

bool socket_states_pack(struct socket_table *table, const uint32_t *place)
{
    if (table->change_count >= UINT32_MAX) {
        return false;
    }
    uint32_t *first = calloc(table->count + 2, sizeof(*first));
    struct packed_change *packed = calloc(table->change_count + 1, sizeof(*packed));
    if (!first || !packed) {
        free(first);
        free(packed);
        return false;
    }
    for (size_t i = 0; i < table->change_count; i++) {
        first[place_of(table, place, &table->changes[i]) + 2]++;
    }
    for (size_t row = 2; row < table->count + 2; row++) {
        first[row] += first[row - 1];
    }
    /* While filling, first[row + 1] is where the next change of the row goes. */
    for (size_t i = 0; i < table->change_count; i++) {
        uint32_t row = place_of(table, place, &table->changes[i]);
        packed[first[row + 1]++] = pack(&table->changes[i]);
    }
    table->packed = packed;
    table->first_change = first;
    free(table->changes);
    table->changes = NULL;
    return true;
}

/* ---- looking ---- */

size_t socket_table_state_count(const struct socket_table *table, uint32_t row)
{
    if (row >= table->count) {
        return 0;
    }
    return table->first_change[row + 1] - table->first_change[row];
}

size_t socket_table_states(const struct socket_table *table, uint32_t row,
                           struct corr_state_change *changes, size_t maximum)
{
    size_t count = socket_table_state_count(table, row);
    count = count < maximum ? count : maximum;
    for (size_t i = 0; i < count; i++) {
        const struct packed_change *change = &table->packed[table->first_change[row] + i];
        changes[i] = (struct corr_state_change){
            .time = time_of(change), .from = change->from, .to = change->to};
    }
    return count;
}

bool socket_table_state_at(const struct socket_table *table, uint32_t row, int64_t time,
                           enum corr_tcp_state *state)
{
    size_t count = socket_table_state_count(table, row);
    if (row >= table->count) {
        return false;
    }
    const struct packed_change *changes = &table->packed[table->first_change[row]];
    size_t low = 0; /* changes before it are not later than `time` */
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (time_of(&changes[middle]) <= time) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    uint8_t found = low > 0 ? changes[low - 1].to : table->sockets[row].first_state;
    *state = (enum corr_tcp_state)found;
    return found < CORR_STATE_COUNT;
}
