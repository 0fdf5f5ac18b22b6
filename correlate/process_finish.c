/* SPDX-License-Identifier: MIT */
/*
 * process_finish.c - what can be said of processes when all records are in: which one
 * a mention means, who came first, whose end was lost.
 */
#include <stdlib.h>

#include "correlate/process_table.h"
#include "correlate/process_texts.h"

static enum etw_status fail_memory(struct etw_error *error)
{
    return etw_fail_memory(error, "the processes of the trace");
}

/* ---- mentions ---- */

/* The later one of the process that had the pid by the records, and of the one that an earlier
 * mention made. */
static uint32_t find_mentioned(const struct corr_processes *processes,
                               const struct process_mention *mention, uint32_t made)
{
    uint32_t row = process_table_find_at(processes, mention->pid, mention->time);
    if (made == CORR_NO_ROW) {
        return row;
    }
    return row == CORR_NO_ROW || processes->rows[made].started > processes->rows[row].started ? made
                                                                                              : row;
}

/* Adds the process that a mention means when `other` is not it. False: no memory. */
static bool add_mentioned(struct corr_processes *processes, const struct process_mention *mention,
                          uint32_t other, uint32_t *made)
{
    uint32_t row = process_table_add(processes, mention->pid, mention->time);
    if (row == CORR_NO_ROW || ((mention->key & PROCESS_KEY_MASK) != 0 &&
                               !process_table_set_key(processes, row, mention->key))) {
        return false;
    }
    uint64_t other_key =
        other != CORR_NO_ROW ? processes->rows[other].start_key & PROCESS_KEY_MASK : 0;
    if (other_key > (mention->key & PROCESS_KEY_MASK)) {
        processes->notes[row].is_older = true; /* sequence numbers grow: it had the pid before */
        return true;
    }
    processes->rows[row].started = process_table_guess_start(processes, other, mention->time);
    *made = row;
    return true;
}

/* `made`: the latest process that mentions of this pid made. */
static bool take_mention(struct corr_processes *processes, const struct process_mention *mention,
                         uint32_t *made)
{
    uint32_t row = process_table_find_key(processes, mention->pid, mention->key);
    if (row == CORR_NO_ROW) {
        row = find_mentioned(processes, mention, *made);
        if (row == CORR_NO_ROW ||
            process_keys_differ(processes->rows[row].start_key, mention->key)) {
            return add_mentioned(processes, mention, row, made);
        }
    }
    if (mention->time < processes->notes[row].first_seen) {
        processes->notes[row].first_seen = mention->time;
    }
    bool has_new_key =
        processes->rows[row].start_key == 0 && (mention->key & PROCESS_KEY_MASK) != 0;
    return !has_new_key || process_table_set_key(processes, row, mention->key);
}

static bool take_mentions(struct corr_processes *processes)
{
    const struct process_mentions *mentions = &processes->mentions;
    uint32_t made = CORR_NO_ROW;
    process_mentions_sort(&processes->mentions);
    for (size_t i = 0; i < mentions->count; i++) {
        if (i > 0 && mentions->rows[i].pid != mentions->rows[i - 1].pid) {
            made = CORR_NO_ROW;
        }
        if (!take_mention(processes, &mentions->rows[i], &made)) {
            return false;
        }
    }
    process_mentions_done(&processes->mentions);
    return true;
}

/* ---- order of appearance ---- */

struct appearance {
    int64_t first_seen;
    uint32_t row;
};

static int compare_appearances(const void *a, const void *b)
{
    const struct appearance *left = a;
    const struct appearance *right = b;
    if (left->first_seen != right->first_seen) {
        return left->first_seen < right->first_seen ? -1 : 1;
    }
    return (left->row > right->row) - (left->row < right->row);
}

/* Brings a row, and all that give way for each other in a ring, to where `order` wants them.
 * `places` says by row where it went. */
