/* SPDX-License-Identifier: MIT */
#include "correlate/capture_filters.h"

#include <stdlib.h>
#include <string.h>

#define PARTS 4

/* The borrowed parts of a filter. */
static void list_parts(struct etw_capture_filter *filter, struct bytes *parts[PARTS])
{
    parts[0] = &filter->name;
    parts[1] = &filter->macs[0];
    parts[2] = &filter->macs[1];
    parts[3] = &filter->value;
}

static bool is_equal_part(const struct bytes *a, const struct bytes *b)
{
    size_t size = b->size < CORR_FILTER_BYTES ? b->size : CORR_FILTER_BYTES;
    return a->size == size && (size == 0 || memcmp(a->data, b->data, size) == 0);
}

static bool is_equal_address(const struct etw_socket_address *a, const struct etw_socket_address *b)
{
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

/* `row` is kept, `filter` may be longer than what is kept of it. */
static bool is_equal(struct etw_capture_filter *row, struct etw_capture_filter *filter)
{
    struct bytes *kept[PARTS];
    struct bytes *other[PARTS];
    list_parts(row, kept);
    list_parts(filter, other);
    for (size_t i = 0; i < PARTS; i++) {
        if (!is_equal_part(kept[i], other[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < 2; i++) {
        if (!is_equal_address(&row->addresses[i], &filter->addresses[i]) ||
            row->ports[i] != filter->ports[i]) {
            return false;
        }
    }
    return row->capture == filter->capture && row->id == filter->id &&
           row->ether_type == filter->ether_type && row->vlan == filter->vlan &&
           row->protocol == filter->protocol && row->tcp_flags == filter->tcp_flags &&
           row->rule == filter->rule && row->directive == filter->directive &&
           row->is_rejected == filter->is_rejected;
}

static bool is_known(struct corr_capture_filters *filters, struct etw_capture_filter *filter)
{
    for (size_t i = 0; i < filters->count; i++) {
        if (is_equal(&filters->rows[i], filter)) {
            return true;
        }
    }
    return false;
}

enum etw_status corr_capture_filters_learn(struct corr_capture_filters *filters,
                                           const struct etw_event *event, struct etw_error *error)
{
    if (event->kind != ETW_EVENT_CAPTURE_FILTER || event->is_incomplete) {
        return ETW_OK;
    }
    struct etw_capture_filter filter = event->u.filter;
    if (is_known(filters, &filter)) {
        return ETW_OK;
    }
    filters->total++;
    if (filters->count == CORR_FILTERS_MAXIMUM) {
        return ETW_OK;
    }
    uint8_t *memory = malloc((size_t)PARTS * CORR_FILTER_BYTES);
    if (!memory) {
        return etw_fail_memory(error, "the capture filters");
    }
    struct bytes *parts[PARTS];
    list_parts(&filter, parts);
    for (size_t i = 0; i < PARTS; i++) {
        uint8_t *to = memory + i * CORR_FILTER_BYTES;
        size_t size = parts[i]->size < CORR_FILTER_BYTES ? parts[i]->size : CORR_FILTER_BYTES;
        if (size > 0) {
            memcpy(to, parts[i]->data, size);
        }
        *parts[i] = bytes_of(to, size);
    }
    filters->memory[filters->count] = memory;
    filters->rows[filters->count++] = filter;
    return ETW_OK;
}

void corr_capture_filters_done(struct corr_capture_filters *filters)
{
    for (size_t i = 0; i < filters->count; i++) {
        free(filters->memory[i]);
    }
    filters->count = 0;
}

size_t corr_capture_filters_count(const struct corr_capture_filters *filters,
                                  enum etw_capture capture)
{
    size_t count = 0;
    for (size_t i = 0; i < filters->count; i++) {
        count += filters->rows[i].capture == capture && filters->rows[i].is_selective;
    }
    return count;
}
