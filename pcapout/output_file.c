/* SPDX-License-Identifier: MIT */
#include "pcapout/output_file.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "etw/platform/platform.h"
#include "pcapout/gzip_stream.h"

#define BLOCK_SIZE ((size_t)OUT_RESERVE_MAXIMUM)
/* Blocks handed to the writing thread and not yet written, at most. */
#define IN_FLIGHT_MAXIMUM 4
/* First size of a memory sink; it doubles. */
#define MEMORY_START ((size_t)4096)

struct block {
    uint8_t *data;
    size_t size;
};

/* Shared with the writing thread; everything in it only under the monitor. */
struct queue {
    struct block waiting[IN_FLIGHT_MAXIMUM]; /* ring; the first may be being written */
    size_t first, count;
    uint8_t *spare[IN_FLIGHT_MAXIMUM + 1]; /* written and free to be filled again */
    size_t spare_count;
    bool is_ending;
    struct etw_error error; /* status 0: none so far */
};

struct state;

/* What differs between the kinds of output. */
struct sink {
    /* Room for `size` bytes behind at; false: state->error says why. */
    bool (*make_room)(struct state *state, size_t size);
    bool (*flush)(struct state *state);
};

struct state {
    struct out_file file; /* first, so that one pointer is both */
    const struct sink *sink;
    uint8_t *start;         /* owned; of the block that is being filled */
    uint64_t passed;        /* bytes of earlier blocks */
    struct etw_error error; /* status 0: none so far; stays once set */
    struct platform_output *output;
    struct gzip_stream *gzip;         /* owned; NULL: written as it is */
    struct platform_monitor *monitor; /* NULL: no thread yet */
    struct platform_thread *thread;
    bool has_no_thread; /* none could be had: written on the spot */
    struct queue queue;
};

static struct state *state_of(struct out_file *file)
{
    return (struct state *)file;
}

static size_t filled(const struct state *state)
{
    return (size_t)(state->file.at - state->start);
}

static void use_block(struct state *state, uint8_t *block, size_t size)
{
    state->start = block;
    state->file.at = block;
    state->file.end = block ? block + size : block;
}

/* From here on nothing can be reserved any more. */
static bool give_up(struct state *state)
{
    state->file.end = state->file.at;
    return false;
}

static enum etw_status put_out(struct state *state, const uint8_t *data, size_t size,
                               struct etw_error *error)
{
    return state->gzip ? gzip_stream_write(state->gzip, state->output, data, size, error)
                       : platform_output_write(state->output, data, size, error);
}

/* ---- the writing thread ---- */

static void write_blocks(void *argument)
{
    struct state *state = argument;
    struct queue *queue = &state->queue;
    platform_monitor_lock(state->monitor);
    for (;;) {
        while (queue->count == 0 && !queue->is_ending) {
            platform_monitor_wait(state->monitor);
        }
        if (queue->count == 0) {
            break;
        }
        struct block block = queue->waiting[queue->first];
        bool is_wanted = queue->error.status == ETW_OK;
        platform_monitor_unlock(state->monitor);
        struct etw_error error = {.status = ETW_OK};
        if (is_wanted) {
            (void)put_out(state, block.data, block.size, &error);
        }
        platform_monitor_lock(state->monitor);
        if (error.status) {
            queue->error = error;
        }
        queue->first = (queue->first + 1) % IN_FLIGHT_MAXIMUM;
        queue->count--;
        queue->spare[queue->spare_count++] = block.data;
        platform_monitor_wake(state->monitor);
    }
    platform_monitor_unlock(state->monitor);
}

static void start_thread(struct state *state)
{
    if (state->thread || state->has_no_thread) {
        return;
    }
    state->monitor = platform_monitor_new();
    state->has_no_thread =
        !state->monitor || !platform_thread_start(write_blocks, state, &state->thread);
}

static void end_thread(struct state *state)
{
    if (state->thread) {
        platform_monitor_lock(state->monitor);
        state->queue.is_ending = true;
        platform_monitor_wake(state->monitor);
        platform_monitor_unlock(state->monitor);
        platform_thread_join(state->thread);
        state->thread = NULL;
        if (!state->error.status) {
            state->error = state->queue.error;
        }
    }
    platform_monitor_free(state->monitor);
    state->monitor = NULL;
}

