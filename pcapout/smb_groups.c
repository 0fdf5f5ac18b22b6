/* SPDX-License-Identifier: MIT */
#include "pcapout/smb_groups.h"

#include <stdlib.h>
#include <string.h>

#include "etw/base/array.h"
#include "etw/base/hash_index.h"
#include "etw/base/text.h"
#include "pcapout/owners.h"

#define SERVER_MAXIMUM 256

struct out_smb_groups {
    enum out_smb_by by;
    const struct corr_ledger *ledger;
    const struct corr_socket *sockets;
    size_t socket_count;
    const struct corr_smb_operations *operations;
    struct out_smb_group *rows; /* owned */
    size_t count, capacity;
    struct hash_index index;
    struct text server; /* scratch */
};

enum etw_status out_smb_groups_new(enum out_smb_by by, const struct corr_ledger *ledger,
                                   const struct corr_smb_operations *operations,
                                   struct out_smb_groups **out, struct etw_error *error)
{
    struct out_smb_groups *groups = calloc(1, sizeof(*groups));
    if (!groups) {
        return etw_fail_memory(error, "the groups of SMB operations");
    }
    groups->by = by;
    groups->ledger = ledger;
    groups->operations = operations;
    groups->socket_count = corr_ledger_sockets(ledger, &groups->sockets);
    *out = groups;
    return ETW_OK;
}

void out_smb_groups_free(struct out_smb_groups *groups)
{
    if (groups) {
        for (size_t i = 0; i < groups->count; i++) {
            free(groups->rows[i].server);
        }
        free(groups->rows);
        hash_index_done(&groups->index);
        text_done(&groups->server);
        free(groups);
    }
}

/* ---- what an operation is about ---- */

bool out_smb_has_failed(const struct corr_smb_operation *operation)
{
    return (operation->has & CORR_SMB_HAS_STATUS) && corr_smb_is_failure(operation->status);
}

uint32_t out_smb_asker(const struct corr_ledger *ledger, const struct corr_smb_operation *operation,
                       bool *is_hint)
{
    const struct corr_socket *sockets = NULL;
    size_t count = corr_ledger_sockets(ledger, &sockets);
    uint32_t row = CORR_NO_ROW;
    *is_hint = false;
    if (operation->asker_pid > 0) {
        row = corr_processes_find(corr_ledger_processes(ledger), operation->asker_pid, 0,
                                  operation->begin);
        *is_hint = row != CORR_NO_ROW;
    }
    if (row == CORR_NO_ROW && operation->socket < count) {
        row = sockets[operation->socket].process;
    }
    return row;
}

static const struct corr_endpoint *server_end(const struct corr_socket *socket)
{
    return corr_is_smb_port(socket->local.port) ? &socket->local : &socket->remote;
}

/* Of \\server\share the server, else the address of the server's end. */
static void find_server(struct out_smb_groups *groups, const struct corr_smb_operation *operation)
{
    const char *share = corr_smb_operations_text(groups->operations, operation->share);
    text_clear(&groups->server);
    if (share[0] == '\\' && share[1] == '\\') {
        size_t size = strcspn(share + 2, "\\");
        text_add_bytes(&groups->server, share + 2, size < SERVER_MAXIMUM ? size : SERVER_MAXIMUM);
    } else if (operation->socket < groups->socket_count) {
        char text[OUT_SOCKET_END_SIZE];
        struct corr_endpoint end = *server_end(&groups->sockets[operation->socket]);
        end.port = 0;
        out_socket_end_format(&end, text);
        text_add(&groups->server, text);
    }
}

/* ---- finding the group ---- */

/* No padding: hashed as bytes. */
struct key {
    uint64_t first, second;
};

static struct key key_of(const struct out_smb_groups *groups,
                         const struct corr_smb_operation *operation, uint32_t process)
{
    const char *server = text_get(&groups->server);
    switch (groups->by) {
    case OUT_SMB_BY_FILE:
        return (struct key){operation->share, operation->file};
    case OUT_SMB_BY_SHARE:
        return (struct key){operation->share, 0};
    case OUT_SMB_BY_SERVER:
        return (struct key){hash_bytes(server, strlen(server)), 0};
    default:
        return (struct key){process, 0};
    }
}

