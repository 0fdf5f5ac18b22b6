/* SPDX-License-Identifier: MIT */
/*
 * adapter_tables.h - the three tables behind adapters.h: rows are appended while
 * learning, found by key through an index, and sorted when that is asked for.
 */
#ifndef CORRELATE_ADAPTER_TABLES_H
#define CORRELATE_ADAPTER_TABLES_H

#include "correlate/adapters.h"
#include "etw/base/hash_index.h"

struct corr_tables {
    struct corr_adapter *adapters; /* owned */
    size_t adapter_count, adapter_capacity;
    struct corr_component *components; /* owned */
    size_t component_count, component_capacity;
    struct corr_point *points; /* owned */
    size_t point_count, point_capacity;
    struct hash_index adapter_index, component_index, point_index;
    size_t last_point; /* sightings come in bursts at one point */
    bool is_sorted;
    uint64_t ignored; /* rows beyond CORR_TABLE_MAXIMUM */
};

void corr_tables_done(struct corr_tables *tables);

static inline uint64_t corr_point_key(uint16_t component, uint16_t edge, uint16_t direction_tag)
{
    return (uint64_t)component << 32 | (uint64_t)edge << 16 | direction_tag;
}

/* NULL: there is no such row. */
struct corr_adapter *corr_tables_find_adapter(const struct corr_tables *tables, uint32_t index);
struct corr_component *corr_tables_find_component(const struct corr_tables *tables, uint16_t id);

/* Make the row when there is none. `*out` is NULL when the table is full, which
 * is counted and no error. Rows move when others are made. */
enum etw_status corr_tables_get_adapter(struct corr_tables *tables, uint32_t index,
                                        struct corr_adapter **out, struct etw_error *error);
enum etw_status corr_tables_get_component(struct corr_tables *tables, uint16_t id,
                                          struct corr_component **out, struct etw_error *error);
enum etw_status corr_tables_get_point(struct corr_tables *tables, uint64_t key,
                                      struct corr_point **out, struct etw_error *error);

/* An empty name replaces nothing: rundowns repeat rows with and without names. */
enum etw_status corr_tables_set_name(const char **name, struct bytes utf16,
                                     struct etw_error *error);

/* Brings all rows into the order of their keys. */
void corr_tables_sort(struct corr_tables *tables);

#endif
