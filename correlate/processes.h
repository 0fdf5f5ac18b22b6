/* SPDX-License-Identifier: MIT */
/*
 * processes.h - the history of processes: which one had a pid at a time, its names.
 * A process is (pid, start): Windows gives pids away again.
 *
 *     corr_processes_new(&processes, &error);
 *     ... corr_processes_learn(processes, &event, &error) for events in time order ...
 *     corr_processes_finish(processes, &error);
 *     uint32_t row = corr_processes_find(processes, pid, start_key, time);
 *
 * Learned from classic Process records of every version, Kernel-Process events,
 * rundown at either end, and service rows. Read-only after finish.
 */
#ifndef CORRELATE_PROCESSES_H
#define CORRELATE_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "etw/base/error.h"
#include "etw/event.h"

#define CORR_NO_ROW UINT32_MAX

#define CORR_ALWAYS INT64_MIN /* began before the trace */
#define CORR_NEVER  INT64_MAX /* did not end in it */

/* Texts are UTF-8, owned by the history, "" when not known. Classic records name processes in
 * the machine's ANSI code page, whichever that is: bytes from 0x80 on become U+FFFD. */
struct corr_process {
    uint32_t pid;
    uint32_t parent_pid; /* 0: not known */
    uint32_t session;    /* UINT32_MAX: not known */
    bool has_start;      /* an event stated `started`. Else it is CORR_ALWAYS, or, when another
                          * process had the pid before, since when this one may have had it */
    int64_t started, ended;
    uint64_t start_key;  /* low 48 bits: its sequence number; 0: not known */
    uint64_t unique_key; /* EPROCESS of classic records; 0: not known */
    uint64_t offset;     /* of the record that named it; UINT64_MAX: only a pid is known */
    const char *name;    /* "tcpserver.exe" */
    const char *path;    /* "\Device\HarddiskVolume2\...\tcpserver.exe" */
    const char *command_line;
    const char *user;                      /* S-1-5-... */
    uint32_t first_service, service_count; /* corr_processes_service() */
};

struct corr_processes;

enum etw_status corr_processes_new(struct corr_processes **out, struct etw_error *error);
void corr_processes_free(struct corr_processes *processes);

/* Takes ETW_EVENT_PROCESS and ETW_EVENT_SERVICE; ignores the rest. Copies. */
enum etw_status corr_processes_learn(struct corr_processes *processes,
                                     const struct etw_event *event, struct etw_error *error);
/* A pid that an event names at a time, whether or not a record ever tells its name; in any
 * order. Pid 0 is ignored. A start key that no record has makes a process of its own when the
 * one that had the pid then is known by another. */
enum etw_status corr_processes_mention(struct corr_processes *processes, uint32_t pid,
                                       uint64_t start_key, int64_t time, struct etw_error *error);
/* Finds the processes that mentions mean or adds them, ends those whose end was lost, names
 * the well-known ones. Rows come into the order of first appearance. */
enum etw_status corr_processes_finish(struct corr_processes *processes, struct etw_error *error);

/* The process that had this pid at this time. With a start key that is known, the
 * key decides. A time after its end, before the pid was given away again, and one
 * shortly (10 ms) before its start find it too. CORR_NO_ROW: none, or it cannot be told;
 * always for pid 0. */
uint32_t corr_processes_find(const struct corr_processes *processes, uint32_t pid,
                             uint64_t start_key, int64_t time);
size_t corr_processes_list(const struct corr_processes *processes,
                           const struct corr_process **rows);
const struct corr_process *corr_processes_get(const struct corr_processes *processes, uint32_t row);
/* Number `index` of the process's services, as Windows names them. */
const char *corr_processes_service(const struct corr_processes *processes,
                                   const struct corr_process *process, uint32_t index);

#endif
