/* SPDX-License-Identifier: MIT */
#include "correlate/processes.h"

#include <stdlib.h>

#include "correlate/process_table.h"
#include "correlate/process_texts.h"

static enum etw_status fail_memory(struct etw_error *error)
{
    return etw_fail_memory(error, "the processes of the trace");
}

/* ---- learning ---- */

/* The manifest's event of an end states neither parent nor session; a payload that is cut
 * lacks them when it lacks the image behind them. */
static void take_numbers(struct corr_process *process, const struct etw_process *stated)
{
    bool has_session = stated->image.size > 0 && !(stated->is_end && stated->create_time != 0);
    if (process->parent_pid == 0) {
        process->parent_pid = stated->parent_pid;
    }
    if (process->session == UINT32_MAX && has_session) {
        process->session = stated->session;
    }
}

static enum etw_status learn_process(struct corr_processes *processes,
                                     const struct etw_event *event, struct etw_error *error)
{
    const struct etw_process *stated = &event->u.process;
    struct process_fact fact;
    if (stated->pid == PROCESS_PID_IDLE && stated->image.size == 0) {
        return ETW_OK; /* cut before the pid */
    }
    process_fact_read(&fact, event);
    uint32_t row = process_table_take(processes, &fact);
    if (row == CORR_NO_ROW) {
        return fail_memory(error);
    }
    take_numbers(&processes->rows[row], stated);
    return process_texts_learn(&processes->rows[row], event, error);
}

static enum etw_status learn_service(struct corr_processes *processes,
                                     const struct etw_event *event, struct etw_error *error)
{
    const struct etw_service *service = &event->u.service;
    struct process_fact fact;
    if (service->pid == PROCESS_PID_IDLE || service->name.size == 0) {
        return ETW_OK; /* a service that does not run has pid 0 */
    }
    process_fact_list(&fact, service->pid, event->record->time);
    uint32_t row = process_table_take(processes, &fact);
    return row == CORR_NO_ROW
               ? fail_memory(error)
               : process_services_add(&processes->services, row, &service->name, error);
}

enum etw_status corr_processes_learn(struct corr_processes *processes,
                                     const struct etw_event *event, struct etw_error *error)
{
    if (event->kind == ETW_EVENT_PROCESS) {
        return learn_process(processes, event, error);
    }
    return event->kind == ETW_EVENT_SERVICE ? learn_service(processes, event, error) : ETW_OK;
}

enum etw_status corr_processes_mention(struct corr_processes *processes, uint32_t pid,
                                       uint64_t start_key, int64_t time, struct etw_error *error)
{
    const struct process_mention mention = {
        .time = process_limit_time(time), .key = start_key, .pid = pid};
    if (pid == PROCESS_PID_IDLE || process_mentions_add(&processes->mentions, &mention)) {
        return ETW_OK;
    }
    return fail_memory(error);
}

/* ---- reading ---- */

uint32_t corr_processes_find(const struct corr_processes *processes, uint32_t pid,
                             uint64_t start_key, int64_t time)
{
    if (pid == PROCESS_PID_IDLE) {
        return CORR_NO_ROW;
    }
    uint32_t row = process_table_find_key(processes, pid, start_key);
    if (row != CORR_NO_ROW) {
        return row;
    }
    row = process_table_find_at(processes, pid, time);
    bool is_other =
        row != CORR_NO_ROW && process_keys_differ(processes->rows[row].start_key, start_key);
    return is_other ? CORR_NO_ROW : row;
}

size_t corr_processes_list(const struct corr_processes *processes, const struct corr_process **rows)
{
    *rows = processes->rows;
    return processes->count;
}

const struct corr_process *corr_processes_get(const struct corr_processes *processes, uint32_t row)
{
    return &processes->rows[row];
}

const char *corr_processes_service(const struct corr_processes *processes,
                                   const struct corr_process *process, uint32_t index)
{
    return processes->services.rows[process->first_service + index].name;
}

/* ---- life ---- */

enum etw_status corr_processes_new(struct corr_processes **out, struct etw_error *error)
{
    struct corr_processes *processes = calloc(1, sizeof(*processes));
    if (!processes) {
        return fail_memory(error);
    }
    *out = processes;
    return ETW_OK;
}

void corr_processes_free(struct corr_processes *processes)
{
    if (!processes) {
        return;
    }
    for (size_t i = 0; i < processes->count; i++) {
        process_texts_done(&processes->rows[i]);
    }
    process_services_done(&processes->services);
    process_mentions_done(&processes->mentions);
    hash_index_done(&processes->pid_index);
    hash_index_done(&processes->key_index);
    free(processes->rows);
    free(processes->notes);
    free(processes->pids);
    free(processes->starts);
    free(processes);
}
