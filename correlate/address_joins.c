/* SPDX-License-Identifier: MIT */
#include "correlate/address_joins.h"

#include <stdlib.h>
#include <string.h>

#include "correlate/application_records.h"
#include "etw/base/array.h"

/* So many rows with the same ends are looked at; what has more is not joined. */
#define LOOKS 64

/* 1 s in 100 ns. */
#define COARSE_CLOCK INT64_C(10000000)

/* What rows and records that may be the same have in common. Compared and hashed as bytes. */
struct join_key {
    uint8_t remote[16];
    uint16_t remote_port;
    uint16_t local_port; /* 0: any */
    uint8_t remote_size;
    uint8_t protocol;
    uint8_t role; /* of sockets without remote end */
    uint8_t unused;
};

/* A row is found by two keys at most; link 2 * row is by its first, 2 * row + 1 by its second. */
#define KEYS_OF_ROW 2

/* The rows of one key. Not entries of the hash table: thousands of rows have the same one. */
struct join_chain {
    struct join_key key;
    uint32_t newest; /* link */
};

struct address_joins {
    struct socket_table *table;              /* borrowed */
    struct application_history *application; /* borrowed */
    struct join_chain *chains;               /* owned; of rows of the stack that are not joined */
    size_t chain_count, chain_capacity;
    struct hash_index index; /* of the chains */
    uint32_t *older;         /* owned; by link: the one before it; CORR_NO_ROW: none */
    uint8_t *claims;         /* owned; by row: records that want it, up to 2 */
};

static bool is_connection(enum corr_role role)
{
    return role == CORR_CLIENT || role == CORR_SERVER;
}

static struct join_key make_key(uint8_t protocol, enum corr_role role, uint16_t local_port,
                                const struct corr_endpoint *remote)
{
    struct join_key key;
    memset(&key, 0, sizeof(key));
    key.protocol = protocol;
    key.local_port = local_port;
    if (is_connection(role)) {
        key.remote_size = remote->size;
        key.remote_port = remote->port;
        memcpy(key.remote, remote->bytes, remote->size);
    } else {
        key.role = (uint8_t)role;
    }
    return key;
}

/* Datagram sockets whose port is not known are found by their process. */
static struct join_key make_pid_key(uint8_t protocol, uint32_t pid)
{
    const struct corr_endpoint none = {.size = 0};
    struct join_key key = make_key(protocol, CORR_DATAGRAM, 0, &none);
    memcpy(key.remote, &pid, sizeof(pid));
    return key;
}

static struct join_chain *find_chain(const struct address_joins *joins, const struct join_key *key)
{
    uint32_t at = 0;
    uint64_t hash = hash_bytes(key, sizeof(*key));
    if (!joins->chains) {
        return NULL;
    }
    for (uint32_t i = hash_index_first(&joins->index, hash, &at); i != HASH_INDEX_NONE;
         i = hash_index_next(&joins->index, hash, &at)) {
        if (memcmp(&joins->chains[i].key, key, sizeof(*key)) == 0) {
            return &joins->chains[i];
        }
    }
    return NULL;
}

static struct join_chain *add_chain(struct address_joins *joins, const struct join_key *key)
{
    void *chains = joins->chains;
    if (!array_grow(&chains, &joins->chain_capacity, joins->chain_count + 1,
                    sizeof(*joins->chains))) {
        return NULL;
    }
    joins->chains = chains;
    if (!hash_index_add(&joins->index, hash_bytes(key, sizeof(*key)),
                        (uint32_t)joins->chain_count)) {
        return NULL;
    }
    struct join_chain *chain = &joins->chains[joins->chain_count++];
    *chain = (struct join_chain){.key = *key, .newest = CORR_NO_ROW};
    return chain;
}

/* Key `number` of the row. */
static bool add_key(struct address_joins *joins, const struct join_key *key, uint32_t row,
                    uint32_t number)
{
    uint32_t link = KEYS_OF_ROW * row + number;
    struct join_chain *chain = find_chain(joins, key);
    if (!chain) {
        chain = add_chain(joins, key);
    }
    if (chain) {
        joins->older[link] = chain->newest;
        chain->newest = link;
    }
    return chain != NULL;
}

