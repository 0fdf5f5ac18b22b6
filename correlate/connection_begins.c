/* SPDX-License-Identifier: MIT */
#include "correlate/connection_begins.h"

#include <stdlib.h>
#include <string.h>

#include "correlate/packet_layers.h"
#include "etw/base/array.h"
#include "etw/base/hash_index.h"

struct begin {
    uint64_t key; /* hash of local port and remote end: 2^-64 is no risk worth 20 bytes */
    int64_t time;
    uint32_t sequence;
};

struct connection_begins {
    struct begin *rows; /* owned; sorted by key and time once finished */
    size_t count, capacity;
    struct hash_index latest; /* by key: the last begin; while learning */
};

enum etw_status connection_begins_new(struct connection_begins **out, struct etw_error *error)
{
    *out = calloc(1, sizeof(**out));
    return *out ? ETW_OK : etw_fail_memory(error, "the begins of connections");
}

void connection_begins_free(struct connection_begins *begins)
{
    if (begins) {
        hash_index_done(&begins->latest);
        free(begins->rows);
        free(begins);
    }
}

/* ---- learning ---- */

static uint64_t make_key(uint16_t local_port, const struct corr_endpoint *remote)
{
    uint8_t bytes[16 + 2 + 2 + 1] = {0};
    memcpy(bytes, remote->bytes, remote->size);
    bytes[16] = (uint8_t)remote->port;
    bytes[17] = (uint8_t)(remote->port >> 8);
    bytes[18] = (uint8_t)local_port;
    bytes[19] = (uint8_t)(local_port >> 8);
    bytes[20] = remote->size;
    return hash_bytes(bytes, sizeof(bytes));
}

static uint32_t find_latest(const struct connection_begins *begins, uint64_t key)
{
    uint32_t at = 0;
    uint32_t row = hash_index_first(&begins->latest, key, &at);
    while (row != HASH_INDEX_NONE && begins->rows[row].key != key) {
        row = hash_index_next(&begins->latest, key, &at);
    }
    return row;
}

/* The same SYN again, sent again or seen at another place, begins nothing. */
static bool is_known(const struct connection_begins *begins, uint32_t latest, uint32_t sequence)
{
    return latest != HASH_INDEX_NONE && begins->rows[latest].sequence == sequence;
}

static enum etw_status add_begin(struct connection_begins *begins, uint64_t key, int64_t time,
                                 uint32_t sequence, struct etw_error *error)
{
    uint32_t latest = find_latest(begins, key);
    void *rows = begins->rows;
    if (is_known(begins, latest, sequence)) {
        return ETW_OK;
    }
    if (begins->count >= HASH_INDEX_NONE ||
        !array_grow(&rows, &begins->capacity, begins->count + 1, sizeof(*begins->rows))) {
        return etw_fail_memory(error, "the begins of connections");
    }
    begins->rows = rows;
    uint32_t row = (uint32_t)begins->count++;
    begins->rows[row] = (struct begin){.key = key, .time = time, .sequence = sequence};
    if (latest != HASH_INDEX_NONE) {
        hash_index_remove(&begins->latest, key, latest);
    }
    return hash_index_add(&begins->latest, key, row)
               ? ETW_OK
               : etw_fail_memory(error, "the begins of connections");
}

/* `is_out`: the source is the local end. */
static enum etw_status add_syn(struct connection_begins *begins, const struct corr_layers *layers,
                               bool is_out, int64_t time, struct etw_error *error)
{
    struct corr_endpoint source = corr_endpoint_of_packet(&layers->source, layers->source_port);
    struct corr_endpoint destination =
        corr_endpoint_of_packet(&layers->destination, layers->destination_port);
    const struct corr_endpoint *remote = is_out ? &destination : &source;
    uint16_t local_port = is_out ? source.port : destination.port;
    return add_begin(begins, make_key(local_port, remote), time, layers->tcp_seq, error);
}

enum etw_status connection_begins_learn(struct connection_begins *begins,
                                        const struct etw_event *event, struct etw_error *error)
{
    struct corr_layers layers;
    const struct etw_packet *packet = &event->u.packet;
    if (event->kind != ETW_EVENT_PACKET || !packet->is_start) {
        return ETW_OK;
    }
    enum etw_link link = corr_link_by_bytes(packet->link, packet->data.data, packet->data.size);
    corr_layers_read(link, packet->data.data, packet->data.size, &layers);
    bool is_syn = layers.has_tcp && (layers.tcp_flags & CORR_TCP_SYN) != 0 &&
                  (layers.tcp_flags & CORR_TCP_ACK) == 0;
    if (!is_syn) {
        return ETW_OK;
    }
    int64_t time = event->record->time;
    enum etw_status status = ETW_OK;
    if (packet->direction != ETW_DIRECTION_IN) {
        status = add_syn(begins, &layers, true, time, error);
    }
    if (!status && packet->direction != ETW_DIRECTION_OUT) {
        status = add_syn(begins, &layers, false, time, error);
    }
    return status;
}

static int compare_begins(const void *left, const void *right)
{
    const struct begin *a = left;
    const struct begin *b = right;
    if (a->key != b->key) {
        return a->key < b->key ? -1 : 1;
    }
    return a->time < b->time ? -1 : a->time > b->time;
}

void connection_begins_finish(struct connection_begins *begins)
{
    hash_index_done(&begins->latest);
    if (begins->count > 1) {
        qsort(begins->rows, begins->count, sizeof(*begins->rows), compare_begins);
    }
}

/* ---- asking ---- */

/* The first row that is not before (key, time). */
static size_t lower_bound(const struct connection_begins *begins, uint64_t key, int64_t time)
{
    const struct begin wanted = {.key = key, .time = time};
    size_t low = 0;
    size_t high = begins->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_begins(&begins->rows[middle], &wanted) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool connection_begins_first(const struct connection_begins *begins, uint16_t local_port,
                             const struct corr_endpoint *remote, int64_t from, int64_t to,
                             int64_t *time)
{
    uint64_t key = make_key(local_port, remote);
    size_t row = lower_bound(begins, key, from);
    if (row >= begins->count || begins->rows[row].key != key || begins->rows[row].time > to) {
        return false;
    }
    *time = begins->rows[row].time;
    return true;
}

bool connection_begins_last(const struct connection_begins *begins, uint16_t local_port,
                            const struct corr_endpoint *remote, int64_t from, int64_t to,
                            int64_t *time)
{
    uint64_t key = make_key(local_port, remote);
    size_t behind = lower_bound(begins, key, to < INT64_MAX ? to + 1 : to);
    if (behind == 0 || begins->rows[behind - 1].key != key ||
        begins->rows[behind - 1].time < from) {
        return false;
    }
    *time = begins->rows[behind - 1].time;
    return true;
}
