/* SPDX-License-Identifier: MIT */
#include "correlate/adapter_tables.h"

#include <stdlib.h>
#include <string.h>

#include "etw/base/array.h"
#include "etw/base/text.h"

/* UTF-16 bytes of a name that are kept; Windows' own limit is 257 characters. */
#define NAME_MAXIMUM 1024

static const char no_name[] = "";

/* ---- keys ---- */

static uint64_t key_of_point(const struct corr_point *point)
{
    return corr_point_key(point->component, point->edge, point->direction_tag);
}

static uint64_t hash_key(uint64_t key)
{
    return hash_bytes(&key, sizeof(key));
}

/* ---- rows ---- */

struct corr_adapter *corr_tables_find_adapter(const struct corr_tables *tables, uint32_t index)
{
    uint64_t hash = hash_key(index);
    uint32_t at = 0;
    for (uint32_t row = hash_index_first(&tables->adapter_index, hash, &at); row != HASH_INDEX_NONE;
         row = hash_index_next(&tables->adapter_index, hash, &at)) {
        if (tables->adapters[row].index == index) {
            return &tables->adapters[row];
        }
    }
    return NULL;
}

struct corr_component *corr_tables_find_component(const struct corr_tables *tables, uint16_t id)
{
    uint64_t hash = hash_key(id);
    uint32_t at = 0;
    for (uint32_t row = hash_index_first(&tables->component_index, hash, &at);
         row != HASH_INDEX_NONE; row = hash_index_next(&tables->component_index, hash, &at)) {
        if (tables->components[row].id == id) {
            return &tables->components[row];
        }
    }
    return NULL;
}

static struct corr_point *find_point(struct corr_tables *tables, uint64_t key)
{
    if (tables->last_point < tables->point_count &&
        key_of_point(&tables->points[tables->last_point]) == key) {
        return &tables->points[tables->last_point];
    }
    uint64_t hash = hash_key(key);
    uint32_t at = 0;
    for (uint32_t row = hash_index_first(&tables->point_index, hash, &at); row != HASH_INDEX_NONE;
         row = hash_index_next(&tables->point_index, hash, &at)) {
        if (key_of_point(&tables->points[row]) == key) {
            tables->last_point = row;
            return &tables->points[row];
        }
    }
    return NULL;
}

/* One more row of a table and its index; false: full or no memory. */
static bool add_row(void **rows, size_t *capacity, size_t *count, size_t row_size,
                    struct hash_index *index, uint64_t hash)
{
    if (!array_grow(rows, capacity, *count + 1, row_size) ||
        !hash_index_add(index, hash, (uint32_t)*count)) {
        return false;
    }
    memset((uint8_t *)*rows + *count * row_size, 0, row_size);
    (*count)++;
    return true;
}

enum etw_status corr_tables_get_adapter(struct corr_tables *tables, uint32_t index,
                                        struct corr_adapter **out, struct etw_error *error)
{
    *out = corr_tables_find_adapter(tables, index);
    if (*out || tables->adapter_count >= CORR_TABLE_MAXIMUM) {
        tables->ignored += !*out;
        return ETW_OK;
    }
    void *rows = tables->adapters;
    bool is_added = add_row(&rows, &tables->adapter_capacity, &tables->adapter_count, sizeof(**out),
                            &tables->adapter_index, hash_key(index));
    tables->adapters = rows;
    if (!is_added) {
        return etw_fail_memory(error, "the interfaces of the trace");
    }
    *out = &tables->adapters[tables->adapter_count - 1];
    **out = (struct corr_adapter){.index = index, .alias = no_name, .description = no_name};
    tables->is_sorted = false;
    return ETW_OK;
}

enum etw_status corr_tables_get_component(struct corr_tables *tables, uint16_t id,
                                          struct corr_component **out, struct etw_error *error)
{
    *out = corr_tables_find_component(tables, id);
    if (*out) {
        return ETW_OK;
    }
    void *rows = tables->components;
    bool is_added = add_row(&rows, &tables->component_capacity, &tables->component_count,
                            sizeof(**out), &tables->component_index, hash_key(id));
    tables->components = rows;
    if (!is_added) {
        return etw_fail_memory(error, "the components of the packet monitor");
    }
    *out = &tables->components[tables->component_count - 1];
    **out = (struct corr_component){
        .id = id,
        .name = no_name,
        .description = no_name,
        .miniport_index = CORR_NO_INTERFACE,
        .interface_index = CORR_NO_INTERFACE,
        .medium = UINT32_MAX,
    };
    tables->is_sorted = false;
    return ETW_OK;
}

