/* SPDX-License-Identifier: MIT */
/*
 * process_table.h - rows of processes, and the ways to find one. Inside correlate only:
 * processes.c fills it with what records say, process_finish.c completes it.
 */
#ifndef CORRELATE_PROCESS_TABLE_H
#define CORRELATE_PROCESS_TABLE_H

#include "correlate/process_facts.h"
#include "correlate/process_mentions.h"
#include "correlate/process_services.h"
#include "correlate/processes.h"
#include "etw/base/hash_index.h"

#define PROCESS_PID_IDLE   0
#define PROCESS_PID_SYSTEM 4 /* [documented: its pid since Windows XP] */

/* One pid while facts come in. */
struct process_pid {
    uint32_t pid;
    uint32_t latest; /* row of the process */
};

/* One process, sorted by pid and start. */
struct process_start {
    int64_t started;
    uint32_t pid;
    uint32_t process; /* row */
};

struct corr_processes {
    struct corr_process *rows;  /* owned */
    struct process_note *notes; /* owned; of the same row; NULL when finished */
    size_t count, row_capacity, note_capacity;
    struct process_pid *pids; /* owned; NULL when finished */
    size_t pid_count, pid_capacity;
    struct hash_index pid_index;  /* of pids; empty when finished */
    struct hash_index key_index;  /* of rows, by (pid, start key) */
    struct process_start *starts; /* owned; NULL before sorting */
    size_t start_count;
    struct process_services services;
    struct process_mentions mentions; /* empty when finished */
};

/* Finds or makes the process that the fact is about. CORR_NO_ROW: no memory. */
uint32_t process_table_take(struct corr_processes *processes, const struct process_fact *fact);

/* A row with nothing but a pid. CORR_NO_ROW: no memory. */
uint32_t process_table_add(struct corr_processes *processes, uint32_t pid, int64_t first_seen);
/* When a process that no start event tells of had its pid from, after the one of row `previous`
 * (CORR_NO_ROW: nobody). */
int64_t process_table_guess_start(const struct corr_processes *processes, uint32_t previous,
                                  int64_t first_seen);

/* Gives a row without start key one. False: no memory. */
bool process_table_set_key(struct corr_processes *processes, uint32_t row, uint64_t key);
/* The row of this pid and start key, of whose low 48 bits are compared; CORR_NO_ROW: none, or
 * the key is 0. */
uint32_t process_table_find_key(const struct corr_processes *processes, uint32_t pid, uint64_t key);

/* Makes `starts` of the rows there are now. False: no memory. */
bool process_table_sort(struct corr_processes *processes);
/* By `starts`: the process that had the pid at this time, or had it last, or gets it right
 * after. CORR_NO_ROW: none. */
uint32_t process_table_find_at(const struct corr_processes *processes, uint32_t pid, int64_t time);

#endif
