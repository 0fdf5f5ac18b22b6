/* SPDX-License-Identifier: MIT */
/* Entry: an event that describes itself: the size of its extended items (2 bytes),
 * the items, the payload. Holds: a description that is accepted is sound, the second
 * reading finds the same one, and the payload is not read beyond its end. */
#include <stdint.h>
#include <stdlib.h>

#include "etw/container/extended_items.h"
#include "etw/schema/payload.h"
#include "etw/schema/tracelogging.h"

static void read_event(struct tracelogging *cache, const struct etw_record *record)
{
    struct bytes description;
    const struct etw_fields_visitor visitor = {.context = NULL};
    if (!tracelogging_description(record, &description)) {
        return;
    }
    const struct event_schema *schema = tracelogging_find(cache, record, &description);
    if (tracelogging_find(cache, record, &description) != schema) {
        abort();
    }
    if (schema) {
        struct payload_end end = payload_read(schema, &record->payload, 8, &visitor);
        if (!event_schema_is_sound(schema) || end.unread > record->payload.size) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct guid provider;
    struct tracelogging cache = {.count = 0};
    struct bytes input = bytes_of(data, size);
    struct bytes items = bytes_sub(&input, bytes_u16(&input));
    struct etw_record record = {.class_of = RECORD_IS_MANIFEST, .provider = provider.bytes};
    record.extended = items.failed ? items : extended_items_take(&items);
    record.payload = bytes_rest(&input);
    if (!record.extended.failed && !record.payload.failed) {
        struct bytes traits;
        if (tracelogging_traits(&record, &traits)) {
            (void)tracelogging_provider_name(&traits);
        }
        read_event(&cache, &record);
    }
    tracelogging_done(&cache);
    return 0;
}
