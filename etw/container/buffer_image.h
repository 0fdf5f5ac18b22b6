/* SPDX-License-Identifier: MIT */
/*
 * buffer_image.h - one buffer of a trace as it was in the recorder's memory: read
 * from the file, unpacked when it was compressed.
 */
#ifndef ETW_CONTAINER_BUFFER_IMAGE_H
#define ETW_CONTAINER_BUFFER_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "etw/base/error.h"
#include "etw/container/buffer_header.h"
#include "etw/container/byte_source.h"
#include "etw/findings.h"

/* Where a buffer stands in the file. */
struct buffer_place {
    uint64_t offset;
    uint32_t size;          /* bytes of the file that belong to it */
    bool is_size_uncertain; /* its own size was not believed */
};

struct buffer_image {
    uint8_t *data; /* owned; the buffer header stands at 0 */
    size_t capacity;
    uint32_t fill; /* good bytes, header included */
    struct buffer_place place;
    uint16_t cpu;
    bool is_compressed;
    uint32_t unread;          /* bytes of its place that a complete unpacking did not need */
    struct findings findings; /* what was found wrong on the way here */
};

/* Keeps memory for packed bytes between loads; one per thread. */
struct buffer_loader {
    const struct byte_source *source; /* borrowed */
    uint8_t *packed;                  /* owned */
    size_t packed_capacity;
};

/* Reads the buffer at image->place into the image, growing its memory as needed
 * and counting damage into image->findings. */
enum etw_status buffer_image_load(struct buffer_loader *loader, struct buffer_image *image,
                                  struct etw_error *error);
void buffer_image_done(struct buffer_image *image);
void buffer_loader_done(struct buffer_loader *loader);

#endif
