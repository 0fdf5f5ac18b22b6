/* SPDX-License-Identifier: MIT */
#include "etw/container/time_order.h"

#include <stdlib.h>
#include <string.h>

#include "etw/base/array.h"
#include "etw/container/buffer_image.h"
#include "etw/container/read_ahead.h"
#include "etw/container/record_kinds.h"
#include "etw/container/record_walk.h"

/* Bytes that are read ahead at most, and the smallest piece of a buffer that is
 * held when not all open buffers fit into memory. */
#define AHEAD_BYTES   (8u << 20)
#define PIECE_MINIMUM WALK_LOOKAHEAD

/* Where a record of a disordered buffer stands, for sorting. */
struct record_place {
    int64_t ticks;
    uint32_t position;
};

/* A buffer whose records are being merged. */
struct open_buffer {
    const struct buffer_row *row;
    struct buffer_image image;
    struct record_walk walk;
    struct etw_record record;    /* the next one to deliver */
    struct record_place *sorted; /* owned; NULL: the records are in order */
    size_t sorted_count, sorted_next;
    bool is_parking; /* gives its memory back while it waits in the heap */
    struct open_buffer *next_free;
};

struct heap_entry {
    int64_t ticks;
    uint64_t offset;
    struct open_buffer *buffer;
};

struct time_order {
    const struct byte_source *sources;
    const struct buffer_index *index;
    struct buffer_loader ahead_loader; /* the reading thread's */
    struct buffer_loader piece_loader; /* for pieces, in the caller's thread */
    struct read_ahead *ahead;
    size_t produced;            /* rows the reader has been through */
    size_t opened;              /* rows that were opened */
    uint64_t piece_share_bytes; /* memory for open buffers; 0: they all fit whole */
    bool is_crowded;            /* not even the smallest pieces fit */
    struct heap_entry *heap;    /* owned; the open buffers but the current one */
    size_t heap_count, heap_capacity;
    struct open_buffer *current; /* its record was delivered last */
    struct open_buffer *free_list;
};

static const struct byte_source *source_of(const struct time_order *order,
                                           const struct buffer_row *row)
{
    unsigned file = etw_place_file(row->offset);
    return &order->sources[file > 0 ? file - 1 : 0];
}

static enum etw_status produce(void *context, struct buffer_image *image, struct etw_error *error)
{
    struct time_order *order = context;
    if (order->produced == order->index->count) {
        return ETW_END;
    }
    const struct buffer_row *row = &order->index->rows[order->produced++];
    image->place = (struct buffer_place){.offset = etw_place_offset(row->offset),
                                         .size = row->size,
                                         .is_size_uncertain = row->is_size_uncertain};
    order->ahead_loader.source = source_of(order, row);
    return buffer_image_load(&order->ahead_loader, image, error);
}

static unsigned ahead_depth(uint32_t largest_fill)
{
    uint32_t depth = AHEAD_BYTES / (largest_fill + 1);
    return depth < 2 ? 2 : depth > READ_AHEAD_MAXIMUM ? READ_AHEAD_MAXIMUM : depth;
}

enum etw_status time_order_new(const struct byte_source *sources, const struct buffer_index *index,
                               const struct time_order_options *options, struct time_order **out,
                               struct etw_error *error)
{
    struct time_order *order = calloc(1, sizeof(*order));
    if (!order) {
        return etw_fail_memory(error, "the time order");
    }
    order->sources = sources;
    order->index = index;
    if (index->overlap_bytes > options->memory) {
        order->piece_share_bytes = options->memory;
        uint32_t smallest =
            index->largest_fill < PIECE_MINIMUM ? index->largest_fill : PIECE_MINIMUM;
        order->is_crowded = (uint64_t)index->overlap * smallest > options->memory;
    }
    enum etw_status status = read_ahead_start(produce, order, ahead_depth(index->largest_fill),
                                              options->use_thread, &order->ahead, error);
    if (status) {
        time_order_free(order);
        return status;
    }
    *out = order;
    return ETW_OK;
}

/* ---- one open buffer ---- */

