/* SPDX-License-Identifier: MIT */
/*
 * world_basics.h - what a world is made of: chance, a queue by time, pools of numbers that
 * are used again, addresses.
 *
 * Times are 100 ns since the start of the trace.
 */
#ifndef SAMPLES_WRITER_WORLD_BASICS_H
#define SAMPLES_WRITER_WORLD_BASICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORLD_MICROSECOND INT64_C(10)
#define WORLD_MILLISECOND INT64_C(10000)
#define WORLD_SECOND      INT64_C(10000000)

/* ---- chance: splitmix64, the same on every machine ---- */

struct world_chance {
    uint64_t state;
};
uint64_t chance_next(struct world_chance *chance);
/* One call in an expression: their order would be the compiler's choice. */
/* 0 to below - 1; below is not 0. */
unsigned chance_below(struct world_chance *chance, unsigned below);
int64_t chance_between(struct world_chance *chance, int64_t least, int64_t most);
bool chance_percent(struct world_chance *chance, unsigned percent);
/* Exponential with this mean, at most twelve times it. */
int64_t chance_around(struct world_chance *chance, int64_t mean);

/* ---- queue: the earliest first, equal times in the order they were put in ---- */

struct world_queue_item {
    int64_t at;
    uint64_t order;
    void (*run)(void *object);
    void *object; /* weak */
};
struct world_queue {
    struct world_queue_item *items; /* owned */
    size_t count, capacity;
    uint64_t order;
};
/* False: no memory. */
bool queue_put(struct world_queue *queue, int64_t at, void (*run)(void *object), void *object);
/* NULL: empty. */
const struct world_queue_item *queue_first(const struct world_queue *queue);
struct world_queue_item queue_take(struct world_queue *queue);

/* ---- pool: pids, ports and pointers that are given out again ---- */

struct world_pool_item {
    uint64_t value;
    int64_t free_at;
};
/* The longest unused one is the next, once its time has come; else a new one. */
struct world_pool {
    struct world_pool_item *ring; /* owned */
    size_t first, count, capacity;
    uint64_t next, step; /* of new ones */
};
uint64_t pool_take(struct world_pool *pool, int64_t now);
/* It is not used again before `free_at`. False: no memory. */
bool pool_give(struct world_pool *pool, uint64_t value, int64_t free_at);

/* ---- addresses ---- */

struct world_address {
    uint8_t size; /* 4 or 16 */
    uint8_t bytes[16];
    uint16_t port;
};
struct world_address address_ipv4(unsigned a, unsigned b, unsigned c, unsigned d);
/* 2001:db8:0:GROUP::HOST */
struct world_address address_ipv6(unsigned group, unsigned host);
/* All zeros of the same family. */
struct world_address address_any(const struct world_address *like, uint16_t port);
bool address_is_any(const struct world_address *address);
struct world_address address_with_port(const struct world_address *address, uint16_t port);

#endif
