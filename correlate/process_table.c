/* SPDX-License-Identifier: MIT */
/*
 * process_table.c - rows of processes while facts about them come in, and the way back
 * from (pid, time) or a start key to the row.
 *
 * Every pid knows the latest process that had it, every process the one before. A
 * fact is about one of the last two, or about a new one: its cost does not depend
 * on how often a pid was given away.
 */
#include "correlate/process_table.h"

#include <stdlib.h>

#include "correlate/process_texts.h"
#include "etw/base/array.h"
#include "etw/base/utc_time.h"

#define LAST_PROCESSES 2 /* of a pid, that a fact can be about */

/* ---- keys ---- */

static uint64_t hash_key(uint32_t pid, uint64_t key)
{
    uint64_t parts[2] = {pid, key & PROCESS_KEY_MASK};
    return hash_bytes(parts, sizeof(parts));
}

uint32_t process_table_find_key(const struct corr_processes *processes, uint32_t pid, uint64_t key)
{
    uint64_t hash = hash_key(pid, key);
    uint32_t at = 0;
    key &= PROCESS_KEY_MASK;
    if (key == 0) {
        return CORR_NO_ROW;
    }
    for (uint32_t row = hash_index_first(&processes->key_index, hash, &at); row != HASH_INDEX_NONE;
         row = hash_index_next(&processes->key_index, hash, &at)) {
        const struct corr_process *process = &processes->rows[row];
        if (process->pid == pid && (process->start_key & PROCESS_KEY_MASK) == key) {
            return row;
        }
    }
    return CORR_NO_ROW;
}

bool process_table_set_key(struct corr_processes *processes, uint32_t row, uint64_t key)
{
    struct corr_process *process = &processes->rows[row];
    process->start_key = key;
    return hash_index_add(&processes->key_index, hash_key(process->pid, key), row);
}

/* ---- pids ---- */

static struct process_pid *find_pid(const struct corr_processes *processes, uint32_t pid)
{
    uint64_t hash = hash_bytes(&pid, sizeof(pid));
    uint32_t at = 0;
    for (uint32_t i = hash_index_first(&processes->pid_index, hash, &at); i != HASH_INDEX_NONE;
         i = hash_index_next(&processes->pid_index, hash, &at)) {
        if (processes->pids[i].pid == pid) {
            return &processes->pids[i];
        }
    }
    return NULL;
}

static bool add_pid(struct corr_processes *processes, uint32_t pid, uint32_t row)
{
    void *pids = processes->pids;
    bool has_room = array_grow(&pids, &processes->pid_capacity, processes->pid_count + 1,
                               sizeof(*processes->pids));
    processes->pids = pids;
    if (!has_room || !hash_index_add(&processes->pid_index, hash_bytes(&pid, sizeof(pid)),
                                     (uint32_t)processes->pid_count)) {
        return false;
    }
    processes->pids[processes->pid_count++] = (struct process_pid){.pid = pid, .latest = row};
    return true;
}

/* A new process is the latest of its pid, unless it is known to have begun before that one. */
static bool add_to_pid(struct corr_processes *processes, uint32_t row,
                       const struct process_fact *fact)
{
    struct process_pid *pid = find_pid(processes, fact->pid);
    if (!pid) {
        return add_pid(processes, fact->pid, row);
    }
    const struct corr_process *latest = &processes->rows[pid->latest];
    struct process_note *latest_note = &processes->notes[pid->latest];
    if (fact->has_start && latest->has_start && fact->start < latest->started) {
        processes->notes[row].previous = latest_note->previous;
        latest_note->previous = row;
    } else {
        processes->notes[row].previous = pid->latest;
        pid->latest = row;
    }
    return true;
}

/* ---- rows ---- */

int64_t process_table_guess_start(const struct corr_processes *processes, uint32_t previous,
                                  int64_t first_seen)
{
    if (previous == CORR_NO_ROW) {
        return CORR_ALWAYS;
    }
    /* Late events of the previous one have died away some time after its end. */
    int64_t ended = processes->rows[previous].ended;
    return ended < first_seen - PROCESS_NEAR ? ended + PROCESS_NEAR : first_seen;
}

static bool grow_rows(struct corr_processes *processes)
{
    void *rows = processes->rows;
    bool has_row =
        array_grow(&rows, &processes->row_capacity, processes->count + 1, sizeof(*processes->rows));
    processes->rows = rows;
    void *notes = processes->notes;
    bool has_note = array_grow(&notes, &processes->note_capacity, processes->count + 1,
                               sizeof(*processes->notes));
    processes->notes = notes;
    return has_row && has_note && processes->count < CORR_NO_ROW;
}

uint32_t process_table_add(struct corr_processes *processes, uint32_t pid, int64_t first_seen)
{
    if (!grow_rows(processes)) {
        return CORR_NO_ROW;
    }
    uint32_t row = (uint32_t)processes->count++;
    processes->rows[row] = (struct corr_process){
        .pid = pid, .session = UINT32_MAX, .started = CORR_ALWAYS, .ended = CORR_NEVER};
    processes->notes[row] =
        (struct process_note){.first_seen = first_seen, .previous = CORR_NO_ROW};
    process_texts_init(&processes->rows[row]);
    return row;
}

