/* SPDX-License-Identifier: MIT */
#include "etw/schema/classic_schemas.h"

#include <string.h>

#include "etw/schema/classic_tables.h"
#include "etw/schema/payload.h"

/* The most frequent ones first. */
const struct classic_class *const classic_classes[] = {
    &classic_tcpip,       &classic_udpip,
    &classic_perf_info,   &classic_stack_walk,
    &classic_process,     &classic_thread,
    &classic_image,       &classic_disk_io,
    &classic_file_io,     &classic_page_fault,
    &classic_image_id,    &classic_system_config,
    &classic_event_trace, &classic_system_config_ex,
    &classic_winsat,      &classic_event_metadata,
    &classic_lost_event,
};

const size_t classic_class_count = COUNT_OF(classic_classes);

static const struct classic_class *find_class(const uint8_t *guid)
{
    for (size_t i = 0; i < classic_class_count; i++) {
        if (memcmp(classic_classes[i]->guid.bytes, guid, sizeof(struct guid)) == 0) {
            return classic_classes[i];
        }
    }
    return NULL;
}

/* The number of rows at or before (opcode, version). */
static size_t count_up_to(const struct classic_class *class_of, uint8_t opcode, uint8_t version)
{
    size_t low = 0;
    size_t high = class_of->event_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct event_schema *row = &class_of->events[middle];
        if (row->id < opcode || (row->id == opcode && row->version <= version)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

const struct event_schema *classic_schema_find(const struct etw_record *record)
{
    if (!record->provider ||
        (record->class_of != RECORD_IS_KERNEL && record->class_of != RECORD_IS_CLASSIC)) {
        return NULL;
    }
    const struct classic_class *class_of = find_class(record->provider);
    if (!class_of) {
        return NULL;
    }
    size_t count = count_up_to(class_of, record->opcode, record->version);
    const struct event_schema *row = count > 0 ? &class_of->events[count - 1] : NULL;
    return row && row->id == record->opcode ? row : NULL;
}

static bool fits(const struct event_schema *schema, const struct bytes *payload,
                 unsigned pointer_size)
{
    static const struct etw_fields_visitor nobody;
    struct payload_end end = payload_read(schema, payload, pointer_size, &nobody);
    return end.decoded == ETW_DECODED_WHOLLY && end.unread == 0;
}

unsigned classic_pointer_size(const struct event_schema *schema, const struct etw_record *record)
{
    unsigned other = record->pointer_size == 4 ? 8 : 4;
    if (record->class_of != RECORD_IS_CLASSIC ||
        fits(schema, &record->payload, record->pointer_size) ||
        !fits(schema, &record->payload, other)) {
        return record->pointer_size;
    }
    return other;
}
