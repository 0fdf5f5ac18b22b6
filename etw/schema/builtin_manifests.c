/* SPDX-License-Identifier: MIT */
#include "etw/schema/builtin_manifests.h"

#include "etw/schema/manifest_xml.h"

/* The provider's generation with the highest build from 0 to `highest`; NULL: none. */
static const struct builtin_manifest *find_below(const struct guid *provider, int64_t highest)
{
    const struct builtin_manifest *best = NULL;
    for (size_t i = 0; i < builtin_manifest_count; i++) {
        const struct builtin_manifest *manifest = &builtin_manifests[i];
        struct guid guid;
        if ((int64_t)manifest->build <= highest && (!best || manifest->build > best->build) &&
            guid_parse(manifest->guid, &guid) && guid_equal(&guid, provider)) {
            best = manifest;
        }
    }
    return best;
}

/* The one with the lowest build above `lowest`; NULL: none. */
static const struct builtin_manifest *find_above(const struct guid *provider, int64_t lowest)
{
    const struct builtin_manifest *best = NULL;
    for (size_t i = 0; i < builtin_manifest_count; i++) {
        const struct builtin_manifest *manifest = &builtin_manifests[i];
        struct guid guid;
        if ((int64_t)manifest->build > lowest && (!best || manifest->build < best->build) &&
            guid_parse(manifest->guid, &guid) && guid_equal(&guid, provider)) {
            best = manifest;
        }
    }
    return best;
}

static bool load(struct schema_store *store, const struct builtin_manifest *manifest)
{
    return manifest_xml_read(store, manifest->xml, manifest->size, ETW_SCHEMA_BUILT_IN,
                             manifest->name, NULL) == ETW_OK;
}

bool builtin_manifests_load(struct schema_store *store, const struct guid *provider,
                            uint32_t os_build)
{
    int64_t build = os_build > 0 ? os_build : UINT32_MAX;
    bool found = false;
    const struct builtin_manifest *manifest;
    /* Of two schemas with the same key the store prefers the first. */
    for (int64_t at = build; (manifest = find_below(provider, at)) != NULL;
         at = (int64_t)manifest->build - 1) {
        if (!load(store, manifest)) {
            return false;
        }
        found = true;
    }
    for (int64_t at = build; (manifest = find_above(provider, at)) != NULL;
         at = (int64_t)manifest->build) {
        if (!load(store, manifest)) {
            return false;
        }
    }
    return found;
}