static void move_ring(struct corr_processes *processes, struct appearance *order, uint32_t *places,
                      uint32_t first)
{
    struct corr_process row = processes->rows[first];
    struct process_note note = processes->notes[first];
    uint32_t to = first;
    while (order[to].row != first) {
        uint32_t from = order[to].row;
        processes->rows[to] = processes->rows[from];
        processes->notes[to] = processes->notes[from];
        places[from] = to;
        order[to].row = to;
        to = from;
    }
    processes->rows[to] = row;
    processes->notes[to] = note;
    places[first] = to;
    order[to].row = to;
}

/* The index had as many keys before: setting them again cannot fail. */
static void index_keys_again(struct corr_processes *processes)
{
    hash_index_clear(&processes->key_index);
    for (uint32_t row = 0; row < processes->count; row++) {
        uint64_t key = processes->rows[row].start_key;
        if ((key & PROCESS_KEY_MASK) != 0) {
            (void)process_table_set_key(processes, row, key);
        }
    }
}

static bool is_in_order(const struct corr_processes *processes)
{
    for (size_t i = 1; i < processes->count; i++) {
        if (processes->notes[i].first_seen < processes->notes[i - 1].first_seen) {
            return false;
        }
    }
    return true;
}

/* Records come in order; mentions need not. */
static bool order_rows(struct corr_processes *processes)
{
    if (is_in_order(processes)) {
        return true;
    }
    struct appearance *order = malloc(processes->count * sizeof(*order));
    uint32_t *places = malloc(processes->count * sizeof(*places));
    bool is_done = order && places;
    if (is_done) {
        for (uint32_t row = 0; row < processes->count; row++) {
            order[row] = (struct appearance){processes->notes[row].first_seen, row};
            places[row] = CORR_NO_ROW;
        }
        qsort(order, processes->count, sizeof(*order), compare_appearances);
        for (uint32_t row = 0; row < processes->count; row++) {
            if (places[row] == CORR_NO_ROW) {
                move_ring(processes, order, places, row);
            }
        }
        process_services_move(&processes->services, places);
        index_keys_again(processes);
    }
    free(order);
    free(places);
    return is_done;
}

/* ---- the rest ---- */

/* Whose end was lost ended when its pid was given away. */
static void end_predecessors(struct corr_processes *processes)
{
    for (size_t i = 0; i + 1 < processes->start_count; i++) {
        const struct process_start *start = &processes->starts[i];
        struct corr_process *process = &processes->rows[start->process];
        const struct corr_process *next = &processes->rows[start[1].process];
        if (process->pid == next->pid && process->ended > next->started) {
            process->ended = next->started;
        }
    }
}

static enum etw_status name_well_known(struct corr_processes *processes, struct etw_error *error)
{
    enum etw_status status = ETW_OK;
    for (size_t i = 0; i < processes->count && !status; i++) {
        struct corr_process *process = &processes->rows[i];
        if (process->pid == PROCESS_PID_IDLE || process->pid == PROCESS_PID_SYSTEM) {
            const char *name = process->pid == PROCESS_PID_IDLE ? "Idle" : "System";
            status = process_texts_set_default(process, name, error);
        }
    }
    return status;
}

static void free_pids(struct corr_processes *processes)
{
    hash_index_done(&processes->pid_index);
    free(processes->pids);
    processes->pids = NULL;
}

static void free_notes(struct corr_processes *processes)
{
    free(processes->notes);
    processes->notes = NULL;
}

enum etw_status corr_processes_finish(struct corr_processes *processes, struct etw_error *error)
{
    free_pids(processes);
    if (!process_table_sort(processes) || !take_mentions(processes) || !order_rows(processes) ||
        !process_table_sort(processes)) {
        return fail_memory(error);
    }
    end_predecessors(processes);
    free_notes(processes);
    enum etw_status status = name_well_known(processes, error);
    return status ? status
                  : process_services_pack(&processes->services, processes->rows, processes->count,
                                          error);
}
