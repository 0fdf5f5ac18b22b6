/* SPDX-License-Identifier: MIT */
#include "correlate/thread_calls.h"

#include <stdlib.h>

#include "correlate/socket_table.h"
#include "etw/base/hash_index.h"

#define THREADS 2048

/* Both layers tell of one call within microseconds, unless the thread has to wait for a
 * processor. 100 ms in 100 ns: the longer, the more a lost return can do harm. */
#define SAME_MOMENT INT64_C(1000000)

struct thread_table {
    struct thread_calls threads[THREADS];
};

static const struct thread_note no_note = {.subject = CORR_NO_ROW};

struct thread_table *thread_table_new(void)
{
    return calloc(1, sizeof(struct thread_table));
}

void thread_table_free(struct thread_table *table)
{
    free(table);
}

/* Idle threads have the id 0 on every processor. */
static uint64_t key_of(const struct etw_record *record)
{
    const uint64_t idle = UINT64_C(1) << 32;
    return record->thread_id != 0 ? record->thread_id : idle + record->cpu;
}

struct thread_calls *thread_table_at(struct thread_table *table, const struct etw_record *record)
{
    if (record->thread_id == RECORD_NO_ID) {
        return NULL;
    }
    uint64_t key = key_of(record);
    struct thread_calls *calls = &table->threads[hash_bytes(&key, sizeof(key)) % THREADS];
    if (calls->thread != key) {
        *calls = (struct thread_calls){key, no_note, no_note, no_note, no_note};
    }
    return calls;
}

struct thread_note thread_note_of(const struct etw_event *event, uint32_t subject)
{
    const struct etw_socket *socket = &event->u.socket;
    struct thread_note note = {
        .time = event->record->time,
        .bytes = (socket->has & ETW_HAS_BYTES) != 0 ? socket->bytes : 0,
        .subject = subject,
        .action = (uint8_t)socket->action,
    };
    if ((socket->has & ETW_HAS_LOCAL) != 0) {
        note.local = corr_endpoint_of_event(&socket->local);
    }
    if ((socket->has & ETW_HAS_REMOTE) != 0) {
        note.remote = corr_endpoint_of_event(&socket->remote);
    }
    return note;
}

bool thread_note_is(const struct thread_note *note, enum etw_action action, int64_t time)
{
    return note->subject != CORR_NO_ROW && note->action == (uint8_t)action && time >= note->time &&
           time - note->time <= SAME_MOMENT;
}

void thread_note_clear(struct thread_note *note)
{
    *note = no_note;
}