static bool is_same(const struct out_smb_groups *groups, const struct out_smb_group *group,
                    const struct corr_smb_operation *operation, uint32_t process)
{
    switch (groups->by) {
    case OUT_SMB_BY_FILE:
        return group->share == operation->share && group->file == operation->file;
    case OUT_SMB_BY_SHARE:
        return group->share == operation->share;
    case OUT_SMB_BY_SERVER:
        return strcmp(group->server, text_get(&groups->server)) == 0;
    default:
        return group->process == process;
    }
}

static char *copy_text(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    if (copy) {
        memcpy(copy, text, size);
    }
    return copy;
}

/* NULL: no memory. */
static struct out_smb_group *add_group(struct out_smb_groups *groups, uint64_t hash)
{
    bool is_rest = groups->count >= OUT_SMB_GROUPS;
    if (groups->count > OUT_SMB_GROUPS) {
        return &groups->rows[OUT_SMB_GROUPS];
    }
    void *grown = groups->rows;
    if (!array_grow(&grown, &groups->capacity, groups->count + 1, sizeof(*groups->rows))) {
        return NULL;
    }
    groups->rows = grown;
    char *server = copy_text(is_rest ? "" : text_get(&groups->server));
    if (!server || (!is_rest && !hash_index_add(&groups->index, hash, (uint32_t)groups->count))) {
        free(server);
        return NULL;
    }
    struct out_smb_group *group = &groups->rows[groups->count++];
    *group = (struct out_smb_group){.is_rest = is_rest,
                                    .server = server,
                                    .process = CORR_NO_ROW,
                                    .least_size = UINT32_MAX,
                                    .first = CORR_NEVER,
                                    .last = CORR_ALWAYS,
                                    .fewest_credits = UINT32_MAX};
    return group;
}

static struct out_smb_group *get_group(struct out_smb_groups *groups,
                                       const struct corr_smb_operation *operation, uint32_t process,
                                       bool is_hint)
{
    find_server(groups, operation);
    struct key key = key_of(groups, operation, process);
    uint64_t hash = hash_bytes(&key, sizeof(key));
    uint32_t at = 0;
    for (uint32_t row = hash_index_first(&groups->index, hash, &at); row != HASH_INDEX_NONE;
         row = hash_index_next(&groups->index, hash, &at)) {
        if (is_same(groups, &groups->rows[row], operation, process)) {
            return &groups->rows[row];
        }
    }
    struct out_smb_group *group = add_group(groups, hash);
    if (group && !group->is_rest) {
        group->share = groups->by <= OUT_SMB_BY_SHARE ? operation->share : 0;
        group->file = groups->by == OUT_SMB_BY_FILE ? operation->file : 0;
        group->process = process;
        group->is_hint = is_hint;
    }
    return group;
}

/* ---- summing up ---- */

static void add_status(struct out_smb_group *group, uint32_t status)
{
    group->failed++;
    for (size_t i = 0; i < OUT_SMB_STATUSES; i++) {
        struct out_smb_status *of = &group->statuses[i];
        if (of->count == 0 || of->status == status) {
            of->status = status;
            of->count++;
            return;
        }
    }
    group->other_statuses++;
}

static void add_data(struct out_smb_group *group, const struct corr_smb_operation *operation)
{
    bool is_read = operation->command == CORR_SMB_READ;
    if (!is_read && operation->command != CORR_SMB_WRITE) {
        return;
    }
    uint32_t size = operation->asked;
    uint64_t moved =
        operation->has_response && !out_smb_has_failed(operation) ? operation->moved : 0;
    if (size > 0) {
        group->least_size = size < group->least_size ? size : group->least_size;
        group->greatest_size = size > group->greatest_size ? size : group->greatest_size;
    }
    group->read_operations += is_read && moved > 0;
    group->write_operations += !is_read && moved > 0;
    group->bytes_read += is_read ? moved : 0;
    group->bytes_written += is_read ? 0 : moved;
}

/* These wait for what others do, not for the server. */
static bool waits_by_design(const struct corr_smb_operation *operation)
{
    return operation->command == CORR_SMB_CHANGE_NOTIFY || operation->command == CORR_SMB_LOCK ||
           operation->command == CORR_SMB_OPLOCK_BREAK;
}

bool out_smb_is_paused(const struct corr_smb_operation *operation)
{
    const int64_t shortest = 100000; /* 10 ms */
    return operation->has_request && operation->has_response && operation->end != CORR_NEVER &&
           operation->response_size > operation->pause.before &&
           operation->pause.duration >= shortest &&
           operation->pause.duration > (operation->end - operation->begin) / 2;
}

