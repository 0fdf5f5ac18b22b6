/* SPDX-License-Identifier: MIT */
/*
 * name_history.c - pairs of address and name, and for every address which name it
 * was given when.
 *
 * Names are kept once each, so that two pairs have the same name when they have the
 * same pointer.
 */
#include "correlate/name_history.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "correlate/filter_values.h"
#include "etw/base/array.h"
#include "etw/base/hash_index.h"
#include "etw/base/text.h"

/* UTF-16 bytes of a name that are kept; DNS allows 255 characters. */
#define NAME_MAXIMUM 1024

/* From now on the address of `host` goes by the name of `row`. */
struct name_change {
    int64_t time;
    uint32_t host;
    uint32_t row;
    uint32_t pid; /* who asked; 0: not known */
};

/* Changes of an address that are looked at for the one of a process. */
#define STEPS 64

struct host {
    struct corr_address address;
    uint32_t row; /* of its latest name */
    uint32_t pid; /* who asked for that */
};

/* Bounded by CORR_NAMES_MAXIMUM, each of them. */
struct name_tables {
    struct corr_name *rows; /* owned */
    size_t row_count, row_capacity;
    struct hash_index row_index; /* of (address, name) */
    char **names;                /* owned, and each of them */
    size_t name_count, name_capacity;
    struct hash_index name_index;
    struct host *hosts; /* owned */
    size_t host_count, host_capacity;
    struct hash_index host_index;
    struct name_change *changes; /* owned; by host and time when sorted */
    size_t change_count, change_capacity;
    bool is_sorted;
};

struct corr_name_history {
    struct name_tables *tables; /* owned; a pointer, because readers sort them */
};

/* ---- names ---- */

static const char *find_name(const struct name_tables *tables, const char *name, uint64_t hash)
{
    uint32_t at = 0;
    for (uint32_t i = hash_index_first(&tables->name_index, hash, &at); i != HASH_INDEX_NONE;
         i = hash_index_next(&tables->name_index, hash, &at)) {
        if (strcmp(tables->names[i], name) == 0) {
            return tables->names[i];
        }
    }
    return NULL;
}

/* Keeps a copy of a name that is not there yet; NULL: no memory. */
static const char *keep_name(struct name_tables *tables, const char *name)
{
    size_t size = strlen(name);
    uint64_t hash = hash_bytes(name, size);
    void *names = tables->names;
    bool has_room =
        array_grow(&names, &tables->name_capacity, tables->name_count + 1, sizeof(*tables->names));
    tables->names = names;
    char *copy = has_room ? malloc(size + 1) : NULL;
    if (!copy || !hash_index_add(&tables->name_index, hash, (uint32_t)tables->name_count)) {
        free(copy);
        return NULL;
    }
    memcpy(copy, name, size + 1);
    tables->names[tables->name_count++] = copy;
    return copy;
}

/* ---- addresses ---- */

static uint64_t hash_address(const struct corr_address *address)
{
    return hash_bytes(address->bytes, address->size);
}

static uint32_t find_host(const struct name_tables *tables, const struct corr_address *address)
{
    uint64_t hash = hash_address(address);
    uint32_t at = 0;
    for (uint32_t host = hash_index_first(&tables->host_index, hash, &at); host != HASH_INDEX_NONE;
         host = hash_index_next(&tables->host_index, hash, &at)) {
        const struct corr_address *known = &tables->hosts[host].address;
        if (known->size == address->size &&
            memcmp(known->bytes, address->bytes, address->size) == 0) {
            return host;
        }
    }
    return HASH_INDEX_NONE;
}

static uint32_t add_host(struct name_tables *tables, const struct corr_address *address)
{
    void *hosts = tables->hosts;
    bool has_room =
        array_grow(&hosts, &tables->host_capacity, tables->host_count + 1, sizeof(*tables->hosts));
    tables->hosts = hosts;
    uint32_t host = (uint32_t)tables->host_count;
    if (!has_room || !hash_index_add(&tables->host_index, hash_address(address), host)) {
        return HASH_INDEX_NONE;
    }
    tables->hosts[tables->host_count++] =
        (struct host){.address = *address, .row = HASH_INDEX_NONE};
    return host;
}

/* ---- pairs ---- */

/* When a name was asked for, and by whom. */
struct asker {
    int64_t time;
    uint32_t pid; /* 0: not known */
};

static uint64_t hash_pair(const struct corr_address *address, const char *name)
{
    uint64_t parts[2] = {hash_address(address), hash_bytes(name, strlen(name))};
    return hash_bytes(parts, sizeof(parts));
}

/* `name` is a kept one. */
static uint32_t find_row(const struct name_tables *tables, const struct corr_address *address,
                         const char *name)
{
    uint64_t hash = hash_pair(address, name);
    uint32_t at = 0;
    for (uint32_t row = hash_index_first(&tables->row_index, hash, &at); row != HASH_INDEX_NONE;
         row = hash_index_next(&tables->row_index, hash, &at)) {
        const struct corr_name *known = &tables->rows[row];
        if (known->name == name && known->size == address->size &&
            memcmp(known->address, address->bytes, address->size) == 0) {
            return row;
        }
    }
    return HASH_INDEX_NONE;
}

