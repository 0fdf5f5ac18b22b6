/* SPDX-License-Identifier: MIT */
/* Entry: records of the class EventMetadata, one behind the other as opcode (1 byte),
 * size (2 bytes), payload. Holds: a schema that is found is sound, and the rest of the
 * input, read by it, leaves no more bytes than there were. */
#include <stdint.h>
#include <stdlib.h>

#include "etw/schema/payload.h"
#include "etw/schema/schema_in_trace.h"
#include "etw/schema/schema_store.h"

#define KEYS_MAXIMUM 16u

struct keys {
    struct event_schema rows[KEYS_MAXIMUM];
    size_t count;
};

static void learn_one(struct schema_store *store, struct bytes *input, struct keys *keys)
{
    static const struct guid metadata = EVENT_METADATA_GUID;
    struct findings findings = {0};
    struct etw_record record = {.class_of = RECORD_IS_CLASSIC, .provider = metadata.bytes};
    record.opcode = bytes_u8(input) % 2 ? EVENT_METADATA_MAP : EVENT_METADATA_EVENT;
    size_t size = bytes_u16(input);
    size_t left = bytes_left(input);
    record.payload = bytes_sub(input, size < left ? size : left);
    if (record.payload.failed) {
        return;
    }
    schema_store_learn(store, &record, &findings);
    if (record.opcode == EVENT_METADATA_EVENT && keys->count < KEYS_MAXIMUM &&
        schema_in_trace_key(&record.payload, &keys->rows[keys->count]) == SCHEMA_READ) {
        keys->count++;
    }
}

static void read_one(struct schema_store *store, const struct event_schema *key,
                     const struct bytes *payload)
{
    const char *why = NULL;
    const struct etw_fields_visitor visitor = {.context = NULL};
    struct etw_record record = {.class_of =
                                    key->is_classic ? RECORD_IS_CLASSIC : RECORD_IS_MANIFEST,
                                .provider = key->provider.bytes,
                                .id = key->id,
                                .opcode = (uint8_t)key->id,
                                .version = key->version,
                                .payload = *payload};
    const struct event_schema *schema = schema_store_find(store, &record, &why);
    if (schema) {
        struct payload_end end = payload_read(schema, payload, 8, &visitor);
        if (!event_schema_is_sound(schema) || end.unread > payload->size) {
            abort();
        }
    } else if (!why) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = bytes_of(data, size);
    struct keys keys = {.count = 0};
    struct schema_store *store = NULL;
    if (schema_store_new(&store, NULL) != ETW_OK) {
        return 0;
    }
    while (bytes_left(&input) > 0) {
        learn_one(store, &input, &keys);
    }
    struct bytes payload = bytes_of(data, size);
    for (size_t i = 0; i < keys.count; i++) {
        read_one(store, &keys.rows[i], &payload);
    }
    schema_store_free(store);
    return 0;
}
