/* SPDX-License-Identifier: MIT */
#include "etw/schema/schema_maps.h"

#include <stdlib.h>
#include <string.h>

#include "etw/base/array.h"

struct map_waiter {
    struct schema_property *property;
    struct map_waiter *next;
};

struct schema_map {
    struct guid provider;
    struct etw_map map;         /* no entries: not seen yet */
    struct map_waiter *waiters; /* properties that want it */
};

static uint64_t hash_name(const struct guid *provider, const char *name)
{
    return hash_bytes(name, strlen(name)) ^ hash_bytes(provider->bytes, sizeof(provider->bytes));
}

static struct schema_map *find(const struct schema_maps *maps, const struct guid *provider,
                               const char *name, uint64_t hash)
{
    uint32_t at = 0;
    for (uint32_t row = hash_index_first(&maps->by_name, hash, &at); row != HASH_INDEX_NONE;
         row = hash_index_next(&maps->by_name, hash, &at)) {
        struct schema_map *map = maps->rows[row];
        if (guid_equal(&map->provider, provider) && strcmp(map->map.name, name) == 0) {
            return map;
        }
    }
    return NULL;
}

/* The row of the map, made on first use; NULL: no room. */
static struct schema_map *row_of(struct schema_maps *maps, struct schema_arena *arena,
                                 const struct guid *provider, const char *name)
{
    uint64_t hash = hash_name(provider, name);
    struct schema_map *map = find(maps, provider, name, hash);
    void *rows = maps->rows;
    if (map || maps->count >= SCHEMA_MAPS_MAXIMUM ||
        !array_grow(&rows, &maps->capacity, maps->count + 1, sizeof(struct schema_map *))) {
        return map;
    }
    maps->rows = rows;
    map = schema_arena_take(arena, sizeof(*map));
    if (!map || !hash_index_add(&maps->by_name, hash, (uint32_t)maps->count)) {
        return NULL;
    }
    map->provider = *provider;
    map->map.name = name;
    maps->rows[maps->count++] = map;
    return map;
}

bool schema_maps_use(struct schema_maps *maps, struct schema_arena *arena,
                     const struct guid *provider, const char *name,
                     struct schema_property *property)
{
    struct schema_map *map = row_of(maps, arena, provider, name);
    if (!map) {
        return false;
    }
    if (map->map.entry_count > 0) {
        property->map = &map->map;
        return true;
    }
    struct map_waiter *waiter = schema_arena_take(arena, sizeof(*waiter));
    if (!waiter) {
        return false;
    }
    *waiter = (struct map_waiter){.property = property, .next = map->waiters};
    map->waiters = waiter;
    return true;
}

bool schema_maps_has(const struct schema_maps *maps, const struct guid *provider, const char *name)
{
    const struct schema_map *map = find(maps, provider, name, hash_name(provider, name));
    return map && map->map.entry_count > 0;
}

/* By value; the order of equal values does not matter, one of them is kept. */
static int compare_entries(const void *a, const void *b)
{
    const struct etw_map_entry *first = a;
    const struct etw_map_entry *second = b;
    if (first->value != second->value) {
        return first->value < second->value ? -1 : 1;
    }
    return strcmp(first->text, second->text);
}

static size_t sort_entries(struct etw_map_entry *entries, size_t count)
{
    size_t kept = 0;
    qsort(entries, count, sizeof(entries[0]), compare_entries);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || entries[kept - 1].value != entries[i].value) {
            entries[kept++] = entries[i];
        }
    }
    return kept;
}

bool schema_maps_define(struct schema_maps *maps, struct schema_arena *arena,
                        const struct guid *provider, const struct etw_map *map,
                        struct etw_map_entry *entries)
{
    struct schema_map *row = row_of(maps, arena, provider, map->name);
    if (!row || row->map.entry_count > 0 || map->entry_count == 0) {
        return row;
    }
    row->map.is_bitmap = map->is_bitmap;
    row->map.entry_count = sort_entries(entries, map->entry_count);
    row->map.entries = entries;
    for (struct map_waiter *waiter = row->waiters; waiter; waiter = waiter->next) {
        waiter->property->map = &row->map;
    }
    row->waiters = NULL;
    return true;
}

void schema_maps_done(struct schema_maps *maps)
{
    free(maps->rows);
    hash_index_done(&maps->by_name);
    *maps = (struct schema_maps){0};
}