static uint32_t add_row(struct name_tables *tables, const struct corr_address *address,
                        const char *name, int64_t time)
{
    void *rows = tables->rows;
    bool has_room =
        array_grow(&rows, &tables->row_capacity, tables->row_count + 1, sizeof(*tables->rows));
    tables->rows = rows;
    uint32_t row = (uint32_t)tables->row_count;
    if (!has_room || !hash_index_add(&tables->row_index, hash_pair(address, name), row)) {
        return HASH_INDEX_NONE;
    }
    struct corr_name *added = &tables->rows[tables->row_count++];
    *added = (struct corr_name){.size = address->size, .name = name, .time = time};
    memcpy(added->address, address->bytes, address->size);
    return row;
}

/* Notes that the address goes by the name of `row` now, when it did not before. */
static bool add_change(struct name_tables *tables, uint32_t host, uint32_t row, uint32_t pid,
                       int64_t time)
{
    bool is_same = tables->hosts[host].row == row && tables->hosts[host].pid == pid;
    if (is_same || tables->change_count >= CORR_NAMES_MAXIMUM) {
        return true;
    }
    void *changes = tables->changes;
    bool has_room = array_grow(&changes, &tables->change_capacity, tables->change_count + 1,
                               sizeof(*tables->changes));
    tables->changes = changes;
    if (!has_room) {
        return false;
    }
    tables->changes[tables->change_count++] =
        (struct name_change){.time = time, .host = host, .row = row, .pid = pid};
    tables->hosts[host].row = row;
    tables->hosts[host].pid = pid;
    tables->is_sorted = false;
    return true;
}

/* False: no memory. */
static bool add_pair(struct name_tables *tables, const struct corr_address *address,
                     const char *name, const struct asker *asker)
{
    uint32_t row = find_row(tables, address, name);
    if (row == HASH_INDEX_NONE) {
        if (tables->row_count >= CORR_NAMES_MAXIMUM) {
            return true;
        }
        row = add_row(tables, address, name, asker->time);
    }
    uint32_t host = find_host(tables, address);
    if (host == HASH_INDEX_NONE) {
        host = add_host(tables, address);
    }
    return row != HASH_INDEX_NONE && host != HASH_INDEX_NONE &&
           add_change(tables, host, row, asker->pid, asker->time);
}

/* ---- answers ---- */

/* ::ffff:a.b.c.d is a.b.c.d. */
static void unmap(struct corr_address *address)
{
    static const uint8_t prefix[12] = {[10] = 0xFF, [11] = 0xFF};
    if (address->size == 16 && memcmp(address->bytes, prefix, sizeof(prefix)) == 0) {
        memmove(address->bytes, address->bytes + 12, 4);
        memset(address->bytes + 4, 0, 12);
        address->size = 4;
    }
}

/* An answer gives `name` to an address. False: no memory. */
static bool add_answer(struct name_tables *tables, struct corr_address *address, const char *name,
                       const struct asker *asker)
{
    bool has_room = tables->row_count < CORR_NAMES_MAXIMUM;
    const char *kept = find_name(tables, name, hash_bytes(name, strlen(name)));
    if (!kept && has_room) {
        kept = keep_name(tables, name);
        if (!kept) {
            return false;
        }
    }
    unmap(address);
    return !kept || add_pair(tables, address, kept, asker);
}

/* An address, or one with a port, as Winsock writes it. */
static bool parse_result(const char *text, size_t size, struct corr_address *address)
{
    uint16_t port = 0;
    return corr_parse_address(text, size, address) ||
           corr_parse_endpoint(text, size, address, &port);
}

/* "192.0.2.1;::ffff:192.0.2.2;type:  5 www.example.net;2001:db8::1;": what is not an address
 * is another kind of answer. False: no memory. */
static bool add_results(struct name_tables *tables, const struct text *results, const char *name,
                        const struct asker *asker)
{
    const char *at = text_get(results);
    const char *end = at + results->size;
    while (at < end) {
        const char *stop = memchr(at, ';', (size_t)(end - at));
        stop = stop ? stop : end;
        while (at < stop && *at == ' ') {
            at++;
        }
        struct corr_address address = {0};
        if (parse_result(at, (size_t)(stop - at), &address) &&
            !add_answer(tables, &address, name, asker)) {
            return false;
        }
        at = stop + 1;
    }
    return true;
}

static void read_text(struct text *to, const struct bytes *from, size_t maximum, bool is_narrow)
{
    size_t size = from->size < maximum ? from->size : maximum;
    if (is_narrow) {
        text_add_bytes(to, from->data, size);
    } else {
        text_add_utf16(to, from->data, size);
    }
}

/* The name as it was asked for, without the dot that ends a whole one. */
static void read_name(struct text *to, const struct etw_name *stated)
{
    read_text(to, &stated->name, NAME_MAXIMUM, stated->is_narrow);
    if (to->size > 1 && to->data[to->size - 1] == '.') {
        to->data[--to->size] = '\0';
    }
}

