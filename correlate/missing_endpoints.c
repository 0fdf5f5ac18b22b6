/* SPDX-License-Identifier: MIT */
#include "correlate/missing_endpoints.h"

#include <stdlib.h>
#include <string.h>

#include "correlate/socket_table.h"
#include "etw/base/array.h"
#include "etw/base/hash_index.h"

/* Compared as bytes: every one of them is set. */
struct ends {
    uint8_t local[16], remote[16];
    uint16_t local_port, remote_port;
    uint8_t local_size, remote_size;
    uint8_t protocol;
    uint8_t unused;
};

struct period {
    struct ends ends;
    int64_t first, last;
};

struct missing_endpoints {
    struct period *periods; /* owned; sorted by ends, then time, when finished */
    size_t count, capacity;
    struct hash_index by_ends; /* of each the last period; the first when finished */
    bool has_portless;         /* a period of ends without ports */
};

enum etw_status missing_endpoints_new(struct missing_endpoints **out, struct etw_error *error)
{
    *out = calloc(1, sizeof(**out));
    return *out ? ETW_OK : etw_fail_memory(error, "the ends that nobody listens at");
}

void missing_endpoints_free(struct missing_endpoints *missing)
{
    if (missing) {
        hash_index_done(&missing->by_ends);
        free(missing->periods);
        free(missing);
    }
}

static struct ends make_ends(uint8_t protocol, const struct corr_endpoint *local,
                             const struct corr_endpoint *remote)
{
    struct ends ends = {
        .local_port = local->port,
        .remote_port = remote->port,
        .local_size = local->size,
        .remote_size = remote->size,
        .protocol = protocol,
    };
    memcpy(ends.local, local->bytes, local->size);
    memcpy(ends.remote, remote->bytes, remote->size);
    return ends;
}

static bool is_portless(const struct ends *ends)
{
    return ends->local_port == 0 && ends->remote_port == 0;
}

static uint32_t find_period(const struct missing_endpoints *missing, const struct ends *ends,
                            uint64_t hash)
{
    uint32_t at = 0;
    uint32_t i = hash_index_first(&missing->by_ends, hash, &at);
    while (i != HASH_INDEX_NONE && memcmp(&missing->periods[i].ends, ends, sizeof(*ends)) != 0) {
        i = hash_index_next(&missing->by_ends, hash, &at);
    }
    return i;
}

static enum etw_status add_period(struct missing_endpoints *missing, const struct period *period,
                                  struct etw_error *error)
{
    void *periods = missing->periods;
    if (missing->count >= MISSING_ENDPOINTS_MAXIMUM) {
        return ETW_OK;
    }
    if (!array_grow(&periods, &missing->capacity, missing->count + 1, sizeof(*period))) {
        return etw_fail_memory(error, "the ends that nobody listens at");
    }
    missing->periods = periods;
    uint64_t hash = hash_bytes(&period->ends, sizeof(period->ends));
    uint32_t older = find_period(missing, &period->ends, hash);
    if (older != HASH_INDEX_NONE) {
        hash_index_remove(&missing->by_ends, hash, older);
    }
    if (!hash_index_add(&missing->by_ends, hash, (uint32_t)missing->count)) {
        return etw_fail_memory(error, "the ends that nobody listens at");
    }
    missing->periods[missing->count++] = *period;
    missing->has_portless = missing->has_portless || is_portless(&period->ends);
    return ETW_OK;
}

enum etw_status missing_endpoints_learn(struct missing_endpoints *missing,
                                        const struct etw_event *event, struct etw_error *error)
{
    const struct etw_socket *socket = &event->u.socket;
    const uint32_t both = ETW_HAS_LOCAL | ETW_HAS_REMOTE;
    if (event->kind != ETW_EVENT_SOCKET || !socket->is_listener_missing ||
        (socket->has & both) != both) {
        return ETW_OK;
    }
    const struct corr_endpoint local = corr_endpoint_of_event(&socket->local);
    const struct corr_endpoint remote = corr_endpoint_of_event(&socket->remote);
    int64_t time = event->record->time;
    struct period period = {make_ends(socket->protocol, &local, &remote), time, time};
    uint32_t newest =
        find_period(missing, &period.ends, hash_bytes(&period.ends, sizeof(period.ends)));
    if (newest != HASH_INDEX_NONE &&
        corr_time_is_near(time, missing->periods[newest].last, MISSING_ENDPOINTS_NEAR)) {
        missing->periods[newest].last = time;
        return ETW_OK;
    }
    return add_period(missing, &period, error);
}

static int compare_times(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_periods(const void *a, const void *b)
{
    const struct period *left = a;
    const struct period *right = b;
    int order = memcmp(&left->ends, &right->ends, sizeof(left->ends));
    return order ? order : compare_times(left->first, right->first);
}

void missing_endpoints_finish(struct missing_endpoints *missing)
{
    if (missing->count > 0) {
        qsort(missing->periods, missing->count, sizeof(*missing->periods), compare_periods);
    }
    hash_index_clear(&missing->by_ends);
    for (size_t i = 0; i < missing->count; i++) {
        const struct ends *ends = &missing->periods[i].ends;
        if (i == 0 || memcmp(ends, &missing->periods[i - 1].ends, sizeof(*ends)) != 0) {
            /* There is room: as many ends were in it before. */
            (void)hash_index_add(&missing->by_ends, hash_bytes(ends, sizeof(*ends)), (uint32_t)i);
        }
    }
}

/* A period that begins too late orders behind the time, one that ended too early before. */
static int compare_with_time(const void *key, const void *element)
{
    const struct period *wanted = key;
    const struct period *period = element;
    int order = memcmp(&wanted->ends, &period->ends, sizeof(wanted->ends));
    if (order) {
        return order;
    }
    if (wanted->first < corr_time_shift(period->first, -MISSING_ENDPOINTS_NEAR)) {
        return -1;
    }
    return wanted->first > corr_time_shift(period->last, MISSING_ENDPOINTS_NEAR) ? 1 : 0;
}

/* Most packets have ends that nothing was missing at, which the index tells at once. */
static bool has_period(const struct missing_endpoints *missing, const struct period *wanted)
{
    uint32_t first =
        find_period(missing, &wanted->ends, hash_bytes(&wanted->ends, sizeof(wanted->ends)));
    return first != HASH_INDEX_NONE &&
           bsearch(wanted, missing->periods + first, missing->count - first, sizeof(*wanted),
                   compare_with_time) != NULL;
}

bool missing_endpoints_has(const struct missing_endpoints *missing, uint8_t protocol,
                           const struct corr_endpoint *local, const struct corr_endpoint *remote,
                           int64_t time)
{
    struct period wanted = {make_ends(protocol, local, remote), time, time};
    if (missing->count == 0) {
        return false;
    }
    if (has_period(missing, &wanted)) {
        return true;
    }
    if (!missing->has_portless) {
        return false;
    }
    wanted.ends.local_port = 0;
    wanted.ends.remote_port = 0;
    return has_period(missing, &wanted);
}
