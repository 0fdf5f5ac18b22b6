/* SPDX-License-Identifier: MIT */
/*
 * socket_ends.c - finds rows by their addresses.
 *
 * Rows with an equal key form a chain, the newest first; a hash table knows the newest
 * of each. Ports and tuples are used again all the time: the row in question is nearly
 * always the newest or the one before it, so that looking stops after a few.
 */
#include <string.h>

#include "correlate/socket_rows.h"

#define CHAIN_STEPS 64

/* ---- keys ---- */

struct end_key {
    uint8_t bytes[16];
    uint16_t port;
    uint8_t size;
    uint8_t unused;
};

/* Compared and hashed as bytes: every one of them is set. */
struct chain_key {
    struct end_key local, remote;
    uint8_t protocol, role, unused[2];
};

static struct end_key key_of_end(const struct corr_endpoint *endpoint)
{
    struct end_key key = {.port = endpoint->port, .size = endpoint->size};
    memcpy(key.bytes, endpoint->bytes, endpoint->size);
    return key;
}

static bool is_connection(uint8_t role)
{
    return role == CORR_CLIENT || role == CORR_SERVER;
}

/* What the rows of a chain have in common. False: a row like this is in no such chain. */
static bool make_key(enum socket_chain chain, const struct corr_socket *socket,
                     struct chain_key *key)
{
    bool is_bound = chain == CHAIN_BOUND;
    bool has_remote = socket->remote.size > 0;
    bool has_local = socket->local.size > 0;
    memset(key, 0, sizeof(*key));
    key->protocol = socket->protocol;
    if (is_bound) {
        key->role = socket->role;
    } else {
        key->remote = key_of_end(&socket->remote);
    }
    if (chain != CHAIN_REMOTE) {
        key->local = key_of_end(&socket->local);
    }
    switch (chain) {
    case CHAIN_TUPLE:
        return has_local && has_remote;
    case CHAIN_REMOTE:
        return has_remote;
    default:
        return has_local && !is_connection(socket->role);
    }
}

/* The newest row of this key. */
static uint32_t find_head(const struct socket_table *table, enum socket_chain chain,
                          const struct chain_key *key)
{
    uint32_t at = 0;
    uint64_t hash = hash_bytes(key, sizeof(*key));
    const struct hash_index *index = &table->chains[chain];
    for (uint32_t row = hash_index_first(index, hash, &at); row != HASH_INDEX_NONE;
         row = hash_index_next(index, hash, &at)) {
        struct chain_key other;
        if (make_key(chain, &table->rows[row].shown, &other) &&
            memcmp(key, &other, sizeof(other)) == 0) {
            return row;
        }
    }
    return CORR_NO_ROW;
}

/* ---- chains ---- */

static void link_row(struct socket_table *table, enum socket_chain chain, uint32_t row)
{
    struct chain_key key;
    struct socket_link *link = &table->rows[row].links[chain];
    if (!make_key(chain, &table->rows[row].shown, &key)) {
        return;
    }
    uint64_t hash = hash_bytes(&key, sizeof(key));
    uint32_t head = find_head(table, chain, &key);
    if (head != CORR_NO_ROW) {
        hash_index_remove(&table->chains[chain], hash, head);
    }
    if (!hash_index_add(&table->chains[chain], hash, row)) {
        table->has_failed = true;
        return;
    }
    *link = (struct socket_link){.newer = CORR_NO_ROW, .older = head, .is_linked = true};
    if (head != CORR_NO_ROW) {
        table->rows[head].links[chain].newer = row;
    }
}

static void unlink_row(struct socket_table *table, enum socket_chain chain, uint32_t row)
{
    struct socket_link link = table->rows[row].links[chain];
    struct chain_key key;
    if (!link.is_linked) {
        return;
    }
    table->rows[row].links[chain].is_linked = false;
    if (link.older != CORR_NO_ROW) {
        table->rows[link.older].links[chain].newer = link.newer;
    }
    if (link.newer != CORR_NO_ROW) {
        table->rows[link.newer].links[chain].older = link.older;
        return;
    }
    make_key(chain, &table->rows[row].shown, &key);
    uint64_t hash = hash_bytes(&key, sizeof(key));
    hash_index_remove(&table->chains[chain], hash, row);
    if (link.older != CORR_NO_ROW && !hash_index_add(&table->chains[chain], hash, link.older)) {
        table->has_failed = true;
    }
}

void socket_ends_unlink(struct socket_table *table, uint32_t row)
{
    for (int chain = 0; chain < CHAIN_COUNT; chain++) {
        unlink_row(table, (enum socket_chain)chain, row);
    }
}