static uint32_t pid_of(const struct etw_name *stated, const struct etw_record *record)
{
    bool is_logged_there = stated->is_header_pid_true && record->process_id != RECORD_NO_ID;
    return stated->pid == 0 && is_logged_there ? record->process_id : stated->pid;
}

enum etw_status corr_name_history_learn(struct corr_name_history *names,
                                        const struct etw_event *event, struct etw_error *error)
{
    const struct etw_name *stated = &event->u.name;
    if (event->kind != ETW_EVENT_NAME || stated->is_question || stated->status != 0 ||
        stated->name.size < 2 || (stated->results.size < 2 && stated->address.size == 0)) {
        return ETW_OK;
    }
    struct text name = {0};
    struct text results = {0};
    struct corr_address address = {.size = stated->address.size};
    memcpy(address.bytes, stated->address.bytes, stated->address.size);
    read_name(&name, stated);
    read_text(&results, &stated->results, SIZE_MAX, stated->is_narrow);
    bool is_done = !name.failed && !results.failed;
    if (is_done && text_get(&name)[0] != '\0') {
        const struct asker asker = {.time = event->record->time,
                                    .pid = pid_of(stated, event->record)};
        is_done = add_results(names->tables, &results, name.data, &asker) &&
                  (address.size == 0 || add_answer(names->tables, &address, name.data, &asker));
    }
    text_done(&name);
    text_done(&results);
    return is_done ? ETW_OK : etw_fail_memory(error, "the names of addresses");
}

/* ---- reading ---- */

static int compare_changes(const void *a, const void *b)
{
    const struct name_change *left = a;
    const struct name_change *right = b;
    if (left->host != right->host) {
        return left->host < right->host ? -1 : 1;
    }
    if (left->time != right->time) {
        return left->time < right->time ? -1 : 1;
    }
    return (left->row > right->row) - (left->row < right->row);
}

static void sort_changes(struct name_tables *tables)
{
    if (!tables->is_sorted && tables->change_count > 1) {
        qsort(tables->changes, tables->change_count, sizeof(*tables->changes), compare_changes);
    }
    tables->is_sorted = true;
}

size_t corr_name_history_list(const struct corr_name_history *names, const struct corr_name **rows)
{
    *rows = names->tables->rows;
    return names->tables->row_count;
}

/* The last of these changes that the process asked for; else the very last. `end` is behind the
 * changes of the host up to a time. */
static size_t prefer_process(const struct name_tables *tables, size_t end, uint32_t host,
                             uint32_t pid)
{
    size_t at = end;
    for (size_t steps = 0; pid != 0 && steps < STEPS && at > 0; steps++, at--) {
        const struct name_change *change = &tables->changes[at - 1];
        if (change->host != host) {
            break;
        }
        if (change->pid == pid) {
            return at - 1;
        }
    }
    return end - 1;
}

const char *corr_name_history_find(const struct corr_name_history *names, const uint8_t *address,
                                   uint8_t size, uint32_t pid, int64_t time)
{
    struct name_tables *tables = names->tables;
    if (size != 4 && size != 16) {
        return NULL;
    }
    struct corr_address wanted = {.size = size};
    memcpy(wanted.bytes, address, size);
    unmap(&wanted);
    uint32_t host = find_host(tables, &wanted);
    if (host == HASH_INDEX_NONE) {
        return NULL;
    }
    sort_changes(tables);
    /* The first change of a later host, or of this one after `time`. */
    size_t from = 0;
    size_t to = tables->change_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        const struct name_change *change = &tables->changes[middle];
        bool is_before = change->host < host || (change->host == host && change->time <= time);
        from = is_before ? middle + 1 : from;
        to = is_before ? to : middle;
    }
    bool is_known = from > 0 && tables->changes[from - 1].host == host;
    if (!is_known) {
        return NULL;
    }
    size_t chosen = prefer_process(tables, from, host, pid);
    return tables->rows[tables->changes[chosen].row].name;
}

/* ---- life ---- */

enum etw_status corr_name_history_new(struct corr_name_history **out, struct etw_error *error)
{
    struct corr_name_history *names = calloc(1, sizeof(*names));
    struct name_tables *tables = calloc(1, sizeof(*tables));
    if (!names || !tables) {
        free(names);
        free(tables);
        return etw_fail_memory(error, "the names of addresses");
    }
    names->tables = tables;
    *out = names;
    return ETW_OK;
}

void corr_name_history_free(struct corr_name_history *names)
{
    if (!names) {
        return;
    }
    struct name_tables *tables = names->tables;
    for (size_t i = 0; i < tables->name_count; i++) {
        free(tables->names[i]);
    }
    hash_index_done(&tables->row_index);
    hash_index_done(&tables->name_index);
    hash_index_done(&tables->host_index);
    free(tables->rows);
    free(tables->names);
    free(tables->hosts);
    free(tables->changes);
    free(tables);
    free(names);
}