/* How many bytes of this buffer are held at once. */
static uint32_t piece_size(const struct time_order *order, const struct open_buffer *buffer)
{
    double share = (double)order->piece_share_bytes / (double)order->index->overlap_bytes;
    uint32_t size = (uint32_t)(share * (double)buffer->walk.fill);
    return size < PIECE_MINIMUM ? PIECE_MINIMUM : size & ~(RECORD_ALIGNMENT - 1);
}

/* Keeps only the piece of a whole image that begins at the walk's position. */
static enum etw_status keep_piece(const struct time_order *order, struct open_buffer *buffer,
                                  struct etw_error *error)
{
    uint32_t begin = buffer->walk.position;
    uint32_t fill = buffer->image.fill;
    uint32_t left = begin < fill ? fill - begin : 0;
    uint32_t size = piece_size(order, buffer);
    size = size < left ? size : left;
    uint8_t *piece = malloc(size + 1u);
    if (!piece) {
        return etw_fail_memory(error, "a piece of a buffer");
    }
    memcpy(piece, buffer->image.data + begin, size);
    free(buffer->image.data);
    buffer->image.data = piece;
    buffer->image.capacity = size + 1u;
    buffer->walk.data = piece;
    buffer->walk.base = begin;
    buffer->walk.end = begin + size;
    return ETW_OK;
}

static enum etw_status load_again(struct time_order *order, struct open_buffer *buffer,
                                  struct etw_error *error)
{
    order->piece_loader.source = source_of(order, buffer->row);
    return buffer_image_load(&order->piece_loader, &buffer->image, error);
}

static enum etw_status load_next_piece(struct time_order *order, struct open_buffer *buffer,
                                       struct etw_error *error)
{
    enum etw_status status = load_again(order, buffer, error);
    if (status) {
        return status;
    }
    if (buffer->image.fill < buffer->walk.fill) {
        buffer->walk.fill = buffer->image.fill; /* the file became shorter meanwhile */
    }
    return keep_piece(order, buffer, error);
}

static enum etw_status step(struct time_order *order, struct open_buffer *buffer,
                            struct etw_error *error)
{
    if (buffer->sorted) {
        if (buffer->sorted_next >= buffer->sorted_count) {
            return ETW_END;
        }
        const struct record_place *place = &buffer->sorted[buffer->sorted_next++];
        buffer->walk.position = place->position;
        buffer->walk.ticks = place->ticks;
    }
    for (;;) {
        switch (record_walk_next(&buffer->walk, &buffer->record)) {
        case WALK_RECORD:
            return ETW_OK;
        case WALK_END:
            return ETW_END;
        case WALK_MORE:
            break;
        }
        enum etw_status status = load_next_piece(order, buffer, error);
        if (status) {
            return status;
        }
    }
}

static int compare_places(const void *a, const void *b)
{
    const struct record_place *left = a;
    const struct record_place *right = b;
    if (left->ticks != right->ticks) {
        return left->ticks < right->ticks ? -1 : 1;
    }
    return left->position < right->position ? -1 : left->position > right->position;
}

/* Notes all records of a disordered buffer and sorts them by time. */
static enum etw_status sort_records(struct open_buffer *buffer, struct etw_error *error)
{
    size_t capacity = 0;
    void *places = NULL;
    buffer->sorted_count = 0;
    buffer->sorted_next = 0;
    struct record_walk walk = buffer->walk;
    while (record_walk_next(&walk, &buffer->record) == WALK_RECORD) {
        if (!array_grow(&places, &capacity, buffer->sorted_count + 1, sizeof(*buffer->sorted))) {
            return etw_fail_memory(error, "sorting a buffer");
        }
        buffer->sorted = places;
        uint64_t position = buffer->record.offset - walk.buffer_offset;
        buffer->sorted[buffer->sorted_count++] =
            (struct record_place){.ticks = buffer->record.ticks, .position = (uint32_t)position};
    }
    if (buffer->sorted) {
        qsort(buffer->sorted, buffer->sorted_count, sizeof(*buffer->sorted), compare_places);
    }
    return ETW_OK;
}

