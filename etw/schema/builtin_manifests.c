/* SPDX-License-Identifier: MIT */
#include "etw/schema/builtin_manifests.h"

#include "etw/schema/manifest_xml.h"

/* The provider's generation with the highest build from 0 to `highest`; NULL: none. */
static const struct builtin_manifest *find_generation(const struct guid *provider, int64_t highest)
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

bool builtin_manifests_load(struct schema_store *store, const struct guid *provider,
                            uint32_t os_build)
{
    int64_t highest = os_build > 0 ? os_build : UINT32_MAX;
    bool found = false;
    const struct builtin_manifest *manifest;
    /* Of two schemas with the same key the store keeps the first. */
    while ((manifest = find_generation(provider, highest)) != NULL) {
        if (manifest_xml_read(store, manifest->xml, manifest->size, ETW_SCHEMA_BUILT_IN,
                              manifest->name, NULL) != ETW_OK) {
            return false;
        }
        found = true;
        highest = (int64_t)manifest->build - 1;
    }
    return found;
}
