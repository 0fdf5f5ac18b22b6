/* SPDX-License-Identifier: MIT */
#include "etw/schema/layout_store.h"

#include "etw/schema/builtin_layouts.h"

static const struct builtin_provider *find_provider(const uint8_t *guid)
{
    for (size_t i = 0; i < builtin_provider_count; i++) {
        if (memcmp(builtin_providers[i].guid.bytes, guid, 16) == 0) {
            return &builtin_providers[i];
        }
    }
    return NULL;
}

static const struct layout *find_builtin(const struct layout_key *key)
{
    const struct builtin_provider *provider = find_provider(key->provider);
    const struct layout *best = NULL;
    for (size_t i = 0; provider && i < provider->event_count; i++) {
        const struct builtin_event *event = &provider->events[i];
        if (event->id == key->id && (!best || event->version <= key->version)) {
            best = &event->layout;
        }
    }
    return best;
}

const struct layout *layout_find(const struct layout_key *key)
{
    return find_builtin(key);
}