/* Makes the buffer's next record the one at `position`. */
static enum etw_status prepare(struct time_order *order, struct open_buffer *buffer,
                               uint32_t position, int64_t ticks, struct etw_error *error)
{
    bool is_disordered = buffer->row->is_disordered;
    buffer->walk = (struct record_walk){.data = buffer->image.data,
                                        .end = buffer->image.fill,
                                        .fill = buffer->image.fill,
                                        .position = is_disordered ? BUFFER_HEADER_SIZE : position,
                                        .cpu = buffer->image.cpu,
                                        .ticks = is_disordered ? buffer->row->first_ticks : ticks,
                                        .buffer_offset = buffer->row->offset};
    bool is_large = order->piece_share_bytes > 0 && buffer->walk.fill > PIECE_MINIMUM;
    /* A large buffer to be sorted is needed whole, so that it cannot stay. */
    buffer->is_parking = order->is_crowded || (is_large && is_disordered);
    if (is_disordered) {
        return sort_records(buffer, error);
    }
    return is_large ? keep_piece(order, buffer, error) : ETW_OK;
}

static void park(struct open_buffer *buffer)
{
    free(buffer->image.data);
    free(buffer->sorted);
    buffer->image.data = NULL;
    buffer->image.capacity = 0;
    buffer->sorted = NULL;
}

/* Reads a parked buffer and its next record again. */
static enum etw_status unpark(struct time_order *order, struct open_buffer *buffer,
                              struct etw_error *error)
{
    uint32_t position = (uint32_t)(buffer->record.offset - buffer->row->offset);
    int64_t ticks = buffer->record.ticks;
    size_t sorted_next = buffer->sorted_next;
    enum etw_status status = load_again(order, buffer, error);
    if (status == ETW_OK) {
        status = prepare(order, buffer, position, ticks, error);
    }
    if (status) {
        return status;
    }
    if (buffer->sorted) {
        buffer->sorted_next = sorted_next - 1;
    }
    return step(order, buffer, error);
}

/* ---- the heap of open buffers, the earliest record on top ---- */

static bool is_before(int64_t ticks, uint64_t offset, const struct heap_entry *entry)
{
    return ticks != entry->ticks ? ticks < entry->ticks : offset < entry->offset;
}