/* Gives the filled block to the thread; waits while too many are in flight.
 * Returns a block that was written, or NULL: a new one is needed. */
static uint8_t *hand_over(struct state *state)
{
    struct queue *queue = &state->queue;
    uint8_t *spare = NULL;
    platform_monitor_lock(state->monitor);
    while (queue->count == IN_FLIGHT_MAXIMUM) {
        platform_monitor_wait(state->monitor);
    }
    size_t last = (queue->first + queue->count) % IN_FLIGHT_MAXIMUM;
    queue->waiting[last] = (struct block){.data = state->start, .size = filled(state)};
    queue->count++;
    if (queue->spare_count > 0) {
        spare = queue->spare[--queue->spare_count];
    }
    state->error = queue->error;
    platform_monitor_wake(state->monitor);
    platform_monitor_unlock(state->monitor);
    return spare;
}

/* ---- a file or pipe ---- */

static bool write_here(struct state *state)
{
    size_t size = filled(state);
    if (size > 0) {
        (void)put_out(state, state->start, size, &state->error);
    }
    state->passed += size;
    state->file.at = state->start;
    return state->error.status == ETW_OK || give_up(state);
}

static bool file_make_room(struct state *state, size_t size)
{
    (void)size; /* a whole block is always enough */
    start_thread(state);
    if (!state->thread) {
        return write_here(state);
    }
    size_t passed = filled(state);
    uint8_t *next = hand_over(state);
    state->passed += passed;
    if (!next) {
        next = malloc(BLOCK_SIZE);
    }
    use_block(state, next, BLOCK_SIZE);
    if (!next && !state->error.status) {
        (void)etw_fail_memory(&state->error, "a block of the output");
    }
    return state->error.status == ETW_OK || give_up(state);
}

static bool file_flush(struct state *state)
{
    if (!state->thread) {
        return write_here(state);
    }
    if (filled(state) > 0 && !file_make_room(state, 0)) {
        return false;
    }
    platform_monitor_lock(state->monitor);
    while (state->queue.count > 0) {
        platform_monitor_wait(state->monitor);
    }
    state->error = state->queue.error;
    platform_monitor_unlock(state->monitor);
    return state->error.status == ETW_OK || give_up(state);
}

static const struct sink file_sink = {.make_room = file_make_room, .flush = file_flush};

/* ---- memory, and nothing ---- */

static bool memory_make_room(struct state *state, size_t size)
{
    size_t used = filled(state);
    size_t capacity = (size_t)(state->file.end - state->start);
    while (capacity - used < size) {
        capacity *= 2;
    }
    uint8_t *grown = realloc(state->start, capacity);
    if (!grown) {
        (void)etw_fail_memory(&state->error, "the output");
        return give_up(state);
    }
    use_block(state, grown, capacity);
    state->file.at += used;
    return true;
}

static bool null_make_room(struct state *state, size_t size)
{
    (void)size;
    state->passed += filled(state);
    state->file.at = state->start;
    return true;
}

static bool keep(struct state *state)
{
    (void)state;
    return true;
}

static const struct sink memory_sink = {.make_room = memory_make_room, .flush = keep};
static const struct sink null_sink = {.make_room = null_make_room, .flush = keep};

/* ---- the interface ---- */

static enum etw_status new_state(const struct sink *sink, size_t block_size, struct state **out,
                                 struct etw_error *error)
{
    struct state *state = calloc(1, sizeof(*state));
    uint8_t *block = malloc(block_size);
    if (!state || !block) {
        free(state);
        free(block);
        return etw_fail_memory(error, "the output");
    }
    state->sink = sink;
    use_block(state, block, block_size);
    *out = state;
    return ETW_OK;
}

static void free_state(struct state *state)
{
    for (size_t i = 0; i < state->queue.spare_count; i++) {
        free(state->queue.spare[i]);
    }
    gzip_stream_free(state->gzip);
    free(state->start);
    free(state);
}

