/* SPDX-License-Identifier: MIT */
/* Entry: two bytes of session buffer size, then a file. Holds: buffers lie in the
 * file, in order and without overlap, and the scan comes to an end. */
#include <stdint.h>
#include <stdlib.h>

#include "etw/container/buffer_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    struct byte_source source;
    struct buffer_scan scan;
    struct findings findings = {0};
    struct buffer_place place;
    uint64_t end = 0;
    byte_source_open_memory(&source, data + 2, size - 2);
    buffer_scan_init(&scan, &source, (uint32_t)data[0] << 8 | (uint32_t)data[1] << 16);
    while (buffer_scan_next(&scan, &place, &findings, NULL) == ETW_OK) {
        if (place.offset < end || place.size < 1 || place.size > size - 2 - place.offset) {
            abort();
        }
        end = place.offset + place.size;
    }
    return 0;
}
