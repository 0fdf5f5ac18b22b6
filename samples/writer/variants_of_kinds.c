/* SPDX-License-Identifier: MIT */
/*
 * variants_of_kinds.c - odd forms of events about Wi-Fi frames, virtual switches and remote
 * access.
 */
#include "samples.h"
#include "scene_kinds.h"

static struct ndis_event frame_of(struct scene *scene, int64_t at)
{
    static const struct path in = {&server, &host};
    block_clear(&scene->frame);
    frame_wifi(&scene->frame, &in, false, false, ETHER_IPV4);
    frame_udp4(&scene->frame, &in, 1, "over the air", 12);
    return (struct ndis_event){.at = at,
                               .direction = DIRECTION_IN,
                               .link = LINK_WIFI,
                               .interface_index = WIFI_INTERFACE,
                               .data = scene->frame.data,
                               .size = scene->frame.size};
}

/* Shorter than the structure, empty, longer than it. */
static void reception_sizes(struct scene *scene)
{
    static const unsigned sizes[] = {0x2F, 4, 0x30};
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct ndis_event event = frame_of(scene, MILLISECONDS(i + 1));
        struct reception reception = {
            .frequency = 2412, .signal = -70, .rate = 4, .size = sizes[i]};
        (void)scene_reception(scene, &event, &reception);
        (void)scene_ndis(scene, &event);
    }
    block_clear(&scene->frame);
}

/* More of them than a reader may hold, each of a thread of its own, and then their frames. */
static void receptions_at_once(struct scene *scene)
{
    enum { COUNT = 100 };
    static const struct reception reception = {.frequency = 2412, .signal = -70, .rate = 4};
    for (unsigned i = 0; i < COUNT; i++) {
        struct ndis_event event = frame_of(scene, MICROSECONDS(i));
        event.thread_id = 1000 + i;
        (void)scene_reception(scene, &event, &reception);
    }
    for (unsigned i = 0; i < COUNT; i++) {
        struct ndis_event event = frame_of(scene, MICROSECONDS(COUNT + i));
        event.thread_id = 1000 + i;
        (void)scene_ndis(scene, &event);
    }
    block_clear(&scene->frame);
}

static void add_switched(struct scene *scene, int64_t at, uint32_t to_count, unsigned pointer_size)
{
    enum { PORTS = 300 };
    struct switch_port ports[PORTS];
    for (uint32_t i = 0; i < PORTS; i++) {
        ports[i] = (struct switch_port){100 + i, "", "adapter", "Synthetic"};
    }
    struct switched switched = {
        .from = {7, "", "", ""}, .to = ports, .to_count = to_count, .vlan = 4094};
    make_udp_frame(scene, true, 1, 20);
    struct ndis_event event = {.at = at,
                               .direction = DIRECTION_OUT,
                               .pointer_size = pointer_size,
                               .data = scene->frame.data,
                               .size = scene->frame.size};
    (void)scene_switched(scene, &event, &switched);
    block_clear(&scene->frame);
}

/* To nobody, to one, to more than anybody wants to read. */
static void destinations(struct scene *scene)
{
    add_switched(scene, MILLISECONDS(1), 0, 8);
    add_switched(scene, MILLISECONDS(2), 1, 8);
    add_switched(scene, MILLISECONDS(3), 64, 8);
    add_switched(scene, MILLISECONDS(4), 65, 8);
    add_switched(scene, MILLISECONDS(5), 300, 8);
}

static void switched_32(struct scene *scene)
{
    add_switched(scene, MILLISECONDS(1), 2, 4);
}

static void large_buffers(struct etl_options *options)
{
    options->buffer_size = 0x20000;
}

/* clang-format off */
static const struct variant rows[] = {
    {"reception-sizes", "cut, almost empty and whole words of a Wi-Fi driver", NULL, reception_sizes, NULL},
    {"receptions-at-once", "a hundred before the first of their frames", NULL, receptions_at_once, NULL},
    {"switch-destinations", "packets to 0, 1, 64, 65 and 300 ports", large_buffers, destinations, NULL},
    {"switch-32", "the same event with 32-bit pointers", NULL, switched_32, NULL},
    {"ras", "Ethernet, PPP and IP of remote access", NULL, sample_ras, NULL},
};
/* clang-format on */

const struct variant_list variants_of_kinds = {rows, sizeof(rows) / sizeof(rows[0])};