/* True when it changes. */
static bool is_news(const struct corr_endpoint *known, const struct corr_endpoint *end)
{
    return end && end->size > 0 &&
           (!corr_endpoint_equal(known, end) || known->is_dual != end->is_dual);
}

void socket_table_set_ends(struct socket_table *table, uint32_t row,
                           const struct corr_endpoint *local, const struct corr_endpoint *remote)
{
    struct socket_row *found = socket_row_find(table, row);
    if (!found) {
        return;
    }
    struct corr_socket *socket = &found->shown;
    bool is_new_local = is_news(&socket->local, local);
    bool is_new_remote = is_news(&socket->remote, remote);
    if (!is_new_local && !is_new_remote) {
        return;
    }
    socket_ends_unlink(table, row);
    if (is_new_local) {
        socket->local = *local;
    }
    if (is_new_remote) {
        socket->remote = *remote;
    }
    if ((socket->flags & CORR_SOCKET_HIDDEN) != 0) {
        return;
    }
    for (int chain = 0; chain < CHAIN_COUNT; chain++) {
        link_row(table, (enum socket_chain)chain, row);
    }
}

/* ---- looking ---- */

/* What a row must be besides having the key. */
struct search {
    struct corr_endpoint local; /* port 0, size 0: any */
    int64_t time;               /* not closed before */
    uint32_t pid;               /* 0: any */
};

static bool fits(const struct socket_row *row, const struct search *search)
{
    const struct corr_socket *socket = &row->shown;
    const struct corr_endpoint *local = &search->local;
    return socket->closed >= search->time && (search->pid == 0 || search->pid == row->owner.pid) &&
           (local->port == 0 || local->port == socket->local.port) &&
           (local->size == 0 || socket->local.size == 0 ||
            (local->size == socket->local.size &&
             memcmp(local->bytes, socket->local.bytes, local->size) == 0));
}

static uint32_t walk(const struct socket_table *table, enum socket_chain chain,
                     const struct corr_socket *wanted, const struct search *search)
{
    struct chain_key key;
    if (!make_key(chain, wanted, &key)) {
        return CORR_NO_ROW;
    }
    uint32_t row = find_head(table, chain, &key);
    for (int steps = 0; row != CORR_NO_ROW && steps < CHAIN_STEPS; steps++) {
        if (fits(&table->rows[row], search)) {
            return row;
        }
        row = table->rows[row].links[chain].older;
    }
    return CORR_NO_ROW;
}

uint32_t socket_table_find_ends(const struct socket_table *table, uint8_t protocol,
                                const struct corr_endpoint *local,
                                const struct corr_endpoint *remote, int64_t time)
{
    const struct corr_socket wanted = {.local = *local, .remote = *remote, .protocol = protocol};
    const struct search search = {.local = *local, .time = time};
    bool is_whole = local->size > 0 && local->port > 0;
    return walk(table, is_whole ? CHAIN_TUPLE : CHAIN_REMOTE, &wanted, &search);
}

static uint32_t find_bound(const struct socket_table *table, struct corr_socket *wanted,
                           const struct search *search)
{
    uint32_t row = walk(table, CHAIN_BOUND, wanted, search);
    memset(wanted->local.bytes, 0, sizeof(wanted->local.bytes));
    if (row == CORR_NO_ROW) {
        row = walk(table, CHAIN_BOUND, wanted, search);
    }
    if (row == CORR_NO_ROW && wanted->local.size == 4) {
        wanted->local.size = 16;
        row = walk(table, CHAIN_BOUND, wanted, search);
        row = row != CORR_NO_ROW && table->rows[row].shown.local.is_dual ? row : CORR_NO_ROW;
    }
    return row;
}

uint32_t socket_table_find_bound(const struct socket_table *table, enum corr_role role,
                                 uint8_t protocol, const struct corr_endpoint *local, int64_t time)
{
    struct corr_socket wanted = {.local = *local, .protocol = protocol, .role = (uint8_t)role};
    const struct search search = {.time = time};
    return find_bound(table, &wanted, &search);
}

uint32_t socket_table_find_datagram_of(const struct socket_table *table, uint32_t pid,
                                       uint8_t protocol, const struct corr_endpoint *local,
                                       int64_t time)
{
    struct corr_socket wanted = {.local = *local, .protocol = protocol, .role = CORR_DATAGRAM};
    const struct search search = {.time = time, .pid = pid};
    return pid != 0 ? find_bound(table, &wanted, &search) : CORR_NO_ROW;
}
