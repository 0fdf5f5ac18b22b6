/* SPDX-License-Identifier: MIT */
/*
 * application_history.c - which record an event is about. What it says is the matter of
 * application_actions.c.
 */
#include "correlate/application_history.h"

#include <stdlib.h>

#include "correlate/application_records.h"

#define IP_TCP 6

enum etw_status application_history_new(struct socket_table *table,
                                        struct application_history **out, struct etw_error *error)
{
    *out = calloc(1, sizeof(**out));
    if (!*out) {
        return etw_fail_memory(error, "the sockets of applications");
    }
    (*out)->table = table;
    return ETW_OK;
}

void application_history_free(struct application_history *history)
{
    if (!history) {
        return;
    }
    process_pointers_done(&history->processes);
    hash_index_done(&history->index);
    free(history->records);
    free(history);
}

void application_history_get_counts(const struct application_history *history,
                                    struct application_history_counts *counts)
{
    *counts = history->counts;
}

/* ---- what an event says ---- */

/* 0: the header does not name the caller. */
static uint32_t caller_of(const struct etw_event *event)
{
    uint32_t pid = event->record->process_id;
    return event->u.socket.is_header_pid_true && pid != RECORD_NO_ID ? pid : 0;
}

/* ---- begins and ends of records ---- */

static uint32_t begin(struct application_history *history, uint32_t life,
                      const struct etw_event *event)
{
    uint64_t endpoint = event->u.socket.handles[0].value;
    uint32_t number = life == CORR_NO_ROW
                          ? CORR_NO_ROW
                          : application_records_begin(history, endpoint, life, event);
    if (number == CORR_NO_ROW) {
        socket_table_fail(history->table);
    }
    return number;
}

/* A socket that was there before its first event. */
static uint32_t begin_older(struct application_history *history, uint64_t process,
                            const struct etw_event *event)
{
    history->counts.missed_opens++;
    return begin(history, process_pointers_now(&history->processes, process), event);
}

static enum application_use use_of_kind(const struct etw_socket *socket)
{
    if (socket->family == 0 && socket->phase != ETW_PHASE_EXIT) {
        return APPLICATION_NOT_IP;
    }
    return socket->protocol == IP_TCP || socket->protocol == 0 ? APPLICATION_UNKNOWN
                                                               : APPLICATION_DATAGRAM;
}

static uint32_t begin_created(struct application_history *history, uint64_t process,
                              const struct etw_event *event)
{
    const struct etw_socket *socket = &event->u.socket;
    uint64_t offset = event->record->offset;
    bool has_pid = (socket->has & ETW_HAS_PID) != 0 && socket->pid != 0;
    uint32_t life =
        has_pid ? process_pointers_name(&history->processes, process, socket->pid, true, offset)
                : process_pointers_now(&history->processes, process);
    uint32_t number = begin(history, life, event);
    struct application_record *record = application_records_get(history, number);
    if (record) {
        record->flags |= has_pid ? APPLICATION_CREATED : 0;
        record->flags |= socket->phase == ETW_PHASE_ENTER ? APPLICATION_CREATING : 0;
        record->use = (uint8_t)use_of_kind(socket);
        record->protocol = socket->protocol;
    }
    return number;
}

/* A create has two events, and the later says less. */
static uint32_t place_create(struct application_history *history, uint32_t number, uint64_t process,
                             const struct etw_event *event)
{
    struct application_record *record = application_records_get(history, number);
    bool is_creating = record && (record->flags & APPLICATION_CREATING) != 0 &&
                       history->processes.lives[record->life].pointer == process;
    bool is_exit = event->u.socket.phase == ETW_PHASE_EXIT;
    if (is_creating) {
        record->flags &= is_exit ? (uint16_t)~APPLICATION_CREATING : UINT16_MAX;
        if (is_exit && application_records_has_failed(&event->u.socket)) {
            record->flags |= APPLICATION_CLOSED;
            record->closed = event->record->time;
        }
        return number;
    }
    application_records_end(history, number, event->record->time);
    return begin_created(history, process, event);
}

/* ---- which record ---- */

static bool is_of_closing(const struct etw_socket *socket)
{
    return socket->phase != ETW_PHASE_ENTER || socket->action == ETW_ACTION_CLOSE ||
           socket->action == ETW_ACTION_CLEANUP;
}

/* The pointer is that of another socket now: calls still return after the close, but none
 * begins. */
static bool is_another(const struct application_history *history,
                       const struct application_record *record, uint64_t process,
                       const struct etw_event *event)
{
    const struct process_pointer *life = &history->processes.lives[record->life];
    uint32_t caller = caller_of(event);
    if (life->pointer != process) {
        return true;
    }
    if (is_of_closing(&event->u.socket)) {
        return false;
    }
    return (record->flags & APPLICATION_CLOSED) != 0 ||
           (life->is_over && caller != 0 && life->pid != 0 && caller != life->pid &&
            (record->flags & APPLICATION_SHARED) == 0);
}

static uint32_t place(struct application_history *history, const struct etw_event *event)
{
    const struct etw_socket *socket = &event->u.socket;
    uint64_t process = application_records_handle(socket, ETW_HANDLE_EPROCESS);
    uint32_t number = application_records_of(history, event);
    if (socket->handles[0].space != ETW_HANDLE_AFD_ENDPOINT || socket->handles[0].value == 0) {
        return CORR_NO_ROW;
    }
    if (process == 0) {
        return number;
    }
    if (socket->action == ETW_ACTION_CREATE) {
        return place_create(history, number, process, event);
    }
    const struct application_record *record = application_records_get(history, number);
    if (record && !is_another(history, record, process, event)) {
        return number;
    }
    application_records_end(history, number, event->record->time);
    return begin_older(history, process, event);
}

/* The header of a call names the process that the pointer stands for. If it names another one,
 * the pointer has been used again, or the socket is in the hands of two processes: then the
 * pointer proves nothing for sockets that are seen later. */
static void confirm_caller(struct application_history *history, uint32_t number,
                           const struct etw_event *event)
{
    struct application_record *record = application_records_get(history, number);
    const struct process_pointer *life = &history->processes.lives[record->life];
    uint32_t pid = caller_of(event);
    uint32_t known = life->pid;
    if (pid == 0 || (record->flags & APPLICATION_SHARED) != 0) {
        return;
    }
    if (known == pid) {
        record->flags |= APPLICATION_CALLED;
    } else if ((record->flags & (APPLICATION_CALLED | APPLICATION_CREATED)) != 0) {
        record->flags |= APPLICATION_SHARED;
        process_pointers_drop(&history->processes, record->life);
    } else {
        record->flags |= APPLICATION_CALLED;
        uint32_t named = process_pointers_name(&history->processes, life->pointer, pid, false,
                                               event->record->offset);
        record->life = named == CORR_NO_ROW ? record->life : named;
        if (known != 0) {
            process_pointers_drop(&history->processes, named);
        }
    }
}

uint32_t application_history_learn(struct application_history *history,
                                   const struct etw_event *event)
{
    uint32_t number = place(history, event);
    if (number == CORR_NO_ROW) {
        history->counts.unplaced++;
        return CORR_NO_ROW;
    }
    confirm_caller(history, number, event);
    application_actions_take(history, number, event);
    number = application_records_of(history, event);
    return socket_table_resolve(history->table, application_records_get(history, number)->row);
}

void application_history_process_ended(struct application_history *history, uint32_t pid)
{
    process_pointers_end(&history->processes, pid);
}

void application_history_finish(struct application_history *history)
{
    for (uint32_t number = 0; number < history->count; number++) {
        application_rows_settle(history, number);
    }
}
