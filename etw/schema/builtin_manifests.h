/* SPDX-License-Identifier: MIT */
/*
 * builtin_manifests.h - the manifests that this program brings along, for providers
 * whose schemas are not in the trace.
 *
 * They stand in etw/schema/manifests, one file per provider and generation of
 * layouts, made by make_manifests.py; the build turns them into a table.
 * PROVIDER.xml knows every event; PROVIDER@BUILD.xml those that this build of Windows
 * changed under the same event version.
 */
#ifndef ETW_SCHEMA_BUILTIN_MANIFESTS_H
#define ETW_SCHEMA_BUILTIN_MANIFESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "etw/base/guid.h"
#include "etw/schema/schema_store.h"

struct builtin_manifest {
    const char *name; /* "Microsoft-Windows-TCPIP@14393" */
    const char *guid; /* as text */
    uint32_t build;   /* from which it counts; 0: always */
    const char *xml;
    size_t size;
};

extern const struct builtin_manifest builtin_manifests[];
extern const size_t builtin_manifest_count;

/*
 * Adds what is known about one provider, as a trace of this build logged it; 0: not
 * known, the newest is taken. Of the generations up to the build the highest that has
 * an event comes first, and so counts; lower ones, then higher ones, are tried on payloads
 * that it does not fit. False: there is nothing about this provider, or no memory.
 */
bool builtin_manifests_load(struct schema_store *store, const struct guid *provider,
                            uint32_t os_build);

#endif
