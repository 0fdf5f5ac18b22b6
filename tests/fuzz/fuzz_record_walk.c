/* SPDX-License-Identifier: MIT */
/* Entry: the records of one buffer, without its header. Holds: positions only
 * grow, and every record lies inside the buffer with everything it points to. */
#include <stdint.h>
#include <stdlib.h>

#include "etw/container/record_walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct findings findings = {0};
    struct etw_record record;
    struct record_walk walk = {
        .data = data, .end = (uint32_t)size, .fill = (uint32_t)size, .findings = &findings};
    uint64_t end = 0;
    while (record_walk_next(&walk, &record) == WALK_RECORD) {
        const uint8_t *payload = record.payload.data;
        if (record.offset < end || record.offset + record.size > size || record.payload.failed ||
            payload < data + record.offset || payload + record.payload.size > data + size) {
            abort();
        }
        end = record.offset + record.size;
    }
    return 0;
}
