/* SPDX-License-Identifier: MIT */
#include "etw/container/buffer_image.h"

#include <stdlib.h>
#include <string.h>

#include "etw/container/xpress.h"

/* When the last item fills its flag word, a further flag word stands behind it
 * that announces nothing. [measured: one buffer in twenty] */
#define UNUSED_FLAG_WORD 4u

/* Values of the header's State that seem to name the algorithm. [guessed: only 3
 * was ever seen, and it is plain XPRESS] */
enum { STATE_LZNT1 = 2, STATE_XPRESS_HUFFMAN = 4 };

/* Also for no bytes at all there is memory afterwards. */
static bool make_room(uint8_t **memory, size_t *capacity, size_t size)
{
    if (*memory && size <= *capacity) {
        return true;
    }
    size_t rounded = (size + 0x10000) & ~(size_t)0xFFFF;
    uint8_t *fresh = malloc(rounded); /* the old bytes are not needed */
    if (!fresh) {
        return false;
    }
    free(*memory);
    *memory = fresh;
    *capacity = rounded;
    return true;
}

static enum finding_kind finding_of_failure(const struct buffer_header *header)
{
    switch (header->state) {
    case STATE_LZNT1:
        return FINDING_COMPRESSED_LZNT1;
    case STATE_XPRESS_HUFFMAN:
        return FINDING_COMPRESSED_HUFFMAN;
    default:
        return FINDING_COMPRESSED_DATA_DAMAGED;
    }
}

/* True when the unpacked size is one that the header states. */
static bool is_stated_fill(const struct buffer_header *header, size_t fill)
{
    return fill == header->offset || fill == header->saved_offset;
}

static void unpack(struct buffer_image *image, const struct buffer_header *header,
                   const uint8_t *packed, size_t packed_size)
{
    uint32_t fill = buffer_header_fill(header);
    struct xpress_result result = xpress_unpack(
        packed, packed_size, image->data + BUFFER_HEADER_SIZE, fill - BUFFER_HEADER_SIZE);
    image->fill = BUFFER_HEADER_SIZE + (uint32_t)result.produced;
    bool is_used_up =
        result.consumed + UNUSED_FLAG_WORD >= packed_size || image->place.is_size_uncertain;
    if (!result.is_damaged && is_used_up && is_stated_fill(header, image->fill)) {
        return;
    }
    enum finding_kind kind = finding_of_failure(header);
    findings_count(&image->findings, kind, image->place.offset, packed_size - result.consumed);
    if (!result.is_damaged && !is_used_up) {
        image->unread = (uint32_t)(packed_size - result.consumed);
    }
    if (kind != FINDING_COMPRESSED_DATA_DAMAGED) {
        image->fill = BUFFER_HEADER_SIZE; /* another algorithm's bytes: nothing of it is true */
    }
}

/* The packed bytes go to the loader, everything else straight into the image. */
static enum etw_status read_compressed(struct buffer_loader *loader, struct buffer_image *image,
                                       const struct buffer_header *header, struct etw_error *error)
{
    size_t packed_size = image->place.size - BUFFER_HEADER_SIZE;
    size_t image_size = (size_t)buffer_header_fill(header) + XPRESS_SLACK;
    if (!make_room(&loader->packed, &loader->packed_capacity, packed_size) ||
        !make_room(&image->data, &image->capacity, image_size)) {
        return etw_fail_memory(error, "a compressed buffer");
    }
    size_t got = 0;
    enum etw_status status =
        byte_source_read(loader->source, image->place.offset + BUFFER_HEADER_SIZE, loader->packed,
                         packed_size, &got, error);
    if (status) {
        return status;
    }
    unpack(image, header, loader->packed, got);
    return ETW_OK;
}

static enum etw_status read_plain(struct buffer_loader *loader, struct buffer_image *image,
                                  const struct buffer_header *header, struct etw_error *error)
{
    uint32_t fill = buffer_header_fill(header);
    size_t wanted = fill < image->place.size ? fill : image->place.size;
    if (!make_room(&image->data, &image->capacity, wanted)) {
        return etw_fail_memory(error, "a buffer of the trace");
    }
    size_t got = 0;
    enum etw_status status =
        byte_source_read(loader->source, image->place.offset, image->data, wanted, &got, error);
    if (status) {
        return status;
    }
    image->fill = got < BUFFER_HEADER_SIZE ? BUFFER_HEADER_SIZE : (uint32_t)got;
    return ETW_OK;
}

enum etw_status buffer_image_load(struct buffer_loader *loader, struct buffer_image *image,
                                  struct etw_error *error)
{
    uint8_t bytes[BUFFER_PEEK_SIZE];
    size_t got = 0;
    enum etw_status status =
        byte_source_read(loader->source, image->place.offset, bytes, sizeof(bytes), &got, error);
    if (status) {
        return status;
    }
    if (got < BUFFER_HEADER_SIZE || image->place.size < BUFFER_HEADER_SIZE) {
        findings_count(&image->findings, FINDING_READ_CHANGED, image->place.offset, 0);
        image->fill = BUFFER_HEADER_SIZE;
        return ETW_OK;
    }
    struct buffer_header header = buffer_header_read(bytes, got);
    image->cpu = header.cpu;
    image->unread = 0;
    image->is_compressed = header.is_compressed;
    if (!header.is_compressed) {
        header.size = image->place.size; /* what the scan found out, if it is damaged */
    }
    return image->is_compressed ? read_compressed(loader, image, &header, error)
                                : read_plain(loader, image, &header, error);
}

void buffer_image_done(struct buffer_image *image)
{
    free(image->data);
    *image = (struct buffer_image){0};
}

void buffer_loader_done(struct buffer_loader *loader)
{
    free(loader->packed);
    *loader = (struct buffer_loader){0};
}
