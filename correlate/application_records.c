/* SPDX-License-Identifier: MIT */
#include "correlate/application_records.h"

#include "etw/base/array.h"

/* [documented: ntstatus.h] */
#define STATUS_SEVERITY      0xC0000000u
#define STATUS_INFORMATIONAL 0x40000000u

static uint64_t hash_of(uint64_t endpoint)
{
    return hash_bytes(&endpoint, sizeof(endpoint));
}

uint32_t application_records_find(const struct application_history *history, uint64_t endpoint)
{
    uint32_t at = 0;
    uint64_t hash = hash_of(endpoint);
    uint32_t number = hash_index_first(&history->index, hash, &at);
    while (number != HASH_INDEX_NONE && history->records[number].endpoint != endpoint) {
        number = hash_index_next(&history->index, hash, &at);
    }
    return number;
}

uint32_t application_records_of(const struct application_history *history,
                                const struct etw_event *event)
{
    const struct etw_handle *handle = &event->u.socket.handles[0];
    return handle->space == ETW_HANDLE_AFD_ENDPOINT
               ? application_records_find(history, handle->value)
               : CORR_NO_ROW;
}

struct application_record *application_records_get(const struct application_history *history,
                                                   uint32_t number)
{
    return number < history->count ? &history->records[number] : NULL;
}

uint32_t application_records_begin(struct application_history *history, uint64_t endpoint,
                                   uint32_t life, const struct etw_event *event)
{
    void *records = history->records;
    uint32_t before = application_records_find(history, endpoint);
    if (history->count >= CORR_NO_ROW ||
        !array_grow(&records, &history->capacity, history->count + 1, sizeof(*history->records))) {
        return CORR_NO_ROW;
    }
    history->records = records;
    uint32_t number = (uint32_t)history->count;
    if (before != CORR_NO_ROW) {
        hash_index_remove(&history->index, hash_of(endpoint), before);
    }
    if (!hash_index_add(&history->index, hash_of(endpoint), number)) {
        return CORR_NO_ROW;
    }
    history->records[number] = (struct application_record){
        .endpoint = endpoint,
        .first_seen = event->record->time,
        .closed = CORR_NEVER,
        .offset = event->record->offset,
        .life = life,
        .row = CORR_NO_ROW,
        .candidate = CORR_NO_ROW,
    };
    history->count++;
    return number;
}

uint32_t application_records_pid(const struct application_history *history, uint32_t number,
                                 enum corr_rule *rule, uint64_t *offset)
{
    const struct application_record *record = application_records_get(history, number);
    const struct process_pointer *life = &history->processes.lives[record->life];
    bool is_doubtful = !life->is_stated && (record->flags & APPLICATION_SHARED) != 0;
    *rule = CORR_RULE_CALLER;
    *offset = life->offset;
    if ((record->flags & APPLICATION_CREATED) != 0) {
        *rule = CORR_RULE_ENDPOINT_CREATED;
        *offset = record->offset;
    } else if (life->is_stated) {
        *rule = CORR_RULE_PROCESS_POINTER;
    }
    return is_doubtful ? 0 : life->pid;
}

uint64_t application_records_handle(const struct etw_socket *socket, enum etw_handle_space space)
{
    for (size_t i = 0; i < ETW_HANDLES_MAXIMUM; i++) {
        if (socket->handles[i].space == space) {
            return socket->handles[i].value;
        }
    }
    return 0;
}

void application_records_end(struct application_history *history, uint32_t number, int64_t time)
{
    struct application_record *record = application_records_get(history, number);
    if (!record || (record->flags & APPLICATION_CLOSED) != 0) {
        return;
    }
    record->flags |= APPLICATION_CLOSED;
    if (record->closed == CORR_NEVER) {
        record->closed = time;
        history->counts.missed_closes++;
    }
}

uint32_t application_records_status(const struct etw_socket *socket)
{
    return (socket->has & ETW_HAS_STATUS) != 0 ? socket->status : 0;
}

bool application_records_has_failed(const struct etw_socket *socket)
{
    return (application_records_status(socket) & STATUS_SEVERITY) == STATUS_SEVERITY;
}

bool application_records_is_done(const struct etw_socket *socket)
{
    uint32_t status = application_records_status(socket);
    return socket->phase == ETW_PHASE_EXIT &&
           (status == 0 || (status & STATUS_SEVERITY) == STATUS_INFORMATIONAL);
}
