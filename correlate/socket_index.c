/* SPDX-License-Identifier: MIT */
/*
 * socket_index.c - rows sorted by key and the time of opening; a hash table from the
 * key to its first row; and for every 16 (256, 4096 ...) rows the latest closing, so
 * that a walk steps over rows that were closed long before.
 */
#include "correlate/socket_index.h"

#include <stdlib.h>
#include <string.h>

#include "etw/base/hash_index.h"

#define PROTOCOL_TCP 6

#define BLOCK_BITS   4
#define BLOCK_LEVELS 7 /* 16^7 rows are 2^28; more are stepped over by these */

enum key_kind {
    KEY_CONNECTION,
    KEY_PORT_ONLY,
    KEY_REMOTE_ONLY,
    KEY_LISTENER,
    KEY_DATAGRAM,
    KEY_RAW,
    KEY_KIND_COUNT
};

/* Compared and hashed as bytes: every one of them is set. */
struct socket_key {
    uint8_t local[16], remote[16];
    uint16_t local_port, remote_port;
    uint8_t local_size, remote_size;
    uint8_t kind, protocol;
};

struct socket_index {
    const struct corr_socket *rows; /* borrowed */
    uint32_t *entries;              /* row numbers, owned */
    uint32_t *groups;               /* first entry of each key, and the end of all; owned */
    uint32_t entry_count, group_count;
    uint32_t counts[KEY_KIND_COUNT]; /* entries of each kind: most traces have few kinds */
    int64_t *latest[BLOCK_LEVELS];   /* closing in a block of 16^(level + 1) entries; owned */
    struct hash_index keys;          /* of groups */
};

/* ---- keys ---- */

static void copy_address(uint8_t *to, const struct corr_endpoint *endpoint)
{
    if (endpoint->size == 4) {
        memcpy(to, endpoint->bytes, 4);
    } else if (endpoint->size == 16) {
        memcpy(to, endpoint->bytes, 16);
    }
}

static void set_remote(struct socket_key *key, const struct corr_endpoint *remote)
{
    copy_address(key->remote, remote);
    key->remote_port = remote->port;
    key->remote_size = remote->size;
}

static struct socket_key connection_key(const struct corr_endpoint *local,
                                        const struct corr_endpoint *remote)
{
    struct socket_key key = {.local_port = local->port,
                             .local_size = local->size,
                             .kind = KEY_CONNECTION,
                             .protocol = PROTOCOL_TCP};
    copy_address(key.local, local);
    set_remote(&key, remote);
    return key;
}

/* A local port of 0: it is not known either. */
static struct socket_key remote_key(uint16_t local_port, const struct corr_endpoint *remote)
{
    struct socket_key key = {.local_port = local_port,
                             .kind = local_port != 0 ? KEY_PORT_ONLY : KEY_REMOTE_ONLY,
                             .protocol = PROTOCOL_TCP};
    set_remote(&key, remote);
    return key;
}

static struct socket_key port_key(enum key_kind kind, uint8_t protocol, uint16_t port)
{
    return (struct socket_key){.local_port = port, .kind = (uint8_t)kind, .protocol = protocol};
}

static bool is_any(const struct corr_endpoint *endpoint)
{
    static const uint8_t any[16] = {0};
    return memcmp(endpoint->bytes, any, endpoint->size) == 0;
}

static struct socket_key key_of_connection(const struct corr_socket *row)
{
    bool has_local = row->local.port != 0 && row->local.size != 0 && !is_any(&row->local);
    return has_local ? connection_key(&row->local, &row->remote)
                     : remote_key(row->local.port, &row->remote);
}

/* False: no packet can be found to be this row's by its ends. */
static bool key_of(const struct corr_socket *row, struct socket_key *key)
{
    bool has_port = row->local.port != 0;
    if ((row->flags & CORR_SOCKET_HIDDEN) != 0) {
        return false;
    }
    switch ((enum corr_role)row->role) {
    case CORR_CLIENT:
    case CORR_SERVER:
        *key = key_of_connection(row);
        return row->remote.size != 0 && row->remote.port != 0;
    case CORR_LISTENER:
        *key = port_key(KEY_LISTENER, PROTOCOL_TCP, row->local.port);
        return has_port;
    case CORR_DATAGRAM:
        *key = port_key(KEY_DATAGRAM, row->protocol, row->local.port);
        return has_port;
    case CORR_RAW:
        *key = port_key(KEY_RAW, row->protocol, 0);
        return true;
    }
    return false;
}