enum etw_status corr_tables_get_point(struct corr_tables *tables, uint64_t key,
                                      struct corr_point **out, struct etw_error *error)
{
    *out = find_point(tables, key);
    if (*out || tables->point_count >= CORR_TABLE_MAXIMUM) {
        tables->ignored += !*out;
        return ETW_OK;
    }
    void *rows = tables->points;
    bool is_added = add_row(&rows, &tables->point_capacity, &tables->point_count, sizeof(**out),
                            &tables->point_index, hash_key(key));
    tables->points = rows;
    if (!is_added) {
        return etw_fail_memory(error, "the packet monitor's counters");
    }
    tables->last_point = tables->point_count - 1;
    *out = &tables->points[tables->last_point];
    (*out)->component = (uint16_t)(key >> 32);
    (*out)->edge = (uint16_t)(key >> 16);
    (*out)->direction_tag = (uint16_t)key;
    tables->is_sorted = false;
    return ETW_OK;
}

/* ---- names ---- */

/* Names are ours to free, but nobody's to change: hence const in the rows. */
static void free_name(const char *name)
{
    char *owned = NULL;
    memcpy(&owned, &name, sizeof(owned));
    if (name != no_name) {
        free(owned);
    }
}

enum etw_status corr_tables_set_name(const char **name, struct bytes utf16, struct etw_error *error)
{
    struct text text = {0};
    text_add_utf16(&text, utf16.data, utf16.size < NAME_MAXIMUM ? utf16.size : NAME_MAXIMUM);
    if (text.failed) {
        text_done(&text);
        return etw_fail_memory(error, "the name of an interface");
    }
    if (text.size == 0) {
        text_done(&text);
        return ETW_OK;
    }
    free_name(*name);
    *name = text.data;
    return ETW_OK;
}

/* ---- order ---- */

static int compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_adapters(const void *a, const void *b)
{
    const struct corr_adapter *left = a;
    const struct corr_adapter *right = b;
    return compare_numbers(left->index, right->index);
}

static int compare_components(const void *a, const void *b)
{
    const struct corr_component *left = a;
    const struct corr_component *right = b;
    return compare_numbers(left->id, right->id);
}

static int compare_points(const void *a, const void *b)
{
    return compare_numbers(key_of_point(a), key_of_point(b));
}

static void sort_rows(void *rows, size_t count, size_t size,
                      int (*compare)(const void *, const void *))
{
    if (count > 1) {
        qsort(rows, count, size, compare);
    }
}

/* An index that held as many rows before does not grow: adding cannot fail. */
static void add_again(struct hash_index *index, uint64_t key, size_t row)
{
    (void)hash_index_add(index, hash_key(key), (uint32_t)row);
}

void corr_tables_sort(struct corr_tables *tables)
{
    if (tables->is_sorted) {
        return;
    }
    sort_rows(tables->adapters, tables->adapter_count, sizeof(*tables->adapters), compare_adapters);
    sort_rows(tables->components, tables->component_count, sizeof(*tables->components),
              compare_components);
    sort_rows(tables->points, tables->point_count, sizeof(*tables->points), compare_points);
    hash_index_clear(&tables->adapter_index);
    hash_index_clear(&tables->component_index);
    hash_index_clear(&tables->point_index);
    for (size_t i = 0; i < tables->adapter_count; i++) {
        add_again(&tables->adapter_index, tables->adapters[i].index, i);
    }
    for (size_t i = 0; i < tables->component_count; i++) {
        add_again(&tables->component_index, tables->components[i].id, i);
    }
    for (size_t i = 0; i < tables->point_count; i++) {
        add_again(&tables->point_index, key_of_point(&tables->points[i]), i);
    }
    tables->is_sorted = true;
}

void corr_tables_done(struct corr_tables *tables)
{
    for (size_t i = 0; i < tables->adapter_count; i++) {
        free_name(tables->adapters[i].alias);
        free_name(tables->adapters[i].description);
    }
    for (size_t i = 0; i < tables->component_count; i++) {
        free_name(tables->components[i].name);
        free_name(tables->components[i].description);
    }
    hash_index_done(&tables->adapter_index);
    hash_index_done(&tables->component_index);
    hash_index_done(&tables->point_index);
    free(tables->adapters);
    free(tables->components);
    free(tables->points);
    *tables = (struct corr_tables){0};
}
