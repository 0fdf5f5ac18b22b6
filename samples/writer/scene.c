/* SPDX-License-Identifier: MIT */
#include "scene.h"

#include <stdlib.h>
#include <string.h>

struct etl_options scene_options(void)
{
    return (struct etl_options){.session_name = "etwtrail sample",
                                .file_name = "C:\\traces\\sample.etl",
                                .os_major = 10,
                                .os_build = 19045,
                                .mode = ETL_MODE_SEQUENTIAL,
                                .buffer_size = 0x2000,
                                .cpu_count = 2,
                                .logger_id = 11,
                                .pointer_size = 8,
                                .clock = ETL_CLOCK_QPC,
                                .frequency = 10000000,
                                .cpu_mhz = 2808,
                                .start_ticks = INT64_C(123456789012),
                                .start_time = SCENE_START,
                                .boot_time = SCENE_START - INT64_C(36000000000),
                                .relog_time = SCENE_START + INT64_C(600000000),
                                .zone = {.bias = -60,
                                         .daylight_bias = -60,
                                         .standard_name = "@tzres.dll,-322",
                                         .daylight_name = "@tzres.dll,-321",
                                         .standard_date = {0, 10, 0, 5, 3},
                                         .daylight_date = {0, 3, 0, 5, 2}}};
}

bool scene_open(struct scene *scene, const struct etl_options *options, FILE *to)
{
    *scene = (struct scene){.options = *options, .cut_at = UINT64_MAX};
    scene->writer = etl_writer_new(options, to);
    scene->failed = !scene->writer;
    return !scene->failed;
}

int64_t scene_ticks(const struct scene *scene, int64_t at)
{
    return etl_ticks_of_time(&scene->options, scene->options.start_time + at);
}

static bool grow(void **rows, size_t count, size_t *capacity, size_t row_size)
{
    if (count < *capacity) {
        return true;
    }
    size_t wanted = *capacity ? *capacity * 2 : 64;
    void *grown = realloc(*rows, wanted * row_size);
    if (!grown) {
        return false;
    }
    *rows = grown;
    *capacity = wanted;
    return true;
}

static size_t add(struct scene *scene, uint16_t cpu, int64_t ticks, bool has_time)
{
    struct truth_record row = {.ticks = ticks, .has_time = has_time};
    void *rows = scene->records;
    if (scene->failed || scene->record.failed || scene->payload.failed ||
        !grow(&rows, scene->record_count, &scene->record_capacity, sizeof(row)) ||
        !etl_writer_add(scene->writer, cpu, ticks, scene->record.data, scene->record.size,
                        &row.place)) {
        scene->failed = true;
        scene->records = rows;
        return 0;
    }
    scene->records = rows;
    scene->records[scene->record_count] = row;
    block_clear(&scene->record);
    return scene->record_count++;
}

size_t scene_add(struct scene *scene, uint16_t cpu, int64_t at)
{
    return add(scene, cpu, scene_ticks(scene, at), true);
}

size_t scene_add_timeless(struct scene *scene, uint16_t cpu)
{
    return add(scene, cpu, INT64_MIN, false);
}

struct truth_packet *scene_note_packet(struct scene *scene, size_t record)
{
    void *rows = scene->packets;
    bool has_room =
        grow(&rows, scene->packet_count, &scene->packet_capacity, sizeof(*scene->packets));
    scene->packets = rows;
    if (!has_room || scene->failed) {
        scene->failed = true;
        return NULL;
    }
    struct truth_packet *packet = &scene->packets[scene->packet_count++];
    *packet = (struct truth_packet){.record = record};
    return packet;
}

size_t scene_event(struct scene *scene, uint16_t cpu, int64_t at, const struct etl_event *event)
{
    struct etl_event record = *event;
    record.ticks = scene_ticks(scene, at);
    record.pointer_size = event->pointer_size ? event->pointer_size : 8;
    record.level = event->level ? event->level : 4; /* informational */
    etl_record_event(&scene->record, &record);
    return scene_add(scene, cpu, at);
}

size_t scene_system_config(struct scene *scene, uint16_t cpu, int64_t at, uint8_t opcode)
{
    struct etl_classic record = {.pointer_size = 8,
                                 .opcode = opcode,
                                 .ticks = scene_ticks(scene, at),
                                 .class_guid = &guid_system_config_ex,
                                 .payload = scene->payload.data,
                                 .payload_size = scene->payload.size};
    etl_record_classic(&scene->record, &record);
    size_t index = scene_add(scene, cpu, at);
    block_clear(&scene->payload);
    return index;
}

