/* SPDX-License-Identifier: MIT */
#include "etw/container/buffer_index.h"

#include <stdlib.h>

#include "etw/base/array.h"

enum etw_status buffer_index_add(struct buffer_index *index, const struct buffer_row *row,
                                 struct etw_error *error)
{
    void *rows = index->rows;
    if (!array_grow(&rows, &index->capacity, index->count + 1, sizeof(*index->rows))) {
        return etw_fail_memory(error, "the index of buffers");
    }
    index->rows = rows;
    index->rows[index->count++] = *row;
    if (row->fill > index->largest_fill) {
        index->largest_fill = row->fill;
    }
    return ETW_OK;
}

static int compare_rows(const void *a, const void *b)
{
    const struct buffer_row *left = a;
    const struct buffer_row *right = b;
    if (left->first_ticks != right->first_ticks) {
        return left->first_ticks < right->first_ticks ? -1 : 1;
    }
    return left->offset < right->offset ? -1 : left->offset > right->offset;
}

/* A heap of open buffers, the one that ends first on top. */
struct open_heap {
    uint32_t *rows; /* owned; row numbers */
    size_t count, capacity;
    const struct buffer_row *table;
};

static int64_t last_of(const struct open_heap *heap, size_t at)
{
    return heap->table[heap->rows[at]].last_ticks;
}

static void sift_up(struct open_heap *heap, size_t at)
{
    while (at > 0 && last_of(heap, at) < last_of(heap, (at - 1) / 2)) {
        uint32_t row = heap->rows[at];
        heap->rows[at] = heap->rows[(at - 1) / 2];
        heap->rows[(at - 1) / 2] = row;
        at = (at - 1) / 2;
    }
}

static void pop(struct open_heap *heap)
{
    heap->rows[0] = heap->rows[--heap->count];
    size_t at = 0;
    for (;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < heap->count; child++) {
            least = last_of(heap, child) < last_of(heap, least) ? child : least;
        }
        if (least == at) {
            return;
        }
        uint32_t row = heap->rows[at];
        heap->rows[at] = heap->rows[least];
        heap->rows[least] = row;
        at = least;
    }
}

/* Opens the buffers in order of their first times, closes those that end before. */
static bool measure_overlap(struct buffer_index *index, struct open_heap *heap)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < index->count; i++) {
        const struct buffer_row *row = &index->rows[i];
        while (heap->count > 0 && last_of(heap, 0) < row->first_ticks) {
            bytes -= index->rows[heap->rows[0]].fill;
            pop(heap);
        }
        void *rows = heap->rows;
        if (!array_grow(&rows, &heap->capacity, heap->count + 1, sizeof(*heap->rows))) {
            return false;
        }
        heap->rows = rows;
        heap->rows[heap->count] = (uint32_t)i;
        sift_up(heap, heap->count++);
        bytes += row->fill;
        index->overlap = heap->count > index->overlap ? (uint32_t)heap->count : index->overlap;
        index->overlap_bytes = bytes > index->overlap_bytes ? bytes : index->overlap_bytes;
    }
    return true;
}

enum etw_status buffer_index_finish(struct buffer_index *index, struct etw_error *error)
{
    if (index->count > UINT32_MAX) {
        return etw_fail(error, ETW_ERR_LIMIT, ETW_NO_OFFSET,
                        "the trace has more than 4 billion buffers");
    }
    if (index->count > 0) {
        qsort(index->rows, index->count, sizeof(*index->rows), compare_rows);
    }
    struct open_heap heap = {.table = index->rows};
    bool is_measured = measure_overlap(index, &heap);
    free(heap.rows);
    return is_measured ? ETW_OK : etw_fail_memory(error, "the index of buffers");
}

void buffer_index_done(struct buffer_index *index)
{
    free(index->rows);
    *index = (struct buffer_index){0};
}
