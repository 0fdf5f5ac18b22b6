/* SPDX-License-Identifier: MIT */
#include "etw/container/read_ahead.h"

#include <stdlib.h>

#include "etw/platform/platform.h"

/* A ring of images: [taken, made) are ready; the thread works on slot `made`,
 * the caller on slot `taken`, so neither touches what the other has. */
struct read_ahead {
    read_ahead_function *produce;
    void *context;
    unsigned depth;
    struct platform_thread *thread;   /* owned; NULL: no thread */
    struct platform_monitor *monitor; /* owned; guards everything below */
    struct buffer_image slots[READ_AHEAD_MAXIMUM];
    uint64_t made, taken;
    bool is_stopping;
    enum etw_status status; /* ETW_OK until the thread has ended */
    struct etw_error error;
};

/* Waits for a free slot; NULL: stop. */
static struct buffer_image *free_slot(struct read_ahead *ahead)
{
    platform_monitor_lock(ahead->monitor);
    while (ahead->made - ahead->taken == ahead->depth && !ahead->is_stopping) {
        platform_monitor_wait(ahead->monitor);
    }
    struct buffer_image *slot =
        ahead->is_stopping ? NULL : &ahead->slots[ahead->made % ahead->depth];
    platform_monitor_unlock(ahead->monitor);
    return slot;
}

static void work(void *argument)
{
    struct read_ahead *ahead = argument;
    enum etw_status status = ETW_OK;
    while (status == ETW_OK) {
        struct buffer_image *slot = free_slot(ahead);
        struct etw_error error = {.status = ETW_OK};
        status = slot ? ahead->produce(ahead->context, slot, &error) : ETW_END;
        platform_monitor_lock(ahead->monitor);
        ahead->made += status == ETW_OK;
        ahead->status = status;
        ahead->error = error;
        platform_monitor_wake(ahead->monitor);
        platform_monitor_unlock(ahead->monitor);
    }
}

enum etw_status read_ahead_start(read_ahead_function *produce, void *context, unsigned depth,
                                 bool use_thread, struct read_ahead **out, struct etw_error *error)
{
    struct read_ahead *ahead = calloc(1, sizeof(*ahead));
    if (!ahead) {
        return etw_fail_memory(error, "reading ahead");
    }
    ahead->produce = produce;
    ahead->context = context;
    ahead->depth = depth < 1 ? 1 : depth > READ_AHEAD_MAXIMUM ? READ_AHEAD_MAXIMUM : depth;
    if (use_thread) {
        ahead->monitor = platform_monitor_new();
        if (ahead->monitor && !platform_thread_start(work, ahead, &ahead->thread)) {
            ahead->thread = NULL; /* goes on without one */
        }
    }
    *out = ahead;
    return ETW_OK;
}

enum etw_status read_ahead_take(struct read_ahead *ahead, struct buffer_image *image,
                                struct etw_error *error)
{
    if (!ahead->thread) {
        return ahead->produce(ahead->context, image, error);
    }
    platform_monitor_lock(ahead->monitor);
    while (ahead->made == ahead->taken && ahead->status == ETW_OK) {
        platform_monitor_wait(ahead->monitor);
    }
    enum etw_status status = ETW_OK;
    if (ahead->made == ahead->taken) {
        status = ahead->status;
        if (error) {
            *error = ahead->error;
        }
    } else {
        struct buffer_image *slot = &ahead->slots[ahead->taken % ahead->depth];
        struct buffer_image ready = *slot;
        *slot = *image;
        *image = ready;
        ahead->taken++;
        platform_monitor_wake(ahead->monitor);
    }
    platform_monitor_unlock(ahead->monitor);
    return status;
}

void read_ahead_stop(struct read_ahead *ahead)
{
    if (!ahead) {
        return;
    }
    if (ahead->thread) {
        platform_monitor_lock(ahead->monitor);
        ahead->is_stopping = true;
        platform_monitor_wake(ahead->monitor);
        platform_monitor_unlock(ahead->monitor);
        platform_thread_join(ahead->thread);
    }
    platform_monitor_free(ahead->monitor);
    for (unsigned i = 0; i < READ_AHEAD_MAXIMUM; i++) {
        buffer_image_done(&ahead->slots[i]);
    }
    free(ahead);
}