/* ---- NDIS capture ---- */

static uint64_t ndis_keyword(const struct ndis_event *event)
{
    static const uint64_t links[] = {NDIS_ETHERNET, NDIS_WWAN, NDIS_WIFI};
    static const uint64_t directions[] = {0, NDIS_RECEIVE, NDIS_SEND};
    return NDIS_CHANNEL | NDIS_PACKET | NDIS_PII | links[event->link] |
           directions[event->direction] | (event->is_not_start ? 0 : NDIS_START) |
           (event->is_not_end ? 0 : NDIS_END) | (event->is_truncated ? NDIS_TRUNCATED : 0);
}

static size_t add_fragment(struct scene *scene, const struct ndis_event *event)
{
    uint32_t index = event->interface_index ? event->interface_index : 5;
    struct ndis_fragment fragment = {.miniport_index = index,
                                     .lower_index = event->lower_index ? event->lower_index : index,
                                     .data = event->data,
                                     .size = event->size,
                                     .has_offload_words = event->has_offload_words};
    block_clear(&scene->payload);
    payload_ndis_fragment(&scene->payload, &fragment);
    struct etl_event record = {.pointer_size = event->pointer_size,
                               .thread_id = event->thread_id,
                               .process_id = event->process_id,
                               .provider = &guid_ndis_capture,
                               .id = 1001,
                               .channel = 16,
                               .keyword = ndis_keyword(event),
                               .payload = scene->payload.data,
                               .payload_size = scene->payload.size};
    size_t index_of_record = scene_event(scene, event->cpu, event->at, &record);
    block_clear(&scene->payload);
    return index_of_record;
}

size_t scene_ndis(struct scene *scene, const struct ndis_event *event)
{
    size_t record = add_fragment(scene, event);
    struct truth_packet *packet = scene_note_packet(scene, record);
    if (packet) {
        packet->direction = event->direction;
        packet->link = event->link;
        packet->captured = (uint32_t)event->size;
        packet->original = event->original ? event->original : (uint32_t)event->size;
        packet->is_incomplete = event->is_not_end;
    }
    return scene->packet_count - 1;
}

void scene_ndis_more(struct scene *scene, size_t packet, const struct ndis_event *event)
{
    (void)add_fragment(scene, event);
    if (!scene->failed) {
        struct truth_packet *row = &scene->packets[packet];
        row->captured += (uint32_t)event->size;
        row->original = row->captured > row->original ? row->captured : row->original;
        row->is_incomplete = event->is_not_end;
    }
}

/* ---- the end ---- */

bool scene_finish(struct scene *scene)
{
    if (scene->failed || !etl_writer_finish(scene->writer)) {
        scene->failed = true;
        return false;
    }
    const struct byte_block *image = etl_writer_get_image(scene->writer);
    block_bytes(&scene->image, image->data, image->size);
    scene->failed = scene->image.failed;
    return !scene->failed;
}

void scene_cut(struct scene *scene, uint64_t size)
{
    if (size < scene->image.size) {
        scene->image.size = (size_t)size;
        scene->cut_at = size;
    }
}

void scene_spoil(struct scene *scene, size_t record, size_t offset, const void *bytes, size_t size)
{
    struct truth_record *row = &scene->records[record];
    struct etl_buffer_place buffer;
    if (scene->failed || !etl_writer_find_buffer(scene->writer, row->place.sequence, &buffer) ||
        buffer.is_compressed) {
        scene->failed = true;
        return;
    }
    memcpy(scene->image.data + buffer.file_offset + row->place.offset + offset, bytes, size);
    row->is_spoiled = true;
}

bool scene_save(const struct scene *scene, const char *path)
{
    FILE *file = fopen(path, "wb");
    if (!file) {
        return false;
    }
    bool is_good = fwrite(scene->image.data, 1, scene->image.size, file) == scene->image.size;
    return fclose(file) == 0 && is_good;
}

void scene_done(struct scene *scene)
{
    etl_writer_free(scene->writer);
    block_done(&scene->record);
    block_done(&scene->payload);
    block_done(&scene->frame);
    block_done(&scene->image);
    free(scene->records);
    free(scene->packets);
    *scene = (struct scene){0};
}
