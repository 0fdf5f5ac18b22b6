/* SPDX-License-Identifier: MIT */
#include "correlate/smb_pending.h"

#include <stdlib.h>
#include <string.h>

#include "etw/base/array.h"

#define CONNECTIONS_MAXIMUM 65536u

void smb_pending_init(struct smb_pending *pending)
{
    *pending = (struct smb_pending){.first_free = SMB_NO_ROW};
    for (int state = SMB_FREE; state <= SMB_ENDED; state++) {
        pending->lists[state] = (struct smb_list){SMB_NO_ROW, SMB_NO_ROW};
    }
}

void smb_pending_done(struct smb_pending *pending)
{
    free(pending->entries);
    free(pending->connections);
    free(pending->waiting_by_file);
    hash_index_done(&pending->index);
    hash_index_done(&pending->connection_index);
    smb_pending_init(pending);
}

/* ---- connections ---- */

static struct smb_connection *find_connection(struct smb_pending *pending, uint64_t key)
{
    uint64_t hash = hash_bytes(&key, sizeof(key));
    uint32_t at = 0;
    for (uint32_t i = hash_index_first(&pending->connection_index, hash, &at); i != HASH_INDEX_NONE;
         i = hash_index_next(&pending->connection_index, hash, &at)) {
        if (pending->connections[i].key == key) {
            return &pending->connections[i];
        }
    }
    return NULL;
}

struct smb_connection *smb_pending_connection(struct smb_pending *pending, uint64_t key)
{
    struct smb_connection *found = find_connection(pending, key);
    if (found) {
        return found;
    }
    if (pending->connection_count >= CONNECTIONS_MAXIMUM) {
        pending->spare = (struct smb_connection){.key = key};
        return &pending->spare;
    }
    void *grown = pending->connections;
    if (!array_grow(&grown, &pending->connection_capacity, pending->connection_count + 1,
                    sizeof(*pending->connections))) {
        return NULL;
    }
    pending->connections = grown;
    uint64_t hash = hash_bytes(&key, sizeof(key));
    if (!hash_index_add(&pending->connection_index, hash, (uint32_t)pending->connection_count)) {
        return NULL;
    }
    struct smb_connection *connection = &pending->connections[pending->connection_count++];
    *connection = (struct smb_connection){.key = key};
    return connection;
}

/* ---- how many wait ---- */

/* Room for the counter of this file. */
static bool reserve_counter(struct smb_pending *pending, uint32_t file)
{
    void *grown = pending->waiting_by_file;
    size_t before = pending->file_capacity;
    if (!array_grow(&grown, &pending->file_capacity, (size_t)file + 1,
                    sizeof(*pending->waiting_by_file))) {
        return false;
    }
    pending->waiting_by_file = grown;
    memset(pending->waiting_by_file + before, 0,
           (pending->file_capacity - before) * sizeof(*pending->waiting_by_file));
    return true;
}

bool smb_pending_wait(struct smb_pending *pending, struct smb_connection *connection,
                      struct smb_entry *entry)
{
    struct corr_smb_operation *operation = &entry->operation;
    if (entry->state != SMB_WAITING ||
        (entry->is_waiting && entry->waiting_file == operation->file)) {
        return true;
    }
    if (!reserve_counter(pending, operation->file)) {
        return false;
    }
    if (entry->is_waiting) { /* another source has told its name */
        pending->waiting_by_file[entry->waiting_file]--;
    } else {
        operation->outstanding = ++connection->waiting;
    }
    entry->is_waiting = true;
    entry->waiting_file = operation->file;
    operation->file_outstanding = ++pending->waiting_by_file[entry->waiting_file];
    return true;
}

/* `connection` may be NULL: it is beyond the maximum. */
static void stop_waiting(struct smb_pending *pending, struct smb_connection *connection,
                         struct smb_entry *entry)
{
    if (!entry->is_waiting) {
        return;
    }
    entry->is_waiting = false;
    pending->waiting_by_file[entry->waiting_file]--;
    if (connection && connection->waiting > 0) {
        connection->waiting--;
    }
}

