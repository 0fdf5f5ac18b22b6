/* SPDX-License-Identifier: MIT */
#include "tests/damage/baseline.h"

#include <stdlib.h>
#include <string.h>

#include "etw/base/array.h"
#include "etw/container/buffer_scan.h"
#include "etw/container/record_walk.h"

static uint64_t content_of(const struct etw_record *record)
{
    uint64_t parts[8] = {record->offset, (uint64_t)record->ticks, record->size,     record->kind,
                         record->id,     record->opcode,          record->keywords, 0};
    parts[7] = hash_bytes(record->payload.data, record->payload.size);
    return hash_bytes(parts, sizeof(parts));
}

static bool add_record(struct baseline *baseline, const struct etw_record *record)
{
    void *records = baseline->records;
    if (!array_grow(&records, &baseline->record_capacity, baseline->record_count + 1,
                    sizeof(*baseline->records))) {
        return false;
    }
    baseline->records = records;
    uint64_t content = content_of(record);
    baseline->records[baseline->record_count] =
        (struct baseline_record){.offset = record->offset,
                                 .size = record->size,
                                 .buffer = (uint32_t)(baseline->buffer_count - 1),
                                 .content = content};
    return hash_index_add(&baseline->by_content, content, (uint32_t)baseline->record_count++);
}

static bool add_buffer(struct baseline *baseline, const struct buffer_image *image)
{
    void *buffers = baseline->buffers;
    if (!array_grow(&buffers, &baseline->buffer_capacity, baseline->buffer_count + 1,
                    sizeof(*baseline->buffers))) {
        return false;
    }
    baseline->buffers = buffers;
    baseline->buffers[baseline->buffer_count++] =
        (struct baseline_buffer){.begin = image->place.offset,
                                 .end = image->place.offset + image->place.size,
                                 .is_compressed = image->is_compressed};
    struct record_walk walk = {.data = image->data,
                               .end = image->fill,
                               .fill = image->fill,
                               .position = BUFFER_HEADER_SIZE,
                               .buffer_offset = image->place.offset};
    struct etw_record record;
    while (record_walk_next(&walk, &record) == WALK_RECORD) {
        if (!add_record(baseline, &record)) {
            return false;
        }
    }
    return true;
}

bool baseline_read(struct baseline *baseline, const uint8_t *data, size_t size)
{
    *baseline = (struct baseline){.data = data, .size = size};
    struct byte_source source;
    byte_source_open_memory(&source, data, size);
    struct buffer_scan scan;
    buffer_scan_init(&scan, &source, 0);
    struct buffer_loader loader = {.source = &source};
    struct buffer_image image = {0};
    bool is_good = true;
    while (is_good && buffer_scan_next(&scan, &image.place, &image.findings, NULL) == ETW_OK) {
        is_good =
            buffer_image_load(&loader, &image, NULL) == ETW_OK && add_buffer(baseline, &image);
    }
    buffer_image_done(&image);
    buffer_loader_done(&loader);
    return is_good;
}

void baseline_done(struct baseline *baseline)
{
    free(baseline->buffers);
    free(baseline->records);
    hash_index_done(&baseline->by_content);
}

void baseline_see(struct baseline *baseline, const struct etw_record *record, uint32_t run)
{
    uint64_t content = content_of(record);
    uint32_t at = 0;
    for (uint32_t row = hash_index_first(&baseline->by_content, content, &at);
         row != HASH_INDEX_NONE; row = hash_index_next(&baseline->by_content, content, &at)) {
        if (baseline->records[row].content == content) {
            baseline->records[row].seen_in_run = run;
        }
    }
}

/* The bytes that a record with a damaged beginning may claim: a longer length is
 * believed when it leads to another record. */
static uint64_t claimed_end(const struct baseline *baseline, const struct baseline_record *record,
                            const struct damage *damage)
{
    uint64_t end = record->offset + record->size;
    if (damage->position < record->offset || damage->position >= record->offset + 6) {
        return end;
    }
    uint8_t head[6];
    memcpy(head, baseline->data + record->offset, sizeof(head));
    head[damage->position - record->offset] = damage->value;
    uint64_t first = record->offset + (head[0] | (uint32_t)head[1] << 8);
    uint64_t second = record->offset + (head[4] | (uint32_t)head[5] << 8);
    end = first > end ? first : end;
    return second > end ? second : end;
}

/* Records of compressed buffers have no place of their own in the file. */
static bool is_spared_by_cut(const struct baseline *baseline, const struct baseline_record *record,
                             size_t prefix)
{
    const struct baseline_buffer *buffer = &baseline->buffers[record->buffer];
    return buffer->is_compressed ? buffer->end <= prefix : record->offset + record->size <= prefix;
}

const struct baseline_record *baseline_missing(const struct baseline *baseline,
                                               const struct damage *damage, uint32_t run)
{
    uint64_t hidden_until = 0; /* claimed by the damaged record */
    for (size_t i = 0; i < baseline->record_count; i++) {
        const struct baseline_record *record = &baseline->records[i];
        const struct baseline_buffer *buffer = &baseline->buffers[record->buffer];
        if (!is_spared_by_cut(baseline, record, damage->prefix)) {
            continue;
        }
        bool is_in_buffer = damage->position >= buffer->begin && damage->position < buffer->end;
        bool is_in_header = damage->position < buffer->begin + BUFFER_HEADER_SIZE;
        if (is_in_buffer && buffer->is_compressed && !is_in_header) {
            continue; /* whatever was packed behind the changed byte is lost */
        }
        bool is_hit = is_in_buffer && damage->position >= record->offset &&
                      damage->position < record->offset + record->size;
        if (is_hit) {
            hidden_until = claimed_end(baseline, record, damage);
        }
        bool is_hidden = is_hit || (is_in_buffer && record->offset < hidden_until);
        if (!is_hidden && record->seen_in_run != run) {
            return record;
        }
    }
    return NULL;
}
