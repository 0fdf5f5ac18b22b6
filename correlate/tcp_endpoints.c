/* SPDX-License-Identifier: MIT */
#include "correlate/tcp_endpoints.h"

#include <stdlib.h>

#include "correlate/sockets.h"
#include "etw/base/array.h"
#include "etw/base/hash_index.h"

/* Events of one call follow each other within microseconds; later the pointer may be
 * somebody else's. */
#define SOON INT64_C(10000000) /* 1 s */

/* Of an endpoint, or waiting for the heir of this pointer to appear. */
struct entry {
    uint64_t pointer;
    struct tcp_legacy legacy;
};

struct pointer_map {
    struct entry *entries; /* owned; one per pointer value, used again */
    size_t count, capacity;
    struct hash_index index;
};

struct tcp_endpoints {
    struct pointer_map endpoints;
    struct pointer_map heirs;
};

struct tcp_endpoints *tcp_endpoints_new(void)
{
    return calloc(1, sizeof(struct tcp_endpoints));
}

static void done_map(struct pointer_map *map)
{
    hash_index_done(&map->index);
    free(map->entries);
}

void tcp_endpoints_free(struct tcp_endpoints *endpoints)
{
    if (endpoints) {
        done_map(&endpoints->endpoints);
        done_map(&endpoints->heirs);
        free(endpoints);
    }
}

static struct tcp_legacy *find_legacy(const struct pointer_map *map, uint64_t pointer)
{
    uint32_t at = 0;
    uint64_t hash = hash_bytes(&pointer, sizeof(pointer));
    for (uint32_t i = hash_index_first(&map->index, hash, &at); i != HASH_INDEX_NONE;
         i = hash_index_next(&map->index, hash, &at)) {
        if (map->entries[i].pointer == pointer) {
            return &map->entries[i].legacy;
        }
    }
    return NULL;
}

/* NULL: no memory. */
static struct tcp_legacy *get_legacy(struct pointer_map *map, uint64_t pointer)
{
    struct tcp_legacy *found = find_legacy(map, pointer);
    void *entries = map->entries;
    if (found) {
        return found;
    }
    if (map->count >= HASH_INDEX_NONE ||
        !array_grow(&entries, &map->capacity, map->count + 1, sizeof(*map->entries))) {
        return NULL;
    }
    map->entries = entries;
    if (!hash_index_add(&map->index, hash_bytes(&pointer, sizeof(pointer)), (uint32_t)map->count)) {
        return NULL;
    }
    struct entry *entry = &map->entries[map->count++];
    *entry = (struct entry){.pointer = pointer};
    return &entry->legacy;
}

static void forget(struct pointer_map *map, uint64_t pointer)
{
    struct tcp_legacy *legacy = find_legacy(map, pointer);
    if (legacy) {
        legacy->pid = 0;
    }
}

uint64_t tcp_handle_of(const struct etw_socket *socket, enum etw_handle_space space)
{
    for (size_t i = 0; i < ETW_HANDLES_MAXIMUM; i++) {
        if (socket->handles[i].space == space) {
            return socket->handles[i].value;
        }
    }
    return 0;
}

/* A pointer that is made again belongs to somebody else, also when nobody says to whom. Two
 * events may tell of one creation, of which one knows the start key. */
static bool learn_creation(struct tcp_endpoints *endpoints, const struct etw_event *event,
                           uint64_t pointer)
{
    const struct etw_socket *socket = &event->u.socket;
    bool has_failed = (socket->has & ETW_HAS_STATUS) != 0 && socket->status != 0;
    if (has_failed || (socket->has & ETW_HAS_PID) == 0) {
        forget(&endpoints->endpoints, pointer);
        return true;
    }
    struct tcp_legacy *legacy = get_legacy(&endpoints->endpoints, pointer);
    if (!legacy) {
        return false;
    }
    bool is_same =
        legacy->pid == socket->pid && corr_time_is_near(event->record->time, legacy->made, SOON);
    uint64_t start_key = is_same ? legacy->start_key : 0;
    *legacy = (struct tcp_legacy){
        .start_key = (socket->has & ETW_HAS_START_KEY) != 0 ? socket->start_key : start_key,
        .made = event->record->time,
        .offset = event->record->offset,
        .pid = socket->pid,
    };
    return true;
}

/* Ports are taken over inside the call of the application. The header of such an event does not
 * make an owner, but another process there than the endpoint's says that the pointer is another
 * endpoint's now. */
static bool is_its_process(const struct tcp_legacy *legacy, const struct etw_record *record)
{
    return record->process_id == RECORD_NO_ID || record->process_id == legacy->pid;
}

/* The heir may be an object that no event has named yet. An endpoint has one heir: who takes over
 * from this pointer again may do so from another endpoint, whose creation was lost. */
static bool learn_heir(struct tcp_endpoints *endpoints, const struct etw_event *event,
                       uint64_t heir)
{
    const struct etw_socket *socket = &event->u.socket;
    uint64_t pointer = tcp_handle_of(socket, ETW_HANDLE_ORIGINAL_ACQUIRER);
    struct tcp_legacy *owned = pointer != 0 ? find_legacy(&endpoints->endpoints, pointer) : NULL;
    if (!owned || owned->pid == 0 || !is_its_process(owned, event->record)) {
        forget(&endpoints->heirs, heir);
        return true;
    }
    const struct tcp_legacy inherited = *owned;
    owned->pid = 0;
    struct tcp_legacy *legacy = get_legacy(&endpoints->heirs, heir);
    if (!legacy) {
        return false;
    }
    *legacy = inherited;
    legacy->inherited = event->record->time;
    legacy->inherited_offset = event->record->offset;
    legacy->port = socket->local.port;
    return true;
}

bool tcp_endpoints_learn(struct tcp_endpoints *endpoints, const struct etw_event *event)
{
    const struct etw_socket *socket = &event->u.socket;
    uint64_t pointer = tcp_handle_of(socket, ETW_HANDLE_TCP_ENDPOINT);
    uint64_t acquirer = tcp_handle_of(socket, ETW_HANDLE_PORT_ACQUIRER);
    if (pointer != 0 && socket->action == ETW_ACTION_CREATE) {
        return learn_creation(endpoints, event, pointer);
    }
    if (pointer != 0 && socket->action == ETW_ACTION_CLOSE) {
        forget(&endpoints->endpoints, pointer);
    }
    if (acquirer != 0 && socket->phase == ETW_PHASE_ENTER) {
        return learn_heir(endpoints, event, acquirer);
    }
    if (acquirer != 0) {
        forget(&endpoints->heirs, acquirer);
        forget(&endpoints->endpoints, acquirer);
    }
    return true;
}

struct tcp_legacy tcp_endpoints_take(struct tcp_endpoints *endpoints, uint64_t heir, uint16_t port,
                                     int64_t time)
{
    struct tcp_legacy taken = {.pid = 0};
    struct tcp_legacy *legacy = find_legacy(&endpoints->heirs, heir);
    if (legacy && legacy->port == port && corr_time_is_near(time, legacy->inherited, SOON)) {
        taken = *legacy;
        legacy->pid = 0;
    }
    return taken;
}
