/* SPDX-License-Identifier: MIT */
#include "world_basics.h"

#include <stdlib.h>
#include <string.h>

/* ---- chance ---- */

uint64_t chance_next(struct world_chance *chance)
{
    chance->state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t value = chance->state;
    value = (value ^ value >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    value = (value ^ value >> 27) * UINT64_C(0x94D049BB133111EB);
    return value ^ value >> 31;
}

unsigned chance_below(struct world_chance *chance, unsigned below)
{
    return (unsigned)((chance_next(chance) >> 32) * below >> 32);
}

int64_t chance_between(struct world_chance *chance, int64_t least, int64_t most)
{
    return least + (int64_t)(chance_next(chance) % (uint64_t)(most - least + 1));
}

bool chance_percent(struct world_chance *chance, unsigned percent)
{
    return chance_below(chance, 100) < percent;
}

/* -ln(i / 16) * 1024 would be the exponential; sixteen steps are enough, and need no library
 * whose last digit differs between machines. */
int64_t chance_around(struct world_chance *chance, int64_t mean)
{
    static const int16_t steps[17] = {12288, 2839, 2129, 1714, 1420, 1191, 1004, 847, 710,
                                      589,   481,  384,  295,  213,  137,  66,   0};
    uint64_t dice = chance_next(chance);
    unsigned row = (unsigned)(dice & 15), part = (unsigned)(dice >> 8 & 0xFF);
    int64_t high = row == 0 && (dice >> 16 & 15) != 0 ? 4096 : steps[row], low = steps[row + 1];
    int64_t value = high - (high - low) * (int64_t)part / 256;
    return mean * value / 1024;
}

/* ---- queue ---- */

static bool is_before(const struct world_queue_item *a, const struct world_queue_item *b)
{
    return a->at < b->at || (a->at == b->at && a->order < b->order);
}

bool queue_put(struct world_queue *queue, int64_t at, void (*run)(void *object), void *object)
{
    if (queue->count == queue->capacity) {
        size_t capacity = queue->capacity ? queue->capacity * 2 : 256;
        struct world_queue_item *items = realloc(queue->items, capacity * sizeof(*items));
        if (!items) {
            return false;
        }
        queue->items = items;
        queue->capacity = capacity;
    }
    struct world_queue_item item = {at, queue->order++, run, object};
    size_t place = queue->count++;
    while (place && is_before(&item, &queue->items[(place - 1) / 2])) {
        queue->items[place] = queue->items[(place - 1) / 2];
        place = (place - 1) / 2;
    }
    queue->items[place] = item;
    return true;
}

const struct world_queue_item *queue_first(const struct world_queue *queue)
{
    return queue->count ? queue->items : NULL;
}

struct world_queue_item queue_take(struct world_queue *queue)
{
    struct world_queue_item first = queue->items[0], last = queue->items[--queue->count];
    size_t place = 0;
    for (size_t child = 1; child < queue->count; child = 2 * place + 1) {
        if (child + 1 < queue->count && is_before(&queue->items[child + 1], &queue->items[child])) {
            child++;
        }
        if (!is_before(&queue->items[child], &last)) {
            break;
        }
        queue->items[place] = queue->items[child];
        place = child;
    }
    queue->items[place] = last;
    return first;
}

/* ---- pool ---- */

uint64_t pool_take(struct world_pool *pool, int64_t now)
{
    if (pool->count && pool->ring[pool->first].free_at <= now) {
        uint64_t value = pool->ring[pool->first].value;
        pool->first = (pool->first + 1) % pool->capacity;
        pool->count--;
        return value;
    }
    uint64_t value = pool->next;
    pool->next += pool->step;
    return value;
}

static bool grow(struct world_pool *pool)
{
    size_t capacity = pool->capacity ? pool->capacity * 2 : 64;
    struct world_pool_item *ring = malloc(capacity * sizeof(*ring));
    if (!ring) {
        return false;
    }
    for (size_t i = 0; i < pool->count; i++) {
        ring[i] = pool->ring[(pool->first + i) % pool->capacity];
    }
    free(pool->ring);
    pool->ring = ring;
    pool->first = 0;
    pool->capacity = capacity;
    return true;
}

bool pool_give(struct world_pool *pool, uint64_t value, int64_t free_at)
{
    if (pool->count == pool->capacity && !grow(pool)) {
        return false;
    }
    size_t place = (pool->first + pool->count++) % pool->capacity;
    pool->ring[place] = (struct world_pool_item){value, free_at};
    return true;
}

/* ---- addresses ---- */

struct world_address address_ipv4(unsigned a, unsigned b, unsigned c, unsigned d)
{
    return (struct world_address){.size = 4,
                                  .bytes = {(uint8_t)a, (uint8_t)b, (uint8_t)c, (uint8_t)d}};
}

struct world_address address_ipv6(unsigned group, unsigned host)
{
    struct world_address address = {.size = 16, .bytes = {0x20, 0x01, 0x0D, 0xB8}};
    address.bytes[7] = (uint8_t)group;
    address.bytes[14] = (uint8_t)(host >> 8);
    address.bytes[15] = (uint8_t)(host & 0xFF);
    return address;
}

struct world_address address_any(const struct world_address *like, uint16_t port)
{
    return (struct world_address){.size = like->size, .port = port};
}

struct world_address address_with_port(const struct world_address *address, uint16_t port)
{
    struct world_address other = *address;
    other.port = port;
    return other;
}

bool address_is_any(const struct world_address *address)
{
    uint8_t bits = 0;
    for (unsigned i = 0; i < address->size; i++) {
        bits |= address->bytes[i];
    }
    return bits == 0;
}
