/* SPDX-License-Identifier: MIT */
/*
 * schema_maps.h - the maps of values that a trace carries, by provider and name.
 *
 * A map may stand behind the schemas that use it: a property that asks for a map
 * gets it as soon as both are known, and has none until then.
 */
#ifndef ETW_SCHEMA_SCHEMA_MAPS_H
#define ETW_SCHEMA_SCHEMA_MAPS_H

#include <stdbool.h>
#include <stddef.h>

#include "etw/base/guid.h"
#include "etw/base/hash_index.h"
#include "etw/schema/event_schema.h"
#include "etw/schema/schema_arena.h"

#define SCHEMA_MAPS_MAXIMUM 65536u

struct schema_map;

/* Zero-initialised is empty and valid. Maps live in the arena. */
struct schema_maps {
    struct schema_map **rows; /* the array is owned */
    size_t count, capacity;
    struct hash_index by_name;
};

/* Gives the property its map, now or later. Both live in the arena. False: no room. */
bool schema_maps_use(struct schema_maps *maps, struct schema_arena *arena,
                     const struct guid *provider, const char *name,
                     struct schema_property *property);
/* True when the map is already there; a second one of its name is not needed. */
bool schema_maps_has(const struct schema_maps *maps, const struct guid *provider, const char *name);
/* Takes a map over: name and entries live in the arena, the entries in any order.
 * The first one of its name counts. False: no room. */
bool schema_maps_define(struct schema_maps *maps, struct schema_arena *arena,
                        const struct guid *provider, const struct etw_map *map,
                        struct etw_map_entry *entries);
void schema_maps_done(struct schema_maps *maps);

#endif