static void add_pause(struct out_smb_group *group, const struct corr_smb_operation *operation)
{
    if (out_smb_is_paused(operation)) {
        const struct corr_smb_pause *pause = &operation->pause;
        uint32_t left = operation->response_size - pause->before;
        bool is_same = group->paused == 0 || group->pause_left == left;
        group->pause_left = is_same ? left : 0;
        group->paused_acknowledged += pause->is_acknowledged;
        group->longest_pause =
            pause->duration > group->longest_pause ? pause->duration : group->longest_pause;
        group->paused++;
    }
}

static void add_times(struct out_smb_group *group, const struct corr_smb_operation *operation)
{
    struct corr_smb_parts parts;
    corr_smb_operation_parts(operation, &parts);
    int64_t last = operation->end != CORR_NEVER ? operation->end : operation->begin;
    group->first = operation->begin < group->first ? operation->begin : group->first;
    group->last = last > group->last ? last : group->last;
    if (!waits_by_design(operation)) {
        out_durations_add(&group->total, parts.total);
        out_durations_add(&group->client_part, parts.client);
        out_durations_add(&group->wait_part, parts.wait);
        out_durations_add(&group->server_part, parts.server);
        add_pause(group, operation);
    }
}

enum etw_status out_smb_groups_add(struct out_smb_groups *groups,
                                   const struct corr_smb_operation *operation,
                                   struct etw_error *error)
{
    bool is_hint = false;
    uint32_t process = out_smb_asker(groups->ledger, operation, &is_hint);
    struct out_smb_group *group = get_group(groups, operation, process, is_hint);
    if (!group) {
        return etw_fail_memory(error, "the groups of SMB operations");
    }
    bool is_of_file = groups->by == OUT_SMB_BY_FILE || groups->by == OUT_SMB_BY_PROCESS;
    uint32_t waiting = is_of_file ? operation->file_outstanding : operation->outstanding;
    group->has_processes = group->has_processes || group->process != process;
    group->is_hint = group->is_hint && is_hint;
    if (group->hint_offset == 0) {
        group->hint_offset = operation->asker_offset;
    }
    group->operations++;
    group->commands[operation->command]++;
    group->outstanding = waiting > group->outstanding ? waiting : group->outstanding;
    group->without_response += !operation->has_response;
    if (operation->has_response && (operation->has & CORR_SMB_HAS_CREDITS) &&
        operation->credits_granted < group->fewest_credits) {
        group->fewest_credits = operation->credits_granted;
    }
    if (out_smb_has_failed(operation)) {
        add_status(group, operation->status);
    }
    add_data(group, operation);
    add_times(group, operation);
    return ETW_OK;
}

/* ---- in order ---- */

static int compare_first(const struct out_smb_group *a, const struct out_smb_group *b)
{
    if (a->is_rest != b->is_rest) {
        return a->is_rest ? 1 : -1;
    }
    return a->first < b->first ? -1 : a->first > b->first;
}

static int compare_bytes(const void *left, const void *right)
{
    const struct out_smb_group *a = left;
    const struct out_smb_group *b = right;
    uint64_t of_a = a->bytes_read + a->bytes_written;
    uint64_t of_b = b->bytes_read + b->bytes_written;
    if (of_a != of_b && a->is_rest == b->is_rest) {
        return of_a > of_b ? -1 : 1;
    }
    return compare_first(a, b);
}

static int compare_delay(const void *left, const void *right)
{
    const struct out_smb_group *a = left;
    const struct out_smb_group *b = right;
    int64_t of_a = out_durations_percentile(&a->total, 95);
    int64_t of_b = out_durations_percentile(&b->total, 95);
    if (of_a != of_b && a->is_rest == b->is_rest) {
        return of_a > of_b ? -1 : 1;
    }
    return compare_first(a, b);
}

size_t out_smb_groups_list(struct out_smb_groups *groups, bool is_slow,
                           const struct out_smb_group **rows)
{
    if (groups->count > 0) {
        qsort(groups->rows, groups->count, sizeof(*groups->rows),
              is_slow ? compare_delay : compare_bytes);
    }
    *rows = groups->rows;
    return groups->count;
}
