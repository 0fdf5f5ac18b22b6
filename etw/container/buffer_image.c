/* SPDX-License-Identifier: MIT */
#include "etw/container/buffer_image.h"

#include <stdlib.h>
#include <string.h>

#include "etw/container/lznt1.h"
#include "etw/container/xpress.h"
#include "etw/container/xpress_huffman.h"

/* When the last item fills its flag word, a further flag word stands behind it
 * that announces nothing. [measured: one buffer in twenty] */
#define UNUSED_FLAG_WORD 4u

/* By the value of the header's State that seems to name the method. [guessed: only 3 was ever
 * seen, and it is plain XPRESS] */
static const struct method {
    uint32_t state;
    struct unpack_result (*unpack)(const uint8_t *in, size_t in_size, uint8_t *out,
                                   size_t out_size);
} methods[] = {{3, xpress_unpack}, {4, xpress_huffman_unpack}, {2, lznt1_unpack}};
enum { PLAIN_XPRESS = 0, METHOD_COUNT = sizeof(methods) / sizeof(methods[0]) };

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

/* True when the unpacked size is one that the header states. */
static bool is_stated_fill(const struct buffer_header *header, size_t fill)
{
    return fill == header->offset || fill == header->saved_offset;
}

/* What is unpacked, from where to where. */
struct work {
    struct buffer_image *image;
    const struct buffer_header *header;
    const uint8_t *packed;
    size_t packed_size;
};

static struct unpack_result unpack_by(const struct work *work, size_t method)
{
    size_t size = buffer_header_fill(work->header) - BUFFER_HEADER_SIZE;
    return methods[method].unpack(work->packed, work->packed_size,
                                  work->image->data + BUFFER_HEADER_SIZE, size);
}

static bool is_used_up(const struct work *work, const struct unpack_result *result)
{
    return result->consumed + UNUSED_FLAG_WORD >= work->packed_size ||
           work->image->place.is_size_uncertain;
}

static bool is_whole(const struct work *work, const struct unpack_result *result)
{
    return !result->is_damaged && is_used_up(work, result) &&
           is_stated_fill(work->header, BUFFER_HEADER_SIZE + result->produced);
}

static size_t stated_method(const struct buffer_header *header)
{
    for (size_t i = 0; i < METHOD_COUNT; i++) {
        if (methods[i].state == header->state) {
            return i;
        }
    }
    return PLAIN_XPRESS;
}

/* The method that the header states, unless another one alone makes sense of the data. Where none
 * does, the beginning counts that the stated one made, or plain XPRESS where that is damaged from
 * its first byte. */
static struct unpack_result unpack_any(const struct work *work)
{
    size_t stated = stated_method(work->header);
    struct unpack_result result = unpack_by(work, stated);
    if (is_whole(work, &result)) {
        return result;
    }
    bool is_hopeless = result.is_damaged && result.produced == 0;
    for (size_t i = 0; i < METHOD_COUNT; i++) {
        result = unpack_by(work, i);
        if (is_whole(work, &result)) {
            return result;
        }
    }
    return unpack_by(work, is_hopeless ? PLAIN_XPRESS : stated);
}

static void unpack(const struct work *work)
{
    struct buffer_image *image = work->image;
    struct unpack_result result = unpack_any(work);
    image->fill = BUFFER_HEADER_SIZE + (uint32_t)result.produced;
    if (is_whole(work, &result)) {
        return;
    }
    size_t unused = work->packed_size - result.consumed;
    findings_count(&image->findings, FINDING_COMPRESSED_DATA_DAMAGED, image->place.offset, unused);
    if (!result.is_damaged && !is_used_up(work, &result)) {
        image->unread = (uint32_t)unused;
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
    const struct work work = {image, header, loader->packed, got};
    unpack(&work);
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
