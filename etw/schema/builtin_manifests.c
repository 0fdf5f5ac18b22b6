/* SPDX-License-Identifier: MIT */
#include "etw/schema/builtin_manifests.h"

#include "etw/base/text.h"
#include "etw/schema/manifest_xml.h"

struct builtin_generations builtin_generations_find(const struct guid *provider)
{
    struct builtin_generations found = {NULL, 0};
    for (size_t i = 0; i < builtin_manifest_count; i++) {
        const struct builtin_manifest *manifest = &builtin_manifests[i];
        if (guid_equal(&manifest->guid, provider)) {
            found.first = found.first ? found.first : manifest;
            found.count++;
        }
    }
    return found;
}

/* The number of the first event whose id is not below this one. */
static size_t first_event(const struct builtin_manifest *manifest, uint16_t id)
{
    size_t low = 0;
    size_t high = manifest->event_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (manifest->events[middle].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void add_element(struct text *xml, const struct builtin_manifest *manifest,
                        const struct manifest_span *element)
{
    text_add_bytes(xml, manifest->xml + element->offset, element->size);
}

/* All versions of the event as a manifest of their own. What several of them refer to stands in it
 * more than once, and the first counts. */
static void add_versions(struct text *xml, const struct builtin_manifest *manifest, size_t event)
{
    uint16_t id = manifest->events[event].id;
    text_add(xml, "<instrumentationManifest>");
    add_element(xml, manifest, &manifest->provider);
    for (; event < manifest->event_count && manifest->events[event].id == id; event++) {
        const struct builtin_manifest_event *row = &manifest->events[event];
        for (size_t i = 0; i < row->part_count; i++) {
            add_element(xml, manifest, &manifest->parts[row->first_part + i]);
        }
        add_element(xml, manifest, &row->element);
    }
    text_add(xml, "</provider></instrumentationManifest>");
}

static bool load(struct schema_store *store, const struct builtin_manifest *manifest, uint16_t id,
                 bool *found)
{
    size_t event = first_event(manifest, id);
    if (event == manifest->event_count || manifest->events[event].id != id) {
        return true;
    }
    struct text xml = {.maximum = MANIFEST_SIZE_MAXIMUM};
    add_versions(&xml, manifest, event);
    bool done = !xml.failed && manifest_xml_read(store, xml.data, xml.size, ETW_SCHEMA_BUILT_IN,
                                                 manifest->name, NULL) == ETW_OK;
    text_done(&xml);
    *found = true;
    return done;
}

bool builtin_generations_load(struct schema_store *store,
                              const struct builtin_generations *generations, uint16_t id,
                              uint32_t os_build, bool *found)
{
    const struct builtin_manifest *first = generations->first;
    size_t above = 0; /* the first generation of a later build */
    while (above < generations->count && (os_build == 0 || first[above].build <= os_build)) {
        above++;
    }
    *found = false;
    /* Of two schemas with the same key the store prefers the first. */
    for (size_t i = above; i-- > 0;) {
        if (!load(store, &first[i], id, found)) {
            return false;
        }
    }
    for (size_t i = above; i < generations->count; i++) {
        if (!load(store, &first[i], id, found)) {
            return false;
        }
    }
    return true;
}
