/* SPDX-License-Identifier: MIT */
/*
 * builtin_manifests.h - the manifests that this program brings along, for providers
 * whose schemas are not in the trace.
 *
 * They stand in etw/schema/manifests, one file per provider and generation of
 * layouts, made by make_manifests.py; the build turns them into a table.
 * PROVIDER.xml knows every event; PROVIDER@BUILD.xml those that this build of Windows
 * changed under the same event version.
 *
 * Of a provider's hundreds of events a trace has a few: each is read when the first record asks
 * for it, as a manifest that has nothing but this event and what it refers to.
 */
#ifndef ETW_SCHEMA_BUILTIN_MANIFESTS_H
#define ETW_SCHEMA_BUILTIN_MANIFESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "etw/base/guid.h"
#include "etw/schema/schema_store.h"

/* One element of the XML. */
struct manifest_span {
    uint32_t offset, size;
};

struct builtin_manifest_event {
    uint16_t id;
    uint16_t part_count;
    uint32_t first_part; /* in builtin_manifest.parts: its maps, then its template */
    struct manifest_span element;
};

struct builtin_manifest {
    const char *name; /* "Microsoft-Windows-TCPIP@14393" */
    struct guid guid;
    uint32_t build; /* from which it counts; 0: always */
    const char *xml;
    size_t size;
    struct manifest_span provider; /* its opening tag */
    const struct manifest_span *parts;
    const struct builtin_manifest_event *events; /* ascending by id; one row per version */
    size_t event_count;
};

/* The generations of a provider stand together, ascending by build. */
extern const struct builtin_manifest builtin_manifests[];
extern const size_t builtin_manifest_count;

/* All that is there of one provider. */
struct builtin_generations {
    const struct builtin_manifest *first;
    size_t count; /* 0: nothing */
};

struct builtin_generations builtin_generations_find(const struct guid *provider);

/*
 * Adds all versions of one event, as a trace of this build logged it; 0: not known, the
 * newest is taken. Of the generations up to the build the highest that has the event comes first,
 * and so counts; lower ones, then higher ones, are tried on payloads that it does not
 * fit. `*found` says whether any has it. False: no room.
 */
bool builtin_generations_load(struct schema_store *store,
                              const struct builtin_generations *generations, uint16_t id,
                              uint32_t os_build, bool *found);

#endif
