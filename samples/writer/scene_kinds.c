/* SPDX-License-Identifier: MIT */
#include "scene_kinds.h"

#include <string.h>

/* clang-format off */
const struct etl_guid guid_ras_capture =
    {0xD84521F7, 0x2235, 0x4237, {0xA7, 0xC0, 0x14, 0xE3, 0xA9, 0x67, 0x62, 0x86}};
/* clang-format on */

static const uint64_t direction_keywords[] = {0, NDIS_RECEIVE, NDIS_SEND};

static size_t add_event(struct scene *scene, const struct ndis_event *event, uint16_t id,
                        uint64_t keyword)
{
    struct etl_event record = {.pointer_size = event->pointer_size,
                               .thread_id = event->thread_id,
                               .process_id = event->process_id,
                               .provider = id < 5000 ? &guid_ndis_capture : &guid_ras_capture,
                               .id = id,
                               .channel = 16,
                               .keyword =
                                   NDIS_CHANNEL | keyword | direction_keywords[event->direction],
                               .payload = scene->payload.data,
                               .payload_size = scene->payload.size};
    size_t index = scene_event(scene, event->cpu, event->at, &record);
    block_clear(&scene->payload);
    return index;
}

static void add_indexes(struct scene *scene, const struct ndis_event *event)
{
    uint32_t index = event->interface_index ? event->interface_index : 5;
    block_clear(&scene->payload);
    block_u32(&scene->payload, index);
    block_u32(&scene->payload, event->lower_index ? event->lower_index : index);
}

/* ---- Wi-Fi ---- */

enum { RECEPTION_SIZE = 0x30 };

/* DOT11_EXTSTA_RECV_CONTEXT (windot11.h), with pointers of 64 bits */
static void add_context(struct byte_block *out, const struct reception *reception)
{
    block_u8(out, 0x80);            /* NDIS_OBJECT_TYPE_DEFAULT */
    block_u8(out, 1);               /* revision */
    block_u16(out, RECEPTION_SIZE); /* of the structure */
    block_u32(out, reception->flags);
    block_u32(out, 1); /* PHY id */
    block_u32(out, reception->frequency);
    block_u16(out, 1); /* MPDUs */
    block_u16(out, 0);
    block_u32(out, (uint32_t)reception->signal);
    block_u8(out, reception->rate);
    block_fill(out, 0, 3);
    block_u32(out, 0); /* nothing of the vendor's */
    block_u64(out, 0);
    block_u64(out, reception->timestamp);
}

size_t scene_reception(struct scene *scene, const struct ndis_event *frame,
                       const struct reception *reception)
{
    struct byte_block context = {0};
    add_context(&context, reception);
    size_t size = reception->size ? reception->size : RECEPTION_SIZE;
    add_indexes(scene, frame);
    block_u32(&scene->payload, (uint32_t)size);
    block_bytes(&scene->payload, context.data, size < context.size ? size : context.size);
    block_done(&context);
    return add_event(scene, frame, 1002, NDIS_PACKET | NDIS_WIFI);
}

/* ---- virtual switch ---- */

static void add_port(struct byte_block *out, const struct switch_port *port)
{
    block_u32(out, port->id);
    block_utf16(out, port->name);
    block_utf16(out, port->nic);
    block_utf16(out, port->nic_type);
}

/* NetBufferListInfo: words as wide as a pointer, the fifth is the 802.1Q tag. */
enum { INFO_WORDS = 12, INFO_VLAN = 4 };

static void add_info(struct byte_block *out, uint16_t vlan, unsigned pointer_size)
{
    block_u32(out, INFO_WORDS * pointer_size);
    for (unsigned i = 0; i < INFO_WORDS; i++) {
        block_pointer(out, i == INFO_VLAN ? (uint64_t)vlan << 4 : 0, pointer_size);
    }
}

static size_t add_switched(struct scene *scene, const struct ndis_event *event,
                           const struct switched *switched)
{
    struct byte_block *out = &scene->payload;
    add_indexes(scene, event);
    add_port(out, &switched->from);
    block_u32(out, switched->to_count);
    for (uint32_t i = 0; i < switched->to_count; i++) {
        add_port(out, &switched->to[i]);
    }
    block_u32(out, (uint32_t)event->size);
    block_bytes(out, event->data, event->size);
    add_info(out, switched->vlan, event->pointer_size ? event->pointer_size : 8);
    return add_event(scene, event, 1003,
                     NDIS_PACKET | NDIS_PII | NDIS_SWITCH | (event->is_not_start ? 0 : NDIS_START) |
                         (event->is_not_end ? 0 : NDIS_END));
}

size_t scene_switched(struct scene *scene, const struct ndis_event *event,
                      const struct switched *switched)
{
    struct truth_packet *packet = scene_note_packet(scene, add_switched(scene, event, switched));
    if (packet) {
        packet->direction = event->direction;
        packet->link = event->link;
        packet->captured = (uint32_t)event->size;
        packet->original = event->original ? event->original : (uint32_t)event->size;
        packet->is_incomplete = event->is_not_end;
    }
    return scene->packet_count - 1;
}

void scene_switched_more(struct scene *scene, size_t packet, const struct ndis_event *event,
                         const struct switched *switched)
{
    (void)add_switched(scene, event, switched);
    if (!scene->failed) {
        struct truth_packet *row = &scene->packets[packet];
        row->captured += (uint32_t)event->size;
        row->original = row->captured > row->original ? row->captured : row->original;
        row->is_incomplete = event->is_not_end;
    }
}

/* ---- remote access ---- */

size_t scene_ras(struct scene *scene, const struct ras_event *event)
{
    struct ndis_event place = {.at = event->at, .direction = event->direction};
    block_clear(&scene->payload);
    block_utf16(&scene->payload, event->routing_domain);
    block_utf16(&scene->payload, event->user);
    block_u32(&scene->payload, (uint32_t)event->size);
    block_bytes(&scene->payload, event->data, event->size);
    size_t record = add_event(scene, &place, event->direction == DIRECTION_OUT ? 5001 : 5002, 0);
    struct truth_packet *packet = scene_note_packet(scene, record);
    if (packet) {
        packet->direction = event->direction;
        packet->link = event->link;
        packet->captured = (uint32_t)event->size;
        packet->original = (uint32_t)event->size;
    }
    return scene->packet_count - 1;
}