/* A connection is found by both ends, or by the remote one when the record does not know its
 * port; a datagram socket by its port or its process. */
static bool add_row(struct address_joins *joins, uint32_t row)
{
    const struct corr_socket *socket = socket_table_get(joins->table, row);
    enum corr_role role = (enum corr_role)socket->role;
    if (socket->application != 0 || (socket->flags & CORR_SOCKET_HIDDEN) != 0 ||
        socket_table_resolve(joins->table, row) != row ||
        (socket->local.size == 0 && socket->remote.size == 0)) {
        return true;
    }
    struct join_key key = make_key(socket->protocol, role, socket->local.port, &socket->remote);
    if (!add_key(joins, &key, row, 0)) {
        return false;
    }
    if (is_connection(role)) {
        key.local_port = 0;
        return socket->local.port == 0 || add_key(joins, &key, row, 1);
    }
    uint32_t pid = socket_table_pid(joins->table, row, NULL, NULL, NULL);
    key = make_pid_key(socket->protocol, pid);
    return role != CORR_DATAGRAM || pid == 0 || add_key(joins, &key, row, 1);
}

static bool is_joined(const struct application_record *record)
{
    return record->row != CORR_NO_ROW && (record->flags & APPLICATION_OWN_ROW) == 0;
}

static bool is_portless_datagram(const struct application_record *record)
{
    return record->use == APPLICATION_DATAGRAM && record->local.size == 0;
}

static size_t datagram_keys(const struct address_joins *joins, uint32_t number,
                            struct join_key keys[2])
{
    enum corr_rule rule = CORR_RULE_NONE;
    uint64_t offset = 0;
    const struct application_record *record = application_records_get(joins->application, number);
    uint16_t port = record->local.port;
    uint32_t pid = application_records_pid(joins->application, number, &rule, &offset);
    if (is_portless_datagram(record)) {
        keys[0] = make_pid_key(record->protocol, pid);
        return pid != 0 && record->remote.size > 0;
    }
    keys[0] = make_key(record->protocol, CORR_DATAGRAM, port, &record->remote);
    keys[1] = make_key(record->protocol, CORR_RAW, port, &record->remote);
    return 2;
}

/* What the record can be found by; the number of keys to try. */
static size_t keys_of(const struct address_joins *joins, uint32_t number, struct join_key keys[2])
{
    const struct application_record *record = application_records_get(joins->application, number);
    uint16_t port = record->local.port;
    switch ((enum application_use)record->use) {
    case APPLICATION_CLIENT:
    case APPLICATION_SERVER:
        keys[0] = make_key(record->protocol, CORR_CLIENT, port, &record->remote);
        return record->remote.size > 0;
    case APPLICATION_LISTENER:
        keys[0] = make_key(record->protocol, CORR_LISTENER, port, &record->remote);
        return port != 0;
    case APPLICATION_DATAGRAM:
        return datagram_keys(joins, number, keys);
    default:
        return 0;
    }
}

static int64_t later(int64_t time, int64_t by)
{
    return time > CORR_NEVER - by ? CORR_NEVER : time + by;
}

/* Rows without a handle of the stack rest on the kernel's own events, whose clock may be late. */
static bool lived_together(const struct application_record *record,
                           const struct corr_socket *socket)
{
    int64_t slack = socket->handle == 0 ? COARSE_CLOCK : 0;
    bool is_older = (record->flags & (APPLICATION_CREATED | APPLICATION_REUSED)) == 0;
    int64_t opened = is_older ? CORR_ALWAYS : record->first_seen;
    return socket->opened <= later(record->closed, slack) && opened <= later(socket->closed, slack);
}

/* What looking found. */
struct search {
    uint32_t row;    /* that may be joined */
    uint32_t fits;   /* rows that have the ends and lived at the time */
    bool is_certain; /* the row has the pid of the record */
};

static void look_at(const struct address_joins *joins, uint32_t number, uint32_t row,
                    struct search *search)
{
    bool is_same_pid = false;
    const struct application_record *record = application_records_get(joins->application, number);
    if (!application_rows_agree(joins->application, number, row) ||
        !lived_together(record, socket_table_get(joins->table, row))) {
        return;
    }
    if (is_portless_datagram(record) &&
        !socket_table_has_flow(joins->table, row, &record->remote)) {
        return;
    }
    search->fits++;
    if (application_rows_pids_agree(joins->application, number, row, &is_same_pid)) {
        search->row = row;
        search->is_certain = is_same_pid;
    }
}