static enum etw_status push(struct time_order *order, struct open_buffer *buffer,
                            struct etw_error *error)
{
    void *heap = order->heap;
    if (!array_grow(&heap, &order->heap_capacity, order->heap_count + 1, sizeof(*order->heap))) {
        return etw_fail_memory(error, "the time order");
    }
    order->heap = heap;
    struct heap_entry entry = {
        .ticks = buffer->record.ticks, .offset = buffer->row->offset, .buffer = buffer};
    size_t at = order->heap_count++;
    while (at > 0 && is_before(entry.ticks, entry.offset, &order->heap[(at - 1) / 2])) {
        order->heap[at] = order->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    order->heap[at] = entry;
    if (buffer->is_parking) {
        park(buffer);
    }
    return ETW_OK;
}

static struct open_buffer *pop(struct time_order *order)
{
    struct heap_entry *heap = order->heap;
    struct open_buffer *top = heap[0].buffer;
    struct heap_entry last = heap[--order->heap_count];
    size_t count = order->heap_count;
    size_t at = 0;
    for (size_t child = 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count &&
            is_before(heap[child + 1].ticks, heap[child + 1].offset, &heap[child])) {
            child++;
        }
        if (!is_before(heap[child].ticks, heap[child].offset, &last)) {
            break;
        }
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = last;
    return top;
}

/* ---- opening and closing ---- */

static void close_buffer(struct time_order *order, struct open_buffer *buffer)
{
    if (buffer->is_parking) {
        park(buffer);
    }
    free(buffer->sorted);
    buffer->sorted = NULL;
    buffer->next_free = order->free_list;
    order->free_list = buffer;
}

static struct open_buffer *take_free(struct time_order *order)
{
    struct open_buffer *buffer = order->free_list;
    if (buffer) {
        order->free_list = buffer->next_free;
        return buffer;
    }
    return calloc(1, sizeof(*buffer));
}

/* Opens the next row of the index and puts it on the heap. */
static enum etw_status open_next(struct time_order *order, struct etw_error *error)
{
    struct open_buffer *buffer = take_free(order);
    if (!buffer) {
        return etw_fail_memory(error, "an open buffer");
    }
    buffer->row = &order->index->rows[order->opened++];
    enum etw_status status = read_ahead_take(order->ahead, &buffer->image, error);
    if (status == ETW_OK) {
        status = prepare(order, buffer, BUFFER_HEADER_SIZE, buffer->row->first_ticks, error);
    }
    if (status == ETW_OK) {
        status = step(order, buffer, error);
    }
    if (status == ETW_OK) {
        status = push(order, buffer, error);
    }
    if (status == ETW_OK) {
        return ETW_OK;
    }
    close_buffer(order, buffer);
    return status == ETW_END ? ETW_OK : status; /* no records any more: the file changed */
}

/* Whether the row that would be opened next begins before everything open. */
static bool must_open(const struct time_order *order)
{
    if (order->opened == order->index->count) {
        return false;
    }
    const struct buffer_row *row = &order->index->rows[order->opened];
    return order->heap_count == 0 || is_before(row->first_ticks, row->offset, &order->heap[0]);
}

/* Whether the current buffer's next record comes before all other buffers'. */
static bool stays_first(const struct time_order *order)
{
    const struct open_buffer *current = order->current;
    int64_t ticks = current->record.ticks;
    uint64_t offset = current->row->offset;
    if (order->heap_count > 0 && !is_before(ticks, offset, &order->heap[0])) {
        return false;
    }
    if (order->opened == order->index->count) {
        return true;
    }
    const struct buffer_row *row = &order->index->rows[order->opened];
    struct heap_entry next = {.ticks = row->first_ticks, .offset = row->offset};
    return is_before(ticks, offset, &next);
}

/* Moves the buffer that delivered last on; afterwards it is current, in the heap
 * or closed. */
static enum etw_status advance_current(struct time_order *order, struct etw_error *error)
{
    struct open_buffer *current = order->current;
    enum etw_status status = step(order, current, error);
    if (status == ETW_OK && stays_first(order)) {
        return ETW_OK;
    }
    order->current = NULL;
    if (status == ETW_OK) {
        status = push(order, current, error);
    }
    if (status == ETW_OK) {
        return ETW_OK;
    }
    close_buffer(order, current);
    return status == ETW_END ? ETW_OK : status;
}

/* Makes the buffer with the earliest record current; one whose records are gone
 * because the file changed is closed. */
static enum etw_status resume_earliest(struct time_order *order, struct etw_error *error)
{
    struct open_buffer *buffer = pop(order);
    enum etw_status status = buffer->is_parking ? unpark(order, buffer, error) : ETW_OK;
    if (status == ETW_OK) {
        order->current = buffer;
        return ETW_OK;
    }
    close_buffer(order, buffer);
    return status == ETW_END ? ETW_OK : status;
}

enum etw_status time_order_next(struct time_order *order, struct etw_record **record,
                                struct etw_error *error)
{
    enum etw_status status = order->current ? advance_current(order, error) : ETW_OK;
    while (status == ETW_OK && !order->current) {
        if (must_open(order)) {
            status = open_next(order, error);
        } else if (order->heap_count > 0) {
            status = resume_earliest(order, error);
        } else {
            status = ETW_END;
        }
    }
    if (status == ETW_OK) {
        *record = &order->current->record;
    }
    return status;
}

double time_order_share(const struct time_order *order)
{
    size_t count = order->index->count;
    return count > 0 ? (double)order->opened / (double)count : 1.0;
}

static void free_buffer(struct open_buffer *buffer)
{
    buffer_image_done(&buffer->image);
    free(buffer->sorted);
    free(buffer);
}

void time_order_free(struct time_order *order)
{
    if (!order) {
        return;
    }
    read_ahead_stop(order->ahead);
    if (order->current) {
        free_buffer(order->current);
    }
    for (size_t i = 0; i < order->heap_count; i++) {
        free_buffer(order->heap[i].buffer);
    }
    while (order->free_list) {
        struct open_buffer *buffer = order->free_list;
        order->free_list = buffer->next_free;
        free_buffer(buffer);
    }
    free(order->heap);
    buffer_loader_done(&order->ahead_loader);
    buffer_loader_done(&order->piece_loader);
    free(order);
}
