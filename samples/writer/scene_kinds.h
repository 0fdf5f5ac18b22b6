/* SPDX-License-Identifier: MIT */
/*
 * scene_kinds.h - packet events beside the plain ones of the NDIS capture: what a Wi-Fi
 * driver says of a frame, packets at the ports of a virtual switch, packets of remote
 * access connections.
 */
#ifndef SAMPLES_WRITER_SCENE_KINDS_H
#define SAMPLES_WRITER_SCENE_KINDS_H

#include "scene.h"

extern const struct etl_guid guid_ras_capture; /* Microsoft-Windows-Ras-NdisWanPacketCapture */

#define NDIS_SWITCH UINT64_C(0x0000000001000000)

/* Event 1002. */
struct reception {
    uint32_t flags; /* 2: wrong check sequence, 4: has a timestamp */
    uint32_t frequency;
    int32_t signal;
    uint8_t rate;
    uint64_t timestamp;
    unsigned size; /* of the structure that is logged; 0: all of it */
};
/* The interfaces, CPU, time and thread are those of `frame`, which is not written. */
size_t scene_reception(struct scene *scene, const struct ndis_event *frame,
                       const struct reception *reception);

/* Event 1003. */
struct switch_port {
    uint32_t id;
    const char *name, *nic, *nic_type;
};
struct switched {
    struct switch_port from;
    const struct switch_port *to;
    uint32_t to_count;
    uint16_t vlan; /* 0: none */
};
/* As scene_ndis() and scene_ndis_more(). */
size_t scene_switched(struct scene *scene, const struct ndis_event *event,
                      const struct switched *switched);
void scene_switched_more(struct scene *scene, size_t packet, const struct ndis_event *event,
                         const struct switched *switched);

/* Events 5001 and 5002. */
struct ras_event {
    int64_t at;
    enum scene_direction direction;
    enum scene_link link;
    const char *routing_domain, *user;
    const uint8_t *data;
    size_t size;
};
size_t scene_ras(struct scene *scene, const struct ras_event *event);

#endif