/* ---- entries ---- */

static void list_add(struct smb_pending *pending, uint32_t row, enum smb_state state)
{
    struct smb_list *list = &pending->lists[state];
    struct smb_entry *entry = &pending->entries[row];
    entry->state = (uint8_t)state;
    entry->next = SMB_NO_ROW;
    entry->previous = list->last;
    if (list->last != SMB_NO_ROW) {
        pending->entries[list->last].next = row;
    } else {
        list->first = row;
    }
    list->last = row;
}

static void list_remove(struct smb_pending *pending, uint32_t row)
{
    const struct smb_entry *entry = &pending->entries[row];
    struct smb_list *list = &pending->lists[entry->state];
    if (entry->previous != SMB_NO_ROW) {
        pending->entries[entry->previous].next = entry->next;
    } else {
        list->first = entry->next;
    }
    if (entry->next != SMB_NO_ROW) {
        pending->entries[entry->next].previous = entry->previous;
    } else {
        list->last = entry->previous;
    }
}

static uint64_t hash_of(uint64_t connection, uint64_t message_id)
{
    const uint64_t key[2] = {connection, message_id};
    return hash_bytes(key, sizeof(key));
}

uint32_t smb_pending_find(const struct smb_pending *pending, uint64_t connection, uint64_t id)
{
    uint64_t hash = hash_of(connection, id);
    uint32_t at = 0;
    for (uint32_t row = hash_index_first(&pending->index, hash, &at); row != HASH_INDEX_NONE;
         row = hash_index_next(&pending->index, hash, &at)) {
        const struct corr_smb_operation *operation = &pending->entries[row].operation;
        if (operation->connection == connection && pending->entries[row].id == id) {
            return row;
        }
    }
    return SMB_NO_ROW;
}

static uint32_t take_row(struct smb_pending *pending)
{
    uint32_t row = pending->first_free;
    if (row != SMB_NO_ROW) {
        pending->first_free = pending->entries[row].next;
        return row;
    }
    void *grown = pending->entries;
    if (!array_grow(&grown, &pending->capacity, pending->count + 1, sizeof(*pending->entries))) {
        return SMB_NO_ROW;
    }
    pending->entries = grown;
    return (uint32_t)pending->count++;
}

uint32_t smb_pending_add(struct smb_pending *pending, uint64_t connection, uint64_t id,
                         const struct corr_smb_message *message)
{
    static const struct corr_smb_sight unseen = {CORR_NEVER, CORR_NEVER, CORR_NEVER, CORR_NEVER};
    uint32_t row = take_row(pending);
    uint64_t hash = hash_of(connection, id);
    if (row == SMB_NO_ROW || !hash_index_add(&pending->index, hash, row)) {
        return SMB_NO_ROW;
    }
    pending->entries[row] =
        (struct smb_entry){.hash = hash,
                           .id = id,
                           .operation = {.number = ++pending->begun,
                                         .kind = message->kind,
                                         .command = message->command,
                                         .command_number = message->command_number,
                                         .socket = message->socket,
                                         .connection = connection,
                                         .message_id = message->message_id,
                                         .begin = CORR_NEVER,
                                         .end = CORR_NEVER,
                                         .sights = {unseen, unseen, unseen}}};
    list_add(pending, row, SMB_WAITING);
    return row;
}

void smb_pending_end(struct smb_pending *pending, uint32_t row)
{
    struct smb_entry *entry = &pending->entries[row];
    stop_waiting(pending, find_connection(pending, entry->operation.connection), entry);
    list_remove(pending, row);
    list_add(pending, row, SMB_ENDED);
}

void smb_pending_remove(struct smb_pending *pending, uint32_t row)
{
    struct smb_entry *entry = &pending->entries[row];
    stop_waiting(pending, find_connection(pending, entry->operation.connection), entry);
    list_remove(pending, row);
    hash_index_remove(&pending->index, entry->hash, row);
    entry->state = SMB_FREE;
    entry->next = pending->first_free;
    pending->first_free = row;
}