/* IPv4 keys, which most are, are hashed in a form that costs half. */
static uint64_t hash_of(const struct socket_key *key)
{
    if (key->local_size > 4 || key->remote_size > 4) {
        return hash_bytes(key, sizeof(*key));
    }
    struct {
        uint8_t local[4], remote[4];
        uint16_t local_port, remote_port;
        uint8_t local_size, remote_size;
        uint8_t kind, protocol;
    } brief = {.local_port = key->local_port,
               .remote_port = key->remote_port,
               .local_size = key->local_size,
               .remote_size = key->remote_size,
               .kind = key->kind,
               .protocol = key->protocol};
    memcpy(brief.local, key->local, sizeof(brief.local));
    memcpy(brief.remote, key->remote, sizeof(brief.remote));
    return hash_bytes(&brief, sizeof(brief));
}

/* ---- building ---- */

struct sorted_row {
    uint64_t hash; /* of its key */
    const struct corr_socket *row;
};

static int compare_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_keys(const struct corr_socket *a, const struct corr_socket *b)
{
    struct socket_key left;
    struct socket_key right;
    (void)key_of(a, &left);
    (void)key_of(b, &right);
    return memcmp(&left, &right, sizeof(left));
}

static int compare_rows(const void *a, const void *b)
{
    const struct sorted_row *left = a;
    const struct sorted_row *right = b;
    if (left->hash != right->hash) {
        return left->hash < right->hash ? -1 : 1;
    }
    int order = compare_keys(left->row, right->row);
    if (order == 0) {
        order = compare_numbers(socket_earliest(left->row), socket_earliest(right->row));
    }
    if (order == 0) {
        order = compare_numbers(left->row->opened, right->row->opened);
    }
    return order ? order : (left->row > right->row) - (left->row < right->row);
}

static void collect(struct socket_index *index, size_t count, struct sorted_row *sorted)
{
    for (size_t i = 0; i < count; i++) {
        struct socket_key key;
        if (key_of(&index->rows[i], &key)) {
            sorted[index->entry_count++] = (struct sorted_row){hash_of(&key), &index->rows[i]};
            index->counts[key.kind]++;
        }
    }
}

static bool add_groups(struct socket_index *index, const struct sorted_row *sorted)
{
    for (uint32_t i = 0; i < index->entry_count; i++) {
        index->entries[i] = (uint32_t)(sorted[i].row - index->rows);
        bool is_same = i > 0 && sorted[i].hash == sorted[i - 1].hash &&
                       compare_keys(sorted[i].row, sorted[i - 1].row) == 0;
        if (is_same) {
            continue;
        }
        if (!hash_index_add(&index->keys, sorted[i].hash, index->group_count)) {
            return false;
        }
        index->groups[index->group_count++] = i;
    }
    index->groups[index->group_count] = index->entry_count;
    return true;
}

static int64_t latest_below(const struct socket_index *index, int level, uint32_t at)
{
    return level == 0 ? index->rows[index->entries[at]].closed : index->latest[level - 1][at];
}

static bool add_blocks(struct socket_index *index)
{
    uint32_t below = index->entry_count;
    for (int level = 0; level < BLOCK_LEVELS && below >> BLOCK_BITS > 0; level++) {
        uint32_t count = below >> BLOCK_BITS; /* whole blocks only */
        int64_t *latest = calloc(count, sizeof(*latest));
        if (!latest) {
            return false;
        }
        for (uint32_t i = 0; i < count << BLOCK_BITS; i++) {
            int64_t closed = latest_below(index, level, i);
            uint32_t block = i >> BLOCK_BITS;
            bool is_first = (i & ((1u << BLOCK_BITS) - 1)) == 0;
            latest[block] = is_first || closed > latest[block] ? closed : latest[block];
        }
        index->latest[level] = latest;
        below = count;
    }
    return true;
}

static bool build(struct socket_index *index, size_t count, struct sorted_row *sorted)
{
    index->entries = malloc((count + 1) * sizeof(*index->entries));
    index->groups = malloc((count + 1) * sizeof(*index->groups));
    if (!index->entries || !index->groups) {
        return false;
    }
    collect(index, count, sorted);
    qsort(sorted, index->entry_count, sizeof(*sorted), compare_rows);
    return add_groups(index, sorted) && add_blocks(index);
}

enum etw_status socket_index_new(const struct corr_socket *rows, size_t count,
                                 struct socket_index **out, struct etw_error *error)
{
    struct socket_index *index = calloc(1, sizeof(*index));
    struct sorted_row *sorted = malloc((count + 1) * sizeof(*sorted));
    bool is_built = false;
    if (index && sorted && count < CORR_NO_ROW) {
        index->rows = rows;
        is_built = build(index, count, sorted);
    }
    free(sorted);
    if (!is_built) {
        socket_index_free(index);
        return etw_fail_memory(error, "the index of sockets");
    }
    *out = index;
    return ETW_OK;
}