/* ---- facts ---- */

static uint32_t find_process(const struct corr_processes *processes,
                             const struct process_fact *fact)
{
    uint32_t row = process_table_find_key(processes, fact->pid, fact->key);
    if (row != CORR_NO_ROW) {
        return row;
    }
    const struct process_pid *pid = find_pid(processes, fact->pid);
    int left = LAST_PROCESSES;
    for (row = pid ? pid->latest : CORR_NO_ROW; row != CORR_NO_ROW && left > 0;
         row = processes->notes[row].previous, left--) {
        if (process_fact_fits(fact, &processes->rows[row], &processes->notes[row])) {
            return row;
        }
    }
    return CORR_NO_ROW;
}

static uint32_t add_process(struct corr_processes *processes, const struct process_fact *fact)
{
    uint32_t row = process_table_add(processes, fact->pid, fact->time);
    if (row == CORR_NO_ROW || !add_to_pid(processes, row, fact)) {
        return CORR_NO_ROW;
    }
    processes->rows[row].started =
        process_table_guess_start(processes, processes->notes[row].previous, fact->time);
    return row;
}

static void take_times(struct corr_process *process, struct process_note *note,
                       const struct process_fact *fact)
{
    bool is_exact = fact->created != 0 && note->created == 0;
    if (fact->has_start && (!process->has_start || is_exact)) {
        process->has_start = true;
        process->started = fact->start;
    }
    if (fact->created != 0) {
        note->created = fact->created;
    }
    if (fact->has_end && process->ended == CORR_NEVER) {
        process->ended = fact->end;
    }
    if (process->ended < process->started) {
        process->ended = process->started;
    }
}

uint32_t process_table_take(struct corr_processes *processes, const struct process_fact *fact)
{
    uint32_t row = find_process(processes, fact);
    if (row == CORR_NO_ROW) {
        row = add_process(processes, fact);
    }
    if (row == CORR_NO_ROW) {
        return CORR_NO_ROW;
    }
    struct corr_process *process = &processes->rows[row];
    struct process_note *note = &processes->notes[row];
    take_times(process, note, fact);
    note->told |= process_fact_told(fact);
    if (process->unique_key == 0) {
        process->unique_key = fact->unique_key;
    }
    bool has_new_key = process->start_key == 0 && (fact->key & PROCESS_KEY_MASK) != 0;
    return has_new_key && !process_table_set_key(processes, row, fact->key) ? CORR_NO_ROW : row;
}

/* ---- starts ---- */

static int compare_starts(const void *a, const void *b)
{
    const struct process_start *left = a;
    const struct process_start *right = b;
    if (left->pid != right->pid) {
        return left->pid < right->pid ? -1 : 1;
    }
    if (left->started != right->started) {
        return left->started < right->started ? -1 : 1;
    }
    return (left->process > right->process) - (left->process < right->process);
}

/* Of processes that were always there, those known to be older come first. */
static int64_t place_of(const struct corr_process *process, const struct process_note *note)
{
    return process->started == CORR_ALWAYS && !note->is_older ? CORR_ALWAYS + 1 : process->started;
}

bool process_table_sort(struct corr_processes *processes)
{
    free(processes->starts);
    processes->starts = NULL;
    processes->start_count = 0;
    if (processes->count == 0) {
        return true;
    }
    processes->starts = malloc(processes->count * sizeof(*processes->starts));
    if (!processes->starts) {
        return false;
    }
    for (size_t i = 0; i < processes->count; i++) {
        const struct corr_process *process = &processes->rows[i];
        processes->starts[i] =
            (struct process_start){.started = place_of(process, &processes->notes[i]),
                                   .pid = process->pid,
                                   .process = (uint32_t)i};
    }
    processes->start_count = processes->count;
    qsort(processes->starts, processes->count, sizeof(*processes->starts), compare_starts);
    return true;
}

/* How many processes come before or with (pid, time). */
static size_t count_until(const struct corr_processes *processes, uint32_t pid, int64_t time)
{
    size_t from = 0;
    size_t to = processes->start_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        const struct process_start *start = &processes->starts[middle];
        bool is_before = start->pid < pid || (start->pid == pid && start->started <= time);
        from = is_before ? middle + 1 : from;
        to = is_before ? to : middle;
    }
    return from;
}

uint32_t process_table_find_at(const struct corr_processes *processes, uint32_t pid, int64_t time)
{
    const struct process_start *starts = processes->starts;
    time = process_limit_time(time);
    size_t count = count_until(processes, pid, time);
    bool has_one = count > 0 && starts[count - 1].pid == pid;
    if (has_one && processes->rows[starts[count - 1].process].ended >= time) {
        return starts[count - 1].process;
    }
    if (count < processes->start_count && starts[count].pid == pid &&
        starts[count].started <= time + PROCESS_EARLY) {
        return starts[count].process;
    }
    return has_one ? starts[count - 1].process : CORR_NO_ROW;
}