enum etw_status out_file_open(const char *path, bool replace, bool is_binary, struct out_file **out,
                              struct etw_error *error)
{
    struct state *state = NULL;
    enum etw_status status = new_state(&file_sink, BLOCK_SIZE, &state, error);
    if (status) {
        return status;
    }
    status = platform_output_open(path, replace, is_binary, &state->output, error);
    if (status) {
        free_state(state);
        return status;
    }
    *out = &state->file;
    return ETW_OK;
}

enum etw_status out_file_open_gzip(const char *path, bool replace, struct out_file **out,
                                   struct etw_error *error)
{
    struct out_file *file = NULL;
    enum etw_status status = out_file_open(path, replace, true, &file, error);
    if (status) {
        return status;
    }
    status = gzip_stream_new(&state_of(file)->gzip, error);
    if (status) {
        out_file_abort(file);
        return status;
    }
    *out = file;
    return ETW_OK;
}

static enum etw_status open_simple(const struct sink *sink, size_t block_size,
                                   struct out_file **out, struct etw_error *error)
{
    struct state *state = NULL;
    enum etw_status status = new_state(sink, block_size, &state, error);
    if (!status) {
        *out = &state->file;
    }
    return status;
}

enum etw_status out_file_open_null(struct out_file **out, struct etw_error *error)
{
    return open_simple(&null_sink, BLOCK_SIZE, out, error);
}

enum etw_status out_file_open_memory(struct out_file **out, struct etw_error *error)
{
    return open_simple(&memory_sink, MEMORY_START, out, error);
}

const uint8_t *out_file_get_memory(const struct out_file *file, size_t *size)
{
    const struct state *state = (const struct state *)file;
    assert(state->sink == &memory_sink);
    *size = filled(state);
    return state->start;
}

uint8_t *out_file_make_room(struct out_file *file, size_t size)
{
    struct state *state = state_of(file);
    assert(size <= OUT_RESERVE_MAXIMUM);
    if (state->error.status) {
        return NULL;
    }
    return state->sink->make_room(state, size) ? state->file.at : NULL;
}

enum etw_status out_file_write(struct out_file *file, const void *data, size_t size,
                               struct etw_error *error)
{
    const uint8_t *from = data;
    while (size > 0) {
        size_t room = (size_t)(file->end - file->at);
        if (room == 0 && !out_file_make_room(file, 1)) {
            return out_file_status(file, error);
        }
        room = (size_t)(file->end - file->at);
        size_t part = size < room ? size : room;
        memcpy(file->at, from, part);
        file->at += part;
        from += part;
        size -= part;
    }
    return ETW_OK;
}

enum etw_status out_file_flush(struct out_file *file, struct etw_error *error)
{
    struct state *state = state_of(file);
    if (!state->error.status) {
        (void)state->sink->flush(state);
    }
    return out_file_status(file, error);
}

enum etw_status out_file_status(struct out_file *file, struct etw_error *error)
{
    const struct state *state = state_of(file);
    if (state->error.status && error) {
        *error = state->error;
    }
    return state->error.status;
}

uint64_t out_file_size(const struct out_file *file)
{
    const struct state *state = (const struct state *)file;
    return state->passed + filled(state);
}

enum etw_status out_file_commit(struct out_file *file, struct etw_error *error)
{
    enum etw_status status = out_file_flush(file, error);
    if (status) {
        out_file_abort(file);
        return status;
    }
    struct state *state = state_of(file);
    end_thread(state);
    if (state->gzip) {
        status = gzip_stream_finish(state->gzip, state->output, error);
    }
    if (status) {
        platform_output_abort(state->output);
    } else if (state->output) {
        status = platform_output_commit(state->output, error);
    }
    free_state(state);
    return status;
}

void out_file_abort(struct out_file *file)
{
    if (!file) {
        return;
    }
    struct state *state = state_of(file);
    if (state->thread) {
        /* what is still waiting need not be written */
        platform_monitor_lock(state->monitor);
        state->queue.error.status = ETW_ERR_OUTPUT;
        platform_monitor_unlock(state->monitor);
    }
    end_thread(state);
    platform_output_abort(state->output);
    free_state(state);
}
