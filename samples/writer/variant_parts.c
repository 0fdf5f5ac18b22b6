/* SPDX-License-Identifier: MIT */
#include "samples.h"

static const struct etl_guid nobody = {0xC0FFEE00, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}};

void make_udp_frame(struct scene *scene, bool is_out, uint16_t number, size_t size)
{
    struct endpoint near_end = host, far_end = server;
    struct path path = {is_out ? &near_end : &far_end, is_out ? &far_end : &near_end};
    struct byte_block data = {0};
    near_end.port = 50000;
    far_end.port = 4444;
    for (size_t i = 0; i < size; i++) {
        block_u8(&data, number + (unsigned)i);
    }
    frame_ethernet(&scene->frame, &path, ETHER_IPV4);
    frame_udp4(&scene->frame, &path, number, data.data, data.size);
    block_done(&data);
}

void add_packets(struct scene *scene, unsigned count, int64_t start, int64_t step)
{
    for (unsigned i = 0; i < count; i++) {
        make_udp_frame(scene, i % 3 != 0, (uint16_t)i, 20 + i % 50 * 8 + i % 7);
        struct ndis_event event = {.cpu = (uint16_t)(i % scene->options.cpu_count),
                                   .at = start + step * i,
                                   .process_id = i % 5 ? 4 : 0,
                                   .thread_id = 8,
                                   .direction = i % 3 ? DIRECTION_OUT : DIRECTION_IN,
                                   .has_offload_words = true,
                                   .data = scene->frame.data,
                                   .size = scene->frame.size};
        (void)scene_ndis(scene, &event);
        block_clear(&scene->frame);
    }
}

size_t add_plain_event(struct scene *scene, uint16_t cpu, int64_t at, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        block_u8(&scene->payload, (unsigned)(i * 31 + 7));
    }
    struct etl_event event = {.provider = &nobody,
                              .id = 42,
                              .process_id = 4120,
                              .thread_id = 4128,
                              .payload = scene->payload.data,
                              .payload_size = scene->payload.size};
    size_t record = scene_event(scene, cpu, at, &event);
    block_clear(&scene->payload);
    return record;
}