void socket_index_free(struct socket_index *index)
{
    if (!index) {
        return;
    }
    for (int level = 0; level < BLOCK_LEVELS; level++) {
        free(index->latest[level]);
    }
    hash_index_done(&index->keys);
    free(index->entries);
    free(index->groups);
    free(index);
}

/* ---- looking up ---- */

/* The common case is compared in place. */
static bool has_key(const struct corr_socket *row, const struct socket_key *key)
{
    if (key->kind == KEY_CONNECTION) {
        return row->role <= CORR_SERVER && row->local.port == key->local_port &&
               row->remote.port == key->remote_port && row->local.size == key->local_size &&
               row->remote.size == key->remote_size &&
               memcmp(row->local.bytes, key->local, key->local_size) == 0 &&
               memcmp(row->remote.bytes, key->remote, key->remote_size) == 0;
    }
    struct socket_key other;
    return key_of(row, &other) && memcmp(key, &other, sizeof(other)) == 0;
}

static struct socket_span find(const struct socket_index *index, const struct socket_key *key)
{
    if (index->counts[key->kind] == 0) {
        return (struct socket_span){0, 0};
    }
    uint64_t hash = hash_of(key);
    uint32_t at = 0;
    for (uint32_t group = hash_index_first(&index->keys, hash, &at); group != HASH_INDEX_NONE;
         group = hash_index_next(&index->keys, hash, &at)) {
        uint32_t first = index->groups[group];
        if (has_key(&index->rows[index->entries[first]], key)) {
            return (struct socket_span){first, index->groups[group + 1]};
        }
    }
    return (struct socket_span){0, 0};
}

struct socket_span socket_index_connection(const struct socket_index *index,
                                           const struct corr_endpoint *local,
                                           const struct corr_endpoint *remote)
{
    struct socket_key key = connection_key(local, remote);
    return find(index, &key);
}

struct socket_span socket_index_port_only(const struct socket_index *index, uint16_t local_port,
                                          const struct corr_endpoint *remote)
{
    if (local_port == 0 || index->counts[KEY_PORT_ONLY] == 0) {
        return (struct socket_span){0, 0};
    }
    struct socket_key key = remote_key(local_port, remote);
    return find(index, &key);
}

struct socket_span socket_index_remote_only(const struct socket_index *index,
                                            const struct corr_endpoint *remote)
{
    struct socket_key key = remote_key(0, remote);
    return find(index, &key);
}

struct socket_span socket_index_listeners(const struct socket_index *index, uint16_t port)
{
    struct socket_key key = port_key(KEY_LISTENER, PROTOCOL_TCP, port);
    return find(index, &key);
}

struct socket_span socket_index_datagrams(const struct socket_index *index, uint8_t protocol,
                                          uint16_t port)
{
    struct socket_key key = port_key(KEY_DATAGRAM, protocol, port);
    return find(index, &key);
}

struct socket_span socket_index_raw(const struct socket_index *index, uint8_t protocol)
{
    struct socket_key key = port_key(KEY_RAW, protocol, 0);
    return find(index, &key);
}

/* ---- walking ---- */

static const struct corr_socket *row_at(const struct socket_index *index, uint32_t entry)
{
    return &index->rows[index->entries[entry]];
}

uint32_t socket_span_row(const struct socket_index *index, struct socket_span span)
{
    return index->entries[span.first];
}

struct socket_walk socket_walk_begin(const struct socket_index *index, struct socket_span span,
                                     int64_t from, int64_t to)
{
    uint32_t low = span.first; /* all before it were open at `to` */
    uint32_t high = span.end;  /* all from it on were opened later */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (socket_earliest(row_at(index, middle)) <= to) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return (struct socket_walk){span.first, low, from};
}

/* How many entries before `position` are known to have been closed before `from`,
 * because they fill a block of that kind. */
static uint32_t closed_before(const struct socket_index *index, uint32_t position, int64_t from)
{
    uint32_t skipped = 0;
    for (int level = 0; level < BLOCK_LEVELS && index->latest[level]; level++) {
        int bits = BLOCK_BITS * (level + 1);
        bool is_edge = (position & ((1u << bits) - 1)) == 0;
        if (!is_edge || index->latest[level][(position >> bits) - 1] >= from) {
            break;
        }
        skipped = 1u << bits;
    }
    return skipped;
}

uint32_t socket_walk_next(const struct socket_index *index, struct socket_walk *walk)
{
    while (walk->position > walk->first) {
        uint32_t skipped = closed_before(index, walk->position, walk->from);
        if (skipped > 0) {
            walk->position =
                walk->position - walk->first > skipped ? walk->position - skipped : walk->first;
            continue;
        }
        walk->position--;
        if (row_at(index, walk->position)->closed >= walk->from) {
            return index->entries[walk->position];
        }
    }
    return CORR_NO_ROW;
}
