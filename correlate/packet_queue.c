/* SPDX-License-Identifier: MIT */
#include "correlate/packet_queue.h"

#include <assert.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

/* Every place fits into an empty chunk. */
#define CHUNK_SIZE ((size_t)1 << 20)

/* Places are cut from the last chunk and given back from the first. */
struct corr_chunk {
    struct corr_chunk *next;
    size_t used;   /* of `bytes`, CHUNK_SIZE of them */
    size_t places; /* still in use */
    alignas(max_align_t) uint8_t bytes[];
};

static size_t place_size(uint32_t captured)
{
    size_t unit = alignof(max_align_t);
    return (sizeof(struct corr_held) + captured + unit - 1) / unit * unit;
}

static struct corr_chunk *new_chunk(struct corr_queue *queue)
{
    struct corr_chunk *chunk = queue->spare ? queue->spare : malloc(sizeof(*chunk) + CHUNK_SIZE);
    if (!chunk) {
        return NULL;
    }
    queue->spare = NULL;
    chunk->next = NULL;
    chunk->used = 0;
    chunk->places = 0;
    *(queue->last_chunk ? &queue->last_chunk->next : &queue->first_chunk) = chunk;
    queue->last_chunk = chunk;
    return chunk;
}

static void *take_place(struct corr_queue *queue, size_t needed)
{
    struct corr_chunk *chunk = queue->last_chunk;
    if (!chunk || CHUNK_SIZE - chunk->used < needed) {
        chunk = new_chunk(queue);
    }
    if (!chunk) {
        return NULL;
    }
    void *place = chunk->bytes + chunk->used;
    chunk->used += needed;
    chunk->places++;
    return place;
}

struct corr_held *corr_queue_add(struct corr_queue *queue, const struct corr_sighting *sighting)
{
    assert(sighting->captured <= CORR_PACKET_MAXIMUM);
    size_t size = place_size(sighting->captured);
    struct corr_held *held = take_place(queue, size);
    if (!held) {
        return NULL;
    }
    *held = (struct corr_held){.sighting = *sighting};
    uint8_t *data = (uint8_t *)held + sizeof(*held);
    if (sighting->captured > 0) {
        memcpy(data, sighting->data, sighting->captured);
    }
    held->sighting.data = data;
    if (queue->last) {
        queue->last->next = held;
    } else {
        queue->first = held;
    }
    queue->last = held;
    queue->bytes += size;
    return held;
}

static void release_chunk(struct corr_queue *queue)
{
    struct corr_chunk *chunk = queue->first_chunk;
    if (chunk == queue->last_chunk) {
        chunk->used = 0;
        return;
    }
    queue->first_chunk = chunk->next;
    free(queue->spare);
    queue->spare = chunk;
}

void corr_queue_release(struct corr_queue *queue)
{
    struct corr_held *held = queue->first;
    queue->first = held->next;
    if (!queue->first) {
        queue->last = NULL;
    }
    size_t data_size = held->buffer ? 0 : held->sighting.captured;
    queue->bytes -= place_size((uint32_t)data_size) + held->buffer_size;
    free(held->buffer);
    struct corr_chunk *chunk = queue->first_chunk;
    if (--chunk->places == 0) {
        release_chunk(queue);
    }
}

void corr_queue_done(struct corr_queue *queue)
{
    while (queue->first) {
        corr_queue_release(queue);
    }
    free(queue->first_chunk);
    free(queue->spare);
    *queue = (struct corr_queue){0};
}