static struct search look(const struct address_joins *joins, uint32_t number)
{
    struct search search = {.row = CORR_NO_ROW};
    struct join_key keys[2];
    size_t key_count = keys_of(joins, number, keys);
    for (size_t i = 0; i < key_count; i++) {
        const struct join_chain *chain = find_chain(joins, &keys[i]);
        uint32_t link = chain ? chain->newest : CORR_NO_ROW;
        for (size_t steps = 0; link != CORR_NO_ROW && steps < LOOKS; steps++) {
            look_at(joins, number, link / KEYS_OF_ROW, &search);
            link = joins->older[link];
        }
        search.fits += link != CORR_NO_ROW ? LOOKS : 0;
    }
    return search;
}

/* Of a connection there is one. But many sockets have one datagram port, and the stack tells
 * only of those that are used. */
static void leave(struct address_joins *joins, uint32_t number)
{
    const struct application_record *record = application_records_get(joins->application, number);
    if (record->use != APPLICATION_DATAGRAM || is_portless_datagram(record)) {
        application_rows_hide(joins->application, number);
    }
}

/* Says which row a record wants. Without its port it needs the pid to be sure. */
static void claim(struct address_joins *joins, uint32_t number)
{
    struct application_record *record = application_records_get(joins->application, number);
    record->candidate = CORR_NO_ROW;
    if (is_joined(record) || record->use == APPLICATION_NOT_IP) {
        return;
    }
    struct search search = look(joins, number);
    if (search.fits == 1 && search.row != CORR_NO_ROW &&
        (record->local.port != 0 || search.is_certain)) {
        record->candidate = search.row;
        joins->claims[search.row] = joins->claims[search.row] == 0 ? 1 : 2;
    } else if (search.fits > 0) {
        leave(joins, number);
    }
}

static void join(struct address_joins *joins, uint32_t number)
{
    struct application_record *record = application_records_get(joins->application, number);
    uint32_t row = record->candidate;
    if (row == CORR_NO_ROW) {
        return;
    }
    if (joins->claims[row] > 1 || !application_rows_join(joins->application, number, row,
                                                         CORR_RULE_SAME_ADDRESS, record->offset)) {
        leave(joins, number);
    }
}

static bool prepare(struct address_joins *joins)
{
    size_t count = socket_table_count(joins->table);
    if (count > CORR_NO_ROW / KEYS_OF_ROW) {
        return false;
    }
    joins->claims = calloc(count + 1, sizeof(*joins->claims));
    joins->older = calloc(KEYS_OF_ROW * (count + 1), sizeof(*joins->older));
    bool is_ready = joins->claims && joins->older;
    for (uint32_t row = 0; is_ready && row < count; row++) {
        is_ready = add_row(joins, row);
    }
    return is_ready;
}

static void done(struct address_joins *joins)
{
    hash_index_done(&joins->index);
    free(joins->chains);
    free(joins->older);
    free(joins->claims);
}

static void count(const struct application_history *application, uint64_t *joined,
                  uint64_t *unjoined)
{
    for (uint32_t number = 0; number < application->count; number++) {
        const struct application_record *record = application_records_get(application, number);
        bool is_used = record->use != APPLICATION_UNKNOWN && record->use != APPLICATION_NOT_IP;
        *joined += is_joined(record);
        *unjoined += is_used && !is_joined(record);
    }
}

void address_joins_apply(struct socket_table *table, struct application_history *application,
                         uint64_t *joined, uint64_t *unjoined)
{
    struct address_joins joins = {.table = table, .application = application};
    *joined = 0;
    *unjoined = 0;
    if (application->count == 0) {
        return;
    }
    if (prepare(&joins)) {
        for (uint32_t number = 0; number < application->count; number++) {
            claim(&joins, number);
        }
        for (uint32_t number = 0; number < application->count; number++) {
            join(&joins, number);
        }
    } else {
        socket_table_fail(table);
    }
    count(application, joined, unjoined);
    done(&joins);
}
